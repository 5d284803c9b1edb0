"""Every clock of the lifecycle to the millisecond: at the exact instant it is late, summer time or not."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import (
    BOTH,
    CHANGED_MIND,
    DAMAGED,
    SENSIBLE,
    SHIP_RETURN,
    actor_for,
    offer,
    reach,
)
from tests.domain.marketplace import BUYER, CARRIER, PLACED, SELLER, Market, an_order, terms_for

from amends.adapters.packs import load
from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import LIFECYCLE, REPORTS
from amends.domain.cases.model import Goods, Outcome, Remedy, State
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.parties import CLOCK
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import Terms, resolve
from amends.domain.time import Period

LIVE = [state for state in State if state is not State.CLOSED]
MILLISECOND = timedelta(milliseconds=1)
MICROSECOND = timedelta(microseconds=1)

# When each clock of `reach` ends: an hour or so after what started it, in the default pack.
ENDS = {
    State.CANCEL_REQUESTED: "2026-03-06T15:00:00+00:00",
    State.DRAFTING: "2026-04-05T09:00:00+00:00",
    State.AWAITING_SELLER: "2026-03-11T09:00:00+00:00",
    State.AWAITING_BUYER: "2026-03-11T10:00:00+00:00",
    State.MEDIATING: "2026-03-11T11:00:00+00:00",
    State.MEDIATING_LATE: "2026-03-20T11:00:00+00:00",
    State.AWAITING_EVIDENCE: "2026-03-09T12:00:00+00:00",
    State.RULED: "2026-03-13T12:00:00+00:00",
    State.APPEALED: "2026-03-13T13:00:00+00:00",
    State.AWAITING_INSTRUCTIONS: "2026-03-09T10:00:00+00:00",
    State.AWAITING_SHIPMENT: "2026-03-16T11:00:00+00:00",
    State.RETURN_IN_TRANSIT: "2026-03-26T12:00:00+00:00",
    # Delivered on Friday the 6th: Monday, Tuesday, Wednesday.
    State.INSPECTING: "2026-03-12T00:00:00+00:00",
    State.REJECTED: "2026-03-11T14:00:00+00:00",
    State.AWAITING_REPLACEMENT: "2026-03-13T09:00:00+00:00",
    State.AWAITING_PAYMENT: "2026-03-11T09:00:00+00:00",
    State.REPLACEMENT_IN_TRANSIT: "2026-03-26T10:00:00+00:00",
    State.REFUND_APPROVED: "2026-03-03T10:00:00+00:00",
    # Fifteen days of banks after Friday the 6th, to the end of the last.
    State.REFUND_INITIATED: "2026-03-28T00:00:00+00:00",
    State.REFUND_OVERDUE: "2026-04-07T00:00:00+00:00",
    State.REFUND_METHOD_NEEDED: "2026-03-13T12:00:00+00:00",
}


def until(market: Market) -> datetime:
    """The deadline of the market's case."""
    assert market.case.waiting is not None
    return market.case.waiting.until


@pytest.mark.parametrize("state", LIVE)
def test_each_clock_ends_when_the_default_pack_says(state: State) -> None:
    assert until(reach(state)).isoformat() == ENDS[state]


@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize("early", [MILLISECOND, MICROSECOND], ids=["1 ms", "1 us"])
def test_before_its_deadline_a_case_does_not_lapse(state: State, early: timedelta) -> None:
    market = reach(state)
    market.now = until(market) - early
    market.refused("not_possible_now", c.Lapse(), CLOCK)


@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize("late", [timedelta(0), MILLISECOND, timedelta(days=30)], ids=["T", "T+1ms", "T+30d"])
def test_from_its_deadline_on_a_case_lapses_and_nobody_decides(state: State, late: timedelta) -> None:
    market = reach(state)
    market.now = until(market) + late
    for name, move in LIFECYCLE[state].moves.items():
        if name in REPORTS:
            continue
        for role in move.by:
            market.refused("window_closed", SENSIBLE[name](market), actor_for(state, role))
    market.must(c.Lapse(), CLOCK)
    assert market.case.state in LIFECYCLE[state].lapses_to


@pytest.mark.parametrize("state", LIVE)
def test_a_clock_that_is_asked_twice_acts_once(state: State) -> None:
    market = reach(state)
    market.now = until(market)
    market.must(c.Lapse(), CLOCK)
    if market.case.waiting is None or market.case.waiting.until > market.now:
        market.refused("not_possible_now", c.Lapse(), CLOCK)


@pytest.mark.parametrize("state", [s for s in LIVE if s is not State.REFUND_OVERDUE])
def test_after_a_clock_jump_the_next_clock_counts_from_when_the_lapse_happened(state: State) -> None:
    market = reach(state)
    jumped = until(market) + timedelta(days=100)
    market.now = jumped
    market.must(c.Lapse(), CLOCK)
    if market.case.live:
        assert until(market) > jumped


