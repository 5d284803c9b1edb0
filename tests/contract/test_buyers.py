"""Reads about buyers, and contests: the same answers from memory and from PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from amends.adapters.memory.buyers import MemoryBuyerReads, MemoryContests
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.buyers import PostgresBuyerReads, PostgresContests
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.buyers import BuyerReads, Contests
from amends.domain.parties import Actor, Role
from amends.domain.signals import Contest, Neighbour, Peers, Sign
from tests.contract.stores import DELIVERED, AnyStore, claim, claimed, done, placing, to
from tests.domain.marketplace import BUYER, PLACED, an_order

NOW = DELIVERED + timedelta(days=1)
SINCE = PLACED - timedelta(days=1)
BO = Actor(Role.BUYER, "bo")


class Shop(NamedTuple):
    """A store, and what is asked about its buyers."""

    store: AnyStore
    reads: BuyerReads
    contests: Contests


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Shop]:
    if request.param == "memory":
        store = MemoryStore()
        yield Shop(store, MemoryBuyerReads(store), MemoryContests())
        return
    pool = await open_pool(database_url, 2)
    yield Shop(PostgresStore(pool), PostgresBuyerReads(pool), PostgresContests(pool))
    await pool.close()


async def placed(shop: Shop, order_id: str, buyer: Actor, address: str) -> None:
    order = replace(an_order(order_id=order_id), buyer_id=buyer.id, address_key=address)
    await done(shop.store, placing(order), now=PLACED)


async def test_claims_come_newest_first_and_drafts_do_not(shop: Shop) -> None:
    await claimed(shop.store, ["o1", "o2", "o3"])
    draft = replace(claim(1), draft=True)
    await done(shop.store, to("o1", draft, BUYER), now=DELIVERED)
    found = await shop.reads.claims(BUYER.id, SINCE, NOW, 10)
    assert sorted(one.case.case_id for one in found) == ["o1.1", "o2.1", "o3.1"]
    assert all(one.custody.order.order_id == one.case.order_id for one in found)
    assert len(await shop.reads.claims(BUYER.id, SINCE, NOW, 2)) == 2
    assert not await shop.reads.claims(BUYER.id, SINCE, found[0].case.opened_at, 10)
    assert not await shop.reads.claims(BO.id, SINCE, NOW, 10)
    assert await shop.reads.orders_placed(BUYER.id, PLACED, NOW) == 3
    assert await shop.reads.orders_placed(BUYER.id, SINCE, PLACED) == 0
    assert await shop.reads.peers(SINCE, NOW) == Peers(1, 3, 3)


async def test_neighbours_are_those_of_the_same_address_in_the_same_time(shop: Shop) -> None:
    await claimed(shop.store, ["o0"])
    await placed(shop, "o1", BUYER, "house-1")
    await placed(shop, "o2", BO, "house-1")
    await placed(shop, "o3", BO, "house-2")
    await placed(shop, "o4", Actor(Role.BUYER, "cem"), "house-2")
    await placed(shop, "o5", Actor(Role.BUYER, "dana"), "")
    assert await shop.reads.neighbours(BUYER.id, SINCE, NOW, 10) == [Neighbour("bo", 2, 0)]
    assert await shop.reads.neighbours("bo", SINCE, NOW, 10) == [
        Neighbour(BUYER.id, 2, 1),
        Neighbour("cem", 1, 0),
    ]
    assert len(await shop.reads.neighbours("bo", SINCE, NOW, 1)) == 1
    assert not await shop.reads.neighbours("dana", SINCE, NOW, 10)
    assert not await shop.reads.neighbours(BUYER.id, SINCE, PLACED, 10)


async def test_one_contest_a_sign_is_open_at_a_time_and_reviewed_once(shop: Shop) -> None:
    first = Contest(
        contest_id="00000000000000a1",
        buyer_id="ana",
        sign=Sign.HIGH_RATE,
        reason="One seller sent ten broken cups.",
        at=NOW,
        basis=("o1.1",),
    )
    assert await shop.contests.add(first)
    assert not await shop.contests.add(replace(first, contest_id="00000000000000a2"))
    other = replace(first, contest_id="00000000000000a3", sign=Sign.LINKED_ACCOUNTS, at=NOW - timedelta(1))
    assert await shop.contests.add(other)
    assert await shop.contests.open(10) == [other, first]
    reviewed = replace(first, state="removed", by="olga", note="True.", reviewed_at=NOW)
    assert await shop.contests.review(reviewed)
    assert not await shop.contests.review(replace(reviewed, state="upheld"))
    assert await shop.contests.get(first.contest_id) == reviewed
    assert await shop.contests.get("0000000000000000") is None
    assert await shop.contests.open(10) == [other]
    assert await shop.contests.of("ana") == [reviewed, other]
    assert await shop.contests.add(replace(first, contest_id="00000000000000a4"))
