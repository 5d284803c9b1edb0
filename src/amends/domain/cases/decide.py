"""The gate: a command meets the table, its actor's rights and its handler; events come of it or a refusal."""

from collections.abc import Callable
from typing import Any

from amends.domain.cases import (
    arriving,
    blind,
    exchanging,
    freight,
    mediating,
    negotiation,
    opening,
    paying,
    returning,
)
from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.lifecycle import LIFECYCLE, REPORTS, moves_of
from amends.domain.cases.model import Case, Kind, Outcome, State
from amends.domain.cases.paying import Events
from amends.domain.parties import Role
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.refusals import Refused
from amends.domain.time import deadline

Handler = Callable[[Hearing, Case, Any], Events | Refused]


def decide(h: Hearing, case: Case, command: c.CaseCommand) -> Events | Refused:
    """What ``command`` does to ``case``; a foreign case answers like one that does not exist.

    At the exact instant of ``case.waiting.until`` and after it only the clock decides: whoever waited is
    late. Reports of carriers and providers never are: they say what happened.
    """
    if not _concerns(h, case):
        return Refused(kind="not_found", detail=f"There is no case {case.case_id}.")
    if isinstance(command, c.Lapse):
        return _lapse(h, case)
    name = command.__struct_config__.tag
    move = moves_of(case.state).get(str(name))
    if move is None or h.actor.role not in move.by:
        return _impossible(h, case, str(name))
    if case.waiting is not None and h.now >= case.waiting.until and name not in REPORTS:
        return Refused(
            kind="window_closed",
            detail=f"The time for this ended at {case.waiting.until.isoformat()}; "
            f"now: {case.waiting.default.replace('_', ' ')}.",
            facts={"closed_at": case.waiting.until.isoformat(), "default": case.waiting.default},
            clause=case.waiting.clause,
        )
    return _HANDLERS[type(command)](h, case, command)


_OWNERS = {Role.BUYER: "buyer_id", Role.SELLER: "seller_id"}


def _concerns(h: Hearing, case: Case) -> bool:
    owner = _OWNERS.get(h.actor.role)
    if owner is None:
        return True
    if case.state is State.DRAFTING and h.actor.role is Role.SELLER:
        return False
    return bool(getattr(case, owner) == h.actor.id)


def _impossible(h: Hearing, case: Case, name: str) -> Refused:
    possible = sorted(n for n, m in moves_of(case.state).items() if h.actor.role in m.by)
    return Refused(
        kind="not_possible_now",
        detail=f"A {h.actor.role.value} cannot {name.replace('_', ' ')} while the case is "
        f"{case.state.value.replace('_', ' ')}."
        + (f" Possible now: {', '.join(possible)}." if possible else ""),
        facts={"state": case.state.value, "command": name, "possible": possible},
    )


def _lapse(h: Hearing, case: Case) -> Events | Refused:
    if h.actor.role is not Role.CLOCK:
        return _impossible(h, case, "lapse")
    if case.waiting is None or h.now < case.waiting.until:
        return Refused(
            kind="not_possible_now",
            detail="Nothing is due.",
            facts={"due_at": case.waiting.until.isoformat() if case.waiting else None},
        )
    return DEFAULTS[case.waiting.default](h, case)


def _reopen(h: Hearing, case: Case, command: c.Reopen) -> Events | Refused:
    """Support reopens a closed case on new facts, within the window, with a recorded reason (C40)."""
    refusal = reopen_refused(h, case)
    if refusal is not None:
        return refusal
    if not command.reason.strip():
        return Refused(kind="invalid", detail="Say which new facts reopen the case.", pointer="/reason")
    waiting = h.wait(case, State.MEDIATING)
    return [e.CaseReopened(state=State.MEDIATING, waiting=waiting, reason=command.reason)]


def reopen_refused(h: Hearing, case: Case) -> Refused | None:
    """Why a closed case cannot be reopened: too late, too often, or its units are in another case."""
    window, most = h.term(case, "reopen.window"), h.term(case, "reopen.max")
    closed = case.closed_at or case.opened_at
    ends = deadline(closed, window.value, h.rules.calendars)
    if h.now >= ends:
        return Refused(
            kind="window_closed",
            detail=f"A closed case can be reopened until {ends.isoformat()}.",
            facts={"closed_at": ends.isoformat()},
            clause=window.clause,
        )
    if case.reopened >= int(most.value):
        return Refused(
            kind="not_possible_now", detail="The case has been reopened before.", clause=most.clause
        )
    if not reopenable(case):
        return Refused(
            kind="not_possible_now",
            detail="Only a claim that went before the seller can be reopened; a new case can be opened.",
            facts={"kind": case.kind.value, "outcome": case.outcome.value if case.outcome else ""},
        )
    foreign = opening.taken(h, case.case_id).keys() & set(case.units)
    if foreign:
        return Refused(
            kind="unit_taken",
            detail="Another case is about the same units by now.",
            facts={"units": sorted(u.key for u in foreign)},
        )
    return None


