"""A marketplace in a store: orders placed, shipped, delivered and claimed through `execute` alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.store import PostgresStore
from amends.application.execute import execute
from amends.application.ports import AnyCommand, Done, Envelope, Link, Result
from amends.domain.cases.commands import AcceptOffer, MakeOffer, OpenClaim
from amends.domain.cases.model import EvidenceItem, Remedy
from amends.domain.chain import Recorded, link
from amends.domain.custody import commands as oc
from amends.domain.custody.events import MoneyMoved
from amends.domain.custody.model import Stage as Custodial
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.orders import Order, Parcel, Signal, TrackingEvent, Unit
from amends.domain.parties import Actor, Role
from amends.domain.scene import Rules
from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, PLACED, SELLER, an_order, terms_for

AnyStore = PostgresStore | MemoryStore
AnyReader = PostgresReader | MemoryStore

RULES = Rules({}, CALENDARS)
TERMS = terms_for()
DELIVERED = PLACED + timedelta(days=4)


def claim(*units: int, amount: int = 4000, reason: str = "not_as_described.size") -> OpenClaim:
    """A claim on units of the sample order's only line."""
    shown = EvidenceItem(Role.BUYER, "photo", "The lamp is smaller than told", DELIVERED)
    return OpenClaim(
        reason=reason,
        units=tuple(Unit("l1", index) for index in units or (0,)),
        wanted=Remedy(amount),
        story="Smaller than told.",
        evidence=(shown,),
    )


def offer(amount: int) -> MakeOffer:
    """An offer of a refund, the goods kept."""
    return MakeOffer(remedy=Remedy(amount))


def to(order_id: str, command: AnyCommand, actor: Actor, case_id: str = "", **more: object) -> Envelope:
    """A command on its way."""
    fields: dict[str, Any] = dict(more)
    return Envelope(command=command, actor=actor, order_id=order_id, case_id=case_id, **fields)


def placing(order: Order) -> Envelope:
    """The marketplace's word that an order was placed, with its terms."""
    return to(order.order_id, oc.PlaceOrder(order=order), OPERATOR, terms=(TERMS,))


async def run(store: AnyStore, *envelopes: Envelope, now: datetime = DELIVERED) -> list[Result]:
    """Carry out commands in one batch."""
    return await execute(store, envelopes, rules=RULES, now=now)


async def done(store: AnyStore, *envelopes: Envelope, now: datetime = DELIVERED) -> list[Done]:
    """Carry out commands that must not be refused."""
    results = await run(store, *envelopes, now=now)
    assert all(isinstance(result, Done) for result in results), results
    return [result for result in results if isinstance(result, Done)]


async def delivered(store: AnyStore, order_ids: Sequence[str], **order: object) -> None:
    """Orders that have been paid, shipped and delivered."""
    orders = [an_order(order_id=order_id, **order) for order_id in order_ids]  # type: ignore[arg-type]
    await done(store, *(placing(order) for order in orders), now=PLACED)
    parcel = Parcel("p1", PLACED + timedelta(days=1), "Swift Post", "SW123456789")
    shipped = [to(order_id, oc.RecordParcel(parcel=parcel), SELLER) for order_id in order_ids]
    await done(store, *shipped, now=parcel.shipped_at)
    scan = TrackingEvent(DELIVERED, Signal.DELIVERED, "DE", "10115")
    arrived = oc.RecordTracking(parcel_id="p1", events=(scan,))
    await done(store, *(to(order_id, arrived, CARRIER) for order_id in order_ids))


async def claimed(store: AnyStore, order_ids: Sequence[str]) -> None:
    """Delivered orders with a claim on their first unit: cases `<order_id>.1`."""
    await delivered(store, order_ids)
    await done(store, *(to(order_id, claim(), BUYER) for order_id in order_ids))


async def refunding(store: AnyStore, order_id: str = "o1") -> None:
    """An order with a refund on its way to the buyer's card."""
    await claimed(store, [order_id])
    await done(store, to(order_id, offer(2500), SELLER, f"{order_id}.1"))
    await done(store, to(order_id, AcceptOffer(), BUYER, f"{order_id}.1"))


def lawless_refund(head: bytes, seq: int, amount: int, stage: Stage = Stage.PENDING) -> Link:
    """A refund recorded by a program without rules."""
    transfer = Transfer(
        transfer_id="loot",
        debit=Account.ESCROW,
        credit=Account.TENDER,
        amount=amount,
        stage=stage,
        purpose="refund",
        tender_id="t1",
    )
    recorded = Recorded(
        stream="o1",
        order_id="o1",
        seq=seq,
        at=DELIVERED,
        actor=OPERATOR,
        from_state="protected",
        event=MoneyMoved(state=Custodial.PROTECTED, case_id="o1.1", transfers=(transfer,)),
    )
    return Link(recorded, *link(head, recorded))
