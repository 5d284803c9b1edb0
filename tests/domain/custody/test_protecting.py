"""Buyer protection: money is held from capture until delivery is confirmed, by the buyer or by the clock."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import BOTH, CHANGED_MIND, DAMAGED, offer
from tests.domain.marketplace import (
    BUYER,
    CARRIER,
    MEDIATOR,
    OPERATOR,
    PLACED,
    PROVIDER,
    SELLER,
    Market,
    an_order,
    terms_for,
)

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Outcome, Remedy, State
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.orders import Components, Line, Method, Parcel, Signal, Tender, TrackingEvent
from amends.domain.parties import CLOCK, Role

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
CONFIRM = oc.ConfirmReceipt()


def order_events(market: Market) -> list[str]:
    """The names of the order's events, in order."""
    return [type(one.event).__name__ for one in market.log if one.stream == market.order_id]


def pay_out(market: Market) -> int:
    """Let the payout happen; what reached the seller's bank."""
    assert market.custody.waiting is not None
    market.now = market.custody.waiting.until
    market.lapse()
    (transfer,) = (t for t in market.custody.books.pending.values() if t.purpose == "payout")
    market.must(oc.ConfirmPayout(transfer_id=transfer.transfer_id), PROVIDER, on_order=True)
    return transfer.amount


def test_captured_money_is_in_escrow_from_the_start() -> None:
    market = Market(an_order(tenders=(Tender("t1", Method.CARD, 6000), Tender("t2", Method.WALLET, 3000))))
    assert market.books() == {"escrow": 9000}
    assert market.custody.stage is Stage.AWAITING_SHIPMENT
    waiting = market.custody.waiting
    assert waiting is not None
    assert (waiting.on, waiting.until, waiting.default) == (
        Role.SELLER,
        PLACED + 7 * DAY,
        "cancel_unshipped",
    )


def test_the_buyer_who_confirms_releases_the_money_at_once() -> None:
    market = Market.delivered()
    market.refused("not_yours", CONFIRM, SELLER, on_order=True)
    market.must(CONFIRM, BUYER, on_order=True)
    assert (market.custody.stage, market.custody.confirmed_at) == (Stage.RELEASED, market.now)
    assert market.books() == {"seller": 9000}
    waiting = market.custody.waiting
    assert waiting is not None
    assert (waiting.until, waiting.default) == (market.now + DAY, "pay_out")
    assert pay_out(market) == 9000
    assert (market.custody.stage, market.custody.waiting) == (Stage.PAID_OUT, None)
    assert market.books() == {"bank": 9000}
    market.refused("not_possible_now", CONFIRM, BUYER, on_order=True)


@pytest.mark.parametrize("stage", ["placed", "shipped"])
def test_receipt_can_be_confirmed_once_the_parcel_has_left(stage: str) -> None:
    market = Market()
    if stage == "placed":
        market.refused("not_possible_now", CONFIRM, BUYER, on_order=True)
        return
    market.ship()
    market.must(CONFIRM, BUYER, on_order=True)
    missing = c.OpenClaim(reason="not_received.overdue", units=BOTH, wanted=Remedy(9000))
    market.wait(days=57)
    refusal = market.refused("remedy_closed", missing, BUYER, on_order=True)
    assert refusal.facts["why"] == "receipt_confirmed"


def test_after_delivery_the_buyer_is_reminded_three_days_before_the_clock_releases_the_money() -> None:
    market = Market.delivered()
    delivered = market.now
    assert market.custody.protection_ends_at == delivered + 15 * DAY
    waiting = market.custody.waiting
    assert waiting is not None
    assert (waiting.on, waiting.until, waiting.default) == (
        Role.BUYER,
        delivered + 12 * DAY,
        "remind_protection",
    )
    market.now = delivered + 12 * DAY
    market.lapse()
    assert market.custody.reminded_at == market.now
    assert market.custody.waiting is not None
    assert (market.custody.waiting.until, market.custody.waiting.default) == (
        delivered + 15 * DAY,
        "release_escrow",
    )
    market.now = delivered + 15 * DAY - MILLISECOND
    market.lapse()
    assert market.books() == {"escrow": 9000}
    market.now += MILLISECOND
    market.lapse()
    assert market.custody.stage is Stage.RELEASED
    assert market.books() == {"seller": 9000}


