"""How evenly cases are decided: agreement with the rules' recommendation, appeals that changed a ruling, and
like cases decided differently. It tells people where to look; it never decides."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from amends.application.ports.figures import Decided
from amends.domain.cases.model import Goods, Remedy


class Grant(StrEnum):
    """How much of what was asked for a ruling gave."""

    NOTHING = "nothing"
    PART = "part"
    ALL = "all"


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Of ``rulings`` by people with a recommendation: ``same`` remedy, or at least on the same ``side``.

    ``appeals`` are rulings on appeal whose first ruling is among them too; ``overturned`` those that decided
    otherwise than the first.
    """

    rulings: int = 0
    same: int = 0
    side: int = 0
    appeals: int = 0
    overturned: int = 0


class Unlike(msgspec.Struct, frozen=True, kw_only=True):
    """Rulings on like cases (same reason, evidence and wish) that granted differently, newest first."""

    reason: str
    shown: tuple[str, ...]
    rulings: tuple[Decided, ...]

    @property
    def spread(self) -> int:
        """From the smallest to the largest part granted, in basis points of what was asked."""
        parts = [part(one) for one in self.rulings]
        return max(parts) - min(parts)


def part(one: Decided) -> int:
    """What was granted of what was asked, in basis points, at most 10 000."""
    if one.remedy.exchange_variant:
        return 10_000
    return min(10_000, one.remedy.amount * 10_000 // one.asked.amount) if one.asked.amount else 0


def grant(remedy: Remedy, asked: Remedy) -> Grant:
    """How much of ``asked`` a remedy gives; an exchange that was asked for counts as all."""
    if remedy.exchange_variant:
        return Grant.ALL if asked.exchange_variant else Grant.PART
    if not remedy.amount:
        return Grant.NOTHING
    return Grant.ALL if remedy.amount >= asked.amount and not asked.exchange_variant else Grant.PART


def agreement(rulings: Sequence[Decided]) -> Agreement:
    """How often people ruled as the rules recommended, and how often an appeal changed the first ruling."""
    advised = [(one, one.recommended) for one in rulings if one.recommended is not None]
    first = {one.case_id: one for one in rulings if one.number == 0}
    appeals = [(one, first[one.case_id]) for one in rulings if one.number > 0 and one.case_id in first]
    return Agreement(
        rulings=len(advised),
        same=sum(_same(one.remedy, advice) for one, advice in advised),
        side=sum(_for_buyer(one.remedy) is _for_buyer(advice) for one, advice in advised),
        appeals=len(appeals),
        overturned=sum(not _same(one.remedy, before.remedy) for one, before in appeals),
    )


def unlike(rulings: Sequence[Decided], most: int = 25) -> list[Unlike]:
    """Groups of like cases that were granted differently, the widest apart first."""
    alike: dict[tuple[object, ...], list[Decided]] = defaultdict(list)
    for one in _last_words(rulings):
        alike[(one.reason, one.shown, _wish(one.asked))].append(one)
    found = [
        Unlike(reason=group[0].reason, shown=group[0].shown, rulings=tuple(group))
        for group in alike.values()
        if len({grant(one.remedy, one.asked) for one in group}) > 1
    ]
    return sorted(found, key=lambda each: (-each.spread, each.reason))[:most]


def precedents(
    rulings: Sequence[Decided],
    *,
    case_id: str,
    category: str,
    shown: Sequence[str],
    asked: Remedy,
    most: int = 5,
) -> list[Decided]:
    """The rulings nearest to a case: like evidence, like wish, like goods, newest first among equals.

    ``rulings`` are those for the case's reason.
    """
    mine = set(shown)

    def near(one: Decided) -> tuple[float, int, int, float]:
        theirs = set(one.shown)
        both = mine | theirs
        evidence = len(mine & theirs) / len(both) if both else 1.0
        wish = (one.asked.goods, bool(one.asked.exchange_variant)) == (
            asked.goods,
            bool(asked.exchange_variant),
        )
        return evidence, wish, one.category == category, one.at.timestamp()

    others = [one for one in _last_words(rulings) if one.case_id != case_id]
    return sorted(others, key=near, reverse=True)[:most]


def _wish(asked: Remedy) -> tuple[Goods, bool]:
    return asked.goods, bool(asked.exchange_variant)


def _last_words(rulings: Sequence[Decided]) -> list[Decided]:
    """The last ruling of each case: what an appeal changed is no precedent."""
    last: dict[str, Decided] = {}
    for one in sorted(rulings, key=lambda each: each.number):
        last[one.case_id] = one
    return sorted(last.values(), key=lambda one: one.at, reverse=True)


def _same(one: Remedy, other: Remedy) -> bool:
    return (one.amount, one.goods, bool(one.exchange_variant)) == (
        other.amount,
        other.goods,
        bool(other.exchange_variant),
    )


def _for_buyer(remedy: Remedy) -> bool:
    return bool(remedy.amount or remedy.exchange_variant)
