"""Exchange: the replacement parcel; when it fails, the money comes instead."""

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.arriving import in_transit
from amends.domain.cases.dues import BEFORE_REPLACEMENT, to_send_back, wanted_of_stock
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Outcome, Reservation, Shipment, State
from amends.domain.cases.paying import Events, close, paid_in_tender, pay, standing
from amends.domain.cases.returning import number_refused, scan_refused
from amends.domain.cases.settling import hold_for
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.orders import Signal, Tender
from amends.domain.parties import Waiting
from amends.domain.refusals import Refused
from amends.domain.tracking.numbers import mistyped, normal


def ship(h: Hearing, case: Case, command: c.ShipReplacement) -> Events | Refused:
    number = normal(command.tracking_number)
    if number is None or mistyped(number):
        return number_refused(command.tracking_number, h.term(case, "exchange.ship_by").clause)
    if not command.carrier.strip():
        return Refused(kind="invalid", detail="Name the carrier.", pointer="/carrier")
    shipment = Shipment(carrier=command.carrier, tracking_number=number, shipped_at=h.now, last_scan_at=h.now)
    state = State.REPLACEMENT_IN_TRANSIT
    waiting = in_transit(h, case, state, shipment, h.now)
    return [e.ReplacementShipped(state=state, waiting=waiting, shipment=shipment)]


def scan(h: Hearing, case: Case, command: c.RecordReplacementScan) -> Events | Refused:
    shipment = case.replacement
    refusal = scan_refused(h, shipment, command.scanned_at)
    if refusal is not None or shipment is None:
        return refusal or Refused(kind="not_possible_now", detail="No replacement has been sent yet.")
    event = e.ReplacementScanned(
        state=case.state,
        waiting=in_transit(h, case, case.state, shipment, command.scanned_at),
        signal=command.signal,
        scanned_at=command.scanned_at,
        note=command.note,
    )
    if command.signal is Signal.DELIVERED:
        following = _there(h, case)
        standing_now = standing(case, following) if following else _to_send_back(h, case)
        return [replace(event, state=standing_now[0], waiting=standing_now[1]), *following]
    if command.signal is Signal.LOST:
        return [replace(event, waiting=case.waiting), *fail(h, case)]
    return [event]


def received(h: Hearing, case: Case) -> Events:
    """The buyer has the replacement, whatever the carrier says."""
    following = _there(h, case)
    state, waiting = standing(case, following) if following else _to_send_back(h, case)
    return [e.ReplacementReceived(state=state, waiting=waiting), *following]


def _there(h: Hearing, case: Case) -> Events:
    """What follows once the replacement is there; nothing where the goods come back only now."""
    there = replace(case, replaced=True)
    if to_send_back(case):
        return []
    less = -case.settlement.remedy.difference if case.settlement else 0
    return pay(h, there, max(0, less)) if less > 0 else close(h, there, Outcome.EXCHANGED, "exchanged")


def _to_send_back(h: Hearing, case: Case) -> tuple[State, Waiting | None]:
    return State.AWAITING_INSTRUCTIONS, h.wait(case, State.AWAITING_INSTRUCTIONS)


def paid(h: Hearing, case: Case, command: c.RecordPayment) -> Events | Refused:
    """The marketplace took what the buyer owes: it is in escrow, and the replacement is due."""
    settled = case.settlement
    if settled is None:
        raise ValueError(f"{case.case_id} is {case.state.value} without a settlement")
    owed = max(0, settled.remedy.difference) + hold_for(h, case, settled.remedy)
    if command.amount != owed:
        return Refused(
            kind="invalid",
            detail=f"For this exchange {owed} minor units of {case.currency} are due, not {command.amount}.",
            facts={"asked": command.amount, "due": owed},
            clause=h.term(case, "exchange.pay_by").clause,
            pointer="/amount",
        )
    tender = Tender(
        tender_id=paid_in_tender(case),
        method=command.method,
        captured=command.amount,
        provider=command.provider,
        provider_ref=command.reference,
    )
    captured = Transfer(
        transfer_id=f"{case.case_id}-capture",
        debit=Account.TENDER,
        credit=Account.ESCROW,
        amount=command.amount,
        stage=Stage.POSTED,
        purpose="capture",
        tender_id=tender.tender_id,
        case_id=case.case_id,
    )
    state = State.AWAITING_REPLACEMENT
    waiting = h.wait(case, state)
    return [
        e.PaymentReceived(state=state, waiting=waiting, tender=tender, transfers=(captured,)),
        e.ReplacementDue(state=state, waiting=waiting, variant=settled.remedy.exchange_variant),
    ]


def reserve(h: Hearing, case: Case, command: c.RecordReservation) -> Events | Refused:
    """The marketplace keeps the replacement, until an instant that the terms allow."""
    refusal = _not_asked_of_stock(case, command.variant)
    if refusal is not None:
        return refusal
    if not h.terms_for(case.units).has("exchange.reserve", case.reason):
        return Refused(kind="not_possible_now", detail="Under these terms nothing is set aside.")
    term = h.term(case, "exchange.reserve")
    latest = h.period_ends(case, "exchange.reserve", h.now)
    if not h.now < command.until <= latest:
        return Refused(
            kind="invalid",
            detail=f"A replacement is kept until some time after now and by {latest.isoformat()}.",
            facts={"until": command.until.isoformat(), "latest": latest.isoformat()},
            clause=term.clause,
            pointer="/until",
        )
    kept = Reservation(variant=command.variant, until=command.until, reference=command.reference)
    return [e.VariantReserved(state=case.state, waiting=case.waiting, reservation=kept, clause=term.clause)]


def sold_out(h: Hearing, case: Case, command: c.RecordSoldOut) -> Events | Refused:
    """No replacement is to be had: while the goods are under way they now come back for money; otherwise the
    exchange ends here."""
    refusal = _not_asked_of_stock(case, command.variant)
    if refusal is not None:
        return refusal
    clause = h.term(case, "exchange.grounds").clause
    if h.terms_for(case.units).has("exchange.reserve", case.reason):
        clause = h.term(case, "exchange.reserve").clause
    told = e.VariantSoldOut(state=case.state, waiting=case.waiting, variant=command.variant, clause=clause)
    return [told, *fail(h, case)] if case.state in BEFORE_REPLACEMENT else [told]


def _not_asked_of_stock(case: Case, variant: str) -> Refused | None:
    wanted = wanted_of_stock(case)
    if not wanted:
        return Refused(
            kind="not_possible_now",
            detail="No replacement is waited for.",
            facts={"state": case.state.value},
        )
    if variant != wanted:
        return Refused(
            kind="invalid",
            detail=f"The replacement agreed on is {wanted!r}, not {variant!r}.",
            facts={"agreed": wanted, "told": variant},
            pointer="/variant",
        )
    return None


def fail(h: Hearing, case: Case) -> Events:
    """No replacement was sent, or it never came: the buyer is paid instead, for goods that are back."""
    if to_send_back(case):
        state, waiting = _to_send_back(h, case)
        return [e.ReplacementFailed(state=state, waiting=waiting)]
    amount = case.settlement.remedy.amount if case.settlement else 0
    following = pay(h, case, amount, clause=h.term(case, "exchange.ship_by").clause)
    state, waiting = standing(case, following)
    return [e.ReplacementFailed(state=state, waiting=waiting), *following]
