"""The gatherer: commands that wait at the same time share a transaction.

On a quiet machine a request is a batch of one; on a busy one, of many. Nothing waits for a batch to fill
while the database is idle.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from amends.application.ports import Envelope, Result

ExecuteBatch = Callable[[Sequence[Envelope]], Awaitable[Sequence[Result]]]

BATCH_MAX = 64
CONCURRENT_MAX = 2
# Much of a batch's cost comes with its first command: beside another, one is begun for no fewer.
ALONGSIDE_MIN = 12


class GathererClosed(Exception):
    """The process is shutting down and takes no more commands."""


class Gatherer:
    """Takes commands one by one, carries them out in batches, and answers each.

    Commands on one order are carried out in the order they came: while a batch holds an order, what comes
    later for it waits for the next batch instead of blocking one on the order's lock.
    """

    def __init__(
        self,
        execute: ExecuteBatch,
        *,
        batch_max: int = BATCH_MAX,
        concurrent_max: int = CONCURRENT_MAX,
        alongside_min: int = ALONGSIDE_MIN,
    ) -> None:
        self._execute = execute
        self._batch_max = batch_max
        self._concurrent_max = concurrent_max
        self._alongside_min = alongside_min
        self._waiting: deque[tuple[Envelope, asyncio.Future[Result]]] = deque()
        self._orders_in_flight: set[str] = set()
        self._batches: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._closed = False

    async def submit(self, envelope: Envelope) -> Result:
        """Carry out one command, together with whatever else waits.

        Raises `GathererClosed` after `close`, and what the execution raised if the batch could not be carried
        out.
        """
        if self._closed:
            raise GathererClosed("no more commands are taken: the process is shutting down")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((envelope, future))
        if not self._scheduled:
            # After the commands that are ready in this turn of the loop, so that they come along.
            self._scheduled = True
            loop.call_soon(self._start)
        return await future

    async def close(self) -> None:
        """Take no more commands, and return when all that were taken are answered."""
        self._closed = True
        while self._batches or self._waiting:
            self._start()
            if self._batches:
                await asyncio.wait(set(self._batches))

    def _start(self) -> None:
        self._scheduled = False
        while self._waiting and self._worth_a_batch():
            members = self._take()
            if not members:
                return
            self._orders_in_flight.update(envelope.order_id for envelope, _ in members)
            task = asyncio.get_running_loop().create_task(self._run(members))
            self._batches.add(task)
            task.add_done_callback(self._ended)

    def _worth_a_batch(self) -> bool:
        if not self._batches:
            return True
        return len(self._batches) < self._concurrent_max and len(self._waiting) >= self._alongside_min

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._start()

    def _take(self) -> list[tuple[Envelope, asyncio.Future[Result]]]:
        members: list[tuple[Envelope, asyncio.Future[Result]]] = []
        held_back: list[tuple[Envelope, asyncio.Future[Result]]] = []
        held_orders: set[str] = set()
        while self._waiting and len(members) < self._batch_max:
            envelope, future = entry = self._waiting.popleft()
            if future.done():
                # Whoever asked has gone before it was begun.
                continue
            if envelope.order_id in self._orders_in_flight or envelope.order_id in held_orders:
                held_orders.add(envelope.order_id)
                held_back.append(entry)
            else:
                members.append(entry)
        self._waiting.extendleft(reversed(held_back))
        return members

    async def _run(self, members: list[tuple[Envelope, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._execute([envelope for envelope, _ in members])
            for (_, future), result in zip(members, results, strict=True):
                if not future.done():
                    future.set_result(result)
        except BaseException as error:
            # Also when this task is cancelled: nobody may wait for ever.
            told = GathererClosed("cut off") if isinstance(error, asyncio.CancelledError) else error
            for _, future in members:
                if not future.done():
                    future.set_exception(told)
            if not isinstance(error, Exception):
                raise
        finally:
            self._orders_in_flight.difference_update(envelope.order_id for envelope, _ in members)
