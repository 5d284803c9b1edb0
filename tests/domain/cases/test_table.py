"""The lifecycle table, move by move: each command in each state, for each role, on time and late."""

from datetime import timedelta

import pytest
from tests.domain.cases.stages import DAMAGED, FIRST, SENSIBLE, actor_for, reach
from tests.domain.marketplace import BUYER, MEDIATOR, SELLER, Market, an_order

from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import LIFECYCLE, REPORTS, moves_of
from amends.domain.cases.model import Goods, Remedy, State
from amends.domain.conduct import Conducted
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.refusals import Refused

COMMANDS = {command.__struct_config__.tag: command for command in c.CaseCommand.__args__}
PEOPLE = [role for role in Role if role is not Role.CLOCK]

# Moves the table gives to a role in general but not in the situation that `reach` builds.
NOT_IN_THIS_SITUATION = {
    (State.AWAITING_EVIDENCE, "submit_evidence", Role.SELLER): "the buyer was asked",
    (State.AWAITING_SHIPMENT, "record_return_scan", Role.CARRIER): "there is no label of ours",
    (State.AWAITING_SHIPMENT, "record_return_scan", Role.OPERATOR): "there is no label of ours",
    (State.MEDIATING, "assign_case", Role.MEDIATOR): "nobody has the case yet, so nobody can give it back",
    (State.MEDIATING_LATE, "assign_case", Role.MEDIATOR): "nobody has the case yet",
    (State.APPEALED, "assign_case", Role.MEDIATOR): "nobody has the appeal yet",
    **{
        (state, "confirm_ruling", role): "no ruling waits for a second person"
        for state in (State.MEDIATING, State.MEDIATING_LATE, State.APPEALED)
        for role in (Role.MEDIATOR, Role.OPERATOR)
    },
    **{
        (state, name, Role.OPERATOR): "no exchange was agreed on"
        for state in (
            State.AWAITING_INSTRUCTIONS, State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT, State.INSPECTING,
        )
        for name in ("record_reservation", "record_sold_out")
    },
}  # fmt: skip

MOVES = [(state, name) for state in State for name in sorted(COMMANDS) if name != "lapse"]


def test_the_arguments_cover_every_command() -> None:
    assert SENSIBLE.keys() == COMMANDS.keys()


def test_every_command_is_possible_somewhere() -> None:
    possible = {name for state in State for name in moves_of(state)}
    assert possible | {"lapse"} == COMMANDS.keys()


@pytest.mark.parametrize(("state", "name"), MOVES, ids=[f"{s}-{n}" for s, n in MOVES])
def test_a_command_is_accepted_where_the_table_says_and_from_whom_it_says(state: State, name: str) -> None:
    move = moves_of(state).get(name)
    for role in PEOPLE:
        market = reach(state)
        answer = market.do(SENSIBLE[name](market), actor_for(state, role))
        if move is None or role not in move.by:
            # A draft is the buyer's own: to the seller it does not exist.
            hidden = state is State.DRAFTING and role is Role.SELLER
            assert isinstance(answer, Refused), (role, answer)
            assert answer.kind == ("not_found" if hidden else "not_possible_now"), role
        elif (state, name, role) in NOT_IN_THIS_SITUATION:
            assert isinstance(answer, Refused)
            assert answer.kind == "not_possible_now"
        else:
            assert isinstance(answer, Conducted), (role, answer)
            assert market.case.state in move.to, (role, market.case.state)


LIVE = [state for state in State if state is not State.CLOSED]


@pytest.mark.parametrize("state", LIVE)
def test_a_live_state_waits_on_somebody_the_table_names_with_its_default(state: State) -> None:
    standing, waiting = LIFECYCLE[state], reach(state).case.waiting
    assert waiting is not None
    assert waiting.on in standing.on
    assert waiting.default == standing.default


@pytest.mark.parametrize("state", LIVE)
def test_silence_leads_where_the_table_says(state: State) -> None:
    market = reach(state)
    market.refused("not_possible_now", c.Lapse(), CLOCK)
    assert market.case.waiting is not None
    market.now = market.case.waiting.until
    market.must(c.Lapse(), CLOCK)
    assert market.case.state in LIFECYCLE[state].lapses_to


