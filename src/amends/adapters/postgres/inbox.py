"""People's notices in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import msgspec

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import Letter
from amends.application.ports.notices import Entry, EntryPage
from amends.domain.parties import Actor, Role

_SQL = statements("inbox")
_CURSOR = "notices"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class _Body(msgspec.Struct, frozen=True):
    subject: str
    text: str


class PostgresInbox:
    """Keeps what `amends.application.ports.Inbox` and `NoticeBook` promise."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        await self._pool.execute(
            _SQL["put_notices"],
            [letter.notice_id for letter in letters],
            [letter.to.role.value for letter in letters],
            [letter.to.id for letter in letters],
            [letter.order_id for letter in letters],
            [letter.case_id for letter in letters],
            [letter.event for letter in letters],
            [msgspec.json.encode(_Body(letter.subject, letter.text)).decode() for letter in letters],
            [letter.at for letter in letters],
        )
        rows = await self._pool.fetch(_SQL["unmailed"], [letter.notice_id for letter in letters])
        unmailed = {row["notice_id"] for row in rows}
        return [letter for letter in letters if letter.notice_id in unmailed]

    async def mailed(self, notice_ids: Sequence[str]) -> None:
        if notice_ids:
            await self._pool.execute(_SQL["mailed"], list(notice_ids))

    async def of(self, person: Actor, limit: int) -> Sequence[Letter]:
        rows = await self._pool.fetch(_SQL["notices_of"], person.role.value, person.id, limit)
        return [_letter(row) for row in rows]

    @reaching
    async def page(self, person: Actor, cursor: str, limit: int, *, unread: bool = False) -> EntryPage:
        after = parse(cursor, _CURSOR) if cursor else None
        at, notice_id = (after.at or _NEVER, after.id) if after else (_NEVER, "")
        rows = await self._pool.fetch(
            _SQL["notices_page"], person.role.value, person.id, at, notice_id, unread, limit + 1
        )
        entries = tuple(Entry(_letter(row), row["read_at"]) for row in rows[:limit])
        if len(rows) <= limit:
            return EntryPage(entries)
        last = entries[-1].letter
        return EntryPage(entries, str(Cursor(_CURSOR, last.at, last.notice_id)))

    @reaching
    async def unread(self, person: Actor, most: int = 100) -> int:
        return int(await self._pool.fetchval(_SQL["count_unread"], person.role.value, person.id, most))

    @reaching
    async def read(self, person: Actor, notice_ids: Sequence[str] | None, at: datetime) -> int:
        which = None if notice_ids is None else list(notice_ids)
        return len(await self._pool.fetch(_SQL["read_notices"], person.role.value, person.id, at, which))

    @reaching
    async def unmailed(
        self, person: Actor, until: datetime, limit: int, notice_id: str = ""
    ) -> Sequence[Letter]:
        rows = await self._pool.fetch(
            _SQL["notices_unmailed"], person.role.value, person.id, until, notice_id, limit
        )
        return [_letter(row) for row in rows]


def _letter(row: asyncpg.Record) -> Letter:
    body = msgspec.json.decode(row["body"], type=_Body)
    return Letter(
        notice_id=row["notice_id"],
        to=Actor(Role(row["role"]), row["person_id"]),
        order_id=row["order_id"],
        case_id=row["case_id"],
        event=row["kind"],
        subject=body.subject,
        text=body.text,
        at=row["at"],
    )
