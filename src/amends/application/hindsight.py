"""A ruling looked at afterwards: what was on the table then, what the rules recommended, what would have
changed it. Nothing is stored for it: the events say all of it.
"""

from collections.abc import Mapping, Sequence

import msgspec

from amends.domain.cases import events as e
from amends.domain.cases.evolve import evolve
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, EvidenceItem, Remedy, Ruling
from amends.domain.chain import Recorded
from amends.domain.custody import events as oe
from amends.domain.custody.evolve import evolve as evolve_custody
from amends.domain.custody.model import Custody
from amends.domain.mediation import Turning, recommend, turnings
from amends.domain.parties import Actor, Role
from amends.domain.policy.terms import Terms
from amends.domain.scene import Rules


class Hindsight(msgspec.Struct, frozen=True, kw_only=True):
    """What was before whoever ruled: ``shown`` by each side, and what the rules recommended on it.

    ``followed``: the ruling is the recommended one. ``turnings`` are what would have led to another
    recommendation, whether or not it was followed.
    """

    shown: Mapping[Role, tuple[EvidenceItem, ...]]
    advised: Remedy
    followed: bool
    turnings: tuple[Turning, ...]


def hindsight(
    order: Sequence[Recorded],
    events: Sequence[Recorded],
    number: int,
    terms: Mapping[str, Terms],
    others: Sequence[Case] = (),
) -> Hindsight | None:
    """The ``number``-th ruling of a case (from 0) in hindsight, from all events of its order and of the case.

    ``terms`` are by their ids. None where the events do not hold that ruling.
    """
    found = [one for one in events if isinstance(one.event, e.CaseRuled)][number : number + 1]
    if not found:
        return None
    made = found[0]
    case, custody = _case_before(events, made), _custody_before(order, made)
    if case is None or custody is None or not isinstance(made.event, e.CaseRuled):
        return None
    ruling: Ruling = made.event.ruling
    cases = {case.case_id: case, **{one.case_id: one for one in others}}
    # No clock is read here, so no calendar is asked for.
    hearing = Hearing(custody, cases, Rules(terms, {}), Actor(Role.MEDIATOR, ""), made.at)
    advised = recommend(hearing, case, final=ruling.final).remedy
    followed = _same(advised, ruling.remedy)
    return Hindsight(
        shown={
            role: tuple(item for item in case.evidence if item.by is role)
            for role in (Role.BUYER, Role.SELLER)
        },
        advised=advised,
        followed=followed,
        turnings=turnings(hearing, case),
    )


def _case_before(events: Sequence[Recorded], made: Recorded) -> Case | None:
    case: Case | None = None
    for one in events:
        if one.seq >= made.seq:
            break
        case = evolve(case, one)
    return case


def _custody_before(order: Sequence[Recorded], made: Recorded) -> Custody | None:
    custody: Custody | None = None
    for one in order:
        follows = isinstance(one.event, oe.MoneyMoved | oe.CaseEnded) and one.event.case_id == made.stream
        if one.at > made.at or (one.at == made.at and follows):
            break
        custody = evolve_custody(custody, one)
    return custody


def _same(one: Remedy, other: Remedy) -> bool:
    return (one.amount, one.goods, one.exchange_variant) == (
        other.amount,
        other.goods,
        other.exchange_variant,
    )
