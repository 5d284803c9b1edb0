"""Evidence sent in disputes, on PostgreSQL."""

from collections.abc import Sequence

import msgspec

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.rebuttals import Rebuttal, State

_SQL = statements("rebuttals")
_encode = msgspec.json.Encoder().encode
_rebuttal = msgspec.json.Decoder(Rebuttal).decode


class PostgresRebuttalBook:
    """Keeps what `amends.application.ports.rebuttals.RebuttalBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def add(self, rebuttal: Rebuttal) -> bool:
        """Keep a new one; false where its number is taken."""
        one = rebuttal
        added = await self._pool.fetchval(
            _SQL["add"], one.order_id, one.dispute_id, one.number, one.state, one.at, _encode(one)
        )
        return bool(added)

    @reaching
    async def of_order(self, order_id: str) -> Sequence[Rebuttal]:
        """Everything of an order, oldest first."""
        return [_rebuttal(row["body"]) for row in await self._pool.fetch(_SQL["of_order"], order_id)]

    @reaching
    async def change(self, changed: Rebuttal, was: State) -> bool:
        """Replace one; false where it was no longer in the state ``was``."""
        one = changed
        done = await self._pool.fetchval(
            _SQL["change"], one.order_id, one.dispute_id, one.number, one.state, _encode(one), was
        )
        return bool(done)
