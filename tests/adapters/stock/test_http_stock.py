"""A marketplace is asked for its stock over a real socket; whatever is not an answer counts as silence."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.adapters.stock.shop_floor import TOKEN, ShopFloor

from amends.adapters.stock.http import HttpStock
from amends.application.ports.stock import Article, StockSilent, Variant

LAMP = Article(seller_id="lumen & clay", sku="LAMP-1", currency="EUR")
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=21)


@pytest.fixture
async def floor() -> AsyncIterator[ShopFloor]:
    made = ShopFloor()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    assert made.mistakes == []
    listening.close()


def asking(floor: ShopFloor, token: str = TOKEN) -> HttpStock:
    return HttpStock(f"http://127.0.0.1:{floor.port}/", token, timeout_s=0.5)


@pytest.mark.row("I1")
async def test_what_is_held_is_nobody_elses_until_it_is_released_or_sent(floor: ShopFloor) -> None:
    stock = asking(floor)
    assert await stock.variants(LAMP) == (
        Variant(variant="blue", price=4000, available=2),
        Variant(variant="red", price=4000, available=0),
    )
    held = await stock.hold("exchange:o/1.1", LAMP, "blue", 2, UNTIL)
    assert held is not None
    assert (held.until, held.reference) == (UNTIL, "h-1")
    assert await stock.hold("exchange:o2.1", LAMP, "blue", 1, UNTIL) is None
    assert await stock.hold("exchange:o3.1", LAMP, "red", 1, UNTIL) is None
    # The same key again prolongs.
    assert await stock.hold("exchange:o/1.1", LAMP, "blue", 2, UNTIL + timedelta(days=1)) is not None
    await stock.release("exchange:o/1.1")
    await stock.release("exchange:o/1.1")
    assert await stock.hold("exchange:o2.1", LAMP, "blue", 1, UNTIL) is not None
    await stock.take("exchange:o2.1")
    await stock.take("exchange:o2.1")
    assert floor.taken == {"exchange:o2.1"}
    assert (await stock.variants(LAMP))[0].available == 1


async def test_an_article_the_stock_does_not_know_has_no_variants(floor: ShopFloor) -> None:
    assert await asking(floor).variants(Article(seller_id="s", sku="none", currency="EUR")) == ()


@pytest.mark.parametrize("fault", ["silent", "closed", "500", "garbage", "endless", "redirect", "wrong"])
async def test_whatever_is_no_answer_is_silence_and_never_sold_out(floor: ShopFloor, fault: str) -> None:
    floor.fault = fault
    stock = asking(floor)
    with pytest.raises(StockSilent):
        await stock.variants(LAMP)
    with pytest.raises(StockSilent):
        await stock.hold("k", LAMP, "blue", 1, UNTIL)


async def test_a_wrong_token_or_an_address_nobody_listens_at_is_silence(floor: ShopFloor) -> None:
    with pytest.raises(StockSilent):
        await asking(floor, "another").variants(LAMP)
    floor.mistakes.clear()
    with pytest.raises(StockSilent):
        await HttpStock("http://127.0.0.1:9", timeout_s=0.5).release("k")
