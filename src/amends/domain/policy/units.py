"""Which units a new case may be about: a unit is in at most one case that has not let go of it."""

from collections.abc import Iterable

from amends.domain.cases.model import Case, Kind, Outcome, State
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit

_FREED = frozenset({Outcome.WITHDRAWN, Outcome.DISCARDED, Outcome.EXCHANGED})


def taken_units(custody: Custody, cases: Iterable[Case]) -> dict[Unit, str]:
    """The units no new case may be about, with the case that has them ("" for cancelled by the seller).

    A live case has its units; a closed one keeps them unless it was withdrawn, discarded or ended in an
    exchange, or was a cancellation the seller declined.
    """
    taken = dict.fromkeys(custody.cancelled, "")
    for case in cases:
        declined = case.kind is Kind.CANCELLATION and case.outcome is Outcome.DECLINED
        if case.live or not (case.outcome in _FREED or declined):
            taken.update(dict.fromkeys(case.units, case.case_id))
    return taken


def free_units(custody: Custody, cases: Iterable[Case], line_id: str) -> tuple[Unit, ...]:
    """The units of a line that a new case may be about; none for an unknown line."""
    line = custody.order.line(line_id)
    taken = taken_units(custody, cases)
    units = () if line is None else (Unit(line_id, index) for index in range(line.quantity))
    return tuple(unit for unit in units if unit not in taken)


def askable_units(custody: Custody, cases: Iterable[Case], line_id: str) -> tuple[Unit, ...]:
    """The units of a line about which nothing was asked yet; a draft asks nothing before it is sent."""
    return free_units(custody, (case for case in cases if case.state is not State.DRAFTING), line_id)
