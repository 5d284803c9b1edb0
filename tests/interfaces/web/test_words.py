"""Amounts, dates and lengths of time as people read and type them."""

from datetime import UTC, datetime, timedelta

import pytest

from amends.interfaces.web.words import Words

AT = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (2500, "EUR", "€25.00"),
        (2500, "JPY", "JP¥2,500"),
        (2500, "KWD", "KWD2.500"),
        (2500, "IQD", "IQD2.500"),
        (123456, "USD", "US$1,234.56"),
        (-5, "GBP", "-£0.05"),
    ],
)
@pytest.mark.row("P3")
def test_an_amount_has_the_decimals_of_its_currency(amount: int, currency: str, written: str) -> None:
    assert Words().money(amount, currency).replace("\N{NO-BREAK SPACE}", "") == written


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("25", "EUR", 2500),
        ("25.5", "EUR", 2550),
        ("1,234.50", "EUR", 123450),
        ("€ 12", "EUR", 1200),
        ("12 EUR", "EUR", 1200),
        ("2500", "JPY", 2500),
        ("1.234", "KWD", 1234),
        ("0", "EUR", 0),
        ("-3", "EUR", -300),
        ("25,00", "EUR", None),  # a comma groups thousands in English: asked for again rather than guessed
        ("1.234", "EUR", None),
        ("12.5", "JPY", None),
        ("NaN", "EUR", None),
        ("1e3", "EUR", None),
        ("9" * 30, "EUR", None),
        ("", "EUR", None),
        ("ten", "EUR", None),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(typed: str, currency: str, minor: int | None) -> None:
    assert Words().read_amount(typed, currency) == minor


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_an_amount_put_into_a_field_reads_back_the_same(currency: str) -> None:
    words = Words()
    for amount in (1, 99, 100, 123456):
        assert words.read_amount(words.amount_field(amount, currency), currency) == amount


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("UTC", "Wednesday, 25 November 2026, 17:00 (UTC)"),
        ("Europe/Berlin", "Wednesday, 25 November 2026, 18:00 (UTC+1)"),
        ("Asia/Kolkata", "Wednesday, 25 November 2026, 22:30 (UTC+5:30)"),
        ("America/St_Johns", "Wednesday, 25 November 2026, 13:30 (UTC−3:30)"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone_with_its_offset(zone: str, written: str) -> None:
    assert Words(zone=zone).moment(AT) == written


def test_summer_time_changes_the_offset() -> None:
    assert Words(zone="Europe/Berlin").offset(datetime(2026, 7, 1, tzinfo=UTC)) == "UTC+2"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=2, hours=4, minutes=12, seconds=59), "2 days 4 hrs 12 mins left"),
        (timedelta(days=1), "1 day left"),
        (timedelta(days=9, hours=1, minutes=5), "9 days 1 hr left"),
        (timedelta(minutes=3), "3 mins left"),
        (timedelta(seconds=59), "less than a minute left"),
        (timedelta(0), "time is up"),
        (timedelta(seconds=-1), "time is up"),
    ],
)
def test_time_left_is_never_rounded_up(left: timedelta, said: str) -> None:
    assert Words().left(AT + left, AT) == said
