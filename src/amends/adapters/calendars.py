"""Holiday calendars from the `holidays` library: countries by ISO 3166-1 code, and ``bank``.

``bank`` is the calendar of TARGET, the European Central Bank's payment system. Years 2015 to 2035; outside
them only the weekly days off are known.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from threading import Lock

import holidays

from amends.domain.time import Calendar

YEARS = range(2015, 2036)
BANK = "bank"


class HolidayCalendars(Mapping[str, Calendar]):
    """Every country the library knows, each built when first asked for (China takes 0.2 s) and kept.

    A country it does not know has Mondays to Fridays without holidays: a two-letter code is never an error.
    """

    def __init__(self) -> None:
        self._codes = (BANK, *sorted(code for code in holidays.list_supported_countries() if len(code) == 2))
        self._built: dict[str, Calendar] = {}
        self._lock = Lock()

    def __getitem__(self, code: str) -> Calendar:
        found = self._built.get(code)
        if found is not None:
            return found
        if code != BANK and not (len(code) == 2 and code.isascii() and code.isupper()):
            raise KeyError(code)
        with self._lock:
            return self._built.setdefault(code, _build(code))

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)


def _build(code: str) -> Calendar:
    try:
        found = (
            holidays.financial_holidays("XECB", years=YEARS)
            if code == BANK
            else holidays.country_holidays(code, years=YEARS)
        )
    except NotImplementedError:
        return Calendar(code)
    free: frozenset[date] = frozenset(day for day in found if day.year in YEARS)
    make_up = frozenset(day for day in found.weekend_workdays if day.year in YEARS) - free
    return Calendar(code, free, make_up, frozenset(found.weekend))


CALENDARS = HolidayCalendars()
