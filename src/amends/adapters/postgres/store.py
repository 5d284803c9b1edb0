"""The store on PostgreSQL: however many commands a batch holds, one statement reads it, one writes it."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from uuid import uuid4

import asyncpg

from amends.adapters.postgres import rows
from amends.adapters.postgres.batch_statement import Part, statement
from amends.adapters.postgres.packed import SEPARATOR, texts
from amends.adapters.postgres.pool import UNREACHABLE, Connection, Pool
from amends.adapters.postgres.statements import statements
from amends.application.ports import (
    Answer,
    Changes,
    Due,
    DuePlace,
    Errand,
    Kept,
    Link,
    Locking,
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


class _Loaded:
    """What was read of a batch's orders, and how what it decided is written."""

    def __init__(self, shelf: TermsShelf, order_ids: Sequence[str], keys: Sequence[str]) -> None:
        self._shelf = shelf
        self._order_ids = sorted({one for one in order_ids if SEPARATOR not in one})
        self._keys = [one for one in keys if SEPARATOR not in one]
        self.scenes: dict[str, Scene] = {}
        self.heads: dict[str, bytes] = {}
        self.answers: dict[str, Answer] = {}
        self.terms: Mapping[str, Terms] = {}

    async def _take(self, connection: "Connection | Pool", found: Sequence[asyncpg.Record]) -> None:
        custodies: dict[str, Custody] = {}
        cases: dict[str, dict[str, Case]] = {}
        for row in found:
            part, found_id, order_id, snapshot, head, *_ = row
            if part == "a":
                self.answers[found_id] = rows.answer_of(row)
                continue
            self.heads[found_id] = head
            if part == "o":
                custodies[order_id] = rows.custody_of(snapshot)
            else:
                cases.setdefault(order_id, {})[found_id] = rows.case_of(snapshot)
        # Cases come without their order where somebody else has locked it.
        self.scenes = {
            order_id: Scene(custody, cases.get(order_id, {})) for order_id, custody in custodies.items()
        }
        wanted = {line.terms_id for custody in custodies.values() for line in custody.order.lines}
        self.terms = await self._shelf.fetch(connection, wanted)

    def _parts(self, changes: Changes) -> dict[str, Part]:
        heads = {**self.heads, **rows.heads_of(changes)}
        parts = dict(rows.order_parts(changes.custodies, heads, self.heads))
        parts.update(rows.case_parts(changes.cases, heads, self.heads))
        if changes.links:
            parts["new_events"] = rows.event_part(changes.links)
        if changes.errands:
            parts["new_errands"] = rows.errand_part(changes.errands)
        if changes.answers:
            parts["new_answers"] = rows.answer_part(sorted(changes.answers, key=lambda answer: answer.key))
        return parts


class PostgresBatch(_Loaded):
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
        super().__init__(shelf, order_ids, keys)
        self._pool = pool
        self._skip_locked = skip_locked
        self._wrote = False

    async def __aenter__(self) -> "PostgresBatch":
        with _told():
            self._connection = await self._pool.acquire()
            self._transaction = self._connection.transaction()
            try:
                await self._transaction.start()
                found = await self._connection.fetch(
                    _SQL["open_batch"], texts(self._order_ids), texts(self._keys), self._skip_locked
                )
                await self._take(self._connection, found)
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

    async def write(self, changes: Changes) -> None:
        """Write everything. Raises `WriteRefused`, or `WriteConflict` where somebody else was first."""
        self._wrote = True
        with _told():
            await _write(self._connection, changes, self._parts(changes))


class OptimisticBatch(_Loaded):
    """The orders of a batch as they were at one moment, nothing locked; written only if they still are so."""

    def __init__(self, pool: Pool, shelf: TermsShelf, order_ids: Sequence[str], keys: Sequence[str]) -> None:
        super().__init__(shelf, order_ids, keys)
        self._pool = pool

    async def __aenter__(self) -> "OptimisticBatch":
        with _told():
            found = await self._pool.fetch(_SQL["read_batch"], texts(self._order_ids), texts(self._keys))
            await self._take(self._pool, found)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held."""

    async def write(self, changes: Changes) -> None:
        """Write and commit everything. Raises as `PostgresBatch.write` does."""
        versions = [_version(self.scenes.get(order_id)) for order_id in self._order_ids]
        guard: Part = {"read_order_ids": self._order_ids, "read_versions": versions}
        parts: dict[str, Part] = {"guard": guard, **self._parts(changes)}
        with _told():
            if not (changes.terms or any(link.recorded.event.transfers for link in changes.links)):
                # A transaction by itself.
                text, arguments = statement(parts)
                await self._pool.execute(text, *arguments)
                return
            async with self._pool.acquire() as connection, connection.transaction():
                await _write(connection, changes, parts)


def _version(scene: Scene | None) -> int | None:
    """An order's version as `guard_batch` knows it: the events of it and of all its cases."""
    if scene is None or scene.custody is None:
        return None
    return scene.custody.seq + sum(case.seq for case in scene.cases.values())


async def _write(connection: Connection, changes: Changes, parts: Mapping[str, Part]) -> None:
    if changes.terms:
        await connection.execute(_SQL["write_terms"], *rows.terms_columns(changes.terms))
    if parts:
        text, arguments = statement(parts)
        await connection.execute(text, *arguments)
    if any(link.recorded.event.transfers for link in changes.links):
        text, arguments = statement({"new_transfers": rows.transfer_part(changes.links)})
        await connection.execute(text, *arguments)


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
        self, order_ids: Sequence[str], keys: Sequence[str] = (), *, locking: Locking = Locking.WAIT
    ) -> "PostgresBatch | OptimisticBatch":
        """Load the orders, locked in id order unless optimistically; see `Store.batch`."""
        if locking is Locking.OPTIMISTIC:
            return OptimisticBatch(self._pool, self._shelf, order_ids, keys)
        return PostgresBatch(self._pool, self._shelf, order_ids, keys, skip_locked=locking is Locking.SKIP)

    async def due_orders(
        self, now: datetime, limit: int, after: DuePlace | None = None, ahead: int | None = None
    ) -> Sequence[Due]:
        """Streams whose deadline has passed."""
        place = after or (rows.EVER, "")
        if ahead is None:
            found = await self._pool.fetch(_SQL["due_orders"], now, *place, limit)
        else:
            found = await self._pool.fetch(_SQL["due_orders_ahead"], now, *place, limit, ahead)
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
