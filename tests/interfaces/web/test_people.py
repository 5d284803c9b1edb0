"""Operators look after people: find them, see what they are part of, shut them out and let them in."""

import pytest
from tests.interfaces.web import gallery
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, YUKI, Town

from amends.application.ports.accounts import Account
from amends.domain.orders import Tier
from amends.domain.parties import Actor


@pytest.fixture
async def known(town: Town) -> Town:
    """A town where everybody has been."""
    for actor in (NORA, YUKI, LUMEN, FERN, INES, KAYA):
        await town.token_of(actor)
    return town


async def account_of(town: Town, actor: Actor) -> Account:
    return (await town.accounts.roster.of_party(actor))[0]


@pytest.mark.row("A1")
async def test_people_are_found_by_name_role_and_state(hand: Hand, known: Town) -> None:
    nora, fern = await account_of(known, NORA), await account_of(known, FERN)
    await hand.sign_in(KAYA)
    await hand.look("/people")
    assert {f"/people/{one.account_id}" for one in (nora, fern)} <= set(hand.page.links)
    await hand.look("/people?q=nora&role=buyer")
    assert [link for link in hand.page.links if link.startswith("/people/")] == [f"/people/{nora.account_id}"]
    await hand.look("/people?standing=suspended")
    assert hand.page.says("Nobody fits")
    await hand.look("/people?after=nonsense", 404)


async def test_a_person_is_shown_with_what_they_are_part_of(hand: Hand, known: Town) -> None:
    await known.place("10-1")
    await known.deliver("10-1")
    await gallery.mediated(known, "10-1")
    await hand.sign_in(KAYA)
    nora = await account_of(known, NORA)
    await hand.look(f"/people/{nora.account_id}")
    assert hand.page.says("1 Orders")
    assert hand.page.says("1 Open cases")
    assert hand.page.says("buyer.nora@example.invalid")
    assert hand.page.says("Signed in on")
    assert "/journal?who=buyer%3Anora" in hand.page.links
    await hand.look("/orders?buyer=nora")
    assert "/orders/10-1" in hand.page.links
    await hand.look("/cases?buyer=nora&show=open")
    assert "/cases/10-1.1" in hand.page.links
    await hand.look("/cases?buyer=yuki&show=all")
    assert hand.page.says("No case fits")
    lumen = await account_of(known, LUMEN)
    await hand.look(f"/people/{lumen.account_id}")
    assert hand.page.says("1 Cases in all")
    assert hand.page.says("Owner: everything, the team and its keys included")
    await hand.look("/people/acc_nobody", 404)


@pytest.mark.row("A1")
async def test_who_is_suspended_is_out_at_once_and_it_is_written_down(hand: Hand, known: Town) -> None:
    nora, token = await account_of(known, NORA), await known.token_of(NORA)
    await hand.sign_in(KAYA)
    path = f"/people/{nora.account_id}"
    await hand.look(path)
    await hand.send("/suspend", 422)
    assert hand.page.says("Say why, for whoever looks at it later.")
    assert await known.accounts.sessions.find(token) is not None
    await hand.send("/suspend", why="Chargebacks without a reason")
    assert hand.page.says("The account is suspended. Every device is signed out.")
    assert await known.accounts.sessions.find(token) is None
    assert hand.page.says("They cannot sign in")
    await hand.look("/journal/accounts")
    assert hand.page.says("kaya Suspended Chargebacks without a reason nora")
    assert path in hand.page.links
    await hand.look(path)
    await hand.send("/restore", why="It was the bank’s mistake")
    assert hand.page.says("The account works again.")
    await hand.sign_in(NORA)
    assert hand.at == "/orders"


async def test_two_operators_who_decide_the_same_decide_once(hand: Hand, known: Town) -> None:
    nora = await account_of(known, NORA)
    await hand.sign_in(KAYA)
    await hand.look(f"/people/{nora.account_id}")
    form = hand.page.form("/suspend")
    values = {**form.fields, "why": "Fraud"}
    assert (await hand.client.post(form.action, data=values)).status_code == 303
    again = await hand.client.post(form.action, data=values)
    assert again.status_code == 422
    assert "somebody else was faster" in again.text
    assert len((await known.accounts.people.decided()).deeds) == 1


