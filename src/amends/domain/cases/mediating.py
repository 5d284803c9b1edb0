"""Before a mediator: evidence on request, a reasoned ruling, one appeal."""

from datetime import timedelta

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing, remedy_refused, with_fallback
from amends.domain.cases.model import Case, EvidenceRequest, Ruling, Settled, State
from amends.domain.cases.opening import signed
from amends.domain.cases.paying import Events, standing
from amends.domain.cases.settling import settle
from amends.domain.mediation import recommend
from amends.domain.parties import Role, Waiting
from amends.domain.policy.terms import Term
from amends.domain.refusals import Refused
from amends.domain.time import deadline

ALONE = "ruling.alone"
"""The parameter that says up to which amount one person decides alone."""

CONFIRM = "ruling.confirm"
"""The clock of a second person when the time to decide is over."""


def take(h: Hearing, case: Case) -> Events | Refused:
    """A mediator takes the case. One related to a party, or whose ruling is appealed, may not."""
    refusal = _conflict(h, case)
    if refusal is not None:
        return refusal
    if case.mediator_id == h.actor.id:
        return Refused(kind="not_possible_now", detail="You have this case already.")
    return [e.CaseTaken(state=case.state, waiting=case.waiting, mediator_id=h.actor.id)]


def assign(h: Hearing, case: Case, command: c.AssignCase) -> Events | Refused:
    """An operator names who mediates, or nobody; a mediator gives back what they have.

    Raises nothing; refuses ``conflict_of_interest`` for a party and for whose ruling is appealed.
    """
    to = command.mediator_id
    own = h.actor.role is Role.OPERATOR or (not to and case.mediator_id == h.actor.id)
    if not own:
        return Refused(
            kind="not_possible_now",
            detail="An operator assigns cases; a mediator can give back a case of their own.",
            facts={"mediator_id": case.mediator_id},
        )
    if to == case.mediator_id:
        detail = f"{to} has this case already." if to else "Nobody has this case."
        return Refused(kind="not_possible_now", detail=detail, pointer="/mediator_id")
    refusal = _conflict_of(h, case, to) if to else None
    return refusal or [e.CaseTaken(state=case.state, waiting=case.waiting, mediator_id=to)]


def request_evidence(h: Hearing, case: Case, command: c.RequestEvidence) -> Events | Refused:
    refusal = _conflict(h, case) or _held_by_other(h, case)
    if refusal is not None:
        return refusal
    if not rounds_left(h, case):
        rounds = h.term(case, "mediation.evidence_rounds")
        return Refused(
            kind="not_possible_now",
            detail=f"Evidence has been asked for {rounds.value} times; the case is ruled on what is there.",
            facts={"rounds": rounds.value},
            clause=rounds.clause,
        )
    if command.of not in {Role.BUYER, Role.SELLER} or not command.items:
        return Refused(
            kind="invalid",
            detail="Name the party ('buyer' or 'seller') and at least one item of evidence.",
            pointer="/of" if command.items else "/items",
        )
    waiting = h.wait(case, State.AWAITING_EVIDENCE, command.of)
    request = EvidenceRequest(of=command.of, items=command.items, at=h.now, until=waiting.until)
    return [
        *_taking(h, case),
        e.EvidenceRequested(state=State.AWAITING_EVIDENCE, waiting=waiting, request=request),
    ]


def submit_evidence(h: Hearing, case: Case, command: c.SubmitEvidence) -> Events | Refused:
    asked = case.evidence_requests[-1]
    if h.actor.role is not asked.of:
        return Refused(
            kind="not_possible_now",
            detail=f"The evidence was asked of the {asked.of.value}.",
            facts={"of": asked.of.value},
        )
    if not command.items:
        return Refused(kind="invalid", detail="Name at least one piece of evidence.", pointer="/items")
    waiting = h.wait(case, State.MEDIATING)
    return [
        e.EvidenceSubmitted(
            state=State.MEDIATING, waiting=waiting, items=signed(h, command.items, "request")
        ),
    ]


def resume(h: Hearing, case: Case) -> Events:
    """The date has passed: ruled on what is there."""
    return [e.EvidenceLapsed(state=State.MEDIATING, waiting=h.wait(case, State.MEDIATING))]


def alert_senior(h: Hearing, case: Case) -> Events:
    """Nobody has decided in time: a senior looks at it, and at the backstop the recommended ruling comes."""
    state = State.MEDIATING_LATE
    backstop = h.wait(case, state, since=case.mediation_since)
    # After a round of evidence the backstop can be close or past: the senior has as long as a mediator
    # is given after the alert.
    target = h.period_ends(case, "mediation.decision", h.now)
    alerted = h.period_ends(case, "mediation.alert", h.now)
    until = max(backstop.until, h.now + max(target - alerted, timedelta(0)))
    return [e.SeniorAlerted(state=state, waiting=replace(backstop, until=until))]


