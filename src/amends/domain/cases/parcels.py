"""The parcels of a return: which units are in which, where each stands, and what of the money is about them.

A return goes in one parcel or in several. Each has its units, its scans and its own silence; the case goes on
once every one of them has arrived or will not any more.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from amends.domain.cases.dues import due
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Ending, EvidenceItem, Reception, Shipment
from amends.domain.money import allocate
from amends.domain.orders import Signal, Unit, proves_handover
from amends.domain.parties import Role
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused
from amends.domain.tracking.numbers import normal

ENDS = {Signal.LOST: Ending.LOST, Signal.RETURNED_TO_SENDER: Ending.CAME_BACK}
"""How a parcel ends by what a carrier says, other than by its delivery."""
_AT_THE_DOOR = frozenset({Signal.OUT_FOR_DELIVERY, Signal.FAILED_ATTEMPT, Signal.READY_FOR_PICKUP})


def units_in(case: Case, parcel: Shipment) -> tuple[Unit, ...]:
    """The units in a parcel of the case's return."""
    return parcel.units or case.units


def several_parcels(case: Case) -> bool:
    """Whether the return goes in more than one parcel, or only a part of it goes."""
    return case.shipment is not None and (bool(case.further) or bool(case.shipment.units))


def unsent(case: Case) -> tuple[Unit, ...]:
    """The units that are in no parcel: still to be sent, or kept by the buyer."""
    sent = {unit for parcel in case.parcels for unit in units_in(case, parcel)}
    return tuple(unit for unit in case.units if unit not in sent)


def awaited(case: Case) -> tuple[Shipment, ...]:
    """The parcels that are under way."""
    return tuple(p for p in case.parcels if p.delivered_at is None and p.ending is None)


def arrived(case: Case) -> bool:
    """Whether any parcel of the return reached the seller."""
    elsewhere = delivered_elsewhere(case)
    return any(p.delivered_at is not None and p not in elsewhere for p in case.parcels)


def to_inspect(case: Case) -> tuple[Unit, ...]:
    """The units that the seller has, or says to have: those of every parcel but the ones that were lost."""
    if not several_parcels(case):
        return case.units
    there = {unit for p in case.parcels if not _gone(p) for unit in units_in(case, p)}
    return tuple(unit for unit in case.units if unit in there)


def _gone(parcel: Shipment) -> bool:
    return parcel.ending is not None and parcel.delivered_at is None


def missing(case: Case, ending: Ending) -> tuple[Shipment, ...]:
    """The parcels that ended in that way and never reached the seller."""
    return tuple(p for p in case.parcels if p.ending is ending and p.delivered_at is None)


def delivered_elsewhere(case: Case) -> tuple[Shipment, ...]:
    """The parcels that a carrier says to have delivered, at a postcode the return address does not have, and
    of which the seller says that nothing came."""
    if not case.inspections or case.instructions is None:
        return ()
    address = _plain(case.instructions.address)
    never = {i.unit for i in case.inspections if i.reception in _NEVER and not i.accepted}
    return tuple(
        parcel
        for parcel in case.parcels
        if parcel.delivered_to
        and _plain(parcel.delivered_to) not in address
        and never.issuperset(units_in(case, parcel))
    )


def lost_parcels(case: Case) -> tuple[Shipment, ...]:
    """The parcels that a carrier lost, or brought to somebody else."""
    return (*missing(case, Ending.LOST), *delivered_elsewhere(case))


def lost_units(case: Case) -> tuple[Unit, ...]:
    """The units that a carrier lost on the way to the seller."""
    gone = {unit for parcel in lost_parcels(case) for unit in units_in(case, parcel)}
    return tuple(unit for unit in case.units if unit in gone)


_NEVER = frozenset({Reception.MISSING, Reception.LOST})


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def proven(case: Case, parcel: Shipment) -> bool:
    """Whether a parcel was handed over: a scan says so, or a receipt."""
    return parcel.scans > 0 or bool(parcel.receipt) or (len(case.parcels) == 1 and receipt_shown(case))


def receipt_shown(case: Case) -> bool:
    """Whether a carrier's receipt is among the evidence of the return."""
    return any(item.step == "return" and item.kind == "receipt" for item in case.evidence)


