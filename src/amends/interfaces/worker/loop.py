"""The worker: lapses deadlines and runs errands, round after round, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from amends.application.backoff import delay
from amends.application.clock import SandboxClock
from amends.application.errands import Errands
from amends.application.lapses import Lapses
from amends.interfaces.worker.metrics import Metrics

_log = structlog.get_logger()

_FIRST_PAUSE = timedelta(milliseconds=250)
_PAUSE_CAP = timedelta(seconds=30)
# What nobody uses waits a day before it is cleared away: minutes do not matter.
_CLEARED_EVERY_S = 300.0
_SWEPT_EVERY_S = 60.0


class Worker:
    """Does what is due. Any number may run, in any number of processes.

    ``sandbox_clock``: the clock that people may move; while somebody does, what falls due is theirs to do.
    ``clear`` removes what is no longer used, and says how much it looked at. ``sweep`` plans reminders of
    what is due soon and destroys what nobody may keep, and says whether there is more.
    """

    def __init__(
        self,
        lapses: Lapses,
        errands: Errands,
        *,
        sandbox_clock: SandboxClock | None = None,
        clear: Callable[[], Awaitable[int]] | None = None,
        sweep: Callable[[], Awaitable[int]] | None = None,
        metrics: Metrics | None = None,
        idle_s: float = 0.5,
    ) -> None:
        self._lapses = lapses
        self._errands = errands
        self._sandbox_clock = sandbox_clock
        self._clear = clear
        self._sweep = sweep
        self._metrics = metrics or Metrics()
        self._idle_s = idle_s

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; what was begun is finished. Trouble of the database is waited out."""
        _log.info("worker_started")
        async with asyncio.TaskGroup() as lanes:
            # A slow provider must not hold up the deadlines.
            lanes.create_task(self._lane("lapses", self._lapse, stop))
            lanes.create_task(self._lane("errands", self._run_errands, stop))
            if self._clear is not None:
                lanes.create_task(self._lane("clearing", self._clear, stop, _CLEARED_EVERY_S))
            if self._sweep is not None:
                lanes.create_task(self._lane("sweeping", self._sweep, stop, _SWEPT_EVERY_S))
        _log.info("worker_stopped")

    async def _lane(
        self, name: str, work: Callable[[], Awaitable[int]], stop: asyncio.Event, idle_s: float = 0
    ) -> None:
        failures = 0
        while not stop.is_set():
            try:
                done = await self._unless_standing(work)
                if failures:
                    _log.info("worker_recovered", lane=name, failures=failures)
                failures = 0
            except Exception as error:  # noqa: BLE001  whatever it is, the next round may do better
                pause = delay(name, failures, _FIRST_PAUSE, _PAUSE_CAP)
                failures += 1
                self._metrics.failures.labels(name).inc()
                # The whole story once; while it lasts, a line is enough.
                _log.warning(
                    "worker_failed",
                    lane=name,
                    error=repr(error),
                    again_in_s=pause.total_seconds(),
                    exc_info=failures == 1,
                )
                await _pause(stop, pause.total_seconds())
                continue
            if not done:
                await _pause(stop, idle_s or self._idle_s)

    async def _unless_standing(self, work: Callable[[], Awaitable[int]]) -> int:
        if self._sandbox_clock is not None:
            await self._sandbox_clock.refresh()
            if self._sandbox_clock.standing:
                return 0
        return await work()

    async def _lapse(self) -> int:
        fired = await self._lapses.run()
        for one in fired:
            self._metrics.lapses.labels(one.default).inc()
        if fired:
            _log.info("lapsed", count=len(fired))
        return len(fired)

    async def _run_errands(self) -> int:
        heard = await self._errands.hear()
        handled = await self._errands.run()
        self._metrics.errands.inc(handled)
        if handled:
            _log.info("errands_run", count=handled)
        return heard + handled


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
