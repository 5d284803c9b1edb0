"""What people send: bodies of requests, checked while they are read, and the commands they become."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Finding, Goods, Inspection, Reception, Remedy
from amends.domain.cases.returning import WEIGHT_MAX_G
from amends.domain.evidence import FileRef
from amends.domain.orders import Method, Signal, Unit
from amends.domain.parties import Role

# Far beyond any price, and a sum of thousands of them still fits PostgreSQL's bigint.
AMOUNT_MAX = 10**15
ID = r"^[A-Za-z0-9_-]{1,64}$"

Amount = Annotated[int, Meta(ge=0, le=AMOUNT_MAX, description="Whole minor units of the order's currency.")]
Id = Annotated[str, Meta(pattern=ID)]
Words = Annotated[str, Meta(max_length=5000)]
Said = Annotated[str, Meta(min_length=1, max_length=5000)]
Short = Annotated[str, Meta(max_length=200)]
Named = Annotated[str, Meta(min_length=1, max_length=200)]
Grams = Annotated[int, Meta(ge=0, le=WEIGHT_MAX_G)]
Index = Annotated[int, Meta(ge=0, le=100_000)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339, with an offset.")]


# Every clock of every policy, added to an instant inside these, is still an instant.
_YEAR_FIRST, _YEAR_LAST = 2000, 2100


def check_years(*instants: datetime | None) -> None:
    """Raise `ValueError` for instants no order can have."""
    for instant in instants:
        if instant is not None and not _YEAR_FIRST <= instant.year <= _YEAR_LAST:
            raise ValueError(f"{instant.isoformat()} does not lie in the years {_YEAR_FIRST} to {_YEAR_LAST}")


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body: unknown fields are refused."""


class Nothing(Body, frozen=True, kw_only=True):
    """No more to say than the address does."""


class Priced(Body, frozen=True, kw_only=True):
    """A body that may name amounts."""

    @property
    def currency_named(self) -> tuple[str, str]:
        """The currency the sender takes the amounts for, and its JSON pointer; empty if not said."""
        return "", ""


class Telling(Priced, frozen=True, kw_only=True):
    """A body that becomes a command on a case."""

    def command(self, by: Role, now: datetime) -> c.CaseCommand:
        """The command, given by somebody of role ``by`` at ``now``."""
        raise NotImplementedError


class UnitBody(Body, frozen=True, kw_only=True):
    """One piece of a line: ``index`` counts from 0 to the line's quantity - 1."""

    line_id: Id
    index: Index = 0

    def unit(self) -> Unit:
        """As the domain has it."""
        return Unit(self.line_id, self.index)


Units = Annotated[tuple[UnitBody, ...], Meta(min_length=1, max_length=1000)]


class EvidenceBody(Body, frozen=True, kw_only=True):
    """One piece of evidence: its kind, what it shows, and where it lies.

    ``file_id`` is one of your own files on the order (`POST /v1/orders/{order_id}/files`).
    """

    kind: Literal["photo", "video", "receipt", "tracking", "statement", "document"]
    note: Words
    url: Annotated[str, Meta(max_length=2000)] = ""
    file_id: Annotated[str, Meta(pattern="^([0-9a-f]{32})?$")] = ""

    def item(self, by: Role, now: datetime) -> EvidenceItem:
        """As the domain has it."""
        file = FileRef(self.file_id) if self.file_id else None
        return EvidenceItem(by=by, kind=self.kind, note=self.note, at=now, url=self.url, file=file)


Evidence = Annotated[tuple[EvidenceBody, ...], Meta(max_length=50)]
SomeEvidence = Annotated[tuple[EvidenceBody, ...], Meta(min_length=1, max_length=50)]


class RemedyBody(Body, frozen=True, kw_only=True):
    """What makes it right. With ``currency`` the amount is checked to be meant in the order's currency."""

    amount: Amount
    currency: Currency | None = None
    goods: Goods = Goods.KEEP
    exchange_variant: Short = ""
    freight_payer: Literal["buyer", "seller"] = "buyer"
    difference: Annotated[
        int,
        Meta(ge=-AMOUNT_MAX, le=AMOUNT_MAX, description="What the replacement costs more; below zero: less."),
    ] = 0

    def remedy(self) -> Remedy:
        """As the domain has it."""
        return Remedy(
            amount=self.amount,
            goods=self.goods,
            exchange_variant=self.exchange_variant,
            freight_payer=Role(self.freight_payer),
            difference=self.difference,
        )