def test_a_parcel_that_never_arrives_is_held_for_sixty_days() -> None:
    market = Market()
    market.ship()
    shipped = market.now
    market.now = shipped + 60 * DAY - MILLISECOND
    market.lapse()
    assert market.custody.stage is Stage.AWAITING_DELIVERY
    assert order_events(market)[-1] == "ProtectionReminded"
    market.now += MILLISECOND
    market.lapse()
    assert market.books() == {"seller": 9000}


def test_an_open_case_keeps_the_money_past_the_end_and_its_end_releases_what_is_left() -> None:
    market = Market.delivered()
    delivered = market.now
    market.wait(days=14)
    market.open(DAMAGED)
    market.must(offer(3000), SELLER)
    market.now = delivered + 15 * DAY
    market.lapse()
    assert (market.custody.stage, market.custody.waiting) == (Stage.HELD, None)
    market.refused("not_possible_now", CONFIRM, BUYER, on_order=True)
    market.must(c.AcceptOffer(), BUYER)
    assert market.books() == {"escrow": 9000}
    market.confirm_refunds()
    assert market.custody.stage is Stage.RELEASED
    assert market.books() == {"seller": 6000}
    assert pay_out(market) == 6000


def test_the_money_waits_for_the_last_of_several_cases() -> None:
    market = Market.delivered()
    for unit in BOTH:
        market.open(replace(DAMAGED, units=(unit,), wanted=Remedy(4500, Goods.RETURN)))
    market.wait(days=4)
    for case_id in ("o1.1", "o1.2"):
        market.must(c.Escalate(), BUYER, case_id=case_id)
    market.wait(days=13)
    market.lapse()
    assert market.custody.stage is Stage.HELD
    market.must(c.Withdraw(), BUYER, case_id="o1.1")
    assert market.custody.stage is Stage.HELD
    market.must(c.Withdraw(), BUYER, case_id="o1.2")
    assert market.custody.stage is Stage.RELEASED


def test_a_draft_neither_keeps_the_money_nor_the_buyer_from_confirming() -> None:
    market = Market.delivered()
    market.open(replace(DAMAGED, draft=True))
    market.must(CONFIRM, BUYER, on_order=True)
    assert market.custody.stage is Stage.RELEASED
    # The draft can still be sent: confirming receipt is not confirming that all is well.
    market.must(c.SubmitDraft(), BUYER)
    assert market.case.state is State.AWAITING_SELLER


