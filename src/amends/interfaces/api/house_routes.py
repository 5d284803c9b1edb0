"""Routes about the house itself: reasons, the sandbox's clock, health, problems, the description of the
API.
"""

from datetime import datetime
from html import escape

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from amends.application.clock import LEAP_MAX
from amends.domain.cases.model import Kind
from amends.domain.parties import Role
from amends.domain.reasons import FAMILIES, REASONS
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.order_bodies import ClockBody
from amends.interfaces.api.problems import KINDS, fail, problem
from amends.interfaces.api.problems import MEDIA_TYPE as PROBLEM_MEDIA_TYPE
from amends.interfaces.api.problems import encode as encode_problem
from amends.interfaces.api.routes import ApiRequest, asked_by, says, shown


class ReasonView(msgspec.Struct, frozen=True, kw_only=True):
    """A reason and what it brings: who proves it, with what, what it opens, who pays the way back, which
    windows.
    """

    code: str
    kind: Kind
    who_asks: Role
    who_proves: Role
    evidence: tuple[str, ...]
    remedies: tuple[str, ...]
    fault: bool
    freight: Role
    windows: tuple[str, ...]


class ReasonFamily(msgspec.Struct, frozen=True):
    """A branch of the tree."""

    family: str
    reasons: tuple[ReasonView, ...]


class ReasonTree(msgspec.Struct, frozen=True):
    """Every reason a case can have."""

    families: tuple[ReasonFamily, ...]


class ClockView(msgspec.Struct, frozen=True):
    """What time it is here, and whether people may move the clock; ``fired`` deadlines on the way there."""

    now: datetime
    sandbox: bool
    fired: int = 0


class Health(msgspec.Struct, frozen=True):
    """Whether the process lives (health) or can work (ready)."""

    status: str


def house_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The routes below /v1 that are about no order."""
    return [_reasons(), *_clock(desk), *_health(desk)]


def _reasons() -> HTTPRouteHandler:
    tree = ReasonTree(
        tuple(
            ReasonFamily(
                family,
                tuple(
                    ReasonView(
                        code=one.code,
                        kind=one.kind,
                        who_asks=one.who_asks,
                        who_proves=one.who_proves,
                        evidence=one.evidence,
                        remedies=one.remedies,
                        fault=one.fault,
                        freight=one.freight,
                        windows=one.windows,
                    )
                    for one in REASONS.values()
                    if one.family == family
                ),
            )
            for family in FAMILIES
        )
    )

    @get(
        "/reasons",
        name="list_reasons",
        summary="Read the tree of reasons",
        description="Every reason with its burden of proof, the evidence that suffices, the remedies it "
        "opens and the windows that apply.",
        tags=["House"],
        opt=says(ReasonTree),
    )
    async def list_reasons(request: ApiRequest) -> Response[bytes]:  # noqa: ARG001
        return shown(tree)

    return list_reasons


def _clock(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/sandbox/clock",
        name="get_clock",
        summary="Read the clock",
        description="The instant all deadlines are measured against.",
        tags=["House"],
        opt=says(ClockView),
    )
    async def get_clock(request: ApiRequest) -> Response[bytes]:  # noqa: ARG001
        return shown(ClockView(desk.parts.clock.now(), desk.parts.sandbox))

    @post(
        "/sandbox/clock",
        name="advance_clock",
        summary="Move the clock",
        description="Only in the sandbox, only forward: every deadline on the way fires, in order.",
        tags=["House"],
        opt=says(ClockView, reads=ClockBody, example={"to": "2026-03-20T00:00:00Z"}),
    )
    async def advance_clock(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(msgspec.json.Decoder(ClockBody), await request.body())
        if not desk.parts.sandbox:
            fail("not_possible_now", "This is no sandbox: its clock is the world's.")
        now = desk.parts.clock.now()
        if body.to <= now:
            fail("invalid", f"The clock stands at {now.isoformat()} and only moves forward.", pointer="/to")
        if body.to > now + LEAP_MAX:
            fail("invalid", f"The clock moves at most {LEAP_MAX.days} days at once.", pointer="/to")
        fired = await desk.parts.advance(body.to)
        return Response(
            msgspec.json.encode(ClockView(desk.parts.clock.now(), sandbox=True, fired=fired)),
            status_code=201,
            headers={"Location": "/v1/sandbox/clock"},
            media_type="application/json",
        )

    return [get_clock, advance_clock]


def _health(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/health",
        name="get_health",
        summary="Does it live",
        description="200 as long as the process answers at all.",
        tags=["House"],
        opt=says(Health),
    )
    async def get_health(request: ApiRequest) -> Response[bytes]:  # noqa: ARG001
        return shown(Health("alive"))

    @get(
        "/ready",
        name="get_ready",
        summary="Can it work",
        description="200 if the database answers, 503 if not.",
        tags=["House"],
        opt=says(Health),
    )
    async def get_ready(request: ApiRequest) -> Response[bytes]:  # noqa: ARG001
        if not await desk.parts.ready():
            fail("unavailable", "The database does not answer.")
        return shown(Health("ready"))

    return [get_health, get_ready]


def problem_routes() -> list[HTTPRouteHandler]:
    """The pages the types of problems lead to."""

    @get("/problems", name="list_problems", include_in_schema=False, media_type="text/html")
    async def list_problems() -> str:
        rows = "".join(
            f'<tr id="{kind}"><td><a href="/problems/{kind}"><code>{kind}</code></a><td>{known.status}'
            f"<td>{escape(known.title)}<td>{escape(known.remedy)}"
            for kind, known in KINDS.items()
        )
        return _PAGE.format(
            title="Problems",
            body="<table><thead><tr><th>Type<th>Status<th>Title<th>What to do</thead>"
            f"<tbody>{rows}</tbody></table>",
        )

    @get("/problems/{kind:str}", name="get_problem", include_in_schema=False)
    async def get_problem(kind: FromPath[str]) -> Response[bytes]:
        known = KINDS.get(kind)
        if known is None:
            missing = problem("not_found", f"There is no problem {kind!r}; /problems lists them.")
            return Response(encode_problem(missing), status_code=404, media_type=PROBLEM_MEDIA_TYPE)
        page = _PAGE.format(
            title=escape(known.title),
            body=f"<p>Status {known.status}, type <code>/problems/{kind}</code>.</p>"
            f"<p>{escape(known.remedy)}</p>"
            '<p><a href="/problems">All problems</a></p>',
        )
        return Response(page.encode(), media_type="text/html")

    return [list_problems, get_problem]


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title><main><h1>{title}</h1>{body}</main></html>"""
