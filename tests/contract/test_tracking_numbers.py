"""Which orders' parcels go under a number: the same promises in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.tracking_numbers import MemoryTrackingNumbers
from amends.adapters.memory.whereabouts import MemoryWhereabouts
from amends.adapters.payments.sandbox import Faults
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.tracking_numbers import PostgresTrackingNumbers
from amends.adapters.postgres.whereabouts import PostgresWhereabouts
from amends.application.ports.carriers import TrackingNumbers
from amends.application.ports.sightings import WAITING_MAX, Bearer, Sighting, Whereabouts
from amends.domain.cases import commands as c
from amends.domain.custody import commands as oc
from amends.domain.orders import Parcel, Signal, TrackingEvent
from tests.application.shop import Shop, a_shop
from tests.domain.cases.stages import DAMAGED, INSTRUCT
from tests.domain.marketplace import BUYER, OPERATOR, SELLER, an_order


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


@pytest.fixture(params=["memory", "postgres"])
async def news(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[tuple[Shop, Whereabouts]]:
    async with a_shop(request.param, database_url, Faults()) as shop:
        if isinstance(shop.store, MemoryStore):
            yield shop, MemoryWhereabouts(shop.store)
            return
        pool = await open_pool(database_url, 1)
        yield shop, PostgresWhereabouts(pool)
        await pool.close()


def seen(shop: Shop, number: str, hours: int = 0) -> Sighting:
    at = shop.clock.now() + timedelta(hours=hours)
    event = TrackingEvent(at, Signal.IN_TRANSIT, "DE", "10115", note="Left with a neighbour")
    return Sighting(carrier="swift", number=number, event=event)


@pytest.mark.row("F6")
async def test_a_number_leads_to_parcels_of_orders_and_of_cases(news: tuple[Shop, Whereabouts]) -> None:
    shop, whereabouts = news
    await shop.place("o1")
    await shop.deliver("o1")
    case_id = (await shop.do(DAMAGED, BUYER, "o1")).case_id
    for command, by in ((c.AcceptOffer(), SELLER), (INSTRUCT, SELLER)):
        await shop.do(command, by, "o1", case_id)
    back = c.ShipReturn(carrier="Swift Post", tracking_number="rb 123456785 de")
    await shop.do(back, BUYER, "o1", case_id)
    assert await whereabouts.bearers("SW123456789") == (Bearer(order_id="o1", parcel_id="p1"),)
    expected = Bearer(order_id="o1", case_id=case_id, leg="return")
    assert await whereabouts.bearers("RB123456785DE") == (expected,)
    assert await whereabouts.bearers("RX123456785DE") == ()


@pytest.mark.row("F6")
async def test_news_waits_for_its_number_once_without_words_and_not_for_ever(
    news: tuple[Shop, Whereabouts],
) -> None:
    shop, whereabouts = news
    now = shop.clock.now()
    early, later = seen(shop, "RR123456785DE"), seen(shop, "RR123456785DE", 2)
    for _ in range(2):
        await whereabouts.put_by([early, later, seen(shop, "RX1234567890")], now + timedelta(days=30))
    flood = [seen(shop, "RY1234567890", hours) for hours in range(-WAITING_MAX - 9, 0)]
    await whereabouts.put_by(flood, now + timedelta(days=30))
    assert await whereabouts.known_now(now, 100) == ()
    await place(shop, "o1", "nora", "RR123456785DE")
    await place(shop, "o2", "nora", "RY1234567890")
    known = await whereabouts.known_now(now, 100)
    assert [one.event.note for one in known] == [""] * (WAITING_MAX + 1)
    assert known[-1].event.postcode == "10115"
    await whereabouts.drop(known)
    assert await whereabouts.known_now(now, 100) == ()
    assert len(await whereabouts.known_now(now + timedelta(hours=2), 100)) == 1
    assert await whereabouts.forget(now + timedelta(days=30, microseconds=-1)) == 0
    assert await whereabouts.forget(now + timedelta(days=30)) == 2
