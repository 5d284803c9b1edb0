"""A bench of processes on this machine. A few parts are ahead of what is asked for, so nobody waits."""

import asyncio
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

import msgspec

from amends.application.ports.lab import Job, Part

# Each takes what is left of one core; parts queue up behind so that none of them idles.
_AHEAD = 4
_part = msgspec.msgpack.Decoder(Part).decode

Place = tuple[str, ...]
"""Where the past is, and what else a process has to know, as plain words."""
Begin = Callable[[Place], None]
Compute = Callable[[Job, Sequence[str]], bytes]


class ProcessBench:
    """`amends.application.ports.lab.Bench` over a pool of processes that lives as long as one run.

    ``begin`` is called once in each process with ``where``; ``compute`` gives a part as msgpack. Both are
    functions of a module, since they are found by name in the other process.
    """

    def __init__(self, begin: Begin, where: Place, compute: Compute, processes: int = 0) -> None:
        """``processes`` 0 takes one for each core."""
        self._begin = begin
        self._where = where
        self._compute = compute
        self._processes = processes or os.cpu_count() or 1

    async def compare(self, job: Job, chunks: Sequence[Sequence[str]]) -> AsyncGenerator[Part, None]:
        """One part for each chunk, in their order."""
        loop = asyncio.get_running_loop()
        pool = ProcessPoolExecutor(
            min(self._processes, max(1, len(chunks))),
            # A server has threads and connections that a copy of it must not touch.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=self._begin,
            initargs=(self._where,),
        )
        ahead: deque[asyncio.Future[bytes]] = deque()
        waiting = iter(chunks)
        try:
            for chunk in waiting:
                ahead.append(loop.run_in_executor(pool, self._compute, job, list(chunk)))
                if len(ahead) >= self._processes * (1 + _AHEAD):
                    yield _part(await ahead.popleft())
            while ahead:
                yield _part(await ahead.popleft())
        finally:
            for future in ahead:
                future.cancel()
            pool.shutdown(wait=False, cancel_futures=True)
