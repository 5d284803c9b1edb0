"""The simulated marketplace in a store, played to the end, and all that came of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from tests.simulation.worlds import Nowhere

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.packs import load
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Sandbox
from amends.application.delivery import Delivery
from amends.application.errands import Errands
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.ports import CaseFilter, Envelope, OrderFilter, Reader, Result, Store
from amends.application.replay import ReplayClock, World
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.scene import Rules
from amends.simulation.banks import banks
from amends.simulation.marketplace import SPAN, Populated, populate

SEED = 2026
NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the store once everything was played."""

    populated: Populated
    orders: tuple[Custody, ...]
    cases: tuple[Case, ...]
    now: datetime


def market_world(store: Store, reader: Reader, began: datetime) -> World:
    """A world in which the simulated marketplace's banks are known."""
    clock = ReplayClock(began)
    providers = {"sandbox": Sandbox(MemoryVault(), clock), **banks()}
    nowhere = Nowhere()

    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(store, envelopes, rules=Rules({}, CALENDARS), now=clock.now())

    return World(
        clock=clock,
        store=store,
        reader=reader,
        submit=submit,
        lapses=lambda observed: Lapses(store, observed, clock),
        errands=lambda observed: Errands(
            store, observed, providers, Delivery(MemoryInbox(), nowhere, nowhere), clock
        ),
    )


async def a_market(
    seed: int = SEED, now: datetime = NOW, store: Store | None = None, reader: Reader | None = None
) -> Market:
    """Play it all, in memory unless a store is given."""
    memory = MemoryStore()
    world = market_world(store or memory, reader or memory, now - SPAN)
    populated = await populate(world, load(), seed=seed, now=now)
    return await seen(world.reader, populated, now)


async def seen(reader: Reader, populated: Populated, now: datetime) -> Market:
    """What there is to see, by id."""
    orders: list[Custody] = []
    cases: list[Case] = []
    cursor = ""
    while True:
        orders_page = await reader.orders(OrderFilter(), cursor, 50)
        orders += orders_page.orders
        cursor = orders_page.next
        if not cursor:
            break
    while True:
        cases_page = await reader.cases(CaseFilter(order="opened"), cursor, 50)
        cases += cases_page.cases
        cursor = cases_page.next
        if not cursor:
            break
    return Market(
        populated=populated,
        orders=tuple(sorted(orders, key=lambda custody: custody.order.order_id)),
        cases=tuple(sorted(cases, key=lambda case: case.case_id)),
        now=now,
    )
