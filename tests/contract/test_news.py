"""News: the same promises in memory and in PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from amends.adapters.memory.news import MemoryNews
from amends.adapters.postgres.news import PostgresNews
from amends.adapters.postgres.pool import open_pool
from amends.application.ports.news import News

SOON_S = 5.0
NEVER_S = 0.15
_LISTENER = """from pg_stat_activity
               where application_name = 'amends news' and datname = current_database()"""


@pytest.fixture(params=["memory", "postgres"])
async def news(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[News]:
    if request.param == "memory":
        yield MemoryNews()
        return
    pool = await open_pool(database_url, 1)
    kept = PostgresNews(database_url, pool)
    async with kept.running():
        await _listens(pool)
        await asyncio.sleep(0.05)
        yield kept
    await pool.close()


async def _listens(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    query = f"select exists (select {_LISTENER} and query ~ '^LISTEN')"
    while not await pool.fetchval(query):  # noqa: ASYNC110  # what is waited for is in the server
        await asyncio.sleep(0.01)


def _later() -> float:
    return time.time() + 1


async def test_whoever_follows_an_order_hears_of_it_once(news: News) -> None:
    async with news.follow("o1", _later()) as one, news.follow("o1", _later()) as other:
        news.tell(["o1", "o2"])
        assert await one.changed(SOON_S)
        assert await other.changed(SOON_S)
        assert not await one.changed(NEVER_S)


async def test_many_orders_at_once_are_all_heard_of(news: News) -> None:
    orders = [f"{n:064}" for n in range(350)]
    async with news.follow(orders[0], _later()) as first, news.follow(orders[-1], _later()) as last:
        news.tell(orders)
        assert await first.changed(SOON_S)
        assert await last.changed(SOON_S)


async def test_other_orders_are_not_heard(news: News) -> None:
    async with news.follow("o1", _later()) as ear:
        news.tell(["o10", "o"])
        assert not await ear.changed(NEVER_S)


async def test_what_was_missed_while_away_counts(news: News) -> None:
    async with news.follow("o1", _later()) as ear:
        news.tell(["o1"])
        assert await ear.changed(SOON_S)
    away = time.time() - 0.1
    async with news.follow("o1", away) as ear:
        assert await ear.changed(NEVER_S)
    async with news.follow("o1", _later()) as ear:
        assert not await ear.changed(NEVER_S)


async def test_many_changes_at_once_are_heard_by_each(news: News) -> None:
    ids = [f"o{n}" for n in range(500)]
    async with news.follow("o0", _later()) as first, news.follow("o499", _later()) as last:
        news.tell(ids)
        news.tell(ids)
        assert await first.changed(SOON_S)
        assert await last.changed(SOON_S)


async def test_after_a_broken_connection_everybody_is_told_to_look(database_url: str) -> None:
    pool = await open_pool(database_url, 1)
    news = PostgresNews(database_url, pool)
    async with news.running():
        await _listens(pool)
        await asyncio.sleep(0.05)
        async with news.follow("o1", _later()) as ear:
            assert not await ear.changed(NEVER_S)
            await pool.execute(f"select pg_terminate_backend(pid) {_LISTENER}")
            assert await ear.changed(SOON_S)
            news.tell(["o1"])
            assert await ear.changed(SOON_S)
    await pool.close()
