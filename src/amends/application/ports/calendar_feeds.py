"""Whose calendar a secret address is."""

from datetime import datetime
from typing import Protocol

import msgspec

from amends.domain.parties import Actor


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A private calendar's address, by the SHA-256 ``digest`` of its token; one in force for each person."""

    digest: bytes
    person: Actor
    created_at: datetime


class CalendarFeeds(Protocol):
    """The private calendars in force."""

    async def replace(self, feed: Feed) -> None:
        """Put a new address in force; the person's one before leads nowhere from then on."""

    async def revoke(self, person: Actor, at: datetime) -> bool:
        """End a person's address; False where there was none."""

    async def of(self, person: Actor) -> Feed | None:
        """A person's address in force."""

    async def find(self, digest: bytes) -> Feed | None:
        """Whose address that is."""
