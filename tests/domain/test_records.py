"""A seller's record: what it counts, when it tells shares, and when it is strained."""

from datetime import UTC, datetime, timedelta

import pytest

from amends.adapters.packs import load
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import resolve
from amends.domain.records import CaseTrace, SellerRecord, Standing, period_of, record_of

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
TERMS = resolve(load(("default",)), Facts(placed_at=NOW, currency="EUR"))


def trace(number: int, *, hours: float | None = 1, lapsed: bool = False, ruled: str = "") -> CaseTrace:
    asked = NOW - timedelta(days=3)
    return CaseTrace(
        case_id=f"o{number}.1",
        kind="claim",
        reason="quality.defective",
        opened_at=asked,
        asked_at=asked,
        answered_at=None if hours is None else asked + timedelta(hours=hours),
        lapsed=lapsed,
        ruled=ruled,
    )


def record(*traces: CaseTrace, orders: int = 100) -> SellerRecord:
    return record_of("lamps", traces, orders, NOW, TERMS)


def test_a_record_counts_the_period_of_the_policy() -> None:
    assert period_of(TERMS) == timedelta(days=90)
    found = record()
    assert (found.since, found.until, found.rates_from) == (NOW - timedelta(days=90), NOW, 10)


def test_no_share_is_told_of_fewer_cases_than_the_policy_says() -> None:
    few = record(*(trace(n, ruled="buyer") for n in range(9)), orders=9)
    assert (few.upheld, few.cases, few.standing) == (9, 9, Standing.NEW)
    assert (few.upheld_share, few.lapse_share, few.case_share, few.median_shown_s) == (None,) * 4
    enough = record(*(trace(n) for n in range(10)))
    assert (enough.upheld_share, enough.lapse_share, enough.case_share) == (0, 0, 1000)
    assert enough.median_shown_s == 3600


def test_the_median_is_of_those_that_were_answered() -> None:
    found = record(*(trace(n, hours=hours) for n, hours in enumerate((1, 2, 30, None))))
    assert (found.asked, found.answered, found.median_answer_s) == (4, 3, 7200)


@pytest.mark.parametrize(
    ("lapsed", "upheld", "standing"),
    [
        (0, 0, Standing.GOOD),
        (2, 1, Standing.GOOD),  # exactly at both limits
        (3, 0, Standing.STRAINED),
        (0, 2, Standing.STRAINED),
    ],
)
def test_a_record_is_strained_beyond_the_limits_of_the_policy(
    lapsed: int, upheld: int, standing: Standing
) -> None:
    traces = [trace(n, lapsed=n < lapsed, ruled="buyer" if n < upheld else "seller") for n in range(10)]
    assert record(*traces).standing is standing


def test_reasons_are_counted_by_branch() -> None:
    assert record(trace(1), trace(2)).reasons == {"quality": 2}
