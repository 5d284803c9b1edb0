"""Orders: one buyer, one seller, what was bought, how it was paid, where the parcels are.

A checkout with several sellers is several orders. The order is the unit of consistency: its
lines, tenders, cases and ledger change together.
"""

from datetime import datetime
from enum import StrEnum

import msgspec


class Tier(StrEnum):
    """The buyer's standing with the marketplace; fast refunds depend on it."""

    STANDARD = "standard"
    PLATINUM = "platinum"
    DIAMOND = "diamond"


class Method(StrEnum):
    """How a tender was paid; the refund's time of arrival depends on it."""

    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    WALLET = "wallet"
    VOUCHER = "voucher"
    BALANCE = "balance"


class Components(msgspec.Struct, frozen=True):
    """What one unit cost, frozen at purchase; all in minor units of the order's currency.

    ``discount`` is positive and is taken off; ``paid`` is what the buyer paid for the unit.
    """

    item: int = 0
    discount: int = 0
    shipping: int = 0
    tax: int = 0
    fee: int = 0

    @property
    def paid(self) -> int:
        """Everything the buyer paid for this unit, shipping included."""
        return self.item - self.discount + self.shipping + self.tax + self.fee

    @property
    def goods(self) -> int:
        """What the buyer paid for the unit itself: without its share of shipping."""
        return self.item - self.discount + self.tax + self.fee


class Unit(msgspec.Struct, frozen=True, order=True):
    """One piece of one line: ``index`` counts from 0 to the line's quantity - 1."""

    line_id: str
    index: int

    @property
    def key(self) -> str:
        """The unit as a key of JSON objects: ``line#index``."""
        return f"{self.line_id}#{self.index}"


class Bundle(msgspec.Struct, frozen=True):
    """What a line is a part of: the ``bundle_id`` and title it was sold under, and its pieces in each one."""

    bundle_id: str
    title: str
    pieces: int = 1


class Line(msgspec.Struct, frozen=True):
    """One line of the order; ``units`` has the frozen components of each of its pieces.

    ``traits`` are facts policy may ask for: ``custom``, ``perishable``, ``digital``,
    ``opened_hygiene``, ``branded``, ``hazardous``. ``terms_id`` leads to the terms frozen at purchase.
    ``bundle`` is what it was sold with as one article (`amends.domain.bundles`). ``weight_g`` and
    ``volume_cm3`` are one piece's as it is packed; 0 where nobody told them.
    """

    line_id: str
    title: str
    category: str
    units: tuple[Components, ...]
    terms_id: str
    sku: str = ""
    variant: str = ""
    traits: tuple[str, ...] = ()
    weight_g: int = 0
    bundle: Bundle | None = None
    volume_cm3: int = 0

    @property
    def quantity(self) -> int:
        """How many pieces were bought."""
        return len(self.units)


class Tender(msgspec.Struct, frozen=True):
    """One payment method's share of the order; ``captured`` is in minor units."""

    tender_id: str
    method: Method
    captured: int
    provider: str = "sandbox"
    provider_ref: str = ""


class Signal(StrEnum):
    """A normalised tracking status, and what an abnormal trace looks like.

    ``announced``: the carrier has the data, not the parcel.
    """

    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    DELAYED = "delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    FAILED_ATTEMPT = "failed_attempt"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    INVALID = "invalid"
    SHARED = "shared"
    WRONG_DIRECTION = "wrong_direction"
    UNKNOWN = "unknown"


_PROVES_NOTHING = frozenset(
    {Signal.ANNOUNCED, Signal.INVALID, Signal.SHARED, Signal.WRONG_DIRECTION, Signal.UNKNOWN}
)


def proves_handover(signal: Signal) -> bool:
    """Whether a scan shows that the carrier had this very parcel; a number that leads nowhere does not."""
    return signal not in _PROVES_NOTHING


class TrackingEvent(msgspec.Struct, frozen=True):
    """One scan of a parcel; ``country`` is ISO 3166-1 alpha-2, ``postcode`` where it was scanned.

    ``weight_g`` is what the carrier weighed, in grams; 0 where it did not.
    """

    at: datetime
    signal: Signal
    country: str = ""
    postcode: str = ""
    note: str = ""
    weight_g: int = 0


class Parcel(msgspec.Struct, frozen=True):
    """A parcel from the seller to the buyer. No ``line_ids`` means: everything on the order."""

    parcel_id: str
    shipped_at: datetime
    carrier: str = ""
    tracking_number: str = ""
    line_ids: tuple[str, ...] = ()
    events: tuple[TrackingEvent, ...] = ()

    @property
    def delivered_at(self) -> datetime | None:
        """When the carrier says it was handed over, if it does."""
        times = [event.at for event in self.events if event.signal is Signal.DELIVERED]
        return min(times) if times else None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the marketplace told us about one order. Instants are UTC.

    ``ship_by`` and ``promised_by`` are the order's own dates where it carries them; without them
    the terms' ``ship.handling`` and ``protection.delivery`` count. ``address_key`` is the same text for the
    same delivery address, such as a keyed hash of it; it is compared, never read.
    """

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    placed_at: datetime
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    checkout_id: str = ""
    buyer_tier: Tier = Tier.STANDARD
    buyer_country: str = ""
    buyer_postcode: str = ""
    seller_country: str = ""
    ship_by: datetime | None = None
    promised_by: datetime | None = None
    shipping_method: str = ""
    address_key: str = ""

    def line(self, line_id: str) -> Line | None:
        """The line of that id, or None."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        return None

    def parcels_of(self, line_id: str) -> tuple[Parcel, ...]:
        """The parcels that carry the line, in the order they were told."""
        return tuple(p for p in self.parcels if not p.line_ids or line_id in p.line_ids)

    def shipped_at(self, line_id: str) -> datetime | None:
        """When the first parcel with the line left."""
        times = [p.shipped_at for p in self.parcels_of(line_id)]
        return min(times) if times else None

    def delivered_at(self, line_id: str) -> datetime | None:
        """When the last parcel with the line was delivered; None while any is under way."""
        times = [p.delivered_at for p in self.parcels_of(line_id)]
        known = [t for t in times if t is not None]
        return max(known) if known and len(known) == len(times) else None

    @property
    def captured(self) -> int:
        """The sum of the tenders, in minor units."""
        return sum(tender.captured for tender in self.tenders)
