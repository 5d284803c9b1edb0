"""How a case came to its decision, in words: asking, offers, mediation, decisions."""

from amends.domain.cases import events as c
from amends.domain.cases.model import Offer, Settled
from amends.domain.chain import Recorded
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary as v
from amends.interfaces.web.telling_voice import Telling, Told, Voice
from amends.interfaces.web.words import N_


def _opened(t: Voice, event: c.CaseOpened, _: Recorded) -> Told:
    what = N_("Cancellation asked for") if event.kind.value == "cancellation" else N_("Case opened")
    wanted = t.say(
        N_("Reason: %(reason)s. Wanted: %(remedy)s."),
        reason=t.reason(event.reason),
        remedy=t.remedy(event.wanted),
    )
    return t.say(what), wanted


def _draft_edited(t: Voice, event: c.DraftEdited, _: Recorded) -> Told:
    return t.say(N_("Draft changed")), t.say(N_("Wanted: %(remedy)s."), remedy=t.remedy(event.wanted))


def _draft_submitted(t: Voice, event: c.DraftSubmitted, _: Recorded) -> Told:
    return t.say(N_("Request sent to the seller")), _offer(t, event.offer)


def _offer(t: Voice, offer: Offer) -> str:
    return t.say(N_("Wanted: %(remedy)s."), remedy=t.remedy(offer.remedy))


def _evidence(t: Voice, event: c.EvidenceAdded | c.EvidenceSubmitted, recorded: Recorded) -> Told:
    said = t.words.count(
        "%(who)s added a piece of evidence",
        "%(who)s added %(number)s pieces of evidence",
        len(event.items),
        who=t.name(recorded.actor.role),
    )
    return said, t.items(event.items)


def _offer_made(t: Voice, event: c.OfferMade, _: Recorded) -> Told:
    told = t.remedy(event.offer.remedy)
    return t.say(N_("%(who)s made an offer"), who=t.name(event.offer.by)), t.by_rule(told, event.rule)


def _offer_declined(t: Voice, event: c.OfferDeclined, _: Recorded) -> Told:
    return t.say(N_("%(who)s declined the offer"), who=t.name(event.by)), t.quote(event.note)


_SETTLED = {
    Settled.POLICY: N_("Granted at once under the rules"),
    Settled.AGREEMENT: N_("Both sides agreed"),
    Settled.BLIND: N_("The hidden limits met halfway"),
    Settled.SILENCE: N_("Granted because the answer did not come in time"),
    Settled.RULING: N_("The decision took effect"),
    Settled.APPEAL: N_("The decision on the appeal took effect"),
}


def _settled(t: Voice, event: c.CaseSettled, _: Recorded) -> Told:
    return t.say(_SETTLED[event.settlement.by]), t.by_rule(t.remedy(event.settlement.remedy), event.rule)


def _escalated(t: Voice, event: c.CaseEscalated, _: Recorded) -> Told:
    if event.by is Role.CLOCK:
        return t.say(N_("A mediator was called in by the deadline")), ""
    return t.say(N_("%(who)s asked a mediator to decide"), who=t.name(event.by)), ""


def _taken(t: Voice, event: c.CaseTaken, recorded: Recorded) -> Told:
    if not event.mediator_id:
        return t.say(N_("The case went back to the mediators' queue")), ""
    if event.mediator_id != recorded.actor.id:
        return t.say(N_("The case was given to a mediator")), ""
    return t.say(N_("A mediator took the case")), ""


def _senior_alerted(t: Voice, _: c.SeniorAlerted, __: Recorded) -> Told:
    return t.say(N_("Senior support was alerted")), t.say(N_("The decision is later than it should be."))


def _evidence_requested(t: Voice, event: c.EvidenceRequested, _: Recorded) -> Told:
    said = t.say(N_("The mediator asked %(who)s for evidence"), who=t.name(event.request.of))
    return said, t.words.listing(event.request.items)


def _evidence_lapsed(t: Voice, _: c.EvidenceLapsed, __: Recorded) -> Told:
    return t.say(N_("The evidence asked for did not come in time")), ""


def _ruled(t: Voice, event: c.CaseRuled, _: Recorded) -> Told:
    by_clock = not event.ruling.mediator_id
    said = N_("The recommended decision took effect") if by_clock else N_("The mediator decided")
    return t.say(said), t.remedy(event.ruling.remedy)


def _proposed(t: Voice, event: c.RulingProposed, _: Recorded) -> Told:
    return t.say(N_("A decision waits for a second person")), t.remedy(event.ruling.remedy)


def _sent_back(t: Voice, event: c.RulingSentBack, _: Recorded) -> Told:
    return t.say(N_("The second person did not agree to the decision")), t.quote(event.note)


def _ruling_accepted(t: Voice, event: c.RulingAccepted, _: Recorded) -> Told:
    return t.say(N_("%(who)s accepted the decision"), who=t.name(event.by)), ""


def _appealed(t: Voice, event: c.CaseAppealed, _: Recorded) -> Told:
    return t.say(N_("%(who)s appealed"), who=t.name(event.by)), t.quote(event.note)


def _reopened(t: Voice, event: c.CaseReopened, _: Recorded) -> Told:
    return t.say(N_("Support reopened the case")), t.quote(event.reason)


def _closed(t: Voice, event: c.CaseClosed, _: Recorded) -> Told:
    if event.note == "charged_back":
        return t.say(N_("Case closed")), t.say(N_("The buyer's bank decides about this money now"))
    return t.say(N_("Case closed")), t.say(v.OUTCOMES[event.outcome])


OF_CASES: dict[type, Telling] = {
    c.CaseOpened: _opened,
    c.DraftEdited: _draft_edited,
    c.DraftSubmitted: _draft_submitted,
    c.EvidenceAdded: _evidence,
    c.OfferMade: _offer_made,
    c.OfferDeclined: _offer_declined,
    c.CaseSettled: _settled,
    c.CaseEscalated: _escalated,
    c.CaseTaken: _taken,
    c.SeniorAlerted: _senior_alerted,
    c.EvidenceRequested: _evidence_requested,
    c.EvidenceSubmitted: _evidence,
    c.EvidenceLapsed: _evidence_lapsed,
    c.CaseRuled: _ruled,
    c.RulingProposed: _proposed,
    c.RulingSentBack: _sent_back,
    c.RulingAccepted: _ruling_accepted,
    c.CaseAppealed: _appealed,
    c.CaseReopened: _reopened,
    c.CaseClosed: _closed,
}
"""By the kind of event of a case, up to what was settled; and its reopening and end."""
