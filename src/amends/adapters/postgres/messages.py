"""Messages in PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from amends.adapters.postgres.outbox import put_errands
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import Errand
from amends.application.ports.messages import Kept, Mark, Message
from amends.domain.parties import Actor, Role

_SQL = statements("messages")


class PostgresMessages:
    """Keeps what `amends.application.ports.messages.MessageBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def add(
        self,
        message: Message,
        errands: Callable[[Message], Sequence[Errand]],
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Kept:
        author = message.author
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["lock_thread"], message.order_id)
            known = await connection.fetchrow(
                _SQL["message_by_key"], message.order_id, author.role.value, author.id, key
            )
            if known is not None:
                return Kept(_message(known), True, known["fingerprint"])
            row = await connection.fetchrow(
                _SQL["add_message"],
                message.order_id,
                message.case_id,
                author.role.value,
                author.id,
                message.at,
                message.text,
                message.language,
                message.template,
                msgspec.json.encode(message.values).decode(),
                list(message.files),
                list(message.hidden),
                message.internal,
                key,
                fingerprint,
            )
            assert row is not None  # noqa: S101  # an insert that returns
            kept = _message(row)
            await put_errands(connection, errands(kept))
            return Kept(kept, False, fingerprint)

    @reaching
    async def of(self, order_id: str, after: int = 0, limit: int = 500) -> Sequence[Message]:
        rows = await self._pool.fetch(_SQL["messages_of"], order_id, after, limit)
        return [_message(row) for row in rows]

    @reaching
    async def mark(self, order_id: str, person: Actor, through: int, at: datetime) -> None:
        await self._pool.execute(_SQL["mark"], order_id, person.role.value, person.id, through, at)

    @reaching
    async def marks(self, order_id: str) -> Sequence[Mark]:
        rows = await self._pool.fetch(_SQL["marks_of"], order_id)
        return [Mark(Actor(Role(row["role"]), row["person_id"]), row["through"], row["at"]) for row in rows]

    @reaching
    async def translation(self, message_id: str, language: str) -> str | None:
        text: str | None = await self._pool.fetchval(_SQL["translation"], message_id, language)
        return text

    @reaching
    async def keep_translation(self, order_id: str, message_id: str, language: str, text: str) -> None:
        await self._pool.execute(_SQL["keep_translation"], order_id, message_id, language, text)


def _message(row: "asyncpg.Record") -> Message:
    return Message(
        order_id=row["order_id"],
        seq=row["seq"],
        case_id=row["case_id"],
        author=Actor(Role(row["role"]), row["author_id"]),
        at=row["at"],
        text=row["text"],
        language=row["language"],
        template=row["template"],
        values=msgspec.json.decode(row["vals"], type=dict[str, str]),
        files=tuple(row["files"]),
        hidden=tuple(row["hidden"]),
        internal=row["internal"],
    )