def rule(h: Hearing, case: Case, command: c.Rule) -> Events | Refused:
    """Decide, with findings that name their clauses and a remedy that pays at most what was paid."""
    remedy = with_fallback(h, case, command.remedy)
    refusal = _conflict(h, case) or _held_by_other(h, case) or remedy_refused(h, case, remedy)
    if refusal is not None:
        return refusal
    if not command.findings or not command.reasons.strip():
        return Refused(
            kind="invalid",
            detail="A ruling needs its reasons and at least one finding with its clause.",
            pointer="/reasons" if command.findings else "/findings",
        )
    terms = h.terms_for(case.units)
    for n, finding in enumerate(command.findings):
        try:
            terms.clause(finding.clause)
        except KeyError:
            return Refused(
                kind="invalid",
                detail=f"{finding.clause!r} is no clause of this order's terms; its terms list them.",
                facts={"clause": finding.clause},
                pointer=f"/findings/{n}/clause",
            )
    ruling = Ruling(
        mediator_id=h.actor.id,
        remedy=remedy,
        reasons=command.reasons,
        findings=command.findings,
        at=h.now,
        final=_final(case),
        recommended=recommend(h, case, final=_final(case)).remedy,
        otherwise=command.otherwise.strip(),
    )
    alone = _alone(h, case)
    if alone is not None and remedy.amount > int(alone.value):
        proposed = e.RulingProposed(
            state=case.state, waiting=case.waiting, ruling=ruling, clause=alone.clause
        )
        return [*_taking(h, case), proposed]
    return [*_taking(h, case), *_ruled(h, case, ruling)]


def _alone(h: Hearing, case: Case) -> Term | None:
    """What one person may decide alone, in minor units; None where the terms know no such limit."""
    return h.term(case, ALONE) if h.terms_for(case.units).has(ALONE, case.reason) else None


def may_confirm(h: Hearing, case: Case) -> bool:
    """Whether who acts may be the second pair of eyes on the ruling that waits for one."""
    return _confirm_refused(h, case) is None


def _confirm_refused(h: Hearing, case: Case) -> Refused | None:
    if case.proposed is None:
        return Refused(kind="not_possible_now", detail="No ruling waits for a second person.")
    if case.proposed.mediator_id == h.actor.id:
        return Refused(
            kind="conflict_of_interest",
            detail="Somebody else than who made the ruling has to agree to it.",
            facts={"mediator_id": case.proposed.mediator_id},
        )
    return _conflict(h, case)


def confirm(h: Hearing, case: Case, command: c.ConfirmRuling) -> Events | Refused:
    """A second pair of eyes on a large amount: the ruling is made, or the case is to be decided anew."""
    refusal = _confirm_refused(h, case)
    if refusal is not None or case.proposed is None:
        return refusal or []
    if not command.agreed and not command.note.strip():
        return Refused(kind="invalid", detail="Say what has to be looked at again.", pointer="/note")
    if not command.agreed:
        return [e.RulingSentBack(state=case.state, waiting=case.waiting, note=command.note)]
    # What can still be paid may be less than when it was proposed.
    refusal = remedy_refused(h, case, case.proposed.remedy)
    return refusal or _ruled(h, case, replace(case.proposed, at=h.now, confirmed_by=h.actor.id))


def rule_by_clock(h: Hearing, case: Case) -> Events:
    """Nobody ruled in time: the recommended ruling takes effect, a large one after a second look."""
    recommended = recommend(h, case, final=_final(case))
    return _second_look(h, case, recommended) or _ruled(h, case, recommended)


def _second_look(h: Hearing, case: Case, recommended: Ruling) -> Events:
    """Once, a ruling that needs a second person waits for one beyond its time."""
    alone = _alone(h, case)
    if alone is None or not h.terms_for(case.units).has(CONFIRM, case.reason):
        return []
    ruling = case.proposed or recommended
    term = h.term(case, CONFIRM)
    had = case.waiting is not None and case.waiting.clause == term.clause
    if had or ruling.remedy.amount <= int(alone.value):
        return []
    waiting = Waiting(
        Role.OPERATOR,
        deadline(h.now, term.value, h.rules.calendars),
        term.default or "recommended_ruling",
        term.clause,
    )
    return [e.RulingProposed(state=case.state, waiting=waiting, ruling=ruling, clause=alone.clause)]


