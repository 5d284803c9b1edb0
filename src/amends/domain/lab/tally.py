"""What many compared cases come to: sums that can be added up in any order, and intervals from them."""

from math import sqrt
from typing import Literal

import msgspec

from amends.domain.lab.compare import Pair

# The normal distribution's bounds that hold 95 of 100.
_Z = 1.96

Side = Literal["buyer", "seller", "platform", "days"]
SIDES: tuple[Side, ...] = ("buyer", "seller", "platform", "days")


class Moments(msgspec.Struct):
    """Sums of a figure then, under the draft, and of the differences and their squares."""

    was: float = 0
    now: float = 0
    squares: float = 0

    def add(self, was: float, now: float) -> None:
        """One more case."""
        self.was += was
        self.now += now
        self.squares += (now - was) ** 2

    def merge(self, other: "Moments") -> None:
        """All cases of another sum."""
        self.was += other.was
        self.now += other.now
        self.squares += other.squares


class Interval(msgspec.Struct, frozen=True):
    """A difference for each case, draft less past, with the bounds of its 95 % interval."""

    mean: float
    low: float
    high: float


def interval(moments: Moments, cases: int) -> Interval:
    """The mean paired difference and its normal 95 % interval: mean ± 1.96 s/√n, s with n - 1.

    The cases are taken for a random draw of those like them. Below two cases the bounds are the mean.
    """
    if cases < 1:
        return Interval(0.0, 0.0, 0.0)
    mean = (moments.now - moments.was) / cases
    if cases < 2:
        return Interval(mean, mean, mean)
    variance = max(0.0, (moments.squares - cases * mean * mean) / (cases - 1))
    off = _Z * sqrt(variance / cases)
    return Interval(mean, mean - off, mean + off)


class Group(msgspec.Struct):
    """Cases of a group in one currency: how many, how many end otherwise, and their figures.

    Days count only cases that were opened both ways; ``lasting`` is how many those are.
    """

    cases: int = 0
    changed: int = 0
    refused: int = 0
    silent: int = 0
    mediated_was: int = 0
    mediated_now: int = 0
    lasting: int = 0
    buyer: Moments = msgspec.field(default_factory=Moments)
    seller: Moments = msgspec.field(default_factory=Moments)
    platform: Moments = msgspec.field(default_factory=Moments)
    days: Moments = msgspec.field(default_factory=Moments)

    def add(self, pair: Pair) -> None:
        """One more case."""
        was, now = pair.was, pair.now
        self.cases += 1
        self.changed += pair.changed
        self.refused += bool(pair.refused)
        self.silent += pair.silent
        self.mediated_was += bool(was and was.mediated)
        self.mediated_now += bool(now and now.mediated)
        self.buyer.add(was.buyer if was else 0, now.buyer if now else 0)
        self.seller.add(was.seller if was else 0, now.seller if now else 0)
        self.platform.add(was.platform if was else 0, now.platform if now else 0)
        if was is not None and now is not None and not pair.refused:
            self.lasting += 1
            self.days.add(was.days, now.days)

    def merge(self, other: "Group") -> None:
        """All cases of another group."""
        for name in ("cases", "changed", "refused", "silent", "mediated_was", "mediated_now", "lasting"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for side in SIDES:
            self.moments(side).merge(other.moments(side))

    def moments(self, side: Side) -> Moments:
        """The sums of one figure."""
        found: Moments = getattr(self, side)
        return found

    def difference(self, side: Side) -> Interval:
        """What the draft changes for each case: minor units, or days."""
        return interval(self.moments(side), self.lasting if side == "days" else self.cases)


class Tally(msgspec.Struct):
    """All groups by currency, and by currency and reason or category; how outcomes moved.

    ``moved`` counts changed cases by ``past>draft`` outcome. ``unended`` cases were left out.
    """

    all: dict[str, Group] = {}
    by_reason: dict[str, dict[str, Group]] = {}
    by_category: dict[str, dict[str, Group]] = {}
    moved: dict[str, int] = {}
    outcomes_was: dict[str, int] = {}
    outcomes_now: dict[str, int] = {}
    unended: int = 0

    def add(self, pair: Pair) -> None:
        """One more case."""
        one = pair.either
        self.all.setdefault(one.currency, Group()).add(pair)
        self.by_reason.setdefault(one.currency, {}).setdefault(one.reason, Group()).add(pair)
        self.by_category.setdefault(one.currency, {}).setdefault(one.category, Group()).add(pair)
        was = pair.was.outcome if pair.was else ""
        now = pair.now.outcome if pair.now else ""
        _count(self.outcomes_was, was, 1)
        _count(self.outcomes_now, now, 1)
        if pair.changed:
            _count(self.moved, f"{was}>{now}", 1)

    def merge(self, other: "Tally") -> None:
        """All cases of another tally."""
        for currency, group in other.all.items():
            self.all.setdefault(currency, Group()).merge(group)
        for mine, theirs in ((self.by_reason, other.by_reason), (self.by_category, other.by_category)):
            for currency, groups in theirs.items():
                for name, group in groups.items():
                    mine.setdefault(currency, {}).setdefault(name, Group()).merge(group)
        pairs = (
            (self.moved, other.moved),
            (self.outcomes_was, other.outcomes_was),
            (self.outcomes_now, other.outcomes_now),
        )
        for counts, more in pairs:
            for name, number in more.items():
                _count(counts, name, number)
        self.unended += other.unended

    @property
    def cases(self) -> int:
        """How many cases were compared."""
        return sum(group.cases for group in self.all.values())

    @property
    def changed(self) -> int:
        """How many end otherwise."""
        return sum(group.changed for group in self.all.values())


def _count(counts: dict[str, int], name: str, number: int) -> None:
    counts[name] = counts.get(name, 0) + number
