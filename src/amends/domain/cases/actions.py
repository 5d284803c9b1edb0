"""What each party can do with a case now, read from the lifecycle table."""

from datetime import datetime

import msgspec

from amends.domain.cases.lifecycle import moves_of
from amends.domain.cases.model import Case, State
from amends.domain.parties import Role

_PEOPLE = frozenset({Role.BUYER, Role.SELLER, Role.MEDIATOR})


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """Something ``role`` may do now. ``name`` is the command's tag (``make_offer``).

    ``mandatory``: it is this role's turn and one of its mandatory actions is due by ``due_at``;
    ``default`` then says what happens if none comes, ``clause`` which clause says so.
    """

    name: str
    role: Role
    mandatory: bool = False
    due_at: datetime | None = None
    default: str = ""
    clause: str = ""


def actions(case: Case, role: Role, now: datetime) -> tuple[Action, ...]:
    """What ``role`` may do at ``now``, mandatory things first; nothing once the deadline has passed."""
    waiting = case.waiting
    if waiting is not None and now >= waiting.until and role in _PEOPLE:
        return ()
    found = []
    for name, move in moves_of(case.state).items():
        if role not in move.by or not _sensible(case, name, role):
            continue
        due = waiting is not None and waiting.on is role and move.mandatory
        found.append(
            Action(
                name=name,
                role=role,
                mandatory=due,
                due_at=waiting.until if waiting and due else None,
                default=waiting.default if waiting and due else "",
                clause=waiting.clause if waiting and due else "",
            )
        )
    return tuple(sorted(found, key=lambda action: not action.mandatory))


def _sensible(case: Case, name: str, role: Role) -> bool:
    """Leave out what the table allows to a role in general but this case refuses to it."""
    match name:
        case "accept_offer":
            other = Role.SELLER if role is Role.BUYER else Role.BUYER
            asked = case.state is State.CANCEL_REQUESTED
            return asked or any(offer.by is other for offer in case.offers)
        case "decline_offer":
            other = Role.SELLER if role is Role.BUYER else Role.BUYER
            asked = case.state is State.CANCEL_REQUESTED
            return asked or any(offer.by is other for offer in case.offers)
        case "submit_evidence":
            return bool(case.evidence_requests) and case.evidence_requests[-1].of is role
        case "accept_ruling" | "appeal":
            return role not in case.rulings[-1].accepted_by
        case "withdraw":
            return not case.rulings
        case "take_case":
            return role is Role.OPERATOR or not case.mediator_id
        case _:
            return True
