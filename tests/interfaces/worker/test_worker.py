"""The worker does what is due until it is told to stop, and waits out the database's troubles."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import asyncpg
import pytest
from prometheus_client import CollectorRegistry
from tests.application.shop import Shop, a_shop

from amends.adapters.payments.sandbox import Faults
from amends.application.lapses import Lapses
from amends.application.ports import Due, DuePlace, StoreUnreachable
from amends.domain.cases.model import State
from amends.interfaces.worker import Worker, stop_on_signal
from amends.interfaces.worker.metrics import Metrics


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    async with a_shop("postgres", database_url, Faults()) as shop:
        yield shop


async def closed(shop: Shop, case_id: str) -> None:
    async with asyncio.timeout(10):
        while (await shop.case(case_id)).state is not State.CLOSED:  # noqa: ASYNC110  seen from outside
            await asyncio.sleep(0.01)


async def test_it_lapses_and_pays_until_it_is_stopped(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    shop.now += timedelta(days=1)
    registry = CollectorRegistry()
    stop = asyncio.Event()
    worker = Worker(
        shop.lapses, shop.errands, sandbox_clock=shop.clock, metrics=Metrics(registry), idle_s=0.01
    )
    running = asyncio.create_task(worker.run(stop))
    await closed(shop, case_id)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert registry.get_sample_value("amends_lapses_total", {"default": "initiate_refund"}) == 1
    assert (registry.get_sample_value("amends_errands_total") or 0) >= 1


async def test_it_leaves_a_clock_that_somebody_moves_to_them(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    await shop.clock.hold(shop.now + timedelta(days=1))
    stop = asyncio.Event()
    running = asyncio.create_task(
        Worker(shop.lapses, shop.errands, sandbox_clock=shop.clock, idle_s=0.01).run(stop)
    )
    await asyncio.sleep(0.2)
    assert (await shop.case(case_id)).state is State.REFUND_APPROVED
    await shop.machine.recover()
    await closed(shop, case_id)
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_it_waits_out_a_database_that_is_away(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    shop.now += timedelta(days=1)
    troubles = iter([asyncpg.CannotConnectNowError("starting up"), OSError("refused")])

    class Away:
        async def due_orders(
            self, now: datetime, limit: int, after: DuePlace | None = None, ahead: int | None = None
        ) -> Sequence[Due]:
            for trouble in troubles:
                raise trouble
            return await shop.store.due_orders(now, limit, after, ahead)

    registry = CollectorRegistry()
    stop = asyncio.Event()
    lapses = Lapses(Away(), shop.submit, shop.clock)  # type: ignore[arg-type]  # the one method they use
    worker = Worker(lapses, shop.errands, metrics=Metrics(registry), idle_s=0.01)
    running = asyncio.create_task(worker.run(stop))
    await closed(shop, case_id)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert registry.get_sample_value("amends_worker_failures_total", {"lane": "lapses"}) == 2


async def test_connections_that_were_cut_are_made_anew(
    shop: Shop, db: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    case_id = await shop.cancel("o1")
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(shop.lapses, shop.errands, idle_s=0.01).run(stop))
    await asyncio.sleep(0.05)
    await db.execute(
        """select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()"""
    )
    shop.now += timedelta(days=1)
    async with asyncio.timeout(10):
        while True:
            try:
                if (await shop.case(case_id)).state is State.CLOSED:
                    break
            except StoreUnreachable:
                # Our own look may meet a connection that was cut as well.
                pass
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_it_to_stop(shop: Shop, number: signal.Signals) -> None:
    with stop_on_signal() as stop:
        running = asyncio.create_task(Worker(shop.lapses, shop.errands, idle_s=30).run(stop))
        await asyncio.sleep(0.05)
        os.kill(os.getpid(), number)
        await asyncio.wait_for(running, 5)
    assert stop.is_set()
