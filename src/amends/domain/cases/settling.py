"""Settling: a remedy becomes binding, and the case goes where the remedy leads."""

from msgspec.structs import replace

from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Goods, Kind, Outcome, Remedy, Settled, Settlement, State
from amends.domain.cases.paying import Events, pay, standing


def settle(h: Hearing, case: Case, remedy: Remedy, by: Settled, clause: str) -> Events:
    """Bind both sides to ``remedy``: goods first where they come back, then the replacement or the money."""
    settlement = Settlement(remedy=remedy, by=by, at=h.now, clause=clause)
    settled = replace(case, settlement=settlement)
    # Nobody sends goods back for nothing.
    worth_returning = bool(remedy.amount or remedy.exchange_variant)
    if remedy.goods is Goods.RETURN and worth_returning and not case.contested:
        state = State.AWAITING_INSTRUCTIONS
        return [e.CaseSettled(state=state, waiting=h.wait(settled, state), settlement=settlement)]
    return _then(settled, settlement, after_goods(h, settled, remedy))


def after_goods(h: Hearing, case: Case, remedy: Remedy) -> Events:
    """What follows once nothing has to come back any more: the replacement, the money, or nothing."""
    if remedy.exchange_variant and not case.contested:
        state = State.AWAITING_REPLACEMENT
        # The settlement itself is the event; there is nothing else to say yet.
        return [e.ReplacementDue(state=state, waiting=h.wait(case, state), variant=remedy.exchange_variant)]
    if remedy.amount == 0 and case.kind is Kind.CANCELLATION:
        # Nothing had been captured: there is nothing to pay back.
        return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.REFUNDED, note="nothing_captured")]
    if remedy.amount == 0:
        outcome = Outcome.RETURN_REJECTED if case.inspections else Outcome.DECLINED
        return [e.CaseClosed(state=State.CLOSED, outcome=outcome)]
    not_before = None
    clause = ""
    if case.kind is Kind.CANCELLATION and not _fast(h, case):
        term = h.term(case, "cancel.payout_not_before")
        not_before = h.period_ends(case, "cancel.payout_not_before", h.now)
        clause = term.clause
    return pay(h, case, remedy.amount, not_before=not_before, clause=clause)


def _then(case: Case, settlement: Settlement, following: Events) -> Events:
    state, waiting = standing(case, following)
    return [e.CaseSettled(state=state, waiting=waiting, settlement=settlement), *following]


def _fast(h: Hearing, case: Case) -> bool:
    """Fast refund (A53): a member's small purchase is paid back at once, amounts in the order's currency."""
    purchase = sum(unit.paid for line in h.custody.order.lines for unit in line.units)
    return purchase <= int(h.term(case, "fast_refund.limit").value)