@pytest.mark.parametrize("state", LIVE)
def test_a_clock_that_goes_back_changes_nothing(state: State) -> None:
    market = reach(state)
    waiting = market.case.waiting
    market.now -= timedelta(minutes=30)
    market.refused("not_possible_now", c.Lapse(), CLOCK)
    assert market.case.waiting == waiting


ORDERS = {
    "ship by": ("cancel_unshipped", Stage.CANCELLED, "2026-03-09T09:00:00+00:00"),
    "reminder on the way": ("remind_protection", Stage.AWAITING_DELIVERY, "2026-04-28T09:00:00+00:00"),
    "never delivered": ("release_escrow", Stage.RELEASED, "2026-05-01T09:00:00+00:00"),
    "reminder after delivery": ("remind_protection", Stage.PROTECTED, "2026-03-18T09:00:00+00:00"),
    "protection after delivery": ("release_escrow", Stage.RELEASED, "2026-03-21T09:00:00+00:00"),
    "payout": ("pay_out", Stage.RELEASED, "2026-03-07T09:00:00+00:00"),
}


def order_at(clock: str) -> Market:
    """An order whose own clock is the one of that name."""
    if clock == "ship by":
        return Market()
    if clock in {"reminder on the way", "never delivered"}:
        market = Market()
        market.ship()
    else:
        market = Market.delivered()
    if clock == "payout":
        market.must(oc.ConfirmReceipt(), BUYER, on_order=True)
    if clock in {"never delivered", "protection after delivery"}:
        assert market.custody.waiting is not None
        market.now = market.custody.waiting.until
        market.lapse()
    return market


@pytest.mark.parametrize("clock", ORDERS)
def test_each_clock_of_an_order_lapses_at_its_instant_and_not_before(clock: str) -> None:
    default, stage, ends = ORDERS[clock]
    for late in (timedelta(0), MILLISECOND):
        market = order_at(clock)
        waiting = market.custody.waiting
        assert waiting is not None
        assert (waiting.default, waiting.until.isoformat()) == (default, ends)
        market.now = waiting.until - MILLISECOND
        market.refused("not_possible_now", oc.LapseOrder(), CLOCK, on_order=True)
        market.refused("not_possible_now", oc.LapseOrder(), SELLER, on_order=True)
        market.now = waiting.until + late
        market.must(oc.LapseOrder(), CLOCK, on_order=True)
        assert market.custody.stage is stage


# ---- windows


@pytest.mark.parametrize(
    ("late", "open_"), [(-MILLISECOND, True), (timedelta(0), False), (MILLISECOND, False)]
)
def test_the_return_window_is_half_open(late: timedelta, open_: bool) -> None:
    market = Market.delivered()
    market.now += timedelta(days=15) + late
    if open_:
        market.open(DAMAGED)
    else:
        market.refused("window_closed", DAMAGED, BUYER, on_order=True)


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (timedelta(days=57) - MILLISECOND, "not_open_yet"),
        (timedelta(days=57), ""),
        (timedelta(days=60) - MILLISECOND, ""),
        (timedelta(days=60), "window_closed"),
    ],
)
def test_goods_can_be_reported_missing_in_the_last_days_of_the_protection(at: timedelta, kind: str) -> None:
    market = Market()
    market.ship()
    market.now += at
    missing = c.OpenClaim(reason="not_received.overdue", units=BOTH, wanted=Remedy(9000))
    if kind:
        market.refused(kind, missing, BUYER, on_order=True)
    else:
        market.open(missing)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (timedelta(hours=24) - MILLISECOND, State.REFUND_APPROVED),
        (timedelta(hours=24), State.CANCEL_REQUESTED),
        (timedelta(hours=24) + MILLISECOND, State.CANCEL_REQUESTED),
    ],
)
def test_the_free_period_is_half_open(at: timedelta, state: State) -> None:
    market = Market()
    market.now = PLACED + at
    assert market.open(CHANGED_MIND).state is state


# ---- summer time


def with_period(name: str, period: Period) -> Terms:
    """The terms of the default pack with another period for one clock."""
    terms = terms_for()
    (candidate, *rest) = terms.values[name]
    values = {**terms.values, name: (replace(candidate, value=period), *rest)}
    return replace(terms, terms_id=f"{name}-{period}-{period.zone}", values=values)


