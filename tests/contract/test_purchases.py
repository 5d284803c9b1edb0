"""What every list of a buyer's orders and cases promises, in memory and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from amends.adapters.memory.purchases import MemoryPurchases
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.purchases import PostgresPurchases
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.purchases import PurchaseFilter, Purchases
from amends.domain.cases.commands import ConfirmRefund
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from tests.contract.stores import DELIVERED, AnyStore, claimed, delivered, done, placing, refunding, to
from tests.domain.marketplace import BUYER, PLACED, PROVIDER, SELLER, an_order

ALL = PurchaseFilter(buyer_id=BUYER.id)


@pytest.fixture
async def kept(address: str) -> AsyncIterator[tuple[AnyStore, Purchases]]:
    if not address:
        store = MemoryStore()
        yield store, MemoryPurchases(store)
        return
    pool = await open_pool(address, 4)
    yield PostgresStore(pool), PostgresPurchases(pool)
    await pool.close()


def any_of(_: object) -> bool:
    return True


async def placed(store: AnyStore, count: int) -> list[str]:
    """Orders a minute apart; their ids, newest first."""
    orders = [
        an_order(order_id=f"o{n}", placed_at=PLACED + timedelta(minutes=n // 2)) for n in range(1, count + 1)
    ]
    await done(store, *(placing(order) for order in orders), now=DELIVERED)
    newest = sorted(orders, key=lambda order: (order.placed_at, order.order_id), reverse=True)
    return [order.order_id for order in newest]


async def test_every_order_is_listed_once_newest_first(kept: tuple[AnyStore, Purchases]) -> None:
    store, purchases = kept
    ids = await placed(store, 7)
    found, cursor = [], ""
    while True:
        page = await purchases.orders(ALL, any_of, cursor, 3)
        found += [custody.order.order_id for custody in page.orders]
        cursor = page.next
        if not cursor:
            break
    assert found == ids


async def test_a_page_is_filled_with_what_is_kept(kept: tuple[AnyStore, Purchases]) -> None:
    store, purchases = kept
    ids = await placed(store, 9)

    def odd(custody: Custody) -> bool:
        return int(custody.order.order_id[1:]) % 2 == 1

    first = await purchases.orders(ALL, odd, "", 2)
    rest = await purchases.orders(ALL, odd, first.next, 10)
    assert len(first.orders) == 2
    assert rest.next == ""
    wanted = [order_id for order_id in ids if int(order_id[1:]) % 2]
    assert [custody.order.order_id for custody in (*first.orders, *rest.orders)] == wanted


async def test_nobody_elses_orders_and_other_stages_are_left_out(kept: tuple[AnyStore, Purchases]) -> None:
    store, purchases = kept
    await delivered(store, ["o1", "o2"])
    await claimed(store, ["o3"])
    await done(store, placing(an_order(order_id="o4")), now=PLACED)

    async def ids(**wanted: Any) -> list[str]:
        page = await purchases.orders(PurchaseFilter(**wanted), any_of, "", 10)
        return sorted(custody.order.order_id for custody in page.orders)

    assert await ids(buyer_id="somebody") == []
    assert await ids(seller_id=SELLER.id) == ["o1", "o2", "o3", "o4"]
    assert await ids(buyer_id=BUYER.id, stages=("awaiting_shipment", "released")) == ["o4"]
    assert await ids(buyer_id=BUYER.id, stages=("protected",)) == ["o1", "o2", "o3"]
    assert await ids(buyer_id=BUYER.id, with_cases=True) == ["o3"]


async def test_a_buyers_cases_are_sifted_and_no_case_of_others_is_there(
    kept: tuple[AnyStore, Purchases],
) -> None:
    store, purchases = kept
    await claimed(store, ["o1", "o2", "o3"])

    def not_second(case: Case) -> bool:
        return case.order_id != "o2"

    first = await purchases.cases(BUYER.id, not_second, "", 1)
    rest = await purchases.cases(BUYER.id, not_second, first.next, 5)
    assert [case.case_id for case in (*first.cases, *rest.cases)] == ["o3.1", "o1.1"]
    assert (await purchases.cases("somebody", any_of, "", 5)).cases == ()


async def test_a_cursor_of_another_list_is_refused(kept: tuple[AnyStore, Purchases]) -> None:
    store, purchases = kept
    await claimed(store, ["o1", "o2"])
    cursor = (await purchases.cases(BUYER.id, any_of, "", 1)).next
    with pytest.raises(ValueError, match="cursor"):
        await purchases.orders(ALL, any_of, cursor, 1)
    with pytest.raises(ValueError, match="cursor"):
        await purchases.cases(BUYER.id, any_of, "none", 1)


@pytest.mark.row("H2")
async def test_every_stage_of_a_refund_has_its_moment(kept: tuple[AnyStore, Purchases]) -> None:
    store, purchases = kept
    await refunding(store)
    await claimed(store, ["o2"])
    before = await purchases.refund_moments(["o1.1", "o2.1"])
    assert [moment.event for moment in before["o1.1"]] == ["refund_approved", "refund_initiated"]
    assert list(before["o2.1"]) == []
    refund_id = before["o1.1"][0].refund_id
    later = DELIVERED + timedelta(days=2)
    await done(store, to("o1", ConfirmRefund(refund_id=refund_id), PROVIDER, "o1.1"), now=later)
    last = (await purchases.refund_moments(["o1.1"]))["o1.1"][-1]
    assert (last.event, last.refund_id, last.at) == ("refund_confirmed", refund_id, later)


async def test_orders_are_found_by_their_ids(kept: tuple[AnyStore, Purchases]) -> None:
    store, purchases = kept
    await placed(store, 3)
    assert set(await purchases.custodies(["o1", "o3", "unknown"])) == {"o1", "o3"}
