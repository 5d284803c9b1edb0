"""People's notices in memory."""

from collections.abc import Sequence
from datetime import datetime

from amends.adapters.cursors import Cursor, parse
from amends.application.ports import Letter
from amends.application.ports.notices import Entry, EntryPage
from amends.domain.parties import Actor

_CURSOR = "notices"


class MemoryInbox:
    """Keeps what `amends.application.ports.Inbox` and `NoticeBook` promise, as long as the process lives."""

    def __init__(self) -> None:
        self._letters: dict[str, Letter] = {}
        self._mailed: set[str] = set()
        self._read: dict[str, datetime] = {}

    async def put(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        for letter in letters:
            self._letters.setdefault(letter.notice_id, letter)
        return [letter for letter in letters if letter.notice_id not in self._mailed]

    async def mailed(self, notice_ids: Sequence[str]) -> None:
        self._mailed.update(notice_ids)

    async def of(self, person: Actor, limit: int) -> Sequence[Letter]:
        theirs = [letter for letter in self._letters.values() if letter.to == person]
        return sorted(theirs, key=lambda letter: (letter.at, letter.notice_id), reverse=True)[:limit]

    async def page(self, person: Actor, cursor: str, limit: int, *, unread: bool = False) -> EntryPage:
        theirs = await self.of(person, len(self._letters))
        after = parse(cursor, _CURSOR) if cursor else None
        if after is not None:
            theirs = [one for one in theirs if (one.at, one.notice_id) < (after.at or one.at, after.id)]
        if unread:
            theirs = [one for one in theirs if one.notice_id not in self._read]
        entries = tuple(Entry(one, self._read.get(one.notice_id)) for one in theirs[:limit])
        if len(theirs) <= limit:
            return EntryPage(entries)
        last = entries[-1].letter
        return EntryPage(entries, str(Cursor(_CURSOR, last.at, last.notice_id)))

    async def unread(self, person: Actor, most: int = 100) -> int:
        theirs = await self.of(person, len(self._letters))
        return min(most, sum(1 for one in theirs if one.notice_id not in self._read))

    async def read(self, person: Actor, notice_ids: Sequence[str] | None, at: datetime) -> int:
        theirs = {one.notice_id for one in await self.of(person, len(self._letters))} - self._read.keys()
        new = theirs if notice_ids is None else theirs & set(notice_ids)
        self._read.update(dict.fromkeys(new, at))
        return len(new)

    async def unmailed(
        self, person: Actor, until: datetime, limit: int, notice_id: str = ""
    ) -> Sequence[Letter]:
        theirs = [
            one
            for one in reversed(await self.of(person, len(self._letters)))
            if one.at <= until and one.notice_id not in self._mailed and notice_id in ("", one.notice_id)
        ]
        return theirs[:limit]
