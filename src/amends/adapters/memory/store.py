"""Store and Reader in memory, with the promises of the PostgreSQL ones, the database's guards included."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from amends.adapters.cursors import Cursor, parse
from amends.application.ports import (
    Among,
    Answer,
    CaseFile,
    CaseFilter,
    CasePage,
    CaseSheet,
    Changes,
    Due,
    DuePlace,
    Errand,
    Kept,
    Link,
    Locking,
    OrderFilter,
    OrderPage,
    WriteConflict,
    WriteRefused,
    happening,
)
from amends.domain.cases.lifecycle import allowed_moves, allowed_order_moves
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.ledger import Books, LedgerError, Transfer, balances_of, post
from amends.domain.orders import Order
from amends.domain.parties import Waiting
from amends.domain.policy.terms import Terms
from amends.domain.scene import Scene

T = TypeVar("T", Case, Custody)

_NEVER = datetime.max.replace(tzinfo=UTC)
_CASE_MOVES = allowed_moves()
_ORDER_MOVES = allowed_order_moves()


class MemoryBatch:
    """The orders of a batch, locked by the store."""

    def __init__(self, store: "MemoryStore", order_ids: Sequence[str], keys: Sequence[str]) -> None:
        self._store = store
        self._changes: list[Changes] = []
        scenes = (store.scene_of(order_id) for order_id in sorted(set(order_ids)))
        found = [scene for scene in scenes if scene is not None]
        self.scenes = {scene.custody.order.order_id: scene for scene in found if scene.custody is not None}
        self.heads: dict[str, bytes] = {}
        for order_id, scene in self.scenes.items():
            for stream in (order_id, *scene.cases):
                self.heads[stream] = store.streams[stream][-1].digest
        self.answers = {key: store.answers[key] for key in keys if key in store.answers}
        self.terms = {
            line.terms_id: store.terms[line.terms_id]
            for scene in self.scenes.values()
            if scene.custody is not None
            for line in scene.custody.order.lines
            if line.terms_id in store.terms
        }

    async def write(self, changes: Changes) -> None:
        """Check everything; it is kept when the batch ends well."""
        self._store.check(changes)
        self._changes.append(changes)

    def commit(self) -> None:
        """Keep what was written."""
        for changes in self._changes:
            self._store.keep(changes)


class MemoryStore:
    """`amends.application.ports.Store` and `Reader` over dictionaries; one batch at a time holds an order."""

    def __init__(self) -> None:
        self.custodies: dict[str, Custody] = {}
        self.cases_by_order: dict[str, dict[str, Case]] = defaultdict(dict)
        self.streams: dict[str, list[Link]] = {}
        self.ledger: dict[str, list[tuple[datetime, Transfer]]] = defaultdict(list)
        self.books: dict[str, Books] = {}
        self.answers: dict[str, Answer] = {}
        self.terms: dict[str, Terms] = {}
        self.outbox: dict[str, Errand] = {}
        self._done: set[str] = set()
        self._leased: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    # Store

    @asynccontextmanager
    async def batch(
        self, order_ids: Sequence[str], keys: Sequence[str] = (), *, locking: Locking = Locking.WAIT
    ) -> AsyncIterator[MemoryBatch]:
        """Lock the orders in id order and load them; see `Store.batch`. An optimistic batch locks as well."""
        wanted = sorted(set(order_ids))
        if locking is Locking.SKIP:
            wanted = [order_id for order_id in wanted if not self._locks[order_id].locked()]
        held: list[asyncio.Lock] = []
        try:
            for order_id in wanted:
                await self._locks[order_id].acquire()
                held.append(self._locks[order_id])
            batch = MemoryBatch(self, wanted, keys)
            yield batch
            batch.commit()
        finally:
            for lock in held:
                lock.release()

    def check(self, changes: Changes) -> None:
        """Raise `WriteRefused` for what the database's guards would refuse."""
        books: dict[str, Books] = {}
        ends = {stream: len(links) for stream, links in self.streams.items()}
        for link in changes.links:
            one = link.recorded
            moves = _ORDER_MOVES if one.stream == one.order_id else _CASE_MOVES
            if (one.from_state, one.event.state.value) not in moves:
                raise WriteRefused(f"{one.from_state} -> {one.event.state.value} is not in the lifecycle")
            if one.seq != ends.get(one.stream, 0) + 1:
                raise WriteConflict(f"event {one.seq} of {one.stream} is there already")
            ends[one.stream] = one.seq
            before = books.get(one.order_id) or self.books.get(one.order_id) or Books()
            try:
                books[one.order_id] = post(before, one.event.transfers)
            except LedgerError as error:
                raise WriteRefused(str(error)) from error
        taken = [answer.key for answer in changes.answers if answer.key in self.answers]
        if taken:
            raise WriteConflict(f"answers were given meanwhile: {taken}")

    def keep(self, changes: Changes) -> None:
        """Make checked changes so."""
        for terms in changes.terms:
            self.terms.setdefault(terms.terms_id, terms)
        for custody in changes.custodies:
            self.custodies[custody.order.order_id] = custody
        for case in changes.cases:
            self.cases_by_order[case.order_id][case.case_id] = case
        for link in changes.links:
            one = link.recorded
            self.streams.setdefault(one.stream, []).append(link)
            self.ledger[one.order_id] += [(one.at, transfer) for transfer in one.event.transfers]
            self.books[one.order_id] = post(self.books.get(one.order_id) or Books(), one.event.transfers)
        for errand in changes.errands:
            self.outbox.setdefault(errand.errand_id, errand)
        for answer in changes.answers:
            self.answers[answer.key] = answer

    async def due_orders(
        self, now: datetime, limit: int, after: DuePlace | None = None, ahead: int | None = None
    ) -> Sequence[Due]:
        """Streams whose deadline has passed."""
        deadlines = self._deadlines()
        found = [due for due in deadlines if due.due_at <= now and (after is None or due.place > after)]
        if ahead is None:
            return found[:limit]
        first = {due.order_id: due for due in reversed(deadlines)}
        return [due for due in found[ahead : ahead + limit] if first[due.order_id] == due]

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """The earliest deadline of anything, later than ``after``."""
        instants = [due.due_at for due in self._deadlines()]
        instants += [one.due_at for one in self.outbox.values() if one.errand_id not in self._done]
        return min((instant for instant in instants if after is None or instant > after), default=None)

    def _deadlines(self) -> list[Due]:
        waits = [(custody.order.order_id, "", custody.waiting) for custody in self.custodies.values()]
        waits += [(case.order_id, case.case_id, case.waiting) for case in self._all_cases()]
        return sorted(
            (
                Due(order_id, case_id, waiting.until, waiting.default)
                for order_id, case_id, waiting in waits
                if waiting is not None
            ),
            key=lambda due: due.place,
        )

    @asynccontextmanager
    async def errands(self, now: datetime, limit: int) -> AsyncIterator[Sequence[Errand]]:
        """Claim due errands; what is neither finished nor put off is given back at the end."""
        due = sorted(
            (
                one
                for one in self.outbox.values()
                if one.due_at <= now and one.errand_id not in self._done and one.errand_id not in self._leased
            ),
            key=lambda one: (one.due_at, one.errand_id),
        )[:limit]
        claimed = {one.errand_id for one in due}
        self._leased |= claimed
        for one in due:
            self.outbox[one.errand_id] = msgspec.structs.replace(one, attempts=one.attempts + 1)
        try:
            yield due
        finally:
            self._leased -= claimed

    async def finish_errands(self, done: Sequence[str], later: Mapping[str, datetime]) -> None:
        """End errands, or put them off."""
        self._done.update(done)
        for errand_id, due_at in later.items():
            if errand_id not in self._done:
                self.outbox[errand_id] = msgspec.structs.replace(self.outbox[errand_id], due_at=due_at)
        self._leased -= {*done, *later}

    async def hasten_errands(self, errand_ids: Sequence[str], now: datetime) -> None:
        """Make unfinished errands due at ``now`` if they were due later."""
        for errand_id in errand_ids:
            errand = self.outbox.get(errand_id)
            if errand is not None and errand_id not in self._done and errand.due_at > now:
                self.outbox[errand_id] = msgspec.structs.replace(errand, due_at=now)

    async def events(self, stream: str) -> AsyncIterator[Link]:
        """The events of a stream, in order."""
        for link in list(self.streams.get(stream, ())):
            yield link

    async def kept(self, after: str, limit: int) -> Sequence[Kept]:
        """Orders by id with all that is kept of each."""
        found = []
        for order_id in sorted(one for one in self.custodies if one > after)[:limit]:
            scene = Scene(self.custodies[order_id], dict(self.cases_by_order[order_id]))
            streams = {stream: list(self.streams[stream]) for stream in (order_id, *scene.cases)}
            heads = {stream: links[-1].digest for stream, links in streams.items()}
            books = self.books.get(order_id)
            found.append(Kept(scene, heads, streams, balances_of(books) if books else {}))
        return found

    # Reader

    def scene_of(self, order_id: str) -> Scene | None:
        """An order with its cases."""
        custody = self.custodies.get(order_id)
        return None if custody is None else Scene(custody, dict(self.cases_by_order[order_id]))

    async def scene(self, order_id: str) -> Scene | None:
        """An order with its cases."""
        return self.scene_of(order_id)

    async def case_file(self, case_id: str) -> CaseFile | None:
        """A case, its order and its timeline."""
        order_id = case_id.rpartition(".")[0]
        custody = self.custodies.get(order_id)
        case = self.cases_by_order[order_id].get(case_id)
        if custody is None or case is None:
            return None
        terms = await self.terms_of([line.terms_id for line in custody.order.lines])
        return CaseFile(case, custody, tuple(self.streams[case_id]), terms)

    async def case_sheet(self, case_id: str, *, timeline: bool = False) -> CaseSheet | None:
        """A case for those who only look."""
        file = await self.case_file(case_id)
        if file is None:
            return None
        events = tuple(happening(link) for link in file.timeline) if timeline else ()
        return CaseSheet(
            file.case, {line.line_id: line.terms_id for line in file.custody.order.lines}, events
        )

    async def cases(self, wanted: CaseFilter, cursor: str, limit: int) -> CasePage:
        """A page of cases."""
        by_age = wanted.order == "opened"
        fitting = [case for case in self._all_cases() if _fits(case, wanted)]
        found, more = _page(
            [(case.opened_at if by_age else _until(case.waiting), case.case_id, case) for case in fitting],
            parse(cursor, wanted.order) if cursor else None,
            limit,
            newest_first=by_age,
        )
        if not more:
            return CasePage(tuple(found))
        last = found[-1]
        at = last.opened_at if by_age else last.waiting.until if last.waiting else None
        return CasePage(tuple(found), str(Cursor(wanted.order, at, last.case_id)))

    async def orders(self, wanted: OrderFilter, cursor: str, limit: int) -> OrderPage:
        """A page of orders."""
        fitting = [
            custody
            for custody in self.custodies.values()
            if wanted.buyer_id in ("", custody.order.buyer_id)
            and wanted.seller_id in ("", custody.order.seller_id)
            and wanted.stage in ("", custody.stage.value)
            and _among(custody.order, wanted.among)
        ]
        found, more = _page(
            [(custody.order.placed_at, custody.order.order_id, custody) for custody in fitting],
            parse(cursor, "placed") if cursor else None,
            limit,
            newest_first=True,
        )
        if not more:
            return OrderPage(tuple(found))
        last = found[-1].order
        return OrderPage(tuple(found), str(Cursor("placed", last.placed_at, last.order_id)))

    async def timeline(self, stream: str) -> Sequence[Link]:
        """The events of a case or an order, oldest first."""
        return list(self.streams.get(stream, ()))

    async def transfers(self, order_id: str) -> Sequence[tuple[datetime, Transfer]]:
        """The ledger of an order, oldest first."""
        return list(self.ledger[order_id])

    async def terms_of(self, terms_ids: Sequence[str]) -> Mapping[str, Terms]:
        """Terms by id; unknown ids are left out."""
        return {terms_id: self.terms[terms_id] for terms_id in terms_ids if terms_id in self.terms}

    def _all_cases(self) -> Iterable[Case]:
        return [case for cases in self.cases_by_order.values() for case in cases.values()]


