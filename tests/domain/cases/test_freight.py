"""Who bears the way back: reimbursed on a receipt, paid for a label, or argued about in a case of its own."""

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import BOTH, DAMAGED, INSTRUCT, arrived, verdicts
from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Goods, Outcome, Remedy, State
from amends.domain.orders import Signal
from amends.domain.parties import Role

SHIPPED = c.ShipReturn(
    carrier="Swift Post", tracking_number="RR123456785DE", receipt="counter receipt 17", freight=690
)
LABEL = c.IssueLabel(
    carrier="Swift Post", service="parcel", tracking_number="RP123456785PT", price=590, code="K7-42"
)
NO_FAULT = c.OpenClaim(
    reason="no_reason.changed_mind", units=BOTH, wanted=Remedy(8000, Goods.RETURN), story="Too big."
)


def instructed(claim: c.OpenClaim = DAMAGED, instructions: c.GiveInstructions = INSTRUCT) -> Market:
    """A return the seller agreed to, with the address given."""
    market = Market.delivered()
    market.open(claim)
    market.must(c.AcceptOffer(), SELLER)
    market.must(instructions, SELLER)
    return market


def back(shipped: c.ShipReturn = SHIPPED, claim: c.OpenClaim = DAMAGED) -> Market:
    """The same, at the seller's."""
    market = instructed(claim)
    market.must(shipped, BUYER)
    market.must(arrived(market), CARRIER)
    return market


@pytest.mark.parametrize("how", ["accepted", "silent"])
def test_the_seller_at_fault_pays_the_buyers_postage_with_the_return(how: str) -> None:
    market = back()
    if how == "accepted":
        market.must(verdicts(True, True), SELLER)
    else:
        market.to_deadline()
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    assert market.case.freight_repaid == 690
    assert market.books() == {"seller": -690, "balance": 690}


def test_postage_is_paid_back_on_a_receipt_only() -> None:
    market = back(replace(SHIPPED, receipt=""))
    market.must(verdicts(True, True), SELLER)
    assert market.case.freight_repaid == 0
    shown = EvidenceItem(by=Role.BUYER, kind="receipt", note="the receipt", at=market.now)
    market = back(replace(SHIPPED, receipt="", evidence=(shown,)))
    market.must(verdicts(True, True), SELLER)
    assert market.case.freight_repaid == 690


def test_a_receipt_may_come_after_the_parcel_left() -> None:
    market = back(replace(SHIPPED, receipt="", freight=0))
    market.refused("invalid", c.AddFreightReceipt(freight=690, receipt=" "), BUYER)
    market.refused("invalid", c.AddFreightReceipt(freight=0, receipt="17"), BUYER)
    market.must(c.AddFreightReceipt(freight=690, receipt="17"), BUYER)
    market.must(verdicts(True, True), SELLER)
    assert market.case.freight_repaid == 690


def test_who_changed_their_mind_pays_the_way_back() -> None:
    market = back(claim=NO_FAULT)
    market.must(verdicts(True, True), SELLER)
    assert market.case.freight_repaid == 0


def test_more_than_the_terms_pay_back_is_a_case_of_its_own() -> None:
    market = back(replace(SHIPPED, freight=6000))
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert market.case.freight_repaid == 4800  # 60 % of 80.00
    dispute = c.OpenClaim(reason="return.freight", units=BOTH, wanted=Remedy(1201), story="It cost more.")
    market.case_id = ""
    refusal = market.do(dispute, BUYER, on_order=True)
    assert getattr(refusal, "kind", "") == "amount_too_high"
    market.open(replace(dispute, wanted=Remedy(1200)))
    market.must(c.AcceptOffer(), SELLER)
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.REIMBURSED)
    assert market.books() == {"seller": -6000, "balance": 6000}
    assert market.custody.books.refunded == {"t1": 9000}


def test_a_freight_case_pays_what_is_offered_and_leaves_the_rest_to_another() -> None:
    market = back(replace(SHIPPED, receipt=""))
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    market.open(c.OpenClaim(reason="return.freight", units=BOTH, wanted=Remedy(690), story="My postage."))
    market.must(c.MakeOffer(remedy=Remedy(300)), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    assert market.books() == {"seller": -300, "balance": 300}
    refusal = market.do(
        c.OpenClaim(reason="return.freight", units=BOTH, wanted=Remedy(391), story="The rest."),
        BUYER,
        on_order=True,
    )
    assert getattr(refusal, "kind", "") == "amount_too_high"


def test_silence_of_the_seller_grants_the_postage() -> None:
    market = back(replace(SHIPPED, receipt=""))
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    market.open(c.OpenClaim(reason="return.freight", units=BOTH, wanted=Remedy(690), story="My postage."))
    market.to_deadline()
    assert market.case.outcome is Outcome.REIMBURSED
    assert market.books() == {"seller": -690, "balance": 690}


def test_the_protection_pays_the_postage_of_a_return_it_covers() -> None:
    market = instructed()
    market.must(SHIPPED, BUYER)
    market.to_deadline()
    market.confirm_refunds()
    assert market.case.freight_repaid == 690
    assert market.books() == {"seller": 9000, "cover": -9690, "balance": 690}


def test_a_rejected_return_costs_the_buyer_the_postage() -> None:
    market = back()
    market.must(verdicts(False, False), SELLER)
    market.must(c.AcceptRejection(), BUYER)
    assert market.case.freight_repaid == 0
    market = back()
    market.must(verdicts(True, False), SELLER)
    market.must(c.AcceptRejection(), BUYER)
    assert market.case.freight_repaid == 690


def test_a_label_is_owed_by_the_seller_to_the_carrier() -> None:
    market = instructed(instructions=replace(INSTRUCT, label="platform"))
    market.must(LABEL, OPERATOR)
    assert market.books() == {"escrow": 9000, "seller": -590, "carrier": 590}
    market.refused("not_possible_now", LABEL, OPERATOR)
    market.must(arrived(market, Signal.ACCEPTED), CARRIER)
    assert market.case.state is State.RETURN_IN_TRANSIT
    assert market.case.shipment is not None
    assert market.case.shipment.tracking_number == "RP123456785PT"
    market.must(arrived(market), CARRIER)
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert market.books() == {"seller": -590, "carrier": 590}


def test_a_label_the_buyer_bears_is_taken_off_the_refund() -> None:
    market = instructed(NO_FAULT, replace(INSTRUCT, label="platform"))
    market.must(LABEL, OPERATOR)
    market.must(arrived(market), CARRIER)
    assert market.case.state is State.INSPECTING
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert market.custody.books.refunded == {"t1": 8000 - 590}
    assert market.books() == {"escrow": 1590, "seller": -590, "carrier": 590}


def test_a_label_never_eats_the_whole_refund() -> None:
    market = instructed(NO_FAULT, replace(INSTRUCT, label="platform"))
    market.refused("invalid", replace(LABEL, price=8000), OPERATOR)
    market.refused("invalid", replace(LABEL, price=-1), OPERATOR)


def test_a_labelled_parcel_that_was_scanned_is_shipped_however_late_it_was_told() -> None:
    market = instructed(instructions=replace(INSTRUCT, label="platform"))
    market.must(LABEL, OPERATOR)
    assert market.case.waiting is not None
    market.now = market.case.waiting.until
    market.must(arrived(market, Signal.ACCEPTED), CARRIER)
    assert market.case.state is State.RETURN_IN_TRANSIT
