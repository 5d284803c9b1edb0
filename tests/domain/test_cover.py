"""The protection fund: sums by guarantee, beside a budget that warns and never refuses."""

from datetime import UTC, date, datetime

import pytest

from amends.domain.cover import Paid, month_of, months_up_to
from amends.domain.policy.clauses import Rates

RATES = Rates("EUR", "2026-10-30", "a bank", {"USD": "1.25"})
NOVEMBER = date(2026, 11, 1)


def paid(amount: int, reason: str = "", purpose: str = "cover", currency: str = "EUR", day: int = 5) -> Paid:
    return Paid(
        day=date(2026, 11, day), purpose=purpose, reason=reason, currency=currency, amount=amount, payments=1
    )


@pytest.mark.row("L1")
def test_a_month_is_summed_by_guarantee_in_one_currency() -> None:
    rows = [
        paid(1000, "not_received.overdue"),
        paid(1250, "quality.defective", currency="USD"),
        paid(300, "late.after_promise", "compensation"),
        paid(70, "fake.counterfeit", "freight"),
        paid(20, "", "goodwill"),
        paid(5, "return.lost"),
        paid(900, "not_received.overdue", currency="CHF"),
    ]
    month = month_of(NOVEMBER, rows, 10_000, 8000, "EUR", RATES)
    assert month.by_kind == {
        "arrives": 1000, "described": 1000, "on_time": 300, "postage": 70, "goodwill": 20, "other": 5,
    }  # fmt: skip
    assert (month.spent, month.left, month.payments) == (2395, 7605, 7)
    assert month.unpriced == {"CHF": 900}
    assert month_of(date(2026, 10, 1), rows, 1, 1, "EUR", RATES).spent == 0


@pytest.mark.parametrize(
    ("spent", "state"),
    [(0, "fine"), (7999, "fine"), (8000, "warned"), (10_000, "warned"), (10_001, "overdrawn")],
)
def test_the_budget_warns_before_it_is_spent(spent: int, state: str) -> None:
    rows = [paid(spent)] if spent else []
    assert month_of(NOVEMBER, rows, 10_000, 8000, "EUR", RATES).state == state


def test_without_a_budget_everything_is_over_it() -> None:
    month = month_of(NOVEMBER, [paid(1)], 0, 8000, "EUR", RATES)
    assert (month.share, month.state) == (None, "overdrawn")


def test_months_go_back_over_the_turn_of_the_year() -> None:
    found = months_up_to(datetime(2027, 2, 1, tzinfo=UTC), 4)
    assert [day.isoformat() for day in found] == ["2027-02-01", "2027-01-01", "2026-12-01", "2026-11-01"]
