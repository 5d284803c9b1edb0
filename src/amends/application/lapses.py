"""The deadline worker: finds the streams whose time is up and lapses them, hundreds in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from amends.application.ports import Clock, Done, Due, Envelope, Result, Store
from amends.domain.cases.commands import Lapse
from amends.domain.custody.commands import LapseOrder
from amends.domain.parties import CLOCK

_log = structlog.get_logger()

Submit = Callable[[Sequence[Envelope]], Awaitable[Sequence[Result]]]

# 50 ms of locks; measured, larger batches gain nothing.
BATCH = 500
# While the database writes one batch, the next is decided.
LANES = 2
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
        while swept := await self._sweep():
            fired += swept
        return fired

    async def _sweep(self) -> list[Fired]:
        fired: list[Fired] = []
        since: datetime | None = None
        refused: set[tuple[str, str]] = set()
        while True:
            # As many more as were refused, so that they hide nobody, however many fall due at one instant.
            wanted = self._batch * LANES
            found = await self._store.due_orders(self._clock.now(), wanted + len(refused), since)
            due = [one for one in found if (one.order_id, one.case_id) not in refused][:wanted]
            if not due:
                return fired
            fired += await self._lapse(due, refused)
            since = due[-1].due_at

    async def _lapse(self, due: Sequence[Due], refused: set[tuple[str, str]]) -> list[Fired]:
        lanes = _lanes(due, self._batch)
        answered = await asyncio.gather(*(self._submit([envelope(one) for one in lane]) for lane in lanes))
        results = {
            one: result
            for lane, answers in zip(lanes, answered, strict=True)
            for one, result in zip(lane, answers, strict=True)
        }
        fired: list[Fired] = []
        for one in due:
            result = results[one]
            if isinstance(result, Done):
                fired.append(Fired(one.due_at, one.case_id or one.order_id, one.default))
                continue
            refused.add((one.order_id, one.case_id))
            if result.kind not in _NOT_NOW:
                _log.error(
                    "lapse_refused", stream=one.case_id or one.order_id, kind=result.kind, why=result.detail
                )
        return fired


def _lanes(due: Sequence[Due], size: int) -> list[list[Due]]:
    """Transactions to run side by side; what is due on one order stays together and in its order."""
    lanes: list[list[Due]] = [[]]
    lane_of: dict[str, list[Due]] = {}
    for one in due:
        lane = lane_of.get(one.order_id)
        if lane is None:
            if len(lanes[-1]) >= size:
                lanes.append([])
            lane = lane_of[one.order_id] = lanes[-1]
        lane.append(one)
    return lanes


def envelope(due: Due) -> Envelope:
    """The clock's command for a stream that is due."""
    command = Lapse() if due.case_id else LapseOrder()
    return Envelope(command=command, actor=CLOCK, order_id=due.order_id, case_id=due.case_id)
