"""Deadlines that come near: what is known of one, and which are planned with the event they begin with."""

from datetime import datetime, timedelta

import msgspec

from amends.application.ports import Errand
from amends.domain.cases.turns import UNANSWERED
from amends.domain.chain import Recorded

AHEAD = timedelta(days=4)
"""How far a sweep for deadlines looks. What begins nearer to its end than that is planned with its event."""

PLAN = "deadline.plan"


class Nearing(msgspec.Struct, frozen=True, kw_only=True):
    """The body of ``deadline.plan`` and ``deadline.remind``: the stream whose deadline it is, the instant."""

    order_id: str
    case_id: str
    until: datetime


def planning(one: Recorded) -> Errand | None:
    """The errand that plans the reminder of an event's own deadline, for events without a notice.

    What a notice tells of is planned with it; what is further away is found by a sweep.
    """
    waiting = one.event.waiting
    if waiting is None or waiting.default in UNANSWERED or one.from_state == one.event.state:
        return None
    if waiting.until - one.at >= AHEAD:
        return None
    case_id = one.stream if one.stream != one.order_id else ""
    near = Nearing(order_id=one.order_id, case_id=case_id, until=waiting.until)
    return Errand(
        errand_id=f"plan:{one.stream}:{stamp(waiting.until)}",
        topic=PLAN,
        order_id=one.order_id,
        case_id=case_id,
        body=msgspec.to_builtins(near),
        due_at=one.at,
    )


def stamp(at: datetime) -> str:
    """An instant as part of an id."""
    return at.strftime("%Y%m%dT%H%M%S%fZ")
