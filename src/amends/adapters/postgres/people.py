"""People and what was decided about them, in PostgreSQL."""

import asyncpg

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.sessions import account_of
from amends.adapters.postgres.statements import statements
from amends.application.ports.people import (
    AccountDeed,
    Decision,
    DeedPage,
    PeopleFilter,
    PeoplePage,
    sought,
)
from amends.domain.parties import Actor, Role

_SQL = statements("people")
_WILD = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class PostgresPeople:
    """Keeps what `amends.application.ports.people.PeopleKeeping` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def people(self, wanted: PeopleFilter, cursor: str, limit: int) -> PeoplePage:
        after = parse(cursor, "made") if cursor else None
        found = await self._pool.fetch(
            _SQL["people"],
            [f"%{word.translate(_WILD)}%" for word in sought(wanted.text)],
            wanted.role.value if wanted.role else "",
            wanted.standing.value if wanted.standing else "",
            wanted.tier.value if wanted.tier else "",
            (after and after.at) or rows.NEVER,
            after.id if after else "",
            limit + 1,
        )
        accounts = tuple(account_of(row) for row in found[:limit])
        more = ""
        if len(found) > limit:
            more = str(Cursor("made", accounts[-1].created_at, accounts[-1].account_id))
        return PeoplePage(accounts, more)

    @reaching
    async def decide(self, deed: AccountDeed) -> bool:
        given: list[object] = [
            deed.deed_id,
            deed.account_id,
            deed.by.role.value,
            deed.by.id,
            deed.by_name,
            deed.why,
            deed.at,
        ]
        if deed.decision in {Decision.TIER, Decision.SIGNED_OUT}:
            given.append(deed.became)
        return await self._pool.fetchrow(_SQL[f"decide_{deed.decision.value}"], *given) is not None

    @reaching
    async def decided(
        self, account_id: str = "", by: Actor | None = None, cursor: str = "", limit: int = 50
    ) -> DeedPage:
        after = parse(cursor, "decided") if cursor else None
        found = await self._pool.fetch(
            _SQL["decided"],
            account_id,
            by.role.value if by else "",
            by.id if by else "",
            (after and after.at) or rows.NEVER,
            after.id if after else "",
            limit + 1,
        )
        deeds = tuple(_deed_of(row) for row in found[:limit])
        more = str(Cursor("decided", deeds[-1].at, deeds[-1].deed_id)) if len(found) > limit else ""
        return DeedPage(deeds, more)


def _deed_of(row: asyncpg.Record) -> AccountDeed:
    return AccountDeed(
        deed_id=row["deed_id"],
        account_id=row["account_id"],
        decision=Decision(row["decision"]),
        by=Actor(Role(row["by_role"]), row["by_id"]),
        by_name=row["by_name"],
        name=row["name"],
        was=row["was"],
        became=row["became"],
        why=row["why"],
        at=row["at"],
    )
