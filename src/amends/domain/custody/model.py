"""An order in our custody at one moment: what the marketplace told us, how it stands, where its money is."""

from datetime import datetime
from enum import StrEnum

import msgspec

from amends.domain.ledger import Books
from amends.domain.orders import Order, Unit
from amends.domain.parties import Waiting


class Stage(StrEnum):
    """Where the order stands; the table is in `amends.domain.cases.lifecycle`."""

    AWAITING_SHIPMENT = "awaiting_shipment"
    AWAITING_DELIVERY = "awaiting_delivery"
    PROTECTED = "protected"  # delivered, the buyer may still ask
    HELD = "held"  # the protection is over, an open case keeps the money
    RELEASED = "released"  # owed to the seller
    PAID_OUT = "paid_out"
    CANCELLED = "cancelled"  # nothing of it will be shipped; refunded


class Goodwill(msgspec.Struct, frozen=True, kw_only=True):
    """Credit an operator gives beside every case; ``amount`` in minor units.

    ``state`` is proposed, given or declined; ``approved_by`` is the second operator who answered,
    empty for what was given within the limit.
    """

    goodwill_id: str
    amount: int
    reason: str
    proposed_by: str
    at: datetime
    state: str = "proposed"
    approved_by: str = ""


class Chargeback(msgspec.Struct, frozen=True, kw_only=True):
    """A payment the buyer's bank disputes: ``amount`` of it, of which ``reserved`` was not back yet.

    ``state`` is open, won (by the marketplace) or lost.
    """

    dispute_id: str
    tender_id: str
    amount: int
    reserved: int
    reason: str
    at: datetime
    state: str = "open"


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A payout kept back because of what was said elsewhere of the same seller's goods.

    ``claim`` is the case that says so, empty where an operator placed it. ``state`` is held (until somebody
    decides), kept (a ruling or an operator keeps it) or released. It is an operator's to answer by ``until``;
    then it is released. ``clause`` is the clause of the order's own terms that allows it.
    """

    hold_id: str
    reason: str
    clause: str
    at: datetime
    until: datetime
    claim: str = ""
    state: str = "held"
    note: str = ""
    answered_by: str = ""


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """More time to return: ``until`` is the last day, ``state`` is offered, accepted or declined."""

    extension_id: str
    until: str
    at: datetime
    note: str = ""
    state: str = "offered"


class Custody(msgspec.Struct, frozen=True, kw_only=True):
    """The fold of an order's events. ``seq`` is its version; ``cases`` counts the cases ever opened on it.

    ``cancelled`` units will not be shipped. ``protection_ends_at`` is None until the first parcel leaves.
    """

    order: Order
    stage: Stage
    seq: int
    books: Books
    waiting: Waiting | None = None
    cases: int = 0
    cancelled: tuple[Unit, ...] = ()
    confirmed_at: datetime | None = None
    protection_ends_at: datetime | None = None
    reminded_at: datetime | None = None
    goodwills: tuple[Goodwill, ...] = ()
    chargebacks: tuple[Chargeback, ...] = ()
    extensions: tuple[Extension, ...] = ()
    holds: tuple[Hold, ...] = ()
