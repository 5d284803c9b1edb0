"""Packs: TOML files of clauses, read with every mistake named by file and line, and stacked by layer."""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from amends.domain.money import Money
from amends.domain.policy.clauses import Clause, Conditions, Layer, Rates
from amends.domain.policy.parameters import PARAMETERS, Parameter, Value
from amends.domain.policy.shapes import Misshapen, misshapen
from amends.domain.policy.stack import Pack, PackError, Problem, check_stack, conflicts
from amends.domain.policy.values import WRITTEN, Values, money_of
from amends.domain.reasons import FAMILIES, REASONS

__all__ = ["Pack", "PackError", "Problem", "check_stack", "load_pack"]

_HEAD = frozenset({
    "id", "version", "layer", "title", "state", "published_from", "extends", "zone", "calendar", "seller",
    "order", "countries",
})  # fmt: skip
_CLAUSE = frozenset({
    "id", "sets", "sentence", "citation", "sure", "when", "default", "floor", "priority", "bounds", "zone",
    "calendar", "pauses",
})  # fmt: skip


def load_pack(text: str, file: str) -> Pack:
    """Read a pack from TOML ``text``; ``file`` names it in messages. `PackError` with every mistake in it."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = re.search(r"line (\d+)", str(error))
        line = int(where[1]) if where else max(1, text.count("\n"))
        problem = Problem(file, line, f"not TOML: {error}", "Mend the syntax of that line")
        raise PackError([problem]) from error
    reader = _Reader(text, file)
    pack = reader.pack(data)
    if not reader.problems and pack is not None:
        reader.problems.extend(conflicts([pack]))
    if reader.problems or pack is None:
        raise PackError(reader.problems)
    return pack


class _Lines:
    """Where things stand in a TOML text: `tomllib` does not tell."""

    def __init__(self, text: str) -> None:
        # As TOML counts them: other characters that end a line elsewhere may stand in a text.
        self._rows = text.split("\n")
        self._starts = [n for n, row in enumerate(self._rows, 1) if row.split("#")[0].strip() == "[[clause]]"]

    def table(self, name: str) -> int:
        return self._first(rf"\s*\[{re.escape(name)}\]", 1, len(self._rows))

    def clause(self, index: int, key: str = "") -> int:
        """The line of the ``index``-th clause, or of ``key`` within it."""
        start = self._starts[index] if index < len(self._starts) else 1
        end = self._starts[index + 1] - 1 if index + 1 < len(self._starts) else len(self._rows)
        if not key:
            return start
        # Within braces, or on a row of its own: sets."return.window" = ...
        return self._first(rf"(.*[\s{{,]|\s*(sets|when)\.)?\"?{re.escape(key)}\"?\s*=", start, end)

    def key(self, name: str) -> int:
        """The first line that sets a key."""
        return self._first(rf"\s*{re.escape(name)}\s*=", 1, len(self._rows))

    def _first(self, pattern: str, start: int, end: int) -> int:
        for number in range(start, end + 1):
            if re.match(pattern, self._rows[number - 1]):
                return number
        return start


class _Reader:
    """Reads one file; mistakes are gathered so that all are told at once."""

    def __init__(self, text: str, file: str) -> None:
        self._digest = hashlib.sha256(text.encode()).hexdigest()
        self._lines = _Lines(text)
        self._file = file
        self.problems: list[Problem] = []

    def pack(self, data: dict[str, Any]) -> Pack | None:
        head = data.get("pack")
        if not isinstance(head, dict):
            self._wrong(1, "there is no [pack] table", "Begin with [pack]: id, version, layer and title")
            return None
        line = self._lines.table("pack")
        for one in misshapen(data):
            self._wrong(self._place(one), one.what, one.mend)
        if self.problems:
            return None
        layer = self._layer(head, line)
        missing = [key for key in ("id", "version", "title") if not head.get(key)]
        if missing:
            self._wrong(line, f"[pack] has no {', '.join(missing)}", "Give each of them a value")
        self._unknown(set(head) - _HEAD, line, "[pack]", _HEAD)
        self._unknown(set(data) - {"pack", "rates", "clause"}, 1, "the file", {"pack", "rates", "clause"})
        state = head.get("state", "draft")
        if state not in ("draft", "published", "superseded"):
            self._wrong(line, f"state {state!r} is unknown", "Write draft, published or superseded")
        since = head.get("published_from")
        if state != "draft" and not (isinstance(since, datetime) and since.tzinfo is not None):
            self._wrong(line, "published_from is missing", "Write an instant such as 2026-01-01T00:00:00Z")
            since = None
        rates = self._rates(data.get("rates"))
        clauses = self._clauses(data.get("clause", []), head)
        if layer is None or missing:
            return None
        return Pack(
            pack_id=head["id"],
            version=head["version"],
            layer=layer,
            title=head["title"],
            digest=self._digest,
            file=self._file,
            clauses=clauses,
            state=state,
            published_from=since.astimezone(UTC) if since else None,
            extends=head.get("extends", ""),
            rates=rates,
        )

    def _place(self, one: Misshapen) -> int:
        if one.clause >= 0:
            return self._lines.clause(one.clause, one.key)
        return self._lines.table("pack") if one.clause == -1 else self._lines.key(one.key)

    def _layer(self, head: dict[str, Any], line: int) -> Layer | None:
        name = head.get("layer")
        layer = Layer.__members__.get(str(name).upper())
        if layer is None:
            known = ", ".join(member.name.lower() for member in Layer)
            self._wrong(line, f"layer {name!r} is unknown", f"Write one of {known}")
        return layer

    def _rates(self, table: dict[str, Any] | None) -> Rates | None:
        if table is None:
            return None
        line = self._lines.table("rates")
        quotes = {key: str(value) for key, value in table.items() if len(key) == 3 and key.isupper()}
        for currency, text in quotes.items():
            try:
                good = Decimal(text) > 0
            except InvalidOperation:
                good = False
            if not good:
                self._wrong(line, f"the rate of {currency} is {text!r}", "Write a positive decimal in quotes")
        base, date, source = (str(table.get(key, "")) for key in ("base", "date", "source"))
        if not (base and date and source):
            self._wrong(line, "[rates] does not say base, date and source", "Name all three")
        return Rates(base, date, source, quotes)

    def _clauses(self, tables: list[dict[str, Any]], head: dict[str, Any]) -> tuple[Clause, ...]:
        found: dict[str, Clause] = {}
        for index, table in enumerate(tables):
            clause = self._clause(index, table, head)
            if clause is None:
                continue
            if clause.id in found:
                what = f"clause {clause.id} stands at line {found[clause.id].line} already"
                self._wrong(clause.line, what, "Give it another id")
            found[clause.id] = clause
        return tuple(found.values())

    def _clause(self, index: int, table: dict[str, Any], head: dict[str, Any]) -> Clause | None:
        line = self._lines.clause(index)
        missing = [key for key in ("id", "sets", "sentence", "citation") if not table.get(key)]
        if missing:
            name = table.get("id", f"number {index + 1}")
            self._wrong(line, f"clause {name} has no {', '.join(missing)}", "Give each of them a value")
            return None
        name = table["id"]
        self._unknown(set(table) - _CLAUSE, line, f"clause {name}", _CLAUSE)
        sure = table.get("sure", "verified")
        if sure not in ("verified", "unverified"):
            self._wrong(line, f"clause {name} is sure {sure!r}", "Write verified or unverified")
        values = Values(table, head)
        sets: dict[str, Value | Money] = {}
        for parameter, raw in table["sets"].items():
            value = self._value(index, name, parameter, raw, values)
            if value is not None:
                sets[parameter] = value
                self._default(index, name, PARAMETERS[parameter], table.get("default", ""))
        return Clause(
            id=name,
            sets=sets,
            sentence=table["sentence"],
            citation=table["citation"],
            sure=sure,
            when=self._conditions(index, name, table.get("when", {}), head),
            default=table.get("default", ""),
            floor=bool(table.get("floor", False)),
            priority=int(table.get("priority", 0)),
            bounds=self._bounds(index, name, table, values),
            line=line,
        )

    def _value(self, index: int, clause: str, name: str, raw: Any, values: Values) -> Value | Money | None:
        line = self._lines.clause(index, name)
        parameter = PARAMETERS.get(name)
        if parameter is None:
            branch = name.partition(".")[0]
            near = [known for known in PARAMETERS if known.startswith(f"{branch}.")]
            hint = f"Known here are {', '.join(near)}" if near else f"Known are {', '.join(PARAMETERS)}"
            self._wrong(line, f"clause {clause} sets {name}, which is no parameter", hint)
            return None
        try:
            return values.read(parameter, raw)
        except ValueError as error:
            what = f"clause {clause} sets {name} to {raw!r}: {error}"
            self._wrong(line, what, f"Write {WRITTEN[parameter.type]}")
            return None

    def _default(self, index: int, clause: str, parameter: Parameter, default: str) -> None:
        if not parameter.outcomes or default in parameter.outcomes:
            return
        known = " or ".join(parameter.outcomes)
        what = f"has the default {default!r}" if default else "says not what happens when the clock runs out"
        self._wrong(
            self._lines.clause(index, "default" if default else ""),
            f"clause {clause} sets {parameter.name} and {what}",
            f'Write default = "{known}"',
        )

    def _bounds(
        self, index: int, clause: str, table: dict[str, Any], values: Values
    ) -> tuple[Value | Money, Value | Money] | None:
        raw = table.get("bounds")
        if raw is None:
            return None
        names = list(table["sets"])
        if len(names) != 1 or names[0] not in PARAMETERS or not isinstance(raw, list) or len(raw) != 2:
            what = f"clause {clause} has bounds for other than one parameter's least and most"
            self._wrong(self._lines.clause(index, "bounds"), what, "Set one parameter and give two values")
            return None
        low, high = (self._value(index, clause, names[0], item, values) for item in raw)
        return (low, high) if low is not None and high is not None else None

    def _conditions(self, index: int, clause: str, table: dict[str, Any], head: dict[str, Any]) -> Conditions:
        line = self._lines.clause(index, "when")
        given: dict[str, Any] = {"seller": [head["seller"]]} if head.get("seller") else {}
        if head.get("order"):
            given["order"] = [head["order"]]
        if head.get("countries"):
            given["buyer_country"] = head["countries"]
        for key, raw in table.items():
            given[key] = raw
            if key in ("price_from", "price_below"):
                try:
                    given[key] = money_of(raw)
                except ValueError as error:
                    self._wrong(line, f"clause {clause}: {key} {error}", f"Write {WRITTEN['money']}")
                    given[key] = None
        for code in table.get("reason", []):
            if code not in REASONS and code not in FAMILIES:
                known = ", ".join(FAMILIES)
                self._wrong(line, f"clause {clause}: reason {code!r} is unknown", f"Branches are {known}")
        try:
            return msgspec.convert(given, Conditions)
        except msgspec.ValidationError as error:
            known = ", ".join(Conditions.__struct_fields__)
            self._wrong(line, f"clause {clause}: {error}", f"Conditions are {known}, each a list of words")
            return Conditions()

    def _unknown(self, keys: set[str], line: int, where: str, known: Iterable[str]) -> None:
        if keys:
            told = ", ".join(sorted(keys))
            self._wrong(line, f"{where} has unknown keys: {told}", f"Known are {', '.join(sorted(known))}")

    def _wrong(self, line: int, what: str, mend: str) -> None:
        self.problems.append(Problem(self._file, line, what, mend))
