"""Where a case stands: its badge, whose turn it is, until when, what happens otherwise, and its way."""

from collections.abc import Sequence
from datetime import datetime

from amends.domain.cases.model import Case, Goods, Kind, Remedy, State
from amends.domain.cases.negotiation import standing_request
from amends.domain.chain import Recorded
from amends.domain.parties import Role, Waiting
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Badge, Countdown, Step
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

MEDIATION = frozenset(
    {State.MEDIATING, State.MEDIATING_LATE, State.AWAITING_EVIDENCE, State.RULED, State.APPEALED}
)
_RETURN = frozenset(
    {
        State.AWAITING_INSTRUCTIONS,
        State.AWAITING_SHIPMENT,
        State.RETURN_IN_TRANSIT,
        State.INSPECTING,
        State.REJECTED,
    }
)
_EXCHANGE = frozenset({State.AWAITING_PAYMENT, State.AWAITING_REPLACEMENT, State.REPLACEMENT_IN_TRANSIT})
_REFUND = frozenset(
    {State.REFUND_APPROVED, State.REFUND_INITIATED, State.REFUND_OVERDUE, State.REFUND_METHOD_NEEDED}
)


def badge_of(case: Case, visit: Visit) -> Badge:
    """The case's status as a badge; yellow when it is the reader's turn."""
    say = visit.words.say
    if case.outcome is not None:
        tone = "good" if case.outcome.value in {"refunded", "partly_refunded", "exchanged"} else "plain"
        return Badge(say(vocabulary.OUTCOMES[case.outcome]), tone)
    if my_turn(case, visit):
        return Badge(say(vocabulary.TASKS.get(case.state, N_("Your turn"))), "turn")
    return Badge(say(vocabulary.STATES[case.state]), "them")


def waits_on(waiting: Waiting | None, role: Role) -> bool:
    """Whether it is that role's turn; what waits on support waits on any of the staff's operators."""
    return waiting is not None and waiting.on is role


def my_turn(case: Case, visit: Visit) -> bool:
    """Whether the reader can do what the case waits for: an appeal is not for whoever ruled before."""
    if case.state is State.APPEALED and any(one.mediator_id == visit.actor.id for one in case.rulings):
        return False
    return waits_on(case.waiting, visit.role)


def countdown(case: Case, visit: Visit, timeline: Sequence[Recorded]) -> Countdown | None:
    """The deadline of a live case, or None."""
    waiting = case.waiting
    if waiting is None:
        return None
    mine = my_turn(case, visit)
    since = _since(timeline, waiting) or case.opened_at
    whole = (waiting.until - since).total_seconds()
    rest = (waiting.until - visit.now).total_seconds()
    words = visit.words
    return Countdown(
        left=words.left(waiting.until, visit.now),
        headline=words.say(_turn(case, waiting, visit.role), until=words.moment(waiting.until)),
        otherwise=otherwise(case, waiting, visit),
        at=waiting.until,
        part=max(0, min(100, round(100 * rest / whole))) if whole > 0 else 0,
        mine=mine,
        late=rest < 24 * 3600,
    )


def otherwise(case: Case, waiting: Waiting, visit: Visit) -> str:
    """What happens at the deadline if nothing does, told to the reader."""
    triple = vocabulary.DEFAULTS[waiting.default]
    which = {Role.BUYER: 0, Role.SELLER: 1}.get(visit.role, 2)
    remedy = visit.teller(case).remedy(standing_request(case))
    return visit.words.say(triple[which], remedy=remedy)


def _turn(case: Case, waiting: Waiting, role: Role) -> str:
    asked = vocabulary.ASKED_TURNS.get(case.state)
    if asked is not None:
        return asked[0] if waiting.on is role else asked[1 if waiting.on is Role.BUYER else 2]
    return vocabulary.TURNS[case.state][{Role.BUYER: 0, Role.SELLER: 1}.get(role, 2)]


def _since(timeline: Sequence[Recorded], waiting: Waiting) -> datetime | None:
    """When the clock that runs now was started: the first event of the last run that carries it."""
    since = None
    for recorded in reversed(timeline):
        if recorded.event.waiting != waiting:
            break
        since = recorded.at
    return since


def steps(case: Case, visit: Visit) -> tuple[Step, ...]:
    """The way of this case from its opening to its end; what it never needed is left out."""
    stations = _stations(case)
    at = next((n for n, (_, states) in enumerate(stations) if case.state in states), len(stations))
    return tuple(
        Step(visit.words.say(title), "done" if n < at else "now" if n == at else "ahead")
        for n, (title, _) in enumerate(stations)
    )


def aim(case: Case) -> Remedy:
    """Where the case is heading: what binds, else what was ruled, else what the buyer asks for."""
    if case.settlement is not None:
        return case.settlement.remedy
    return case.rulings[-1].remedy if case.state is State.RULED else standing_request(case)


_Station = tuple[str, frozenset[State]]


def _stations(case: Case) -> list[_Station]:
    remedy = aim(case)
    ahead = case.live
    mediation: list[_Station] = []
    if case.mediation_since is not None:
        mediation.append((N_("Mediator decides"), MEDIATION))
    way_back: list[_Station] = []
    if case.shipment is not None or case.state in _RETURN or (ahead and remedy.goods is Goods.RETURN):
        way_back.append((N_("Item goes back"), _RETURN))
    replacement: list[_Station] = []
    if case.replacement is not None or case.state in _EXCHANGE or (ahead and remedy.exchange_variant):
        replacement.append((N_("Replacement"), _EXCHANGE))
    refund: list[_Station] = []
    if case.refunds or (ahead and remedy.amount and not replacement):
        refund.append((N_("Refund"), _REFUND))
    before: list[_Station] = []
    if _replacement_first(case):
        before, replacement = replacement, []
    # A contested return comes before the mediator, any other dispute before the return.
    way_back = [*before, *way_back]
    middle = [*way_back, *mediation] if case.contested else [*mediation, *way_back]
    return [*_beginning(case), *middle, *replacement, *refund, (N_("Closed"), frozenset())]


def _replacement_first(case: Case) -> bool:
    """Whether the goods come back only once the replacement is there."""
    waits = case.state in _EXCHANGE and aim(case).goods is Goods.RETURN and case.shipment is None
    sent = case.replacement is not None and (
        case.shipment is None or case.replacement.shipped_at <= case.shipment.shipped_at
    )
    return (waits and not case.inspections) or (sent and aim(case).goods is Goods.RETURN)


def _beginning(case: Case) -> list[_Station]:
    if case.kind is Kind.CANCELLATION:
        asked: _Station = (N_("Cancellation asked for"), frozenset())
        return (
            [asked, (N_("Seller answers"), frozenset({State.CANCEL_REQUESTED}))] if case.offers else [asked]
        )
    written: _Station = (N_("Request written"), frozenset({State.DRAFTING}))
    talk: _Station = (N_("Buyer and seller talk"), frozenset({State.AWAITING_SELLER, State.AWAITING_BUYER}))
    return [written, talk] if case.live or case.offers else [written]
