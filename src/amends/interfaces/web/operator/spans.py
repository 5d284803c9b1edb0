"""The stretch of time that figures are about, as somebody chose it."""

from datetime import UTC, datetime, time, timedelta

from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

#: How many days back, and what that is called.
SPANS: dict[str, tuple[int, str]] = {
    "7": (7, N_("7 days")),
    "30": (30, N_("30 days")),
    "90": (90, N_("90 days")),
    "365": (365, N_("a year")),
}
DEFAULT = "30"


def span_of(visit: Visit, days: str) -> tuple[datetime, datetime]:
    """Whole days in UTC up to the one that runs now, which is in it as far as it has come."""
    number = SPANS.get(days, SPANS[DEFAULT])[0]
    today = datetime.combine(visit.now.astimezone(UTC).date(), time(), UTC)
    return today - timedelta(days=number - 1), today + timedelta(days=1)


def choices(visit: Visit) -> list[tuple[str, str]]:
    """What can be chosen."""
    return [(code, visit.words.say(title)) for code, (_, title) in SPANS.items()]
