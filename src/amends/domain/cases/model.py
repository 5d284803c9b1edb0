"""What a case is at one moment: the fold of its events."""

from datetime import datetime
from enum import StrEnum

import msgspec

from amends.domain.evidence import FileRef
from amends.domain.orders import Unit
from amends.domain.parties import Role, Waiting


class Kind(StrEnum):
    """A cancellation is about what has not been shipped, a claim about what has."""

    CANCELLATION = "cancellation"
    CLAIM = "claim"


class State(StrEnum):
    """Where a case stands. Everything that can happen in each is in `lifecycle`."""

    CANCEL_REQUESTED = "cancel_requested"
    DRAFTING = "drafting"
    AWAITING_SELLER = "awaiting_seller"
    AWAITING_BUYER = "awaiting_buyer"
    MEDIATING = "mediating"
    MEDIATING_LATE = "mediating_late"
    AWAITING_EVIDENCE = "awaiting_evidence"
    RULED = "ruled"
    APPEALED = "appealed"
    AWAITING_INSTRUCTIONS = "awaiting_instructions"
    AWAITING_SHIPMENT = "awaiting_shipment"
    RETURN_IN_TRANSIT = "return_in_transit"
    INSPECTING = "inspecting"
    REJECTED = "rejected"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_REPLACEMENT = "awaiting_replacement"
    REPLACEMENT_IN_TRANSIT = "replacement_in_transit"
    REFUND_APPROVED = "refund_approved"
    REFUND_INITIATED = "refund_initiated"
    REFUND_OVERDUE = "refund_overdue"
    REFUND_METHOD_NEEDED = "refund_method_needed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a closed case ended."""

    REFUNDED = "refunded"
    PARTLY_REFUNDED = "partly_refunded"
    EXCHANGED = "exchanged"
    REIMBURSED = "reimbursed"  # an outlay for the way back, no refund of goods
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"
    RETURN_NOT_SHIPPED = "return_not_shipped"
    RETURN_REJECTED = "return_rejected"


class Goods(StrEnum):
    """What becomes of the goods under a remedy."""

    KEEP = "keep"
    RETURN = "return"


class Remedy(msgspec.Struct, frozen=True):
    """What makes it right: a refund of ``amount`` minor units, the goods kept or returned, or an exchange.

    ``exchange_variant`` non-empty asks for that variant instead of money; ``amount`` then is what is
    refunded if the exchange fails. ``freight_payer`` pays the way back. ``difference`` is what the
    replacement costs more than the units did: the buyer pays it before it is sent, or gets it back where it
    is below zero.
    """

    amount: int
    goods: Goods = Goods.KEEP
    exchange_variant: str = ""
    freight_payer: Role = Role.BUYER
    difference: int = 0


class Offer(msgspec.Struct, frozen=True):
    """A remedy one party put before the other; ``state`` is open, countered, declined, accepted or lapsed."""

    offer_id: int
    by: Role
    remedy: Remedy
    at: datetime
    note: str = ""
    state: str = "open"


class Settled(StrEnum):
    """What made a remedy binding."""

    POLICY = "policy"  # the terms give it at once
    AGREEMENT = "agreement"
    BLIND = "blind"  # two hidden limits met
    SILENCE = "silence"
    RULING = "ruling"
    APPEAL = "appeal"


class Settlement(msgspec.Struct, frozen=True):
    """The remedy that binds both sides, and the clause behind it."""

    remedy: Remedy
    by: Settled
    at: datetime
    clause: str


class EvidenceItem(msgspec.Struct, frozen=True):
    """One piece of evidence: what it shows, its kind and where it lies.

    The kinds are photo, video, receipt, tracking, statement, document. ``file`` is one that was sent to us;
    ``step`` is what it came with: offer, request, appeal, return, inspection or contest, empty for the claim
    and for evidence of one's own accord.
    """

    by: Role
    kind: str
    note: str
    at: datetime
    url: str = ""
    file: FileRef | None = None
    step: str = ""


class EvidenceRequest(msgspec.Struct, frozen=True):
    """Named evidence a mediator asked a party for, until when, and whether it came."""

    of: Role
    items: tuple[str, ...]
    at: datetime
    until: datetime
    answered: bool = False


class Finding(msgspec.Struct, frozen=True):
    """A fact found, the clause it falls under and the evidence it rests on.

    A person writes ``fact``. A finding of the rules names its kind in ``code`` instead, with ``facts`` to put
    into words where it is read (`amends.application.findings`). ``weight`` is decisive, supporting or
    background; empty where whoever ruled did not say.
    """

    fact: str
    clause: str
    evidence: str = ""
    code: str = ""
    facts: dict[str, str | tuple[str, ...]] = {}
    weight: str = ""


class Ruling(msgspec.Struct, frozen=True):
    """A reasoned decision. ``mediator_id`` empty: the recommended ruling took effect by the clock.

    ``recommended`` is what the rules recommended to the person who ruled; None where the clock ruled.
    ``confirmed_by`` is the second pair of eyes, where the amount needed one. ``otherwise`` is what would have
    changed it, in the words of who ruled.
    """

    mediator_id: str
    remedy: Remedy
    reasons: str
    findings: tuple[Finding, ...]
    at: datetime
    final: bool = False
    accepted_by: tuple[Role, ...] = ()
    recommended: Remedy | None = None
    confirmed_by: str = ""
    otherwise: str = ""


