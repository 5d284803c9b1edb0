"""Returns: instructions, shipping, inspection, contest, exchange, through the API."""

from typing import Any

import pytest

from tests.journeys.api.market import Market, claim_body, kind, open_market, photo
from tests.journeys.api.policies import pack, stacked

TRACKED = {"carrier": "dhl", "tracking_number": "RR123456785DE"}


def verdict(
    index: int = 0, reception: str = "received", *, accepted: bool = True, ground: str = ""
) -> dict[str, Any]:
    """What the seller finds of one lamp."""
    unit = {"line_id": "L1", "index": index}
    return {"unit": unit, "reception": reception, "accepted": accepted, "ground": ground}


async def agreed_return(market: Market, **wanted: Any) -> None:
    """A return of both lamps for EUR 59.80 that the seller agreed to."""
    await market.delivered()
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}]
    remedy = {"amount": 5980, "goods": "return", "freight_payer": "seller", **wanted}
    await market.claim(units=units, wanted=remedy)
    await market.seller.post("/cases/A-1.1/acceptance", {})


async def on_its_way(market: Market, **wanted: Any) -> None:
    """The same, shipped back."""
    await agreed_return(market, **wanted)
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.ana.post("/cases/A-1.1/shipment", TRACKED)


async def back(market: Market, **wanted: Any) -> None:
    """The same, delivered to the seller on Thursday 5 March."""
    await on_its_way(market, **wanted)
    scan = {"signal": "delivered", "scanned_at": market.at()}
    await market.carrier.post("/cases/A-1.1/shipment/events", scan)


async def state(market: Market) -> str:
    """Where the case stands."""
    return str((await market.ana.get("/cases/A-1.1"))["case"]["state"])


@pytest.mark.row("F2")
async def test_the_return_is_shipped_with_a_tracking_number_within_10_days(market: Market) -> None:
    await agreed_return(market)
    told = await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    assert told["case"]["instructions"]["authorisation"] == "RMA-A-1.1"
    assert (told["turn"]["on"], told["turn"]["until"]) == ("buyer", "2026-03-15T09:00:00Z")
    problem = await market.ana.refused("POST", "/cases/A-1.1/shipment", {"carrier": "dhl"})
    assert (kind(problem), problem["pointer"]) == ("invalid", "/tracking_number")
    problem = await market.ana.refused("POST", "/cases/A-1.1/shipment", {**TRACKED, "tracking_number": ""})
    assert kind(problem) == "invalid"
    await market.advance(days=9, hours=23)
    shipped = await market.ana.post("/cases/A-1.1/shipment", TRACKED)
    assert shipped["case"]["shipment"]["tracking_number"] == "RR123456785DE"


@pytest.mark.row("F2")
async def test_a_return_not_shipped_in_10_days_closes_the_case_for_the_seller(market: Market) -> None:
    await agreed_return(market)
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.advance(days=10)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["state"], case["case"]["outcome"]) == ("closed", "return_not_shipped")
    assert case["money"]["confirmed"] == 0
    assert kind(await market.ana.refused("POST", "/cases/A-1.1/shipment", TRACKED)) == "not_possible_now"


