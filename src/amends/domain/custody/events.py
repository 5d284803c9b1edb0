"""What happened to an order. Each event carries the stage it left the order in and who is waited on."""

from datetime import datetime

import msgspec

from amends.domain.custody.model import Chargeback, Extension, Goodwill, Hold, Stage
from amends.domain.ledger import Transfer
from amends.domain.orders import Order, Parcel, Tender, TrackingEvent, Unit
from amends.domain.parties import Waiting


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """``state`` and ``waiting`` are the order's after the event; ``transfers`` move its money."""

    state: Stage
    waiting: Waiting | None = None
    transfers: tuple[Transfer, ...] = ()


class OrderPlaced(Event, frozen=True, kw_only=True, tag="order_placed"):
    order: Order


class TenderCaptured(Event, frozen=True, kw_only=True, tag="tender_captured"):
    tender: Tender


class ParcelRecorded(Event, frozen=True, kw_only=True, tag="parcel_recorded"):
    parcel: Parcel
    protection_ends_at: datetime


class TrackingRecorded(Event, frozen=True, kw_only=True, tag="tracking_recorded"):
    parcel_id: str
    scans: tuple[TrackingEvent, ...]
    protection_ends_at: datetime | None = None


class CaseCounted(Event, frozen=True, kw_only=True, tag="case_counted"):
    """A case was opened on the order."""

    case_id: str


class CaseEnded(Event, frozen=True, kw_only=True, tag="case_ended"):
    """A case on the order closed; custody goes on where it waited for it."""

    case_id: str


class UnitsCancelled(Event, frozen=True, kw_only=True, tag="units_cancelled"):
    units: tuple[Unit, ...]


class MoneyMoved(Event, frozen=True, kw_only=True, tag="money_moved"):
    """A case moved the order's money; ``units`` are minor units newly refunded for each unit key."""

    case_id: str
    units: dict[str, int] = {}


class ReceiptConfirmed(Event, frozen=True, kw_only=True, tag="receipt_confirmed"):
    pass


class ProtectionReminded(Event, frozen=True, kw_only=True, tag="protection_reminded"):
    pass


class ProtectionEnded(Event, frozen=True, kw_only=True, tag="protection_ended"):
    """The protection is over by the clock while a case is open: the money stays."""


class EscrowReleased(Event, frozen=True, kw_only=True, tag="escrow_released"):
    pass


class PayoutInitiated(Event, frozen=True, kw_only=True, tag="payout_initiated"):
    pass


class PayoutConfirmed(Event, frozen=True, kw_only=True, tag="payout_confirmed"):
    pass


class GoodwillProposed(Event, frozen=True, kw_only=True, tag="goodwill_proposed"):
    """Above what one operator may give alone: it waits for a second one; no money has moved."""

    goodwill: Goodwill


class GoodwillAnswered(Event, frozen=True, kw_only=True, tag="goodwill_answered"):
    """Given or declined, as ``goodwill.state`` says."""

    goodwill: Goodwill


class ChargebackOpened(Event, frozen=True, kw_only=True, tag="chargeback_opened"):
    chargeback: Chargeback


class ChargebackEnded(Event, frozen=True, kw_only=True, tag="chargeback_ended"):
    """Won or lost, as ``chargeback.state`` says."""

    chargeback: Chargeback


class ExtensionOffered(Event, frozen=True, kw_only=True, tag="extension_offered"):
    extension: Extension


class ExtensionAnswered(Event, frozen=True, kw_only=True, tag="extension_answered"):
    """Accepted or declined. Accepted, ``terms`` are the ids of each line's amended terms."""

    extension: Extension
    terms: dict[str, str] = {}
    protection_ends_at: datetime | None = None


class PayoutHeld(Event, frozen=True, kw_only=True, tag="payout_held"):
    """The seller's payout of this order waits for what is decided about a claim on another one."""

    hold: Hold


class PayoutHoldKept(Event, frozen=True, kw_only=True, tag="payout_hold_kept"):
    """A ruling or an operator keeps the payout back for longer."""

    hold: Hold


class PayoutHoldReleased(Event, frozen=True, kw_only=True, tag="payout_hold_released"):
    """Nothing keeps the payout back on this account any more; by the clock where nobody answered."""

    hold: Hold


OrderEvent = (
    OrderPlaced
    | TenderCaptured
    | ParcelRecorded
    | TrackingRecorded
    | CaseCounted
    | CaseEnded
    | UnitsCancelled
    | MoneyMoved
    | ReceiptConfirmed
    | ProtectionReminded
    | ProtectionEnded
    | EscrowReleased
    | PayoutInitiated
    | PayoutConfirmed
    | GoodwillProposed
    | GoodwillAnswered
    | ChargebackOpened
    | ChargebackEnded
    | ExtensionOffered
    | ExtensionAnswered
    | PayoutHeld
    | PayoutHoldKept
    | PayoutHoldReleased
)
