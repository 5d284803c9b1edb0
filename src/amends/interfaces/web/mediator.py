"""A mediator's queue: what waits for a decision, nearest deadline first."""

from amends.application.ports import CaseFilter
from amends.domain.cases.model import State
from amends.domain.parties import Actor
from amends.interfaces.web.words import N_

QUEUES: dict[str, str] = {
    "queue": N_("To decide"),
    "mine": N_("Mine"),
    "waiting": N_("Waiting for a party"),
    "closed": N_("Closed"),
}
_TO_DECIDE = (State.MEDIATING.value, State.MEDIATING_LATE.value, State.APPEALED.value)
_WITH_PARTIES = (State.AWAITING_EVIDENCE.value, State.RULED.value)


def queue(mediator: Actor, show: str) -> CaseFilter:
    """Which cases one of the `QUEUES` holds."""
    match show:
        case "mine":
            return CaseFilter(mediator_id=mediator.id, live=True)
        case "waiting":
            return CaseFilter(states=_WITH_PARTIES, live=True)
        case "closed":
            return CaseFilter(mediator_id=mediator.id, live=False, order="opened")
        case _:
            return CaseFilter(states=_TO_DECIDE, live=True)
