"""An order's past read back as acts: no kind of event is forgotten, and the past gives back itself."""

from collections.abc import Iterable
from datetime import timedelta
from typing import get_args

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import FIRST, SENSIBLE, actor_for, reach
from tests.domain.marketplace import BUYER, SELLER, Market

from amends.adapters.calendars import CALENDARS
from amends.application.extensions import terms_agreed
from amends.domain.cases import commands as c
from amends.domain.cases.events import CaseEvent, CaseOpened
from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import Goods, Remedy, Settled, State
from amends.domain.chain import Recorded
from amends.domain.custody import commands as oc
from amends.domain.custody.events import OrderEvent
from amends.domain.lab.past import ACTS, ANSWERS, FOLLOWING, ORDER_ACTS, ORDER_FOLLOWING, past_of
from amends.domain.lab.rerun import Rerun, rerun
from amends.domain.parties import CLOCK, Role
from amends.domain.policy.terms import ClauseText, extend
from amends.domain.refusals import Refused

pytestmark = pytest.mark.row("X2")
_NOT_HERE = {
    (State.AWAITING_SHIPMENT, "record_return_scan"),
    (State.MEDIATING, "assign_case"),
    *((state, "confirm_ruling") for state in (State.MEDIATING, State.MEDIATING_LATE, State.APPEALED)),
    *(
        (state, command)
        for state in (
            State.AWAITING_INSTRUCTIONS, State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT, State.INSPECTING
        )
        for command in ("record_reservation", "record_sold_out")
    ),
}  # fmt: skip


def again(market: Market) -> Rerun:
    """The market's past decided again under the very terms it had."""
    order = market.log[0].event.order  # type: ignore[union-attr]
    terms = {line.line_id: market.rules.terms[line.terms_id] for line in order.lines}
    return rerun(past_of(market.log), terms, terms, CALENDARS, market.now)


def told(recorded: Iterable[Recorded]) -> list[str]:
    """Everything that happened: when, by whom, what."""
    return [f"{one.stream} {one.seq} {one.at} {one.actor.role} {one.event!r}" for one in recorded]


def deeds(recorded: Iterable[Recorded]) -> list[str]:
    """What happened to the case, but for what its bank says: that goes on after the past has ended."""
    return [
        f"{one.at} {one.actor.role} {type(one.event).__name__}"
        for one in recorded
        if one.stream != one.order_id and one.actor.role is not Role.PROVIDER
    ]


def test_every_kind_of_event_is_an_act_an_answer_or_follows() -> None:
    of_cases, of_orders = frozenset(get_args(CaseEvent)), frozenset(get_args(OrderEvent))
    assert of_cases == ACTS | ANSWERS | FOLLOWING
    assert of_orders == ORDER_ACTS | ORDER_FOLLOWING
    assert len(ACTS) + len(ANSWERS) + len(FOLLOWING) == len(of_cases)
    assert len(ORDER_ACTS) + len(ORDER_FOLLOWING) == len(of_orders)


def test_limits_that_met_meet_again() -> None:
    market = reach(State.AWAITING_SELLER)
    market.wait(hours=5)
    market.must(c.SettleBlind(buyer=1313, seller=2718), CLOCK)
    market.confirm_refunds()
    assert market.case.settlement is not None
    assert market.case.settlement.by is Settled.BLIND
    done = again(market)
    assert not done.dropped
    assert not done.silent
    settled = [one for one in done.recorded if "CaseSettled" in type(one.event).__name__]
    assert settled[0].event.settlement == market.case.settlement  # type: ignore[union-attr]


def test_an_extension_that_was_agreed_is_agreed_again() -> None:
    market = Market.delivered()
    until = (market.now + timedelta(days=60)).date().isoformat()
    market.must(
        oc.OfferExtension(extension_id="x1", until=until, note="Take your time."), SELLER, on_order=True
    )
    market.wait(hours=3)
    agreed = terms_agreed(market.custody, market.rules.terms, "x1")
    market.rules = replace(
        market.rules, terms={**market.rules.terms, **{one.terms_id: one for one in agreed}}
    )
    market.must(oc.AnswerExtension(extension_id="x1", agreed=True), BUYER, on_order=True)
    market.wait(days=40)
    wanted = Remedy(4000, Goods.RETURN)
    market.open(c.OpenClaim(reason="no_reason.changed_mind", units=(FIRST,), wanted=wanted))
    done = again(market)
    assert not done.unheard
    assert told(done.recorded)[: len(market.log)] == told(market.log)


def test_goods_that_need_not_come_back_under_a_draft_are_kept() -> None:
    """Who asked to send them back would have been offered the money at once: a kinder draft costs nobody."""
    market = reach(State.AWAITING_SELLER)
    assert market.case.wanted.goods is Goods.RETURN
    order = market.log[0].event.order  # type: ignore[union-attr]
    kept = market.rules.terms[order.lines[0].terms_id]
    text = ClauseText("kinder", "Goods below 500 euros need not come back.", "a draft")
    kinder = extend(kept, "returnless.below", 50_000, text)
    frozen, draft = ({line.line_id: terms for line in order.lines} for terms in (kept, kinder))
    done = rerun(past_of(market.log), draft, frozen, CALENDARS, market.now)
    assert not done.unheard
    opened = next(one.event for one in done.recorded if isinstance(one.event, CaseOpened))
    assert opened.wanted == replace(market.case.wanted, goods=Goods.KEEP)


@pytest.mark.parametrize(
    ("state", "command"), [(state, name) for state, standing in LIFECYCLE.items() for name in standing.moves]
)
def test_whatever_was_done_is_done_again(state: State, command: str) -> None:
    market = reach(state)
    actors = [actor_for(state, role) for role in LIFECYCLE[state].moves[command].by]
    wish = SENSIBLE[command](market)
    possible = [actor for actor in actors if not isinstance(market.do(wish, actor), Refused)][:1]
    # What the table knows in general and not in the situation that `reach` builds is proved elsewhere.
    assert possible or (state, command) in _NOT_HERE
    mine = deeds(market.log)
    assert deeds(again(market).recorded)[: len(mine)] == mine