class CancellationBody(Body, frozen=True, kw_only=True, tag_field="kind", tag="cancellation"):
    """Cancel units that were not yet shipped; no ``units`` means all of them."""

    reason: Named
    units: Annotated[tuple[UnitBody, ...], Meta(max_length=1000)] = ()
    story: Words = ""


class ClaimBody(Priced, frozen=True, kw_only=True, tag_field="kind", tag="claim"):
    """Ask for a remedy for units; ``draft`` keeps it with the buyer until it is submitted."""

    reason: Named
    units: Units
    wanted: RemedyBody
    story: Words = ""
    evidence: Evidence = ()
    draft: bool = False

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.wanted.currency or "", "/wanted/currency"


class DraftBody(Telling, frozen=True, kw_only=True):
    """The whole draft anew."""

    reason: Named
    units: Units
    wanted: RemedyBody
    story: Words = ""
    evidence: Evidence = ()

    def command(self, by: Role, now: datetime) -> c.EditDraft:
        return c.EditDraft(
            reason=self.reason,
            units=tuple(unit.unit() for unit in self.units),
            wanted=self.wanted.remedy(),
            story=self.story,
            evidence=_items(self.evidence, by, now),
        )

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.wanted.currency or "", "/wanted/currency"


class OfferBody(Telling, frozen=True, kw_only=True):
    """A remedy put before the other side."""

    remedy: RemedyBody
    note: Words = ""
    evidence: Evidence = ()

    def command(self, by: Role, now: datetime) -> c.MakeOffer:
        return c.MakeOffer(
            remedy=self.remedy.remedy(), note=self.note, evidence=_items(self.evidence, by, now)
        )

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.remedy.currency or "", "/remedy/currency"


class AcceptanceBody(Telling, frozen=True, kw_only=True):
    """Take the other side's open offer. With ``offer_id`` only that one."""

    offer_id: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None

    def command(self, by: Role, now: datetime) -> c.AcceptOffer:  # noqa: ARG002
        return c.AcceptOffer(offer_id=self.offer_id)


class RefusalBody(Telling, frozen=True, kw_only=True):
    """Decline the open offer."""

    note: Words = ""

    def command(self, by: Role, now: datetime) -> c.DeclineOffer:  # noqa: ARG002
        return c.DeclineOffer(note=self.note)


class EscalationBody(Telling, frozen=True, kw_only=True):
    """Bring the case before a mediator."""

    note: Words = ""

    def command(self, by: Role, now: datetime) -> c.Escalate:  # noqa: ARG002
        return c.Escalate(note=self.note)


class EvidenceAdded(Telling, frozen=True, kw_only=True):
    """Evidence of one's own accord."""

    items: SomeEvidence

    def command(self, by: Role, now: datetime) -> c.AddEvidence:
        return c.AddEvidence(items=_items(self.items, by, now))


class EvidenceAnswer(Telling, frozen=True, kw_only=True):
    """The evidence a mediator asked for."""

    items: SomeEvidence

    def command(self, by: Role, now: datetime) -> c.SubmitEvidence:
        return c.SubmitEvidence(items=_items(self.items, by, now))


class EvidenceRequestBody(Telling, frozen=True, kw_only=True):
    """Ask one side for named evidence."""

    of: Literal["buyer", "seller"]
    items: Annotated[tuple[Named, ...], Meta(min_length=1, max_length=20)]

    def command(self, by: Role, now: datetime) -> c.RequestEvidence:  # noqa: ARG002
        return c.RequestEvidence(of=Role(self.of), items=self.items)


class AssignmentBody(Telling, frozen=True, kw_only=True):
    """Who mediates from now on; without ``mediator_id`` the case goes back to the queue."""

    mediator_id: Words = ""

    def command(self, by: Role, now: datetime) -> c.AssignCase:  # noqa: ARG002
        return c.AssignCase(mediator_id=self.mediator_id)


class FindingBody(Body, frozen=True, kw_only=True):
    """A fact found, the clause it falls under, the evidence it rests on."""

    fact: Said
    clause: Named
    evidence: Words = ""
    weight: Literal["", "decisive", "supporting", "background"] = ""


class RulingBody(Telling, frozen=True, kw_only=True):
    """A reasoned decision: every finding cites its clause; ``otherwise`` says what would have changed it."""

    remedy: RemedyBody
    reasons: Said
    otherwise: Words = ""
    findings: Annotated[tuple[FindingBody, ...], Meta(min_length=1, max_length=50)]

    def command(self, by: Role, now: datetime) -> c.Rule:  # noqa: ARG002
        return c.Rule(
            remedy=self.remedy.remedy(),
            reasons=self.reasons,
            findings=tuple(
                Finding(one.fact, one.clause, one.evidence, weight=one.weight) for one in self.findings
            ),
            otherwise=self.otherwise,
        )

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.remedy.currency or "", "/remedy/currency"


