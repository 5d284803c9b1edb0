"""What a version of a pack changes: by clause, and by line."""

import difflib
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from amends.domain.money import Money, decimals
from amends.domain.policy.clauses import Clause
from amends.domain.policy.parameters import PARAMETERS, Value
from amends.domain.policy.stack import Pack
from amends.domain.time import Period

_CONTEXT = 3


class Differs(NamedTuple):
    """One thing of a clause that differs: a parameter, a condition or another field, before and after.

    Empty where it was not, or is no more.
    """

    field: str
    was: str
    now: str


class ClauseChange(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that is new, gone or different; ``line`` is where it stands in the new text, 0 if gone."""

    clause: str
    kind: Literal["added", "removed", "changed"]
    sentence: str
    differs: tuple[Differs, ...]
    line: int = 0


def changes(was: Pack | None, now: Pack) -> tuple[ClauseChange, ...]:
    """What differs, in the order of the new text; clauses that are gone come last."""
    before = {clause.id: clause for clause in was.clauses} if was else {}
    after = {clause.id for clause in now.clauses}
    found = [change for clause in now.clauses for change in _changed(before.get(clause.id), clause)]
    gone = [
        ClauseChange(clause=one.id, kind="removed", sentence=one.sentence, differs=tuple(_differs(one, None)))
        for one in before.values()
        if one.id not in after
    ]
    return (*found, *gone)


def _changed(was: Clause | None, now: Clause) -> Iterator[ClauseChange]:
    differs = tuple(_differs(was, now))
    if differs:
        kind: Literal["added", "changed"] = "changed" if was else "added"
        yield ClauseChange(clause=now.id, kind=kind, sentence=now.sentence, differs=differs, line=now.line)


def _differs(was: Clause | None, now: Clause | None) -> Iterator[Differs]:
    before, after = fields(was) if was else {}, fields(now) if now else {}
    for name in dict.fromkeys([*before, *after]):
        if before.get(name, "") != after.get(name, ""):
            yield Differs(name, before.get(name, ""), after.get(name, ""))


def fields(clause: Clause) -> dict[str, str]:
    """Everything a clause says as text: parameters, conditions as ``when.…``, and the rest by their keys."""
    found = {name: shown(name, value) for name, value in clause.sets.items()}
    for name in clause.when.__struct_fields__:
        value = getattr(clause.when, name)
        if value:
            found[f"when.{name}"] = _plain(value)
    if clause.bounds is not None:
        name = next(iter(clause.sets))
        found["bounds"] = " – ".join(shown(name, one) for one in clause.bounds)
    said = {
        "default": clause.default,
        "floor": "true" if clause.floor else "",
        "priority": str(clause.priority or ""),
        "sure": clause.sure,
        "sentence": clause.sentence,
        "citation": clause.citation,
    }
    return {**found, **{name: text for name, text in said.items() if text}}


def shown(parameter: str, value: Value | Money) -> str:
    """A value as a pack writes it."""
    if isinstance(value, Period):
        return _period(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    match PARAMETERS[parameter].type, value:
        case "percents", (low, high):
            return f"{_percent(low)}-{_percent(high)} %"
        case "working_days", (low, high):
            return f"{low}-{high} working days"
        case "percent", int():
            return f"{_percent(value)} %"
    return _plain(value)


def _period(value: Period) -> str:
    more = [f"zone {value.zone}"] if value.zone != "UTC" else []
    more += [f"calendar {value.calendar}"] if value.calendar else []
    more += [f"paused {first} to {last}" for first, last in value.pauses]
    return f"{value} ({', '.join(more)})" if more else str(value)


def _percent(basis_points: int | str) -> str:
    return f"{int(basis_points) / 100:g}"


def _plain(value: object) -> str:
    if isinstance(value, Money):
        places = decimals(value.currency)
        return f"{value.currency} {value.amount / 10**places:.{places}f}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if isoformat else str(value)


class DiffRow(NamedTuple):
    """One row of a comparison: ``sign`` is a space, ``+``, ``-`` or ``@`` (rows between are left out)."""

    sign: str
    text: str


def lines(was: str, now: str) -> tuple[DiffRow, ...]:
    """The rows that differ with a few around them."""
    found = difflib.unified_diff(was.split("\n"), now.split("\n"), n=_CONTEXT, lineterm="")
    rows = [row for row in found if not row.startswith(("---", "+++"))]
    return tuple(DiffRow("@", row) if row.startswith("@@") else DiffRow(row[:1], row[1:]) for row in rows)
