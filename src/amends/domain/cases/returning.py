"""Sending it back: instructions, shipment, the way, inspection unit by unit, contest."""

from datetime import datetime

from msgspec.structs import replace

from amends.domain import refunds as sheet
from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.dues import due
from amends.domain.cases.freight import reimburse
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import (
    Case,
    Inspection,
    Instructions,
    Outcome,
    Reception,
    Settlement,
    Shipment,
    State,
)
from amends.domain.cases.opening import signed
from amends.domain.cases.paying import Events, close, pay, standing
from amends.domain.cases.settling import after_goods
from amends.domain.money import allocate
from amends.domain.orders import Signal
from amends.domain.parties import Waiting
from amends.domain.refusals import Refused
from amends.domain.tracking.numbers import check_digit, mistyped, normal


def instruct(h: Hearing, case: Case, command: c.GiveInstructions) -> Events | Refused:
    if not command.address.strip():
        return Refused(
            kind="invalid", detail="Say where the goods go: the address is empty.", pointer="/address"
        )
    if command.label not in {"buyer", "seller", "platform"}:
        return Refused(
            kind="invalid", detail="The label comes from 'buyer', 'seller' or 'platform'.", pointer="/label"
        )
    instructions = Instructions(
        authorisation=f"RMA-{case.case_id}", address=command.address, note=command.note, label=command.label
    )
    state = State.AWAITING_SHIPMENT
    return [
        e.InstructionsGiven(
            state=state, waiting=h.wait(case, state), instructions=instructions, rule=command.rule
        )
    ]


def without_return(h: Hearing, case: Case) -> Events:
    """No instructions came: the buyer keeps the goods and is paid."""
    return after_goods(h, case, _settlement(case).remedy)


def ship(h: Hearing, case: Case, command: c.ShipReturn) -> Events | Refused:
    number = normal(command.tracking_number)
    if number is None or mistyped(number):
        return number_refused(command.tracking_number, h.term(case, "return.ship_by").clause)
    if not command.carrier.strip():
        return Refused(kind="invalid", detail="Name the carrier.", pointer="/carrier")
    if command.freight < 0:
        return Refused(
            kind="invalid", detail="The freight must be 0 or more, in minor units.", pointer="/freight"
        )
    shipment = Shipment(
        carrier=command.carrier,
        tracking_number=number,
        shipped_at=h.now,
        last_scan_at=h.now,
        receipt=command.receipt,
        freight=command.freight,
    )
    state = State.RETURN_IN_TRANSIT
    waiting = in_transit(h, case, state, shipment, h.now)
    shown = signed(h, command.evidence, "return")
    return [e.ReturnShipped(state=state, waiting=waiting, shipment=shipment, evidence=shown)]


WEIGHT_MAX_G = 1_000_000
_WAY = {
    State.RETURN_IN_TRANSIT: "return.transit_max",
    State.REPLACEMENT_IN_TRANSIT: "exchange.transit_max",
}


def in_transit(h: Hearing, case: Case, state: State, shipment: Shipment, scanned_at: datetime) -> Waiting:
    """Silence is counted from the last scan, told late or not, and the whole way has its own limit."""
    silence = h.wait(case, state, since=max(shipment.last_scan_at, scanned_at))
    limit = h.period_ends(case, _WAY[state], shipment.shipped_at)
    if silence.until <= limit:
        return silence
    return replace(silence, until=limit, clause=h.term(case, _WAY[state]).clause)


def _dropped_off(h: Hearing, case: Case, command: c.RecordReturnScan) -> Events | Refused:
    """The carrier has a parcel with our label before the buyer said so: that is shipping it."""
    label = case.label
    if label is None:
        return Refused(kind="not_possible_now", detail="Nothing has been sent back yet.")
    refusal = scan_refused(h, None, command.scanned_at)
    if refusal is not None:
        return refusal
    shipment = Shipment(
        carrier=label.carrier,
        tracking_number=label.tracking_number,
        shipped_at=h.now,
        last_scan_at=min(h.now, command.scanned_at),
    )
    state = State.RETURN_IN_TRANSIT
    waiting = in_transit(h, case, state, shipment, command.scanned_at)
    sent = replace(case, state=state, waiting=waiting, shipment=shipment)
    scanned = scan(h, sent, command)
    if isinstance(scanned, Refused):
        return scanned
    return [e.ReturnShipped(state=state, waiting=waiting, shipment=shipment), *scanned]


