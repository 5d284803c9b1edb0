"""The shape of a pack's TOML: which key holds what kind of value, before anything is read from it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

_KINDS: Mapping[str, str] = {
    "text": "text in quotes",
    "number": "a whole number",
    "flag": "true or false",
    "instant": "an instant such as 2026-01-01T00:00:00Z",
    "table": "a table in braces",
    "list": "a list in brackets",
    "words": "a list of texts in quotes",
}
_HEAD = {
    "id": "text", "version": "number", "layer": "text", "title": "text", "state": "text",
    "published_from": "instant", "extends": "text", "zone": "text", "calendar": "text", "seller": "text",
    "order": "text", "countries": "words",
}  # fmt: skip
_CLAUSE = {
    "id": "text", "sets": "table", "sentence": "text", "citation": "text", "sure": "text", "when": "table",
    "default": "text", "floor": "flag", "priority": "number", "bounds": "list", "zone": "text",
    "calendar": "text", "pauses": "list",
}  # fmt: skip

_TYPES: Mapping[str, type] = {
    "text": str, "flag": bool, "instant": datetime, "table": dict, "list": list,
}  # fmt: skip


class Misshapen(NamedTuple):
    """A value of the wrong kind at ``key`` of clause ``clause`` (-1: in ``[pack]``, -2: at the top)."""

    clause: int
    key: str
    what: str
    mend: str


def misshapen(data: Mapping[str, Any]) -> Iterator[Misshapen]:
    """Every value of the wrong kind; where there is none, a pack can be read without surprises."""
    yield from _wrong(data.get("pack", {}), _HEAD, -1, "[pack]")
    rates = data.get("rates", {})
    if not isinstance(rates, dict):
        yield Misshapen(-2, "rates", "rates is no table", "Write [rates] on a line of its own")
    clauses = data.get("clause", [])
    if not isinstance(clauses, list) or not all(isinstance(one, dict) for one in clauses):
        yield Misshapen(-2, "clause", "clause is no list of tables", "Begin each clause with [[clause]]")
        return
    for index, table in enumerate(clauses):
        name = table.get("id", f"number {index + 1}")
        yield from _wrong(table, _CLAUSE, index, f"clause {name}")
        when = table.get("when", {})
        if isinstance(when, dict) and not _is("words", when.get("reason", [])):
            what = f"clause {name}: reason is not {_KINDS['words']}"
            yield Misshapen(index, "when", what, 'Write reason = ["quality"]')


def _wrong(table: Any, kinds: Mapping[str, str], clause: int, where: str) -> Iterator[Misshapen]:
    if not isinstance(table, dict):
        return
    for key, kind in kinds.items():
        if key in table and not _is(kind, table[key]):
            yield Misshapen(clause, key, f"{where}: {key} is not {_KINDS[kind]}", f"Write {_KINDS[kind]}")


def _is(kind: str, value: Any) -> bool:
    if kind == "number":
        return type(value) is int and abs(value) < 2**31
    if kind == "words":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, _TYPES[kind])
