"""Cancelling what has not been shipped: free, asked for, by the seller, by the clock; to the cent."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import CHANGED_MIND, FIRST, SECOND, TENDERS
from tests.domain.marketplace import (
    BUYER,
    OPERATOR,
    PLACED,
    PROVIDER,
    SELLER,
    Market,
    an_order,
    terms_for,
)

from amends.domain.cases import commands as c
from amends.domain.cases.model import Kind, Outcome, RefundStage, Remedy, Settled, State
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.orders import Components, Line, Method, Tender, Tier, Unit
from amends.domain.parties import Role
from amends.domain.policy.terms import _seal
from amends.domain.time import Period

MILLISECOND = timedelta(milliseconds=1)


def two_lines(**fields: object) -> Market:
    """Line l1 with two units of 45.00, line l2 with one of 13.00; 103.00 in all, by card."""
    order = an_order(**fields)  # type: ignore[arg-type]
    other = Line("l2", "Bulb", "home", (Components(item=1000, shipping=300),), order.lines[0].terms_id)
    return Market(replace(order, lines=(*order.lines, other), tenders=(Tender("t1", Method.CARD, 10300),)))


@pytest.mark.parametrize(
    ("most", "hours", "clause"),
    [
        (Period(5, "hours"), 5, "refund.total_max"),
        (Period(24, "hours"), 24, "cancel.payout_not_before"),
        (Period(15, "days"), 24, "cancel.payout_not_before"),
    ],
)
def test_however_long_it_may_wait_the_money_leaves_within_the_longest_time_to_refund(
    most: Period, hours: int, clause: str
) -> None:
    known = terms_for()
    longest = tuple(replace(one, value=most) for one in known.values["refund.total_max"])
    values = {**known.values, "refund.total_max": longest}
    market = Market(an_order(), terms=_seal(known.packs, known.currency, values, known.clauses))
    case = market.open(CHANGED_MIND)
    assert case.waiting is not None
    assert case.waiting.until == market.now + timedelta(hours=hours)
    assert case.waiting.clause == known.get(clause).clause


def test_in_the_free_period_everything_is_cancelled_and_refunded_in_full() -> None:
    market = Market(an_order(tenders=TENDERS))
    market.wait(hours=23)
    case = market.open(CHANGED_MIND)
    assert case.settlement is not None
    assert (case.settlement.by, case.settlement.clause) == (Settled.POLICY, "cancel.free_period.default")
    assert market.custody.stage is Stage.CANCELLED
    assert market.custody.cancelled == (FIRST, SECOND)
    assert [(r.tender_id, r.amount, r.stage) for r in case.refunds] == [
        ("t1", 6000, RefundStage.APPROVED),
        ("t2", 3000, RefundStage.APPROVED),
    ]
    assert market.books() == {"escrow": 9000}


def test_the_payout_of_a_cancellation_starts_24_hours_after_it_and_not_before() -> None:
    market = Market()
    market.wait(hours=2)
    market.open(CHANGED_MIND)
    market.now = PLACED + timedelta(hours=26) - MILLISECOND
    market.lapse()
    assert market.case.state is State.REFUND_APPROVED
    market.now += MILLISECOND
    market.lapse()
    assert market.case.state is State.REFUND_INITIATED
    market.confirm_refunds()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.REFUNDED)
    assert market.custody.stage is Stage.CANCELLED
    assert market.books() == {}
    assert market.custody.books.refunded == {"t1": 9000}


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (timedelta(hours=24) - MILLISECOND, State.REFUND_APPROVED),
        (timedelta(hours=24), State.CANCEL_REQUESTED),
        (timedelta(days=7) - MILLISECOND, State.CANCEL_REQUESTED),
    ],
)
def test_after_the_free_period_the_seller_is_asked(at: timedelta, state: State) -> None:
    market = Market()
    market.now = PLACED + at
    assert market.open(CHANGED_MIND).state is state


def test_after_the_request_period_an_order_that_may_ship_later_cannot_be_cancelled() -> None:
    market = Market(replace(an_order(), ship_by=PLACED + timedelta(days=20)))
    market.wait(days=7)
    refusal = market.refused("window_closed", CHANGED_MIND, BUYER, on_order=True)
    assert refusal.clause == "cancel.request_period.default"
    market.refused(
        "not_open_yet", c.OpenCancellation(reason="cancel.not_shipped_in_time"), BUYER, on_order=True
    )


def test_a_buyer_whose_seller_is_late_cancels_at_once_and_in_full() -> None:
    market = Market(replace(an_order(), ship_by=PLACED + timedelta(days=20)))
    market.wait(days=20)  # the clock has not come round yet
    case = market.open(c.OpenCancellation(reason="cancel.not_shipped_in_time"))
    assert case.wanted.amount == 9000
    assert case.settlement is not None
    assert case.settlement.clause == "ship.handling.default"


def test_the_reasons_of_a_seller_are_not_open_to_a_buyer() -> None:
    market = Market()
    for reason in ("cancel.seller_cancelled", "quality.defective", "cancel.whim"):
        market.refused("unknown_reason", c.OpenCancellation(reason=reason), BUYER, on_order=True)


def test_a_seller_who_grants_the_request_keeps_the_shipping() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.must(c.AcceptOffer(), SELLER)
    assert market.custody.stage is Stage.CANCELLED
    market.wait(hours=24)
    market.lapse()
    market.confirm_refunds()
    assert market.case.outcome is Outcome.PARTLY_REFUNDED
    # What was not given back is the seller's: nothing of the order is left to wait for.
    assert market.books() == {"seller": 1000}
    market.wait(hours=24)
    market.lapse()
    assert market.custody.books.pending["o1-payout-1"].amount == 1000
    market.must(oc.ConfirmPayout(transfer_id="o1-payout-1"), PROVIDER, on_order=True)
    assert market.custody.stage is Stage.PAID_OUT
    assert market.books() == {"bank": 1000}


def test_seller_silence_grants_the_request() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.to_deadline()
    assert market.now == PLACED + timedelta(hours=30, days=3)
    assert market.case.settlement is not None
    assert market.case.settlement.by is Settled.SILENCE
    assert market.case.settlement.remedy.amount == 8000
    assert market.custody.stage is Stage.CANCELLED


def test_where_the_terms_say_so_seller_silence_declines_the_request() -> None:
    terms = terms_for()
    (candidate,) = terms.values["cancel.seller_response"]
    declining = replace(
        terms,
        terms_id="declining",
        values={**terms.values, "cancel.seller_response": (replace(candidate, default="decline_request"),)},
    )
    market = Market(terms=declining)
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.to_deadline()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.DECLINED)
    assert market.custody.stage is Stage.AWAITING_SHIPMENT


def test_after_a_seller_declined_the_order_goes_on_and_may_be_asked_about_again() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.must(c.DeclineOffer(note="Packed already."), SELLER)
    assert market.case.outcome is Outcome.DECLINED
    assert market.custody.stage is Stage.AWAITING_SHIPMENT
    assert market.custody.cancelled == ()
    assert market.open(CHANGED_MIND).case_id == "o1.2"


def test_a_parcel_that_leaves_ends_the_request() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.ship()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.DECLINED)
    assert market.custody.stage is Stage.AWAITING_DELIVERY
    refusal = market.refused("window_closed", CHANGED_MIND, BUYER, on_order=True)
    assert refusal.facts == {"unshipped": []}


def test_a_parcel_with_other_lines_leaves_the_request_alone() -> None:
    market = two_lines()
    market.wait(hours=30)
    market.open(c.OpenCancellation(reason="cancel.mistake", units=(Unit("l2", 0),)))
    market.ship(line_ids=("l1",))
    assert market.case.state is State.CANCEL_REQUESTED
    assert market.custody.stage is Stage.AWAITING_SHIPMENT


def test_what_is_left_of_a_partly_cancelled_order_goes_its_way() -> None:
    market = two_lines()
    market.open(c.OpenCancellation(reason="cancel.mistake", units=(FIRST,)))
    assert market.case.wanted.amount == 4500
    assert market.custody.stage is Stage.AWAITING_SHIPMENT
    assert market.custody.waiting is not None
    assert market.custody.waiting.default == "cancel_unshipped"
    market.ship(line_ids=("l1",))
    assert market.custody.stage is Stage.AWAITING_SHIPMENT
    market.ship("p2", line_ids=("l2",))
    assert market.custody.stage is Stage.AWAITING_DELIVERY


def test_when_the_unshipped_rest_is_cancelled_the_delivered_part_decides_how_long_money_is_held() -> None:
    market = two_lines()
    market.wait(hours=1)
    market.ship(line_ids=("l1",))
    market.wait(hours=10)
    market.deliver()
    delivered = market.now
    assert market.custody.stage is Stage.AWAITING_SHIPMENT
    market.must(oc.CancelBySeller(), SELLER, on_order=True)
    assert market.case.units == (Unit("l2", 0),)
    assert market.custody.stage is Stage.PROTECTED
    assert market.custody.protection_ends_at == delivered + timedelta(days=15)
    assert market.custody.waiting is not None
    assert market.custody.waiting.until == delivered + timedelta(days=12)


def test_a_seller_who_cancels_refunds_in_full() -> None:
    market = Market()
    market.wait(days=2)
    market.must(oc.CancelBySeller(note="Out of stock."), SELLER, on_order=True)
    case = market.case
    assert (case.case_id, case.kind, case.reason) == ("o1.1", Kind.CANCELLATION, "cancel.seller_cancelled")
    assert case.story == "Out of stock."
    assert case.refunds[0].amount == 9000
    assert market.custody.stage is Stage.CANCELLED
    market.refused("not_possible_now", oc.CancelBySeller(), SELLER, on_order=True)


def test_a_seller_who_cancels_while_asked_to_does_not_keep_the_shipping() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.must(oc.CancelBySeller(), SELLER, on_order=True)
    asked, cancelled = market.scene.cases["o1.1"], market.case
    assert (asked.state, asked.outcome) == (State.CLOSED, Outcome.WITHDRAWN)
    assert cancelled.case_id == "o1.2"
    assert cancelled.refunds[0].amount == 9000


def test_only_the_seller_or_the_marketplace_cancels_for_the_seller() -> None:
    market = Market()
    market.refused("not_yours", oc.CancelBySeller(), BUYER, on_order=True)
    market.refused("unknown_reason", oc.CancelBySeller(reason="quality.defective"), SELLER, on_order=True)
    market.must(oc.CancelBySeller(), OPERATOR, on_order=True)


def test_what_is_not_shipped_in_time_is_cancelled_and_refunded_in_full() -> None:
    market = Market()
    market.wait(days=7)
    market.wait(milliseconds=-1)
    market.lapse()
    assert not market.scene.cases
    market.wait(milliseconds=1)
    market.lapse()
    case = market.scene.cases["o1.1"]
    assert case.reason == "cancel.not_shipped_in_time"
    assert case.refunds[0].amount == 9000
    assert market.custody.stage is Stage.CANCELLED


def test_a_late_seller_answers_an_open_request_with_a_full_refund() -> None:
    market = Market()
    market.wait(days=6)
    market.open(CHANGED_MIND)
    market.wait(days=1)
    market.lapse()
    assert market.scene.cases["o1.1"].outcome is Outcome.WITHDRAWN
    assert market.scene.cases["o1.2"].refunds[0].amount == 9000


def test_a_draft_keeps_nothing_from_being_cancelled() -> None:
    market = two_lines()
    market.wait(hours=1)
    market.ship(line_ids=("l1",))
    draft = c.OpenClaim(reason="quality.defective", units=(FIRST,), wanted=Remedy(1000), draft=True)
    market.open(draft)
    market.wait(days=8)
    market.lapse()
    assert market.scene.cases["o1.2"].units == (Unit("l2", 0),)
    assert market.scene.cases["o1.1"].state is State.DRAFTING


def test_the_same_unit_cannot_be_cancelled_twice() -> None:
    market = two_lines()
    market.wait(hours=30)
    one = c.OpenCancellation(reason="cancel.mistake", units=(FIRST,))
    market.open(one)
    refusal = market.refused("unit_taken", one, BUYER, on_order=True)
    assert refusal.facts == {"units": ["l1#0"], "cases": ["o1.1"]}
    market.open(c.OpenCancellation(reason="cancel.mistake", units=(SECOND,)))


@pytest.mark.parametrize(
    ("units", "kind", "pointer"),
    [
        ((Unit("l9", 0),), "unknown_line", "/units/0/line_id"),
        ((FIRST, Unit("l1", 2)), "quantity_too_high", "/units/1/index"),
        ((FIRST, FIRST), "invalid", "/units"),
    ],
)
def test_units_that_were_not_bought_cannot_be_cancelled(
    units: tuple[Unit, ...], kind: str, pointer: str
) -> None:
    market = Market()
    asked = c.OpenCancellation(reason="cancel.mistake", units=units)
    assert market.refused(kind, asked, BUYER, on_order=True).pointer == pointer


# 25 and 100 US dollars are 22.38 and 89.51 euros at the rates of the default pack.
@pytest.mark.parametrize(
    ("tier", "paid", "state"),
    [
        (Tier.STANDARD, 500, State.REFUND_APPROVED),
        (Tier.PLATINUM, 2238, State.REFUND_INITIATED),
        (Tier.PLATINUM, 2239, State.REFUND_APPROVED),
        (Tier.DIAMOND, 8951, State.REFUND_INITIATED),
        (Tier.DIAMOND, 8952, State.REFUND_APPROVED),
    ],
)
def test_members_are_refunded_at_once_for_small_purchases(tier: Tier, paid: int, state: State) -> None:
    market = Market(an_order(quantity=1, item=paid, shipping=0, tier=tier))
    assert market.open(CHANGED_MIND).state is state


def test_a_small_part_of_a_large_purchase_is_no_small_purchase() -> None:
    market = Market(an_order(quantity=2, item=5000, shipping=0, tier=Tier.DIAMOND))
    case = market.open(c.OpenCancellation(reason="cancel.mistake", units=(FIRST,)))
    assert case.state is State.REFUND_APPROVED


def test_an_order_of_which_nothing_was_captured_is_cancelled_without_money() -> None:
    market = Market(an_order(tenders=(Tender("t1", Method.CARD, 0),)))
    case = market.open(CHANGED_MIND)
    assert (case.state, case.outcome, case.refunds) == (State.CLOSED, Outcome.REFUNDED, ())
    assert market.custody.stage is Stage.CANCELLED
    assert market.events()[-1] == "CaseClosed"


@pytest.mark.parametrize("answer", ["accepted", "silent"])
def test_granting_a_request_of_which_nothing_was_captured_cancels_without_money(answer: str) -> None:
    market = Market(an_order(tenders=()))
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    if answer == "accepted":
        market.must(c.AcceptOffer(), SELLER)
    else:
        market.to_deadline()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.REFUNDED)
    assert market.custody.stage is Stage.CANCELLED


def test_money_captured_after_cancelling_goes_back_by_itself() -> None:
    market = Market(an_order(tenders=()))
    market.open(CHANGED_MIND)
    for n, amount in ((1, 6000), (2, 3000)):
        tender = Tender(f"t{n}", Method.CARD, amount)
        market.must(oc.RecordCapture(tender=tender), PROVIDER, on_order=True)
    assert sorted(market.scene.cases) == ["o1.1", "o1.2"]
    assert market.scene.cases["o1.2"].refunds[0].amount == 6000
    market.wait(hours=24)
    market.lapse()
    market.case_id = "o1.2"
    market.confirm_refunds()
    # The second tender came while the first was on its way back: its turn is next.
    assert market.scene.cases["o1.3"].refunds[0].amount == 3000
    market.wait(hours=24)
    market.lapse()
    market.case_id = "o1.3"
    market.confirm_refunds()
    assert market.books() == {}
    assert market.custody.stage is Stage.CANCELLED
    assert sorted(market.scene.cases) == ["o1.1", "o1.2", "o1.3"]
    assert market.custody.cancelled == (FIRST, SECOND)


def test_money_captured_after_a_granted_request_keeps_the_shipping_with_the_seller() -> None:
    market = Market(an_order(tenders=()))
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.must(c.AcceptOffer(), SELLER)
    market.must(oc.RecordCapture(tender=Tender("t1", Method.CARD, 9000)), PROVIDER, on_order=True)
    market.case_id = "o1.2"
    assert market.case.refunds[0].amount == 8000
    market.wait(hours=24)
    market.lapse()
    market.confirm_refunds()
    assert market.books() == {"seller": 1000}


def test_a_cancellation_is_no_dispute_and_cannot_be_reopened() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.must(c.DeclineOffer(), SELLER)
    market.refused("not_possible_now", c.Reopen(reason="The buyer called."), OPERATOR)


def test_the_buyer_withdraws_a_request_and_the_order_is_shipped() -> None:
    market = Market()
    market.wait(hours=30)
    market.open(CHANGED_MIND)
    market.must(c.Withdraw(), BUYER)
    assert market.case.outcome is Outcome.WITHDRAWN
    market.ship()
    assert market.custody.stage is Stage.AWAITING_DELIVERY
    assert market.custody.waiting is not None
    assert market.custody.waiting.on is Role.CARRIER
