"""Conversations with support in PostgreSQL."""

from collections.abc import Callable, Sequence

import asyncpg

from amends.adapters.postgres.outbox import put_errands
from amends.adapters.postgres.pool import Connection, Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import Errand
from amends.application.ports.support import Added, Clash, Conversation, Entry, Level
from amends.domain.parties import Actor, Role

_SQL = statements("support")


class PostgresSupport:
    """Keeps what `amends.application.ports.support.SupportBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def open(
        self,
        conversation: Conversation,
        entries: Sequence[Entry],
        *,
        key: str = "",
        errands: Sequence[Errand] = (),
    ) -> Added:
        one = conversation
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                _SQL["open"],
                one.conversation_id,
                one.channel,
                one.subject,
                one.opened_at,
                one.updated_at,
                one.person.role.value if one.person else "",
                one.person.id if one.person else "",
                one.email,
                one.language,
                one.order_id,
                one.case_id,
                int(one.level),
                one.agent_id,
                one.waiting_since,
                one.closed_at,
                one.through,
                key,
            )
            if row is None:
                known = await connection.fetchrow(_SQL["opened_with"], key)
                assert known is not None  # noqa: S101  # nothing takes a conversation away
                return Added(_conversation(known), 1, True)
            for entry in entries:
                await _add(connection, one, entry)
            await put_errands(connection, errands)
        return Added(one, len(entries))

    @reaching
    async def write(
        self,
        changed: Conversation,
        entry: Entry,
        *,
        since: int,
        key: str = "",
        errands: Callable[[Entry], Sequence[Errand]] = lambda _: (),
    ) -> Added:
        name = changed.conversation_id
        async with self._pool.acquire() as connection, connection.transaction():
            kept = await connection.fetchrow(_SQL["lock"], name)
            known = await connection.fetchrow(_SQL["written_with"], name, key)
            if known is not None and kept is not None:
                return Added(_conversation(kept), known["seq"], True)
            if kept is None or await connection.fetchval(_SQL["last"], name) != since:
                raise Clash
            row = await connection.fetchrow(
                _SQL["change"],
                name,
                changed.subject,
                changed.updated_at,
                changed.order_id,
                changed.case_id,
                int(changed.level),
                changed.agent_id,
                changed.waiting_since,
                changed.closed_at,
            )
            assert row is not None  # noqa: S101  # locked above
            written = await _add(connection, changed, entry, key)
            await put_errands(connection, errands(written))
        return Added(_conversation(row), written.seq)

    @reaching
    async def find(self, conversation_id: str) -> Conversation | None:
        row = await self._pool.fetchrow(_SQL["find"], conversation_id)
        return _conversation(row) if row is not None else None

    @reaching
    async def entries(self, conversation_id: str) -> Sequence[Entry]:
        return [_entry(row) for row in await self._pool.fetch(_SQL["entries"], conversation_id)]

    @reaching
    async def of(self, person: Actor, limit: int) -> Sequence[Conversation]:
        rows = await self._pool.fetch(_SQL["of"], person.role.value, person.id, limit)
        return [_conversation(row) for row in rows]

    @reaching
    async def queue(self, level: Level | None, closed: bool, limit: int) -> Sequence[Conversation]:
        name = "closed_queue" if closed else "open_queue"
        rows = await self._pool.fetch(_SQL[name], int(level) if level else None, limit)
        return [_conversation(row) for row in rows]

    @reaching
    async def by_message(self, message_ids: Sequence[str]) -> Conversation | None:
        row = await self._pool.fetchrow(_SQL["by_message"], list(message_ids))
        return _conversation(row) if row is not None else None

    @reaching
    async def seen(self, conversation_id: str, through: int) -> None:
        await self._pool.execute(_SQL["seen"], conversation_id, through)


async def _add(connection: Connection, to: Conversation, entry: Entry, key: str = "") -> Entry:
    row = await connection.fetchrow(
        _SQL["add"],
        to.conversation_id,
        to.order_id,
        entry.kind,
        entry.author.role.value if entry.author else "",
        entry.author.id if entry.author else "",
        entry.at,
        entry.text,
        list(entry.files),
        entry.message_id,
        key,
    )
    assert row is not None  # noqa: S101  # an insert that returns
    return _entry(row)


def _person(role: str, person_id: str) -> Actor | None:
    return Actor(Role(role), person_id) if role else None


def _conversation(row: "asyncpg.Record") -> Conversation:
    return Conversation(
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        subject=row["subject"],
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        person=_person(row["role"], row["person_id"]),
        email=row["email"],
        language=row["language"],
        order_id=row["order_id"],
        case_id=row["case_id"],
        level=Level(row["level"]),
        agent_id=row["agent_id"],
        waiting_since=row["waiting_since"],
        closed_at=row["closed_at"],
        through=row["through"],
    )


def _entry(row: "asyncpg.Record") -> Entry:
    return Entry(
        seq=row["seq"],
        kind=row["kind"],
        author=_person(row["role"], row["author_id"]),
        at=row["at"],
        text=row["text"],
        files=tuple(row["files"]),
        message_id=row["message_id"],
    )
