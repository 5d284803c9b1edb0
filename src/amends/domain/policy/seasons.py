"""Seasons: more time to return what is bought in a stretch of time, as clauses of a pack of promotions.

Source: D315-317. Of several extensions the latest counts, so seasons never shorten each other.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import msgspec

from amends.domain.policy.clauses import Clause
from amends.domain.policy.stack import Pack
from amends.domain.time import Period

PACK = "seasons"
DAYS_MAX = 365


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """What is bought from day ``first`` up to and with ``last`` (UTC) can be returned until ``until``, or for
    ``days`` more than otherwise (one of the two). ``countries`` and ``categories`` narrow it.
    """

    name: str
    first: date
    last: date
    until: date | None = None
    days: int = 0
    countries: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sentence: str = ""


class Mistake(NamedTuple):
    """A field that is not right, and why: order, past, length or either."""

    field: str
    why: str


def mistakes(season: Season, today: date) -> Iterator[Mistake]:
    """What is wrong with a season that is to come."""
    if season.last < season.first:
        yield Mistake("last", "order")
    if season.last <= today:
        yield Mistake("last", "past")
    if (season.until is None) == (not season.days):
        yield Mistake("until", "either")
    if season.until is not None and season.until <= season.last:
        yield Mistake("until", "order")
    if not 0 <= season.days <= DAYS_MAX:
        yield Mistake("days", "length")


def clause_of(season: Season, taken: Iterable[str]) -> dict[str, Any]:
    """The season as a clause in the shape of TOML, under an id that is not ``taken``."""
    slug = re.sub(r"[^a-z0-9]+", "-", season.name.lower()).strip("-")[:40] or "season"
    known, number = set(taken), 1
    clause_id = f"season.{slug}"
    while clause_id in known:
        number += 1
        clause_id = f"season.{slug}-{number}"
    sets: dict[str, Any]
    if season.until is not None:
        sets = {"return.extension_until": season.until.isoformat()}
        gives = f"may come back until {season.until.isoformat()}"
    else:
        sets = {"return.extension": f"{season.days} d"}
        gives = f"may come back within {season.days} days of its receipt"
    when: dict[str, Any] = {
        "placed_from": datetime.combine(season.first, time(), UTC),
        "placed_before": datetime.combine(season.last + timedelta(days=1), time(), UTC),
    }
    if season.countries:
        when["buyer_country"] = list(season.countries)
    if season.categories:
        when["category"] = list(season.categories)
    said = f"{season.name}: what is bought from {season.first} to {season.last} {gives}."
    return {
        "id": clause_id,
        "sets": sets,
        "when": when,
        "sentence": season.sentence or said,
        "citation": f"D315-317: {season.name}",
    }


class Extension(NamedTuple):
    """A clause that gives more time: ``until`` a day, or ``days`` after receipt."""

    pack: Pack
    clause: Clause
    until: str
    days: int


def extensions(packs: Iterable[Pack]) -> Iterator[Extension]:
    """Every clause of these packs that gives more time to return."""
    for pack in packs:
        for clause in pack.clauses:
            until = str(clause.sets.get("return.extension_until") or "")
            length = clause.sets.get("return.extension")
            days = length.amount if isinstance(length, Period) else 0
            if until or days:
                yield Extension(pack, clause, until, days)