def accept_ruling(h: Hearing, case: Case) -> Events | Refused:
    ruling, by = case.rulings[-1], h.actor.role
    if by in ruling.accepted_by:
        return Refused(kind="not_possible_now", detail="You have accepted this ruling already.")
    if ruling.accepted_by:
        accepted = e.RulingAccepted(state=State.RULED, waiting=case.waiting, by=by)
        return [accepted, *ruling_stands(h, case)]
    other = Role.SELLER if by is Role.BUYER else Role.BUYER
    waiting = replace(case.waiting, on=other) if case.waiting else None
    return [e.RulingAccepted(state=State.RULED, waiting=waiting, by=by)]


def ruling_stands(h: Hearing, case: Case) -> Events:
    """Both sides accept, or let the date pass."""
    remedy = case.rulings[-1].remedy
    remedy = replace(remedy, amount=min(remedy.amount, h.most(case)))
    return settle(h, case, remedy, Settled.RULING, h.term(case, "ruling.reply").clause)


def appeal(h: Hearing, case: Case, command: c.Appeal) -> Events | Refused:
    """Once, with new evidence, before another mediator (B98)."""
    if h.actor.role in case.rulings[-1].accepted_by:
        return Refused(
            kind="not_possible_now", detail="You have accepted this ruling: it cannot be appealed."
        )
    if not command.evidence:
        return Refused(
            kind="evidence_missing",
            detail="An appeal needs evidence that the first mediator did not have.",
            clause=h.term(case, "appeal.decision").clause,
            pointer="/evidence",
        )
    return [
        e.CaseAppealed(
            state=State.APPEALED,
            waiting=h.wait(case, State.APPEALED),
            by=h.actor.role,
            note=command.note,
            evidence=signed(h, command.evidence, "appeal"),
        )
    ]


def _final(case: Case) -> bool:
    """An appeal is possible once (B98); a case that support reopened has had its hearing before."""
    return case.state is State.APPEALED or case.appealed_by is not None or case.reopened > 0


def _ruled(h: Hearing, case: Case, ruling: Ruling) -> Events:
    if not ruling.final:
        wait = h.wait(case, State.RULED)
        on_loser = replace(wait, on=_disfavoured(ruling))
        return [e.CaseRuled(state=State.RULED, waiting=on_loser, ruling=ruling)]
    ruled = replace(case, rulings=(*case.rulings, ruling))
    appealed = case.state is State.APPEALED
    by, name = (Settled.APPEAL, "appeal.decision") if appealed else (Settled.RULING, "ruling.reply")
    following = settle(h, ruled, ruling.remedy, by, h.term(case, name).clause)
    state, waiting = standing(case, following)
    return [e.CaseRuled(state=state, waiting=waiting, ruling=ruling), *following]


def _disfavoured(ruling: Ruling) -> Role:
    nothing = ruling.remedy.amount == 0 and not ruling.remedy.exchange_variant
    return Role.BUYER if nothing else Role.SELLER


def _taking(h: Hearing, case: Case) -> Events:
    """Acting on an untaken case takes it."""
    if case.mediator_id:
        return []
    return [e.CaseTaken(state=case.state, waiting=case.waiting, mediator_id=h.actor.id)]


def _held_by_other(h: Hearing, case: Case) -> Refused | None:
    if case.mediator_id and case.mediator_id != h.actor.id and h.actor.role is not Role.OPERATOR:
        return Refused(
            kind="not_possible_now",
            detail="Another mediator has this case; take it over first.",
            facts={"mediator_id": case.mediator_id},
        )
    return None


def barred(h: Hearing, case: Case) -> bool:
    """Whether who acts may not decide this case: a party, or whose ruling is appealed."""
    return _conflict(h, case) is not None


def rounds_left(h: Hearing, case: Case) -> int:
    """How often evidence may still be asked for in this mediation."""
    since = case.mediation_since or case.opened_at
    asked = sum(request.at >= since for request in case.evidence_requests)
    return max(0, int(h.term(case, "mediation.evidence_rounds").value) - asked)


def _conflict(h: Hearing, case: Case) -> Refused | None:
    return _conflict_of(h, case, h.actor.id)


def _conflict_of(h: Hearing, case: Case, mediator_id: str) -> Refused | None:
    if mediator_id in {case.buyer_id, case.seller_id}:
        return Refused(kind="conflict_of_interest", detail="A party to the case cannot mediate it.")
    if case.state is State.APPEALED and any(r.mediator_id == mediator_id for r in case.rulings):
        return Refused(
            kind="conflict_of_interest",
            detail="Who made the ruling that is appealed does not decide the appeal; another mediator does.",
            clause=h.term(case, "appeal.decision").clause,
        )
    return None
