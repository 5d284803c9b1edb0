"""What people want to be told by mail, and when."""

from collections.abc import Mapping
from datetime import time
from typing import Protocol

import msgspec

from amends.domain.parties import Actor


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """One person's wishes. ``mail`` says now, digest or off for a category; what is not in it comes now.

    ``quiet_from`` to ``quiet_until`` are hours of the day in ``zone`` (IANA) without mail, over midnight
    where the first is later; equal or None: never quiet. ``digest_at`` is when the daily digest goes out.
    ``zone`` is empty for the zone of the account.
    """

    mail: Mapping[str, str] = {}
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time = time(8)
    zone: str = ""


class PreferenceBook(Protocol):
    """Everybody's preferences."""

    async def get(self, person: Actor) -> Preferences:
        """A person's; the defaults where they never chose."""

    async def put(self, person: Actor, preferences: Preferences) -> None:
        """Keep them."""
