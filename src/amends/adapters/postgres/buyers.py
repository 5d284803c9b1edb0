"""Reads about buyers, and contests, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.buyers import Claim
from amends.domain.signals import Contest, Neighbour, Peers

_SQL = statements("buyers")
_encode = msgspec.json.Encoder().encode
_contest = msgspec.json.Decoder(Contest).decode


class PostgresBuyerReads:
    """Keeps what `amends.application.ports.buyers.BuyerReads` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def claims(self, buyer_id: str, since: datetime, until: datetime, limit: int) -> Sequence[Claim]:
        """A buyer's claims."""
        found = await self._pool.fetch(_SQL["claims"], buyer_id, since, until, limit)
        return [Claim(rows.case_of(row["snapshot"]), rows.custody_of(row["order_snapshot"])) for row in found]

    @reaching
    async def orders_placed(self, buyer_id: str, since: datetime, until: datetime) -> int:
        """How many orders a buyer placed."""
        return int(await self._pool.fetchval(_SQL["orders_placed"], buyer_id, since, until))

    @reaching
    async def peers(self, since: datetime, until: datetime) -> Peers:
        """All buyers together."""
        row = await self._pool.fetchrow(_SQL["peers"], since, until)
        return Peers() if row is None else Peers(row["buyers"], row["orders"], row["claims"])

    @reaching
    async def neighbours(
        self, buyer_id: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[Neighbour]:
        """Other accounts at the same address."""
        found = await self._pool.fetch(_SQL["neighbours"], buyer_id, since, until, limit)
        return [Neighbour(row["buyer_id"], row["orders"], row["claims"]) for row in found]


class PostgresContests:
    """Keeps what `amends.application.ports.buyers.Contests` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def add(self, contest: Contest) -> bool:
        """Keep a new one."""
        added = await self._pool.fetchval(
            _SQL["add_contest"],
            contest.contest_id,
            contest.buyer_id,
            contest.sign.value,
            contest.at,
            _encode(contest),
        )
        return bool(added)

    @reaching
    async def of(self, buyer_id: str) -> Sequence[Contest]:
        """A buyer's contests."""
        return [_contest(row["body"]) for row in await self._pool.fetch(_SQL["contests_of"], buyer_id)]

    @reaching
    async def get(self, contest_id: str) -> Contest | None:
        """One by its id."""
        body = await self._pool.fetchval(_SQL["contest"], contest_id)
        return None if body is None else _contest(body)

    @reaching
    async def open(self, limit: int) -> Sequence[Contest]:
        """Those nobody has reviewed."""
        return [_contest(row["body"]) for row in await self._pool.fetch(_SQL["open_contests"], limit)]

    @reaching
    async def review(self, contest: Contest) -> bool:
        """Keep what a person made of it."""
        kept = await self._pool.fetchval(
            _SQL["review_contest"], contest.contest_id, contest.state, _encode(contest)
        )
        return bool(kept)