@pytest.mark.parametrize("state", LIVE)
def test_only_the_clock_lets_time_run_out(state: State) -> None:
    market = reach(state)
    assert market.case.waiting is not None
    market.now = market.case.waiting.until
    for role in PEOPLE:
        hidden = state is State.DRAFTING and role is Role.SELLER
        market.refused("not_found" if hidden else "not_possible_now", c.Lapse(), actor_for(state, role))


# A draft may be kept longer than a return may be asked for, so its own clock never decides about sending it.
POSSIBLE = [
    (state, name, role)
    for state in LIVE
    for name, move in moves_of(state).items()
    for role in move.by
    if name != "submit_draft"
    and (state, name) != (State.AWAITING_SHIPMENT, "record_return_scan")
    and not (
        name in {"record_reservation", "record_sold_out", "confirm_ruling"}
        and (state, name, role) in NOT_IN_THIS_SITUATION
    )
]


@pytest.mark.parametrize(("state", "name", "role"), POSSIBLE, ids=["-".join(p) for p in POSSIBLE])
def test_a_decision_at_the_deadline_is_late_and_a_report_never_is(
    state: State, name: str, role: Role
) -> None:
    if (state, name, role) in NOT_IN_THIS_SITUATION:
        role = Role.OPERATOR if name == "assign_case" else Role.BUYER
    market = reach(state)
    assert market.case.waiting is not None
    until = market.case.waiting.until
    for late in (timedelta(0), timedelta(milliseconds=1), timedelta(days=400)):
        market.now = until + late
        if name not in REPORTS:
            refusal = market.refused("window_closed", SENSIBLE[name](market), actor_for(state, role))
            assert refusal.facts["closed_at"] == until.isoformat()
            assert refusal.clause == market.case.waiting.clause
    market.now = until if name in REPORTS else until - timedelta(milliseconds=1)
    market.must(SENSIBLE[name](market), actor_for(state, role))


def test_nothing_happens_by_itself_once_a_case_is_closed() -> None:
    market = reach(State.CLOSED)
    assert market.case.waiting is None
    market.refused("not_possible_now", c.Lapse(), CLOCK)


@pytest.mark.parametrize("state", list(State))
def test_a_case_of_somebody_else_answers_like_one_that_does_not_exist(state: State) -> None:
    market = reach(state)
    for stranger in (Actor(Role.BUYER, "buyer-omar"), Actor(Role.SELLER, "seller-brine")):
        for name in moves_of(state):
            foreign = market.refused("not_found", SENSIBLE[name](market), stranger)
            assert "case" not in foreign.facts


def test_a_case_id_of_another_order_is_not_found() -> None:
    market = reach(State.AWAITING_SELLER)
    market.refused("not_found", c.AcceptOffer(), SELLER, case_id="o2.1")
    market.refused("not_found", c.AcceptOffer(), SELLER, case_id="o1.2")


def test_a_command_to_a_case_needs_a_case_and_one_to_the_order_none() -> None:
    market = reach(State.AWAITING_SELLER)
    market.refused("invalid", c.AcceptOffer(), SELLER, on_order=True)
    market.refused("invalid", DAMAGED, BUYER)


def test_every_clock_of_the_table_is_a_parameter_and_its_default_one_of_its_outcomes() -> None:
    for state, standing in LIFECYCLE.items():
        if state is State.REFUND_INITIATED:
            continue  # bounded by each method's own time of arrival
        assert standing.default in PARAMETERS[standing.clock].outcomes, state


def test_what_opens_a_case_is_the_buyers() -> None:
    market = Market.delivered(an_order())
    claim = c.OpenClaim(reason=DAMAGED.reason, units=(FIRST,), wanted=Remedy(4500, Goods.RETURN))
    for actor in (SELLER, MEDIATOR):
        market.refused("not_yours", claim, actor, on_order=True)
        market.refused("not_yours", c.OpenCancellation(reason="cancel.mistake"), actor, on_order=True)
