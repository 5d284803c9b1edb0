"""Routes of figures over all orders: closed cases by group, and how evenly cases are decided."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from amends.application.consistency import Agreement, agreement, part, unlike
from amends.application.cover import CoverReport, cover_report
from amends.application.ports.figures import Decided
from amends.domain.cases.model import Remedy
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.routes import ApiRequest, says, shown

_RULINGS_READ = 2000

Grouping = Annotated[
    Literal["reason", "seller", "category", "lane", "outcome"],
    QueryParameter(description="What closed cases are told apart by."),
]
Days = Annotated[int, QueryParameter(ge=1, le=3660, description="How many days back, whole days in UTC.")]


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """Closed cases of a group in one currency; amounts in minor units, times in whole hours.

    ``granted`` ended with a refund; ``borne`` is what the marketplace's fund paid of it; half were closed
    within ``hours``, nine of ten within ``slowest``.
    """

    group: str
    currency: str
    cases: int
    granted: int
    asked: int
    refunded: int
    borne: int
    hours: int
    slowest: int


class Analytics(msgspec.Struct, frozen=True, kw_only=True):
    """Cases closed from ``since`` (included) to ``until`` (excluded), the largest group first."""

    by: str
    since: datetime
    until: datetime
    groups: tuple[GroupView, ...]


class RulingView(msgspec.Struct, frozen=True, kw_only=True):
    """A person's ruling; ``part`` is what was granted of what was asked, in basis points."""

    case_id: str
    mediator_id: str
    at: datetime
    currency: str
    asked: Remedy
    remedy: Remedy
    recommended: Remedy | None
    part: int


class UnlikeView(msgspec.Struct, frozen=True, kw_only=True):
    """Like cases granted differently; ``shown`` is the evidence they share (``buyer:photo``)."""

    reason: str
    shown: tuple[str, ...]
    spread: int
    rulings: tuple[RulingView, ...]


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """How evenly cases were decided: agreement with the recommendation, appeals, like cases decided apart."""

    since: datetime
    until: datetime
    agreement: Agreement
    unlike: tuple[UnlikeView, ...]


def figure_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The routes below /v1 about all orders together."""

    @get(
        "/analytics",
        name="get_analytics",
        summary="Read closed cases by group",
        description="How many, what they cost, how long they took. Each currency is told apart.",
        tags=["Figures"],
        opt=says(Analytics),
    )
    async def get_analytics(
        request: ApiRequest,  # noqa: ARG001
        by: Grouping = "reason",
        days: Days = 30,
    ) -> Response[bytes]:
        since, until = _span(desk, days)
        found = await desk.parts.figures.closings(since, until, by)
        groups = tuple(GroupView(**one._asdict()) for one in found)
        return shown(Analytics(by=by, since=since, until=until, groups=groups))

    @get(
        "/consistency",
        name="get_consistency",
        summary="Read how evenly cases are decided",
        description="Rulings by people against what the rules recommended, appeals that changed a "
        "ruling, and like cases decided differently. It advises; nothing is changed by it.",
        tags=["Figures"],
        opt=says(Consistency),
    )
    async def get_consistency(
        request: ApiRequest,  # noqa: ARG001
        days: Days = 90,
    ) -> Response[bytes]:
        since, until = _span(desk, days)
        rulings = await desk.parts.figures.rulings(since, until, _RULINGS_READ)
        groups = tuple(
            UnlikeView(
                reason=group.reason,
                shown=group.shown,
                spread=group.spread,
                rulings=tuple(_view(one) for one in group.rulings),
            )
            for group in unlike(rulings)
        )
        return shown(Consistency(since=since, until=until, agreement=agreement(rulings), unlike=groups))

    @get(
        "/cover",
        name="get_cover",
        summary="Read the protection fund",
        description="What it paid month by month and for which guarantee, beside the budget of the policy. "
        "Amounts in minor units of `currency`; `paid` has every day in its own currency.",
        tags=["Figures"],
        opt=says(CoverReport),
    )
    async def get_cover(
        request: ApiRequest,  # noqa: ARG001
        months: Annotated[int, QueryParameter(ge=1, le=36, description="How many, the current one too.")] = 6,
    ) -> Response[bytes]:
        book, now = desk.parts.sellers.book, desk.parts.clock.now()
        return shown(await cover_report(desk.parts.figures, book, now, months))

    return [get_analytics, get_consistency, get_cover]


def _span(desk: Desk, days: int) -> tuple[datetime, datetime]:
    """Whole days up to the one that runs now, which is in it as far as it has come."""
    today = datetime.combine(desk.parts.clock.now().astimezone(UTC).date(), time(), UTC)
    return today - timedelta(days=days - 1), today + timedelta(days=1)


def _view(one: Decided) -> RulingView:
    return RulingView(
        case_id=one.case_id,
        mediator_id=one.mediator_id,
        at=one.at,
        currency=one.currency,
        asked=one.asked,
        remedy=one.remedy,
        recommended=one.recommended,
        part=part(one),
    )
