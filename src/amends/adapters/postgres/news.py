"""News by LISTEN and NOTIFY: one listening connection a process, whatever the number of open pages.

They are sent after the commit they are about, not by a trigger inside it: PostgreSQL lets only one
transaction that notifies commit at a time, and the write path must not queue there.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import structlog

from amends.adapters.memory.news import Ear, MemoryNews
from amends.adapters.postgres.pool import UNREACHABLE, Pool
from amends.adapters.postgres.statements import statements

_SQL = statements("news")
CHANNEL = "amends_news"
_AGAIN_S = 1.0
# Under load the news of many commits travel together; who is alone waits for nothing.
_PAUSE_S = 0.05
# A payload must stay below 8000 bytes, and an id has 64 at most.
_TOLD_TOGETHER = 100
# An import that nobody watches does not grow a list without end.
_WAITING_MAX = 20_000

_log = structlog.get_logger()


class PostgresNews:
    """Keeps what `amends.application.ports.news.News` promises, for all processes of one database.

    Nothing is heard or sent before `running`.
    """

    def __init__(self, url: str, pool: Pool) -> None:
        self._url = url
        self._pool = pool
        self._here = MemoryNews()
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()

    def tell(self, order_ids: Collection[str]) -> None:
        if len(self._waiting) < _WAITING_MAX:
            self._waiting.update(order_ids)
        self._wake.set()

    def follow(self, order_id: str, since: float = 0.0) -> AbstractAsyncContextManager[Ear]:
        return self._here.follow(order_id, since)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen and send inside the block, whatever happens to the connections."""
        tasks = [asyncio.create_task(self._listening()), asyncio.create_task(self._sending())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listening(self) -> None:
        while True:
            try:
                await self._listen()
            except UNREACHABLE as error:
                _log.warning("news_lost", error=repr(error))
            except asyncpg.PostgresError as error:
                _log.warning("news_refused", error=repr(error))
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        gone = asyncio.Event()

        def hear(_connection: object, _pid: int, _channel: str, order_ids: object) -> None:
            self._here.ring(str(order_ids).splitlines())

        connection = await asyncpg.connect(self._url, server_settings={"application_name": "amends news"})
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(CHANNEL, hear)
            # Between two connections anything may have happened.
            self._here.miss()
            await gone.wait()
        finally:
            connection.terminate()

    async def _sending(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            order_ids, self._waiting = list(self._waiting), set()
            starts = range(0, len(order_ids), _TOLD_TOGETHER)
            lists = ["\n".join(order_ids[start : start + _TOLD_TOGETHER]) for start in starts]
            try:
                await self._pool.execute(_SQL["tell"], CHANNEL, lists)
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                # The pages are told to look again when their streams come back.
                _log.warning("news_untold", orders=len(order_ids), error=repr(error))
            await asyncio.sleep(_PAUSE_S)
