"""The store on PostgreSQL: a batch is one transaction of four round trips, however many commands it holds."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from uuid import uuid4

import asyncpg

from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import UNREACHABLE, Connection, Pool
from amends.adapters.postgres.statements import statements
from amends.application.ports import (
    Answer,
    Changes,
    Due,
    Errand,
    Kept,
    Link,
    StoreUnreachable,
    WriteConflict,
    WriteRefused,
)
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.policy.terms import Terms
from amends.domain.scene import Scene

_SQL = statements("write")
_TERMS_KEPT_MAX = 4096
_EVENTS_A_PAGE = 1000


class TermsShelf:
    """Terms by id, kept in this process: they never change. Bounded; the oldest go first."""

    def __init__(self, kept_max: int = _TERMS_KEPT_MAX) -> None:
        self._kept: dict[str, Terms] = {}
        self._kept_max = kept_max

    async def fetch(self, connection: "Connection | Pool", terms_ids: Iterable[str]) -> dict[str, Terms]:
        """The terms of these ids; unknown ones are left out."""
        wanted = set(terms_ids)
        found = {terms_id: self._kept[terms_id] for terms_id in wanted if terms_id in self._kept}
        missing = list(wanted - found.keys())
        if missing:
            for row in await connection.fetch(_SQL["terms_of"], missing):
                found[row["terms_id"]] = self._keep(row["terms_id"], rows.terms_of(row["body"]))
        return found

    def _keep(self, terms_id: str, terms: Terms) -> Terms:
        while len(self._kept) >= self._kept_max:
            del self._kept[next(iter(self._kept))]
        self._kept[terms_id] = terms
        return terms


class PostgresBatch:
    """The orders of a batch, locked in one open transaction."""

    def __init__(
        self,
        pool: Pool,
        shelf: TermsShelf,
        order_ids: Sequence[str],
        keys: Sequence[str],
        *,
        skip_locked: bool,
    ) -> None:
        self._pool = pool
        self._shelf = shelf
        self._asked = (sorted(set(order_ids)), list(keys), skip_locked)
        self._wrote = False
        self.scenes: dict[str, Scene] = {}
        self.heads: dict[str, bytes] = {}
        self.answers: dict[str, Answer] = {}
        self.terms: Mapping[str, Terms] = {}

    async def __aenter__(self) -> "PostgresBatch":
        with _told():
            self._connection = await self._pool.acquire()
            self._transaction = self._connection.transaction()
            try:
                await self._transaction.start()
                await self._load()
            except BaseException:
                await self._give_back(keep=False)
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _told():
            await self._give_back(keep=error is None and self._wrote)

    async def _give_back(self, *, keep: bool) -> None:
        try:
            if keep:
                await self._transaction.commit()
            elif self._connection.is_in_transaction():
                await self._transaction.rollback()
        except BaseException:
            # In whatever state it is: nothing of it may reach the next batch.
            self._connection.terminate()
            raise
        finally:
            await self._pool.release(self._connection)

    async def _load(self) -> None:
        custodies: dict[str, Custody] = {}
        cases: dict[str, dict[str, Case]] = {}
        for row in await self._connection.fetch(_SQL["open_batch"], *self._asked):
            part, found_id, order_id, snapshot, head, *_ = row
            if part == "a":
                self.answers[found_id] = rows.answer_of(row)
                continue
            self.heads[found_id] = head
            if part == "o":
                custodies[order_id] = rows.custody_of(snapshot)
                cases[order_id] = {}
            elif order_id in cases:
                cases[order_id][found_id] = rows.case_of(snapshot)
        self.scenes = {order_id: Scene(custody, cases[order_id]) for order_id, custody in custodies.items()}
        wanted = {line.terms_id for custody in custodies.values() for line in custody.order.lines}
        self.terms = await self._shelf.fetch(self._connection, wanted)

    async def write(self, changes: Changes) -> None:
        """Write everything. Raises `WriteRefused`, or `WriteConflict` where somebody else was first."""
        self._wrote = True
        heads = rows.heads_of(changes)
        known = self.heads
        order_ids = [custody.order.order_id for custody in changes.custodies]
        case_ids = [case.case_id for case in changes.cases]
        columns = [
            *rows.order_columns(
                changes.custodies,
                [heads.get(stream) or known[stream] for stream in order_ids],
                [stream in known for stream in order_ids],
            ),
            *rows.case_columns(
                changes.cases,
                [heads.get(stream) or known[stream] for stream in case_ids],
                [stream in known for stream in case_ids],
            ),
            *rows.event_columns(changes.links),
            *rows.errand_columns(changes.errands),
            *rows.answer_columns(sorted(changes.answers, key=lambda answer: answer.key)),
        ]
        transfers = rows.transfer_columns(changes.links)
        with _told():
            if changes.terms:
                await self._connection.execute(_SQL["write_terms"], *rows.terms_columns(changes.terms))
            await self._connection.execute(_SQL["write_batch"], *columns)
            if transfers[0]:
                await self._connection.execute(_SQL["write_transfers"], *transfers)


@contextmanager
def _told() -> Iterator[None]:
    """Tell the database's errors in the words of the port."""
    try:
        yield
    except (asyncpg.TransactionRollbackError, asyncpg.UniqueViolationError) as error:
        # Two that place the same order or use the same key at once: the second finds it when it tries again.
        raise WriteConflict(str(error)) from error
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, ValueError) as error:
        # asyncpg itself raises ValueError for what it cannot send.
        raise WriteRefused(str(error)) from error
    except UNREACHABLE as error:
        raise StoreUnreachable(str(error)) from error


