"""Hidden limits in PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from amends.adapters.postgres.pool import UNREACHABLE, Connection, Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import StoreUnreachable
from amends.application.ports.blind_limits import SealedLimit
from amends.domain.parties import Role

_SQL = statements("blind_limits")


class _Held:
    def __init__(self, connection: Connection, order_id: str, case_id: str) -> None:
        self._connection = connection
        self._order_id = order_id
        self._case_id = case_id
        self.limits: dict[Role, SealedLimit] = {}

    async def load(self) -> None:
        # A statement sees what was committed before it began: so the lock comes first, by itself.
        await self._connection.execute(_SQL["lock_case"], self._case_id)
        rows = await self._connection.fetch(_SQL["limits_of_case"], self._case_id)
        self.limits = {limit.side: limit for limit in map(_limit, rows)}

    async def put(self, limit: SealedLimit) -> None:
        await self._connection.execute(
            _SQL["put_limit"],
            self._order_id,
            self._case_id,
            limit.side.value,
            limit.sealed,
            limit.round,
            limit.changes,
        )
        self.limits[limit.side] = limit


class PostgresBlindLimits:
    """Keeps what `amends.application.ports.blind_limits.BlindLimits` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def hold(self, order_id: str, case_id: str) -> AsyncIterator[_Held]:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                held = _Held(connection, order_id, case_id)
                await held.load()
                yield held
        except UNREACHABLE as error:
            raise StoreUnreachable(str(error)) from error

    @reaching
    async def of(self, case_id: str, side: Role) -> SealedLimit | None:
        row = await self._pool.fetchrow(_SQL["limit_of_side"], case_id, side.value)
        return None if row is None else _limit(row)

    @reaching
    async def destroy(self, case_id: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["lock_case"], case_id)
            await connection.execute(_SQL["destroy_limits"], case_id)

    @reaching
    async def cases(self, after: str, limit: int) -> Sequence[str]:
        return [row["case_id"] for row in await self._pool.fetch(_SQL["limited_cases"], after, limit)]


def _limit(row: asyncpg.Record) -> SealedLimit:
    return SealedLimit(
        side=Role(row["side"]), sealed=row["sealed"], round=row["round"], changes=row["changes"]
    )
