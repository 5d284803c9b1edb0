"""What stands out about a buyer: from which counts on, over which time, and what never counts."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

import amends.domain
from amends.adapters.packs import load
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import resolve
from amends.domain.signals import (
    BuyerTrace,
    Contest,
    History,
    Neighbour,
    Peers,
    Sign,
    Signal,
    period_of,
    removed_of,
    signals_of,
)

pytestmark = pytest.mark.row("P10")
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
TERMS = resolve(load(("default",)), Facts(placed_at=NOW, currency="EUR"))
ALONE, MANY = Peers(), Peers(buyers=500, orders=10_000, claims=500)


def trace(number: int, reason: str = "quality.defective", **more: object) -> BuyerTrace:
    fields = {"opened_at": NOW - timedelta(days=number), "category": "home", **more}
    return BuyerTrace(case_id=f"o{number}.1", reason=reason, **fields)  # type: ignore[arg-type]


def seen(*traces: BuyerTrace, orders: int = 10, peers: Peers = ALONE, **more: object) -> dict[Sign, Signal]:
    history = History(
        buyer_id="ana",
        since=NOW - period_of(TERMS),
        until=NOW,
        orders=orders,
        traces=traces,
        peers=peers,
        **more,  # type: ignore[arg-type]
    )
    return {one.sign: one for one in signals_of(history, TERMS)}


def test_a_buyer_of_whom_nothing_is_known_stands_out_by_nothing() -> None:
    assert seen(orders=0) == {}
    assert period_of(TERMS) == timedelta(days=180)


@pytest.mark.parametrize(
    ("returns", "orders", "stands_out"), [(5, 10, True), (4, 10, False), (5, 9, False), (5, 11, False)]
)
def test_returns_stand_out_from_a_count_a_share_and_enough_orders(
    returns: int, orders: int, stands_out: bool
) -> None:
    found = seen(*(trace(n, sent_back=True) for n in range(returns)), orders=orders)
    assert (Sign.SERIAL_RETURNS in found) is stands_out
    if stands_out:
        one = found[Sign.SERIAL_RETURNS]
        assert (one.count, one.of, one.least, one.share) == (5, 10, 5, 5000)
        assert one.basis == tuple(f"o{n}.1" for n in range(5))
        assert one.clause == "signals.default"
        assert TERMS.clause(one.clause)


def test_a_rate_is_high_against_all_other_buyers_alone() -> None:
    claims = [trace(n) for n in range(5)]
    # The others have 495 claims on 9 980 orders: five on twenty are five times as many.
    high = seen(*claims, orders=20, peers=MANY)[Sign.HIGH_RATE]
    assert (high.count, high.of, high.times) == (5, 20, 504)
    assert Sign.HIGH_RATE not in seen(*claims, orders=40, peers=MANY)
    # With hardly anybody to compare with, nothing is high.
    assert Sign.HIGH_RATE not in seen(*claims, orders=20, peers=Peers(2, 119, 5))
    assert Sign.HIGH_RATE in seen(*claims, orders=20, peers=Peers(2, 120, 5))


def test_returns_after_use_need_a_pattern_and_no_fault() -> None:
    late = {
        "sent_back": True,
        "delivered_at": NOW - timedelta(days=30),
        "opened_at": NOW - timedelta(days=20),
    }
    soon = {**late, "opened_at": NOW - timedelta(days=21)}
    mind = "no_reason.changed_mind"
    assert seen(*(trace(n, mind, **late) for n in range(3)))[Sign.WORN_RETURNS].count == 3
    assert Sign.WORN_RETURNS not in seen(*(trace(n, mind, **late) for n in range(2)))
    assert Sign.WORN_RETURNS not in seen(*(trace(n, mind, **soon) for n in range(3)))
    assert Sign.WORN_RETURNS in seen(*(trace(n, mind, **soon, used=True) for n in range(3)))
    assert Sign.WORN_RETURNS not in seen(*(trace(n, **late, used=True) for n in range(3)))


def test_a_denied_delivery_needs_a_proven_one_twice() -> None:
    lost = "not_received.shown_delivered"
    assert seen(*(trace(n, lost, proven=True) for n in range(2)))[Sign.DENIED_DELIVERY].count == 2
    assert Sign.DENIED_DELIVERY not in seen(trace(1, lost, proven=True), trace(2, lost))
    assert Sign.DENIED_DELIVERY not in seen(*(trace(n, proven=True) for n in range(2)))


def test_living_together_says_nothing_by_itself() -> None:
    quiet, loud = Neighbour("bo", 30, 0), Neighbour("cem", 4, 3)
    two = [trace(1), trace(2)]
    assert Sign.LINKED_ACCOUNTS not in seen(*two, neighbours=(quiet,))
    assert Sign.LINKED_ACCOUNTS not in seen(trace(1), neighbours=(loud,))
    assert Sign.LINKED_ACCOUNTS not in seen(neighbours=(replace(loud, claims=9),))
    linked = seen(*two, neighbours=(quiet, loud))[Sign.LINKED_ACCOUNTS]
    assert (linked.count, linked.of, linked.basis) == (5, 14, ("cem",))


def test_what_a_mediator_decided_for_the_buyer_never_counts() -> None:
    told = [trace(n, sent_back=True, upheld=n == 0) for n in range(5)]
    assert Sign.SERIAL_RETURNS not in seen(*told)


def test_what_was_removed_counts_no_more_and_comes_back_only_with_new_cases() -> None:
    old = tuple(trace(n, sent_back=True) for n in range(5))
    history = History(buyer_id="ana", since=NOW, until=NOW, orders=10, traces=old)
    (signal,) = signals_of(history, TERMS)
    contest = Contest(
        contest_id="1", buyer_id="ana", sign=signal.sign, reason="No.", at=NOW, basis=signal.basis
    )
    assert signals_of(history, TERMS, removed_of([contest]))
    assert signals_of(history, TERMS, removed_of([replace(contest, state="upheld")]))
    gone = removed_of([replace(contest, state="removed")])
    assert signals_of(history, TERMS, gone) == ()
    new = tuple(trace(n, sent_back=True) for n in range(10, 15))
    (again,) = signals_of(replace(history, traces=(*old, *new)), TERMS, gone)
    assert again.basis == tuple(one.case_id for one in new)


def test_no_rule_reads_signals() -> None:
    """Nothing in the domain that decides, resolves terms or counts money imports them."""
    folder = Path(amends.domain.__file__).parent
    readers = [
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "amends.domain.signals"
    ]
    assert readers == []