class ConfirmationBody(Telling, frozen=True, kw_only=True):
    """Whether a second person agrees; ``note`` says what has to be looked at again."""

    agreed: bool
    note: Words = ""

    def command(self, by: Role, now: datetime) -> c.ConfirmRuling:  # noqa: ARG002
        return c.ConfirmRuling(agreed=self.agreed, note=self.note)


class AppealBody(Telling, frozen=True, kw_only=True):
    """Disagree, once, with new evidence."""

    note: Said
    evidence: SomeEvidence

    def command(self, by: Role, now: datetime) -> c.Appeal:
        return c.Appeal(note=self.note, evidence=_items(self.evidence, by, now))


class InstructionsBody(Telling, frozen=True, kw_only=True):
    """Where to send the goods, and who provides the label."""

    address: Said
    note: Words = ""
    label: Literal["seller", "platform", "buyer"] = "buyer"

    def command(self, by: Role, now: datetime) -> c.GiveInstructions:  # noqa: ARG002
        return c.GiveInstructions(address=self.address, note=self.note, label=self.label)


class ShipmentBody(Telling, frozen=True, kw_only=True):
    """The goods are on their way back; ``freight`` is what the buyer paid for it, ``receipt`` where that
    lies. ``units`` are what is in this parcel where others follow; none: everything not sent so far.
    """

    units: Annotated[tuple[UnitBody, ...], Meta(max_length=1000)] = ()
    carrier: Named
    tracking_number: Named
    receipt: Annotated[str, Meta(max_length=2000)] = ""
    freight: Amount = 0
    evidence: Evidence = ()

    def command(self, by: Role, now: datetime) -> c.ShipReturn:
        return c.ShipReturn(
            units=tuple(unit.unit() for unit in self.units),
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            receipt=self.receipt,
            freight=self.freight,
            evidence=_items(self.evidence, by, now),
        )


class LabelBody(Telling, frozen=True, kw_only=True):
    """A carrier was booked for the way back, at ``price``."""

    carrier: Named
    service: Short = ""
    tracking_number: Named
    price: Amount
    code: Short = ""

    def command(self, by: Role, now: datetime) -> c.IssueLabel:  # noqa: ARG002
        return c.IssueLabel(
            carrier=self.carrier,
            service=self.service,
            tracking_number=self.tracking_number,
            price=self.price,
            code=self.code,
        )


class FreightReceiptBody(Telling, frozen=True, kw_only=True):
    """What the buyer paid for the way back, and where the receipt lies; ``tracking_number`` says of which
    parcel where there are several."""

    freight: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
    receipt: Annotated[str, Meta(min_length=1, max_length=2000)]
    tracking_number: Short = ""

    def command(self, by: Role, now: datetime) -> c.AddFreightReceipt:  # noqa: ARG002
        return c.AddFreightReceipt(
            freight=self.freight, receipt=self.receipt, tracking_number=self.tracking_number
        )


class PaymentBody(Telling, frozen=True, kw_only=True):
    """What the marketplace took from the buyer for the exchange."""

    amount: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
    method: Method
    provider: Named = "sandbox"
    reference: Short = ""

    def command(self, by: Role, now: datetime) -> c.RecordPayment:  # noqa: ARG002
        return c.RecordPayment(
            amount=self.amount, method=self.method, provider=self.provider, reference=self.reference
        )


class NoReplacementBody(Telling, frozen=True, kw_only=True):
    """There is no replacement to be had."""

    note: Words = ""

    def command(self, by: Role, now: datetime) -> c.DeclineReplacement:  # noqa: ARG002
        return c.DeclineReplacement(note=self.note)


class ReservationBody(Telling, frozen=True, kw_only=True):
    """The marketplace keeps a variant for the exchange until an instant."""

    variant: Annotated[str, Meta(min_length=1, max_length=200)]
    until: Instant
    reference: Short = ""

    def __post_init__(self) -> None:
        check_years(self.until)

    def command(self, by: Role, now: datetime) -> c.RecordReservation:  # noqa: ARG002
        return c.RecordReservation(variant=self.variant, until=self.until, reference=self.reference)


class SoldOutBody(Telling, frozen=True, kw_only=True):
    """The marketplace has the variant no more."""

    variant: Annotated[str, Meta(min_length=1, max_length=200)]

    def command(self, by: Role, now: datetime) -> c.RecordSoldOut:  # noqa: ARG002
        return c.RecordSoldOut(variant=self.variant)


