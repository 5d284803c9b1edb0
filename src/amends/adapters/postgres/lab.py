"""The policy lab in PostgreSQL: past orders, and the runs over them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import asyncpg
import msgspec

from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.lab import Change, ChangePage, LabRun, PastOrder
from amends.domain.custody.events import OrderPlaced
from amends.domain.lab.compare import Pair
from amends.domain.policy.terms import Terms

_SQL = statements("lab")
_encode = msgspec.json.Encoder().encode
_run = msgspec.json.Decoder(LabRun).decode
_pair = msgspec.json.Decoder(Pair).decode


class PostgresArchive:
    """`amends.application.ports.lab.Archive` on a pool."""

    def __init__(self, asked: Pool) -> None:
        self._asked = asked
        self._terms: dict[str, Terms] = {}

    @reaching
    async def orders(self, until: datetime, sample: int, seed: str, after: str) -> Sequence[str]:
        """Orders with a case that was closed, all or some drawn at random."""
        if sample > 0:
            found = await self._asked.fetch(_SQL["sampled"], until, after, seed, sample)
        else:
            found = await self._asked.fetch(_SQL["orders"], until, after)
        return [row["order_id"] for row in found]

    @reaching
    async def pasts(self, order_ids: Sequence[str]) -> Sequence[PastOrder]:
        """All events of these orders, with their terms."""
        found = await self._asked.fetch(_SQL["events"], list(order_ids))
        read = [
            (order_id, tuple(rows.recorded_of(row, row["stream"], order_id) for row in group))
            for order_id, group in groupby(found, key=lambda row: str(row["order_id"]))
        ]
        frozen = {
            order_id: {line.line_id: line.terms_id for line in one.event.order.lines}
            for order_id, recorded in read
            for one in recorded
            if isinstance(one.event, OrderPlaced)
        }
        await self._fetch_terms({terms_id for lines in frozen.values() for terms_id in lines.values()})
        return [
            PastOrder(order_id, recorded, {line: self._terms[terms_id] for line, terms_id in lines.items()})
            for order_id, recorded in read
            if (lines := frozen.get(order_id)) is not None
        ]

    async def _fetch_terms(self, wanted: set[str]) -> None:
        missing = sorted(wanted - self._terms.keys())
        if missing:
            for terms_id, body in await self._asked.fetch(_SQL["terms"], missing):
                self._terms[terms_id] = rows.terms_of(body)


class PostgresLabRuns:
    """`amends.application.ports.lab.LabRuns` on a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def add(self, run: LabRun, runner: str) -> None:
        """Keep a new run."""
        await self._pool.execute(
            _SQL["add"], run.run_id, run.created_at, run.seen_at, runner, run.state, _encode(run)
        )

    @reaching
    async def get(self, run_id: str) -> LabRun | None:
        """A run as it stands."""
        row = await self._pool.fetchrow(_SQL["get"], run_id)
        return None if row is None else _read(row)

    @reaching
    async def latest(self, limit: int) -> Sequence[LabRun]:
        """The runs, newest first."""
        return [_read(row) for row in await self._pool.fetch(_SQL["latest"], limit)]

    @reaching
    async def advance(self, run: LabRun, runner: str, changes: Sequence[Change] = ()) -> bool:
        """Keep where a run stands with what was found."""
        async with self._pool.acquire() as connection, connection.transaction():
            # A part that a crash takes back is computed again; none has to wait for the disk.
            await connection.execute(_SQL["advance_lazily"])
            kept = await connection.fetchval(
                _SQL["advance"], run.run_id, runner, run.state, run.seen_at, _encode(run)
            )
            if kept and changes:
                columns = [
                    [one.case_id for one in changes],
                    [one.order_id for one in changes],
                    [one.buyer_id for one in changes],
                    [one.seller_id for one in changes],
                    [one.body for one in changes],
                ]
                await connection.execute(_SQL["add_changes"], run.run_id, *columns)
        return bool(kept)

    @reaching
    async def cancel(self, run_id: str, at: datetime) -> bool:
        """Stop a running run."""
        return bool(await self._pool.fetchval(_SQL["cancel"], run_id, at))

    @reaching
    async def resume(self, run_id: str, runner: str, at: datetime, stale: datetime) -> LabRun | None:
        """Give a run that nobody works on to a runner."""
        row = await self._pool.fetchrow(_SQL["resume"], run_id, runner, at, stale)
        return None if row is None else msgspec.structs.replace(_read(row), error="")

    @reaching
    async def changes(self, run_id: str, after: str, limit: int) -> ChangePage:
        """Changed cases of a run."""
        found = await self._pool.fetch(_SQL["changes"], run_id, after, limit + 1)
        pairs = tuple(_pair(row["body"]) for row in found[:limit])
        return ChangePage(pairs, pairs[-1].either.case_id if len(found) > limit else "")

    @reaching
    async def people(self, run_id: str) -> tuple[int, int]:
        """How many buyers and sellers are affected."""
        row = await self._pool.fetchrow(_SQL["people"], run_id)
        return (int(row[0]), int(row[1])) if row is not None else (0, 0)


def _read(row: asyncpg.Record) -> LabRun:
    return msgspec.structs.replace(_run(row["body"]), state=row["state"], seen_at=row["seen_at"])
