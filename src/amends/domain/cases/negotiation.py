"""Negotiation: offers, counter-offers, silence, and the way out to a mediator."""

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.arriving import rest_kept
from amends.domain.cases.hearing import Hearing, remedy_refused, with_fallback
from amends.domain.cases.model import Case, EvidenceItem, Goods, Kind, Offer, Outcome, Remedy, Settled, State
from amends.domain.cases.opening import beyond_terms, capped, signed
from amends.domain.cases.paying import Events
from amends.domain.cases.settling import settle
from amends.domain.parties import Role
from amends.domain.refusals import Refused

_OTHER = {Role.BUYER: Role.SELLER, Role.SELLER: Role.BUYER}
_ANSWERED_BY = {Role.BUYER: State.AWAITING_BUYER, Role.SELLER: State.AWAITING_SELLER}


def latest(case: Case, by: Role) -> Offer | None:
    """The last remedy a party put forward, whatever became of it since."""
    return next((offer for offer in reversed(case.offers) if offer.by is by), None)


def on_the_table(case: Case, by: Role) -> Offer | None:
    """A party's latest offer, if the other may still take it: one of an ended negotiation is gone."""
    offer = latest(case, by)
    return None if offer is None or offer.state in {"accepted", "lapsed"} else offer


def standing_request(case: Case) -> Remedy:
    """What the buyer asks for now: silence of the seller grants this."""
    offer = latest(case, Role.BUYER)
    return offer.remedy if offer else case.wanted


def make_offer(h: Hearing, case: Case, command: c.MakeOffer) -> Events | Refused:
    remedy, by = with_fallback(h, case, command.remedy), h.actor.role
    refusal = remedy_refused(h, case, remedy)
    if refusal is None and by is Role.BUYER:
        refusal = beyond_terms(h, case, remedy)
    if refusal is not None:
        return refusal
    offer = Offer(offer_id=len(case.offers) + 1, by=by, remedy=remedy, at=h.now, note=command.note)
    state, waiting = case.state, case.waiting
    # Whoever is waited on passes the turn by an offer. Bettering one's own leaves the other's clock alone;
    # asking for more starts it again, or a request raised at the last moment would be granted by silence.
    passed = waiting is not None and waiting.on is by
    if state in _ANSWERED_BY.values() and (passed or _asks_more(remedy, latest(case, by))):
        other = _OTHER[by]
        state = _ANSWERED_BY[other]
        waiting = capped(h, case, h.wait(case, state, other), case.negotiation_ends_at)
    shown = signed(h, command.evidence, "offer")
    return [e.OfferMade(state=state, waiting=waiting, offer=offer, evidence=shown, rule=command.rule)]


def _asks_more(remedy: Remedy, before: Offer | None) -> bool:
    """Whether a buyer now asks for more than before, in money or in goods; only a buyer's request binds
    by silence."""
    if before is None or before.by is not Role.BUYER:
        return False
    old = before.remedy
    keeps = old.goods is Goods.RETURN and remedy.goods is Goods.KEEP
    swaps = bool(remedy.exchange_variant) is not bool(old.exchange_variant)
    return remedy.amount > old.amount or keeps or swaps


def accept_offer(h: Hearing, case: Case, command: c.AcceptOffer) -> Events | Refused:
    """Take the other side's latest offer; for a cancellation request that is the request."""
    other = _OTHER[h.actor.role]
    offer = on_the_table(case, other)
    if offer is None and not (other is Role.BUYER and case.kind is Kind.CANCELLATION):
        return Refused(
            kind="not_possible_now",
            detail=f"The {other.value} has no offer on the table; make one of your own, or wait.",
            facts={"offers": 0},
        )
    if offer is not None and command.offer_id is not None and command.offer_id != offer.offer_id:
        return Refused(
            kind="not_possible_now",
            detail=f"Offer {command.offer_id} has been replaced: the {other.value}'s latest is "
            f"offer {offer.offer_id}.",
            facts={"latest": offer.offer_id},
            pointer="/offer_id",
        )
    remedy = offer.remedy if offer else case.wanted
    # Another case may have taken part of the money since the offer was made.
    refusal = remedy_refused(h, case, remedy)
    if refusal is not None:
        return refusal
    clause = "cancel.seller_response" if case.kind is Kind.CANCELLATION else "negotiation.limit"
    settled = settle(h, case, remedy, Settled.AGREEMENT, h.term(case, clause).clause)
    return [_by_rule(event, command.rule) for event in settled]


def _by_rule(event: e.Event, rule: str) -> e.Event:
    return replace(event, rule=rule) if rule and isinstance(event, e.CaseSettled) else event


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


def decline_by_silence(h: Hearing, case: Case) -> Events:  # noqa: ARG001 - a default like the others
    """Where the terms say so, a request to cancel that nobody answers is declined."""
    return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.DECLINED, note="silence")]


def accept_by_silence(h: Hearing, case: Case) -> Events:
    """Where the terms say so, a buyer's silence takes the seller's offer; without one, the case escalates."""
    offer = on_the_table(case, Role.SELLER)
    if offer is None or remedy_refused(h, case, offer.remedy) is not None:
        return escalate(h, case)
    return settle(h, case, offer.remedy, Settled.SILENCE, h.term(case, "negotiation.buyer_response").clause)


def withdraw_by_silence(h: Hearing, case: Case) -> Events:  # noqa: ARG001 - a default like the others
    """Where the terms say so, a buyer who does not answer an offer gives the claim up."""
    return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.WITHDRAWN, note="silence")]


def escalate(h: Hearing, case: Case) -> Events:
    """Before a mediator, by either side or by the clock."""
    escalated = replace(case, mediation_since=h.now)
    waiting = h.wait(escalated, State.MEDIATING)
    return [e.CaseEscalated(state=State.MEDIATING, waiting=waiting, by=h.actor.role)]


def withdraw(h: Hearing, case: Case) -> Events | Refused:
    """The buyer gives the case up; of a return that is under way, what has not been sent."""
    if case.parcels and case.state is State.AWAITING_SHIPMENT:
        return rest_kept(h, case)
    if case.rulings:
        return Refused(
            kind="not_possible_now",
            detail="A ruling has been made: the case can no longer be withdrawn, as it could be before.",
            facts={"ruled_at": case.rulings[0].at.isoformat()},
        )
    labelled = case.label is not None and case.state is State.AWAITING_SHIPMENT
    if case.paid_in or case.replaced or labelled:
        return Refused(
            kind="not_possible_now",
            detail="Money or goods have moved for this case already: it goes its way to the end.",
            facts={"paid_in": case.paid_in, "replaced": case.replaced},
        )
    return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.WITHDRAWN)]


def add_evidence(h: Hearing, case: Case, items: tuple[EvidenceItem, ...]) -> Events | Refused:
    if not items:
        return Refused(kind="invalid", detail="Name at least one piece of evidence.", pointer="/items")
    return [e.EvidenceAdded(state=case.state, waiting=case.waiting, items=signed(h, items))]
