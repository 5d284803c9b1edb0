"""Escalation, evidence, rulings and appeals, through the API."""

from typing import Any

import pytest

from tests.journeys.api.market import Market, kind, photo


def ruling(amount: int, **remedy: Any) -> dict[str, Any]:
    """A reasoned decision over that many cents."""
    return {
        "remedy": {"amount": amount, "currency": "EUR", **remedy},
        "reasons": "The video shows that it does not work.",
        "findings": [{"fact": "It does not work", "clause": "freight.payer.fault", "evidence": "the video"}],
    }


async def escalated(market: Market) -> None:
    """A claim of EUR 20 before a mediator."""
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/escalation", {"note": "We do not agree."})


@pytest.mark.row("E3")
@pytest.mark.parametrize("who", ["ana", "seller"])
async def test_either_side_brings_it_before_the_platform(market: Market, who: str) -> None:
    await market.delivered()
    await market.claim()
    assert kind(await market.mediator.refused("GET", "/cases/A-1.1")) == "not_found"
    case = await getattr(market, who).post("/cases/A-1.1/escalation", {})
    assert case["case"]["state"] == "mediating"
    assert (await market.mediator.get("/cases/A-1.1"))["turn"]["on"] == "mediator"
    assert [one["case_id"] for one in (await market.mediator.get("/cases"))["cases"]] == ["A-1.1"]


@pytest.mark.row("E3")
async def test_negotiation_that_goes_on_and_on_is_escalated_after_15_days(market: Market) -> None:
    await market.delivered()
    await market.claim()
    for amount in (100, 200, 300):
        await market.seller.post("/cases/A-1.1/offers", {"remedy": {"amount": amount}})
        await market.advance(days=4)
        await market.ana.post("/cases/A-1.1/offers", {"remedy": {"amount": 2000 - amount}})
    await market.advance(days=2, hours=23, minutes=59)
    assert (await market.ana.get("/cases/A-1.1"))["case"]["state"] == "awaiting_seller"
    assert (await market.ana.get("/cases/A-1.1"))["turn"]["until"] == "2026-03-20T09:00:00Z"
    await market.advance(minutes=1)
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["state"] == "mediating"
    assert case["case"]["escalated_by"] == "clock"


