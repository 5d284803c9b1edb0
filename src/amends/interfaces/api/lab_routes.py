"""Routes of the policy lab: runs of a draft over past cases, and the cases that would end otherwise."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.application.ports.lab import BenchUnavailable, LabRun
from amends.domain.lab.compare import Pair
from amends.domain.lab.tally import Interval, Tally
from amends.domain.policy.stack import PackError
from amends.interfaces.api.bodies import Body
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, problem
from amends.interfaces.api.routes import ApiRequest, Cursor, Limit, asked_by, says, shown

RunId = Annotated[str, PathParameter(pattern="^[0-9a-f]{12}$", description="The id of the run.")]
_LISTED = 100


class LabRunBody(Body, frozen=True, kw_only=True):
    """The draft: a pack in TOML. ``sample`` draws so many past orders at random; 0 takes all."""

    draft: Annotated[str, Meta(min_length=1, max_length=400_000)]
    sample: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    engine: Literal["processes", "ray"] = "processes"


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """Mean difference for each case, draft less past, with its 95 % interval: minor units, or days."""

    buyer: Interval
    seller: Interval
    platform: Interval
    days: Interval


class LabRunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run: how far it is, its sums, and the differences for each case by currency."""

    run_id: str
    title: str
    state: str
    created_at: datetime
    sample: int
    orders: int
    done: int
    seconds: float
    cases: int
    changed: int
    buyers_affected: int
    sellers_affected: int
    differences: dict[str, DifferenceView]
    tally: Tally
    broken: tuple[tuple[str, str], ...]
    error: str


class LabRunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the list."""

    run_id: str
    title: str
    state: str
    created_at: datetime
    orders: int
    done: int
    cases: int
    changed: int


class LabRunList(msgspec.Struct, frozen=True):
    """The latest runs, newest first."""

    runs: tuple[LabRunSummary, ...]


class LabChanges(msgspec.Struct, frozen=True):
    """Cases that end otherwise, by id; ``next`` is the cursor of the following page."""

    changes: tuple[Pair, ...]
    next: str


_DRAFT = """[pack]
id = "shorter-answers"
version = 1
layer = "platform"
extends = "default"
title = "Sellers answer in two days"

[[clause]]
id = "negotiation.seller_response.shorter"
sets = { "negotiation.seller_response" = "2 d" }
default = "grant_request"
sentence = "The seller answers within 2 days; silence grants the request."
citation = "a draft"
"""


def lab_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /lab-runs."""
    return [*_runs(desk), *_steering(desk)]


