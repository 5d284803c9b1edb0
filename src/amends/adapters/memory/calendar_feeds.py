"""Addresses of private calendars in memory."""

from datetime import datetime

from amends.application.ports.calendar_feeds import Feed
from amends.domain.parties import Actor


class MemoryCalendarFeeds:
    """`amends.application.ports.calendar_feeds.CalendarFeeds` while the process lives."""

    def __init__(self) -> None:
        self._feeds: dict[Actor, Feed] = {}

    async def replace(self, feed: Feed) -> None:
        self._feeds[feed.person] = feed

    async def revoke(self, person: Actor, at: datetime) -> bool:  # noqa: ARG002  # only the database keeps it
        return self._feeds.pop(person, None) is not None

    async def of(self, person: Actor) -> Feed | None:
        return self._feeds.get(person)

    async def find(self, digest: bytes) -> Feed | None:
        return next((feed for feed in self._feeds.values() if feed.digest == digest), None)
