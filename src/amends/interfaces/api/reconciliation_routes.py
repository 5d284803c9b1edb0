"""Routes of the daily reconciliation: days, their differences, and what somebody does about one."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from amends.application.ports import ProviderSilent
from amends.application.ports.settlements import DifferenceFilter, Run
from amends.domain.reconciliation import Difference, State
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body, Said
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, Limit, Word, asked_by, says, shown

DifferenceId = Annotated[
    str, PathParameter(pattern="^[0-9a-f]{24}$", description="The id of the difference.")
]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", description="A day in UTC.")]
DayAsked = Annotated[str, QueryParameter(max_length=10, description="A day in UTC, as 2027-01-31.")]


class RunList(msgspec.Struct, frozen=True):
    """Days reconciled, newest first; ``reporting`` are the providers that report by themselves."""

    reporting: tuple[str, ...]
    runs: tuple[Run, ...]


class DifferenceList(msgspec.Struct, frozen=True):
    """Differences, those that need somebody first."""

    differences: tuple[Difference, ...]


class RunBody(Body, frozen=True, kw_only=True):
    """Which day of which provider is to be reconciled again."""

    provider: Annotated[str, Meta(min_length=1, max_length=64)]
    day: Day


class ResolutionBody(Body, frozen=True, kw_only=True):
    """What somebody did about a difference. ``written_off`` waits for a second person."""

    how: Literal["settled", "written_off"]
    reason: Said


class ResolutionAnswer(Body, frozen=True, kw_only=True):
    """Whether a second person agrees that money is written off."""

    agreed: bool


def reconciliation_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Days and differences."""
    return [*_days(desk), *_differences(desk)]


def _days(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(RunBody)

    @get(
        "/reconciliations",
        name="list_reconciliations",
        summary="List reconciled days",
        description="What each provider reported of a day and what the ledger says, by currency, in minor "
        "units, with how many differences are open.",
        tags=["Reconciliation"],
        opt=says(RunList),
    )
    async def list_reconciliations(
        request: ApiRequest,  # noqa: ARG001
        provider: Word = "",
        limit: Limit = 31,
    ) -> Response[bytes]:
        work = desk.parts.reconciliation
        return shown(RunList(tuple(work.reporting), tuple(await work.book.runs(limit, provider))))

    @post(
        "/reconciliations",
        name="run_reconciliation",
        summary="Reconcile a day",
        description="Asks the provider for its report of the day, if it gives one by itself, and compares "
        "again. What somebody has dealt with stays as it is while the amounts are the same.",
        tags=["Reconciliation"],
        opt=says(Run, reads=RunBody, example={"provider": "sandbox", "day": "2026-03-04"}),
    )
    async def run_reconciliation(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(bodies, await request.body())
        day = _day(body.day, pointer="/day")
        if day >= desk.parts.clock.now().date():
            fail("invalid", "A day can be reconciled once it is over.", pointer="/day")
        work = desk.parts.reconciliation
        if body.provider not in work.reporting and not await work.book.runs(1, body.provider):
            fail("not_found", f"No provider {body.provider!r} has reported anything.", pointer="/provider")
        try:
            run = await work.run(body.provider, day)
        except ProviderSilent:
            fail("unavailable", f"{body.provider} gives no report at the moment; it is asked again soon.")
        answer = shown(run)
        answer.status_code = 201
        return answer

    return [list_reconciliations, run_reconciliation]


def _differences(desk: Desk) -> list[HTTPRouteHandler]:
    resolutions = msgspec.json.Decoder(ResolutionBody)
    answers = msgspec.json.Decoder(ResolutionAnswer)

    @get(
        "/differences",
        name="list_differences",
        summary="List differences",
        description="What differs between a provider's report and the ledger, each with its explanation "
        "and the transfer and event it belongs to. A day's effects add up to what lies between both sums.",
        tags=["Reconciliation"],
        opt=says(DifferenceList),
    )
    async def list_differences(
        request: ApiRequest,  # noqa: ARG001
        provider: Word = "",
        day: DayAsked = "",
        standing: Annotated[
            str,
            QueryParameter(
                pattern="^(|explained|waiting|open|proposed|resolved)$", description="How it stands."
            ),
        ] = "",
        order_id: Word = "",
        limit: Limit = 50,
    ) -> Response[bytes]:
        wanted = DifferenceFilter(
            provider=provider,
            day=_day(day, parameter="day") if day else None,
            states=(State(standing),) if standing else (),
            order_id=order_id,
        )
        found = await desk.parts.reconciliation.book.differences(wanted, limit)
        return shown(DifferenceList(tuple(found)))

    @put(
        "/differences/{difference_id:str}/resolution",
        name="resolve_difference",
        summary="Say what was done about a difference",
        description="Settled: the provider or a booking has put it right. Written off: the marketplace bears "
        "it, once a second person agrees.",
        tags=["Reconciliation"],
        opt=says(
            Difference,
            reads=ResolutionBody,
            example={"how": "settled", "reason": "The provider corrected its report."},
        ),
    )
    async def resolve_difference(request: ApiRequest, difference_id: DifferenceId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(resolutions, await request.body())
        work = desk.parts.reconciliation
        return _told(await work.resolve(difference_id, body.how, body.reason, asked.caller.actor))

    @put(
        "/differences/{difference_id:str}/resolution/answer",
        name="answer_resolution",
        summary="Agree that money is written off",
        description="Another person than who proposed it agrees; declined, the difference is open again.",
        tags=["Reconciliation"],
        opt=says(Difference, reads=ResolutionAnswer, example={"agreed": True}),
    )
    async def answer_resolution(request: ApiRequest, difference_id: DifferenceId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(answers, await request.body())
        work = desk.parts.reconciliation
        return _told(await work.answer(difference_id, asked.caller.actor, agreed=body.agreed))

    return [list_differences, resolve_difference, answer_resolution]


def _told(found: Difference | Refused) -> Response[bytes]:
    if isinstance(found, Refused):
        raise ProblemRaised(of_refusal(found))
    return shown(found)


def _day(text: str, *, pointer: str = "", parameter: str = "") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail("invalid", f"{text!r} is no day like 2027-01-31.", pointer=pointer, parameter=parameter)
