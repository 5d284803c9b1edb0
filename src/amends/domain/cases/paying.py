"""Paying: what a remedy's money goes through, from approval to confirmation, tender by tender."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.domain import refunds as sheet
from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.dues import FREIGHT, held
from amends.domain.cases.freight import repay, withheld
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Outcome, Refund, RefundStage, State
from amends.domain.ledger import Account, Transfer, mark_units, post
from amends.domain.money import allocate
from amends.domain.orders import Unit
from amends.domain.parties import Role, Waiting
from amends.domain.refusals import Refused

Events = list[e.Event]


def pay(
    h: Hearing,
    case: Case,
    amount: int,
    *,
    units: tuple[Unit, ...] = (),
    not_before: datetime | None = None,
    covered: bool = False,
    clause: str = "",
    lost: tuple[Unit, ...] = (),
    lost_amount: int = 0,
) -> Events:
    """Approve a refund of ``amount`` for the case (or some of its units) and start it when it may start.

    On top comes ``lost_amount`` for the units of parcels that were ``lost`` while others arrived: the
    protection fund pays that.

    An amount that books no longer allow (a tender charged back meanwhile) is cut to what they do.
    ``covered``: the protection fund pays, not the seller. What the buyer paid for an exchange that came to
    nothing goes back on top; what was put down for goods that are back is part of ``amount``.
    """
    if case.reason == FREIGHT:
        return repay(h, case, amount)
    units = units or (() if lost else case.units)
    paid_in = min(amount + lost_amount, held(case)) if case.replaced else case.paid_in
    # What was put down is part of the amount: each unit's share of it, the lost ones' from the fund.
    own_in, lost_in = allocate(paid_in, [amount, lost_amount]) if case.replaced and paid_in else (paid_in, 0)
    label = 0 if case.replaced else withheld(case)
    amount, lost_amount = (
        max(0, amount - (own_in if case.replaced else label)),
        max(0, lost_amount - lost_in - max(0, label - amount)),
    )
    amount = min(amount, sheet.max_refund(h.custody, units))
    lost_amount = min(lost_amount, sheet.max_refund(h.custody, (*units, *lost)) - amount)
    if amount + lost_amount + paid_in <= 0:
        return [e.CaseClosed(state=State.CLOSED, outcome=_ending(h, case, {}))]
    worked = _worked(h, case, units or lost, amount, covered=covered)
    if lost_amount:
        worked = sheet.together(h.custody, worked, _worked(h, case, lost, lost_amount, covered=True))
    if paid_in:
        payer = Account.COVER if covered and case.replaced else Account.ESCROW
        parts = [((units or lost)[0], own_in, payer), ((lost or units)[0], lost_in, Account.COVER)]
        worked = sheet.with_paid_in(h.custody, worked, parts, paid_in_tender(case))
    approved = sheet.refunds_of(
        case.case_id, worked, h.custody.order.tenders, h.now, start=len(case.refunds) + 1
    )
    transfers: tuple[Transfer, ...] = ()
    books = h.custody.books
    if covered or lost_amount or lost_in:
        transfers = sheet.cover(books, worked, case.case_id)
        books = post(books, transfers)
    by_platform = worked.payers.get("platform", 0)
    transfers += sheet.funding(books, worked.total, case.case_id, by_platform=by_platform)
    transfers += tuple(sheet.initiate(refund) for refund in approved)
    start_at, clause = _starts(h, case, not_before, clause)
    start_by = h.wait(case, State.REFUND_APPROVED)
    waiting = Waiting(Role.OPERATOR, start_at, start_by.default, clause or start_by.clause)
    events: Events = [
        e.RefundApproved(
            state=State.REFUND_APPROVED,
            waiting=waiting,
            refunds=approved,
            not_before=start_at,
            units=worked.units,
            paid_in=paid_in,
            transfers=transfers,
        )
    ]
    if start_at <= h.now:
        events += initiate(h, case, approved, worked.units)
    return events


def _starts(h: Hearing, case: Case, not_before: datetime | None, clause: str) -> tuple[datetime, str]:
    """When the refund leaves, and the clause it waits by: never later than ``refund.total_max`` (B102)."""
    if not_before is None or not_before <= h.now:
        return h.now, clause
    if h.terms_for(case.units).has("refund.total_max", case.reason):
        latest = h.period_ends(case, "refund.total_max", h.now)
        if latest < not_before:
            return latest, h.term(case, "refund.total_max").clause
    return not_before, clause


def _worked(
    h: Hearing, case: Case, units: tuple[Unit, ...], amount: int, *, covered: bool
) -> sheet.Worksheet:
    if not amount:
        return sheet.Worksheet(currency=case.currency, total=0)
    worked = sheet.worksheet(h.custody, units, amount, sheet.Scope.AMOUNT, covered=covered)
    if isinstance(worked, Refused):
        raise ValueError(f"{case.case_id}: {worked.detail}")  # noqa: TRY004 - a fault of ours, not of a type
    return worked


def paid_in_tender(case: Case) -> str:
    """The tender by which the buyer pays for an exchange."""
    return f"{case.case_id}-exchange"


def close(h: Hearing, case: Case, outcome: Outcome, note: str = "") -> Events:
    """The end of a case without a refund for its units.

    What the buyer paid for an exchange that came to nothing goes back; what was put down for goods that never
    came back stays.
    """
    if case.paid_in and not case.replaced:
        return pay(h, case, 0)
    if case.replaced and not case.reopened:
        return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.EXCHANGED, note=note or outcome.value)]
    return [e.CaseClosed(state=State.CLOSED, outcome=outcome, note=note)]


def standing(case: Case, following: Sequence[e.Event]) -> tuple[State, Waiting | None]:
    """Where a case stands after an event that others follow at once: where the first of them leaves it.

    One that is closed in the same breath stays where it was until that happens.
    """
    first = following[0]
    if isinstance(first, e.CaseClosed):
        return case.state, case.waiting
    return first.state, first.waiting


def initiate(
    h: Hearing, case: Case, refunds: tuple[Refund, ...], marked: dict[str, int] | None = None
) -> Events:
    """Send approved refunds to their providers; what goes to the buyer's balance is there at once."""
    started = [_started(h, case, r) for r in refunds]
    to_provider = tuple(r for r in started if r.stage is RefundStage.INITIATED)
    to_balance = tuple(r for r in started if r.stage is RefundStage.CONFIRMED)
    moved: list[Transfer] = []
    for refund in to_balance:
        moved += [sheet.void(refund), sheet.to_balance(refund)]
    others = tuple(r for r in case.refunds if r.refund_id not in {s.refund_id for s in started})
    flying = to_provider + tuple(r for r in others if r.stage is RefundStage.INITIATED)
    waiting = _waiting_for_provider(h, case, flying) if flying else None
    if not flying:
        waiting = h.wait(case, State.REFUND_APPROVED)
    events: Events = [
        e.RefundInitiated(
            state=State.REFUND_INITIATED, waiting=waiting, refunds=tuple(started), transfers=tuple(moved)
        )
    ]
    if not flying:
        events.append(e.CaseClosed(state=State.CLOSED, outcome=_ending(h, case, marked or {})))
    return events


