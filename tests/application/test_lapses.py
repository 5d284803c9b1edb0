"""The deadline worker fires what is due, once, at the exact instant."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest
from tests.application.shop import Shop, a_shop

from amends.adapters.payments.sandbox import Faults
from amends.application import lapses
from amends.application.lapses import Lapses
from amends.application.ports import Due, DuePlace, Envelope, Result
from amends.domain.cases.model import State
from amends.domain.custody.model import Stage
from amends.domain.refusals import Refused

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Shop]:
    async with a_shop(request.param, database_url, Faults()) as shop:
        yield shop


@pytest.mark.parametrize(("off", "fires"), [(-MILLISECOND, False), (timedelta(0), True), (MILLISECOND, True)])
async def test_a_deadline_fires_from_its_exact_instant_on(shop: Shop, off: timedelta, fires: bool) -> None:
    case_id = await shop.cancel("o1")
    waiting = (await shop.case(case_id)).waiting
    assert waiting is not None
    shop.now = waiting.until + off
    fired = await shop.lapses.run()
    assert [one.stream for one in fired] == ([case_id] if fires else [])
    assert ((await shop.case(case_id)).state is not State.REFUND_APPROVED) is fires


async def test_what_fired_is_told_with_its_deadline_and_default(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    waiting = (await shop.case(case_id)).waiting
    assert waiting is not None
    shop.now = waiting.until + timedelta(hours=5)
    assert await shop.lapses.run() == [(waiting.until, case_id, waiting.default)]


async def test_an_order_that_is_never_shipped_is_cancelled_by_the_clock(shop: Shop) -> None:
    await shop.place("o1")
    shop.now += timedelta(days=30)
    fired = await shop.lapses.run()
    assert fired[0].stream == "o1"
    assert (await shop.custody("o1")).stage is Stage.CANCELLED


async def test_more_than_a_batch_is_fired_in_order_of_deadlines(shop: Shop) -> None:
    for n in range(11):
        await shop.cancel(f"o{n}")
        shop.now += timedelta(minutes=1)
    shop.now += timedelta(days=1)
    fired = await Lapses(shop.store, shop.submit, shop.clock, batch=3).run()
    assert [one.stream for one in fired] == [f"o{n}.1" for n in range(11)]
    assert await shop.lapses.run() == []


async def test_workers_at_once_never_fire_the_same_deadline_twice(shop: Shop) -> None:
    cases = [await shop.cancel(f"o{n}") for n in range(40)]
    shop.now += timedelta(days=1)
    workers = [Lapses(shop.store, shop.submit, shop.clock, batch=7) for _ in range(4)]
    fired = await asyncio.gather(*(worker.run() for worker in workers))
    # One that found an order locked leaves it; whoever comes next finds it still due.
    left = await shop.lapses.run()
    assert sorted(one.stream for batch in (*fired, left) for one in batch) == sorted(cases)
    for case_id in cases:
        events = [event for _, _, event in await shop.history(case_id)]
        assert events.count("refund_initiated") == 1


async def test_a_worker_that_finds_another_at_work_goes_on_ahead_of_it_and_comes_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lapses, "AHEAD", 4)
    monkeypatch.setattr(lapses, "LANES", 1)
    cases = [await shop.cancel(f"o{n}") for n in range(9)]
    shop.now += timedelta(days=1)
    tried: list[list[str]] = []

    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        tried.append([envelope.case_id for envelope in envelopes])
        if len(tried) == 1:
            # The other worker holds them, and lets them go again.
            return [Refused(kind="unavailable", detail="held") for _ in envelopes]
        return await shop.submit(envelopes)

    fired = await Lapses(shop.store, submit, shop.clock, batch=2).run()
    assert tried[:3] == [cases[:2], cases[6:8], cases[8:]]
    assert {one.stream for one in fired} == set(cases)


async def test_a_lane_takes_nothing_that_the_other_finished_while_it_was_looking(shop: Shop) -> None:
    cases = [await shop.cancel(f"o{n}") for n in range(6)]
    shop.now += timedelta(days=1)
    looking, written = asyncio.Event(), asyncio.Event()

    class Slow:
        """What is due as it was when it was asked, answered after the other lane has written."""

        looks = 0

        async def due_orders(
            self, now: datetime, limit: int, after: DuePlace | None = None, ahead: int | None = None
        ) -> Sequence[Due]:
            found = await shop.store.due_orders(now, limit, after, ahead)
            self.looks += 1
            if self.looks == 2:
                looking.set()
                await written.wait()
            return found

    refused: list[Result] = []

    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        await looking.wait()
        results = await shop.submit(envelopes)
        refused.extend(one for one in results if isinstance(one, Refused))
        asyncio.get_running_loop().call_later(0.01, written.set)
        return results

    fired = await Lapses(Slow(), submit, shop.clock, batch=2).run()  # type: ignore[arg-type]  # all it uses
    assert {one.stream for one in fired} == set(cases)
    assert refused == []


async def test_a_stream_that_cannot_lapse_does_not_hold_up_the_others(shop: Shop) -> None:
    cases = [await shop.cancel(f"o{n}") for n in range(5)]
    shop.now += timedelta(days=1)

    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        bad = Refused(kind="unavailable", detail="a fault of ours")
        good = [envelope for envelope in envelopes if envelope.case_id not in cases[:2]]
        results = iter(await shop.submit(good))
        return [next(results) if envelope in good else bad for envelope in envelopes]

    fired = await Lapses(shop.store, submit, shop.clock, batch=1).run()
    assert {one.stream for one in fired} == set(cases[2:])
    assert {one.stream for one in await shop.lapses.run()} == set(cases[:2])