@pytest.mark.row("E4")
async def test_the_mediator_asks_for_evidence_by_a_date_and_rules_with_clauses(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    request = {"of": "seller", "items": ["A photo before packing"]}
    asked = await market.mediator.post("/cases/A-1.1/evidence-requests", request)
    assert (asked["turn"]["on"], asked["turn"]["until"]) == ("seller", "2026-03-08T09:00:00Z")
    assert (await market.ana.get("/cases/A-1.1"))["case"]["evidence_requests"][0]["items"] == request["items"]
    body = {"items": [photo("Before packing")]}
    assert kind(await market.ana.refused("POST", "/cases/A-1.1/evidence-answers", body)) in {
        "not_yours",
        "not_possible_now",
    }
    answered = await market.seller.post("/cases/A-1.1/evidence-answers", body)
    assert answered["turn"]["on"] == "mediator"
    ruled = await market.mediator.post("/cases/A-1.1/ruling", ruling(1200))
    found = ruled["case"]["rulings"][0]
    assert (found["mediator_id"], found["findings"][0]["clause"]) == ("mara", "freight.payer.fault")
    assert found["remedy"]["amount"] == 1200
    assert ruled["case"]["state"] == "ruled"


@pytest.mark.row("E4")
async def test_evidence_that_does_not_come_does_not_hold_the_ruling_up(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.mediator.post("/cases/A-1.1/evidence-requests", {"of": "buyer", "items": ["A receipt"]})
    await market.advance(days=3)
    assert (await market.mediator.get("/cases/A-1.1"))["case"]["state"] == "mediating"


@pytest.mark.row("E4")
@pytest.mark.parametrize(
    ("remedy", "state"),
    [
        ({"amount": 2990}, "refund_initiated"),
        ({"amount": 700}, "refund_initiated"),
        ({"amount": 0}, "closed"),
        ({"amount": 2990, "goods": "return"}, "awaiting_instructions"),
        ({"amount": 2990, "exchange_variant": "white"}, "awaiting_replacement"),
    ],
)
async def test_a_ruling_can_be_full_partial_none_return_or_exchange(
    market: Market, remedy: dict[str, Any], state: str
) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.mediator.post("/cases/A-1.1/ruling", {**ruling(0), "remedy": remedy})
    await market.ana.post("/cases/A-1.1/ruling/acceptance")
    done = await market.seller.post("/cases/A-1.1/ruling/acceptance")
    assert done["case"]["state"] == state
    assert done["case"]["settlement"]["by"] == "ruling"
    assert done["money"]["settled"] == remedy["amount"]


@pytest.mark.row("E4")
async def test_a_ruling_without_a_clause_of_the_terms_is_refused(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    body = {**ruling(100), "findings": [{"fact": "So I feel", "clause": "my.feeling"}]}
    problem = await market.mediator.refused("POST", "/cases/A-1.1/ruling", body)
    assert (kind(problem), problem["pointer"]) == ("invalid", "/findings/0/clause")
    for nothing in ({"findings": []}, {"reasons": " "}):
        body = {**ruling(100), **nothing}
        assert kind(await market.mediator.refused("POST", "/cases/A-1.1/ruling", body)) == "invalid"
    assert (await market.ana.get("/cases/A-1.1"))["case"]["rulings"] == []


@pytest.mark.row("E5")
async def test_silence_accepts_a_ruling_after_7_days(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.mediator.post("/cases/A-1.1/ruling", ruling(1200))
    await market.advance(days=6, hours=23)
    assert (await market.ana.get("/cases/A-1.1"))["case"]["state"] == "ruled"
    await market.advance(hours=1)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["settlement"]["by"], case["money"]["settled"]) == ("ruling", 1200)


@pytest.mark.row("E5")
async def test_an_appeal_goes_once_with_new_evidence_to_another_mediator_and_is_final(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.mediator.post("/cases/A-1.1/ruling", ruling(0))
    bare = await market.ana.refused("POST", "/cases/A-1.1/appeal", {"note": "No!", "evidence": []})
    assert (kind(bare), bare["pointer"]) == ("invalid", "/evidence")
    appealed = await market.ana.post("/cases/A-1.1/appeal", {"note": "New.", "evidence": [photo("New")]})
    assert (appealed["case"]["state"], appealed["case"]["appealed_by"]) == ("appealed", "buyer")
    same = await market.mediator.refused("POST", "/cases/A-1.1/ruling", ruling(0))
    assert (kind(same), same["status"]) == ("conflict_of_interest", 403)
    await market.second_mediator.post("/cases/A-1.1/assignment")
    final = await market.second_mediator.post("/cases/A-1.1/ruling", ruling(2000))
    assert final["case"]["rulings"][-1]["final"] is True
    assert final["case"]["settlement"]["by"] == "appeal"
    assert final["money"]["settled"] == 2000
    again = await market.seller.refused("POST", "/cases/A-1.1/appeal", {"note": "No!", "evidence": [photo()]})
    assert kind(again) == "not_possible_now"


@pytest.mark.row("E5")
async def test_both_agree_and_the_ruling_binds_at_once(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.mediator.post("/cases/A-1.1/ruling", ruling(1000))
    await market.seller.post("/cases/A-1.1/ruling/acceptance")
    done = await market.ana.post("/cases/A-1.1/ruling/acceptance")
    assert done["money"]["settled"] == 1000
    await market.advance(days=1)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["state"], case["case"]["outcome"]) == ("closed", "partly_refunded")


@pytest.mark.row("P7")
async def test_a_decision_and_the_money_it_moves_are_two_things_on_record(market: Market) -> None:
    await escalated(market)
    await market.mediator.post("/cases/A-1.1/assignment")
    await market.mediator.post("/cases/A-1.1/ruling", ruling(1000))
    # The decision is made; no money has moved for it.
    assert (await market.ana.get("/cases/A-1.1/refunds"))["refunds"] == []
    assert (await market.ana.get("/orders/A-1"))["money"]["held"] == 5980
    await market.advance(days=8)
    events = [one["event"]["type"] for one in (await market.ana.get("/cases/A-1.1/timeline"))["events"]]
    order = [
        "case_ruled",
        "case_settled",
        "refund_approved",
        "refund_initiated",
        "refund_confirmed",
        "case_closed",
    ]
    assert [one for one in dict.fromkeys(events) if one in order] == order
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["outcome"] == "partly_refunded"
    assert case["money"]["confirmed"] == 1000


@pytest.mark.row("E6")
async def test_support_reopens_a_closed_case_with_a_recorded_reason(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.ana.post("/cases/A-1.1/withdrawal")
    body = {"reason": "The carrier admits the mix-up."}
    assert kind(await market.ana.refused("POST", "/cases/A-1.1/reopening", body)) == "forbidden"
    case = await market.operator.post("/cases/A-1.1/reopening", body)
    assert case["case"]["reopened"] == 1
    event = (await market.operator.get("/cases/A-1.1/timeline"))["events"][-1]["event"]
    assert (event["type"], event["reason"]) == ("case_reopened", body["reason"])