@pytest.mark.row("F2", "F6", "F9", "P8")
async def test_a_return_in_two_parcels_one_of_which_is_lost_is_paid_by_seller_and_protection(
    market: Market,
) -> None:
    await agreed_return(market)
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    first = {**TRACKED, "units": [{"line_id": "L1", "index": 0}]}
    told = await market.ana.post("/cases/A-1.1/shipment", first)
    assert (told["case"]["state"], told["turn"]["default"]) == ("awaiting_shipment", "keep_rest")
    listed = await market.ana.get("/cases/A-1.1/shipments")
    assert (listed["unsent"], listed["complete"]) == ([{"line_id": "L1", "index": 1}], False)
    again = await market.ana.refused("POST", "/cases/A-1.1/shipment", first)
    assert (kind(again), again["pointer"]) == ("invalid", "/units")
    await market.ana.post("/cases/A-1.1/shipment", {"carrier": "dhl", "tracking_number": "RB473124829DE"})

    scan = {"signal": "in_transit", "scanned_at": market.at()}
    problem = await market.carrier.refused("POST", "/cases/A-1.1/shipment/events", scan)
    assert (kind(problem), problem["pointer"]) == ("invalid", "/tracking_number")
    await market.carrier.post("/cases/A-1.1/shipment/events", {**scan, "tracking_number": "RB473124829DE"})
    await market.advance(days=3)
    there = {
        "tracking_number": "RR123456785DE",
        "signal": "delivered",
        "scanned_at": market.at(),
    }
    told = await market.carrier.post("/cases/A-1.1/shipment/events", there)
    # The other parcel is still awaited, until its own silence is over.
    assert told["case"]["state"] == "return_in_transit"
    listed = await market.ana.get("/cases/A-1.1/shipments")
    assert [one["silent_at"] for one in listed["shipments"]] == [None, told["turn"]["until"]]
    await market.advance(days=17)
    assert await state(market) == "inspecting"
    listed = await market.ana.get("/cases/A-1.1/shipments")
    assert [one["ending"] for one in listed["shipments"]] == [None, "lost"]
    done = await market.seller.post("/cases/A-1.1/inspection", {"inspections": [verdict(0)]})
    assert done["money"]["settled"] == 5980
    await market.advance(days=20)
    moved = [one["transfer"] for one in (await market.operator.get("/orders/A-1/ledger"))["entries"]]
    assert [one["amount"] for one in moved if one["purpose"] == "cover"] == [2990]
    claim = await market.ana.get("/cases/A-1.1/return/carrier-claim")
    assert ["Tracking number", "RB473124829DE"] in claim["pairs"]


@pytest.mark.row("G1")
async def test_the_seller_inspects_every_piece_within_three_working_days(market: Market) -> None:
    await back(market)
    case = await market.seller.get("/cases/A-1.1")
    # Friday, Monday, Tuesday: the clock ends with Tuesday 10 March in the seller's zone.
    assert (case["turn"]["on"], case["turn"]["until"]) == ("seller", "2026-03-11T00:00:00Z")
    half = {"inspections": [verdict(0)]}
    problem = await market.seller.refused("POST", "/cases/A-1.1/inspection", half)
    assert problem["status"] == 422
    done = await market.seller.post("/cases/A-1.1/inspection", {"inspections": [verdict(0), verdict(1)]})
    assert done["case"]["state"] in {"refund_approved", "refund_initiated"}
    assert done["money"]["settled"] == 5980


@pytest.mark.row("G1")
async def test_silence_after_delivery_accepts_the_return(market: Market) -> None:
    await back(market)
    await market.advance(days=5, hours=14, minutes=59)
    assert await state(market) == "inspecting"
    await market.advance(minutes=1)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["outcome"], case["money"]["confirmed"]) == ("refunded", 5980)
    approved = next(
        one
        for one in (await market.ana.get("/cases/A-1.1/timeline"))["events"]
        if one["event"]["type"] == "refund_approved"
    )
    assert (approved["at"], approved["actor"]["role"]) == ("2026-03-11T00:00:00Z", "clock")


@pytest.mark.row("G2")
@pytest.mark.parametrize("ground", ["not_original_condition", "unauthorised_or_late", "does_not_match_claim"])
async def test_a_return_is_rejected_on_an_allowed_ground_and_contested(market: Market, ground: str) -> None:
    await back(market)
    wrong = {"inspections": [verdict(0, accepted=False, ground="I want to"), verdict(1)]}
    problem = await market.seller.refused("POST", "/cases/A-1.1/inspection", wrong)
    assert problem["status"] == 422
    assert problem["clause"] == "inspect.reject_grounds.default"
    body = {
        "inspections": [verdict(0, accepted=False, ground=ground), verdict(1)],
        "evidence": [photo("Worn")],
    }
    rejected = await market.seller.post("/cases/A-1.1/inspection", body)
    assert (rejected["case"]["state"], rejected["turn"]["on"]) == ("rejected", "buyer")
    contested = await market.ana.post("/cases/A-1.1/contest", {"note": "Unworn.", "evidence": [photo()]})
    assert contested["case"]["state"] == "mediating"
    seen = (await market.mediator.get("/cases/A-1.1"))["case"]
    assert seen["contested"] is True
    steps = [(one["step"], one["by"]) for one in seen["evidence"] if one["step"]]
    assert steps == [("inspection", "seller"), ("contest", "buyer")]


