"""The sandbox's clock moves forward, and everything on the way happens, in order, at its own instant."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.application.shop import Shop, a_shop
from tests.domain.marketplace import BUYER, PLACED

from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Faults
from amends.application.clock import MovedBackError, SandboxClock, SystemClock
from amends.application.lapses import Fired
from amends.domain.cases.commands import OpenClaim
from amends.domain.cases.model import Goods, Remedy, State
from amends.domain.custody.model import Stage
from amends.domain.orders import Unit

FAULTS = Faults(seed=5, unreachable=0.3, lost_reply=0.3, late=0.5, declined=0.2, late_for=timedelta(days=20))
HORIZON = timedelta(days=150)


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Shop]:
    async with a_shop(request.param, database_url, Faults()) as shop:
        yield shop


def test_the_system_clock_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


async def test_the_clock_runs_on_from_where_it_was_moved(shop: Shop) -> None:
    await shop.advance(days=10)
    assert shop.clock.now() == PLACED + timedelta(days=10)
    shop.now += timedelta(hours=1)
    assert shop.clock.now() == PLACED + timedelta(days=10, hours=1)


async def test_the_clock_cannot_go_back(shop: Shop) -> None:
    await shop.advance(days=10)
    with pytest.raises(MovedBackError):
        await shop.machine.advance(PLACED + timedelta(days=9))
    with pytest.raises(MovedBackError):
        await shop.clock.hold(PLACED)
    assert shop.clock.now() == PLACED + timedelta(days=10)


async def test_another_process_sees_the_clock_move(shop: Shop) -> None:
    other = SandboxClock(shop.clock._face, system=lambda: shop.now)
    following = asyncio.create_task(other.follow())
    try:
        # The first setting has come, so the second is news.
        await asyncio.sleep(0.1)
        await shop.advance(days=10)
        async with asyncio.timeout(1.5):
            while other.now() != shop.clock.now():  # noqa: ASYNC110  as another process would see it
                await asyncio.sleep(0.01)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_clock_left_standing_runs_on(shop: Shop) -> None:
    at = PLACED + timedelta(days=1)
    await shop.clock.hold(at)
    shop.now += timedelta(hours=1)
    assert shop.clock.now() == at
    await shop.machine.recover()
    shop.now += timedelta(hours=1)
    assert shop.clock.now() == at + timedelta(hours=1)


async def test_two_who_move_the_clock_take_turns(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    to = PLACED + timedelta(days=3)
    fired = await asyncio.gather(shop.machine.advance(to), shop.machine.advance(to))
    assert [one.stream for batch in fired for one in batch].count(case_id) == 1
    assert shop.clock.now() == to


async def test_every_deadline_on_the_way_fires_at_its_own_instant(shop: Shop) -> None:
    await shop.place("late")
    case_id = await shop.cancel("o1")
    await shop.place("kept")
    await shop.deliver("kept")
    approved = (await shop.case(case_id)).waiting
    assert approved is not None
    fired = await shop.machine.advance(PLACED + timedelta(days=90))
    assert fired == sorted(fired, key=lambda one: one.at)
    assert (approved.until, case_id, approved.default) in fired
    assert {"late", "o1.1", "kept"} <= {one.stream for one in fired}
    assert (await shop.custody("late")).stage is Stage.CANCELLED
    assert (await shop.custody("kept")).stage is Stage.PAID_OUT
    assert (await shop.case(case_id)).state is State.CLOSED
    for stream in ("late", "o1.1", "kept"):
        at = {when for when, name, _ in fired if name == stream}
        assert at <= {when for _, when, _ in await shop.history(stream)}


async def busy_shop(shop: Shop) -> list[str]:
    """Orders in many states, an hour apart; the streams that exist when everything has ended."""
    for n in range(4):
        await shop.cancel(f"c{n}")
        await shop.place(f"p{n}")
        await shop.place(f"d{n}")
        await shop.deliver(f"d{n}")
        claim = OpenClaim(
            reason="quality.defective",
            units=(Unit("l1", 0),),
            wanted=Remedy(amount=1000 * (n + 1), goods=Goods.KEEP),
            story="It hums.",
        )
        await shop.do(claim, BUYER, f"d{n}")
        shop.now += timedelta(hours=1)
    return [stream for n in range(4) for stream in (f"c{n}", f"c{n}.1", f"p{n}", f"d{n}", f"d{n}.1")]


async def journey(shop: Shop, stops: list[datetime]) -> tuple[list[Fired], list[tuple[str, datetime, str]]]:
    streams = await busy_shop(shop)
    fired = [one for stop in stops for one in await shop.machine.advance(stop)]
    return fired, await shop.history(*streams)


def in_memory() -> Shop:
    return Shop(MemoryStore(), MemoryVault(), MemoryInbox(), MemoryClockFace(), FAULTS)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(min_value=5, max_value=int(HORIZON.total_seconds())), max_size=25))
def test_one_leap_and_many_small_steps_are_the_same_journey(seconds: list[int]) -> None:
    end = PLACED + HORIZON
    first = PLACED + timedelta(hours=4)
    stops = sorted(max(first, PLACED + timedelta(seconds=second)) for second in seconds)

    async def compare() -> None:
        leap = await journey(in_memory(), [end])
        steps = await journey(in_memory(), [*stops, end])
        assert steps == leap
        assert len(leap[0]) > 20

    asyncio.run(compare())


async def test_one_leap_and_steps_of_a_day_are_the_same_journey_in_the_database(database_url: str) -> None:
    end = PLACED + timedelta(days=40)
    leap = await journey(in_memory(), [end])
    async with a_shop("postgres", database_url, FAULTS) as shop:
        days = [PLACED + timedelta(days=day) for day in range(1, 40)]
        assert await journey(shop, [*days, end]) == leap
