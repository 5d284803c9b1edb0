"""Negotiation: offers, counter-offers, silence, and the way out to a mediator."""

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing, remedy_refused
from amends.domain.cases.model import Case, EvidenceItem, Kind, Offer, Outcome, Remedy, Settled, State
from amends.domain.cases.opening import capped, signed
from amends.domain.cases.paying import Events
from amends.domain.cases.settling import settle
from amends.domain.parties import Role
from amends.domain.refusals import Refused

_OTHER = {Role.BUYER: Role.SELLER, Role.SELLER: Role.BUYER}
_ANSWERED_BY = {Role.BUYER: State.AWAITING_BUYER, Role.SELLER: State.AWAITING_SELLER}


def latest(case: Case, by: Role) -> Offer | None:
    """The last remedy a party put forward, whatever became of it since."""
    return next((offer for offer in reversed(case.offers) if offer.by is by), None)


def standing_request(case: Case) -> Remedy:
    """What the buyer asks for now: silence of the seller grants this."""
    offer = latest(case, Role.BUYER)
    return offer.remedy if offer else case.wanted


def make_offer(h: Hearing, case: Case, command: c.MakeOffer) -> Events | Refused:
    refusal = remedy_refused(h, case, command.remedy)
    if refusal is not None:
        return refusal
    by = h.actor.role
    offer = Offer(offer_id=len(case.offers) + 1, by=by, remedy=command.remedy, at=h.now, note=command.note)
    state, waiting = case.state, case.waiting
    # Whoever is waited on passes the turn by an offer; bettering one's own leaves the other's clock alone.
    if waiting is not None and waiting.on is by and state in _ANSWERED_BY.values():
        other = _OTHER[by]
        state = _ANSWERED_BY[other]
        waiting = capped(h, case, h.wait(case, state, other), case.negotiation_ends_at)
    return [e.OfferMade(state=state, waiting=waiting, offer=offer)]


def accept_offer(h: Hearing, case: Case, command: c.AcceptOffer) -> Events | Refused:
    """Take the other side's latest offer; for a cancellation request that is the request."""
    other = _OTHER[h.actor.role]
    offer = latest(case, other)
    if offer is None and not (other is Role.BUYER and case.kind is Kind.CANCELLATION):
        return Refused(
            kind="not_possible_now",
            detail=f"The {other.value} has made no offer yet; make one of your own, or wait.",
            facts={"offers": 0},
        )
    if offer is not None and command.offer_id is not None and command.offer_id != offer.offer_id:
        return Refused(
            kind="not_possible_now",
            detail=f"Offer {command.offer_id} has been replaced: the {other.value}'s latest is offer {offer.offer_id}.",
            facts={"latest": offer.offer_id},
            pointer="/offer_id",
        )
    remedy = offer.remedy if offer else case.wanted
    # Another case may have taken part of the money since the offer was made.
    refusal = remedy_refused(h, case, remedy)
    if refusal is not None:
        return refusal
    clause = "cancel.seller_response" if case.kind is Kind.CANCELLATION else "negotiation.limit"
    return settle(h, case, remedy, Settled.AGREEMENT, h.term(case, clause).clause)


def decline_offer(h: Hearing, case: Case, command: c.DeclineOffer) -> Events | Refused:
    by = h.actor.role
    if case.state is State.CANCEL_REQUESTED:
        return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.DECLINED, note=command.note)]
    other = _OTHER[by]
    if latest(case, other) is None:
        return Refused(kind="not_possible_now", detail=f"There is no offer of the {other.value} to decline.")
    state = _ANSWERED_BY[other]
    waiting = capped(h, case, h.wait(case, state, other), case.negotiation_ends_at)
    return [e.OfferDeclined(state=state, waiting=waiting, by=by, note=command.note)]


def grant_by_silence(h: Hearing, case: Case) -> Events:
    """The seller did not answer: the buyer's request is granted (A18, A34), as far as the money reaches."""
    remedy = standing_request(case)
    remedy = replace(remedy, amount=min(remedy.amount, h.most(case)))
    clock = "cancel.seller_response" if case.kind is Kind.CANCELLATION else "negotiation.seller_response"
    return settle(h, case, remedy, Settled.SILENCE, h.term(case, clock).clause)


def escalate(h: Hearing, case: Case) -> Events:
    """Before a mediator, by either side or by the clock."""
    escalated = replace(case, mediation_since=h.now)
    waiting = h.wait(escalated, State.MEDIATING)
    return [e.CaseEscalated(state=State.MEDIATING, waiting=waiting, by=h.actor.role)]


def withdraw(h: Hearing, case: Case) -> Events | Refused:
    if case.rulings:
        return Refused(
            kind="not_possible_now",
            detail="A ruling has been made: the case can no longer be withdrawn (it could be, at any time before).",
            facts={"ruled_at": case.rulings[0].at.isoformat()},
        )
    return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.WITHDRAWN)]


def add_evidence(h: Hearing, case: Case, items: tuple[EvidenceItem, ...]) -> Events | Refused:
    if not items:
        return Refused(kind="invalid", detail="Name at least one piece of evidence.", pointer="/items")
    return [e.EvidenceAdded(state=case.state, waiting=case.waiting, items=signed(h, items))]
