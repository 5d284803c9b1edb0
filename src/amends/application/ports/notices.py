"""The notices in an account as their reader uses them: a list, what is unread, what was not mailed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.application.ports import Letter
from amends.domain.parties import Actor


class Entry(msgspec.Struct, frozen=True):
    """A notice in somebody's account, and when it was read."""

    letter: Letter
    read_at: datetime | None = None


class EntryPage(msgspec.Struct, frozen=True):
    """One page of notices; ``next`` is the cursor of the following page, empty on the last."""

    entries: tuple[Entry, ...]
    next: str = ""


class NoticeBook(Protocol):
    """People's notices. Everything is about one person's own."""

    async def page(self, person: Actor, cursor: str, limit: int, *, unread: bool = False) -> EntryPage:
        """A page, newest first. Raises `ValueError` for a cursor that is none of ours."""

    async def unread(self, person: Actor, most: int = 100) -> int:
        """How many have not been read, counted up to ``most``."""

    async def read(self, person: Actor, notice_ids: Sequence[str] | None, at: datetime) -> int:
        """Remember that notices were read, all of them for None; how many were new."""

    async def unmailed(
        self, person: Actor, until: datetime, limit: int, notice_id: str = ""
    ) -> Sequence[Letter]:
        """What came by ``until`` and was not mailed, oldest first; only ``notice_id`` where it is given."""
