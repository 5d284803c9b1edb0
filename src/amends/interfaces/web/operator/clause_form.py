"""The form of a clause: what its fields hold, from TOML and back."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.stack import Problem
from amends.domain.policy.writing import typed, words_of, written
from amends.interfaces.web.words import N_

ROWS_MAX = 30
#: What may stand behind a value.
UNITS = (
    "h",
    "d",
    "calendar days",
    "working days",
    "%",
    "EUR",
    "USD",
    "GBP",
    "BRL",
    "CNY",
    "INR",
    "JPY",
    "KRW",
)
#: Conditions: their key, what they ask, and how they are written.
SCOPES: tuple[tuple[str, str, str], ...] = (
    (
        "reason",
        N_("Reasons"),
        N_("Codes or branches with commas between, such as quality, no_reason.changed_mind."),
    ),
    ("category", N_("Categories of goods"), N_("Paths such as home/lighting.")),
    ("traits", N_("Traits of the goods"), N_("All must be there, such as custom or perishable.")),
    ("buyer_country", N_("Countries of buyers"), N_("Two letters each, such as DE, FR.")),
    ("seller_country", N_("Countries of sellers"), N_("Two letters each, such as DE, FR.")),
    ("buyer_tier", N_("Tiers of buyers"), N_("standard, platinum, diamond.")),
    ("seller", N_("Sellers"), N_("Their ids.")),
    ("seller_standing", N_("Standing of sellers"), N_("new, good, strained.")),
    ("shipping_method", N_("Ways of shipping"), N_("As orders name them.")),
    ("method", N_("Refund methods"), N_("card, bank_transfer, wallet, voucher, balance.")),
    ("order", N_("Orders"), N_("Their ids.")),
    ("price_from", N_("Price from"), N_("An amount such as USD 25.00; it is included.")),
    ("price_below", N_("Price below"), N_("An amount such as USD 100.00; it is not included.")),
    ("placed_from", N_("Bought from"), N_("An instant such as 2026-12-01T00:00:00Z.")),
    ("placed_before", N_("Bought before"), N_("An instant such as 2027-01-01T00:00:00Z.")),
)
_PLAIN = frozenset({"price_from", "price_below"})
_TIMES = frozenset({"placed_from", "placed_before"})
#: The field that a row of the text comes from, by its key.
_FIELDS = {
    "sentence": "sentence", "citation": "citation", "bounds": "least", "priority": "priority",
    "when": "when_reason", "pauses": "pauses", "calendar": "calendar", "zone": "zone",
}  # fmt: skip
_PERIOD = re.compile(r"(\d+)\s*(\D.*)")
_MONEY = re.compile(r"([A-Z]{3})\s+(\S+)")
_PAUSE = re.compile(r"(\d{4}-\d{2}-\d{2})\D+(\d{4}-\d{2}-\d{2})")


class ClauseForm(msgspec.Struct, frozen=True):
    """The fields by name; ``sets`` is what they set, by parameter, as TOML has it."""

    typed: dict[str, str]
    sets: dict[str, Any]

    @classmethod
    def of_values(cls, values: Mapping[str, str]) -> "ClauseForm":
        """What somebody sent."""
        kept = {name: value for name, value in values.items() if not name.startswith("_")}
        sets = {}
        for n in range(1, ROWS_MAX + 1):
            parameter = kept.get(f"parameter_{n}", "")
            value = kept.get(f"value_{n}", "").strip()
            unit = kept.get(f"unit_{n}", "").strip()
            if parameter and (value or (PARAMETERS.get(parameter) is not None and _empty_ok(parameter))):
                sets[parameter] = typed(parameter, _joined(parameter, value, unit))
        return cls(kept, sets)

    @classmethod
    def of_table(cls, table: Mapping[str, Any]) -> "ClauseForm":
        """A clause as it stands."""
        sets = dict(table.get("sets", {}))
        found = {
            name: str(table.get(name, "")) for name in ("sentence", "citation", "default", "calendar", "zone")
        }
        found |= {
            "clause": str(table.get("id", "")),
            "sure": str(table.get("sure", "verified")),
            "floor": "yes" if table.get("floor") else "",
            "priority": str(table.get("priority", "") or ""),
            "pauses": "\n".join(f"{first} {last}" for first, last in table.get("pauses", [])),
        }
        low, high = table.get("bounds") or ("", "")
        found |= {"least": str(low), "most": str(high)}
        for n, (parameter, raw) in enumerate(sets.items(), 1):
            value, unit = _split(parameter, raw)
            found |= {f"parameter_{n}": parameter, f"value_{n}": value, f"unit_{n}": unit}
        for name, raw in table.get("when", {}).items():
            found[f"when_{name}"] = _instant(raw) if isinstance(raw, datetime) else written(raw)
        return cls(found, sets)

    @property
    def clause(self) -> str:
        """The id somebody gave it."""
        return self._said("clause")

    @property
    def rows(self) -> int:
        """How many rows of parameters are filled in."""
        numbers = [
            int(name[10:]) for name, value in self.typed.items() if name.startswith("parameter_") and value
        ]
        return max([number for number in numbers if number <= ROWS_MAX], default=0)

    def table(self, clause_id: str) -> dict[str, Any]:
        """The clause as TOML has it."""
        when: dict[str, Any] = {}
        for name, _, _ in SCOPES:
            text = self._said(f"when_{name}")
            if text:
                when[name] = _at(text) if name in _TIMES else text if name in _PLAIN else words_of(text)
        least, most = self._said("least"), self._said("most")
        priority = self._said("priority")
        first = next(iter(self.sets), "")
        return {
            "id": clause_id,
            "sets": self.sets,
            "when": when,
            "default": self._said("default"),
            "bounds": [typed(first, least), typed(first, most)] if least or most else None,
            "floor": self._said("floor") == "yes",
            "priority": int(priority) if re.fullmatch(r"-?\d{1,9}", priority) else priority,
            "calendar": self._said("calendar"),
            "zone": self._said("zone"),
            "pauses": [list(found) for found in _PAUSE.findall(self._said("pauses"))],
            "sure": "unverified" if self._said("sure") == "unverified" else "",
            "sentence": self._said("sentence"),
            "citation": self._said("citation"),
        }

    def field_of(self, problem: Problem, row: str) -> str:
        """The field a mistake is about, by the row of the text it was found in; empty where none fits."""
        what, key = problem.what, row.split(" =", maxsplit=1)[0].strip()
        for n in range(1, ROWS_MAX + 1):
            parameter = self._said(f"parameter_{n}")
            if parameter and f"sets {parameter} " in f"{what} " and key != "bounds":
                clock = "when the clock runs out" in what or "the default" in what
                return "default" if clock else f"value_{n}"
        missing = next((name for name in ("sentence", "citation") if f"has no {name}" in what), "")
        scope = next((name for name, _, _ in SCOPES if f": {name} " in what or f"`$.{name}" in what), "")
        return missing or (f"when_{scope}" if scope else _FIELDS.get(key, ""))

    def _said(self, name: str) -> str:
        return self.typed.get(name, "").strip().replace("\r\n", "\n")


def _empty_ok(parameter: str) -> bool:
    """Whether an empty field is a value: no words, or no day."""
    return PARAMETERS[parameter].type in {"words", "date"}


def _split(parameter: str, raw: Any) -> tuple[str, str]:
    """A value and what stands behind it."""
    known, text = PARAMETERS.get(parameter), written(raw)
    kind = known.type if known else ""
    if kind == "period" and (period := _PERIOD.fullmatch(text)):
        return period[1], period[2]
    if kind == "money" and (money := _MONEY.fullmatch(text)):
        return money[2], money[1]
    if kind in {"percent", "percents"} and text.endswith("%"):
        return text.removesuffix("%").strip(), "%"
    if kind == "working_days" and text.endswith("working days"):
        return text.removesuffix("working days").strip(), "working days"
    return text, ""


def _joined(parameter: str, value: str, unit: str) -> str:
    known = PARAMETERS.get(parameter)
    if not unit or known is None:
        return value
    return f"{unit} {value}" if known.type == "money" else f"{value} {unit}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at.tzinfo else at.isoformat()


def _at(text: str) -> Any:
    """An instant; what is none stays text, and is refused with its line."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
