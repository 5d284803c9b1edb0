"""Writing packs: one clause of a TOML text replaced, added or taken away, everything else left as it is."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from amends.domain.policy.parameters import PARAMETERS

_BEGINS = "[[clause]]"
#: The keys of a clause in the order they are written.
_KEYS = (
    "id", "sets", "when", "default", "bounds", "floor", "priority", "calendar", "zone", "pauses", "sure",
    "sentence", "citation",
)  # fmt: skip


class Block(NamedTuple):
    """One clause in the text: its id and its rows from ``first`` up to before ``end``, counted from 0."""

    clause: str
    first: int
    end: int


def blocks(text: str) -> tuple[Block, ...]:
    """The clauses of a text that can be read as TOML, in their order."""
    rows = text.split("\n")
    starts = [n for n, row in enumerate(rows) if row.split("#")[0].strip() == _BEGINS]
    ids = [str(table.get("id", "")) for table in tomllib.loads(text).get("clause", [])]
    found = []
    for n, (start, clause) in enumerate(zip(starts, ids, strict=False)):
        end = starts[n + 1] if n + 1 < len(starts) else len(rows)
        # Blank lines and headings before the next clause belong to that one.
        while end > start + 1 and (not rows[end - 1].strip() or rows[end - 1].lstrip().startswith("#")):
            end -= 1
        found.append(Block(clause, start, end))
    return tuple(found)


def table_of(text: str, clause: str) -> dict[str, Any] | None:
    """A clause as TOML reads it; None where there is none of this id."""
    tables = tomllib.loads(text).get("clause", [])
    return next((dict(table) for table in tables if table.get("id") == clause), None)


def with_clause(text: str, table: Mapping[str, Any], instead_of: str = "") -> str:
    """The text with a clause in the place of another, or at the end."""
    rows, written = text.split("\n"), clause_text(table).split("\n")
    for block in blocks(text):
        if instead_of and block.clause == instead_of:
            return _joined([*rows[: block.first], *written, *rows[block.end :]])
    return _joined([text.rstrip("\n"), "", *written])


def without_clause(text: str, clause: str) -> str:
    """The text without a clause."""
    rows = text.split("\n")
    for block in blocks(text):
        if block.clause == clause:
            end = block.end
            while end < len(rows) and not rows[end].strip():
                end += 1
            return _joined([*rows[: block.first], *rows[end:]])
    return text


def rows_of(text: str, clause: str) -> str:
    """A clause as it is written."""
    rows = text.split("\n")
    return next(("\n".join(rows[one.first : one.end]) for one in blocks(text) if one.clause == clause), "")


def clause_text(table: Mapping[str, Any]) -> str:
    """A clause in TOML; keys without a value are left out."""
    rows = [_BEGINS]
    for key in _KEYS:
        value = table.get(key)
        if value in (None, "", [], {}, False) or (key == "priority" and not value):
            continue
        if key == "sets" and len(value) > 1:
            rows += [f"sets.{json.dumps(name)} = {literal(one)}" for name, one in value.items()]
        else:
            rows.append(f"{key} = {literal(value)}")
    return "\n".join(rows)


def literal(value: Any) -> str:
    """A value in TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # JSON's text is TOML's too, but for the one control character that JSON leaves as it is.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | float():
            return str(value)
        case dict():
            inside = ", ".join(f"{_key(name)} = {literal(one)}" for name, one in value.items())
            return f"{{ {inside} }}"
        case list() | tuple():
            return f"[{', '.join(literal(one) for one in value)}]"
        case _:
            written: str = value.isoformat()
            return written.replace("+00:00", "Z")


def written(value: Any) -> str:
    """A value as a form shows it: the text of TOML without quotes, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def typed(parameter: str, text: str) -> Any:
    """What somebody typed for a parameter as TOML has it; what is wrong with it is for `load_pack` to say."""
    known = PARAMETERS.get(parameter)
    kind = known.type if known else "word"
    text = text.strip()
    if kind == "flag" and text in {"true", "false"}:
        return text == "true"
    if kind == "count" and re.fullmatch(r"\d{1,9}", text):
        return int(text)
    return words_of(text) if kind == "words" else text


def words_of(text: str) -> list[str]:
    """Words with commas or line breaks between."""
    return [word.strip() for word in re.split(r"[,\n]", text) if word.strip()]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _joined(rows: list[str]) -> str:
    return "\n".join(rows).rstrip("\n") + "\n"
