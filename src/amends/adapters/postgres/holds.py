"""Held payouts on PostgreSQL."""

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.holds import HoldFilter, HoldPage, held_payout

_SQL = statements("holds")


class PostgresHolds:
    """Keeps what `amends.application.ports.holds.Holds` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def holds(self, wanted: HoldFilter, cursor: str, limit: int) -> HoldPage:
        """A page of holds: those in force by which ends first, ended ones by which ended last."""
        after = parse(cursor, wanted.standing) if cursor else None
        found = await self._pool.fetch(
            _SQL[f"holds_{wanted.standing}"],
            wanted.now,
            wanted.seller_id,
            after.at if after else None,
            after.id if after else "",
            limit + 1,
        )
        page = []
        for row in found[:limit]:
            custody = rows.custody_of(row["snapshot"])
            hold = next(one for one in custody.holds if one.hold_id == row["hold_id"])
            page.append(held_payout(custody, hold, wanted.now))
        more = ""
        if len(found) > limit:
            last = found[limit - 1]
            more = str(Cursor(wanted.standing, last["until"], last["id"]))
        return HoldPage(tuple(page), more)
