"""Deadlines: how long after an event something is over, in durations or in days of a calendar.

Two kinds of clock. ``elapsed`` adds hours or days as durations. ``calendar`` follows Regulation (EEC,
Euratom) 1182/71 art. 3: the day of the event is not counted; the period ends with its last day; where that
is a Saturday, Sunday or holiday, with the next working day; two days or more hold at least two working
days. Working days count working days only. Deadlines are half-open UTC instants: a period ending with a
day ends at 00:00 local time of the next one, and an action at that very instant is late.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, Self
from zoneinfo import ZoneInfo

import msgspec

PeriodUnit = Literal["hours", "days", "working_days"]
PeriodKind = Literal["elapsed", "calendar"]

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_TEXT = re.compile(r"(\d+) ?([a-z ]+)")
_UNITS: dict[str, tuple[PeriodUnit, PeriodKind]] = {
    "h": ("hours", "elapsed"),
    "hour": ("hours", "elapsed"),
    "hours": ("hours", "elapsed"),
    "calendar hours": ("hours", "calendar"),
    "d": ("days", "elapsed"),
    "day": ("days", "elapsed"),
    "days": ("days", "elapsed"),
    "calendar day": ("days", "calendar"),
    "calendar days": ("days", "calendar"),
    "working day": ("working_days", "calendar"),
    "working days": ("working_days", "calendar"),
}


class Period(msgspec.Struct, frozen=True, omit_defaults=True):
    """A length of time. Working days are always ``calendar``.

    ``zone`` is the IANA zone whose days count, ``calendar`` the code of the holiday calendar (none: Saturdays
    and Sundays are free). ``pauses`` are ranges of days, both ends included, in which the clock stands still.
    """

    amount: int
    unit: PeriodUnit
    kind: PeriodKind = "elapsed"
    zone: str = "UTC"
    calendar: str = ""
    pauses: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError(f"a period cannot be negative: {self.amount} {self.unit}")
        if self.unit == "working_days" and self.kind == "elapsed":
            raise ValueError("working days are counted on a calendar: kind must be 'calendar'")

    @classmethod
    def parse(
        cls, text: str, *, zone: str = "UTC", calendar: str = "", pauses: tuple[tuple[date, date], ...] = ()
    ) -> Self:
        """``24 h``, ``15 d`` (durations), ``14 calendar days``, ``3 working days``; else `ValueError`."""
        match = _TEXT.fullmatch(text.strip())
        known = _UNITS.get(match[2]) if match else None
        if match is None or known is None:
            raise ValueError(f"{text!r} is no period like 24 h, 15 d, 14 calendar days or 3 working days")
        return cls(int(match[1]), known[0], known[1], zone, calendar, pauses)

    def __str__(self) -> str:
        if self.unit == "hours":
            return f"{self.amount} h"
        if self.unit == "working_days":
            return f"{self.amount} working days"
        return f"{self.amount} calendar days" if self.kind == "calendar" else f"{self.amount} d"


class Calendar(msgspec.Struct, frozen=True, cache_hash=True):
    """Which days are worked: weekdays in ``weekend`` (Monday is 0) are free except ``working_weekends``."""

    code: str
    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        if day in self.holidays:
            return False
        return day.weekday() not in self.weekend or day in self.working_weekends


Calendars = Mapping[str, Calendar]
WEEKDAYS = Calendar("")


def deadline(start: datetime, period: Period, calendars: Calendars) -> datetime:
    """The instant at which ``period`` after ``start`` is over, in UTC; at that instant it is late.

    Raises `ValueError` for a naive ``start`` and `LookupError` for a calendar that is not in ``calendars``.
    """
    if start.tzinfo is not UTC:
        if start.tzinfo is None:
            raise ValueError("an instant without a zone has no deadline")
        start = start.astimezone(UTC)
    if period.kind == "elapsed":
        length = timedelta(days=period.amount) if period.unit == "days" else timedelta(hours=period.amount)
        return _paused(start, length, period) if period.pauses else start + length
    if period.unit == "hours":
        # Art. 3(1): the hour in which the event falls is not counted.
        length = timedelta(hours=period.amount)
        begin = start.replace(minute=0, second=0, microsecond=0) + _HOUR
        return _paused(begin, length, period) if period.pauses else begin + length
    zone = _zone(period.zone)
    last = _last_day(start.astimezone(zone).date(), period, calendar_of(period.calendar, calendars))
    return start_of(last + _DAY, period.zone)


@lru_cache(maxsize=4096)
def start_of(day: date, zone: str) -> datetime:
    """00:00 of ``day`` in ``zone`` as a UTC instant; where clocks skip midnight, the instant they skip it."""
    return datetime.combine(day, time(), _zone(zone)).astimezone(UTC)


# The same few days are asked for again and again: every estimate of a refund counts from today.
@lru_cache(maxsize=65_536)
def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    """The ``n``-th working day after ``day``; for 0 the first working day from ``day`` on."""
    if n < 0:
        raise ValueError(f"working days are counted forwards: {n}")
    if n == 0:
        while not calendar.is_working(day):
            day += _DAY
        return day
    while n:
        day += _DAY
        n -= calendar.is_working(day)
    return day


def calendar_of(code: str, calendars: Calendars) -> Calendar:
    """The calendar of that code; no code is Monday to Friday. `LookupError` for one that is not there."""
    found = calendars.get(code)
    if found is not None:
        return found
    if not code:
        return WEEKDAYS
    raise LookupError(f"no holiday calendar {code!r}: known are {', '.join(sorted(calendars)) or 'none'}")


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


# Whatever is due on a day began on the same few days.
@lru_cache(maxsize=65_536)
def _last_day(event: date, period: Period, calendar: Calendar) -> date:
    last, counted, working = event, 0, 0
    by_working_days = period.unit == "working_days"
    least_working = 2 if period.amount >= 2 and not by_working_days else 0  # art. 3(5)
    while True:
        enough = counted >= period.amount and working >= least_working
        if enough and _counts(last, period) and calendar.is_working(last):
            return last
        last += _DAY
        if _counts(last, period):
            is_working = calendar.is_working(last)
            working += is_working
            counted += is_working if by_working_days else 1


def _counts(day: date, period: Period) -> bool:
    return not any(first <= day <= final for first, final in period.pauses)


def _paused(start: datetime, length: timedelta, period: Period) -> datetime:
    end = start + length
    for first, final in sorted(period.pauses):
        begin, over = max(start, start_of(first, period.zone)), start_of(final + _DAY, period.zone)
        if begin < over and begin < end:
            end += over - begin
    return end
