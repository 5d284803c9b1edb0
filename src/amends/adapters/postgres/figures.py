"""Figures on PostgreSQL: one statement each."""

from collections.abc import Sequence
from datetime import datetime

from amends.adapters.decided import decided
from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import Link
from amends.application.ports.figures import (
    AGES,
    GROUPINGS,
    Closing,
    DayCount,
    DayMoney,
    Decided,
    Load,
    OpenCases,
    Tally,
)
from amends.domain.cover import Paid
from amends.domain.parties import Actor, Role

_SQL = statements("figures")
_COUNTED = frozenset({Role.BUYER, Role.SELLER, Role.MEDIATOR})
_AGES = [age.total_seconds() for age in AGES]


class PostgresFigures:
    """`amends.application.ports.figures.Figures` on a pool of connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def open_cases(self, now: datetime) -> Sequence[OpenCases]:
        """Live cases by state and age."""
        return [OpenCases(*row) for row in await self._pool.fetch(_SQL["open_cases"], now, _AGES)]

    @reaching
    async def counts(self, since: datetime, until: datetime) -> Sequence[DayCount]:
        """Cases opened and closed and deadlines lapsed, by day."""
        return [DayCount(*row) for row in await self._pool.fetch(_SQL["counts"], since, until)]

    @reaching
    async def money(self, since: datetime, until: datetime) -> Sequence[DayMoney]:
        """Money that went back, by day and currency."""
        return [DayMoney(*row) for row in await self._pool.fetch(_SQL["money"], since, until)]

    @reaching
    async def cover(self, since: datetime, until: datetime) -> Sequence[Paid]:
        """What the protection fund paid, by day, purpose, reason and currency."""
        return [Paid(**dict(row)) for row in await self._pool.fetch(_SQL["cover"], since, until)]

    @reaching
    async def closings(self, since: datetime, until: datetime, by: str) -> Sequence[Closing]:
        """Cases closed in the span, grouped. Raises `ValueError` for a grouping that is none."""
        if by not in GROUPINGS:
            raise ValueError(f"{by!r} is none of {GROUPINGS}")
        return [Closing(*row) for row in await self._pool.fetch(_SQL["closings"], since, until, by)]

    @reaching
    async def rulings(
        self, since: datetime, until: datetime, limit: int, reason: str = ""
    ) -> Sequence[Decided]:
        """The rulings people made in the span, newest first."""
        found = await self._pool.fetch(_SQL["rulings"], since, until, limit, reason)
        return [
            one
            for row in found
            for one in decided(rows.case_of(row["case_shot"]), rows.custody_of(row["order_shot"]))
            if one.at == row["at"]
        ]

    @reaching
    async def load(self) -> Sequence[Load]:
        """Who has how many cases in mediation."""
        return [Load(*row) for row in await self._pool.fetch(_SQL["load"])]

    @reaching
    async def journal(self, since: datetime, until: datetime, limit: int, actor: str = "") -> Sequence[Link]:
        """What happened on all orders, newest first."""
        found = await self._pool.fetch(_SQL["journal"], since, until, limit, actor)
        return [rows.link_of(row, row["stream"], row["order_id"]) for row in found]

    @reaching
    async def tally(self, person: Actor) -> Tally:
        """How many orders and cases somebody is part of."""
        if person.role not in _COUNTED:
            return Tally()
        row = await self._pool.fetchrow(_SQL[f"tally_of_{person.role.value}"], person.id)
        return Tally(*row) if row else Tally()
