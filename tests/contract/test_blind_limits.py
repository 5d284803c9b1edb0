"""Hidden limits: the same promises in memory and in PostgreSQL, and both sides at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.blind_limits import MemoryBlindLimits
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.sandbox import Faults
from amends.adapters.postgres.blind_limits import PostgresBlindLimits
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.store import TermsShelf
from amends.application.blind_settlement import BlindSettlement, OwnLimit
from amends.application.ports import Envelope, Result
from amends.application.ports.blind_limits import BlindLimits, SealedLimit
from amends.domain.cases import commands as c
from amends.domain.cases.model import Settled, State
from amends.domain.parties import Actor, Role
from tests.application.shop import Shop, a_shop
from tests.domain.cases.stages import DAMAGED
from tests.domain.marketplace import BUYER, SELLER

SECRET = "a secret of the house, long enough"
ASKED = SealedLimit(side=Role.BUYER, sealed="sealed")


class Table:
    """A shop, the limits of its cases, and the house that keeps them."""

    def __init__(self, shop: Shop, limits: BlindLimits, blind: BlindSettlement) -> None:
        self.shop = shop
        self.limits = limits
        self.blind = blind

    async def claim(self, order_id: str) -> str:
        await self.shop.place(order_id)
        await self.shop.deliver(order_id)
        return (await self.shop.do(DAMAGED, BUYER, order_id)).case_id

    async def enter(self, by: Actor, case_id: str, amount: int) -> OwnLimit:
        own = await self.blind.enter(by, case_id, amount)
        assert isinstance(own, OwnLimit), own
        return own


@pytest.fixture(params=["memory", "postgres"])
async def table(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Table]:
    async with a_shop(request.param, database_url, Faults()) as shop:

        async def submit(envelope: Envelope) -> Result:
            (result,) = await shop.submit([envelope])
            return result

        if isinstance(shop.store, MemoryStore):
            limits: BlindLimits = MemoryBlindLimits()
            blind = BlindSettlement(limits, shop.store, shop.clock, CALENDARS, submit, SECRET)
            yield Table(shop, limits, blind)
            return
        pool = await open_pool(database_url, 3)
        limits, reader = PostgresBlindLimits(pool), PostgresReader(pool, TermsShelf())
        yield Table(shop, limits, BlindSettlement(limits, reader, shop.clock, CALENDARS, submit, SECRET))
        await pool.close()


async def test_what_was_put_is_there_by_side_until_it_is_destroyed(table: Table) -> None:
    limits = table.limits
    async with limits.hold("o1", "o1.1") as held:
        assert held.limits == {}
        await held.put(ASKED)
    assert await limits.of("o1.1", Role.BUYER) == ASKED
    assert await limits.of("o1.1", Role.SELLER) is None
    assert await limits.of("o1.2", Role.BUYER) is None
    changed = replace(ASKED, sealed="", round=2, changes=1)
    async with limits.hold("o1", "o1.1") as held:
        await held.put(changed)
        await held.put(replace(ASKED, side=Role.SELLER))
        assert held.limits == {Role.BUYER: changed, Role.SELLER: replace(ASKED, side=Role.SELLER)}
    async with limits.hold("o0", "o0.1") as held:
        await held.put(ASKED)
    assert await limits.cases("", 10) == ["o0.1", "o1.1"]
    assert await limits.cases("o0.1", 1) == ["o1.1"]
    await limits.destroy("o1.1")
    assert await limits.cases("", 10) == ["o0.1"]


async def test_what_fails_halfway_is_not_kept(table: Table) -> None:
    async def half() -> None:
        async with table.limits.hold("o1", "o1.1") as held:
            await held.put(ASKED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    assert await table.limits.of("o1.1", Role.BUYER) is None


@pytest.mark.row("X6")
async def test_both_at_once_settle_once_and_halfway(table: Table) -> None:
    ids = [await table.claim(f"o{n}") for n in range(4)]
    entered = [(SELLER, 2000), (BUYER, 1000), (SELLER, 2000), (BUYER, 1000)]
    await asyncio.gather(*(table.enter(by, one, amount) for one in ids for by, amount in entered))
    for case_id in ids:
        settlement = (await table.shop.case(case_id)).settlement
        assert settlement is not None
        assert (settlement.by, settlement.remedy.amount) == (Settled.BLIND, 1500)
        happened = [name for _, _, name in await table.shop.history(case_id)]
        assert happened.count("case_settled") == 1
    await table.blind.clear()
    assert await table.limits.cases("", 10) == []


@pytest.mark.row("X6")
async def test_who_takes_a_limit_back_in_time_is_not_bound_by_it(table: Table) -> None:
    case_id = await table.claim("o1")
    await table.enter(SELLER, case_id, 2000)
    results = await asyncio.gather(
        table.blind.withdraw(SELLER, case_id), table.blind.enter(BUYER, case_id, 1000)
    )
    case = await table.shop.case(case_id)
    withdrawn = results[0]
    assert isinstance(withdrawn, OwnLimit)
    # Either the limit was gone before the other came, or it had met it: nothing in between.
    if case.settlement is None:
        assert withdrawn.amount is None
        assert case.state is State.AWAITING_SELLER
    else:
        assert case.settlement.by is Settled.BLIND


@pytest.mark.row("X6")
async def test_limits_are_destroyed_once_the_negotiation_is_over(table: Table) -> None:
    case_id = await table.claim("o1")
    await table.enter(SELLER, case_id, 1000)
    await table.enter(BUYER, case_id, 2000)
    assert await table.blind.clear() == 0
    await table.shop.do(c.Escalate(), BUYER, "o1", case_id)
    own = await table.blind.own(BUYER, case_id)
    assert isinstance(own, OwnLimit)
    assert (own.open, own.amount) == (False, None)
    assert await table.blind.clear() == 1
    assert await table.limits.cases("", 10) == []


@pytest.mark.row("X6")
async def test_limits_that_met_when_the_house_fell_over_settle_afterwards(table: Table) -> None:
    case_id = await table.claim("o1")
    await table.enter(SELLER, case_id, 2000)
    seller = await table.limits.of(case_id, Role.SELLER)
    assert seller is not None
    await table.blind.withdraw(SELLER, case_id)
    await table.enter(BUYER, case_id, 1000)
    async with table.limits.hold("o1", case_id) as held:
        await held.put(seller)  # as if nothing had come after it
    assert (await table.shop.case(case_id)).settlement is None
    assert await table.blind.clear() == 1
    settlement = (await table.shop.case(case_id)).settlement
    assert settlement is not None
    assert settlement.remedy.amount == 1500
    assert await table.limits.cases("", 10) == []
