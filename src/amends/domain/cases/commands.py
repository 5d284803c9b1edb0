"""What somebody may ask of a case. Each is a row of the lifecycle table for the states that allow it."""

from datetime import datetime

import msgspec

from amends.domain.cases.model import EvidenceItem, Finding, Inspection, Remedy
from amends.domain.orders import Method, Signal, Unit
from amends.domain.parties import Role


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """A wish; `decide` turns it into events or refuses it."""


class OpenCancellation(Command, frozen=True, kw_only=True, tag="open_cancellation"):
    """Cancel units not yet shipped. No ``units``: everything not yet shipped."""

    reason: str
    units: tuple[Unit, ...] = ()
    story: str = ""


class OpenClaim(Command, frozen=True, kw_only=True, tag="open_claim"):
    """Ask for a remedy for delivered or missing units; ``draft`` keeps it with the buyer for now."""

    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    story: str = ""
    evidence: tuple[EvidenceItem, ...] = ()
    draft: bool = False


class EditDraft(Command, frozen=True, kw_only=True, tag="edit_draft"):
    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    story: str = ""
    evidence: tuple[EvidenceItem, ...] = ()


class SubmitDraft(Command, frozen=True, kw_only=True, tag="submit_draft"):
    pass


class AddEvidence(Command, frozen=True, kw_only=True, tag="add_evidence"):
    items: tuple[EvidenceItem, ...]


class MakeOffer(Command, frozen=True, kw_only=True, tag="make_offer"):
    """``rule`` names the seller's own rule that made the offer by itself."""

    remedy: Remedy
    note: str = ""
    rule: str = ""
    evidence: tuple[EvidenceItem, ...] = ()


class AcceptOffer(Command, frozen=True, kw_only=True, tag="accept_offer"):
    """Take the other side's open offer (for a cancellation request: grant it). Final.

    ``rule`` names the seller's own rule that took it by itself.
    """

    offer_id: int | None = None
    rule: str = ""


class DeclineOffer(Command, frozen=True, kw_only=True, tag="decline_offer"):
    note: str = ""


class SettleBlind(Command, frozen=True, kw_only=True, tag="settle_blind"):
    """Both hidden limits at once, in minor units; given by the house alone, where they are said to meet.

    They are for nobody to read: not in a log, not in a trace of an error.
    """

    buyer: int
    seller: int

    def __repr__(self) -> str:
        return "SettleBlind(...)"


class Escalate(Command, frozen=True, kw_only=True, tag="escalate"):
    note: str = ""


class TakeCase(Command, frozen=True, kw_only=True, tag="take_case"):
    pass


class AssignCase(Command, frozen=True, kw_only=True, tag="assign_case"):
    """Who mediates from now on; an empty ``mediator_id`` gives the case back to the queue."""

    mediator_id: str = ""


class RequestEvidence(Command, frozen=True, kw_only=True, tag="request_evidence"):
    of: Role
    items: tuple[str, ...]


class SubmitEvidence(Command, frozen=True, kw_only=True, tag="submit_evidence"):
    items: tuple[EvidenceItem, ...]


class Rule(Command, frozen=True, kw_only=True, tag="rule"):
    """A mediator's decision; each finding names its clause, ``reasons`` is for people, ``otherwise`` says
    what would have changed it.
    """

    remedy: Remedy
    reasons: str
    findings: tuple[Finding, ...]
    otherwise: str = ""


class ConfirmRuling(Command, frozen=True, kw_only=True, tag="confirm_ruling"):
    """A second person agrees to a ruling above the amount one may decide alone, or sends it back with why."""

    agreed: bool
    note: str = ""


class AcceptRuling(Command, frozen=True, kw_only=True, tag="accept_ruling"):
    pass


class Appeal(Command, frozen=True, kw_only=True, tag="appeal"):
    """Disagree, once, with new evidence."""

    note: str
    evidence: tuple[EvidenceItem, ...]


class GiveInstructions(Command, frozen=True, kw_only=True, tag="give_instructions"):
    """``rule`` names what of the seller's policy gave the address by itself."""

    address: str
    note: str = ""
    label: str = "buyer"
    rule: str = ""


class ShipReturn(Command, frozen=True, kw_only=True, tag="ship_return"):
    """A parcel of the return has left. ``units`` are what is in it; none: everything not sent so far."""

    units: tuple[Unit, ...] = ()
    carrier: str
    tracking_number: str
    receipt: str = ""
    freight: int = 0
    evidence: tuple[EvidenceItem, ...] = ()


class IssueLabel(Command, frozen=True, kw_only=True, tag="issue_label"):
    """A carrier was booked for the way back: ``price`` in minor units, ``code`` for drop-off without
    paper.
    """

    carrier: str
    service: str
    tracking_number: str
    price: int
    code: str = ""


