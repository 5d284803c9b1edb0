"""The deadline worker: finds the streams whose time is up and lapses them, hundreds in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from amends.application.ports import Clock, Done, Due, DuePlace, Envelope, Result, Store
from amends.domain.cases.commands import Lapse
from amends.domain.custody.commands import LapseOrder
from amends.domain.parties import CLOCK
from amends.domain.refusals import Refused

_log = structlog.get_logger()

Submit = Callable[[Sequence[Envelope]], Awaitable[Sequence[Result]]]

# 50 ms of locks; measured, larger batches gain nothing.
BATCH = 500
# While the database writes one batch, another is decided.
LANES = 2
# How far ahead a worker goes that found another one at work here; it comes back when nothing is left there.
AHEAD = 20 * BATCH
# Somebody else was first, or has the order at this moment.
_NOT_NOW = frozenset({"not_possible_now", "unavailable"})


class Fired(NamedTuple):
    """A deadline that was acted upon: when it fell due, the case or order, and the default that happened."""

    at: datetime
    stream: str
    default: str


class Lapses:
    """Fires what is due. Any number may run at once: who comes second finds the stream not due any more."""

    def __init__(self, store: Store, submit: Submit, clock: Clock, batch: int = BATCH) -> None:
        self._store = store
        self._submit = submit
        self._clock = clock
        self._batch = batch

    async def run(self) -> list[Fired]:
        """Lapse until nothing is due; what was fired, in order of deadlines. Errors of the store are raised.

        A stream whose lapse is refused is passed over; one that is still due then is found by the next run.
        """
        fired: list[Fired] = []
        # What a lower bound hid, because it fell due again at once, is found by the next sweep.
        while swept := await _Sweep(self._store, self._submit, self._clock, self._batch).run():
            fired += swept
        return fired


class _Sweep:
    """Once over all that is due, by lanes that each take a batch, have it lapsed, and take the next."""

    def __init__(self, store: Store, submit: Submit, clock: Clock, batch: int) -> None:
        self._store = store
        self._submit = submit
        self._clock = clock
        self._batch = batch
        self._taking = asyncio.Lock()
        self._after: DuePlace | None = None
        # Another worker takes what is due first: this one takes what comes after so many.
        self._ahead: int | None = None
        # Orders in the hands of a lane.
        self._held: set[str] = set()
        self._fired: list[tuple[Due, Fired]] = []
        self._failed = False

    async def run(self) -> list[Fired]:
        await asyncio.gather(*(self._lane() for _ in range(LANES)))
        self._fired.sort(key=lambda pair: pair[0].place)
        return [fired for _, fired in self._fired]

    async def _lane(self) -> None:
        try:
            while due := await self._take():
                self._sort_out(due, await self._submit([envelope(one) for one in due]))
        except BaseException:
            # The other lane ends what it has begun.
            self._failed = True
            raise

    async def _take(self) -> list[Due]:
        """The next batch. What else is due on an order that the other lane has is left to the next sweep."""
        async with self._taking:
            while not self._failed:
                # What the other lane lets go of meanwhile may still be seen as it was before.
                held = frozenset(self._held)
                found = await self._look()
                if not found:
                    break
                self._after = found[-1].place
                if taken := [one for one in found if one.order_id not in held]:
                    self._held.update(one.order_id for one in taken)
                    return taken
            return []

    async def _look(self) -> Sequence[Due]:
        while True:
            found = await self._store.due_orders(self._clock.now(), self._batch, self._after, self._ahead)
            if found or not self._ahead:
                break
            self._ahead = self._ahead // 2 if self._ahead > self._batch else 0
        # Once gone ahead, what was passed over is still to be minded, but no more is passed over.
        if self._ahead:
            self._ahead = 0
        return found

    def _sort_out(self, due: Sequence[Due], results: Sequence[Result]) -> None:
        if sum(isinstance(one, Refused) and one.kind in _NOT_NOW for one in results) * 2 > len(results):
            self._ahead = AHEAD
        for one, result in zip(due, results, strict=True):
            if isinstance(result, Done):
                self._fired.append((one, Fired(one.due_at, one.stream, one.default)))
            elif result.kind not in _NOT_NOW:
                _log.error("lapse_refused", stream=one.stream, kind=result.kind, why=result.detail)
        self._held.difference_update(one.order_id for one in due)


def envelope(due: Due) -> Envelope:
    """The clock's command for a stream that is due."""
    command = Lapse() if due.case_id else LapseOrder()
    return Envelope(command=command, actor=CLOCK, order_id=due.order_id, case_id=due.case_id)
