"""Goodwill, disputes of the bank, and figures over all orders, through the API."""

import pytest

from amends.application.ports import KeyRole
from tests.journeys.api.market import Market, kind

TEN = {"amount": 1000, "currency": "EUR", "reason": "Our answer came late."}
LOTS = {"amount": 4000, "currency": "EUR", "reason": "It was our mistake."}


@pytest.mark.row("P6")
async def test_goodwill_within_the_limit_and_above_it(market: Market) -> None:
    await market.delivered()
    path = "/orders/A-1/goodwill"
    await market.operator.put(f"{path}/g1", TEN)
    books = (await market.operator.get("/orders/A-1"))["money"]["books"]
    assert (books["goodwill"], books["balance"], books["cover"]) == (1000, 1000, -1000)
    await market.operator.put(f"{path}/g2", LOTS)
    assert (await market.operator.get("/orders/A-1"))["money"]["books"]["goodwill"] == 1000
    problem = await market.operator.refused("PUT", f"{path}/g2/answer", {"agreed": True})
    assert kind(problem) == "conflict_of_interest"
    second = await market.person(KeyRole.OPERATOR, "omar")
    await second.put(f"{path}/g2/answer", {"agreed": True})
    assert (await market.operator.get("/orders/A-1"))["money"]["books"]["goodwill"] == 5000
    problem = await market.operator.refused("PUT", f"{path}/g3", {**TEN, "amount": 981})
    assert (kind(problem), problem["pointer"]) == ("amount_too_high", "/amount")
    problem = await market.operator.refused("PUT", f"{path}/g3", {**TEN, "currency": "USD"})
    assert kind(problem) == "currency_mismatch"
    for person in (market.ana, market.seller, market.mediator):
        assert (await person.refused("PUT", f"{path}/g4", TEN))["status"] in {403, 404}


@pytest.mark.row("P5")
async def test_a_dispute_of_the_bank_freezes_refunds_and_payouts(market: Market) -> None:
    await market.delivered()
    order = await market.operator.get("/orders/A-1")
    tender = order["order"]["tenders"][0]
    told = {
        "tender_id": tender["tender_id"],
        "amount": tender["captured"],
        "currency": "EUR",
        "reason": "fraud",
    }
    path = "/orders/A-1/chargebacks/dp_1"
    provider = await market.person(KeyRole.PROVIDER, tender["provider"])
    await provider.put(path, told)
    await provider.put(path, told)
    # Only what the other payment method brought can still go back.
    rest = order["money"]["captured"] - tender["captured"]
    assert (await market.operator.get("/orders/A-1"))["money"]["refundable"] == rest
    await market.advance(days=90)
    frozen = await market.operator.get("/orders/A-1")
    # What the bank disputes is still in escrow, and promised to nobody else.
    assert (frozen["stage"], frozen["money"]["held"]) == ("held", rest)
    stranger = await market.person(KeyRole.PROVIDER, "another-bank")
    assert (await stranger.refused("PUT", f"{path}/outcome", {"status": "won"}))["status"] == 404
    await provider.put(f"{path}/outcome", {"status": "lost"})
    after = await market.operator.get("/orders/A-1")
    assert after["money"]["books"]["chargeback"] == tender["captured"]
    assert (await market.operator.refused("PUT", f"{path}/outcome", {"status": "won"}))["status"] == 409
    assert (await market.ana.refused("PUT", path, told))["status"] in {403, 404}


@pytest.mark.row("P13")
async def test_closed_cases_are_told_by_group(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/withdrawal")
    found = await market.operator.get("/analytics?by=reason&days=400")
    (group,) = found["groups"]
    assert (group["cases"], group["granted"], group["currency"]) == (1, 0, "EUR")
    assert (await market.seller.refused("GET", "/analytics"))["status"] == 403
    assert (await market.operator.refused("GET", "/analytics?by=weekday"))["status"] == 422


@pytest.mark.row("X7", "X9")
async def test_rulings_are_held_against_what_was_recommended(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/escalation", {})
    ruling = {
        "remedy": {"amount": 100, "currency": "EUR"},
        "reasons": "Both have a point.",
        "findings": [{"fact": "A flaw", "clause": "freight.payer.fault"}],
    }
    await market.mediator.post("/cases/A-1.1/ruling", ruling)
    found = await market.mediator.get("/consistency")
    assert (found["agreement"]["rulings"], found["agreement"]["same"]) == (1, 0)
    assert found["unlike"] == []


@pytest.mark.row("E5")
async def test_a_case_is_assigned_and_given_back(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/escalation", {})
    await market.operator.put("/cases/A-1.1/mediator", {"mediator_id": "olaf"})
    seen = await market.mediator.get("/cases/A-1.1")
    assert seen["case"]["mediator_id"] == "olaf"
    # Another one has it, so deciding is not offered, taking it over is.
    assert {action["name"] for action in seen["actions"]} == {"take_case"}
    problem = await market.mediator.refused("PUT", "/cases/A-1.1/mediator", {"mediator_id": "mara"})
    assert kind(problem) == "not_possible_now"
    await market.operator.put("/cases/A-1.1/mediator", {})
    assert (await market.mediator.get("/cases/A-1.1"))["case"]["mediator_id"] == ""
