"""How cases are decided: who has how many, agreement with the rules, appeals, like cases decided apart."""

from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from amends.application.consistency import Unlike, agreement, part, unlike
from amends.application.ports.figures import Decided
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.operator.spans import SPANS, choices, span_of
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_RULINGS_READ = 2000
_DEFAULT = "90"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One ruling among like ones: case, what was asked and given, by whom."""

    case_id: str
    asked: str
    given: str
    part: str
    who: str


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """Like cases that were granted differently."""

    reason: str
    shown: str
    spread: str
    rulings: tuple[Told, ...]


@get("/mediation")
async def mediation(
    visit: NamedDependency[Visit], days: Annotated[str, QueryParameter(max_length=4)] = _DEFAULT
) -> Response[str]:
    """For mediators and operators; it tells where to look and decides nothing."""
    visit.require(Role.MEDIATOR, Role.OPERATOR)
    days = days if days in SPANS else _DEFAULT
    rulings = await visit.parts.figures.rulings(*span_of(visit, days), _RULINGS_READ)
    agreed = agreement(rulings)
    words = visit.words
    load = [
        (
            visit.name_of(Role.MEDIATOR, one.mediator_id) if one.mediator_id else words.say(N_("Nobody yet")),
            words.number(one.cases),
            words.number(one.late),
        )
        for one in await visit.parts.figures.load()
    ]
    return visit.page(
        "operator_mediation.html",
        load=load,
        agreed=agreed,
        same=_share(visit, agreed.same, agreed.rulings),
        side=_share(visit, agreed.side, agreed.rulings),
        overturned=_share(visit, agreed.overturned, agreed.appeals),
        apart=[_apart(visit, group) for group in unlike(rulings)],
        spans=choices(visit),
        days=days,
    )


def _share(visit: Visit, some: int, all_: int) -> str:
    return visit.words.percent(round(some * 10_000 / all_)) if all_ else "–"


def _apart(visit: Visit, group: Unlike) -> Apart:
    say = visit.words.say
    shown = [
        say(
            N_("%(who)s: %(kind)s"),
            who=say(vocabulary.ROLES[Role(who)]),
            kind=say(vocabulary.EVIDENCE_KINDS_WITHIN.get(kind, kind)),
        )
        for who, _, kind in (item.partition(":") for item in group.shown)
    ]
    return Apart(
        reason=say(vocabulary.REASONS.get(group.reason, group.reason)),
        shown=visit.words.listing(shown) if shown else say(N_("No evidence")),
        spread=visit.words.percent(group.spread),
        rulings=tuple(_told(visit, one) for one in group.rulings),
    )


def _told(visit: Visit, one: Decided) -> Told:
    words = visit.words
    return Told(
        case_id=one.case_id,
        asked=words.money(one.asked.amount, one.currency),
        given=words.money(one.remedy.amount, one.currency),
        part=words.percent(part(one)),
        who=visit.name_of(Role.MEDIATOR, one.mediator_id),
    )
