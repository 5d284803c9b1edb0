"""Simulate before performing: what a command would lead to, decided by the very rules, written nowhere
(P4).
"""

from datetime import datetime

import msgspec

from amends.application.permissions import Caller, may, sees_case
from amends.domain.cases import commands as c
from amends.domain.cases.model import Case, Outcome, Settlement, State
from amends.domain.conduct import conduct
from amends.domain.parties import CLOCK, Actor
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.interfaces.api.bodies import Telling
from amends.interfaces.api.deeds import DEEDS
from amends.interfaces.api.desk import Desk, order_of
from amends.interfaces.api.order_bodies import SimulationBody
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.views import CaseMoney, Turn, case_money, turn


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Where the action would leave the case. ``at`` is the instant it was tried at; ``events`` are their
    tags.
    """

    action: str
    at: datetime
    state: State
    outcome: Outcome | None
    turn: Turn | None
    settlement: Settlement | None
    money: CaseMoney
    events: tuple[str, ...]


async def simulate(desk: Desk, caller: Caller, case_id: str, body: SimulationBody) -> Simulated:
    """Try an action out. Raises `ProblemRaised` with the refusal the action would meet."""
    custody, scene = await desk.scene(caller, order_of(case_id))
    case = scene.cases.get(case_id)
    if case is None or not sees_case(caller, case):
        fail("not_found", f"There is no case {case_id}.")
    command, actor, now = _attempt(desk, caller, case, body)
    terms = await desk.terms([line.terms_id for line in custody.order.lines])
    result = conduct(
        scene,
        command,
        order_id=case.order_id,
        case_id=case_id,
        actor=actor,
        rules=Rules(terms, desk.parts.calendars),
        now=now,
    )
    if isinstance(result, Refused):
        raise ProblemRaised(of_refusal(result))
    after = result.scene.cases[case_id]
    return Simulated(
        action=body.action,
        at=now,
        state=after.state,
        outcome=after.outcome,
        turn=turn(after.waiting, terms),
        settlement=after.settlement,
        money=case_money(after),
        events=tuple(
            str(one.event.__struct_config__.tag) for one in result.recorded if one.stream == case_id
        ),
    )


def _attempt(
    desk: Desk, caller: Caller, case: Case, body: SimulationBody
) -> tuple[c.CaseCommand, Actor, datetime]:
    now = desk.parts.clock.now()
    if body.action == "lapse":
        if case.waiting is None:
            fail("not_possible_now", "Nothing happens to this case by itself.", pointer="/action")
        return c.Lapse(), CLOCK, max(now, case.waiting.until)
    deed = DEEDS.get(body.action)
    if deed is None:
        fail(
            "invalid",
            f"There is no action {body.action!r}; the case's actions name those there are.",
            pointer="/action",
        )
    if not may(caller.role, deed.name):
        what = deed.name.replace("_", " ")
        fail("forbidden", f"Keys of role {caller.role} may not {what}.", pointer="/action")
    try:
        told = desk.read(deed.body, msgspec.json.encode(body.body))
    except ProblemRaised as raised:
        problem = raised.problem
        raise ProblemRaised(msgspec.structs.replace(problem, pointer=f"/body{problem.pointer}")) from None
    if isinstance(told, Telling):
        named, pointer = told.currency_named
        if named not in {"", case.currency}:
            detail = f"The amount is in {named}, the case in {case.currency}."
            fail("currency_mismatch", detail, pointer=f"/body{pointer}")
    return deed.command(told, caller.domain_role, now), caller.actor, now