class Ending(StrEnum):
    """How a return parcel ended that did not reach the seller."""

    LOST = "lost"
    CAME_BACK = "came_back"


class Shipment(msgspec.Struct, frozen=True):
    """A return or replacement parcel on its way.

    ``units`` are what is in it where a return goes in several parcels; empty: all that the case is about.
    """

    carrier: str
    tracking_number: str
    shipped_at: datetime
    last_scan_at: datetime
    delivered_at: datetime | None = None
    receipt: str = ""
    freight: int = 0
    scans: int = 0
    weight_g: int = 0  # what the carrier weighed, in grams
    units: tuple[Unit, ...] = ()
    ending: Ending | None = None
    offered: bool = False  # the carrier was at the recipient's with it
    delivered_to: str = ""  # the postcode of the delivery, where the carrier told it


class Instructions(msgspec.Struct, frozen=True):
    """Where to send the goods: return authorisation number, address, and the seller's words."""

    authorisation: str
    address: str
    note: str = ""
    label: str = ""  # seller, platform or buyer: who provides the label


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A prepaid label of a return: what a carrier was booked for, at ``price`` minor units.

    ``payer`` bears it: the seller, or the buyer, from whose refund it is taken. ``code`` opens a drop-off
    point without paper.
    """

    carrier: str
    service: str
    tracking_number: str
    price: int
    payer: Role
    at: datetime
    code: str = ""


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A replacement set aside in the marketplace's stock: what, and until when (half-open).

    ``reference`` is the marketplace's own. Past ``until`` it is for sale again, until it is asked for anew.
    """

    variant: str
    until: datetime
    reference: str = ""


class Reception(StrEnum):
    """How one returned unit arrived: a fact apart from whether it is accepted."""

    RECEIVED = "received"
    DAMAGED = "damaged"
    MISSING = "missing"
    WRONG_ITEM = "wrong_item"
    LOST = "lost"


class Inspection(msgspec.Struct, frozen=True):
    """One returned unit: how it was received, and whether it is accepted; a ground where it is not."""

    unit: Unit
    reception: Reception
    accepted: bool
    ground: str = ""
    note: str = ""


class RefundStage(StrEnum):
    """Where one tender's refund stands."""

    APPROVED = "approved"
    INITIATED = "initiated"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REDIRECTED = "redirected"  # another refund stands in its place


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """One tender's share of a case's refund; ``amount`` in minor units.

    ``method`` is where it goes (the tender's own, or ``balance`` / ``bank_transfer`` after it failed).
    ``eta_from``/``eta_by`` bound its arrival on the bank calendar once it is initiated.
    """

    refund_id: str
    tender_id: str
    method: str
    amount: int
    stage: RefundStage
    at: datetime
    eta_from: datetime | None = None
    eta_by: datetime | None = None
    destination: str = ""
    failure: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case. ``seq`` is the number of its events and its version; ``case_id`` is ``order_id.n``."""

    case_id: str
    order_id: str
    kind: Kind
    state: State
    seq: int
    buyer_id: str
    seller_id: str
    currency: str
    reason: str
    units: tuple[Unit, ...]
    wanted: Remedy
    opened_at: datetime
    waiting: Waiting | None = None
    story: str = ""
    evidence: tuple[EvidenceItem, ...] = ()
    negotiation_ends_at: datetime | None = None
    offers: tuple[Offer, ...] = ()
    settlement: Settlement | None = None
    escalated_by: Role | None = None
    mediation_since: datetime | None = None
    mediator_id: str = ""
    evidence_requests: tuple[EvidenceRequest, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    proposed: Ruling | None = None  # a ruling that a second person has to agree to
    appealed_by: Role | None = None
    instructions: Instructions | None = None
    shipment: Shipment | None = None  # the return's first parcel, most often its only one
    further: tuple[Shipment, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    weighed_g: int = 0  # what the seller weighed at the inspection, in grams
    contested: bool = False
    rejection_stands: bool = False  # what the seller rejected is no longer at issue
    replacement: Shipment | None = None
    replaced: bool = False  # the buyer has the replacement
    label: Label | None = None
    used_labels: tuple[Label, ...] = ()  # those of parcels that have left, where another one followed
    reservation: Reservation | None = None
    freight_repaid: int = 0  # minor units put on the buyer's balance for the way back
    paid_in: int = 0  # minor units the buyer paid for an exchange and has not got back
    refunds: tuple[Refund, ...] = ()
    refund_not_before: datetime | None = None
    reopened: int = 0
    outcome: Outcome | None = None
    closed_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether something can still happen by itself."""
        return self.state is not State.CLOSED

    @property
    def parcels(self) -> tuple[Shipment, ...]:
        """The parcels of the return, in the order they were told of."""
        return () if self.shipment is None else (self.shipment, *self.further)
