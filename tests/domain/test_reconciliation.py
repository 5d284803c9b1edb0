"""A provider's report against the ledger: every difference explained, the sums exactly."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.domain.ledger import Stage
from amends.domain.reconciliation import (
    Entry,
    Movement,
    State,
    Why,
    reconcile,
    span,
    sums,
    unexplained,
)

DAY = date(2026, 3, 4)
SINCE, UNTIL = span(DAY)
NOON = SINCE + timedelta(hours=12)
NEXT = UNTIL + timedelta(hours=2)


def entry(amount: int, *, at: datetime = NOON, stage: Stage = Stage.POSTED, **more: object) -> Entry:
    fields = {"reference": "o1.1-r1", "currency": "EUR", "purpose": "refund", **more}
    return Entry(
        provider="sandbox",
        order_id="o1",
        case_id="o1.1",
        transfer_id="o1.1-r1",
        stream="o1",
        seq=7,
        amount=amount,
        stage=stage,
        at=at,
        **fields,  # type: ignore[arg-type]
    )


def line(amount: int, *, at: datetime = NOON, line_id: str = "sb_1", **more: object) -> Movement:
    fields = {"reference": "o1.1-r1", "currency": "EUR", "kind": "refund", **more}
    return Movement(provider="sandbox", line_id=line_id, amount=amount, at=at, **fields)  # type: ignore[arg-type]


def the_one(lines: Sequence[Movement], entries: Sequence[Entry], now: datetime = NEXT) -> tuple[Why, State]:
    (found,) = reconcile("sandbox", DAY, lines, entries, now)
    if entries:
        assert (found.order_id, found.case_id, found.transfer_id, found.stream, found.seq) == (
            "o1",
            "o1.1",
            "o1.1-r1",
            "o1",
            7,
        )
    return found.why, found.state


LATE = timedelta(days=5)
PENDING, VOIDED = Stage.PENDING, Stage.VOIDED


@pytest.mark.row("H5")
def test_what_both_say_is_no_difference() -> None:
    assert reconcile("sandbox", DAY, [line(-500)], [entry(-500, stage=PENDING), entry(-500)], NEXT) == []


@pytest.mark.row("H5")
@pytest.mark.parametrize(
    ("lines", "entries", "now", "why", "state"),
    [
        ([line(-500)], [], NEXT, Why.MISSING_HERE, State.OPEN),
        ([], [entry(-500)], NEXT, Why.IN_TRANSIT, State.WAITING),
        ([], [entry(-500)], UNTIL + LATE, Why.MISSING_THERE, State.OPEN),
        ([line(-500)], [entry(-500, stage=PENDING)], NEXT, Why.PENDING_HERE, State.WAITING),
        ([line(-500)], [entry(-500, stage=PENDING)], UNTIL + LATE, Why.PENDING_HERE, State.OPEN),
        (
            [line(-500)],
            [entry(-500, stage=PENDING), entry(-500, stage=VOIDED)],
            NEXT,
            Why.STOPPED,
            State.OPEN,
        ),
        ([line(-500)], [entry(-500, at=UNTIL)], NEXT, Why.TIMING, State.EXPLAINED),
        ([line(-500, at=UNTIL)], [entry(-500)], NEXT, Why.TIMING, State.EXPLAINED),
        ([line(-501)], [entry(-500)], NEXT, Why.AMOUNT, State.OPEN),
        ([line(-500), line(-500, line_id="sb_2")], [entry(-500)], NEXT, Why.DUPLICATE, State.OPEN),
        ([line(-500), line(500, line_id="sb_2", at=NOON)], [entry(-500)], NEXT, Why.RETURNED, State.OPEN),
        ([line(-500, kind="fee", reference="f")], [], NEXT, Why.FEE, State.EXPLAINED),
        (
            [line(-500, kind="chargeback")],
            [entry(-500, stage=PENDING)],
            UNTIL + LATE,
            Why.PENDING_HERE,
            State.WAITING,
        ),
    ],
)
def test_each_difference_has_its_explanation(
    lines: list[Movement], entries: list[Entry], now: datetime, why: Why, state: State
) -> None:
    assert the_one(lines, entries, now) == (why, state)


@pytest.mark.row("H5")
def test_another_currency_shows_on_both_sides() -> None:
    found = reconcile("sandbox", DAY, [line(-500, currency="USD")], [entry(-500)], NEXT)
    assert {(one.currency, one.why, one.effect) for one in found} == {
        ("USD", Why.CURRENCY, -500),
        ("EUR", Why.CURRENCY, 500),
    }


@pytest.mark.row("H5")
def test_a_dispute_won_by_the_marketplace_comes_to_nothing() -> None:
    lines = [line(-500, kind="chargeback"), line(500, kind="chargeback", line_id="sb_2", at=UNTIL)]
    entries = [entry(-500, stage=PENDING), entry(-500, stage=VOIDED, at=UNTIL)]
    assert the_one(lines, entries) == (Why.TIMING, State.EXPLAINED)


REFERENCES = st.sampled_from([f"o{n}.1-r1" for n in range(5)])
INSTANTS = st.integers(-30, 50).map(lambda hours: SINCE + timedelta(hours=hours))
CURRENCIES = st.sampled_from(["EUR", "USD"])


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    return [
        entry(
            draw(st.integers(-900, 900)),
            at=draw(INSTANTS),
            stage=draw(st.sampled_from(list(Stage))),
            reference=draw(REFERENCES),
            currency=draw(CURRENCIES),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]


@st.composite
def reports(draw: st.DrawFn) -> list[Movement]:
    return [
        line(
            draw(st.integers(-900, 900)),
            at=draw(INSTANTS),
            line_id=f"sb_{n}",
            reference=draw(REFERENCES),
            currency=draw(CURRENCIES),
            fee=draw(st.integers(0, 30)),
            kind=draw(st.sampled_from(["capture", "refund", "payout", "chargeback", "fee"])),
        )
        for n in range(draw(st.integers(0, 8)))
    ]


@pytest.mark.row("H5")
@settings(max_examples=300, deadline=None)
@given(reports(), ledgers(), st.integers(0, 200))
def test_the_sums_differ_by_exactly_what_is_explained(
    lines: list[Movement], entries: list[Entry], hours: int
) -> None:
    found = reconcile("sandbox", DAY, lines, entries, UNTIL + timedelta(hours=hours))
    told = sums(DAY, lines, entries)
    for one in told:
        assert unexplained(one, found) == 0
    known = {one.currency for one in told}
    assert all(one.currency in known for one in found if one.effect)
    assert len({one.difference_id for one in found}) == len(found)
