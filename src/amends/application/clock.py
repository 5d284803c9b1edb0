"""What time it is. In the sandbox the clock can be moved forward; each deadline on the way fires in order.

The sandbox's time is the machine's plus an offset, except while somebody moves it: then it stands still at
each deadline until everything of that instant is done.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from amends.application.errands import Errands
from amends.application.lapses import Fired, Lapses
from amends.application.ports import ClockFace, ClockSetting, Store

_POLL_S = 0.02
# Beyond that every date of the order is long past; a clock once moved cannot be moved back.
LEAP_MAX = timedelta(days=3660)


def present() -> datetime:
    """The machine's instant, in UTC."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return present()


class MovedBackError(ValueError):
    """The sandbox's clock only moves forward."""

    def __init__(self, now: datetime, to: datetime) -> None:
        super().__init__(f"the clock stands at {now.isoformat()} and cannot go back to {to.isoformat()}")
        self.now = now
        self.to = to


class SandboxClock:
    """A clock that can be moved forward. Call `refresh` before use, and keep `follow` running meanwhile."""

    def __init__(self, face: ClockFace, system: Callable[[], datetime] = present) -> None:
        self._face = face
        self._system = system
        self._setting = ClockSetting()

    def now(self) -> datetime:
        """The sandbox's instant, in UTC, by the setting as this process last saw it."""
        return self._setting.held_at or self._system() + self._setting.offset

    @property
    def standing(self) -> bool:
        """Whether somebody is moving the clock: what falls due is theirs to do."""
        return self._setting.held_at is not None

    async def refresh(self) -> None:
        """See what the setting is now."""
        self._setting = await self._face.read()

    async def follow(self) -> None:
        """See every change of the setting until cancelled."""
        async for setting in self._face.changes():
            self._setting = setting

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Nobody else moves the clock inside the block."""
        return self._face.alone()

    async def hold(self, at: datetime) -> None:
        """Stand still at ``at``. Raises `MovedBackError`."""
        await self._set(ClockSetting(self._setting.offset, at), at)

    async def go_on(self, at: datetime) -> None:
        """Run on from ``at``. Raises `MovedBackError`."""
        if not self.standing:
            at = max(at, self.now())
        await self._set(ClockSetting(at - self._system()), at)

    async def _set(self, setting: ClockSetting, at: datetime) -> None:
        if at < self.now():
            raise MovedBackError(self.now(), at)
        await self._face.write(setting)
        self._setting = setting


class TimeMachine:
    """Moves the sandbox's clock and lets everything on the way happen (X8).

    One leap and many small steps make the same events in the same order: at each instant that something is
    due, the clock stands still until nothing is due any more.
    """

    def __init__(
        self,
        clock: SandboxClock,
        store: Store,
        lapses: Lapses,
        errands: Errands,
        patience_s: float = 30.0,
        *,
        foresee: Callable[[datetime], Awaitable[None]] | None = None,
    ) -> None:
        """``patience_s``: how long to wait, in real seconds, for errands that another process holds.

        ``foresee`` plans what is to be done before the clock comes to an instant, as reminders are.
        """
        self._clock = clock
        self._store = store
        self._lapses = lapses
        self._errands = errands
        self._patience_s = patience_s
        self._foresee = foresee
        self._given_up: set[datetime] = set()

    async def advance(
        self, to: datetime, on_progress: Callable[[datetime, int], None] | None = None
    ) -> list[Fired]:
        """Move the clock to ``to``; returns what fired, in order.

        ``on_progress`` is told each instant that was reached, and how much has fired by then. Raises
        `MovedBackError`, and errors of the store. If it is interrupted, the clock goes on from the instant
        it had reached.
        """
        async with self._clock.alone():
            await self._clock.refresh()
            if to < self._clock.now():
                raise MovedBackError(self._clock.now(), to)
            fired: list[Fired] = []
            reached = self._clock.now()
            try:
                due = await self._next(to)
                while due is not None and due <= to:
                    reached = max(due, reached)
                    await self._clock.hold(reached)
                    fired += await self._fire()
                    if on_progress is not None:
                        on_progress(reached, len(fired))
                    due = await self._next(to, after=reached)
                reached = to
            finally:
                await self._clock.go_on(reached)
            return fired

    async def recover(self) -> None:
        """Let a clock run on that was left standing by a process that died."""
        async with self._clock.alone():
            await self._clock.refresh()
            if self._clock.standing:
                await self._clock.go_on(self._clock.now())

    async def _next(self, to: datetime, after: datetime | None = None) -> datetime | None:
        """The next instant to stop at."""
        due = await self._store.next_due(after)
        if self._foresee is None or (due is not None and due <= self._clock.now()):
            return due
        await self._foresee(min(due or to, to))
        earliest = await self._store.next_due()
        if earliest is not None and earliest <= self._clock.now() and earliest not in self._given_up:
            return earliest
        return await self._store.next_due(after)

    async def _fire(self) -> list[Fired]:
        """Do everything that is due at this instant, whoever does it."""
        fired: list[Fired] = []
        give_up_at = time.monotonic() + self._patience_s
        while True:
            lapsed = await self._lapses.run()
            fired += lapsed
            busy = await self._errands.run() + await self._errands.hear()
            if lapsed or busy:
                continue
            earliest = await self._store.next_due()
            if earliest is None or earliest > self._clock.now() or earliest in self._given_up:
                return fired
            # What nobody can do, a refused lapse, must not stop the clock for everybody, nor twice.
            if time.monotonic() > give_up_at:
                self._given_up.add(earliest)
                return fired
            await asyncio.sleep(_POLL_S)
