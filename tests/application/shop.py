"""A whole shop for tests: orders, a sandbox provider with faults, mail in memory, a clock to move."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, PLACED, SELLER, an_order, terms_for

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.requests import REFUND, SUCCEEDED, Request, Vault
from amends.adapters.payments.sandbox import Faults, Sandbox
from amends.adapters.postgres.clock_face import PostgresClockFace
from amends.adapters.postgres.inbox import PostgresInbox
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.sandbox_vault import PostgresVault
from amends.adapters.postgres.store import PostgresStore
from amends.application.clock import SandboxClock, TimeMachine
from amends.application.delivery import Delivery
from amends.application.errands import Errands
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.ports import (
    AnyCommand,
    ClockFace,
    Done,
    Envelope,
    Inbox,
    MailFailed,
    Payments,
    Result,
    Store,
)
from amends.application.ports.mail import Mailing
from amends.domain.cases.commands import OpenCancellation
from amends.domain.cases.model import Case
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody
from amends.domain.orders import Method, Parcel, Signal, Tender, TrackingEvent
from amends.domain.parties import Actor
from amends.domain.policy.terms import Terms
from amends.domain.scene import Rules

AMOUNT = 9000


class Letterbox:
    """Mail that was sent; ``down`` makes it fail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str, str]] = []
        self.down = False

    async def send(self, mailing: Mailing) -> None:
        if self.down:
            raise MailFailed("the mail server is away")
        self.sent.append((mailing.message_id, mailing.to, mailing.subject, mailing.text))


class AddressBook:
    async def address(self, person: Actor) -> str | None:
        return f"{person.id}@example.com"


class Shop:
    """Everything wired as the real thing is. ``shop.now`` is the machine's clock: it stands unless moved."""

    def __init__(self, store: Store, vault: Vault, inbox: Inbox, face: ClockFace, faults: Faults) -> None:
        self.store = store
        self.vault = vault
        self.inbox = inbox
        self.now = PLACED
        self.terms: tuple[Terms, ...] = (terms_for(),)
        self.rules = Rules({terms.terms_id: terms for terms in self.terms}, CALENDARS)
        self.clock = SandboxClock(face, system=lambda: self.now)
        self.sandbox = Sandbox(vault, self.clock, faults)
        self.mail = Letterbox()
        self.delivery = Delivery(inbox, self.mail, AddressBook())
        self.lapses = Lapses(store, self.submit, self.clock)
        self.errands = self.errands_with(self.sandbox)
        self.machine = TimeMachine(self.clock, store, self.lapses, self.errands)

    def errands_with(self, provider: Payments) -> Errands:
        return Errands(self.store, self.submit, {"sandbox": provider}, self.delivery, self.clock)

    async def submit(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(self.store, envelopes, rules=self.rules, now=self.clock.now())

    async def do(self, command: AnyCommand, actor: Actor, order_id: str, case_id: str = "") -> Done:
        (result,) = await self.submit(
            [Envelope(command=command, actor=actor, order_id=order_id, case_id=case_id, terms=self.terms)]
        )
        assert isinstance(result, Done), result
        return result

    async def place(self, order_id: str, provider_ref: str = "", method: Method = Method.CARD) -> None:
        tender = Tender("t1", method, AMOUNT, provider_ref=provider_ref)
        order = an_order(order_id=order_id, tenders=(tender,), placed_at=self.clock.now())
        await self.do(oc.PlaceOrder(order=order), OPERATOR, order_id)

    async def cancel(self, order_id: str, provider_ref: str = "") -> str:
        """Place an order and cancel it at once: everything is refunded 24 hours later. The case's id."""
        await self.place(order_id, provider_ref)
        command = OpenCancellation(reason="cancel.changed_mind")
        return (await self.do(command, BUYER, order_id)).case_id

    async def deliver(self, order_id: str) -> None:
        """Ship and deliver an order."""
        parcel = Parcel("p1", self.clock.now(), "Swift Post", "SW123456789")
        await self.do(oc.RecordParcel(parcel=parcel), SELLER, order_id)
        scan = TrackingEvent(self.clock.now(), Signal.DELIVERED, "DE", "10115")
        await self.do(oc.RecordTracking(parcel_id="p1", events=(scan,)), CARRIER, order_id)

    async def custody(self, order_id: str) -> Custody:
        async with self.store.batch([order_id]) as batch:
            custody = batch.scenes[order_id].custody
        assert custody is not None
        return custody

    async def case(self, case_id: str) -> Case:
        order_id = case_id.rpartition(".")[0]
        async with self.store.batch([order_id]) as batch:
            return batch.scenes[order_id].cases[case_id]

    async def history(self, *streams: str) -> list[tuple[str, datetime, str]]:
        """(stream, instant, event) of streams, each in order."""
        return [
            (stream, link.recorded.at, str(link.recorded.event.__struct_config__.tag))
            for stream in streams
            async for link in self.store.events(stream)
        ]

    async def sent(self, *keys: str) -> list[Request]:
        """What the provider really paid for these keys."""
        found = [await self.vault.find(key) for key in keys]
        return [
            one for one in found if one and one.outcome == SUCCEEDED and one.settles_at <= self.clock.now()
        ]

    async def refunded_by_provider(self, case: Case) -> int:
        keys = [f"{refund.refund_id}{again}" for refund in case.refunds for again in ("", "~2")]
        return sum(one.amount for one in await self.sent(*keys) if one.kind == REFUND)

    async def advance(self, **delta: float) -> None:
        await self.machine.advance(self.clock.now() + timedelta(**delta))


@asynccontextmanager
async def a_shop(where: str, database_url: str, faults: Faults) -> AsyncIterator[Shop]:
    """A shop ``where`` is ``memory`` or ``postgres``."""
    if where == "memory":
        yield Shop(MemoryStore(), MemoryVault(), MemoryInbox(), MemoryClockFace(), faults)
        return
    ours, theirs = await open_pool(database_url, 6), await open_pool(database_url, 2)
    try:
        yield Shop(
            PostgresStore(ours), PostgresVault(theirs), PostgresInbox(ours), PostgresClockFace(ours), faults
        )
    finally:
        await ours.close()
        await theirs.close()
