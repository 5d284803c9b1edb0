"""What each party is offered is what the rules would accept from them, no more and no less."""

from datetime import timedelta

import pytest
from tests.domain.cases.stages import APPEAL, SENSIBLE, actor_for, offer, reach, ruling
from tests.domain.marketplace import BUYER, MEDIATOR, OPERATOR, OTHER_MEDIATOR, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.actions import Action, actions
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.lifecycle import REPORTS, moves_of
from amends.domain.cases.model import State
from amends.domain.conduct import Conducted
from amends.domain.parties import Actor, Role

PEOPLE = [role for role in Role if role is not Role.CLOCK]


def hearing(market: Market, actor: Actor) -> Hearing:
    """What a decision on a command of ``actor`` would look at."""
    return Hearing(market.custody, market.scene.cases, market.rules, actor, market.now)


def offered(market: Market, actor: Actor) -> set[str]:
    """The names of the actions this very person is offered."""
    found = actions(market.case, actor.role, market.now, hearing=hearing(market, actor))
    return {action.name for action in found}


def accepted(market: Market, actor: Actor) -> set[str]:
    """The names of the commands that would be carried out for that person, sensible arguments given."""
    names = set()
    for name in moves_of(market.case.state):
        scene, log = market.scene, list(market.log)
        trial = Market.__new__(Market)
        trial.__dict__.update(market.__dict__)
        trial.log = log
        trial._case_folds = dict(market._case_folds)
        answer = trial.do(SENSIBLE[name](market), actor)
        assert market.scene is scene
        if isinstance(answer, Conducted) or answer.kind not in {
            "not_possible_now",
            "not_found",
            "conflict_of_interest",
            "window_closed",
            "unit_taken",
        }:
            names.add(name)
    return names


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("role", PEOPLE)
def test_offered_is_what_would_be_accepted(state: State, role: Role) -> None:
    market = reach(state)
    actor = actor_for(state, role)
    assert offered(market, actor) == accepted(market, actor)


SITUATIONS = {
    "declined without a counter-offer": (State.AWAITING_SELLER, ((c.DeclineOffer(), SELLER),)),
    "taken": (State.MEDIATING, ((c.TakeCase(), MEDIATOR),)),
    "offered once more": (State.MEDIATING, ((offer(2000), SELLER),)),
    "accepted by one side": (State.RULED, ((c.AcceptRuling(), SELLER),)),
    "ruled after an appeal": (State.APPEALED, ((ruling(0), OTHER_MEDIATOR),)),
    "contested": (State.REJECTED, ((c.ContestRejection(note="It is not."), BUYER),)),
    "reopened": (State.CLOSED, ((c.Reopen(reason="New facts."), OPERATOR),)),
    "evidence twice": (
        State.AWAITING_EVIDENCE,
        (
            (SENSIBLE["submit_evidence"], BUYER),
            (SENSIBLE["request_evidence"], MEDIATOR),
            (SENSIBLE["submit_evidence"], BUYER),
        ),
    ),
    "withdrawn": (State.AWAITING_SELLER, ((c.Withdraw(), BUYER),)),
    "declined cancellation": (State.CANCEL_REQUESTED, ((c.DeclineOffer(), SELLER),)),
    "discarded": (State.DRAFTING, ((c.Withdraw(), BUYER),)),
    "appealed": (State.RULED, ((APPEAL, SELLER),)),
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize(
    "actor",
    [BUYER, SELLER, MEDIATOR, OTHER_MEDIATOR, OPERATOR, Actor(Role.MEDIATOR, SELLER.id)],
    ids=["buyer", "seller", "mediator", "other mediator", "operator", "the seller as mediator"],
)
def test_offered_is_what_would_be_accepted_in_special_situations(name: str, actor: Actor) -> None:
    state, steps = SITUATIONS[name]
    market = reach(state)
    for command, by in steps:
        market.must(command(market) if callable(command) else command, by)
    assert offered(market, actor) == accepted(market, actor)


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
@pytest.mark.parametrize("role", PEOPLE)
def test_once_the_deadline_has_passed_only_reports_are_offered(state: State, role: Role) -> None:
    market = reach(state)
    assert market.case.waiting is not None
    market.now = market.case.waiting.until
    assert offered(market, actor_for(state, role)) <= REPORTS
    assert offered(market, actor_for(state, role)) == accepted(market, actor_for(state, role))


def test_the_mandatory_things_come_first_with_deadline_default_and_clause() -> None:
    market = reach(State.AWAITING_SELLER)
    waiting = market.case.waiting
    assert waiting is not None
    found = actions(market.case, Role.SELLER, market.now)
    assert found[0] == Action(
        name="accept_offer",
        role=Role.SELLER,
        mandatory=True,
        due_at=waiting.until,
        default="grant_request",
        clause="negotiation.seller_response.default",
    )
    assert [action.mandatory for action in found] == sorted((a.mandatory for a in found), reverse=True)
    # Whoever is not waited on has no deadline.
    assert all(a.due_at is None for a in actions(market.case, Role.BUYER, market.now))


def test_reopening_is_offered_within_its_window_only() -> None:
    market = reach(State.CLOSED)
    assert market.case.closed_at is not None
    market.now = market.case.closed_at + timedelta(days=30, milliseconds=-1)
    assert "reopen" in offered(market, OPERATOR)
    market.now += timedelta(milliseconds=1)
    assert offered(market, OPERATOR) == set()


def test_without_a_hearing_what_depends_on_the_person_is_offered_to_the_role() -> None:
    market = reach(State.MEDIATING)
    names = {action.name for action in actions(market.case, Role.MEDIATOR, market.now)}
    assert names == {"take_case", "assign_case", "request_evidence", "rule"}


def test_who_has_accepted_a_ruling_is_offered_nothing_more() -> None:
    market = reach(State.RULED)
    market.must(c.AcceptRuling(), BUYER)
    assert actions(market.case, Role.BUYER, market.now) == ()
    assert {action.name for action in actions(market.case, Role.SELLER, market.now)} == {
        "accept_ruling",
        "appeal",
    }