def scan(  # noqa: PLR0911 - one arm a signal
    h: Hearing, case: Case, command: c.RecordReturnScan
) -> Events | Refused:
    if case.state is State.AWAITING_SHIPMENT:
        return _dropped_off(h, case, command)
    shipment = case.shipment
    refusal = scan_refused(h, shipment, command.scanned_at) or weight_refused(command.weight_g)
    if refusal is not None or shipment is None:
        return refusal or Refused(kind="not_possible_now", detail="Nothing has been sent back yet.")
    event = e.ReturnScanned(
        state=case.state,
        waiting=case.waiting,
        signal=command.signal,
        scanned_at=command.scanned_at,
        note=command.note,
        weight_g=command.weight_g,
    )
    if case.state is State.INSPECTING:
        return [event]
    if command.signal is Signal.DELIVERED:
        state = State.INSPECTING
        return [replace(event, state=state, waiting=h.wait(case, state))]
    if command.signal is Signal.RETURNED_TO_SENDER:
        # The buyer has the goods again, so nobody pays by itself; who caused it is for a mediator to say.
        state = State.MEDIATING
        return [event, e.ReturnCameBack(state=state, waiting=h.wait(case, state))]
    if command.signal is Signal.LOST:
        seen = replace(case, shipment=replace(shipment, scans=shipment.scans + 1))
        return [event, *lost(h, seen)]
    return [replace(event, waiting=in_transit(h, case, case.state, shipment, command.scanned_at))]


def scan_refused(h: Hearing, shipment: Shipment | None, scanned_at: datetime) -> Refused | None:
    del shipment
    if scanned_at > h.now:
        return Refused(
            kind="invalid",
            detail="The scan lies in the future.",
            facts={"scanned_at": scanned_at.isoformat(), "now": h.now.isoformat()},
            pointer="/scanned_at",
        )
    return None


def weight_refused(weight_g: int) -> Refused | None:
    """Why a weight cannot be: parcels weigh up to a tonne, in grams; 0 is not weighed."""
    if 0 <= weight_g <= WEIGHT_MAX_G:
        return None
    return Refused(
        kind="invalid",
        detail=f"A parcel weighs from 0 to {WEIGHT_MAX_G} grams, not {weight_g}.",
        facts={"weight_g": weight_g, "most": WEIGHT_MAX_G},
        pointer="/weight_g",
    )


def lost(h: Hearing, case: Case) -> Events:
    """The parcel is lost. Tracked and proven, protection pays; unproven, a mediator looks at it (D101)."""
    shipment = case.shipment
    receipt = any(item.step == "return" and item.kind == "receipt" for item in case.evidence)
    proven = shipment is not None and (shipment.scans > 0 or bool(shipment.receipt) or receipt)
    term = h.term(case, "return.lost")
    if not (proven and term.value):
        state = State.MEDIATING
        return [e.ReturnLost(state=state, waiting=h.wait(case, state), covered=False)]
    following = pay(h, case, due(case), covered=True, clause=term.clause)
    state, waiting = standing(case, following)
    outlay = reimburse(h, case, state, waiting, covered=True)
    return [e.ReturnLost(state=state, waiting=waiting, covered=True), *outlay, *following]


def inspect(h: Hearing, case: Case, command: c.InspectReturn) -> Events | Refused:
    """Reception and acceptance of every unit are two facts; a rejection needs one of the allowed grounds."""
    grounds = tuple(str(g) for g in h.term(case, "inspect.reject_grounds").value)
    refusal = _inspections_refused(case, command.inspections, grounds, h) or weight_refused(command.weight_g)
    if refusal is not None:
        return refusal
    shown = signed(h, command.evidence, "inspection")
    if all(i.accepted for i in command.inspections):
        following = after_goods(h, replace(case, inspections=command.inspections), _settlement(case).remedy)
        state, waiting = standing(case, following)
        event = e.ReturnInspected(
            state=state,
            waiting=waiting,
            inspections=command.inspections,
            evidence=shown,
            weight_g=command.weight_g,
        )
        return [event, *reimburse(h, case, state, waiting), *following]
    state = State.REJECTED
    waiting = h.wait(case, state)
    return [
        e.ReturnInspected(
            state=state,
            waiting=waiting,
            inspections=command.inspections,
            evidence=shown,
            weight_g=command.weight_g,
        )
    ]


