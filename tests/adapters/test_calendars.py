"""Holiday calendars from the library."""

from datetime import date

import pytest

from amends.adapters.calendars import CALENDARS, HolidayCalendars


@pytest.mark.parametrize(
    ("code", "day", "working"),
    [
        ("BR", date(2026, 9, 7), False),  # independence
        ("US", date(2026, 11, 26), False),  # Thanksgiving
        ("GB", date(2026, 12, 28), False),  # Boxing Day, moved from a Saturday
        ("DE", date(2026, 10, 3), False),
        ("DE", date(2026, 10, 5), True),
        ("CN", date(2025, 10, 1), False),
        ("CN", date(2025, 9, 28), True),  # a Sunday made up for the October holidays
        ("bank", date(2026, 5, 1), False),
        ("bank", date(2026, 4, 3), False),  # Good Friday
        ("bank", date(2026, 10, 3), False),  # a Saturday
        ("bank", date(2026, 7, 14), True),  # a holiday in France, not of TARGET
        ("QQ", date(2026, 1, 1), True),
        ("QQ", date(2026, 1, 3), False),
    ],
)
def test_known_days(code: str, day: date, *, working: bool) -> None:
    assert CALENDARS[code].is_working(day) is working


def test_a_calendar_is_built_once() -> None:
    assert CALENDARS["BR"] is CALENDARS["BR"]


@pytest.mark.parametrize("code", ["", "banks", "br", "Brazil"])
def test_what_is_no_country_has_no_calendar(code: str) -> None:
    assert CALENDARS.get(code) is None


def test_every_country_is_listed() -> None:
    calendars = HolidayCalendars()
    assert len(calendars) == len(list(calendars))
    assert {"bank", "BR", "US", "GB", "DE", "CN"} <= set(calendars)
