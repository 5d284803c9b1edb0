"""Carriers for tests: the sheets that come along, the sandbox's carrier, papers by a child."""

from collections.abc import Awaitable, Callable

from amends.adapters.calendars import CALENDARS
from amends.adapters.carriers import rates
from amends.adapters.carriers.numbers import PATTERNS
from amends.adapters.carriers.sandbox import SandboxCarriers
from amends.adapters.documents.child_process import ChildPapers
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.tracking_numbers import MemoryTrackingNumbers
from amends.adapters.packs import load
from amends.application.ports import Clock, Envelope, Result
from amends.application.shipping import Shipping


def shipping_in_memory(
    store: MemoryStore, clock: Clock, submit: Callable[[Envelope], Awaitable[Result]]
) -> Shipping:
    """Shipping over a store in memory."""
    sheet = rates.load()
    return Shipping(
        store,
        clock,
        CALENDARS,
        submit,
        services=sheet.services,
        patterns=PATTERNS,
        numbers=MemoryTrackingNumbers(store),
        papers=ChildPapers(),
        outbox=MemoryOutbox(store),
        carriers=SandboxCarriers(sheet.services),
        rates=load(("default",))[0].rates,
        illustrative=True,
    )
