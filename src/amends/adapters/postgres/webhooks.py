"""Webhook endpoints and their log in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres.outbox import put_errands
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import Errand, KeyRole
from amends.application.ports.webhooks import Endpoint, Sending, SendingPage

_SQL = statements("webhooks")
_CURSOR = "webhooks"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class PostgresWebhooks:
    """Keeps what `amends.application.ports.webhooks.WebhookBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def add(self, endpoint: Endpoint) -> None:
        await self._pool.execute(
            _SQL["add_endpoint"],
            endpoint.endpoint_id,
            endpoint.role.value,
            endpoint.owner_id,
            endpoint.url,
            list(endpoint.events),
            endpoint.note,
            endpoint.secret,
            endpoint.created_at,
        )

    @reaching
    async def change(self, endpoint: Endpoint) -> None:
        await self._pool.execute(
            _SQL["change_endpoint"],
            endpoint.endpoint_id,
            endpoint.url,
            list(endpoint.events),
            endpoint.note,
            endpoint.secret,
            endpoint.old_secret,
            endpoint.old_until,
        )

    @reaching
    async def remove(self, endpoint_id: str, at: datetime) -> None:
        await self._pool.execute(_SQL["remove_endpoint"], endpoint_id, at)

    @reaching
    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        row = await self._pool.fetchrow(_SQL["endpoint"], endpoint_id)
        return _endpoint(row) if row is not None else None

    @reaching
    async def endpoints(self, role: KeyRole | None = None, owner_id: str = "") -> Sequence[Endpoint]:
        rows = await self._pool.fetch(_SQL["endpoints"], role.value if role else "", owner_id)
        return [_endpoint(row) for row in rows]

    @reaching
    async def queue(self, sendings: Sequence[Sending], errands: Sequence[Errand]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                _SQL["queue_deliveries"],
                [one.delivery_id for one in sendings],
                [one.endpoint_id for one in sendings],
                [one.message_id for one in sendings],
                [one.event for one in sendings],
                [one.order_id for one in sendings],
                [one.case_id for one in sendings],
                [one.body for one in sendings],
                [one.at for one in sendings],
            )
            await put_errands(connection, errands)

    @reaching
    async def sending(self, delivery_id: str) -> Sending | None:
        row = await self._pool.fetchrow(_SQL["delivery"], delivery_id)
        return _sending(row) if row is not None else None

    @reaching
    async def tried(self, delivery_id: str, at: datetime, state: str, status: int, why: str) -> None:
        await self._pool.execute(_SQL["delivery_tried"], delivery_id, at, state, status, why)

    @reaching
    async def again(self, delivery_id: str, errand: Errand) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["delivery_again"], delivery_id)
            await put_errands(connection, [errand])

    @reaching
    async def log(self, endpoint_id: str, cursor: str, limit: int) -> SendingPage:
        after = parse(cursor, _CURSOR) if cursor else None
        at, delivery_id = (after.at or _NEVER, after.id) if after else (_NEVER, "")
        rows = await self._pool.fetch(_SQL["delivery_log"], endpoint_id, at, delivery_id, limit + 1)
        found = tuple(_sending(row) for row in rows[:limit])
        if len(rows) <= limit:
            return SendingPage(found)
        return SendingPage(found, str(Cursor(_CURSOR, found[-1].at, found[-1].delivery_id)))


def _endpoint(row: asyncpg.Record) -> Endpoint:
    return Endpoint(
        endpoint_id=row["endpoint_id"],
        role=KeyRole(row["role"]),
        owner_id=row["owner_id"],
        url=row["url"],
        events=tuple(row["events"]),
        note=row["note"],
        secret=row["secret"],
        old_secret=row["old_secret"],
        old_until=row["old_until"],
        created_at=row["created_at"],
    )


def _sending(row: asyncpg.Record) -> Sending:
    return Sending(**{name: row[name] for name in Sending.__struct_fields__})
