"""What happened to a case. Each event carries where it left the case: its state and who is waited on."""

from datetime import datetime

import msgspec

from amends.domain.cases.model import (
    Ending,
    EvidenceItem,
    EvidenceRequest,
    Inspection,
    Instructions,
    Kind,
    Label,
    Offer,
    Outcome,
    Refund,
    Remedy,
    Reservation,
    Ruling,
    Settlement,
    Shipment,
    State,
)
from amends.domain.ledger import Transfer
from amends.domain.orders import Signal, Tender, Unit
from amends.domain.parties import Role, Waiting


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """``state`` and ``waiting`` are the case's after the event.

    ``transfers`` are what it asks of the order's books; they are recorded on the order's stream
    (`MoneyMoved`), never here.
    """

    state: State
    waiting: Waiting | None = None
    transfers: tuple[Transfer, ...] = ()


class CaseOpened(Event, frozen=True, kw_only=True, tag="case_opened"):
    order_id: str
    kind: Kind
    buyer_id: str
    seller_id: str
    currency: str
    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    story: str = ""
    evidence: tuple[EvidenceItem, ...] = ()
    offer: Offer | None = None
    negotiation_ends_at: datetime | None = None


class DraftEdited(Event, frozen=True, kw_only=True, tag="draft_edited"):
    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    story: str = ""
    evidence: tuple[EvidenceItem, ...] = ()


class DraftSubmitted(Event, frozen=True, kw_only=True, tag="draft_submitted"):
    offer: Offer
    negotiation_ends_at: datetime


class EvidenceAdded(Event, frozen=True, kw_only=True, tag="evidence_added"):
    items: tuple[EvidenceItem, ...]


class OfferMade(Event, frozen=True, kw_only=True, tag="offer_made"):
    """``rule``: the seller's own rule that made it, empty where a person did."""

    offer: Offer
    rule: str = ""
    evidence: tuple[EvidenceItem, ...] = ()


class OfferDeclined(Event, frozen=True, kw_only=True, tag="offer_declined"):
    by: Role
    note: str = ""


class CaseSettled(Event, frozen=True, kw_only=True, tag="case_settled"):
    """``rule``: the seller's own rule that accepted, empty where a person or the terms did."""

    settlement: Settlement
    rule: str = ""


class CaseEscalated(Event, frozen=True, kw_only=True, tag="case_escalated"):
    by: Role


class CaseTaken(Event, frozen=True, kw_only=True, tag="case_taken"):
    mediator_id: str


class SeniorAlerted(Event, frozen=True, kw_only=True, tag="senior_alerted"):
    pass


class EvidenceRequested(Event, frozen=True, kw_only=True, tag="evidence_requested"):
    request: EvidenceRequest


class EvidenceSubmitted(Event, frozen=True, kw_only=True, tag="evidence_submitted"):
    items: tuple[EvidenceItem, ...]


class EvidenceLapsed(Event, frozen=True, kw_only=True, tag="evidence_lapsed"):
    pass


class CaseRuled(Event, frozen=True, kw_only=True, tag="case_ruled"):
    ruling: Ruling


class RulingProposed(Event, frozen=True, kw_only=True, tag="ruling_proposed"):
    """Above what one person may decide alone by ``clause``: it waits for a second one, and binds nobody."""

    ruling: Ruling
    clause: str


class RulingSentBack(Event, frozen=True, kw_only=True, tag="ruling_sent_back"):
    """The second person did not agree: the case is to be decided anew."""

    note: str


class RulingAccepted(Event, frozen=True, kw_only=True, tag="ruling_accepted"):
    by: Role


class CaseAppealed(Event, frozen=True, kw_only=True, tag="case_appealed"):
    by: Role
    note: str = ""
    evidence: tuple[EvidenceItem, ...] = ()


class InstructionsGiven(Event, frozen=True, kw_only=True, tag="instructions_given"):
    """``rule``: what of the seller's policy gave them, empty where a person did."""

    instructions: Instructions
    rule: str = ""


class ReturnShipped(Event, frozen=True, kw_only=True, tag="return_shipped"):
    shipment: Shipment
    evidence: tuple[EvidenceItem, ...] = ()


class LabelIssued(Event, frozen=True, kw_only=True, tag="label_issued"):
    label: Label


class FreightReceiptAdded(Event, frozen=True, kw_only=True, tag="freight_receipt_added"):
    """``tracking_number`` is empty for the return's first parcel."""

    freight: int
    receipt: str
    tracking_number: str = ""


class FreightReimbursed(Event, frozen=True, kw_only=True, tag="freight_reimbursed"):
    """The buyer's outlay for the way back is on the buyer's balance; ``covered``: by the protection."""

    amount: int
    clause: str
    covered: bool = False


class ReturnScanned(Event, frozen=True, kw_only=True, tag="return_scanned"):
    """``weight_g`` in grams, as the carrier weighed it; ``tracking_number`` is empty for the return's first
    parcel."""

    tracking_number: str = ""
    postcode: str = ""

    signal: Signal
    scanned_at: datetime
    note: str = ""
    weight_g: int = 0