class PostgresStore:
    """`amends.application.ports.Store` on a pool of connections."""

    def __init__(self, pool: Pool, shelf: TermsShelf | None = None, lease_s: float = 300) -> None:
        self._pool = pool
        self._shelf = shelf or TermsShelf()
        self._lease = timedelta(seconds=lease_s)

    def batch(
        self, order_ids: Sequence[str], keys: Sequence[str] = (), *, skip_locked: bool = False
    ) -> PostgresBatch:
        """Lock the orders in id order and load them; see `Store.batch`."""
        return PostgresBatch(self._pool, self._shelf, order_ids, keys, skip_locked=skip_locked)

    async def due_orders(self, now: datetime, limit: int, since: datetime | None = None) -> Sequence[Due]:
        """Streams whose deadline has passed and whose order nobody has locked."""
        async with self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                found = await connection.fetch(_SQL["due_orders"], now, since or rows.EVER, limit)
            finally:
                # Nothing was changed, so there is nothing to wait for on disk.
                await transaction.rollback()
        return [Due(*row) for row in found]

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """The earliest deadline of anything, later than ``after``."""
        instant: datetime | None = await self._pool.fetchval(_SQL["next_due"], after or rows.EVER)
        return instant

    @asynccontextmanager
    async def errands(self, now: datetime, limit: int) -> AsyncIterator[Sequence[Errand]]:
        """Claim due errands by a lease; what is neither finished nor put off is given back at the end."""
        lease = uuid4()
        found = await self._pool.fetch(_SQL["claim_errands"], now, limit, lease, self._lease)
        try:
            yield [rows.errand_of(row) for row in found]
        finally:
            if found:
                claimed = [row["errand_id"] for row in found]
                await self._pool.execute(_SQL["release_errands"], claimed, lease)

    async def finish_errands(self, done: Sequence[str], later: Mapping[str, datetime]) -> None:
        """End errands, or put them off."""
        await self._pool.execute(_SQL["finish_errands"], list(done), list(later), list(later.values()))

    async def hasten_errands(self, errand_ids: Sequence[str], now: datetime) -> None:
        """Make unfinished errands due at ``now`` if they were due later."""
        await self._pool.execute(_SQL["hasten_errands"], list(errand_ids), now)

    async def events(self, stream: str) -> AsyncIterator[Link]:
        """The events of a stream, in order."""
        seq = 0
        while True:
            page = await self._pool.fetch(_SQL["events_after"], stream, seq, _EVENTS_A_PAGE)
            for row in page:
                yield rows.link_of(row, row["stream"], row["order_id"])
            if len(page) < _EVENTS_A_PAGE:
                return
            seq = page[-1]["seq"]

    async def kept(self, after: str, limit: int) -> Sequence[Kept]:
        """Orders by id with all that is kept of each, as of one moment."""
        scenes: dict[str, tuple[Custody, dict[str, Case]]] = {}
        heads: dict[str, dict[str, bytes]] = {}
        streams: dict[str, dict[str, list[Link]]] = {}
        balances: dict[str, dict[str, int]] = {}
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            for order_id, snapshot, head in await connection.fetch(_SQL["orders_after"], after, limit):
                scenes[order_id] = (rows.custody_of(snapshot), {})
                heads[order_id] = {order_id: head}
                streams[order_id] = {order_id: []}
            order_ids = list(scenes)
            for order_id, case_id, snapshot, head in await connection.fetch(_SQL["cases_of"], order_ids):
                scenes[order_id][1][case_id] = rows.case_of(snapshot)
                heads[order_id][case_id] = head
                streams[order_id][case_id] = []
            every = [stream for of_order in streams.values() for stream in of_order]
            for row in await connection.fetch(_SQL["events_of"], every):
                stream, order_id = row["stream"], row["order_id"]
                streams[order_id][stream].append(rows.link_of(row, stream, order_id))
            for row in await connection.fetch(_SQL["balances_of"], order_ids):
                found = dict(row)
                balances[found.pop("order_id")] = found
        return [
            Kept(Scene(custody, cases), heads[order_id], streams[order_id], balances.get(order_id, {}))
            for order_id, (custody, cases) in scenes.items()
        ]
