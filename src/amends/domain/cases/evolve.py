"""A case after one more event. Folding all of them from None gives the case: nothing else does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from amends.domain.cases import events as e
from amends.domain.cases.dues import BEFORE_REPLACEMENT
from amends.domain.cases.model import Case, Ending, EvidenceRequest, Offer, Refund, Shipment, State
from amends.domain.cases.parcels import parcel_of, scanned, with_parcel
from amends.domain.chain import Recorded
from amends.domain.orders import Signal

Changed = dict[str, Any]


def evolve(case: Case | None, recorded: Recorded) -> Case:
    """The case after ``recorded``. Raises `ValueError` for an event that cannot follow."""
    event = recorded.event
    if case is None:
        if not isinstance(event, e.CaseOpened):
            raise ValueError(
                f"the first event of {recorded.stream} is {type(event).__name__}, not CaseOpened"
            )
        return _opened(event, recorded)
    if recorded.seq != case.seq + 1:
        raise ValueError(f"event {recorded.seq} of {recorded.stream} cannot follow event {case.seq}")
    change = _CHANGES[type(event)]
    changed = change(case, event, recorded.at)
    return replace(case, state=event.state, waiting=event.waiting, seq=recorded.seq, **changed)


def _opened(event: e.CaseOpened, recorded: Recorded) -> Case:
    return Case(
        case_id=recorded.stream,
        order_id=event.order_id,
        kind=event.kind,
        state=event.state,
        seq=recorded.seq,
        buyer_id=event.buyer_id,
        seller_id=event.seller_id,
        currency=event.currency,
        reason=event.reason,
        units=event.units,
        wanted=event.wanted,
        opened_at=recorded.at,
        waiting=event.waiting,
        story=event.story,
        evidence=event.evidence,
        offers=(event.offer,) if event.offer else (),
        negotiation_ends_at=event.negotiation_ends_at,
    )


def _draft_edited(case: Case, event: e.DraftEdited, at: datetime) -> Changed:
    return {
        "reason": event.reason,
        "units": event.units,
        "wanted": event.wanted,
        "story": event.story,
        "evidence": event.evidence,
    }


def _draft_submitted(case: Case, event: e.DraftSubmitted, at: datetime) -> Changed:
    return {
        "offers": (event.offer,),
        "wanted": event.offer.remedy,
        "negotiation_ends_at": event.negotiation_ends_at,
    }


def _offer_made(case: Case, event: e.OfferMade, at: datetime) -> Changed:
    new = event.offer
    before = tuple(
        replace(o, state="replaced" if o.by is new.by else "countered") if o.state == "open" else o
        for o in case.offers
    )
    return {"offers": (*before, new), "evidence": (*case.evidence, *event.evidence)}


def _offer_declined(case: Case, event: e.OfferDeclined, at: datetime) -> Changed:
    return {
        "offers": tuple(
            replace(o, state="declined") if o.state == "open" and o.by is not event.by else o
            for o in case.offers
        )
    }


def _settled(case: Case, event: e.CaseSettled, at: datetime) -> Changed:
    remedy = event.settlement.remedy
    last = next((o.offer_id for o in reversed(case.offers) if o.remedy == remedy), None)
    offers = tuple(
        replace(o, state="accepted")
        if o.offer_id == last and event.settlement.by.value in {"agreement", "silence", "policy"}
        else (replace(o, state="lapsed") if o.state == "open" else o)
        for o in case.offers
    )
    return {"settlement": event.settlement, "offers": offers, "proposed": None}


def _escalated(case: Case, event: e.CaseEscalated, at: datetime) -> Changed:
    return {"escalated_by": event.by, "mediation_since": at}


def _taken(case: Case, event: e.CaseTaken, at: datetime) -> Changed:
    return {"mediator_id": event.mediator_id}


def _unchanged(case: Case, event: Any, at: datetime) -> Changed:
    return {}


def _evidence(case: Case, event: e.EvidenceAdded, at: datetime) -> Changed:
    return {"evidence": (*case.evidence, *event.items)}


def _evidence_requested(case: Case, event: e.EvidenceRequested, at: datetime) -> Changed:
    # Who asks for more has not decided yet.
    return {"evidence_requests": (*case.evidence_requests, event.request), "proposed": None}


def _evidence_submitted(case: Case, event: e.EvidenceSubmitted, at: datetime) -> Changed:
    answered = replace(case.evidence_requests[-1], answered=True)
    requests: tuple[EvidenceRequest, ...] = (*case.evidence_requests[:-1], answered)
    return {"evidence": (*case.evidence, *event.items), "evidence_requests": requests}


def _ruled(case: Case, event: e.CaseRuled, at: datetime) -> Changed:
    return {"rulings": (*case.rulings, event.ruling), "proposed": None}


def _proposed(case: Case, event: e.RulingProposed, at: datetime) -> Changed:
    return {"proposed": event.ruling}


def _sent_back(case: Case, event: e.RulingSentBack, at: datetime) -> Changed:
    return {"proposed": None}


def _ruling_accepted(case: Case, event: e.RulingAccepted, at: datetime) -> Changed:
    ruling = case.rulings[-1]
    return {"rulings": (*case.rulings[:-1], replace(ruling, accepted_by=(*ruling.accepted_by, event.by)))}


def _appealed(case: Case, event: e.CaseAppealed, at: datetime) -> Changed:
    return {
        "appealed_by": event.by,
        "mediator_id": "",
        "mediation_since": at,
        "evidence": (*case.evidence, *event.evidence),
    }


def _instructed(case: Case, event: e.InstructionsGiven, at: datetime) -> Changed:
    return {"instructions": event.instructions}


def _shipped(case: Case, event: e.ReturnShipped, at: datetime) -> Changed:
    return {**_parcel(case, event.shipment), "evidence": (*case.evidence, *event.evidence)}


def _labelled(case: Case, event: e.LabelIssued, at: datetime) -> Changed:
    used = case.used_labels if case.label is None else (*case.used_labels, case.label)
    return {"label": event.label, "used_labels": used}


def _freight_added(case: Case, event: e.FreightReceiptAdded, at: datetime) -> Changed:
    sent = _told_of(case, event.tracking_number)
    return _parcel(case, replace(sent, freight=event.freight, receipt=event.receipt))


def _told_of(case: Case, number: str) -> Shipment:
    """The parcel that an event is about: the one with that number, the first one without."""
    parcel = parcel_of(case, number) if number else case.shipment
    if parcel is None:
        raise ValueError("what is told of a parcel cannot come before it")
    return parcel


def _parcel(case: Case, parcel: Shipment) -> Changed:
    changed = with_parcel(case, parcel)
    return {"shipment": changed.shipment, "further": changed.further}


def _freight_reimbursed(case: Case, event: e.FreightReimbursed, at: datetime) -> Changed:
    return {"freight_repaid": case.freight_repaid + event.amount}


def _paid_in(case: Case, event: e.PaymentReceived, at: datetime) -> Changed:
    return {"paid_in": case.paid_in + event.tender.captured}


def _replacement_received(case: Case, event: e.ReplacementReceived, at: datetime) -> Changed:
    return {"replaced": True}


def _replacement_failed(case: Case, event: e.ReplacementFailed, at: datetime) -> Changed:
    if event.state is not State.AWAITING_INSTRUCTIONS or case.settlement is None:
        return {}
    # What was to be swapped is sent back for a refund now.
    remedy = replace(case.settlement.remedy, exchange_variant="", difference=0)
    return {"settlement": replace(case.settlement, remedy=remedy)}


def _reserved(case: Case, event: e.VariantReserved, at: datetime) -> Changed:
    return {"reservation": event.reservation}


def _sold_out(case: Case, event: e.VariantSoldOut, at: datetime) -> Changed:
    changed: Changed = {"reservation": None}
    if event.state in BEFORE_REPLACEMENT or case.settlement is None:
        return changed
    # The goods come back for money now.
    remedy = replace(case.settlement.remedy, exchange_variant="", difference=0)
    return {**changed, "settlement": replace(case.settlement, remedy=remedy)}


def _return_scanned(case: Case, event: e.ReturnScanned, at: datetime) -> Changed:
    sent = _told_of(case, event.tracking_number)
    return _parcel(case, scanned(sent, event.signal, event.scanned_at, event.weight_g, event.postcode))


def _part_ended(case: Case, event: e.ReturnPartEnded, at: datetime) -> Changed:
    return _parcel(case, replace(_told_of(case, event.tracking_number), ending=event.ending))


def _return_lost(case: Case, event: e.ReturnLost, at: datetime) -> Changed:
    lost = _ended(case, Ending.LOST)
    return lost if event.covered else {**lost, **_before_a_mediator(case, at)}


def _came_back(case: Case, event: e.ReturnCameBack, at: datetime) -> Changed:
    return {**_ended(case, Ending.CAME_BACK), **_before_a_mediator(case, at)}


def _ended(case: Case, ending: Ending) -> Changed:
    """The only parcel ended; of several each was told before."""
    sent = case.shipment
    if sent is None or case.further or sent.delivered_at is not None or sent.ending is not None:
        return {}
    return {"shipment": replace(sent, ending=ending)}


def _before_a_mediator(case: Case, at: datetime) -> Changed:
    """What is ruled on a parcel that did not arrive is final for the goods: they are not sent again."""
    return {"contested": True, "mediation_since": at, "mediator_id": "", "offers": _lapsed(case)}


def _inspected(case: Case, event: e.ReturnInspected, at: datetime) -> Changed:
    return {
        "inspections": event.inspections,
        "evidence": (*case.evidence, *event.evidence),
        "weighed_g": event.weight_g,
    }


def _contested(case: Case, event: e.ReturnContested, at: datetime) -> Changed:
    return {
        "contested": True,
        "mediation_since": at,
        "mediator_id": "",
        "evidence": (*case.evidence, *event.evidence),
        "offers": _lapsed(case),
    }


def _lapsed(case: Case) -> tuple[Offer, ...]:
    """The offers of a negotiation that is over: nobody may take one of them any more."""
    return tuple(o if o.state == "accepted" else replace(o, state="lapsed") for o in case.offers)


def _replacement_shipped(case: Case, event: e.ReplacementShipped, at: datetime) -> Changed:
    return {"replacement": event.shipment}


def _replacement_scanned(case: Case, event: e.ReplacementScanned, at: datetime) -> Changed:
    there = case.replaced or event.signal is Signal.DELIVERED
    if case.replacement is None:
        raise ValueError("a scan cannot come before the parcel")
    return {"replacement": scanned(case.replacement, event.signal, event.scanned_at), "replaced": there}


def _refunds_merged(case: Case, refunds: tuple[Refund, ...]) -> tuple[Refund, ...]:
    known = {r.refund_id: r for r in case.refunds}
    known.update((r.refund_id, r) for r in refunds)
    return tuple(known.values())


def _refund_approved(case: Case, event: e.RefundApproved, at: datetime) -> Changed:
    return {
        "refunds": _refunds_merged(case, event.refunds),
        "refund_not_before": event.not_before,
        "paid_in": case.paid_in - event.paid_in,
    }


def _refunds_changed(case: Case, event: e.RefundInitiated | e.RefundRedirected, at: datetime) -> Changed:
    return {"refunds": _refunds_merged(case, event.refunds)}


def _refund_changed(case: Case, event: e.RefundConfirmed | e.RefundFailed, at: datetime) -> Changed:
    return {"refunds": _refunds_merged(case, (event.refund,))}


def _reopened(case: Case, event: e.CaseReopened, at: datetime) -> Changed:
    return {
        "reopened": case.reopened + 1,
        "mediation_since": at,
        "mediator_id": "",
        "outcome": None,
        "closed_at": None,
        "settlement": None,
        "offers": _lapsed(case),
        # Goods that were on their way back once are not sent again.
        "contested": case.contested or case.shipment is not None,
    }


def _closed(case: Case, event: e.CaseClosed, at: datetime) -> Changed:
    return {"outcome": event.outcome, "closed_at": at, "proposed": None}


_CHANGES: dict[type, Callable[[Case, Any, datetime], Changed]] = {
    e.DraftEdited: _draft_edited,
    e.DraftSubmitted: _draft_submitted,
    e.EvidenceAdded: _evidence,
    e.OfferMade: _offer_made,
    e.OfferDeclined: _offer_declined,
    e.CaseSettled: _settled,
    e.CaseEscalated: _escalated,
    e.CaseTaken: _taken,
    e.SeniorAlerted: _unchanged,
    e.EvidenceRequested: _evidence_requested,
    e.EvidenceSubmitted: _evidence_submitted,
    e.EvidenceLapsed: _unchanged,
    e.CaseRuled: _ruled,
    e.RulingProposed: _proposed,
    e.RulingSentBack: _sent_back,
    e.RulingAccepted: _ruling_accepted,
    e.CaseAppealed: _appealed,
    e.InstructionsGiven: _instructed,
    e.ReturnShipped: _shipped,
    e.LabelIssued: _labelled,
    e.FreightReceiptAdded: _freight_added,
    e.FreightReimbursed: _freight_reimbursed,
    e.ReturnScanned: _return_scanned,
    e.ReturnPartEnded: _part_ended,
    e.ReturnRestKept: _unchanged,
    e.ReturnLost: _return_lost,
    e.ReturnCameBack: _came_back,
    e.ReturnInspected: _inspected,
    e.RejectionAccepted: lambda case, event, at: {"rejection_stands": True},
    e.ReturnContested: _contested,
    e.ReplacementDue: _unchanged,
    e.VariantReserved: _reserved,
    e.VariantSoldOut: _sold_out,
    e.ReplacementShipped: _replacement_shipped,
    e.ReplacementScanned: _replacement_scanned,
    e.PaymentDue: _unchanged,
    e.PaymentReceived: _paid_in,
    e.ReplacementReceived: _replacement_received,
    e.ReplacementFailed: _replacement_failed,
    e.RefundApproved: _refund_approved,
    e.RefundInitiated: _refunds_changed,
    e.RefundConfirmed: _refund_changed,
    e.RefundFailed: _refund_changed,
    e.RefundOverdue: _unchanged,
    e.RefundRedirected: _refunds_changed,
    e.CaseReopened: _reopened,
    e.CaseClosed: _closed,
}
