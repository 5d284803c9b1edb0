"""Errands beside those of events, in PostgreSQL."""

from collections.abc import Sequence

import msgspec

from amends.adapters.postgres.pool import Connection, Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import Errand

_SQL = statements("outbox")


class PostgresOutbox:
    """Keeps what `amends.application.ports.outbox.Outbox` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def put(self, errands: Sequence[Errand]) -> None:
        await put_errands(self._pool, errands)


async def put_errands(at: "Pool | Connection", errands: Sequence[Errand]) -> None:
    """Put errands in over a connection, so that they can be part of a transaction."""
    if not errands:
        return
    await at.execute(
        _SQL["put_errands"],
        [one.errand_id for one in errands],
        [one.topic for one in errands],
        [one.order_id for one in errands],
        [one.case_id for one in errands],
        [msgspec.json.encode(one.body).decode() for one in errands],
        [one.due_at for one in errands],
    )