def test_a_case_opened_after_the_release_stops_the_payout() -> None:
    market = Market.delivered()
    market.must(CONFIRM, BUYER, on_order=True)
    market.open(DAMAGED)
    market.wait(hours=24)
    market.lapse()
    assert market.custody.stage is Stage.HELD
    assert market.books() == {"seller": 9000}
    market.must(offer(3000), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    # What goes back to the buyer is taken back from what the seller was owed.
    assert market.books() == {"escrow": 3000, "seller": 6000}
    market.confirm_refunds()
    assert market.custody.stage is Stage.RELEASED
    assert pay_out(market) == 6000


def test_a_claim_after_the_payout_leaves_the_seller_in_debt() -> None:
    market = Market.delivered()
    market.must(CONFIRM, BUYER, on_order=True)
    pay_out(market)
    market.open(DAMAGED)
    market.must(offer(3000), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.confirm_refunds()
    assert market.custody.stage is Stage.PAID_OUT
    assert market.books() == {"bank": 9000, "seller": -3000}


def test_a_payout_is_confirmed_once() -> None:
    market = Market.delivered()
    market.must(CONFIRM, BUYER, on_order=True)
    market.refused("not_possible_now", oc.ConfirmPayout(transfer_id="o1-payout-1"), PROVIDER, on_order=True)
    pay_out(market)
    market.refused("not_possible_now", oc.ConfirmPayout(transfer_id="o1-payout-1"), PROVIDER, on_order=True)
    market.refused("not_yours", oc.ConfirmPayout(transfer_id="o1-payout-1"), SELLER, on_order=True)


def test_money_captured_after_the_release_is_the_sellers_and_paid_out_after_the_first() -> None:
    market = Market.delivered(an_order(tenders=(Tender("t1", Method.CARD, 6000),)))
    market.must(CONFIRM, BUYER, on_order=True)
    market.wait(hours=24)
    market.lapse()
    late = Tender("t2", Method.WALLET, 3000)
    market.must(oc.RecordCapture(tender=late), PROVIDER, on_order=True)
    assert market.books() == {"seller": 9000}
    market.must(oc.ConfirmPayout(transfer_id="o1-payout-1"), PROVIDER, on_order=True)
    assert market.custody.stage is Stage.RELEASED
    assert pay_out(market) == 3000
    assert market.custody.stage is Stage.PAID_OUT


def test_the_fee_is_the_platforms_as_far_as_it_was_not_refunded() -> None:
    unit = Components(item=4000, shipping=500, fee=300)
    order = an_order()
    line = replace(order.lines[0], units=(unit, unit))
    market = Market.delivered(replace(order, lines=(line,), tenders=(Tender("t1", Method.CARD, 9600),)))
    market.open(replace(DAMAGED, units=(BOTH[0],), wanted=Remedy(4800, Goods.RETURN)))
    market.to_deadline()
    market.to_deadline()
    market.confirm_refunds()
    market.must(CONFIRM, BUYER, on_order=True)
    assert market.books() == {"platform": 300, "seller": 4500}


def test_a_cancelled_order_has_nothing_left_to_release() -> None:
    market = Market()
    market.open(CHANGED_MIND)
    market.wait(hours=24)
    market.lapse()
    market.confirm_refunds()
    assert (market.custody.stage, market.custody.waiting) == (Stage.CANCELLED, None)
    assert market.books() == {}
    market.refused("not_possible_now", oc.LapseOrder(), CLOCK, on_order=True)


# ---- what tracking tells, and when


def test_a_delivery_told_late_counts_from_when_it_happened() -> None:
    market = Market()
    market.ship()
    market.wait(days=20)
    scan = TrackingEvent(market.now - 18 * DAY, Signal.DELIVERED, "DE", "10115")
    market.must(oc.RecordTracking(parcel_id="p1", events=(scan,)), CARRIER, on_order=True)
    assert market.custody.protection_ends_at == scan.at + 15 * DAY
    assert market.custody.waiting is not None
    assert market.custody.waiting.until < market.now
    market.lapse()
    # Reminder and release are both overdue and happen in their order.
    assert order_events(market)[-2:] == ["ProtectionReminded", "EscrowReleased"]


def test_scans_may_come_twice_and_in_any_order() -> None:
    market = Market()
    market.ship()
    market.wait(days=2)
    first = TrackingEvent(market.now - DAY, Signal.ACCEPTED)
    second = TrackingEvent(market.now, Signal.IN_TRANSIT)
    tell = oc.RecordTracking(parcel_id="p1", events=(second, first, second))
    market.must(tell, CARRIER, on_order=True)
    assert market.custody.order.parcels[0].events == (first, second)
    assert market.must(tell, CARRIER, on_order=True).recorded == ()


def test_a_new_parcel_puts_an_order_that_seemed_to_have_arrived_on_its_way_again() -> None:
    market = Market.delivered()
    assert market.custody.stage is Stage.PROTECTED
    market.now += 13 * DAY
    market.lapse()
    assert market.custody.reminded_at is not None
    market.ship("p2")
    assert market.custody.stage is Stage.AWAITING_DELIVERY
    assert market.custody.protection_ends_at == PLACED + DAY + 60 * DAY
    # The buyer is reminded of the new end as well.
    assert market.custody.reminded_at is None
    assert market.custody.waiting is not None
    assert market.custody.waiting.default == "remind_protection"
    market.deliver("p2")
    assert market.custody.stage is Stage.PROTECTED
    assert market.custody.protection_ends_at == market.now + 15 * DAY


def test_a_new_tracking_number_changes_no_date_and_reminds_nobody_again() -> None:
    market = Market.delivered()
    market.now += 13 * DAY
    market.lapse()
    before = market.custody
    parcel = before.order.parcels[0]
    renumbered = replace(parcel, tracking_number="SW000000001", events=())
    market.must(oc.RecordParcel(parcel=renumbered), SELLER, on_order=True)
    assert market.custody.order.parcels[0].tracking_number == "SW000000001"
    assert market.custody.order.parcels[0].events == parcel.events
    assert (market.custody.waiting, market.custody.reminded_at) == (before.waiting, before.reminded_at)


def test_the_last_line_to_arrive_decides_how_long_money_is_held() -> None:
    order = an_order()
    bulb = Line("l2", "Bulb", "home", (Components(item=1000),), order.lines[0].terms_id)
    both = (Tender("t1", Method.CARD, 10000),)
    market = Market(replace(order, lines=(*order.lines, bulb), tenders=both))
    market.ship("p1", line_ids=("l1",))
    market.wait(days=1)
    market.ship("p2", line_ids=("l2",))
    market.wait(days=1)
    market.deliver("p1")
    assert market.custody.stage is Stage.AWAITING_DELIVERY
    assert market.custody.protection_ends_at == PLACED + 61 * DAY
    market.wait(days=3)
    market.deliver("p2")
    assert market.custody.stage is Stage.PROTECTED
    assert market.custody.protection_ends_at == market.now + 15 * DAY


def test_a_longer_return_window_of_the_seller_holds_the_money_as_long() -> None:
    terms = terms_for()
    (window,) = terms.values["return.window"]
    kinder = replace(
        terms,
        terms_id="kinder",
        values={**terms.values, "return.window": (replace(window, value=replace(window.value, amount=30)),)},
    )
    market = Market.delivered(terms=kinder)
    assert market.custody.protection_ends_at == market.now + 30 * DAY
    market.now += 29 * DAY
    market.lapse()
    assert market.books() == {"escrow": 9000}
    assert market.custody.waiting is not None
    assert market.custody.waiting.clause == "return.window.default"
    market.open(DAMAGED)


def test_a_mediator_has_no_business_with_an_orders_parcels() -> None:
    market = Market()
    parcel = Parcel("p1", market.now)
    for actor in (BUYER, MEDIATOR, PROVIDER):
        market.refused("not_yours", oc.RecordParcel(parcel=parcel), actor, on_order=True)
    scans = oc.RecordTracking(parcel_id="p1", events=(TrackingEvent(market.now, Signal.DELIVERED),))
    market.refused("not_found", scans, CARRIER, on_order=True)
    market.must(oc.RecordParcel(parcel=parcel), OPERATOR, on_order=True)
    for actor in (BUYER, SELLER):
        market.refused("not_yours", scans, actor, on_order=True)


def test_what_was_refunded_in_part_and_released_adds_up() -> None:
    market = Market.delivered()
    market.open(DAMAGED)
    market.must(offer(1234), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.confirm_refunds()
    assert market.case.outcome is Outcome.PARTLY_REFUNDED
    market.must(CONFIRM, BUYER, on_order=True)
    assert market.books() == {"seller": 7766}
    assert market.custody.books.refunded == {"t1": 1234}