class ReturnPartEnded(Event, frozen=True, kw_only=True, tag="return_part_ended"):
    """One of several parcels will not arrive: lost, or brought back to the buyer. The others go their way."""

    tracking_number: str
    ending: Ending


class ReturnRestKept(Event, frozen=True, kw_only=True, tag="return_rest_kept"):
    """A part of the return was sent; the buyer keeps these ``units``, and nothing is refunded for them."""

    units: tuple[Unit, ...]


class ReturnLost(Event, frozen=True, kw_only=True, tag="return_lost"):
    covered: bool


class ReturnCameBack(Event, frozen=True, kw_only=True, tag="return_came_back"):
    """The carrier could not hand the return over and brought it back to the buyer: a mediator looks at it."""


class ReturnInspected(Event, frozen=True, kw_only=True, tag="return_inspected"):
    """``weight_g`` in grams, as the seller weighed the parcel."""

    inspections: tuple[Inspection, ...]
    evidence: tuple[EvidenceItem, ...] = ()
    weight_g: int = 0


class RejectionAccepted(Event, frozen=True, kw_only=True, tag="rejection_accepted"):
    pass


class ReturnContested(Event, frozen=True, kw_only=True, tag="return_contested"):
    note: str = ""
    evidence: tuple[EvidenceItem, ...] = ()


class PaymentDue(Event, frozen=True, kw_only=True, tag="payment_due"):
    """Before the replacement is sent the buyer pays ``difference`` and, where the goods come back only
    later, a
    ``hold`` that is returned with them."""

    difference: int
    hold: int = 0


class PaymentReceived(Event, frozen=True, kw_only=True, tag="payment_received"):
    tender: Tender


class ReplacementReceived(Event, frozen=True, kw_only=True, tag="replacement_received"):
    """The buyer says that the replacement is there."""


class ReplacementDue(Event, frozen=True, kw_only=True, tag="replacement_due"):
    """Nothing has to come back any more: the seller sends the replacement."""

    variant: str


class VariantReserved(Event, frozen=True, kw_only=True, tag="variant_reserved"):
    """The marketplace keeps the replacement for the buyer; ``clause`` says how long."""

    reservation: Reservation
    clause: str


class VariantSoldOut(Event, frozen=True, kw_only=True, tag="variant_sold_out"):
    """The marketplace has the replacement no more; by ``clause`` money comes instead."""

    variant: str
    clause: str


class ReplacementShipped(Event, frozen=True, kw_only=True, tag="replacement_shipped"):
    shipment: Shipment


class ReplacementScanned(Event, frozen=True, kw_only=True, tag="replacement_scanned"):
    signal: Signal
    scanned_at: datetime
    note: str = ""


class ReplacementFailed(Event, frozen=True, kw_only=True, tag="replacement_failed"):
    pass


class RefundApproved(Event, frozen=True, kw_only=True, tag="refund_approved"):
    refunds: tuple[Refund, ...]
    not_before: datetime
    units: dict[str, int] = {}  # minor units refunded for each unit key
    paid_in: int = 0  # of what the buyer paid for an exchange


class RefundInitiated(Event, frozen=True, kw_only=True, tag="refund_initiated"):
    refunds: tuple[Refund, ...]


class RefundConfirmed(Event, frozen=True, kw_only=True, tag="refund_confirmed"):
    refund: Refund


class RefundFailed(Event, frozen=True, kw_only=True, tag="refund_failed"):
    refund: Refund


class RefundOverdue(Event, frozen=True, kw_only=True, tag="refund_overdue"):
    pass


class RefundRedirected(Event, frozen=True, kw_only=True, tag="refund_redirected"):
    refunds: tuple[Refund, ...]


class CaseReopened(Event, frozen=True, kw_only=True, tag="case_reopened"):
    reason: str


class CaseClosed(Event, frozen=True, kw_only=True, tag="case_closed"):
    outcome: Outcome
    note: str = ""


CaseEvent = (
    CaseOpened
    | DraftEdited
    | DraftSubmitted
    | EvidenceAdded
    | OfferMade
    | OfferDeclined
    | CaseSettled
    | CaseEscalated
    | CaseTaken
    | SeniorAlerted
    | EvidenceRequested
    | EvidenceSubmitted
    | EvidenceLapsed
    | CaseRuled
    | RulingProposed
    | RulingSentBack
    | RulingAccepted
    | CaseAppealed
    | InstructionsGiven
    | ReturnShipped
    | LabelIssued
    | FreightReceiptAdded
    | FreightReimbursed
    | ReturnScanned
    | ReturnPartEnded
    | ReturnRestKept
    | ReturnLost
    | ReturnCameBack
    | ReturnInspected
    | RejectionAccepted
    | ReturnContested
    | PaymentDue
    | PaymentReceived
    | ReplacementReceived
    | ReplacementDue
    | VariantReserved
    | VariantSoldOut
    | ReplacementShipped
    | ReplacementScanned
    | ReplacementFailed
    | RefundApproved
    | RefundInitiated
    | RefundConfirmed
    | RefundFailed
    | RefundOverdue
    | RefundRedirected
    | CaseReopened
    | CaseClosed
)
