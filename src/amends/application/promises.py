"""How the guarantees are kept: what became of claims under each, counted anew every few minutes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from amends.application.ports.figures import Closing, Figures
from amends.domain.cover import GUARANTEES

SPAN = timedelta(days=90)
# The page is for everybody: however often it is read, the count is made once in this time.
FRESH = timedelta(minutes=10)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Claims under one guarantee that were closed in the span: how many, in how many money reached the buyer,
    how much by currency (minor units), and within how many hours they usually were (the middle of the
    reasons' medians, weighted by their claims).
    """

    claims: int
    paid: int
    refunded: dict[str, int]
    hours: int

    @property
    def share(self) -> int:
        """In how many of them money reached the buyer, in basis points."""
        return self.paid * 10_000 // self.claims


class Promises:
    """What is counted for the page of guarantees; the same for everybody."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._at: datetime | None = None
        self._kept: Mapping[str, Kept] = {}

    async def kept(self, now: datetime) -> Mapping[str, Kept]:
        """By guarantee (see `GUARANTEES`); those without a closed claim are left out."""
        if self._at is None or not timedelta() <= now - self._at < FRESH:
            self._kept = counted(await self._figures.closings(now - SPAN, now, "reason"))
            self._at = now
        return self._kept


def counted(closings: Sequence[Closing]) -> Mapping[str, Kept]:
    """Closed claims by the guarantee their reason rests on."""
    groups: dict[str, list[Closing]] = defaultdict(list)
    for one in closings:
        guarantee = GUARANTEES.get(one.group.partition(".")[0])
        if guarantee:
            groups[guarantee].append(one)
    return {guarantee: _sum(found) for guarantee, found in groups.items()}


def _sum(found: Sequence[Closing]) -> Kept:
    refunded: dict[str, int] = defaultdict(int)
    for one in found:
        refunded[one.currency] += one.refunded
    claims = sum(one.cases for one in found)
    reached, hours = 0, 0
    for one in sorted(found, key=lambda each: each.hours):
        reached, hours = reached + one.cases, one.hours
        if reached * 2 >= claims:
            break
    paid = sum(one.granted for one in found)
    return Kept(claims=claims, paid=paid, refunded=dict(refunded), hours=hours)
