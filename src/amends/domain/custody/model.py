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
