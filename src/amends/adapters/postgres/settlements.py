"""The ledger as providers would know it, and reports with their differences, on PostgreSQL."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

import asyncpg
import msgspec

from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Connection, Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.settlements import DifferenceFilter, Run
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.reconciliation import Difference, Entry, Movement, State, Sums, entry_of

_SQL = statements("settlements")
_encode = msgspec.json.Encoder().encode
_difference = msgspec.json.Decoder(Difference).decode
_sums = msgspec.json.Decoder(tuple[Sums, ...]).decode
_DEALT_WITH = frozenset({State.PROPOSED.value, State.RESOLVED.value})


class PostgresMoneyReads:
    """Keeps what `amends.application.ports.settlements.MoneyReads` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def entries(self, since: datetime, until: datetime) -> Sequence[Entry]:
        """Every step recorded in a time."""
        async with _by_ranges(self._pool) as connection:
            return await _entries(connection, await connection.fetch(_SQL["entries"], since, until))

    @reaching
    async def entries_of(self, order_ids: Sequence[str]) -> Sequence[Entry]:
        """Every step of some orders."""
        async with self._pool.acquire() as connection:
            return await _entries(connection, await connection.fetch(_SQL["entries_of"], list(order_ids)))

    @reaching
    async def paid_by(self, provider: str, references: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The orders of payments."""
        if not references:
            return {}
        async with _by_ranges(self._pool) as connection:
            told = await connection.fetch(_SQL["paid_by"], list(references))
            found = await connection.fetch(_SQL["custodies"], [row["order_id"] for row in told])
        paid: dict[str, list[str]] = {}
        for row in found:
            order = rows.custody_of(row["snapshot"]).order
            for tender in order.tenders:
                if tender.provider == provider and tender.provider_ref in references:
                    paid.setdefault(tender.provider_ref, []).append(order.order_id)
        return paid


@asynccontextmanager
async def _by_ranges(pool: Pool) -> AsyncIterator[Connection]:
    """A connection that may use indexes of ranges and sets, which the hot statements never need."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        await connection.execute("set local enable_bitmapscan = on")
        yield connection


async def _entries(connection: Connection, found: Sequence[asyncpg.Record]) -> list[Entry]:
    ids = sorted({row["order_id"] for row in found})
    custodies = {
        row["order_id"]: rows.custody_of(row["snapshot"])
        for row in await connection.fetch(_SQL["custodies"], ids)
    }
    entries = []
    for row in found:
        transfer = Transfer(
            transfer_id=row["transfer_id"],
            debit=Account(row["debit"]),
            credit=Account(row["credit"]),
            amount=row["amount"],
            stage=Stage(row["stage"]),
            purpose=row["purpose"],
            tender_id=row["tender_id"],
            case_id=row["case_id"],
        )
        entry = entry_of(custodies[row["order_id"]], row["at"], row["stream"], row["seq"], transfer)
        if entry is not None:
            entries.append(entry)
    return entries


class PostgresSettlementBook:
    """Keeps what `amends.application.ports.settlements.SettlementBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def keep(self, movements: Sequence[Movement]) -> int:
        """Keep lines of a report."""
        names = ("provider", "line_id", "kind", "reference", "payment", "amount", "fee", "currency", "at")
        once = {(one.provider, one.line_id): one for one in movements}.values()
        columns = [[getattr(one, name) for one in once] for name in names]
        return len(await self._pool.fetch(_SQL["keep"], *columns))

    @reaching
    async def movements(self, provider: str, since: datetime, until: datetime) -> Sequence[Movement]:
        """The lines of a time."""
        return [Movement(**row) for row in await self._pool.fetch(_SQL["movements"], provider, since, until)]

    @reaching
    async def movements_of(self, provider: str, references: Sequence[str]) -> Sequence[Movement]:
        """The lines of some references."""
        found = await self._pool.fetch(_SQL["movements_of"], provider, list(references))
        return [Movement(**row) for row in found]

    @reaching
    async def save(self, run: Run, differences: Sequence[Difference]) -> Sequence[Difference]:
        """Keep a day's result; the open differences that are new."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["lock_day"], run.provider, run.day.isoformat())
            found = await connection.fetch(_SQL["known"], run.provider, run.day)
            known = {row["difference_id"]: row for row in found}
            kept = {
                one.difference_id
                for one in differences
                for row in (known.get(one.difference_id),)
                if row is not None
                and row["state"] in _DEALT_WITH
                and (row["ours"], row["theirs"]) == (one.ours, one.theirs)
            }
            new = [one for one in differences if one.difference_id not in kept]
            ids = [one.difference_id for one in new]
            await connection.execute(_SQL["forget"], run.provider, run.day, ids)
            await connection.execute(
                _SQL["add"],
                run.provider,
                run.day,
                ids,
                [one.state.value for one in new],
                [one.order_id for one in new],
                [one.ours for one in new],
                [one.theirs for one in new],
                [_encode(one) for one in new],
            )
            await connection.execute(
                _SQL["save_run"],
                run.provider,
                run.day,
                run.at,
                run.movements,
                run.entries,
                run.open,
                run.waiting,
                _encode(run.sums),
            )
        opened = {key for key, row in known.items() if row["state"] == State.OPEN.value}
        return [one for one in new if one.state is State.OPEN and one.difference_id not in opened]

    @reaching
    async def runs(self, limit: int, provider: str = "", until: date | None = None) -> Sequence[Run]:
        """The days reconciled."""
        found = await self._pool.fetch(_SQL["runs"], limit, provider, until)
        return [Run(**{**row, "sums": _sums(row["sums"])}) for row in found]

    @reaching
    async def unsettled(self, provider: str) -> Sequence[date]:
        """Days that need another look."""
        return [row["day"] for row in await self._pool.fetch(_SQL["unsettled"], provider)]

    @reaching
    async def differences(self, wanted: DifferenceFilter, limit: int) -> Sequence[Difference]:
        """Differences, those that need somebody first."""
        states = [state.value for state in wanted.states]
        found = await self._pool.fetch(
            _SQL["differences"], wanted.provider, wanted.day, states, wanted.order_id, limit
        )
        return [_difference(row["body"]) for row in found]

    @reaching
    async def difference(self, difference_id: str) -> Difference | None:
        """The difference of that id."""
        row = await self._pool.fetchrow(_SQL["difference"], difference_id)
        return None if row is None else _difference(row["body"])

    @reaching
    async def change(self, changed: Difference, was: State) -> bool:
        """Replace a difference, unless somebody else was first."""
        done = await self._pool.fetchval(
            _SQL["change"], changed.difference_id, changed.state.value, _encode(changed), was.value
        )
        return done is not None
