"""Settling: a remedy becomes binding, and the case goes where the remedy leads."""

from msgspec.structs import replace

from amends.domain.cases import events as e
from amends.domain.cases.dues import due
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Goods, Kind, Outcome, Remedy, Settled, Settlement, State
from amends.domain.cases.parcels import accepted_units, handed_over, lost_units, share_of
from amends.domain.cases.paying import Events, close, pay, standing
from amends.domain.refunds import max_refund


def settle(h: Hearing, case: Case, remedy: Remedy, by: Settled, clause: str) -> Events:
    """Bind both sides to ``remedy``: goods first where they come back, then the replacement or the money."""
    settlement = Settlement(remedy=remedy, by=by, at=h.now, clause=clause)
    settled = replace(case, settlement=settlement)
    # Nobody sends goods back for nothing.
    worth_returning = bool(remedy.amount or remedy.exchange_variant)
    if remedy.goods is Goods.RETURN and worth_returning and not case.contested:
        if remedy.exchange_variant and not h.term(case, "exchange.return_first").value:
            return _then(settled, settlement, replacing(h, settled, remedy))
        state = State.AWAITING_INSTRUCTIONS
        return [e.CaseSettled(state=state, waiting=h.wait(settled, state), settlement=settlement)]
    if case.contested:
        return _then(settled, settlement, ruled_on_returned(h, settled, remedy.amount, case.settlement))
    return _then(settled, settlement, after_goods(h, settled, remedy))


def after_goods(h: Hearing, case: Case, remedy: Remedy) -> Events:
    """What follows once nothing has to come back any more: the replacement, the money, or nothing."""
    if case.replaced and not case.reopened:
        # The goods are back, and so is what was put down.
        return pay(h, case, due(case))
    if remedy.exchange_variant:
        return replacing(h, case, remedy)
    if remedy.amount == 0 and case.kind is Kind.CANCELLATION:
        # Nothing had been captured: there is nothing to pay back.
        return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.REFUNDED, note="nothing_captured")]
    if remedy.amount == 0:
        return close(h, case, Outcome.RETURN_REJECTED if case.inspections else Outcome.DECLINED)
    not_before = None
    clause = ""
    if case.kind is Kind.CANCELLATION and not _fast(h, case):
        term = h.term(case, "cancel.payout_not_before")
        not_before = h.period_ends(case, "cancel.payout_not_before", h.now)
        clause = term.clause
    return pay(h, case, remedy.amount, not_before=not_before, clause=clause)


def ruled_on_returned(h: Hearing, case: Case, amount: int, agreed: Settlement | None) -> Events:
    """What follows of a ruling on goods that had been on their way back; ``agreed`` is what they were sent
    for."""
    if amount == 0 and (case.reopened or not case.replaced):
        return close(h, case, Outcome.RETURN_REJECTED if case.inspections else Outcome.DECLINED)
    return pay_for_returned(h, case, amount, agreed)


def pay_for_returned(h: Hearing, case: Case, amount: int, agreed: Settlement | None) -> Events:
    """What was ruled on goods that were sent back: the protection pays for what a carrier lost, otherwise the
    seller does."""
    gone, term = lost_units(case), h.term(case, "return.lost")
    if not gone or not term.value:
        return pay(h, case, amount)
    if len(gone) == len(case.units):
        return pay(h, case, amount, covered=True, clause=term.clause)
    rest = tuple(unit for unit in case.units if unit not in gone)
    sure = set(accepted_units(case)) - set(gone)
    shown = set(handed_over(case)) & set(gone)
    # First what nobody doubts, then what is doubted: each side's own, down to the amount.
    sent = replace(case, settlement=agreed) if agreed else case
    left, covered = amount, 0
    for units, by_fund in ((sure, False), (shown, True), (set(rest) - sure, False)):
        part = min(left, share_of(h, sent, units))
        left -= part
        covered += part * by_fund
    # After an exchange the fund answers for what was put down for the lost goods, not for their price.
    most = share_of(h, sent, gone) if case.replaced else max_refund(h.custody, gone)
    covered = min(covered + left, most)
    return pay(h, case, amount - covered, units=rest, lost=gone, lost_amount=covered)


def replacing(h: Hearing, case: Case, remedy: Remedy) -> Events:
    """The replacement is next, or what the buyer has to pay before it is sent."""
    difference, hold = max(0, remedy.difference), hold_for(h, case, remedy)
    if difference + hold:
        state = State.AWAITING_PAYMENT
        return [e.PaymentDue(state=state, waiting=h.wait(case, state), difference=difference, hold=hold)]
    state = State.AWAITING_REPLACEMENT
    # The settlement itself is the event; there is nothing else to say yet.
    return [e.ReplacementDue(state=state, waiting=h.wait(case, state), variant=remedy.exchange_variant)]


def hold_for(h: Hearing, case: Case, remedy: Remedy) -> int:
    """What the buyer puts down for goods that come back after the replacement was sent, in minor units."""
    terms = h.terms_for(case.units)
    first = bool(h.term(case, "exchange.return_first").value)
    if remedy.goods is not Goods.RETURN or first or not terms.has("exchange.hold", case.reason):
        return 0
    price = sum(
        line.units[unit.index].goods
        for unit in case.units
        if (line := h.custody.order.line(unit.line_id)) is not None
    )
    return price * int(h.term(case, "exchange.hold").value) // 10_000


def _then(case: Case, settlement: Settlement, following: Events) -> Events:
    state, waiting = standing(case, following)
    return [e.CaseSettled(state=state, waiting=waiting, settlement=settlement), *following]


def _fast(h: Hearing, case: Case) -> bool:
    """Fast refund (A53): a member's small purchase is paid back at once, amounts in the order's currency."""
    purchase = sum(unit.paid for line in h.custody.order.lines for unit in line.units)
    return purchase <= int(h.term(case, "fast_refund.limit").value)
