"""Routes of rulings: each explained for somebody who was not there, and what the rules recommend."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from amends.application.consistency import grant, part, precedents
from amends.application.findings import TURNINGS, written
from amends.application.hindsight import Hindsight, hindsight
from amends.application.ports import CaseFile
from amends.application.ports.figures import Decided
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, EvidenceItem, Finding, Remedy, Ruling, State
from amends.domain.mediation import Turning, recommend, turnings
from amends.domain.parties import Role
from amends.domain.policy.terms import ClauseText
from amends.domain.scene import Rules
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, CaseId, says, shown

_LOOKED_BACK = timedelta(days=365)
_RULINGS_READ = 200
_DECIDING = frozenset({State.MEDIATING, State.MEDIATING_LATE, State.AWAITING_EVIDENCE, State.APPEALED})


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """A fact found, in English where the rules found it, with its evidence, its clause and its ``weight``:
    decisive, supporting, background, or empty.
    """

    fact: str
    evidence: str
    weight: str
    clause: str
    sentence: str


class ShownView(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that was on the table: by whom, of what kind, what it shows."""

    by: Role
    kind: str
    note: str
    at: datetime


class TurningView(msgspec.Struct, frozen=True, kw_only=True):
    """What would have led to another recommendation, and to which. ``kinds``: any one of them would have."""

    code: str
    kinds: tuple[str, ...]
    remedy: Remedy
    text: str


class RulingView(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling for somebody who was not there. ``by_clock``: the recommendation took effect by itself.

    ``followed``: it is what the rules recommended (``advised``) on what was shown. ``turnings`` would have
    changed the recommendation; ``otherwise`` says what would have changed the decision, by who made it.
    """

    at: datetime
    remedy: Remedy
    reasons: str
    findings: tuple[FindingView, ...]
    final: bool
    by_clock: bool
    confirmed: bool
    shown: tuple[ShownView, ...]
    advised: Remedy | None
    followed: bool
    turnings: tuple[TurningView, ...]
    otherwise: str


class RulingList(msgspec.Struct, frozen=True):
    """A case's rulings, oldest first."""

    case_id: str
    rulings: tuple[RulingView, ...]


class PrecedentView(msgspec.Struct, frozen=True, kw_only=True):
    """A like case and its outcome; ``part`` is what was granted of what was asked, in basis points."""

    case_id: str
    at: datetime
    asked: Remedy
    remedy: Remedy
    granted: str
    part: int
    shown: tuple[str, ...]


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules recommend now, why, what would change it, and how like cases were decided."""

    case_id: str
    remedy: Remedy
    findings: tuple[FindingView, ...]
    turnings: tuple[TurningView, ...]
    precedents: tuple[PrecedentView, ...]


def ruling_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The rulings of a case, and the recommendation."""
    return [_rulings(desk), _recommendation(desk)]


def _rulings(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/cases/{case_id:str}/rulings",
        name="list_rulings",
        summary="Read a case's rulings, explained",
        description="Who showed what, which clause decided, what the rules recommended on it, and what would "
        "have changed it.",
        tags=["Cases"],
        opt=says(RulingList),
    )
    async def list_rulings(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        whole = [link.recorded for link in await desk.parts.reader.timeline(file.case.order_id)]
        scene = await desk.parts.reader.scene(file.case.order_id)
        others = [one for one in scene.cases.values() if one.case_id != case_id] if scene else []
        events = [link.recorded for link in file.timeline]
        terms = {one.terms_id: one for one in file.terms.values()}
        seen = [hindsight(whole, events, n, terms, others) for n in range(len(file.case.rulings))]
        views = tuple(_ruling(file, ruling, one) for ruling, one in zip(file.case.rulings, seen, strict=True))
        return shown(RulingList(case_id, views))

    return list_rulings


def _recommendation(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/cases/{case_id:str}/recommendation",
        name="get_recommendation",
        summary="Read what the rules recommend",
        description="For who decides, while a case is open for it: the findings with evidence, clause and "
        "weight, what would change the recommendation, and the nearest precedents. People decide.",
        tags=["Cases"],
        opt=says(Recommendation),
    )
    async def get_recommendation(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        case = file.case
        if case.state not in _DECIDING:
            fail("not_possible_now", "Nothing is to be decided about this case now.")
        scene = await desk.parts.reader.scene(case.order_id)
        cases = scene.cases if scene else {case_id: case}
        rules = Rules({one.terms_id: one for one in file.terms.values()}, desk.parts.calendars)
        hearing = Hearing(file.custody, cases, rules, request.user.actor, desk.parts.clock.now())
        advice = recommend(hearing, case, final=case.state is State.APPEALED)
        until = desk.parts.clock.now() + timedelta.resolution
        past = await desk.parts.figures.rulings(until - _LOOKED_BACK, until, _RULINGS_READ, case.reason)
        return shown(
            Recommendation(
                case_id=case_id,
                remedy=advice.remedy,
                findings=_findings(file, advice),
                turnings=_turnings(turnings(hearing, case)),
                precedents=tuple(_precedent(one) for one in _near(file, case, past)),
            )
        )

    return get_recommendation


def _near(file: CaseFile, case: Case, past: Iterable[Decided]) -> list[Decided]:
    line = file.custody.order.line(case.units[0].line_id) if case.units else None
    return precedents(
        list(past),
        case_id=case.case_id,
        category=line.category if line else "",
        shown=sorted({f"{item.by.value}:{item.kind}" for item in case.evidence}),
        asked=case.wanted,
    )


def _ruling(file: CaseFile, ruling: Ruling, seen: Hindsight | None) -> RulingView:
    told = written(ruling)
    items: list[EvidenceItem] = [one for each in seen.shown.values() for one in each] if seen else []
    return RulingView(
        at=ruling.at,
        remedy=ruling.remedy,
        reasons=told.reasons,
        findings=_findings(file, ruling),
        final=ruling.final,
        by_clock=not ruling.mediator_id,
        confirmed=bool(ruling.confirmed_by),
        shown=tuple(ShownView(by=one.by, kind=one.kind, note=one.note, at=one.at) for one in items),
        advised=seen.advised if seen else None,
        followed=seen.followed if seen else False,
        turnings=_turnings(seen.turnings) if seen else (),
        otherwise=ruling.otherwise,
    )


def _findings(file: CaseFile, ruling: Ruling) -> tuple[FindingView, ...]:
    texts: dict[str, ClauseText] = {
        name: text for terms in file.terms.values() for name, text in terms.clauses.items()
    }

    def view(one: Finding) -> FindingView:
        text = texts.get(one.clause)
        return FindingView(
            fact=one.fact,
            evidence=one.evidence,
            weight=one.weight,
            clause=one.clause,
            sentence=text.sentence if text else "",
        )

    return tuple(view(one) for one in written(ruling).findings)


def _turnings(found: Iterable[Turning]) -> tuple[TurningView, ...]:
    return tuple(
        TurningView(code=one.code, kinds=one.kinds, remedy=one.remedy, text=_text(one)) for one in found
    )


def _text(one: Turning) -> str:
    what = one.remedy.exchange_variant or f"{one.remedy.amount} minor units, goods: {one.remedy.goods.value}"
    return TURNINGS[one.code] % {"remedy": what, "kinds": " or ".join(one.kinds)}


def _precedent(one: Decided) -> PrecedentView:
    return PrecedentView(
        case_id=one.case_id,
        at=one.at,
        asked=one.asked,
        remedy=one.remedy,
        granted=grant(one.remedy, one.asked).value,
        part=part(one),
        shown=tuple(one.shown),
    )
