"""How a pack writes values, and the typed values they become."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from amends.domain.money import Money, decimals, is_currency
from amends.domain.policy.parameters import Parameter, Type, Value
from amends.domain.time import Period

_MONEY = re.compile(r"([A-Z]{3}) (\d+(?:\.\d+)?)")
_PERCENT = re.compile(r"(\d+(?:\.\d{1,2})?) ?%")
_PERCENTS = re.compile(r"(\d+(?:\.\d{1,2})?) ?- ?(\d+(?:\.\d{1,2})?) ?%")
_WORKING_DAYS = re.compile(r"(\d+) ?- ?(\d+) working days")

# Instants must stay within what a calendar can hold, whatever they are counted from.
_DAYS_MAX = 20 * 366
_HOURS_MAX = 24 * _DAYS_MAX
_COUNT_MAX = 1_000_000
_DIGITS_MAX = 15

WRITTEN: Mapping[Type, str] = {
    "period": 'a period such as "15 d", "24 h", "14 calendar days" or "3 working days"',
    "money": 'an amount such as "USD 25.00"',
    "percent": 'a percentage such as "10 %"',
    "percents": 'a range such as "10-20 %"',
    "working_days": 'a range such as "3-15 working days"',
    "count": "a whole number",
    "flag": "true or false",
    "word": "one word in quotes",
    "words": "a list of words",
    "date": 'a date in quotes such as "2027-01-31"',
}


class Values:
    """Reads a clause's values; zone, calendar and pauses come from the clause or its pack."""

    def __init__(self, table: dict[str, Any], head: dict[str, Any]) -> None:
        self._zone = str(table.get("zone", head.get("zone", "UTC")))
        self._calendar = str(table.get("calendar", head.get("calendar", "")))
        self._pauses = table.get("pauses", [])

    def read(self, parameter: Parameter, raw: Any) -> Value | Money:
        """The typed value; `ValueError` says what is wrong with it."""
        return _READERS[parameter.type](self, parameter, raw)

    def period(self, _: Parameter, raw: Any) -> Period:
        try:
            ZoneInfo(self._zone)
            pauses = msgspec.convert(self._pauses, tuple[tuple[date, date], ...])
        except (KeyError, ValueError, msgspec.ValidationError) as error:
            raise ValueError(f"its zone or pauses are wrong ({error})") from error
        if any(last < first for first, last in pauses):
            raise ValueError("a pause ends before it begins")
        period = Period.parse(_text(raw), zone=self._zone, calendar=self._calendar, pauses=pauses)
        if period.amount > (_HOURS_MAX if period.unit == "hours" else _DAYS_MAX):
            raise ValueError("longer than twenty years")
        return period

    def money(self, _: Parameter, raw: Any) -> Money:
        return money_of(raw)

    def percent(self, _: Parameter, raw: Any) -> int:
        match = _PERCENT.fullmatch(_text(raw))
        if match is None:
            raise ValueError("not a percentage")
        return _basis_points(match[1])

    def percents(self, _: Parameter, raw: Any) -> tuple[int, int]:
        match = _PERCENTS.fullmatch(_text(raw))
        if match is None:
            raise ValueError("not a range of percentages")
        low, high = _basis_points(match[1]), _basis_points(match[2])
        if not low <= high <= 10_000:
            raise ValueError("the range does not rise within 100 %")
        return low, high

    def working_days(self, _: Parameter, raw: Any) -> tuple[int, int]:
        match = _WORKING_DAYS.fullmatch(_text(raw))
        if match is None or int(match[1]) > int(match[2]):
            raise ValueError("not a rising range of working days")
        return int(match[1]), int(match[2])

    def count(self, _: Parameter, raw: Any) -> int:
        if type(raw) is not int or not 0 <= raw <= _COUNT_MAX:
            raise ValueError("not a whole number of a size that makes sense")
        return raw

    def flag(self, _: Parameter, raw: Any) -> bool:
        if not isinstance(raw, bool):
            raise ValueError("neither true nor false")  # noqa: TRY004 - the file is wrong, not the program
        return raw

    def word(self, parameter: Parameter, raw: Any) -> str:
        return _allowed(parameter, _text(raw))

    def words(self, parameter: Parameter, raw: Any) -> tuple[str, ...]:
        if not isinstance(raw, list):
            raise ValueError("not a list")  # noqa: TRY004 - as above
        return tuple(_allowed(parameter, _text(item)) for item in raw)

    def date(self, _: Parameter, raw: Any) -> str:
        text = _text(raw)
        return date.fromisoformat(text).isoformat() if text else ""


_READERS: Mapping[Type, Callable[[Values, Parameter, Any], Value | Money]] = {
    "period": Values.period,
    "money": Values.money,
    "percent": Values.percent,
    "percents": Values.percents,
    "working_days": Values.working_days,
    "count": Values.count,
    "flag": Values.flag,
    "word": Values.word,
    "words": Values.words,
    "date": Values.date,
}


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("not text in quotes")  # noqa: TRY004 - as above
    return raw


def money_of(raw: Any) -> Money:
    """``USD 25.00`` as money; `ValueError` for anything else."""
    match = _MONEY.fullmatch(_text(raw))
    if match is None:
        raise ValueError("is not an amount")
    if not is_currency(match[1]):
        raise ValueError(f"names {match[1]}, which is no currency of ISO 4217")
    if len(match[2]) > _DIGITS_MAX:
        raise ValueError("is larger than any amount here can be")
    minor = Decimal(match[2]).scaleb(decimals(match[1]))
    if minor != minor.to_integral_value():
        raise ValueError(f"has more decimals than {match[1]}")
    return Money(int(minor), match[1])


def _basis_points(text: str) -> int:
    return int(Decimal(text) * 100)


def _allowed(parameter: Parameter, word: str) -> str:
    if parameter.allowed and word not in parameter.allowed:
        raise ValueError(f"{word!r} is not one of {', '.join(parameter.allowed)}")
    return word
