"""The setting of the sandbox's clock in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from amends.application.ports import ClockSetting


class MemoryClockFace:
    """Keeps what `amends.application.clock.ClockFace` promises, within one process."""

    def __init__(self) -> None:
        self._setting = ClockSetting()
        self._lock = asyncio.Lock()
        self._changed = asyncio.Condition()

    async def read(self) -> ClockSetting:
        return self._setting

    async def write(self, setting: ClockSetting) -> None:
        async with self._changed:
            self._setting = setting
            self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._lock:
            yield

    async def changes(self) -> AsyncIterator[ClockSetting]:
        while True:
            seen = self._setting
            yield seen
            async with self._changed:
                while self._setting is seen:
                    await self._changed.wait()