def _until(waiting: Waiting | None) -> datetime:
    return waiting.until if waiting is not None else _NEVER


def _fits(case: Case, wanted: CaseFilter) -> bool:
    waiting_on = case.waiting.on.value if case.waiting is not None else ""
    return (
        wanted.buyer_id in ("", case.buyer_id)
        and wanted.seller_id in ("", case.seller_id)
        and wanted.mediator_id in ("", case.mediator_id)
        and wanted.order_id in ("", case.order_id)
        and wanted.waiting_on in ("", waiting_on)
        and wanted.reason in ("", case.reason)
        and (not wanted.states or case.state.value in wanted.states)
        and wanted.live in (None, case.live)
        and _among(case, wanted.among)
    )


def _among(one: Order | Case, among: Among | None) -> bool:
    if among is None:
        return True
    numbered = bool(among.number) and one.order_id.startswith(among.number)
    return numbered or one.buyer_id in among.buyer_ids or one.seller_id in among.seller_ids


def _page(
    keyed: list[tuple[datetime, str, T]], after: Cursor | None, limit: int, *, newest_first: bool
) -> tuple[list[T], bool]:
    keyed.sort(key=lambda one: one[:2], reverse=newest_first)
    if after is not None:
        last = (after.at or _NEVER, after.id)
        keyed = [one for one in keyed if (one[:2] < last if newest_first else one[:2] > last)]
    return [one[2] for one in keyed[:limit]], len(keyed) > limit