@pytest.mark.row("G2")
@pytest.mark.parametrize("answer", ["acceptance", "silence"])
async def test_a_rejection_that_stands_refunds_only_the_accepted_pieces(market: Market, answer: str) -> None:
    await back(market)
    body = {"inspections": [verdict(0, accepted=False, ground="does_not_match_claim"), verdict(1)]}
    await market.seller.post("/cases/A-1.1/inspection", body)
    if answer == "acceptance":
        await market.ana.post("/cases/A-1.1/inspection/acceptance")
    else:
        await market.advance(days=5)
    await market.advance(days=10)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["state"], case["money"]["confirmed"]) == ("closed", 2990)


@pytest.mark.row("G3")
async def test_an_accepted_return_is_refunded_within_three_working_days(market: Market) -> None:
    await back(market)
    await market.seller.post("/cases/A-1.1/inspection", {"inspections": [verdict(0), verdict(1)]})
    await market.advance(days=6)
    refunds = (await market.ana.get("/cases/A-1.1/refunds"))["refunds"]
    assert {one["stage"] for one in refunds} == {"confirmed"}
    events = (await market.ana.get("/cases/A-1.1/timeline"))["events"]
    (initiated,) = [one["at"] for one in events if one["event"]["type"] == "refund_initiated"]
    # Accepted on Thursday 5 March; three working days are over with Tuesday 10 March.
    assert initiated <= "2026-03-11T00:00:00Z"
    terms = {one["name"]: one for one in (await market.ana.get("/orders/A-1/lines/L1/terms"))["terms"]}
    promised = terms["refund.initiate"]
    assert (promised["value"]["amount"], promised["value"]["unit"]) == (3, "working_days")
    assert promised["clause"] == "refund.initiate.default"
    # Each refund names the clause that grants it, and the one behind its arrival.
    clauses = {(one["method"], one["clause"], one["eta_clause"]) for one in refunds}
    assert clauses == {
        ("card", "negotiation.limit.default", "refund.eta.card.default"),
        ("wallet", "negotiation.limit.default", "refund.eta.wallet.default"),
    }


@pytest.mark.row("P8")
async def test_how_a_piece_arrived_and_whether_it_is_accepted_are_two_facts(market: Market) -> None:
    await back(market)
    body = {
        "inspections": [
            verdict(0, "damaged", accepted=True),
            verdict(1, "wrong_item", accepted=False, ground="does_not_match_claim"),
        ]
    }
    case = (await market.seller.post("/cases/A-1.1/inspection", body))["case"]
    found = [(one["reception"], one["accepted"]) for one in case["inspections"]]
    assert found == [("damaged", True), ("wrong_item", False)]


@pytest.mark.row("P8")
@pytest.mark.parametrize("reception", ["received", "damaged", "missing", "wrong_item", "lost"])
async def test_every_way_a_piece_can_arrive_is_kept(market: Market, reception: str) -> None:
    await back(market)
    there = reception not in {"missing", "lost"}
    ground = "" if there else "does_not_match_claim"
    first = verdict(0, reception, accepted=there, ground=ground)
    body = {"inspections": [first, verdict(1)]}
    case = (await market.seller.post("/cases/A-1.1/inspection", body))["case"]
    assert case["inspections"][0]["reception"] == reception
    assert case["inspections"][0]["accepted"] is there


@pytest.mark.row("P8")
async def test_a_piece_that_did_not_arrive_cannot_be_accepted(market: Market) -> None:
    await back(market)
    body = {"inspections": [verdict(0, "missing"), verdict(1)]}
    problem = await market.seller.refused("POST", "/cases/A-1.1/inspection", body)
    assert (kind(problem), problem["pointer"]) == ("invalid", "/inspections/0/accepted")
    body = {"inspections": [verdict(0, "eaten"), verdict(1)]}
    problem = await market.seller.refused("POST", "/cases/A-1.1/inspection", body)
    assert (kind(problem), problem["pointer"]) == ("invalid", "/inspections/0/reception")