class AddFreightReceipt(Command, frozen=True, kw_only=True, tag="add_freight_receipt"):
    """What the buyer paid for the way back, and the receipt for it; ``tracking_number`` says of which parcel
    where there are several."""

    freight: int
    receipt: str
    tracking_number: str = ""


class RecordReturnScan(Command, frozen=True, kw_only=True, tag="record_return_scan"):
    """``weight_g`` is what the carrier weighed, in grams; 0 where it did not. ``tracking_number`` says which
    parcel it is where the return goes in several, ``postcode`` where it was scanned."""

    tracking_number: str = ""
    postcode: str = ""

    signal: Signal
    scanned_at: datetime
    note: str = ""
    weight_g: int = 0


class InspectReturn(Command, frozen=True, kw_only=True, tag="inspect_return"):
    """The seller's verdict on every returned unit; ``weight_g`` is what the parcel weighed, in grams, 0 where
    nobody weighed it."""

    inspections: tuple[Inspection, ...]
    evidence: tuple[EvidenceItem, ...] = ()
    weight_g: int = 0


class AcceptRejection(Command, frozen=True, kw_only=True, tag="accept_rejection"):
    pass


class ContestRejection(Command, frozen=True, kw_only=True, tag="contest_rejection"):
    note: str
    evidence: tuple[EvidenceItem, ...] = ()


class RecordPayment(Command, frozen=True, kw_only=True, tag="record_payment"):
    """The marketplace took what the buyer owes for the exchange; ``reference`` is the provider's."""

    amount: int
    method: Method
    provider: str = "sandbox"
    reference: str = ""


class DeclineExchange(Command, frozen=True, kw_only=True, tag="decline_exchange"):
    """The buyer does not pay for the exchange and takes the money back instead."""


class DeclineReplacement(Command, frozen=True, kw_only=True, tag="decline_replacement"):
    """There is no replacement to be had: the buyer is paid instead."""

    note: str = ""


class RecordReservation(Command, frozen=True, kw_only=True, tag="record_reservation"):
    """The marketplace set the replacement aside until an instant; ``reference`` is its own."""

    variant: str
    until: datetime
    reference: str = ""


class RecordSoldOut(Command, frozen=True, kw_only=True, tag="record_sold_out"):
    """The marketplace has the replacement no more: the buyer is paid instead."""

    variant: str


class ShipReplacement(Command, frozen=True, kw_only=True, tag="ship_replacement"):
    carrier: str
    tracking_number: str


class RecordReplacementScan(Command, frozen=True, kw_only=True, tag="record_replacement_scan"):
    signal: Signal
    scanned_at: datetime
    note: str = ""


class ConfirmReplacement(Command, frozen=True, kw_only=True, tag="confirm_replacement"):
    """The buyer has the replacement."""


class ConfirmRefund(Command, frozen=True, kw_only=True, tag="confirm_refund"):
    """The provider says the money has been sent."""

    refund_id: str


class FailRefund(Command, frozen=True, kw_only=True, tag="fail_refund"):
    """The provider says the money cannot go there."""

    refund_id: str
    why: str


class ChooseRefundMethod(Command, frozen=True, kw_only=True, tag="choose_refund_method"):
    """After a failure: ``balance`` or ``bank_transfer`` with a ``destination`` (an account reference)."""

    method: str
    destination: str = ""


class Withdraw(Command, frozen=True, kw_only=True, tag="withdraw"):
    """The buyer gives the case up; once a parcel of the return has left, only what has not been sent."""


class Reopen(Command, frozen=True, kw_only=True, tag="reopen"):
    """Support reopens a closed case on new facts; ``reason`` is recorded."""

    reason: str


class Lapse(Command, frozen=True, kw_only=True, tag="lapse"):
    """The clock: what the state's default says happens now."""


OpeningCommand = OpenCancellation | OpenClaim
CaseCommand = (
    EditDraft
    | SubmitDraft
    | AddEvidence
    | MakeOffer
    | AcceptOffer
    | DeclineOffer
    | SettleBlind
    | Escalate
    | TakeCase
    | AssignCase
    | RequestEvidence
    | SubmitEvidence
    | Rule
    | ConfirmRuling
    | AcceptRuling
    | Appeal
    | GiveInstructions
    | ShipReturn
    | IssueLabel
    | AddFreightReceipt
    | RecordReturnScan
    | InspectReturn
    | AcceptRejection
    | ContestRejection
    | RecordPayment
    | DeclineExchange
    | DeclineReplacement
    | RecordReservation
    | RecordSoldOut
    | ShipReplacement
    | RecordReplacementScan
    | ConfirmReplacement
    | ConfirmRefund
    | FailRefund
    | ChooseRefundMethod
    | Withdraw
    | Reopen
    | Lapse
)
