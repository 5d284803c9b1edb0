"""What the marketplace, the people and the clock may say of an order."""

import msgspec

from amends.domain.orders import Order, Parcel, Tender, TrackingEvent


class OrderCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """A wish about an order; `amends.domain.custody.decide` turns it into events or refuses it."""


class PlaceOrder(OrderCommand, frozen=True, kw_only=True, tag="place_order"):
    """A new order, or the same again (upsert): what was frozen at purchase may not change."""

    order: Order


class RecordCapture(OrderCommand, frozen=True, kw_only=True, tag="record_capture"):
    """Money of a tender has been captured; the same tender id and amount again changes nothing."""

    tender: Tender


class RecordParcel(OrderCommand, frozen=True, kw_only=True, tag="record_parcel"):
    """A parcel left the seller; the same parcel id again updates carrier and number."""

    parcel: Parcel


class RecordTracking(OrderCommand, frozen=True, kw_only=True, tag="record_tracking"):
    """Scans of a parcel, unordered and repeated at will."""

    parcel_id: str
    events: tuple[TrackingEvent, ...]


class ConfirmReceipt(OrderCommand, frozen=True, kw_only=True, tag="confirm_receipt"):
    """The buyer has everything and is content: the money is released."""


class CancelBySeller(OrderCommand, frozen=True, kw_only=True, tag="cancel_by_seller"):
    """The seller will not ship what has not been shipped."""

    reason: str = "cancel.seller_cancelled"
    note: str = ""


class ConfirmPayout(OrderCommand, frozen=True, kw_only=True, tag="confirm_payout"):
    """The provider says the seller has been paid."""

    transfer_id: str


class GiveGoodwill(OrderCommand, frozen=True, kw_only=True, tag="give_goodwill"):
    """Credit for the buyer beside every case; above the limit a second operator has to agree.

    The same ``goodwill_id`` with the same content again changes nothing.
    """

    goodwill_id: str
    amount: int
    reason: str


class AnswerGoodwill(OrderCommand, frozen=True, kw_only=True, tag="answer_goodwill"):
    """A second operator agrees to what was proposed, or anybody among them declines it."""

    goodwill_id: str
    agreed: bool


class OpenChargeback(OrderCommand, frozen=True, kw_only=True, tag="open_chargeback"):
    """The buyer's bank disputes ``amount`` of a tender; ``dispute_id`` is the provider's."""

    dispute_id: str
    tender_id: str
    amount: int
    reason: str = ""


class ResolveChargeback(OrderCommand, frozen=True, kw_only=True, tag="resolve_chargeback"):
    """The bank decided for the marketplace (``won``) or for the buyer."""

    dispute_id: str
    won: bool


class OfferExtension(OrderCommand, frozen=True, kw_only=True, tag="offer_extension"):
    """The seller gives more time to return: ``until`` is the last day, as 2027-01-31."""

    extension_id: str
    until: str
    note: str = ""


class AnswerExtension(OrderCommand, frozen=True, kw_only=True, tag="answer_extension"):
    """The buyer accepts an extension that was offered, or declines it."""

    extension_id: str
    agreed: bool


class HoldPayout(OrderCommand, frozen=True, kw_only=True, tag="hold_payout"):
    """Keep the seller's payout of this order back, for the case ``claim`` or by an operator's own word.

    The same ``hold_id`` again changes nothing.
    """

    hold_id: str
    reason: str
    claim: str = ""


class AnswerHold(OrderCommand, frozen=True, kw_only=True, tag="answer_hold"):
    """What becomes of a payout that is held: ``kept`` back for longer, or released."""

    hold_id: str
    kept: bool
    reason: str = ""


class LapseOrder(OrderCommand, frozen=True, kw_only=True, tag="lapse_order"):
    """The clock: what the order's default says happens now."""


AnyOrderCommand = (
    PlaceOrder
    | RecordCapture
    | RecordParcel
    | RecordTracking
    | ConfirmReceipt
    | CancelBySeller
    | ConfirmPayout
    | GiveGoodwill
    | AnswerGoodwill
    | OpenChargeback
    | ResolveChargeback
    | OfferExtension
    | AnswerExtension
    | HoldPayout
    | AnswerHold
    | LapseOrder
)