class ReturnScanBody(Telling, frozen=True, kw_only=True):
    """A scan of the parcel on its way back; ``weight_g`` in grams where the carrier weighed it.
    ``tracking_number`` says which parcel it is where there are several, ``postcode`` where it was scanned."""

    tracking_number: Short = ""
    postcode: Short = ""
    signal: Signal
    scanned_at: Instant
    note: Words = ""
    weight_g: Grams = 0

    def __post_init__(self) -> None:
        check_years(self.scanned_at)

    def command(self, by: Role, now: datetime) -> c.RecordReturnScan:  # noqa: ARG002
        return c.RecordReturnScan(
            tracking_number=self.tracking_number,
            signal=self.signal,
            scanned_at=self.scanned_at,
            note=self.note,
            postcode=self.postcode,
            weight_g=self.weight_g,
        )


class InspectedUnit(Body, frozen=True, kw_only=True):
    """One returned unit: how it was received, and whether it is accepted; if not, on which ground."""

    unit: UnitBody
    reception: Reception
    accepted: bool
    ground: Short = ""
    note: Words = ""


class InspectionBody(Telling, frozen=True, kw_only=True):
    """The verdict on every returned unit; ``weight_g`` is what the parcel weighed, in grams; 0: not told."""

    inspections: Annotated[tuple[InspectedUnit, ...], Meta(min_length=1, max_length=1000)]
    evidence: Evidence = ()
    weight_g: Grams = 0

    def command(self, by: Role, now: datetime) -> c.InspectReturn:
        return c.InspectReturn(
            weight_g=self.weight_g,
            evidence=_items(self.evidence, by, now),
            inspections=tuple(
                Inspection(
                    unit=one.unit.unit(),
                    reception=one.reception,
                    accepted=one.accepted,
                    ground=one.ground,
                    note=one.note,
                )
                for one in self.inspections
            ),
        )


class ContestBody(Telling, frozen=True, kw_only=True):
    """Contest the seller's rejection of a return."""

    note: Said
    evidence: Evidence = ()

    def command(self, by: Role, now: datetime) -> c.ContestRejection:
        return c.ContestRejection(note=self.note, evidence=_items(self.evidence, by, now))


class ReplacementBody(Telling, frozen=True, kw_only=True):
    """The replacement is on its way."""

    carrier: Named
    tracking_number: Named

    def command(self, by: Role, now: datetime) -> c.ShipReplacement:  # noqa: ARG002
        return c.ShipReplacement(carrier=self.carrier, tracking_number=self.tracking_number)


class ReplacementScanBody(Telling, frozen=True, kw_only=True):
    """A scan of the replacement's parcel."""

    signal: Signal
    scanned_at: Instant
    note: Words = ""

    def __post_init__(self) -> None:
        check_years(self.scanned_at)

    def command(self, by: Role, now: datetime) -> c.RecordReplacementScan:  # noqa: ARG002
        return c.RecordReplacementScan(signal=self.signal, scanned_at=self.scanned_at, note=self.note)


class RefundConfirmationBody(Telling, frozen=True, kw_only=True):
    """The provider has sent the money."""

    refund_id: Named

    def command(self, by: Role, now: datetime) -> c.ConfirmRefund:  # noqa: ARG002
        return c.ConfirmRefund(refund_id=self.refund_id)


class RefundFailureBody(Telling, frozen=True, kw_only=True):
    """The money cannot go where it should."""

    refund_id: Named
    why: Said

    def command(self, by: Role, now: datetime) -> c.FailRefund:  # noqa: ARG002
        return c.FailRefund(refund_id=self.refund_id, why=self.why)


class RefundMethodBody(Telling, frozen=True, kw_only=True):
    """Where the money shall go instead: the balance, or a bank account by its reference."""

    method: Literal["balance", "bank_transfer"]
    destination: Short = ""

    def command(self, by: Role, now: datetime) -> c.ChooseRefundMethod:  # noqa: ARG002
        return c.ChooseRefundMethod(method=self.method, destination=self.destination)


class ReopeningBody(Telling, frozen=True, kw_only=True):
    """Reopen a closed case on new facts; the reason is recorded."""

    reason: Said

    def command(self, by: Role, now: datetime) -> c.Reopen:  # noqa: ARG002
        return c.Reopen(reason=self.reason)


def _items(bodies: tuple[EvidenceBody, ...], by: Role, now: datetime) -> tuple[EvidenceItem, ...]:
    return tuple(body.item(by, now) for body in bodies)
