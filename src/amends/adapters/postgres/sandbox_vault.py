"""The sandbox provider's books in PostgreSQL, in a schema of their own."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from amends.adapters.payments.requests import REFUND, Capture, Request, barred, judge, reserves, same, stopped
from amends.adapters.postgres.pool import Connection, Pool
from amends.adapters.postgres.statements import statements

_SQL = statements("sandbox_provider")


class PostgresVault:
    """Keeps what `amends.adapters.payments.requests.Vault` promises.

    The pool must be the provider's own: an outside company never shares our transactions, nor waits for our
    connections.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def register(self, tender_ref: str, part: str, amount: int, currency: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["new_capture"], tender_ref, currency)
            capture = await _capture(connection, tender_ref)
            if capture is None or capture.currency != currency:
                raise ValueError(f"capture {tender_ref} is not in {currency}")
            await connection.execute(_SQL["add_part"], tender_ref, part, amount)

    async def file(self, wish: Request) -> Request:
        async with self._pool.acquire() as connection, connection.transaction():
            kept = await _request(connection, "find_request", wish.key)
            if kept is not None:
                return same(kept, wish)
            capture = await _capture(connection, wish.target) if wish.kind == REFUND else None
            judged = judge(wish, capture)
            if not await connection.fetchval(_SQL["keep_request"], *_columns(judged)):
                # The same key came twice at once, and the other one was first.
                other = await _request(connection, "find_request", wish.key)
                return same(other or judged, wish)
            await _reserve(connection, judged.target, reserves(judged))
            return judged

    async def find(self, key: str) -> Request | None:
        async with self._pool.acquire() as connection:
            return await _request(connection, "find_request", key)

    async def stop(self, key: str, now: datetime) -> Request:
        async with self._pool.acquire() as connection, connection.transaction():
            bar = barred(key, now)
            if await connection.fetchval(_SQL["keep_request"], *_columns(bar)):
                return bar
            kept = await _request(connection, "find_request", key)
            if kept is not None and kept.kind == REFUND:
                # Always the capture first, then the request: who refunds locks in the same order.
                await _capture(connection, kept.target)
            kept = await _request(connection, "lock_request", key) or bar
            after = stopped(kept, now)
            await connection.execute(_SQL["end_request"], key, after.outcome, after.why, after.settles_at)
            await _reserve(connection, after.target, reserves(after) - reserves(kept))
            return after

    async def settled(self, since: datetime, until: datetime) -> Sequence[Request]:
        return [Request(**row) for row in await self._pool.fetch(_SQL["settled"], since, until)]

    async def untold(self, now: datetime, limit: int) -> Sequence[str]:
        rows = await self._pool.fetch(_SQL["tell"], now, limit)
        return [row["key"] for row in rows]


async def _capture(connection: Connection, tender_ref: str) -> Capture | None:
    row = await connection.fetchrow(_SQL["lock_capture"], tender_ref)
    return None if row is None else Capture(**row)


async def _request(connection: Connection, statement: str, key: str) -> Request | None:
    row: asyncpg.Record | None = await connection.fetchrow(_SQL[statement], key)
    return None if row is None else Request(**row)


async def _reserve(connection: Connection, tender_ref: str, amount: int) -> None:
    if amount:
        await connection.execute(_SQL["reserve"], tender_ref, amount)


def _columns(request: Request) -> tuple[object, ...]:
    return (
        request.key,
        request.kind,
        request.target,
        request.amount,
        request.currency,
        request.outcome,
        request.why,
        request.filed_at,
        request.settles_at,
        request.tell,
    )