async def test_a_seller_without_instructions_loses_the_return(market: Market) -> None:
    await agreed_return(market)
    await market.advance(days=3)
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["shipment"] is None
    assert case["money"]["settled"] == 5980
    await market.advance(days=3)
    assert (await market.ana.get("/cases/A-1.1"))["money"]["confirmed"] == 5980


async def test_a_tracked_return_that_is_lost_is_refunded(market: Market) -> None:
    await on_its_way(market)
    await market.carrier.post(
        "/cases/A-1.1/shipment/events", {"signal": "in_transit", "scanned_at": market.at()}
    )
    await market.advance(days=20)
    events = [one["event"] for one in (await market.ana.get("/cases/A-1.1/timeline"))["events"]]
    (lost,) = [one for one in events if one["type"] == "return_lost"]
    assert lost["covered"] is True
    await market.advance(days=10)
    assert (await market.ana.get("/cases/A-1.1"))["money"]["confirmed"] == 5980


async def test_an_exchange_ends_when_the_replacement_is_there(market: Market) -> None:
    await back(market, exchange_variant="white")
    await market.seller.post("/cases/A-1.1/inspection", {"inspections": [verdict(0), verdict(1)]})
    assert await state(market) == "awaiting_replacement"
    await market.seller.post("/cases/A-1.1/replacement", TRACKED)
    closed = await market.ana.post("/cases/A-1.1/replacement/receipt")
    assert (closed["case"]["state"], closed["case"]["outcome"]) == ("closed", "exchanged")


async def test_a_carrier_sees_and_scans_only_its_own_parcels(market: Market) -> None:
    await agreed_return(market)
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.ana.post("/cases/A-1.1/shipment", {**TRACKED, "carrier": "other"})
    scan = {"signal": "delivered", "scanned_at": market.at()}
    assert kind(await market.carrier.refused("POST", "/cases/A-1.1/shipment/events", scan)) == "not_found"
    assert await state(market) == "return_in_transit"


SET = {
    "line_id": "set",
    "title": "Tea set",
    "category": "home/kitchen",
    "units": [{"item": 9000, "discount": 900, "shipping": 450}],
    # By themselves the parts cost more than together.
    "parts": [
        {"part_id": "pot", "title": "Pot", "price": 8000},
        {"part_id": "cups", "title": "Cup", "price": 2000, "pieces": 2},
    ],
}
PAID = [{"tender_id": "T1", "method": "card", "captured": 8550, "provider_ref": "pay-1"}]


def _broken(*line_ids: str, **changes: object) -> dict[str, object]:
    units = [{"line_id": line_id, "index": 0} for line_id in line_ids]
    told = {"reason": "quality.damaged_in_transit", "evidence": [photo("The spout")], "units": units}
    return claim_body(**{**told, **changes})


@pytest.mark.row("C6", "P8", "G1", "G3")
async def test_a_part_of_a_bundle_is_claimed_and_sent_back_for_its_own_share_of_the_price(
    market: Market,
) -> None:
    await market.order(lines=[SET], tenders=PAID)
    # The parcel names the bundle as it was sold.
    await market.ship(line_ids=["set"])
    await market.scan(signal="delivered")
    order = (await market.ana.get("/orders/A-1"))["order"]
    assert order["parcels"][0]["line_ids"] == ["pot", "cups"]
    costs = [[unit["item"] - unit["discount"] for unit in line["units"]] for line in order["lines"]]
    assert costs == [[5400], [1350, 1350]]
    query = "reason=not_as_described.parts_missing&severity=useless"
    found = (await market.ana.get(f"/orders/A-1/lines/cups/options?{query}"))["options"]
    partial = next(one["option"] for one in found if one["option"]["remedy"] == "partial")
    assert (partial["suggested"], partial["clause"]) == ([1350, 1350], "partial.suggest.useless.default")
    # One cup was missing and is paid for; the pot came broken and goes back by itself.
    missing = {"reason": "not_as_described.parts_missing", "evidence": [photo("One cup in a box for two")]}
    keep = {"amount": 1350, "currency": "EUR", "goods": "keep"}
    await market.ana.post("/orders/A-1/cases", _broken("cups", wanted=keep, **missing))
    await market.seller.post("/cases/A-1.1/acceptance", {})
    pot = {"amount": 5700, "currency": "EUR", "goods": "return"}
    await market.ana.post("/orders/A-1/cases", _broken("pot", wanted=pot))
    await market.seller.post("/cases/A-1.2/acceptance", {})
    await market.seller.post("/cases/A-1.2/instructions", {"address": "Hafenstrasse 3, Hamburg"})
    await market.ana.post("/cases/A-1.2/shipment", TRACKED)
    await market.carrier.post(
        "/cases/A-1.2/shipment/events", {"signal": "delivered", "scanned_at": market.at()}
    )
    seen = {**verdict(), "unit": {"line_id": "pot", "index": 0}}
    await market.seller.post("/cases/A-1.2/inspection", {"inspections": [seen]})
    await market.advance(days=20)
    cases = [await market.ana.get(f"/cases/A-1.{n}") for n in (1, 2)]
    assert [case["money"]["confirmed"] for case in cases] == [1350, 5700]


