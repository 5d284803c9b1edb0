"""A private calendar for each person: their deadlines as iCalendar (RFC 5545), at a secret address."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event, vDuration

from amends.application.deadlines import Deadline, Deadlines, together
from amends.application.permissions import Caller
from amends.application.ports import Clock, KeyRole
from amends.application.ports.calendar_feeds import CalendarFeeds, Feed
from amends.application.words import N_, Words
from amends.domain.parties import Actor

_TOKEN_BYTES = 32
_ALARM = timedelta(days=-1)
_AGAIN = timedelta(hours=1)

Describe = Callable[[Deadline, Words], tuple[str, str]]
"""A deadline as (title, what happens then) in a reader's words."""


class CalendarFeed:
    """Hands out calendars to whoever knows their address, and lets people change or end it."""

    def __init__(
        self,
        feeds: CalendarFeeds,
        deadlines: Deadlines,
        clock: Clock,
        readers: Callable[[Actor], Awaitable[Words]],
        base_url: str,
    ) -> None:
        self._feeds = feeds
        self._deadlines = deadlines
        self._clock = clock
        self._readers = readers
        self._base_url = base_url

    async def open(self, person: Actor) -> str:
        """A new address; it is not kept, so it can be shown this once. The one before leads nowhere now."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await self._feeds.replace(Feed(digest=_digest(token), person=person, created_at=self._clock.now()))
        return f"{self._base_url}/calendar/{token}.ics"

    async def close(self, person: Actor) -> bool:
        """End a person's address; False where there was none."""
        return await self._feeds.revoke(person, self._clock.now())

    async def since(self, person: Actor) -> datetime | None:
        """Since when a person has an address, None where they have none."""
        feed = await self._feeds.of(person)
        return feed.created_at if feed else None

    async def calendar(self, token: str, describe: Describe) -> bytes | None:
        """The calendar at an address; None where there is none."""
        feed = await self._feeds.find(_digest(token))
        if feed is None:
            return None
        words = await self._readers(feed.person)
        caller = Caller(KeyRole(feed.person.role.value), feed.person.id)
        found = together(await self._deadlines.of(caller))
        return calendar_of(found, words, describe, self._clock.now(), self._base_url)


def calendar_of(
    found: tuple[Deadline, ...], words: Words, describe: Describe, now: datetime, base_url: str
) -> bytes:
    """Deadlines as an iCalendar file: an event of no length at each, with an alarm a day before one's own.

    One's own are one's turns and the ends of one's own windows; of the other side's there is no alarm.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Amends//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words.say(N_("Amends: my deadlines")))
    calendar.add("refresh-interval", vDuration(_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_AGAIN))
    for one in found:
        title, then = describe(one, words)
        event = Event()
        event.add("uid", f"{sha256(one.deadline_id.encode()).hexdigest()[:32]}@amends")
        event.add("dtstamp", now)
        event.add("dtstart", one.at)
        event.add("summary", title)
        event.add("description", then)
        page = f"/cases/{one.case_id}" if one.case_id else f"/orders/{one.order_id}"
        event.add("url", base_url + page)
        event.add("transp", "TRANSPARENT")
        if one.mine or (one.on is one.reader and one.at + _ALARM > now):
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", title)
            alarm.add("trigger", _ALARM)
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
