"""Which orders' parcels go under a number: the same promises in memory and in PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.tracking_numbers import MemoryTrackingNumbers
from amends.adapters.payments.sandbox import Faults
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.tracking_numbers import PostgresTrackingNumbers
from amends.application.ports.carriers import TrackingNumbers
from amends.domain.custody import commands as oc
from amends.domain.orders import Parcel
from tests.application.shop import Shop, a_shop
from tests.domain.marketplace import OPERATOR, SELLER, an_order


@pytest.fixture(params=["memory", "postgres"])
async def told(
    request: pytest.FixtureRequest, database_url: str
) -> AsyncIterator[tuple[Shop, TrackingNumbers]]:
    async with a_shop(request.param, database_url, Faults()) as shop:
        if isinstance(shop.store, MemoryStore):
            yield shop, MemoryTrackingNumbers(shop.store)
            return
        pool = await open_pool(database_url, 1)
        yield shop, PostgresTrackingNumbers(pool)
        await pool.close()


async def place(shop: Shop, order_id: str, buyer: str, number: str) -> None:
    order = replace(an_order(order_id=order_id, placed_at=shop.clock.now()), buyer_id=buyer)
    await shop.do(oc.PlaceOrder(order=order), OPERATOR, order_id)
    parcel = Parcel("p1", shop.clock.now(), "Swift Post", number)
    await shop.do(oc.RecordParcel(parcel=parcel), SELLER, order_id)


async def test_a_number_is_shared_with_other_buyers_orders_only(told: tuple[Shop, TrackingNumbers]) -> None:
    shop, numbers = told
    await place(shop, "o1", "nora", "RR 123-456-785 DE")
    assert await numbers.shared_with("RR123456785DE", "o1", "nora") == 0
    await place(shop, "o2", "nora", "RR123456785DE")  # the same buyer: one parcel for two orders
    assert await numbers.shared_with("RR123456785DE", "o1", "nora") == 0
    await place(shop, "o3", "yuki", "rr123456785de")
    await place(shop, "o4", "ana", "RB123456785DE")
    assert await numbers.shared_with("RR123456785DE", "o1", "nora") == 1
    assert await numbers.shared_with("RR123456785DE", "o3", "yuki") == 2
    assert await numbers.shared_with("RB123456785DE", "o4", "ana") == 0
