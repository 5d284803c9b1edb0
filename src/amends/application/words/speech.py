"""One reader's words: messages by gettext, and amounts, dates and lengths of time by the CLDR."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import (
    NumberFormatError,
    format_decimal,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    get_territory_currencies,
    parse_decimal,
    parse_pattern,
)
from babel.units import format_unit

from amends.application.words.catalogues import N_, translations
from amends.application.words.languages import DEFAULT_LOCALE
from amends.application.zones import zone_of
from amends.domain.money import CURRENCIES, decimals

# Digits of any script and what may stand between them; 1e3 is a number to Python, not to people.
_PLAIN = re.compile(r"[-\u2212]?\d[\d.,\u066B\u066C'\u2019\s]*")
# Marks of direction, which come along when an amount is copied from a page written right to left.
_MARKS = dict.fromkeys(map(ord, "\u061c\u200e\u200f"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def currency_of(country: str) -> str:
    """What people pay with in a country (ISO 3166-1 alpha-2) today; euros where that is not known."""
    found = get_territory_currencies(country) if country else []
    return next((code for code in found if code in CURRENCIES), "EUR")


class Words:
    """One reader's language and time zone; an empty ``zone`` is unknown, and UTC until somebody tells."""

    def __init__(self, locale: str = DEFAULT_LOCALE, zone: str = "UTC") -> None:
        self.locale = Locale.parse(locale)
        self.zone = ZoneInfo(zone or "UTC")
        self._placed = bool(zone)
        self.catalogue = translations(self.locale.language)

    @property
    def lang(self) -> str:
        """The language as BCP 47 writes it."""
        return str(self.locale).replace("_", "-")

    def placed(self, country: str) -> "Words":
        """These words; where nobody knows the reader's zone, in that of a country (ISO 3166-1 alpha-2)."""
        zone = "" if self._placed else zone_of(country)
        return Words(str(self.locale), zone) if zone else self

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return self.locale.text_direction

    def say(self, message: str, **values: object) -> str:
        """The message in this language, with its named values filled in."""
        translated: str = self.catalogue.ugettext(message)
        return translated % values if values else translated

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """The message for that number of things; ``%(number)s`` in it is the number."""
        translated: str = self.catalogue.ungettext(one, many, number)
        return translated % {"number": self.number(number), **values}

    def number(self, value: int | Decimal) -> str:
        return format_decimal(value, locale=self.locale)

    def percent(self, basis_points: int) -> str:
        return self.say("%(number)s%%", number=self.number(Decimal(basis_points) / 100))

    def money(self, amount: int, currency: str) -> str:
        """Minor units as people write them, with the decimals ISO 4217 gives the currency."""
        places = decimals(currency)
        pattern = parse_pattern(self.locale.currency_formats["standard"].pattern)
        pattern.frac_prec = (places, places)
        value = Decimal(amount).scaleb(-places)
        said = str(pattern.apply(value, self.locale, currency=currency, currency_digits=False))
        if self.direction == "ltr":
            return said
        # Such as US$: among letters that run the other way its last sign would move before the first letter.
        symbol = self.symbol(currency)
        return said.replace(symbol, f"\u200e{symbol}\u200e") if symbol[:1].isascii() else said

    def symbol(self, currency: str) -> str:
        return get_currency_symbol(currency, locale=self.locale)

    def amount_field(self, amount: int, currency: str) -> str:
        """Minor units as the value of an input field: ``25.00``, no symbol, no grouping."""
        places = decimals(currency)
        digits = Decimal(amount).scaleb(-places)
        return format_decimal(digits, format="0." + "0" * places if places else "0", locale=self.locale)

    def read_amount(self, text: str, currency: str) -> int | None:
        """Minor units of what somebody typed in major units; None where it is no such amount."""
        cleaned = text.replace(self.symbol(currency), "").replace(currency, "").translate(_MARKS).strip()
        if not _PLAIN.fullmatch(cleaned):
            return None
        try:
            value = parse_decimal(self._latin(cleaned), locale=self.locale, strict=True)
            value = value.scaleb(decimals(currency))
        except (NumberFormatError, InvalidOperation, ValueError):
            return None
        if not value.is_finite() or value != value.to_integral_value() or abs(value) >= 10**15:
            return None
        return int(value)

    def listing(self, items: Sequence[str], style: str = "standard") -> str:
        """``a, b and c``; with style ``or``: ``a, b or c``."""
        if style == "or":
            return format_list(items, style="or", locale=self.locale)
        return format_list(items, locale=self.locale)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def moment(self, at: datetime) -> str:
        """``Wednesday 25 November 2026, 18:00 (UTC+1)``."""
        return self.say(
            "%(day)s, %(time)s (%(offset)s)", day=self.weekday(at), time=self.time(at), offset=self.offset(at)
        )

    def stamp(self, at: datetime) -> str:
        """``23 Nov 2026, 11:03``, for lists that name the zone once."""
        return self.say("%(day)s, %(time)s", day=self.day(at), time=self.time(at))

    def weekday(self, at: datetime) -> str:
        return format_skeleton("yMMMMEEEEd", self.local(at), locale=self.locale)

    def month(self, first: date) -> str:
        """``November 2026``."""
        noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
        return format_skeleton("yMMMM", noon, locale=self.locale)

    def day(self, at: datetime) -> str:
        return format_date(self.local(at).date(), format="medium", locale=self.locale)

    def on(self, day: date) -> str:
        """``31 Jan 2027``: a day that is one wherever the reader is."""
        return format_date(day, format="medium", locale=self.locale)

    def time(self, at: datetime) -> str:
        return format_time(self.local(at), format="short", tzinfo=self.zone, locale=self.locale)

    def offset(self, at: datetime) -> str:
        """``UTC+1``, ``UTC-3:30``; plain ``UTC`` at the meridian."""
        minutes = int((self.local(at).utcoffset() or timedelta()).total_seconds()) // 60
        if not minutes:
            return "UTC"
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"

    def length(self, span: timedelta) -> str:
        """``2 days 4 h 12 min``: never rounded up, so that nobody counts on time that is not there."""
        seconds = max(0, int(span.total_seconds()))
        days, seconds = divmod(seconds, _DAY)
        hours, seconds = divmod(seconds, _HOUR)
        minutes = seconds // _MINUTE
        pieces = []
        if days:
            pieces.append(self._days(days))
        if hours:
            pieces.append(self._short(hours, "duration-hour"))
        if days < 7 and (minutes or not pieces):
            pieces.append(self._short(minutes, "duration-minute"))
        return " ".join(pieces)

    def left(self, until: datetime, now: datetime) -> str:
        """``2 days 4 hrs 12 mins left``, ``less than a minute left`` or ``time is up``."""
        if until <= now:
            return self.say(N_("time is up"))
        if until - now < timedelta(minutes=1):
            return self.say(N_("less than a minute left"))
        return self.say(N_("%(length)s left"), length=self.length(until - now))

    def _latin(self, number: str) -> str:
        """A number with the digits of any script as it is written here with those from 0 to 9."""
        group = get_group_symbol(self.locale)
        signs = {"\u066b": get_decimal_symbol(self.locale), "\u066c": group}
        if group.isspace():
            # Nobody's keyboard has the space that may not be broken.
            signs |= dict.fromkeys(" \u00a0\u202f", group)
        return "".join(
            str(unicodedata.digit(sign)) if sign.isdigit() else signs.get(sign, sign) for sign in number
        )

    def _days(self, days: int) -> str:
        """Written out; where Babel's data of a language leaves that to its short form, as that."""
        unit = "duration-day"
        said = format_unit(days, unit, length="long", locale=self.locale)
        return self._short(days, unit) if unit in said else said

    def _short(self, value: int, unit: str) -> str:
        return format_unit(value, unit, length="short", locale=self.locale)
