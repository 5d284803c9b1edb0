"""The setting of the sandbox's clock in PostgreSQL, so that all processes agree."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.statements import statements
from amends.application.ports import ClockSetting

_SQL = statements("sandbox_clock")
_CHANNEL = "sandbox_clock"
# Any number that nothing else locks: the first eight bytes of "amends: sandbox clock" in SHA-256.
_LOCK = int.from_bytes(hashlib.sha256(b"amends: sandbox clock").digest()[:8], "big", signed=True)
_POLL_S = 0.1
# News may be lost with a connection, so the setting is read again now and then.
_REREAD_S = 2.0


class PostgresClockFace:
    """Keeps what `amends.application.clock.ClockFace` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self) -> ClockSetting:
        row = await self._pool.fetchrow(_SQL["read_clock"])
        return ClockSetting() if row is None else ClockSetting(row["ahead"], row["held_at"])

    async def write(self, setting: ClockSetting) -> None:
        await self._pool.execute(_SQL["write_clock"], setting.offset, setting.held_at)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._pool.acquire() as connection:
            # What is waited for may be in another process.
            while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)
            try:
                yield
            finally:
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)

    async def changes(self) -> AsyncIterator[ClockSetting]:
        changed = asyncio.Event()

        def hear(*_news: object) -> None:
            changed.set()

        async with self._pool.acquire() as connection:
            await connection.add_listener(_CHANNEL, hear)
            try:
                while True:
                    changed.clear()
                    yield await self.read()
                    try:
                        async with asyncio.timeout(_REREAD_S):
                            await changed.wait()
                    except TimeoutError:
                        pass
            finally:
                # A lost connection listens no more, and saying so must not hide why we stop.
                with suppress(asyncpg.InterfaceError):
                    await connection.remove_listener(_CHANNEL, hear)