def posted(case: Case) -> list[EvidenceItem]:
    """What the buyer showed of having handed the goods over."""
    return [i for i in case.evidence if i.by is Role.BUYER and i.kind in {"receipt", "tracking"}]


def handed_over(case: Case) -> tuple[Unit, ...]:
    """The units in lost parcels of which something shows that the carrier had them."""
    lost = [parcel for parcel in lost_parcels(case) if proven(case, parcel) or posted(case)]
    return tuple(unit for parcel in lost for unit in units_in(case, parcel))


def accepted_units(case: Case) -> tuple[Unit, ...]:
    """The units that the seller accepted, one by one or by saying nothing of what was delivered."""
    if case.inspections:
        return tuple(i.unit for i in case.inspections if i.accepted)
    there = [parcel for parcel in case.parcels if parcel.delivered_at is not None]
    return tuple(unit for parcel in there for unit in units_in(case, parcel))


def unclear(h: Hearing, case: Case) -> bool:
    """Whether a mediator has to look at a parcel: it came back, or nothing shows that it was handed over."""
    covered = bool(h.term(case, "return.lost").value)
    lost = missing(case, Ending.LOST)
    return bool(missing(case, Ending.CAME_BACK)) or not all(covered and proven(case, one) for one in lost)


def parcel_of(case: Case, number: str) -> Shipment | None:
    """The parcel with that tracking number; without a number, the only one there is."""
    if not number:
        return case.shipment if len(case.parcels) == 1 else None
    return next((p for p in case.parcels if same_number(p.tracking_number, number)), None)


def same_number(one: str, other: str) -> bool:
    """Whether two tracking numbers are the same, however they are written."""
    return one == other or (normal(one) or one) == (normal(other) or other)


def named(case: Case, parcel: Shipment) -> str:
    """The number by which an event names a parcel: the first one needs none."""
    first = case.shipment is None or case.shipment.tracking_number == parcel.tracking_number
    return "" if first else parcel.tracking_number


def which_parcel(case: Case, number: str) -> Refused:
    """It is not said which of several parcels is meant, or it is none of them."""
    numbers = [p.tracking_number for p in case.parcels]
    return Refused(
        kind="invalid",
        detail=f"{number} is none of this return's parcels: {', '.join(numbers)}."
        if number
        else f"Say which parcel is meant: {', '.join(numbers)}.",
        facts={"tracking_number": number, "tracking_numbers": numbers},
        pointer="/tracking_number",
    )


def with_parcel(case: Case, parcel: Shipment) -> Case:
    """The case with that parcel as it is now, by its number; a new one comes last."""
    if case.shipment is None or case.shipment.tracking_number == parcel.tracking_number:
        return replace(case, shipment=parcel)
    known = [p.tracking_number for p in case.further]
    if parcel.tracking_number not in known:
        return replace(case, further=(*case.further, parcel))
    further = tuple(parcel if p.tracking_number == parcel.tracking_number else p for p in case.further)
    return replace(case, further=further)


def scanned(
    parcel: Shipment, signal: Signal, scanned_at: datetime, weight_g: int = 0, postcode: str = ""
) -> Shipment:
    """A parcel after one more scan, in whatever order scans are told."""
    delivered = parcel.delivered_at
    if signal is Signal.DELIVERED:
        delivered = min(delivered or scanned_at, scanned_at)
    return replace(
        parcel,
        last_scan_at=max(parcel.last_scan_at, scanned_at),
        delivered_at=delivered,
        scans=parcel.scans + proves_handover(signal),
        weight_g=max(parcel.weight_g, weight_g),
        delivered_to=postcode if signal is Signal.DELIVERED and postcode else parcel.delivered_to,
        offered=parcel.offered or signal in _AT_THE_DOOR,
    )


def share_of(h: Hearing, case: Case, units: Iterable[Unit]) -> int:
    """What of the agreed amount falls on some of the case's units, in minor units, to the cent.

    The rejected and the accepted, the lost and the kept: the shares of all units are the amount.
    """
    chosen = set(units)
    worth = [max_refund(h.custody, (unit,)) for unit in case.units]
    shares = allocate(due(case), worth)
    return sum(share for unit, share in zip(case.units, shares, strict=True) if unit in chosen)
