"""Deadlines: durations, days of a calendar, clock changes, pauses."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.domain.time import Calendar, Period, add_working_days, calendar_of, deadline, start_of

MICROSECOND = timedelta(microseconds=1)
WEEK = Calendar("WEEK")
NEW_YEAR = Calendar("NY", holidays=frozenset({date(2026, 1, 1), date(2025, 12, 25), date(2025, 12, 26)}))
MAKE_UP = Calendar(
    "MU", holidays=frozenset({date(2026, 10, 1)}), working_weekends=frozenset({date(2026, 10, 3)})
)
GULF = Calendar("GULF", weekend=frozenset({4, 5}))
CALENDARS = {c.code: c for c in (WEEK, NEW_YEAR, MAKE_UP, GULF)}

instants = st.datetimes(  # the bounds are naive by that strategy's contract
    datetime(2015, 1, 1),  # noqa: DTZ001
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
zones = st.sampled_from(
    ["UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Chatham"]
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "kind"),
    [
        ("24 h", 24, "hours", "elapsed"),
        ("15 d", 15, "days", "elapsed"),
        ("1 day", 1, "days", "elapsed"),
        ("14 calendar days", 14, "days", "calendar"),
        ("2 calendar hours", 2, "hours", "calendar"),
        ("3 working days", 3, "working_days", "calendar"),
    ],
)
def test_a_period_reads_as_it_is_written(text: str, amount: int, unit: str, kind: str) -> None:
    period = Period.parse(text)
    assert (period.amount, period.unit, period.kind, period.zone, period.calendar) == (
        amount,
        unit,
        kind,
        "UTC",
        "",
    )
    assert Period.parse(str(Period.parse("14 calendar days"))) == Period.parse("14 calendar days")


@pytest.mark.parametrize("text", ["", "15", "d", "-1 d", "1.5 d", "15 fortnights", "15 %", "USD 15"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        Period.parse(text)


def test_a_period_is_neither_negative_nor_working_days_without_a_calendar() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        Period(-1, "days")
    with pytest.raises(ValueError, match="counted on a calendar"):
        Period(3, "working_days", "elapsed")


@pytest.mark.parametrize("text", ["15 d", "24 h", "14 calendar days", "3 working days", "2 calendar hours"])
def test_a_period_survives_json(text: str) -> None:
    period = Period.parse(
        text, zone="Asia/Shanghai", calendar="CN", pauses=((date(2026, 2, 15), date(2026, 2, 23)),)
    )
    assert msgspec.json.decode(msgspec.json.encode(period), type=Period) == period


def test_a_duration_runs_through_a_clock_change() -> None:
    # Berlin loses an hour on 29 March 2026; fifteen days stay 360 hours.
    start = at("2026-03-28T12:00:00+01:00")
    assert deadline(start, Period(15, "days", zone="Europe/Berlin"), {}) - start == timedelta(hours=360)


def test_a_local_start_is_counted_as_an_instant() -> None:
    local = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert deadline(local, Period(24, "hours"), {}) == at("2026-03-29T11:00:00+00:00")
    assert deadline(local, Period(24, "hours"), {}).tzinfo is UTC


def test_an_instant_without_a_zone_has_no_deadline() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        deadline(datetime(2026, 1, 1), Period(1, "days"), {})  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        # Fourteen days from Monday 2 March: the event's day is not counted, the 16th is a Monday.
        ("2026-03-02T10:00:00+00:00", "14 calendar days", "2026-03-17T00:00:00+00:00"),
        ("2026-03-02T00:00:00+00:00", "14 calendar days", "2026-03-17T00:00:00+00:00"),
        ("2026-03-02T23:59:59.999999+00:00", "14 calendar days", "2026-03-17T00:00:00+00:00"),
        # The last day, Saturday the 7th, moves to Monday the 9th.
        ("2026-03-02T10:00:00+00:00", "5 calendar days", "2026-03-10T00:00:00+00:00"),
        # Two days from Friday end on Sunday, move to Monday, and must hold two working days: Tuesday.
        ("2026-03-06T10:00:00+00:00", "2 calendar days", "2026-03-11T00:00:00+00:00"),
        # One day need not.
        ("2026-03-06T10:00:00+00:00", "1 calendar days", "2026-03-10T00:00:00+00:00"),
        ("2026-03-06T10:00:00+00:00", "3 working days", "2026-03-12T00:00:00+00:00"),
        ("2026-03-07T10:00:00+00:00", "1 working days", "2026-03-10T00:00:00+00:00"),
        # Hours: the hour of the event is not counted.
        ("2026-03-06T10:20:00+00:00", "2 calendar hours", "2026-03-06T13:00:00+00:00"),
    ],
)
def test_days_are_counted_by_regulation_1182_71(start: str, period: str, end: str) -> None:
    assert deadline(at(start), Period.parse(period), {}) == at(end)


def test_holidays_and_the_turn_of_the_year_move_the_end() -> None:
    period = Period.parse("3 working days", calendar="NY")
    # From 24 December 2025: the 25th and 26th are free, 29, 30, 31 are worked.
    assert deadline(at("2025-12-24T09:00:00+00:00"), period, CALENDARS) == at("2026-01-01T00:00:00+00:00")
    days = Period.parse("8 calendar days", calendar="NY")
    assert deadline(at("2025-12-24T09:00:00+00:00"), days, CALENDARS) == at("2026-01-03T00:00:00+00:00")


def test_a_made_up_saturday_is_a_working_day() -> None:
    period = Period.parse("2 working days", calendar="MU")
    # Wednesday 30 September: Thursday is free, Friday and Saturday are worked.
    assert deadline(at("2026-09-30T09:00:00+00:00"), period, CALENDARS) == at("2026-10-04T00:00:00+00:00")


def test_a_calendar_has_its_own_weekend() -> None:
    assert add_working_days(date(2026, 3, 5), 1, GULF) == date(2026, 3, 8)  # Thursday, then Sunday


def test_days_end_at_local_midnight_across_clock_changes() -> None:
    period = Period.parse("1 working days", zone="America/Los_Angeles")
    # Clocks go forward on 8 March 2026: Friday ends 08:00 UTC, Monday ends 07:00 UTC.
    assert deadline(at("2026-03-05T12:00:00-08:00"), period, {}) == at("2026-03-07T08:00:00+00:00")
    assert deadline(at("2026-03-06T12:00:00-08:00"), period, {}) == at("2026-03-10T07:00:00+00:00")


def test_the_local_day_counts_not_the_utc_day() -> None:
    late = at("2026-03-03T23:30:00-08:00")  # the 4th in UTC
    assert deadline(late, Period.parse("1 working days", zone="America/Los_Angeles"), {}) == at(
        "2026-03-05T08:00+00:00"
    )


def test_a_midnight_that_is_skipped_or_comes_twice_has_one_instant() -> None:
    # Sao Paulo skipped 00:00 on 4 November 2018; Havana had 00:00 twice on 4 November 2018.
    assert start_of(date(2018, 11, 4), "America/Sao_Paulo") == at("2018-11-04T03:00:00+00:00")
    assert start_of(date(2018, 11, 4), "America/Havana") == at("2018-11-04T04:00:00+00:00")


def test_a_pause_stops_a_duration_and_a_count_of_days() -> None:
    pause = ((date(2026, 2, 15), date(2026, 2, 23)),)
    running = Period(5, "days", pauses=pause)
    assert deadline(at("2026-02-13T00:00:00+00:00"), running, {}) == at("2026-02-27T00:00:00+00:00")
    assert deadline(at("2026-02-20T12:00:00+00:00"), running, {}) == at("2026-03-01T00:00:00+00:00")
    assert deadline(at("2026-02-10T00:00:00+00:00"), running, {}) == at("2026-02-15T00:00:00+00:00")
    assert deadline(at("2026-02-24T00:00:00+00:00"), running, {}) == at("2026-03-01T00:00:00+00:00")
    counted = Period.parse("2 working days", pauses=pause)
    assert deadline(at("2026-02-13T09:00:00+00:00"), counted, {}) == at("2026-02-26T00:00:00+00:00")


def test_a_pause_stands_in_the_zone_of_the_clock() -> None:
    pause = ((date(2026, 2, 15), date(2026, 2, 15)),)
    period = Period(1, "days", zone="America/Los_Angeles", pauses=pause)
    assert deadline(at("2026-02-15T07:00:00+00:00"), period, {}) == at("2026-02-17T07:00:00+00:00")


def test_an_unknown_calendar_is_an_error_and_none_is_monday_to_friday() -> None:
    with pytest.raises(LookupError, match="no holiday calendar 'XX'"):
        deadline(at("2026-01-01T00:00:00+00:00"), Period.parse("3 working days", calendar="XX"), CALENDARS)
    assert not calendar_of("", {}).is_working(date(2026, 3, 7))


def test_working_days_are_counted_forwards() -> None:
    assert add_working_days(date(2026, 3, 7), 0, WEEK) == date(2026, 3, 9)
    with pytest.raises(ValueError, match="counted forwards"):
        add_working_days(date(2026, 3, 7), -1, WEEK)


@given(start=instants, days=st.integers(0, 400))
def test_a_duration_is_exact_to_the_microsecond(start: datetime, days: int) -> None:
    end = deadline(start, Period(days, "days"), {})
    assert end - start == timedelta(days=days)
    before, after = end - MICROSECOND, end + MICROSECOND
    assert [moment < end for moment in (before, end, after)] == [True, False, False]


@given(start=instants, n=st.integers(1, 60), zone=zones, code=st.sampled_from(["", "NY", "MU", "GULF"]))
def test_a_count_of_days_ends_at_midnight_after_a_working_day(
    start: datetime, n: int, zone: str, code: str
) -> None:
    calendar = calendar_of(code, CALENDARS)
    first = start.astimezone(ZoneInfo(zone)).date()
    for text in (f"{n} calendar days", f"{n} working days"):
        end = deadline(start, Period.parse(text, zone=zone, calendar=code), CALENDARS)
        last = (end - MICROSECOND).astimezone(ZoneInfo(zone)).date()
        assert calendar.is_working(last)
        assert end == start_of(last + timedelta(days=1), zone)
        assert (last - first).days >= n


@given(start=instants, n=st.integers(0, 60), zone=zones)
def test_a_longer_period_never_ends_sooner_nor_a_later_start(start: datetime, n: int, zone: str) -> None:
    for unit in ("d", "calendar days", "working days", "calendar hours"):
        shorter = deadline(start, Period.parse(f"{n} {unit}", zone=zone), CALENDARS)
        assert shorter <= deadline(start, Period.parse(f"{n + 1} {unit}", zone=zone), CALENDARS)
        later = start + timedelta(hours=7)
        assert shorter <= deadline(later, Period.parse(f"{n} {unit}", zone=zone), CALENDARS)


@given(start=instants, n=st.integers(1, 60))
def test_an_instant_has_one_deadline_whatever_zone_it_is_written_in(start: datetime, n: int) -> None:
    elsewhere = start.astimezone(timezone(timedelta(hours=9)))
    for text in (f"{n} d", f"{n} working days"):
        assert deadline(start, Period.parse(text), {}) == deadline(elsewhere, Period.parse(text), {})


@given(n=st.integers(1, 80), day=st.dates(date(2016, 1, 1), date(2034, 1, 1)))
def test_working_days_add_up(n: int, day: date) -> None:
    end = add_working_days(day, n, NEW_YEAR)
    between = [day + timedelta(days=k) for k in range(1, (end - day).days + 1)]
    assert sum(NEW_YEAR.is_working(d) for d in between) == n