async def test_nobody_suspends_themselves(hand: Hand, known: Town) -> None:
    kaya = await account_of(known, KAYA)
    await hand.sign_in(KAYA)
    await hand.look(f"/people/{kaya.account_id}")
    assert not any(form.action.endswith("/suspend") for form in hand.page.forms)
    csrf = hand.page.form("/sign-out").fields["_csrf_token"]
    values = {"_csrf_token": csrf, "why": "Tired"}
    answer = await hand.client.post(f"/people/{kaya.account_id}/suspend", data=values)
    assert answer.status_code == 422
    assert "You cannot suspend yourself" in answer.text


@pytest.mark.row("A1", "B5")
async def test_a_buyer_gets_a_tier(hand: Hand, known: Town) -> None:
    nora = await account_of(known, NORA)
    await hand.sign_in(KAYA)
    await hand.look(f"/people/{nora.account_id}")
    await hand.send("/tier", tier="diamond", why="Ten years with us")
    assert hand.page.says("Tier changed from Standard to Diamond Ten years with us")
    assert (await account_of(known, NORA)).tier is Tier.DIAMOND
    await hand.send("/tier", 422, tier="gold")
    assert hand.page.says("Choose a tier.")
    await hand.sign_in(NORA)
    await hand.look("/account")
    assert hand.page.says("Diamond")
    await hand.sign_in(KAYA)
    lumen = await account_of(known, LUMEN)
    await hand.look(f"/people/{lumen.account_id}")
    assert not any(form.action.endswith("/tier") for form in hand.page.forms)


async def test_an_operator_signs_one_device_out_or_all(hand: Hand, known: Town) -> None:
    nora = await account_of(known, NORA)
    tokens = [await known.token_of(NORA) for _ in range(2)]
    await hand.sign_in(KAYA)
    await hand.look(f"/people/{nora.account_id}")
    before = len(await known.accounts.sessions.of(nora.account_id))
    session = next(
        given["value"] for tag, given in hand.page.tags if tag == "button" and given.get("name") == "session"
    )
    form = next(
        one for one in hand.page.forms if one.action.startswith("/people/") and "session" in one.names
    )
    await hand.client.post(form.action, data={**form.fields, "session": session})
    assert len(await known.accounts.sessions.of(nora.account_id)) == before - 1
    await hand.client.post(form.action, data=form.fields)
    assert [await known.accounts.sessions.find(token) for token in tokens] == [None, None]


async def test_the_log_is_asked_by_name(hand: Hand, known: Town) -> None:
    await known.place("10-1")
    await known.deliver("10-1")
    await gallery.mediated(known, "10-1")
    await hand.sign_in(KAYA)
    await hand.look("/journal?who=Nora")
    assert hand.page.says("Nora Lindqvist · Buyer")
    assert not hand.page.says("Lumen & Clay · Seller")
    await hand.look("/journal?who=example.invalid")
    assert hand.page.says("Whom do you mean?")
    assert "/journal?who=seller%3Alumen" in hand.page.links
    await hand.look("/journal?who=nobody-at-all")
    assert hand.page.says("Nobody fits")
    # An instant without more is one of the reader's zone: 15:00 in Berlin is 14:00 UTC.
    await hand.look("/journal?until=2026-11-18T15:00")
    assert hand.page.says("Nothing happened in this time.")


async def test_operators_find_orders_and_cases_by_number_party_and_state(hand: Hand, town: Town) -> None:
    await gallery.hang(town)
    for actor in (NORA, YUKI, LUMEN):
        await town.token_of(actor)
    await hand.sign_in(KAYA)

    async def found(path: str, kind: str) -> set[str]:
        await hand.look(path)
        return {link.removeprefix(f"/{kind}/") for link in hand.page.links if link.startswith(f"/{kind}/")}

    assert await found("/orders?q=20-1", "orders") == {"20-1"}
    assert await found("/orders?q=yuki", "orders") == {"20-1"}
    assert await found("/orders?q=yuki&stage=paid_out", "orders") == set()
    assert "10-103" in await found("/orders?q=lumen&stage=protected", "orders")
    assert await found("/cases?q=10-104.1", "cases") == {"10-104.1"}
    assert await found("/cases?q=%2310-114", "cases") == {"10-114.1"}
    assert await found("/cases?stage=refund_method_needed", "cases") == {"10-112.1"}
    assert await found("/cases?q=yuki", "cases") == set()
    assert await found("/cases?q=nobody", "cases") == set()
    assert hand.page.says("No case fits")
    await hand.look("/cases?seller=lumen&stage=ruled")
    assert hand.page.says("Lumen & Clay (seller)")
    assert "/cases?stage=ruled&show=all" in hand.page.links
