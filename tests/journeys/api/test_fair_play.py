"""Fair play at the API: laws as floors, withdrawing in two steps, and why a rule applies."""

from collections.abc import AsyncIterator

import pytest

from amends.adapters import packs
from amends.domain.parties import Role
from tests.journeys.api.market import Market, kind, open_market, photo
from tests.journeys.api.policies import pack, stacked

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
    assert given["receipt"]["goods"] == ["2 × Desk lamp"]
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
    (rule,) = (await lawful.ana.get(f"{path}?reason=no_reason.withdrawal&parameter=return.restocking"))[
        "rules"
    ]
    assert (rule["clause"], rule["value"]) == ("uk.withdrawal_refund", 0)
    assert why["packs"] == ["default@1", "seller-lamps@1", "uk@1"]
    missing = await lawful.ana.refused("GET", f"{path}?parameter=moon")
    assert missing["status"] == 404


@pytest.mark.row("C3")
async def test_more_time_is_offered_accepted_and_frozen_as_a_clause(lawful: Market) -> None:
    await lawful.delivered("A-1")
    path = "/orders/A-1/extensions/x1"
    early = await lawful.seller.refused("PUT", path, {"until": "2026-03-10"})
    assert (kind(early), early["pointer"]) == ("invalid", "/until")
    await lawful.seller.put(path, {"until": "2026-04-30", "note": "Take your time."})
    assert kind(await lawful.seller.refused("PUT", f"{path}/answer", {"agreed": True})) == "forbidden"
    await lawful.ana.put(f"{path}/answer", {"agreed": True})
    order = await lawful.ana.get("/orders/A-1")
    (window,) = [one for one in order["windows"] if one["name"] == "return.window"]
    assert (window["closes_at"], window["clause"]) == ("2026-05-01T00:00:00Z", "extension.x1")
    query = "reason=quality.defective&parameter=return.extension_until"
    (rule,) = (await lawful.ana.get(f"/orders/A-1/lines/L1/why?{query}"))["rules"]
    assert (rule["clause"], rule["value"], rule["why"]) == ("extension.x1", "2026-04-30", "floor")
    # The money is held as long as a return may be asked for.
    await lawful.advance(days=40)
    claim = await lawful.claim("A-1")
    assert claim["case"]["state"] == "awaiting_seller"
    again = await lawful.ana.refused("PUT", f"{path}/answer", {"agreed": False})
    assert kind(again) == "not_possible_now"


@pytest.mark.row("C3")
async def test_an_extension_can_be_declined_and_ends_with_the_protection(lawful: Market) -> None:
    await lawful.delivered("A-1")
    await lawful.seller.put("/orders/A-1/extensions/x1", {"until": "2026-04-30"})
    await lawful.advance(minutes=1)
    assert "extension_offered" in {one.event for one in await lawful.letters(Role.BUYER, "ana")}
    await lawful.ana.put("/orders/A-1/extensions/x1/answer", {"agreed": False})
    await lawful.advance(days=16)
    problem = await lawful.seller.refused("PUT", "/orders/A-1/extensions/x2", {"until": "2026-04-30"})
    assert kind(problem) == "not_possible_now"
    foreign = await lawful.rival.refused("PUT", "/orders/A-1/extensions/x3", {"until": "2026-04-30"})
    assert foreign["status"] == 404


@pytest.mark.row("C3")
async def test_holidays_and_promotions_extend_and_the_latest_wins() -> None:
    season = pack(
        "promotion",
        '"return.extension_until" = "2026-03-25" | placed_from = 2026-02-01T00:00:00Z,'
        " placed_before = 2026-03-05T00:00:00Z | Bought in the season: time until 25 March.",
        '"return.extension" = "10 d" | | Ten days are always there.',
        name="season",
    )
    async with open_market(policy=stacked(season)) as market:
        await market.delivered("A-1")
        order = await market.ana.get("/orders/A-1")
        (window,) = [one for one in order["windows"] if one["name"] == "return.window"]
        assert (window["closes_at"], window["clause"]) == ("2026-03-26T00:00:00Z", "season.0")


@pytest.mark.row("E9")
async def test_a_counterfeit_is_refunded_in_full_and_similar_orders_are_found(lawful: Market) -> None:
    await lawful.delivered("A-1")
    await lawful.delivered("A-2", buyer_id="bo")
    other = [{"line_id": "L1", "title": "Vase", "category": "home", "units": [{"item": 100}]}]
    await lawful.order("A-3", lines=other, tenders=[])
    wanted = {"amount": 2990, "currency": "EUR"}
    await lawful.claim("A-1", reason="fake.counterfeit", wanted=wanted, evidence=[photo()])
    assert kind(await lawful.ana.refused("GET", "/cases/A-1.1/similar-orders")) == "forbidden"
    found = await lawful.operator.get("/cases/A-1.1/similar-orders")
    assert [(one["order_id"], one["by"]) for one in found["orders"]] == [("A-2", "title")]
    assert found["searched"] == 3
    # While it is open the money stays with us; silence of the seller refunds it in full, nothing sent back.
    held = await lawful.operator.get("/orders/A-1")
    assert held["cases"]
    await lawful.advance(days=6)
    settled = (await lawful.ana.get("/cases/A-1.1"))["case"]["settlement"]["remedy"]
    assert (settled["amount"], settled.get("goods", "keep")) == (2990, "keep")


@pytest.mark.row("L2")
async def test_a_claim_goes_from_first_words_to_the_resolution(lawful: Market) -> None:
    await lawful.delivered("A-1")
    await lawful.ana.post("/orders/A-1/messages", {"text": "The lamp does not switch on."})
    await lawful.claim("A-1")
    await lawful.ana.post("/cases/A-1.1/escalation", {"note": "No answer helps me."})
    await lawful.mediator.post("/cases/A-1.1/assignment")
    asked = {"of": "seller", "items": ["The test report"]}
    await lawful.mediator.post("/cases/A-1.1/evidence-requests", asked)
    await lawful.seller.post("/cases/A-1.1/evidence-answers", {"items": [photo("The report")]})
    ruling = {
        "remedy": {"amount": 2000, "currency": "EUR", "goods": "keep"},
        "reasons": "The film shows it, the report does not.",
        "findings": [{"fact": "It does not switch on", "clause": "freight.payer.fault", "evidence": "1"}],
    }
    await lawful.mediator.post("/cases/A-1.1/ruling", ruling)
    await lawful.ana.post("/cases/A-1.1/ruling/acceptance")
    await lawful.seller.post("/cases/A-1.1/ruling/acceptance")
    await lawful.advance(days=10)
    case = (await lawful.ana.get("/cases/A-1.1"))["case"]
    assert sum(one["amount"] for one in case["refunds"]) == 2000
