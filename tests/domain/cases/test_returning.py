"""Sending it back: instructions, the parcel, its way, and what the seller finds in it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import FIRST, INSTRUCT, SECOND, SHIP_RETURN, arrived, reach, verdicts
from tests.domain.marketplace import BUYER, CARRIER, MEDIATOR, OPERATOR, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Finding, Inspection, Outcome, Reception, Remedy, State
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role

MILLISECOND = timedelta(milliseconds=1)


def scan(market: Market, signal: Signal, days_ago: float = 0) -> c.RecordReturnScan:
    """A scan of the return so many days ago."""
    return c.RecordReturnScan(signal=signal, scanned_at=market.now - timedelta(days=days_ago))


# ---- instructions


def test_instructions_carry_the_authorisation_and_start_the_ten_days() -> None:
    market = reach(State.AWAITING_INSTRUCTIONS)
    market.must(replace(INSTRUCT, label="platform", note="Ring twice."), SELLER)
    case = market.case
    assert case.instructions is not None
    assert (case.instructions.authorisation, case.instructions.label) == ("RMA-o1.1", "platform")
    assert case.waiting is not None
    assert (case.waiting.on, case.waiting.until) == (Role.BUYER, market.now + timedelta(days=10))


@pytest.mark.parametrize("change", [{"address": "  "}, {"label": "carrier"}])
def test_instructions_name_an_address_and_who_brings_the_label(change: dict[str, str]) -> None:
    reach(State.AWAITING_INSTRUCTIONS).refused("invalid", replace(INSTRUCT, **change), SELLER)


def test_without_instructions_the_buyer_keeps_the_goods_and_is_refunded() -> None:
    market = reach(State.AWAITING_INSTRUCTIONS)
    market.to_deadline()
    assert market.case.state is State.REFUND_INITIATED
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    assert market.books() == {}


# ---- shipping


@pytest.mark.parametrize("number", ["", "1234567", "RR-123", "x" * 41, "RR123456789!"])
def test_a_return_needs_a_tracking_number(number: str) -> None:
    market = reach(State.AWAITING_SHIPMENT)
    refusal = market.refused("invalid", replace(SHIP_RETURN, tracking_number=number), BUYER)
    assert (refusal.pointer, refusal.clause) == ("/tracking_number", "return.ship_by.default")


@pytest.mark.parametrize("change", [{"carrier": " "}, {"freight": -1}])
def test_a_return_names_its_carrier_and_an_honest_freight(change: dict[str, object]) -> None:
    reach(State.AWAITING_SHIPMENT).refused("invalid", replace(SHIP_RETURN, **change), BUYER)


def test_a_tracking_number_is_kept_without_blanks_and_dashes() -> None:
    market = reach(State.AWAITING_SHIPMENT)
    market.must(replace(SHIP_RETURN, tracking_number="rr 123-456 785 de"), BUYER)
    assert market.case.shipment is not None
    assert market.case.shipment.tracking_number == "RR123456785DE"


def test_a_return_not_shipped_in_ten_days_closes_the_case_for_the_seller() -> None:
    market = reach(State.AWAITING_SHIPMENT)
    market.to_deadline()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.RETURN_NOT_SHIPPED)
    assert market.books() == {"escrow": 9000}


# ---- on its way


def test_each_scan_starts_the_twenty_days_of_silence_again_from_when_it_was_made() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    market.wait(days=10)
    market.must(scan(market, Signal.IN_TRANSIT, days_ago=4), CARRIER)
    assert market.case.waiting is not None
    assert market.case.waiting.until == market.now + timedelta(days=16)
    # One that is told late and out of order takes nothing back.
    market.must(scan(market, Signal.ACCEPTED, days_ago=9), CARRIER)
    assert market.case.waiting.until == market.now + timedelta(days=16)


def test_the_whole_way_has_its_limit() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    assert market.case.shipment is not None
    shipped = market.case.shipment.shipped_at
    for _ in range(3):
        market.wait(days=19)
        market.must(scan(market, Signal.IN_TRANSIT), CARRIER)
    assert market.case.waiting is not None
    assert market.case.waiting.until == shipped + timedelta(days=60)
    assert market.case.waiting.clause == "return.transit_max.default"


def test_a_scan_in_the_future_is_refused() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    future = c.RecordReturnScan(signal=Signal.DELIVERED, scanned_at=market.now + MILLISECOND)
    market.refused("invalid", future, CARRIER)


def test_delivery_gives_the_seller_three_working_days() -> None:
    market = reach(State.RETURN_IN_TRANSIT)  # a Friday
    market.must(arrived(market), CARRIER)
    case = market.case
    assert case.shipment is not None
    assert case.shipment.delivered_at == market.now
    assert case.waiting is not None
    assert case.waiting.until.isoformat() == "2026-03-12T00:00:00+00:00"
    market.wait(hours=1)
    market.must(scan(market, Signal.DELIVERED), CARRIER)
    assert market.case.waiting == case.waiting
    assert market.case.shipment is not None
    assert market.case.shipment.delivered_at == case.shipment.delivered_at


@pytest.mark.parametrize("how", ["silence", "told"])
@pytest.mark.parametrize("proof", ["scan", "receipt"])
def test_a_lost_return_that_is_proven_is_paid_by_the_protection(how: str, proof: str) -> None:
    market = reach(State.AWAITING_SHIPMENT)
    market.must(replace(SHIP_RETURN, receipt="receipt.jpg" if proof == "receipt" else ""), BUYER)
    if proof == "scan":
        market.must(scan(market, Signal.ACCEPTED), CARRIER)
    if how == "silence":
        market.to_deadline()
    else:
        market.must(scan(market, Signal.LOST), CARRIER)
    assert market.case.state is State.REFUND_INITIATED
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    # The seller keeps the price of goods that never came back; the fund bears the loss.
    # The silence outlasted the protection, so the money held for this case is released with its end.
    kept = "seller" if how == "silence" else "escrow"
    assert market.books() == {kept: 9000, "cover": -9000}


@pytest.mark.parametrize("signal", [Signal.UNKNOWN, Signal.INVALID, Signal.SHARED, Signal.WRONG_DIRECTION])
def test_a_number_that_leads_nowhere_proves_nothing(signal: Signal) -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    market.must(scan(market, signal), CARRIER)
    market.to_deadline()
    assert market.case.state is State.MEDIATING
    assert market.case.contested


def test_an_unproven_loss_is_for_a_mediator_and_in_money_only() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    market.to_deadline()
    assert market.case.state is State.MEDIATING
    for actor in (BUYER, SELLER):
        market.refused("not_possible_now", c.AcceptOffer(), actor)
    while market.case.state is not State.RULED:
        market.to_deadline()
    assert market.case.rulings[-1].remedy.amount == 0
    assert market.case.rulings[-1].findings[-1].clause == "return.lost.default"


def test_a_receipt_brought_later_proves_the_loss_to_the_mediator() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    market.to_deadline()
    receipt = c.AddEvidence(items=(EvidenceItem(by=Role.BUYER, kind="receipt", note="", at=market.now),))
    market.must(receipt, BUYER)
    while market.case.state is not State.RULED:
        market.to_deadline()
    assert market.case.rulings[-1].remedy.amount == 9000


# ---- inspection


def test_all_accepted_is_refunded_in_full() -> None:
    market = reach(State.INSPECTING)
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    assert market.books() == {}


def test_silence_accepts_the_return() -> None:
    market = reach(State.INSPECTING)
    market.to_deadline()
    assert market.case.inspections == ()
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED


def test_a_seller_who_has_the_parcel_need_not_wait_for_the_carriers_word() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    market.must(verdicts(True, True), SELLER)
    assert market.case.state is State.REFUND_INITIATED


def test_a_partly_rejected_return_refunds_what_was_accepted() -> None:
    market = reach(State.REJECTED)
    assert market.case.waiting is not None
    assert market.case.waiting.until == market.now - timedelta(hours=1) + timedelta(days=5)
    market.must(c.AcceptRejection(), BUYER)
    market.confirm_refunds()
    assert market.case.outcome is Outcome.PARTLY_REFUNDED
    assert market.custody.books.unit_refunded == {"l1#0": 4500}
    assert market.books() == {"escrow": 4500}


def test_silence_lets_a_rejection_stand() -> None:
    market = reach(State.INSPECTING)
    market.must(verdicts(False, False), SELLER)
    market.to_deadline()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.RETURN_REJECTED)
    assert market.books() == {"escrow": 9000}


def test_contesting_needs_a_word_and_leads_to_a_mediator() -> None:
    market = reach(State.REJECTED)
    market.refused("invalid", c.ContestRejection(note=" "), BUYER)
    market.must(c.ContestRejection(note="It came back as it was."), BUYER)
    assert market.case.contested
    assert market.case.mediation_since == market.now


@pytest.mark.parametrize(
    ("inspections", "pointer"),
    [
        ((), "/inspections"),
        ((Inspection(FIRST, Reception.RECEIVED, True),), "/inspections"),
        ((Inspection(FIRST, Reception.RECEIVED, True),) * 2, "/inspections"),
        (
            (
                Inspection(FIRST, Reception.RECEIVED, True),
                Inspection(Unit("l1", 2), Reception.RECEIVED, True),
            ),
            "/inspections",
        ),
        (
            (Inspection(FIRST, Reception.MISSING, True), Inspection(SECOND, Reception.RECEIVED, True)),
            "/inspections/0/accepted",
        ),
        (
            (
                Inspection(FIRST, Reception.RECEIVED, True),
                Inspection(SECOND, Reception.DAMAGED, False, "ugly"),
            ),
            "/inspections/1/ground",
        ),
    ],
)
def test_every_unit_is_inspected_once_and_rejected_on_an_allowed_ground(
    inspections: tuple[Inspection, ...], pointer: str
) -> None:
    market = reach(State.INSPECTING)
    refusal = market.refused("invalid", c.InspectReturn(inspections=inspections), SELLER)
    assert refusal.pointer == pointer


def test_reception_and_acceptance_are_two_facts() -> None:
    market = reach(State.INSPECTING)
    scratched = (
        Inspection(SECOND, Reception.DAMAGED, True, note="a scratch from the way back"),
        Inspection(FIRST, Reception.RECEIVED, True),
    )
    market.must(c.InspectReturn(inspections=scratched), SELLER)
    assert market.case.inspections[0].reception is Reception.DAMAGED
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED


# ---- afterwards


def test_support_reopens_once_and_the_goods_are_not_sent_twice() -> None:
    market = reach(State.INSPECTING)
    market.must(verdicts(False, False), SELLER)
    market.to_deadline()
    market.wait(days=30, milliseconds=-1)
    market.refused("invalid", c.Reopen(reason=" "), OPERATOR)
    market.must(c.Reopen(reason="A video turned up."), OPERATOR)
    case = market.case
    assert (case.state, case.outcome, case.closed_at, case.settlement) == (State.MEDIATING, None, None, None)
    market.refused("invalid", c.Rule(remedy=case.wanted, reasons="x", findings=()), MEDIATOR)
    finding = Finding(fact="Sound.", clause="inspect.reject_grounds.default")
    market.must(c.Rule(remedy=Remedy(9000), reasons="The video shows it.", findings=(finding,)), MEDIATOR)
    # It has had its hearing: there is no appeal.
    assert market.case.state is State.REFUND_INITIATED
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    market.refused("not_possible_now", c.Reopen(reason="Again."), OPERATOR)


def test_a_case_cannot_be_reopened_thirty_days_after_it_closed() -> None:
    market = reach(State.CLOSED)
    assert market.case.closed_at is not None
    market.now = market.case.closed_at + timedelta(days=30)
    refusal = market.refused("window_closed", c.Reopen(reason="New facts."), OPERATOR)
    assert refusal.clause == "reopen.default"


def test_a_case_whose_units_are_in_another_one_cannot_be_reopened() -> None:
    market = reach(State.AWAITING_SELLER)
    market.must(c.Withdraw(), BUYER)
    market.open(c.OpenClaim(reason="quality.defective", units=(FIRST,), wanted=Remedy(1000)))
    market.refused("unit_taken", c.Reopen(reason="New facts."), OPERATOR, case_id="o1.1")


def test_a_discarded_draft_cannot_be_reopened() -> None:
    market = reach(State.DRAFTING)
    market.must(c.Withdraw(), BUYER)
    market.refused("not_possible_now", c.Reopen(reason="New facts."), OPERATOR)


def test_what_a_paid_return_left_cannot_be_claimed_again() -> None:
    market = reach(State.INSPECTING)
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    for reason in ("return.refund_missing", "return.lost", "return.swapped"):
        again = c.OpenClaim(reason=reason, units=(FIRST, SECOND), wanted=Remedy(9000))
        refusal = market.refused("remedy_closed", again, BUYER, on_order=True)
        assert refusal.facts["why"] == "nothing_left"


def test_a_claim_about_a_return_pays_only_what_is_left_and_only_once() -> None:
    market = reach(State.REJECTED)  # unit 0 accepted, unit 1 rejected
    market.must(c.AcceptRejection(), BUYER)
    missing = c.OpenClaim(reason="return.refund_missing", units=(FIRST, SECOND), wanted=Remedy(4500))
    # While the refund is on its way its case still has the units.
    market.refused("unit_taken", missing, BUYER, on_order=True)
    market.confirm_refunds()
    market.refused("amount_too_high", replace(missing, wanted=Remedy(4501)), BUYER, on_order=True)
    market.open(missing)
    market.must(c.AcceptOffer(), SELLER)
    market.confirm_refunds()
    assert market.books() == {}
    assert market.custody.books.unit_refunded == {"l1#0": 4500, "l1#1": 4500}
    market.refused("remedy_closed", missing, BUYER, on_order=True)
