"""A mediator's queue: what waits for a decision, nearest deadline first, taken with one press."""

import asyncio

import msgspec
from litestar import Response
from litestar.exceptions import NotFoundException

from amends.application.ports import CaseFilter
from amends.domain.cases.actions import actions
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role
from amends.domain.policy.terms import Terms
from amends.domain.reasons import REASONS
from amends.domain.scene import Rules
from amends.interfaces.web import vocabulary
from amends.interfaces.web.order_page import CaseRow, case_row
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

QUEUES: dict[str, str] = {
    "queue": N_("To decide"),
    "mine": N_("Mine"),
    "waiting": N_("Waiting for a party"),
    "closed": N_("Closed"),
}
_TO_DECIDE = (State.MEDIATING.value, State.MEDIATING_LATE.value, State.APPEALED.value)
_WITH_PARTIES = (State.AWAITING_EVIDENCE.value, State.RULED.value)
_PER_PAGE = 20


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the queue: who against whom, whose it is, and whether the reader may take it."""

    case: CaseRow
    parties: str
    mediator: str
    appeal: bool
    takeable: bool


def queue(mediator: Actor, show: str, reason: str = "") -> CaseFilter:
    """Which cases one of the `QUEUES` holds; ``reason`` narrows to one."""
    match show:
        case "mine":
            return CaseFilter(mediator_id=mediator.id, live=True, reason=reason)
        case "waiting":
            return CaseFilter(states=_WITH_PARTIES, live=True, reason=reason)
        case "closed":
            return CaseFilter(mediator_id=mediator.id, live=False, order="opened", reason=reason)
        case _:
            return CaseFilter(states=_TO_DECIDE, live=True, reason=reason)


async def queue_page(visit: Visit, show: str, reason: str, after: str) -> Response[str]:
    """The queue under one of its tabs. Raises `NotFoundException` for a cursor that is none of ours."""
    show = show if show in QUEUES else "queue"
    reason = reason if reason in REASONS else ""
    try:
        page = await visit.parts.reader.cases(queue(visit.actor, show, reason), after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    seen = [case for case in page.cases if visit.sees(case)]
    ids = sorted({case.order_id for case in seen})
    scenes = await asyncio.gather(*(visit.parts.reader.scene(order_id) for order_id in ids))
    custodies = {order_id: scene.custody for order_id, scene in zip(ids, scenes, strict=True) if scene}
    found = [custody for custody in custodies.values() if custody is not None]
    lines = [line.terms_id for custody in found for line in custody.order.lines]
    terms = dict(await visit.parts.reader.terms_of(lines))
    say = visit.words.say
    return visit.page(
        "mediator_queue.html",
        rows=[_row(visit, case, custodies.get(case.order_id), terms) for case in seen],
        tabs=[(name, say(title)) for name, title in QUEUES.items()],
        show=show,
        reason=reason,
        reasons=_reasons(visit),
        next=page.next,
        first=not after,
    )


def _reasons(visit: Visit) -> list[tuple[str, str]]:
    say = visit.words.say
    named = [(code, say(title)) for code, title in vocabulary.REASONS.items() if code in REASONS]
    return [("", say(N_("All reasons"))), *sorted(named, key=lambda pair: pair[1])]


def _row(visit: Visit, case: Case, custody: Custody | None, terms: dict[str, Terms]) -> QueueRow:
    say = visit.words.say
    if not case.mediator_id:
        whose = say(N_("nobody has it yet"))
    elif case.mediator_id == visit.actor.id:
        whose = say(N_("yours"))
    else:
        whose = visit.name_of(Role.MEDIATOR, case.mediator_id)
    parties = say(
        N_("%(buyer)s and %(seller)s"),
        buyer=visit.name_of(Role.BUYER, case.buyer_id),
        seller=visit.name_of(Role.SELLER, case.seller_id),
    )
    takeable = False
    if custody is not None:
        rules = Rules(terms, visit.parts.calendars)
        hearing = Hearing(custody, {case.case_id: case}, rules, visit.actor, visit.now)
        offered = actions(case, visit.role, visit.now, hearing=hearing)
        takeable = not case.mediator_id and any(action.name == "take_case" for action in offered)
    return QueueRow(
        case=case_row(case, custody, visit),
        parties=parties,
        mediator=whose,
        appeal=case.state is State.APPEALED,
        takeable=takeable,
    )