def reopenable(case: Case) -> bool:
    """Whether there is anything a mediator could decide: a claim that the seller has seen."""
    return case.kind is Kind.CLAIM and case.outcome is not Outcome.DISCARDED and bool(case.offers)


def _discard(h: Hearing, case: Case) -> Events:
    return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.DISCARDED)]


def _not_shipped(h: Hearing, case: Case) -> Events:
    return paying.close(h, case, Outcome.RETURN_NOT_SHIPPED)


def _initiate(h: Hearing, case: Case) -> Events:
    approved = tuple(r for r in case.refunds if r.stage.value == "approved")
    return paying.initiate(h, case, approved)


def _flag_overdue(h: Hearing, case: Case) -> Events:
    state = State.REFUND_OVERDUE
    return [e.RefundOverdue(state=state, waiting=h.wait(case, state))]


# What happens at the instant a deadline passes; `Waiting.default` names the row.
DEFAULTS: dict[str, Callable[[Hearing, Case], Events]] = {
    "accept_offer": negotiation.accept_by_silence,
    "accept_return": returning.accept_by_silence,
    "alert_senior": mediating.alert_senior,
    "close_for_seller": _not_shipped,
    "decline_request": negotiation.decline_by_silence,
    "discard_draft": _discard,
    "escalate": negotiation.escalate,
    "exchange_fails": exchanging.fail,
    "flag_overdue": _flag_overdue,
    "grant_request": negotiation.grant_by_silence,
    "initiate_refund": _initiate,
    "keep_rest": arriving.rest_kept,
    "recommended_ruling": mediating.rule_by_clock,
    "refund_to_balance": paying.redirect_all,
    "refund_without_return": returning.without_return,
    "rejection_stands": returning.rejection_stands,
    "resume_mediation": mediating.resume,
    "return_lost": arriving.lost,
    "ruling_stands": mediating.ruling_stands,
    "withdraw": negotiation.withdraw_by_silence,
}

_HANDLERS: dict[type, Handler] = {
    c.EditDraft: opening.edit_draft,
    c.SubmitDraft: lambda h, case, command: opening.submit_draft(h, case),
    c.AddEvidence: lambda h, case, command: negotiation.add_evidence(h, case, command.items),
    c.MakeOffer: negotiation.make_offer,
    c.AcceptOffer: negotiation.accept_offer,
    c.DeclineOffer: negotiation.decline_offer,
    c.SettleBlind: blind.settle_blind,
    c.Escalate: lambda h, case, command: negotiation.escalate(h, case),
    c.TakeCase: lambda h, case, command: mediating.take(h, case),
    c.AssignCase: mediating.assign,
    c.RequestEvidence: mediating.request_evidence,
    c.SubmitEvidence: mediating.submit_evidence,
    c.Rule: mediating.rule,
    c.ConfirmRuling: mediating.confirm,
    c.AcceptRuling: lambda h, case, command: mediating.accept_ruling(h, case),
    c.Appeal: mediating.appeal,
    c.GiveInstructions: returning.instruct,
    c.ShipReturn: returning.ship,
    c.IssueLabel: freight.issue_label,
    c.AddFreightReceipt: freight.add_receipt,
    c.RecordReturnScan: returning.scan,
    c.InspectReturn: returning.inspect,
    c.AcceptRejection: lambda h, case, command: returning.rejection_stands(h, case),
    c.ContestRejection: returning.contest,
    c.RecordPayment: exchanging.paid,
    c.DeclineExchange: lambda h, case, command: exchanging.fail(h, case),
    c.DeclineReplacement: lambda h, case, command: exchanging.fail(h, case),
    c.RecordReservation: exchanging.reserve,
    c.RecordSoldOut: exchanging.sold_out,
    c.ShipReplacement: exchanging.ship,
    c.RecordReplacementScan: exchanging.scan,
    c.ConfirmReplacement: lambda h, case, command: exchanging.received(h, case),
    c.ConfirmRefund: paying.confirm,
    c.FailRefund: paying.fail,
    c.ChooseRefundMethod: paying.choose_method,
    c.Withdraw: lambda h, case, command: negotiation.withdraw(h, case),
    c.Reopen: _reopen,
}

# Whatever the table or a clause can promise, something must carry out.
_CLOCKS = {standing.clock for standing in LIFECYCLE.values()}
_PROMISED = {standing.default for standing in LIFECYCLE.values()} | {
    outcome for clock in _CLOCKS & PARAMETERS.keys() for outcome in PARAMETERS[clock].outcomes
}
if missing := _PROMISED - DEFAULTS.keys():
    raise RuntimeError(f"the lifecycle names defaults nobody carries out: {sorted(missing)}")