def accept_by_silence(h: Hearing, case: Case) -> Events:
    """The seller did not inspect in time: the return is accepted (D254-258)."""
    following = after_goods(h, case, _settlement(case).remedy)
    return [*reimburse(h, case, *standing(case, following)), *following]


def rejection_stands(h: Hearing, case: Case) -> Events:
    """The rejected units are not refunded; the accepted ones are, by their share of what was agreed."""
    accepted = tuple(i.unit for i in case.inspections if i.accepted)
    amount = accepted_share(h, case)
    if not accepted or amount == 0:
        following = close(h, case, Outcome.RETURN_REJECTED)
    else:
        following = pay(h, case, amount, units=accepted)
    state, waiting = standing(case, following)
    outlay = reimburse(h, case, state, waiting) if accepted else []
    return [e.RejectionAccepted(state=state, waiting=waiting), *outlay, *following]


def accepted_share(h: Hearing, case: Case) -> int:
    """What of the agreed amount falls on the units whose return was accepted, in minor units."""
    if case.settlement is None or not case.inspections:
        return 0
    worth = [sheet.max_refund(h.custody, (i.unit,)) for i in case.inspections]
    shares = allocate(due(case), worth)
    return sum(share for share, i in zip(shares, case.inspections, strict=True) if i.accepted)


def contest(h: Hearing, case: Case, command: c.ContestRejection) -> Events | Refused:
    """The buyer disagrees with the rejection: to a mediator, with both sides' pictures."""
    if not command.note.strip():
        return Refused(kind="invalid", detail="Say why the rejection is wrong.", pointer="/note")
    state = State.MEDIATING
    return [
        e.ReturnContested(
            state=state,
            waiting=h.wait(case, state),
            note=command.note,
            evidence=signed(h, command.evidence, "contest"),
        )
    ]


def _settlement(case: Case) -> Settlement:
    if case.settlement is None:
        raise ValueError(f"{case.case_id} is {case.state.value} without a settlement")
    return case.settlement


def number_refused(told: str, clause: str) -> Refused:
    """What is wrong with a tracking number: length, signs or check digit (``why`` says which)."""
    number = normal(told)
    if number is None:
        plain = "".join(told.split()).replace("-", "")
        allowed = plain.isascii() and plain.isalnum()
        return Refused(
            kind="invalid",
            detail="A carrier's tracking number has 8 to 40 letters and digits; "
            + (f"this one has {len(plain)}." if allowed else "this one has other signs."),
            facts={"tracking_number": told, "why": "length" if allowed else "signs", "length": len(plain)},
            clause=clause,
            pointer="/tracking_number",
        )
    return Refused(
        kind="invalid",
        detail=f"The check digit of {number} should be {check_digit(number)}, not {number[10]}: "
        "a digit is mistyped, so look at the receipt once more.",
        facts={
            "tracking_number": told,
            "why": "check_digit",
            "digit": number[10],
            "expected": check_digit(number),
        },
        clause=clause,
        pointer="/tracking_number",
    )


def _inspections_refused(
    case: Case, inspections: tuple[Inspection, ...], grounds: tuple[str, ...], h: Hearing
) -> Refused | None:
    if sorted(i.unit for i in inspections) != sorted(case.units):
        return Refused(
            kind="invalid",
            detail="Inspect each returned unit exactly once.",
            facts={"units": [u.key for u in case.units]},
            pointer="/inspections",
        )
    for n, inspection in enumerate(inspections):
        if inspection.accepted and inspection.reception in {Reception.MISSING, Reception.LOST}:
            return Refused(
                kind="invalid",
                detail=f"Unit {inspection.unit.key} did not arrive, so it cannot be accepted.",
                pointer=f"/inspections/{n}/accepted",
            )
        if not inspection.accepted and inspection.ground not in grounds:
            return Refused(
                kind="invalid",
                detail=f"A rejection needs one of the allowed grounds: {', '.join(grounds)}.",
                facts={"ground": inspection.ground, "grounds": list(grounds)},
                clause=h.term(case, "inspect.reject_grounds").clause,
                pointer=f"/inspections/{n}/ground",
            )
    return None
