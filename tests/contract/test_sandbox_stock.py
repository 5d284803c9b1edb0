"""The sandbox's stock: the same promises in memory and in PostgreSQL, for several who want the last piece."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.sandbox_shelf import PostgresShelf
from amends.adapters.stock.sandbox import Hold, MemoryShelf, Shelf

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
async def shelf(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Shelf]:
    if request.param == "memory":
        yield MemoryShelf()
        return
    pool = await open_pool(database_url, 4)
    yield PostgresShelf(pool)
    await pool.close()


def wish(key: str, quantity: int = 1, days: int = 21, variant: str = "blue") -> Hold:
    return Hold(
        key=key,
        seller_id="lumen",
        sku="LAMP-1",
        variant=variant,
        quantity=quantity,
        until=NOW + timedelta(days=days),
    )


async def test_no_more_is_kept_than_there_is_however_many_ask_at_once(shelf: Shelf) -> None:
    got = await asyncio.gather(*(shelf.keep(wish(f"k{n}"), 3, NOW) for n in range(10)))
    assert sum(got) == 3
    assert await shelf.kept("lumen", "LAMP-1", NOW) == {"blue": 3}
    assert await shelf.keep(wish("other", variant="red"), 1, NOW)
    assert await shelf.kept("fern", "LAMP-1", NOW) == {}


async def test_what_is_kept_is_free_again_when_its_time_is_over_and_not_before(shelf: Shelf) -> None:
    assert await shelf.keep(wish("first", days=2), 1, NOW)
    last = NOW + timedelta(days=2, microseconds=-1)
    assert not await shelf.keep(wish("second"), 1, last)
    assert await shelf.keep(wish("first", days=3), 1, last)  # its own time is prolonged
    assert not await shelf.keep(wish("second"), 1, NOW + timedelta(days=2))
    assert await shelf.keep(wish("second"), 1, NOW + timedelta(days=3))


async def test_what_was_sent_is_gone_and_what_was_let_go_is_there(shelf: Shelf) -> None:
    assert await shelf.keep(wish("sent", days=1), 2, NOW)
    await shelf.end("sent", taken=True)
    assert await shelf.keep(wish("kept"), 2, NOW + timedelta(days=9))
    assert not await shelf.keep(wish("late"), 2, NOW + timedelta(days=9))
    await shelf.end("kept", taken=False)
    await shelf.end("nobody's", taken=False)
    assert await shelf.kept("lumen", "LAMP-1", NOW + timedelta(days=9)) == {"blue": 1}
