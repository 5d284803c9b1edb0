"""Addresses of private calendars in PostgreSQL."""

from datetime import datetime

import asyncpg

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.calendar_feeds import Feed
from amends.domain.parties import Actor, Role

_SQL = statements("calendar_feeds")


class PostgresCalendarFeeds:
    """Keeps what `amends.application.ports.calendar_feeds.CalendarFeeds` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def replace(self, feed: Feed) -> None:
        whose = (feed.person.role.value, feed.person.id)
        async with self._pool.acquire() as connection, connection.transaction():
            # Two at once: the one that comes second replaces the first.
            await connection.execute(
                _SQL["lock_feed"],
                *whose,
            )
            await connection.execute(_SQL["end_feed"], *whose, feed.created_at)
            await connection.execute(_SQL["add_feed"], feed.digest, *whose, feed.created_at)

    @reaching
    async def revoke(self, person: Actor, at: datetime) -> bool:
        ended = await self._pool.fetchrow(_SQL["end_feed"], person.role.value, person.id, at)
        return ended is not None

    @reaching
    async def of(self, person: Actor) -> Feed | None:
        return _feed(await self._pool.fetchrow(_SQL["feed_of"], person.role.value, person.id))

    @reaching
    async def find(self, digest: bytes) -> Feed | None:
        return _feed(await self._pool.fetchrow(_SQL["find_feed"], digest))


def _feed(row: asyncpg.Record | None) -> Feed | None:
    if row is None:
        return None
    person = Actor(Role(row["role"]), row["person_id"])
    return Feed(digest=row["digest"], person=person, created_at=row["created_at"])