@pytest.mark.row("C6", "C7")
async def test_where_a_bundle_comes_back_as_a_whole_a_part_is_closed_with_the_clause() -> None:
    whole = '"return.bundle_parts" = false | reason = ["no_reason"] | A set comes back as a whole.'
    async with open_market(policy=stacked(pack("category", whole))) as market:
        await market.delivered(lines=[SET], tenders=PAID)

        async def asked(query: str) -> Any:
            found = (await market.ana.get(f"/orders/A-1/lines/pot/options?reason={query}"))["options"]
            return next(one["option"] for one in found if one["option"]["remedy"] == "return")

        alone = await asked("no_reason.changed_mind")
        assert (alone["why_closed"], alone["clause"]) == ("bundle_whole", "extra.0")
        assert alone["facts"]["units"] == ["cups#0", "cups#1"]
        assert (await asked("no_reason.changed_mind&with_bundle=true"))["open"]
        assert (await asked("quality.defective"))["open"]
        mind = {"reason": "no_reason.changed_mind"}
        goods = {"amount": 5400, "currency": "EUR", "goods": "return"}
        problem = await market.ana.refused("POST", "/orders/A-1/cases", _broken("pot", wanted=goods, **mind))
        assert problem["facts"]["why"] == "bundle_whole"
        units = [{"line_id": "pot", "index": 0}, *({"line_id": "cups", "index": n} for n in (0, 1))]
        body = _broken(units=units, wanted={**goods, "amount": 8100}, **mind)
        assert (await market.ana.post("/orders/A-1/cases", body))["case"]["state"] == "awaiting_seller"


@pytest.mark.row("C6")
async def test_a_part_of_a_bundle_sold_as_one_article_is_claimed_by_how_much_it_matters(
    market: Market,
) -> None:
    unit = {"item": 9000, "discount": 900, "shipping": 450}
    await market.delivered(
        lines=[{"line_id": "L1", "title": "Tea set", "category": "home/kitchen", "units": [unit]}],
        tenders=[{"tender_id": "T1", "method": "card", "captured": 8550, "provider_ref": "pay-1"}],
    )
    query = "reason=not_as_described.parts_missing&severity=flaw"
    found = (await market.ana.get(f"/orders/A-1/lines/L1/options?{query}"))["options"]
    partial = next(one["option"] for one in found if one["option"]["remedy"] == "partial")
    assert (partial["suggested"], partial["clause"]) == ([1620, 3240], "partial.suggest.flaw.default")
    wanted = {"amount": 2430, "currency": "EUR", "goods": "keep"}
    missing = {"reason": "not_as_described.parts_missing", "evidence": [photo("One cup in a box for two")]}
    await market.ana.post("/orders/A-1/cases", claim_body(**missing, wanted=wanted))
    await market.seller.post("/cases/A-1.1/acceptance", {})
    await market.advance(days=10)
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["outcome"], case["money"]["confirmed"]) == ("partly_refunded", 2430)
