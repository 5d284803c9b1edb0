"""Exchange: the replacement parcel; when it fails, the money comes instead."""

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Outcome, Shipment, State
from amends.domain.cases.paying import Events, pay, standing
from amends.domain.cases.returning import in_transit, scan_refused, tracking_number_of
from amends.domain.orders import Signal
from amends.domain.refusals import Refused


def ship(h: Hearing, case: Case, command: c.ShipReplacement) -> Events | Refused:
    number = tracking_number_of(command.tracking_number)
    if number is None:
        return Refused(
            kind="invalid",
            detail="The replacement needs the carrier's tracking number: 8 to 40 letters and digits.",
            clause=h.term(case, "exchange.ship_by").clause,
            pointer="/tracking_number",
        )
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
        closed = e.CaseClosed(state=State.CLOSED, outcome=Outcome.EXCHANGED)
        return [replace(event, waiting=case.waiting), closed]
    if command.signal is Signal.LOST:
        return [replace(event, waiting=case.waiting), *fail(h, case)]
    return [event]


def received(h: Hearing, case: Case) -> Events:  # noqa: ARG001 - as the other handlers
    return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.EXCHANGED)]


def fail(h: Hearing, case: Case) -> Events:
    """No replacement was sent, or it never came: the buyer is paid instead."""
    amount = case.settlement.remedy.amount if case.settlement else 0
    following = pay(h, case, amount, clause=h.term(case, "exchange.ship_by").clause)
    state, waiting = standing(case, following)
    return [e.ReplacementFailed(state=state, waiting=waiting), *following]
