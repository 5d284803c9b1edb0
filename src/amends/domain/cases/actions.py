"""What each party can do with a case now, read from the lifecycle table."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from amends.domain.cases import mediating
from amends.domain.cases.decide import reopen_refused, reopenable
from amends.domain.cases.dues import wanted_of_stock
from amends.domain.cases.freight import may_label
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.lifecycle import REPORTS, moves_of
from amends.domain.cases.model import Case, RefundStage, State
from amends.domain.cases.negotiation import latest, on_the_table
from amends.domain.parties import Role


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


def actions(case: Case, role: Role, now: datetime, *, hearing: Hearing | None = None) -> tuple[Action, ...]:
    """What ``role`` may do at ``now``, mandatory things first; only reports once the deadline has passed.

    What somebody in particular may not do (a mediator whose ruling is appealed, a case that another one has),
    and what the terms limit (rounds of evidence, reopening), is left out where a ``hearing`` says who asks.
    """
    waiting = case.waiting
    late = waiting is not None and now >= waiting.until
    found = []
    for name, move in moves_of(case.state).items():
        if role not in move.by or (late and name not in REPORTS) or not _sensible(case, name, role):
            continue
        if hearing is not None and not _open_to(hearing, case, name):
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


def _other(role: Role) -> Role:
    return Role.SELLER if role is Role.BUYER else Role.BUYER


def _refund_under_way(case: Case, role: Role) -> bool:  # noqa: ARG001 - one of a table
    return any(refund.stage is RefundStage.INITIATED for refund in case.refunds)


def _may_answer(case: Case, role: Role) -> bool:
    return role not in case.rulings[-1].accepted_by


# What the table allows to a role in general but this case may refuse to it.
_SENSIBLE: Mapping[str, Callable[[Case, Role], bool]] = {
    "accept_offer": lambda case, role: on_the_table(case, _other(role)) is not None,
    "accept_ruling": _may_answer,
    "confirm_ruling": lambda case, _: case.proposed is not None,
    "appeal": _may_answer,
    "confirm_refund": _refund_under_way,
    "decline_offer": lambda case, role: (
        case.state is State.CANCEL_REQUESTED or latest(case, _other(role)) is not None
    ),
    "fail_refund": _refund_under_way,
    "reopen": lambda case, _: reopenable(case),
    "submit_evidence": lambda case, role: case.evidence_requests[-1].of is role,
    "issue_label": lambda case, _: may_label(case),
    "record_reservation": lambda case, _: bool(wanted_of_stock(case)),
    "record_sold_out": lambda case, _: bool(wanted_of_stock(case)),
    "record_return_scan": lambda case, _: case.shipment is not None or case.label is not None,
    "withdraw": lambda case, _: (
        (case.shipment is not None and case.state is State.AWAITING_SHIPMENT)
        or (
            not case.rulings
            and not case.paid_in
            and not case.replaced
            and not (case.label is not None and case.state is State.AWAITING_SHIPMENT)
        )
    ),
}


def _sensible(case: Case, name: str, role: Role) -> bool:
    judge = _SENSIBLE.get(name)
    return judge is None or judge(case, role)


def _open_to(h: Hearing, case: Case, name: str) -> bool:  # noqa: PLR0911 - one arm a command
    """Whether this very person may do it under these terms."""
    mine = case.mediator_id in {"", h.actor.id} or h.actor.role is Role.OPERATOR
    match name:
        case "take_case":
            return case.mediator_id != h.actor.id and not mediating.barred(h, case)
        case "assign_case":
            return h.actor.role is Role.OPERATOR or case.mediator_id == h.actor.id
        case "rule":
            return mine and not mediating.barred(h, case)
        case "confirm_ruling":
            return mediating.may_confirm(h, case)
        case "request_evidence":
            return mine and not mediating.barred(h, case) and mediating.rounds_left(h, case) > 0
        case "reopen":
            return reopen_refused(h, case) is None
        case "record_reservation":
            return h.terms_for(case.units).has("exchange.reserve", case.reason)
        case _:
            return True
