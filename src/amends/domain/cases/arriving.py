"""How the parcels of a return end, and what follows once none of them is awaited any more."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from amends.domain.cases import events as e
from amends.domain.cases.dues import due
from amends.domain.cases.freight import reimburse
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Ending, Outcome, Shipment, State
from amends.domain.cases.parcels import (
    arrived,
    awaited,
    lost_units,
    missing,
    named,
    share_of,
    to_inspect,
    unclear,
    unsent,
    with_parcel,
)
from amends.domain.cases.paying import Events, close, pay, standing
from amends.domain.cases.settling import after_goods
from amends.domain.orders import Unit
from amends.domain.parties import Waiting

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


def under_way(h: Hearing, case: Case, state: State) -> Waiting:
    """The clock of a return: that of the parcel whose silence ends first."""
    waits = [in_transit(h, case, state, parcel, parcel.last_scan_at) for parcel in awaited(case)]
    return min(waits, key=lambda waiting: waiting.until)


def onward(h: Hearing, case: Case) -> tuple[State, Waiting | None, Events]:
    """Where a return stands with its parcels as they are, and what follows of it at once."""
    if case.state is State.AWAITING_SHIPMENT and unsent(case):
        return case.state, case.waiting, []
    if awaited(case):
        state = State.RETURN_IN_TRANSIT
        return state, under_way(h, case, state), []
    if arrived(case):
        state = State.INSPECTING
        return state, h.wait(case, state), []
    following = concluded(h, case, ())
    return *standing(case, following), following


def parts_ended(h: Hearing, case: Case, endings: Mapping[str, Ending]) -> Events:
    """Parcels, by their numbers, that will not reach the seller: the whole return, or a part of it."""
    if not case.further and not unsent(case):
        return concluded(h, _ended(case, endings), ())
    events: Events = []
    following: Events = []
    for number, ending in endings.items():
        parcel = next(p for p in case.parcels if p.tracking_number == number)
        told = named(case, parcel)
        case = with_parcel(case, replace(parcel, ending=ending))
        state, waiting, following = onward(h, case)
        events.append(e.ReturnPartEnded(state=state, waiting=waiting, tracking_number=told, ending=ending))
    return [*events, *following]


def _ended(case: Case, endings: Mapping[str, Ending]) -> Case:
    for parcel in case.parcels:
        if parcel.tracking_number in endings:
            case = with_parcel(case, replace(parcel, ending=endings[parcel.tracking_number]))
    return case


def lost(h: Hearing, case: Case) -> Events:
    """A carrier has been silent for too long: the parcels that nobody saw are lost."""
    waited = {
        parcel.tracking_number: in_transit(h, case, case.state, parcel, parcel.last_scan_at).until
        for parcel in awaited(case)
    }
    until = max(h.now, min(waited.values()))
    return parts_ended(h, case, {number: Ending.LOST for number, ends in waited.items() if ends <= until})


def rest_kept(h: Hearing, case: Case) -> Events:
    """A part of the return was sent and the rest was not: that stays with the buyer, and is not refunded."""
    rest = unsent(case)
    state, waiting, following = onward(h, replace(case, state=State.RETURN_IN_TRANSIT))
    return [e.ReturnRestKept(state=state, waiting=waiting, units=rest), *following]


def accepted(h: Hearing, case: Case) -> Events:
    """Everything that arrived is accepted: by the seller, or by the seller's silence (D254-258)."""
    whole = not unsent(case) and len(to_inspect(case)) == len(case.units)
    if whole and case.settlement is not None:
        following = after_goods(h, case, case.settlement.remedy)
        return [*reimburse(h, case, *standing(case, following)), *following]
    return concluded(h, case, to_inspect(case))


def concluded(h: Hearing, case: Case, units: tuple[Unit, ...]) -> Events:
    """The end of the way back: the seller pays for the accepted ``units``, the protection for what was lost.

    Tracked and proven, a lost parcel is covered; unproven, or brought back to the buyer, a mediator looks at
    it (D101). What is neither accepted nor lost is not refunded.
    """
    if missing(case, Ending.CAME_BACK):
        # The buyer has these goods again, so nobody pays by itself; who caused it is for a mediator to say.
        state = State.MEDIATING
        return [e.ReturnCameBack(state=state, waiting=h.wait(case, state))]
    if unclear(h, case):
        state = State.MEDIATING
        return [e.ReturnLost(state=state, waiting=h.wait(case, state), covered=False)]
    gone, term = lost_units(case), h.term(case, "return.lost")
    if len(gone) == len(case.units):
        following = pay(h, case, due(case), covered=True, clause=term.clause)
    elif share := share_of(h, case, (*units, *gone)):
        own = share_of(h, case, units)
        following = pay(h, case, own, units=units, lost=gone, lost_amount=share - own)
    else:
        following = close(h, case, Outcome.RETURN_REJECTED)
    state, waiting = standing(case, following)
    outlay = reimburse(h, case, state, waiting, covered=not arrived(case)) if units or gone else []
    told = [e.ReturnLost(state=state, waiting=waiting, covered=True)] if gone and not arrived(case) else []
    return [*told, *outlay, *following]
