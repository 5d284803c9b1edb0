"""Fair play at the API: laws as floors, withdrawing in two steps, and why a rule applies."""

from collections.abc import AsyncIterator

import pytest

from amends.adapters import packs
from amends.domain.parties import Role
from tests.journeys.api.market import Market, kind, open_market

STATEMENT = "I withdraw from the contract. Ana Example"


@pytest.fixture
async def lawful() -> AsyncIterator[Market]:
    async with open_market(policy=packs.load(("default", *packs.LAWS))) as market:
        yield market


@pytest.mark.row("P12")
async def test_a_withdrawal_needs_two_steps_and_nobodys_consent(lawful: Market) -> None:
    await lawful.delivered("A-1")
    (right,) = (await lawful.ana.get("/orders/A-1/withdrawal"))["rights"]
    assert (right["open"], right["clause"]["id"], right["amount"]) == (True, "eu.withdrawal", 5980)
    assert "2011/83/EU art. 9(1)" in right["clause"]["citation"]
    unconfirmed = await lawful.ana.refused("POST", "/orders/A-1/withdrawal", {"statement": STATEMENT})
    assert (kind(unconfirmed), unconfirmed["pointer"]) == ("invalid", "/confirmed")
    answer = await lawful.ana.post("/orders/A-1/withdrawal", {"statement": STATEMENT, "confirmed": True})
    (given,) = answer["receipts"]
    assert given["receipt"]["received_at"].startswith(lawful.now.isoformat()[:19])
    assert given["receipt"]["statement"] == STATEMENT
    assert lawful.now.isoformat() in given["text"]
    case = await lawful.ana.get("/cases/A-1.1")
    assert case["case"]["state"] == "awaiting_instructions" if "case" in case else case["state"]
    again = await lawful.ana.post("/orders/A-1/withdrawal", {"statement": STATEMENT, "confirmed": True})
    assert again == answer
    kept = await lawful.ana.get("/cases/A-1.1/receipt")
    assert kept == given
    assert (await lawful.ana.get("/orders/A-1/withdrawal"))["receipts"] == [given["receipt"]]


@pytest.mark.row("P12")
async def test_the_receipt_is_mailed_with_date_and_time(lawful: Market) -> None:
    await lawful.delivered("A-1")
    await lawful.ana.post("/orders/A-1/withdrawal", {"confirmed": True})
    await lawful.advance(minutes=1)
    letters = await lawful.letters(Role.BUYER, "ana")
    (letter,) = [one for one in letters if one.event == "withdrawal_received"]
    assert "5 March 2026, 09:00" in letter.text
    assert "Clause: eu.withdrawal" in letter.text
    assert ("ana@example.com", letter.subject) in lawful.parts.post.sent


@pytest.mark.row("P12")
async def test_the_seller_cannot_decline_a_withdrawal_and_silence_pays(lawful: Market) -> None:
    await lawful.delivered("A-1")
    await lawful.ana.post("/orders/A-1/withdrawal", {"confirmed": True})
    problem = await lawful.seller.refused("POST", "/cases/A-1.1/decline", {"note": "No."})
    assert problem["status"] in {404, 405, 409}
    await lawful.advance(days=30)
    refunds = await lawful.ana.get("/cases/A-1.1/refunds")
    assert sum(one["amount"] for one in refunds["refunds"]) == 5980


@pytest.mark.row("P12")
async def test_what_is_not_shipped_is_withdrawn_from_at_once(lawful: Market) -> None:
    await lawful.order("A-1")
    await lawful.advance(days=3)
    (right,) = (await lawful.ana.get("/orders/A-1/withdrawal"))["rights"]
    assert (right["open"], right["goes_back"], right["amount"]) == (True, False, 5980)
    answer = await lawful.ana.post("/orders/A-1/withdrawal", {"confirmed": True})
    assert answer["receipts"][0]["receipt"]["clause"] == "eu.before_shipping"


@pytest.mark.row("P12")
async def test_the_right_ends_and_has_its_exceptions(lawful: Market) -> None:
    await lawful.delivered("A-1")
    await lawful.advance(days=16)
    (right,) = (await lawful.ana.get("/orders/A-1/withdrawal"))["rights"]
    assert (right["open"], right["why_closed"]) == (False, "window_closed")
    late = await lawful.ana.refused("POST", "/orders/A-1/withdrawal", {"confirmed": True})
    assert kind(late) == "remedy_closed"
    unit = {"item": 2400, "shipping": 490}
    line = {"line_id": "L1", "title": "Name plate", "category": "home", "units": [unit], "traits": ["custom"]}
    await lawful.delivered("A-2", lines=[line], placed_at=lawful.now.isoformat(), tenders=[])
    (right,) = (await lawful.ana.get("/orders/A-2/withdrawal"))["rights"]
    assert (right["why_closed"], right["clause"]["id"]) == ("unreturnable", "eu.withdrawal_exceptions")


@pytest.mark.row("P12")
async def test_other_countries_have_other_laws_or_none(lawful: Market) -> None:
    await lawful.delivered("A-1", buyer_country="NG")
    assert (await lawful.ana.get("/orders/A-1/withdrawal"))["rights"] == []
    refused = await lawful.ana.refused("POST", "/orders/A-1/withdrawal", {"confirmed": True})
    assert kind(refused) == "remedy_closed"
    why = await lawful.ana.get("/orders/A-1/lines/L1/why")
    assert why["packs"] == ["default@1"]
    foreign = await lawful.bo.refused("GET", "/orders/A-1/withdrawal")
    assert foreign["status"] == 404


@pytest.mark.row("P12", "A3")
async def test_why_a_rule_applies_names_what_won_and_what_lost(lawful: Market) -> None:
    await lawful.seller.put("/sellers/lamps/policy", {"restocking": 1000, "window_days": 20})
    await lawful.advance(minutes=1)
    await lawful.delivered("A-1", buyer_country="GB", placed_at=lawful.now.isoformat())
    path = "/orders/A-1/lines/L1/why"
    why = await lawful.ana.get(f"{path}?reason=quality.defective&parameter=return.window")
    (rule,) = why["rules"]
    assert (rule["clause"], rule["why"], rule["sure"]) == ("uk.reject", "floor", "unverified")
    assert {(one["clause"], one["why"]) for one in rule["lost"]} == {
        ("seller.return.window", "outranked"), ("return.window.default", "outranked"),
    }  # fmt: skip
    (rule,) = (await lawful.ana.get(f"{path}?reason=no_reason.changed_mind&parameter=return.window"))["rules"]
    assert rule["clause"] == "seller.return.window"
    (rule,) = (await lawful.ana.get(f"{path}?reason=no_reason.withdrawal&parameter=return.restocking"))["rules"]
    assert (rule["clause"], rule["value"]) == ("uk.withdrawal_refund", 0)
    assert why["packs"] == ["default@1", "seller-lamps@1", "uk@1"]
    missing = await lawful.ana.refused("GET", f"{path}?parameter=moon")
    assert missing["status"] == 404