def _started(h: Hearing, case: Case, refund: Refund) -> Refund:
    if refund.method == "balance":
        return replace(refund, stage=RefundStage.CONFIRMED, at=h.now, eta_from=h.now, eta_by=h.now)
    begin, by = sheet.eta(refund.method, h.now, h.terms_for(case.units), h.rules.calendars)
    return replace(refund, stage=RefundStage.INITIATED, at=h.now, eta_from=begin, eta_by=by)


def _waiting_for_provider(h: Hearing, case: Case, flying: tuple[Refund, ...]) -> Waiting:
    slowest = max(flying, key=lambda r: r.eta_by or h.now)
    clause = h.terms_for(case.units).get(f"refund.eta.{slowest.method}").clause
    # A provider whose bound is the same instant (vouchers) still gets a moment to answer.
    until = max(slowest.eta_by or h.now, h.period_ends(case, "refund.initiate", h.now))
    return Waiting(Role.PROVIDER, until, "flag_overdue", clause)


def _ending(h: Hearing, case: Case, marked: dict[str, int]) -> Outcome:
    """Refunded means: nothing that was paid for the units is left."""
    books = mark_units(h.custody.books, marked) if marked else h.custody.books
    refunded = sum(books.unit_refunded.get(unit.key, 0) for unit in case.units)
    settled = case.settlement
    if case.replaced and not case.reopened:
        return Outcome.EXCHANGED
    if not refunded and any(r.tender_id == paid_in_tender(case) for r in case.refunds):
        return Outcome.RETURN_REJECTED if case.inspections else Outcome.RETURN_NOT_SHIPPED
    if not refunded and not (settled and settled.remedy.amount):
        return Outcome.RETURN_REJECTED if case.inspections else Outcome.DECLINED
    left = sheet.max_refund(replace(h.custody, books=books), case.units)
    return Outcome.PARTLY_REFUNDED if left and refunded else Outcome.REFUNDED


def confirm(h: Hearing, case: Case, command: c.ConfirmRefund) -> Events | Refused:
    refund = _flying(case, command.refund_id)
    if isinstance(refund, Refused):
        return refund
    confirmed = replace(refund, stage=RefundStage.CONFIRMED, at=h.now)
    events: Events = [
        e.RefundConfirmed(
            state=case.state, waiting=case.waiting, refund=confirmed, transfers=(sheet.confirm(refund),)
        )
    ]
    if _all_confirmed(case, confirmed):
        events.append(e.CaseClosed(state=State.CLOSED, outcome=_ending(h, case, {})))
    return events


