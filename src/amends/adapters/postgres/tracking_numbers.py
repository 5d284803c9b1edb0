"""Which orders' parcels go under a number, in PostgreSQL."""

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.domain.tracking.numbers import normal

_SQL = statements("tracking_numbers")


class PostgresTrackingNumbers:
    """Keeps what `amends.application.ports.carriers.TrackingNumbers` promises.

    The database keeps the numbers by itself, by a trigger on what is recorded of parcels.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def shared_with(self, number: str, order_id: str, buyer_id: str) -> int:
        found = await self._pool.fetchval(_SQL["shared_with"], normal(number) or "", order_id, buyer_id)
        return int(found)
