"""The protection fund: what it paid, for which guarantee, and how that compares with its budget."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec

from amends.domain.money import Money
from amends.domain.policy.clauses import Rates, convert

#: Which guarantee a claim's branch of reasons rests on (D480-494).
GUARANTEES: Mapping[str, str] = {
    "not_received": "arrives",
    "not_as_described": "described",
    "quality": "described",
    "late": "on_time",
    "fake": "genuine",
}
OTHERS = ("postage", "goodwill", "other")
KINDS = (*dict.fromkeys(GUARANTEES.values()), *OTHERS)


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """What the fund paid on a day (UTC) in one currency, in minor units: for ``payments`` of a purpose
    (cover, compensation, freight, goodwill) and a reason, empty where no case was behind it.
    """

    day: date
    purpose: str
    reason: str
    currency: str
    amount: int
    payments: int

    @property
    def kind(self) -> str:
        """One of `KINDS`: what it was paid for."""
        if self.purpose == "goodwill":
            return "goodwill"
        if self.purpose == "freight":
            return "postage"
        return GUARANTEES.get(self.reason.partition(".")[0], "other")


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar month (UTC) of the fund, in minor units of its budget's currency.

    ``budget`` and ``warn_at`` (basis points of it) are the policy's at the month's beginning. ``unpriced`` is
    what was paid in currencies without a rate, by currency: it is not in ``spent``.
    """

    first: date
    budget: int
    warn_at: int
    spent: int
    by_kind: dict[str, int]
    payments: int
    unpriced: dict[str, int]

    @property
    def left(self) -> int:
        """What is left of the budget; below zero it is overdrawn."""
        return self.budget - self.spent

    @property
    def share(self) -> int | None:
        """How much of the budget is spent, in basis points; None for no budget."""
        return self.spent * 10_000 // self.budget if self.budget else None

    @property
    def state(self) -> str:
        """Fine, warned or overdrawn."""
        if self.spent > self.budget:
            return "overdrawn"
        return "warned" if self.spent * 10_000 >= self.budget * self.warn_at and self.spent else "fine"


def month_of(
    first: date, paid: Iterable[Paid], budget: int, warn_at: int, currency: str, rates: Rates | None
) -> Month:
    """The month that begins with ``first`` from what was paid in it; other days are left out."""
    by_kind: Counter[str] = Counter()
    unpriced: Counter[str] = Counter()
    payments = 0
    for one in paid:
        if (one.day.year, one.day.month) != (first.year, first.month):
            continue
        payments += one.payments
        turned = convert(Money(one.amount, one.currency), currency, rates)
        if turned is None:
            unpriced[one.currency] += one.amount
        else:
            by_kind[one.kind] += turned
    return Month(
        first=first,
        budget=budget,
        warn_at=warn_at,
        spent=sum(by_kind.values()),
        by_kind={kind: by_kind[kind] for kind in KINDS if by_kind[kind]},
        payments=payments,
        unpriced=dict(sorted(unpriced.items())),
    )


def months_up_to(now: datetime, number: int) -> Sequence[date]:
    """The first days of the last months, the one that runs now first."""
    current = now.astimezone(UTC).date().replace(day=1)
    found = [current]
    while len(found) < number:
        last = found[-1]
        found.append(last.replace(year=last.year - (last.month == 1), month=(last.month - 2) % 12 + 1))
    return found
