"""Worlds to play in, without a database or with one."""

from collections.abc import Sequence
from datetime import datetime

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Faults, Sandbox
from amends.application.delivery import Delivery
from amends.application.errands import Errands
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.ports import Addresses, Envelope, Mail, Reader, Result, Store
from amends.application.ports.mail import Mailing
from amends.application.replay import ReplayClock, World
from amends.domain.parties import Actor
from amends.domain.scene import Rules


class Nowhere:
    """Nobody has an address, so no mail is ever sent."""

    async def address(self, person: Actor) -> str | None:
        return None

    async def send(self, mailing: Mailing) -> None:
        raise AssertionError("nobody has an address")


def world(began: datetime, store: Store, reader: Reader, faults: Faults | None = None) -> World:
    """A world on ``store`` whose clock stands at ``began``, with play money."""
    clock = ReplayClock(began)
    rules = Rules({}, CALENDARS)
    nowhere = Nowhere()
    addresses: Addresses = nowhere
    mail: Mail = nowhere
    sandbox = Sandbox(MemoryVault(), clock, faults or Faults())

    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(store, envelopes, rules=rules, now=clock.now())

    return World(
        clock=clock,
        store=store,
        reader=reader,
        submit=submit,
        lapses=lambda observed: Lapses(store, observed, clock),
        errands=lambda observed: Errands(
            store, observed, {"sandbox": sandbox}, Delivery(MemoryInbox(), mail, addresses), clock
        ),
    )


def memory_world(began: datetime, faults: Faults | None = None) -> World:
    """A world that lives as long as the test."""
    store = MemoryStore()
    return world(began, store, store, faults)