@pytest.mark.parametrize(
    ("zone", "opened", "ends"),
    [
        # Berlin springs forward on 29 March 2026: midnight is at 23:00 UTC before it and at 22:00 after it.
        ("Europe/Berlin", "2026-03-25T09:00:00+00:00", "2026-03-30T22:00:00+00:00"),
        ("Europe/Berlin", "2026-03-18T09:00:00+00:00", "2026-03-23T23:00:00+00:00"),
        # Five days from the 17th end on a Sunday, so with the Monday after it.
        ("Europe/Berlin", "2026-03-17T09:00:00+00:00", "2026-03-23T23:00:00+00:00"),
        # And falls back on 25 October.
        ("Europe/Berlin", "2026-10-22T09:00:00+00:00", "2026-10-27T23:00:00+00:00"),
        # Los Angeles springs forward on 8 March.
        ("America/Los_Angeles", "2026-03-06T09:00:00+00:00", "2026-03-12T07:00:00+00:00"),
        # In Havana midnight itself is skipped on 8 March.
        ("America/Havana", "2026-03-04T12:00:00+00:00", "2026-03-10T04:00:00+00:00"),
        # Kathmandu knows no summer time but is 5:45 ahead: at 20:00 UTC it is tomorrow there.
        ("Asia/Kathmandu", "2026-03-03T20:00:00+00:00", "2026-03-09T18:15:00+00:00"),
    ],
)
def test_calendar_days_end_at_midnight_where_they_are_counted(zone: str, opened: str, ends: str) -> None:
    start = datetime.fromisoformat(opened)
    five = Period(5, "days", "calendar", zone)
    order = an_order(placed_at=start - timedelta(days=4))
    market = Market.delivered(order, terms=with_period("negotiation.seller_response", five))
    assert market.now == start
    market.open(DAMAGED)
    expected = datetime.fromisoformat(ends)
    assert until(market) == expected
    market.now = expected - MILLISECOND
    market.must(c.DeclineOffer(), SELLER)
    market = Market.delivered(order, terms=with_period("negotiation.seller_response", five))
    market.open(DAMAGED)
    market.now = expected
    market.refused("window_closed", c.DeclineOffer(), SELLER)
    market.lapse()
    assert market.case.state is State.AWAITING_INSTRUCTIONS


@pytest.mark.parametrize("opened", ["2026-03-28T09:00:00+00:00", "2026-10-24T09:00:00+00:00"])
def test_days_as_durations_are_twenty_four_hours_each_whatever_clocks_do(opened: str) -> None:
    start = datetime.fromisoformat(opened)
    five = Period(5, "days", "elapsed", "Europe/Berlin")
    market = Market.delivered(
        an_order(placed_at=start - timedelta(days=4)),
        terms=with_period("negotiation.seller_response", five),
    )
    market.open(DAMAGED)
    assert until(market) == start + timedelta(hours=120)


def test_working_days_of_an_inspection_leave_out_the_weekend_and_easter() -> None:
    # Delivered on Thursday 2 April 2026; Good Friday and Easter Monday are free in Germany.
    working = Period(3, "working_days", "calendar", "Europe/Berlin", "DE")
    market = Market.delivered(
        an_order(placed_at=datetime(2026, 3, 25, 9, tzinfo=UTC)), terms=with_period("inspect.clock", working)
    )
    market.open(DAMAGED)
    market.must(c.AcceptOffer(), SELLER)
    market.must(SENSIBLE["give_instructions"](market), SELLER)
    market.must(SHIP_RETURN, BUYER)
    market.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    market.must(SENSIBLE["record_return_scan"](market), CARRIER)
    assert until(market).isoformat() == "2026-04-09T22:00:00+00:00"


def test_a_sellers_clock_stands_still_over_the_chinese_new_year() -> None:
    packs = load(("default", "aliexpress"))
    placed = datetime(2027, 1, 25, 12, tzinfo=UTC)
    terms = resolve(packs, Facts(category="home", currency="EUR", placed_at=placed))
    market = Market.delivered(an_order(placed_at=placed), terms=terms)
    market.wait(days=4)  # 2 February; 5 to 12 February are paused, in Pacific time
    market.open(DAMAGED)
    opened = market.now
    # The negotiation itself is not paused: after seven days the platform steps in.
    assert until(market) == opened + timedelta(days=7)
    assert market.case.waiting is not None
    assert market.case.waiting.default == "escalate"


def test_an_order_forgotten_for_months_catches_up_in_the_right_order() -> None:
    market = Market.delivered()
    market.open(DAMAGED)
    market.must(offer(3000, Goods.RETURN), SELLER)
    market.wait(days=200)
    market.lapse()
    seen = [type(one.event).__name__ for one in market.log]
    assert seen.index("CaseEscalated") < seen.index("ProtectionReminded") < seen.index("ProtectionEnded")
    # What follows a late lapse counts from when it happened: the case goes on, it does not fall through.
    assert market.case.state is State.MEDIATING
    assert until(market) == market.now + timedelta(days=5)
    assert market.custody.stage is Stage.HELD


def test_silence_alone_ends_every_case_and_releases_the_money() -> None:
    for state in LIVE:
        market = reach(state)
        for _ in range(20):
            if not market.case.live:
                break
            market.to_deadline()
        assert not market.case.live, state
        assert market.case.outcome is not Outcome.EXCHANGED
