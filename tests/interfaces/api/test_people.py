"""Looking after accounts through the API: the tier of a buyer, and who is shut out."""

import pytest
from tests.journeys.api.market import Market, Person, kind, open_market

from amends.application.ports import KeyRole
from amends.application.ports.accounts import Account
from amends.domain.orders import Tier
from amends.domain.parties import Role


async def account(market: Market, role: Role, party: str) -> Account:
    made = await market.parts.accounts.roster.add(role, party_id=party, name=party.title())
    assert made is not None
    return made


async def refused(person: Person, method: str, path: str, body: object = None) -> tuple[int, str]:
    answer = await person.send(method, path, body)
    return answer.status_code, kind(answer.json())


@pytest.mark.row("A1", "B5")
async def test_a_tier_holds_for_orders_that_name_none_and_are_placed_from_then_on() -> None:
    async with open_market() as market:
        ana = await account(market, Role.BUYER, "ana")
        await market.order("A-1")
        tier = {"tier": "platinum", "why": "Two years"}
        for _ in range(2):
            assert (await market.shop.put("/buyers/ana/tier", tier))["tier"] == "platinum"
        (deed,) = (await market.parts.accounts.people.decided(ana.account_id)).deeds
        assert (deed.was, deed.became, deed.why) == ("standard", "platinum", "Two years")
        assert deed.by.id == "market"
        await market.order("A-2")
        await market.order("A-3", buyer_tier="diamond")
        tiers = [market.parts.store.custodies[f"A-{n}"].order.buyer_tier for n in (1, 2, 3)]
        assert tiers == [Tier.STANDARD, Tier.PLATINUM, Tier.DIAMOND]
        # What was frozen at purchase stays when the order is told again without it.
        answer = await market.shop.send("PUT", "/orders/A-1", market.told_again("A-1"))
        assert answer.status_code == 200, answer.text


async def test_a_tier_needs_a_buyer_with_an_account() -> None:
    async with open_market() as market:
        await account(market, Role.SELLER, "lamps")
        for buyer_id in ("ana", "lamps"):
            told = await refused(market.shop, "PUT", f"/buyers/{buyer_id}/tier", {"tier": "platinum"})
            assert told == (404, "not_found")
        assert await refused(market.shop, "PUT", "/buyers/ana/tier", {"tier": "gold"}) == (422, "invalid")


@pytest.mark.row("A1")
async def test_who_is_suspended_stays_out_until_let_in_again() -> None:
    async with open_market() as market:
        ana = await account(market, Role.BUYER, "ana")
        path = f"/accounts/{ana.account_id}"
        for why in ("", "   "):
            assert await refused(market.shop, "PUT", f"{path}/suspension", {"why": why}) == (422, "invalid")
        for _ in range(2):
            assert (await market.shop.put(f"{path}/suspension", {"why": "Fraud"}))["suspended_why"] == "Fraud"
        listed = (await market.shop.get("/accounts?q=ana&standing=suspended"))["accounts"]
        assert [one["account_id"] for one in listed] == [ana.account_id]
        restored = await market.shop.send("DELETE", f"{path}/suspension")
        assert restored.json()["suspended_at"] is None
        assert len((await market.parts.accounts.people.decided(ana.account_id)).deeds) == 2


async def test_a_marketplace_sees_whom_it_brings_and_operators_everybody() -> None:
    async with open_market() as market:
        ines = await account(market, Role.MEDIATOR, "ines")
        olga = await market.person(KeyRole.OPERATOR, "olga")
        for query in ("", "?role=mediator"):
            assert (await market.shop.get(f"/accounts{query}"))["accounts"] == []
        path = f"/accounts/{ines.account_id}"
        for method, address, body in (
            ("GET", path, None),
            ("DELETE", f"{path}/suspension", None),
            ("PUT", f"{path}/suspension", {"why": "Fraud"}),
        ):
            assert await refused(market.shop, method, address, body) == (404, "not_found")
        assert len((await olga.get("/accounts?role=mediator"))["accounts"]) == 1
        assert (await olga.get(path))["name"] == "Ines"
        assert await refused(olga, "GET", "/accounts?cursor=nonsense") == (422, "invalid")


@pytest.mark.row("A1")
async def test_a_deed_with_a_sellers_key_names_the_member_who_made_the_key_and_its_program() -> None:
    async with open_market() as market:
        case_id = (await market.claim(await market.delivered()))["case_id"]
        teams, roster = market.parts.accounts.teams, market.parts.accounts.roster
        mira = await roster.add(Role.SELLER, party_id="lamps", name="Mira Sol")
        assert mira is not None
        made = await market.parts.accounts.make_key(mira, "Warehouse", ("cases:act",), "k1")
        assert made is not None
        warehouse = Person(market.client, made[0])
        offer = {"remedy": {"amount": 500}, "note": "For the trouble"}
        case = await warehouse.post(f"/cases/{case_id}/offers", offer, idempotency_key="o-1")
        event = f"{case_id}#{case['version']}"
        assert (await teams.behind([case_id.rpartition(".")[0]]))[event] == "Mira Sol · Warehouse"
        # Sent again it is the same event, and no second name stands behind it.
        await warehouse.post(f"/cases/{case_id}/offers", offer, idempotency_key="o-1")
        refused = await warehouse.send("POST", f"/cases/{case_id}/rejection", {})
        assert refused.status_code >= 400
        assert len(await teams.behind([case_id.rpartition(".")[0]])) == 1
        assert "done" in {deed.outcome for deed in await teams.deeds(mira)}
