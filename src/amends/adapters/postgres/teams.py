"""What members of sellers' teams asked for, in PostgreSQL."""

from collections.abc import Sequence

from asyncpg import Record

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.accounts import TeamDeed

_SQL = statements("teams")


class PostgresTeamLog:
    """Keeps what `amends.application.ports.accounts.TeamLog` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def note(self, deed: TeamDeed) -> None:
        await self._pool.execute(
            _SQL["note_deed"],
            deed.seller_id,
            deed.deed_id,
            deed.account_id,
            deed.name,
            deed.deed,
            deed.order_id,
            deed.case_id,
            deed.at,
            deed.outcome,
        )

    @reaching
    async def conclude(self, seller_id: str, deed_id: str, outcome: str, events: Sequence[str] = ()) -> None:
        await self._pool.execute(_SQL["conclude_deed"], seller_id, deed_id, outcome, list(events))

    @reaching
    async def deeds(self, seller_id: str, limit: int) -> Sequence[TeamDeed]:
        rows = await self._pool.fetch(_SQL["deeds_of"], seller_id, limit)
        return [_deed(row) for row in rows]

    @reaching
    async def behind(self, order_ids: Sequence[str]) -> Sequence[TeamDeed]:
        return [_deed(row) for row in await self._pool.fetch(_SQL["deeds_behind"], list(order_ids))]


def _deed(row: Record) -> TeamDeed:
    fields = {name: row[name] for name in TeamDeed.__struct_fields__}
    return TeamDeed(**fields | {"events": tuple(row["events"])})
