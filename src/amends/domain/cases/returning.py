"""Sending it back: instructions, shipment, the way, inspection unit by unit, contest."""

from datetime import datetime

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.arriving import accepted, concluded, onward, parts_ended, under_way
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import (
    Case,
    Inspection,
    Instructions,
    Label,
    Reception,
    Settlement,
    Shipment,
    State,
)
from amends.domain.cases.opening import signed
from amends.domain.cases.parcels import (
    ENDS,
    awaited,
    named,
    parcel_of,
    same_number,
    scanned,
    share_of,
    to_inspect,
    unsent,
    which_parcel,
    with_parcel,
)
from amends.domain.cases.paying import Events, standing
from amends.domain.cases.settling import after_goods
from amends.domain.orders import Unit
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
    """A parcel has left: with everything, or with some of the units while the others follow in time."""
    number = normal(command.tracking_number)
    if number is None or mistyped(number):
        return number_refused(command.tracking_number, h.term(case, "return.ship_by").clause)
    if not command.carrier.strip():
        return Refused(kind="invalid", detail="Name the carrier.", pointer="/carrier")
    if command.freight < 0:
        return Refused(
            kind="invalid", detail="The freight must be 0 or more, in minor units.", pointer="/freight"
        )
    refusal = _parcel_refused(case, number, command.units)
    if refusal is not None:
        return refusal
    receipts = [item.note or item.kind for item in command.evidence if item.kind == "receipt"]
    rest = unsent(case)
    apart = bool(case.parcels) or (bool(command.units) and set(command.units) != set(case.units))
    shipment = Shipment(
        carrier=command.carrier,
        tracking_number=number,
        shipped_at=h.now,
        last_scan_at=h.now,
        # With several parcels nobody could tell later which one a receipt is of.
        receipt=command.receipt or ("; ".join(receipts) if apart else ""),
        freight=command.freight,
        units=(command.units or rest) if apart else (),
    )
    sent = with_parcel(case, shipment)
    state = State.AWAITING_SHIPMENT
    waiting = replace(case.waiting, default="keep_rest") if case.waiting else None
    if not unsent(sent):
        state = State.RETURN_IN_TRANSIT
        waiting = under_way(h, sent, state)
    shown = signed(h, command.evidence, "return")
    return [e.ReturnShipped(state=state, waiting=waiting, shipment=shipment, evidence=shown)]


def _parcel_refused(case: Case, number: str, units: tuple[Unit, ...]) -> Refused | None:
    """Why these units cannot go in a parcel of that number."""
    rest = unsent(case)
    if len(set(units)) != len(units) or not set(units) <= set(rest):
        return Refused(
            kind="invalid",
            detail="Name units of this case that are in no parcel yet, each once.",
            facts={"units": [unit.key for unit in units], "unsent": [unit.key for unit in rest]},
            pointer="/units",
        )
    if parcel_of(case, number) is not None:
        return Refused(
            kind="invalid",
            detail=f"Parcel {number} of this return has been recorded already.",
            facts={"tracking_number": number},
            pointer="/tracking_number",
        )
    return None


WEIGHT_MAX_G = 1_000_000


def _unused_label(case: Case, number: str) -> Label | None:
    """The label that no parcel has left with so far, where a scan may be of it."""
    label = case.label
    if label is None or parcel_of(case, label.tracking_number) is not None:
        return None
    told = same_number(label.tracking_number, number) if number else not case.parcels
    return label if told else None


def _dropped_off(h: Hearing, case: Case, label: Label, command: c.RecordReturnScan) -> Events | Refused:
    """The carrier has a parcel with our label before the buyer said so: that is shipping what is left."""
    refusal = scan_refused(h, None, command.scanned_at)
    if refusal is not None:
        return refusal
    shipment = Shipment(
        carrier=label.carrier,
        tracking_number=label.tracking_number,
        shipped_at=h.now,
        last_scan_at=min(h.now, command.scanned_at),
        units=unsent(case) if case.parcels else (),
    )
    state = State.RETURN_IN_TRANSIT
    sent = with_parcel(case, shipment)
    waiting = under_way(h, sent, state)
    following = scan(h, replace(sent, state=state, waiting=waiting), command)
    if isinstance(following, Refused):
        return following
    return [e.ReturnShipped(state=state, waiting=waiting, shipment=shipment), *following]


def scan(  # noqa: PLR0911 - one arm a refusal
    h: Hearing, case: Case, command: c.RecordReturnScan
) -> Events | Refused:
    """What a carrier saw of a parcel, and what follows once none is awaited any more."""
    if case.state is State.AWAITING_SHIPMENT and (label := _unused_label(case, command.tracking_number)):
        return _dropped_off(h, case, label, command)
    if case.shipment is None:
        return Refused(kind="not_possible_now", detail="Nothing has been sent back yet.")
    parcel = parcel_of(case, command.tracking_number)
    if parcel is None:
        return which_parcel(case, command.tracking_number)
    refusal = scan_refused(h, parcel, command.scanned_at) or weight_refused(command.weight_g)
    if refusal is not None:
        return refusal
    event = e.ReturnScanned(
        state=case.state,
        waiting=case.waiting,
        signal=command.signal,
        scanned_at=command.scanned_at,
        note=command.note,
        weight_g=command.weight_g,
        tracking_number=named(case, parcel),
        postcode=command.postcode,
    )
    if case.state is State.INSPECTING or parcel not in awaited(case):
        return [event]
    seen = with_parcel(case, scanned(parcel, command.signal, command.scanned_at))
    if command.signal in ENDS:
        return [event, *parts_ended(h, seen, {parcel.tracking_number: ENDS[command.signal]})]
    state, waiting, _ = onward(h, seen)
    return [replace(event, state=state, waiting=waiting)]


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


def inspect(h: Hearing, case: Case, command: c.InspectReturn) -> Events | Refused:
    """Reception and acceptance of every unit are two facts; a rejection needs one of the allowed grounds."""
    grounds = tuple(str(g) for g in h.term(case, "inspect.reject_grounds").value)
    refusal = _inspections_refused(case, command.inspections, grounds, h) or weight_refused(command.weight_g)
    if refusal is not None:
        return refusal
    shown = signed(h, command.evidence, "inspection")
    if all(i.accepted for i in command.inspections):
        following = accepted(h, replace(case, inspections=command.inspections))
        state, waiting = standing(case, following)
        event = e.ReturnInspected(
            state=state,
            waiting=waiting,
            inspections=command.inspections,
            evidence=shown,
            weight_g=command.weight_g,
        )
        return [event, *following]
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
    return accepted(h, case)


def rejection_stands(h: Hearing, case: Case) -> Events:
    """The rejected units are not refunded; the accepted ones are, by their share of what was agreed."""
    following = concluded(h, case, tuple(i.unit for i in case.inspections if i.accepted))
    state, waiting = standing(case, following)
    return [e.RejectionAccepted(state=state, waiting=waiting), *following]


def accepted_share(h: Hearing, case: Case) -> int:
    """What of the agreed amount falls on the units whose return was accepted, in minor units."""
    if case.settlement is None or not case.inspections:
        return 0
    return share_of(h, case, (i.unit for i in case.inspections if i.accepted))


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
    returned = to_inspect(case)
    if sorted(i.unit for i in inspections) != sorted(returned):
        return Refused(
            kind="invalid",
            detail="Inspect each returned unit exactly once.",
            facts={"units": [u.key for u in returned]},
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
