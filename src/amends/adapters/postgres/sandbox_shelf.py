"""What the sandbox's stock keeps, in PostgreSQL: shared by all processes of the sandbox."""

from collections.abc import Mapping
from datetime import datetime

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.adapters.stock.sandbox import Hold

_SQL = statements("sandbox_stock")


class PostgresShelf:
    """Keeps what `amends.adapters.stock.sandbox.Shelf` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def keep(self, hold: Hold, level: int, now: datetime) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["alone"], f"stock:{hold.seller_id}:{hold.sku}")
            rows = await connection.fetch(_SQL["kept"], hold.seller_id, hold.sku, now, hold.key)
            others = {row["variant"]: row["quantity"] for row in rows}
            if others.get(hold.variant, 0) + hold.quantity > level:
                return False
            await connection.execute(
                _SQL["keep"], hold.key, hold.seller_id, hold.sku, hold.variant, hold.quantity, hold.until
            )
            return True

    @reaching
    async def kept(self, seller_id: str, sku: str, now: datetime) -> Mapping[str, int]:
        rows = await self._pool.fetch(_SQL["kept"], seller_id, sku, now, "")
        return {row["variant"]: row["quantity"] for row in rows}

    @reaching
    async def end(self, key: str, *, taken: bool) -> None:
        await self._pool.execute(_SQL["take" if taken else "free"], key)