def _runs(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(LabRunBody)

    @post(
        "/lab-runs",
        name="start_lab_run",
        summary="Try a draft of the policy on past cases",
        description="Every past case is decided again under the terms the draft would have frozen. The answer"
        " comes at once; read the run to see how far it is. A draft with mistakes is refused with each of"
        " them by line.",
        tags=["Policy lab"],
        opt=says(LabRunView, reads=LabRunBody, example={"draft": _DRAFT, "sample": 1000}),
    )
    async def start_lab_run(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(bodies, await request.body())
        by = f"{request.user.role.value}:{request.user.id}"
        try:
            run, runner = await desk.parts.lab.start(
                body.draft, "draft.toml", by=by, sample=body.sample, engine=body.engine
            )
        except PackError as error:
            facts: dict[str, object] = {"problems": msgspec.to_builtins(error.problems)}
            raise ProblemRaised(problem("invalid", str(error), pointer="/draft", facts=facts)) from error
        except BenchUnavailable as error:
            fail("invalid", str(error), pointer="/engine")
        desk.parts.lab.begin(run, runner)
        answer = shown(await _view(desk, run))
        answer.status_code = 201
        return answer

    @get(
        "/lab-runs",
        name="list_lab_runs",
        summary="List runs of the policy lab",
        description="The latest runs, newest first.",
        tags=["Policy lab"],
        opt=says(LabRunList),
    )
    async def list_lab_runs(request: ApiRequest) -> Response[bytes]:  # noqa: ARG001
        found = await desk.parts.lab.runs.latest(_LISTED)
        return shown(LabRunList(tuple(_summary(run) for run in found)))

    @get(
        "/lab-runs/{run_id:str}",
        name="get_lab_run",
        summary="Read a run of the policy lab",
        description="How far it is, and what would be different: sums then and under the draft, and the mean"
        " difference for each case with its 95 % interval.",
        tags=["Policy lab"],
        opt=says(LabRunView),
    )
    async def get_lab_run(request: ApiRequest, run_id: RunId) -> Response[bytes]:  # noqa: ARG001
        return shown(await _view(desk, await _found(desk, run_id)))

    @get(
        "/lab-runs/{run_id:str}/changes",
        name="list_lab_changes",
        summary="List the cases that end otherwise",
        description="Each with how it ended, how it would have ended, and what in the terms differs.",
        tags=["Policy lab"],
        opt=says(LabChanges),
    )
    async def list_lab_changes(
        request: ApiRequest,  # noqa: ARG001
        run_id: RunId,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response[bytes]:
        await _found(desk, run_id)
        page = await desk.parts.lab.changes(run_id, cursor, limit)
        return shown(LabChanges(page.pairs, page.next))

    return [start_lab_run, list_lab_runs, get_lab_run, list_lab_changes]


def _steering(desk: Desk) -> list[HTTPRouteHandler]:
    @post(
        "/lab-runs/{run_id:str}/cancel",
        name="cancel_lab_run",
        summary="Stop a run",
        description="What was computed stays, and the run can be taken up again. One that has ended is left.",
        tags=["Policy lab"],
        opt=says(LabRunView),
    )
    async def cancel_lab_run(request: ApiRequest, run_id: RunId) -> Response[bytes]:
        await asked_by(request)
        await _found(desk, run_id)
        await desk.parts.lab.cancel(run_id)
        return shown(await _view(desk, await _found(desk, run_id)))

    @post(
        "/lab-runs/{run_id:str}/resume",
        name="resume_lab_run",
        summary="Go on with a run",
        description="Takes up a run that was stopped, failed, or was left behind, where it stood.",
        tags=["Policy lab"],
        opt=says(LabRunView),
    )
    async def resume_lab_run(request: ApiRequest, run_id: RunId) -> Response[bytes]:
        await asked_by(request)
        await _found(desk, run_id)
        taken = await desk.parts.lab.resume(run_id)
        if taken is None:
            fail("not_possible_now", "The run is under way or done: there is nothing to take up.")
        desk.parts.lab.begin(*taken)
        return shown(await _view(desk, taken[0]))

    return [cancel_lab_run, resume_lab_run]


async def _found(desk: Desk, run_id: str) -> LabRun:
    run = await desk.parts.lab.runs.get(run_id)
    if run is None:
        fail("not_found", f"There is no run {run_id}.")
    return run


def _summary(run: LabRun) -> LabRunSummary:
    return LabRunSummary(
        run_id=run.run_id,
        title=run.title,
        state=run.state,
        created_at=run.created_at,
        orders=run.orders,
        done=run.done,
        cases=run.tally.cases,
        changed=run.tally.changed,
    )


async def _view(desk: Desk, run: LabRun) -> LabRunView:
    buyers, sellers = await desk.parts.lab.runs.people(run.run_id)
    return LabRunView(
        run_id=run.run_id,
        title=run.title,
        state="left_behind" if desk.parts.lab.stale(run) else run.state,
        created_at=run.created_at,
        sample=run.sample,
        orders=run.orders,
        done=run.done,
        seconds=run.seconds,
        cases=run.tally.cases,
        changed=run.tally.changed,
        buyers_affected=buyers,
        sellers_affected=sellers,
        differences={
            currency: DifferenceView(
                buyer=group.difference("buyer"),
                seller=group.difference("seller"),
                platform=group.difference("platform"),
                days=group.difference("days"),
            )
            for currency, group in run.tally.all.items()
        },
        tally=run.tally,
        broken=run.broken,
        error=run.error,
    )