def fail(h: Hearing, case: Case, command: c.FailRefund) -> Events | Refused:
    refund = _flying(case, command.refund_id)
    if isinstance(refund, Refused):
        return refund
    failed = replace(refund, stage=RefundStage.FAILED, at=h.now, failure=command.why)
    if refund.destination:
        # The other method failed as well: the buyer's balance cannot.
        return _redirect_to_balance(h, case, (failed,))
    waiting = (
        case.waiting if case.state is State.REFUND_METHOD_NEEDED else h.wait(case, State.REFUND_METHOD_NEEDED)
    )
    return [e.RefundFailed(state=State.REFUND_METHOD_NEEDED, waiting=waiting, refund=failed)]


def choose_method(h: Hearing, case: Case, command: c.ChooseRefundMethod) -> Events | Refused:
    failed = tuple(r for r in case.refunds if r.stage is RefundStage.FAILED)
    if command.method == "balance":
        return _redirect_to_balance(h, case, failed)
    if command.method != "bank_transfer" or not command.destination.strip():
        return Refused(
            kind="invalid",
            detail="Choose 'balance', or 'bank_transfer' together with the account it should go to.",
            facts={"method": command.method},
            pointer="/method" if command.method != "bank_transfer" else "/destination",
        )
    numbers = range(len(case.refunds) + 1, len(case.refunds) + 1 + len(failed))
    again = tuple(
        replace(
            r,
            refund_id=f"{case.case_id}-r{n}",
            method="bank_transfer",
            destination=command.destination.strip(),
            failure="",
        )
        for n, r in zip(numbers, failed, strict=True)
    )
    started = tuple(_started(h, case, r) for r in again)
    dropped = tuple(replace(r, stage=RefundStage.REDIRECTED) for r in failed)
    moved: tuple[Transfer, ...] = ()
    for old, new in zip(failed, started, strict=True):
        moved += (sheet.void(old), sheet.initiate(new))
    flying = started + tuple(r for r in case.refunds if r.stage is RefundStage.INITIATED)
    return [
        e.RefundRedirected(
            state=State.REFUND_INITIATED,
            waiting=_waiting_for_provider(h, case, flying),
            refunds=dropped + started,
            transfers=moved,
        )
    ]


def redirect_all(h: Hearing, case: Case) -> Events:
    """Nobody could say where the money is, or where it should go: the buyer's balance has it now."""
    open_stages = (RefundStage.INITIATED, RefundStage.FAILED)
    stuck = tuple(r for r in case.refunds if r.stage in open_stages)
    if case.state is State.REFUND_METHOD_NEEDED:
        stuck = tuple(r for r in stuck if r.stage is RefundStage.FAILED)
    return _redirect_to_balance(h, case, stuck)


def _redirect_to_balance(h: Hearing, case: Case, refunds: tuple[Refund, ...]) -> Events:
    moved: list[Transfer] = []
    for refund in refunds:
        moved += [sheet.void(refund), sheet.to_balance(refund)]
    done = tuple(replace(r, stage=RefundStage.CONFIRMED, method="balance", at=h.now) for r in refunds)
    settled = {r.refund_id for r in done}
    others = tuple(r for r in case.refunds if r.refund_id not in settled)
    flying = tuple(r for r in others if r.stage is RefundStage.INITIATED)
    homeless = any(r.stage is RefundStage.FAILED for r in others)
    # One that closes now stays where it was until that happens; one that still waits for a method, or for a
    # trace of another refund, goes on waiting for it.
    state, waiting = case.state, case.waiting
    if flying and not homeless and case.state is not State.REFUND_OVERDUE:
        state, waiting = State.REFUND_INITIATED, _waiting_for_provider(h, case, flying)
    events: Events = [e.RefundRedirected(state=state, waiting=waiting, refunds=done, transfers=tuple(moved))]
    if not flying and not homeless:
        events.append(e.CaseClosed(state=State.CLOSED, outcome=_ending(h, case, {})))
    return events


def _flying(case: Case, refund_id: str) -> Refund | Refused:
    for refund in case.refunds:
        if refund.refund_id == refund_id:
            if refund.stage is RefundStage.INITIATED:
                return refund
            return Refused(
                kind="not_possible_now",
                detail=f"Refund {refund_id} is {refund.stage.value}, not under way.",
                facts={"refund_id": refund_id, "stage": refund.stage.value},
                pointer="/refund_id",
            )
    return Refused(
        kind="not_found",
        detail=f"Case {case.case_id} has no refund {refund_id}.",
        facts={"refund_id": refund_id},
        pointer="/refund_id",
    )


def _all_confirmed(case: Case, confirmed: Refund) -> bool:
    ended = (RefundStage.CONFIRMED, RefundStage.REDIRECTED)
    return all(r.refund_id == confirmed.refund_id or r.stage in ended for r in case.refunds)
