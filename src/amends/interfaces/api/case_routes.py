"""Routes of cases: opening them, reading them, and a route for every deed."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from amends.application.permissions import Caller, sees_case
from amends.application.ports import CaseFilter, KeyRole
from amends.domain.cases import commands as c
from amends.domain.cases.model import State
from amends.domain.parties import Role
from amends.interfaces.api.bodies import CancellationBody, ClaimBody
from amends.interfaces.api.conditions import etag
from amends.interfaces.api.deeds import DEEDS, Deed
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.order_bodies import SimulationBody
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import (
    ApiRequest,
    CaseId,
    Cursor,
    Limit,
    OrderId,
    Word,
    asked_by,
    respond,
    says,
    shown,
)
from amends.interfaces.api.simulation import Simulated, simulate
from amends.interfaces.api.views import (
    ActionList,
    CaseList,
    CaseView,
    RefundList,
    Timeline,
    case_brief,
    refund_list,
    timeline,
)

OpeningBody = CancellationBody | ClaimBody

_BEFORE_MEDIATORS = tuple(
    state.value
    for state in (State.MEDIATING, State.MEDIATING_LATE, State.AWAITING_EVIDENCE, State.RULED, State.APPEALED)
)
_CLAIM = {
    "kind": "claim",
    "reason": "quality.defective",
    "units": [{"line_id": "L1", "index": 0}],
    "wanted": {"amount": 2500, "currency": "EUR", "goods": "return", "freight_payer": "seller"},
    "story": "It does not switch on.",
    "evidence": [{"kind": "video", "note": "Pressing the button", "url": "https://files.example/1.mp4"}],
}


def case_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /cases, and the one that opens a case on an order."""
    return [
        _opening(desk),
        *_reading(desk),
        _simulating(desk),
        *(_deed(desk, deed) for deed in DEEDS.values()),
    ]


def _opening(desk: Desk) -> HTTPRouteHandler:
    decoder: msgspec.json.Decoder[CancellationBody | ClaimBody] = msgspec.json.Decoder(OpeningBody)

    @post(
        "/orders/{order_id:str}/cases",
        name="open_case",
        summary="Open a case",
        description="Cancel what has not been shipped, or claim a remedy for what has. A draft stays with"
        " the buyer.",
        tags=["Cases"],
        opt=says(CaseView, reads=OpeningBody, example=_CLAIM),
    )
    async def open_case(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(decoder, await request.body())
        command: c.OpenClaim | c.OpenCancellation
        units = tuple(unit.unit() for unit in body.units)
        if isinstance(body, ClaimBody):
            await desk.check_currency(asked.caller, order_id, body)
            now = desk.parts.clock.now()
            command = c.OpenClaim(
                reason=body.reason,
                units=units,
                wanted=body.wanted.remedy(),
                story=body.story,
                evidence=tuple(one.item(Role.BUYER, now) for one in body.evidence),
                draft=body.draft,
            )
        else:
            command = c.OpenCancellation(reason=body.reason, units=units, story=body.story)
        done = await desk.submit(asked, command, order_id)
        return respond(await desk.case_reply(done, asked.caller, 201))

    return open_case


def _reading(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/cases",
        name="list_cases",
        summary="List cases",
        description="One's own cases, the nearest deadline first. Mediators see what was brought before "
        "them.",
        tags=["Cases"],
        opt=says(CaseList),
    )
    async def list_cases(
        request: ApiRequest,
        order_id: Word = "",
        buyer_id: Word = "",
        seller_id: Word = "",
        in_state: Annotated[
            State | None, QueryParameter(name="state", description="Only cases in this state.")
        ] = None,
        waiting_on: Annotated[
            Role | None, QueryParameter(description="Only cases that wait on this role.")
        ] = None,
        reason: Word = "",
        live: Annotated[
            bool | None, QueryParameter(description="Only cases that can still go on, or cannot.")
        ] = None,
        mine: Annotated[
            bool, QueryParameter(description="For mediators: only the cases one has taken.")
        ] = False,
        order: Annotated[
            str, QueryParameter(pattern="^(due|opened)$", description="`due` or `opened`.")
        ] = "due",
        limit: Limit = 50,
        cursor: Cursor = "",
    ) -> Response[bytes]:
        caller = request.user
        wanted = CaseFilter(
            buyer_id=buyer_id,
            seller_id=seller_id,
            order_id=order_id,
            states=(in_state.value,) if in_state else (),
            waiting_on=waiting_on.value if waiting_on else "",
            reason=reason,
            live=live,
            order=order,
        )
        try:
            page = await desk.parts.reader.cases(_own(wanted, caller, mine=mine), cursor, limit)
        except ValueError:
            fail("invalid", "This cursor is none of ours; leave it out to begin anew.", parameter="cursor")
        return shown(
            CaseList(tuple(case_brief(case) for case in page.cases if sees_case(caller, case)), page.next)
        )

    @get(
        "/cases/{case_id:str}",
        name="get_case",
        summary="Read a case",
        description="The case, whose turn it is until when and what happens otherwise, what the caller "
        "can do, and its money. "
        "`timeline=true` adds everything that happened. The ETag is the case's version.",
        tags=["Cases"],
        opt=says(CaseView),
    )
    async def get_case(
        request: ApiRequest,
        case_id: CaseId,
        timeline: Annotated[bool, QueryParameter(description="With everything that happened.")] = False,
    ) -> Response[bytes]:
        return respond(await desk.show_case(request.user, case_id, timeline=timeline))

    return [list_cases, get_case, *_details(desk)]


def _details(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/cases/{case_id:str}/timeline",
        name="get_case_timeline",
        summary="Read a case's timeline",
        description="Every event, oldest first, with the hash that chains it to the one before.",
        tags=["Cases"],
        opt=says(Timeline),
    )
    async def get_case_timeline(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        return shown(Timeline(case_id, timeline(file.timeline, request.user)), etag(file.case.seq))

    @get(
        "/cases/{case_id:str}/refunds",
        name="get_case_refunds",
        summary="Read a case's refunds",
        description="One a payment method: approved, initiated, confirmed or failed, and when it should "
        "arrive.",
        tags=["Cases"],
        opt=says(RefundList),
    )
    async def get_case_refunds(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        return shown(refund_list(file, request.user), etag(file.case.seq))

    @get(
        "/cases/{case_id:str}/actions",
        name="get_case_actions",
        summary="Read what can be done",
        description="The caller's actions, those that are due first, and how to take them.",
        tags=["Cases"],
        opt=says(ActionList),
    )
    async def get_case_actions(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        view = await desk.view(request.user, file)
        return shown(ActionList(view.version, view.turn, view.actions), etag(view.version))

    return [get_case_timeline, get_case_refunds, get_case_actions]


def _simulating(desk: Desk) -> HTTPRouteHandler:
    decoder = msgspec.json.Decoder(SimulationBody)

    @post(
        "/cases/{case_id:str}/simulation",
        name="simulate",
        status_code=200,
        summary="Try an action out",
        description="What the action would lead to: state, whose turn, money. Nothing is written. `lapse`"
        " shows what "
        "happens at the deadline if nobody does anything.",
        tags=["Cases"],
        opt=says(
            Simulated,
            reads=SimulationBody,
            example={"action": "make_offer", "body": DEEDS["make_offer"].example},
        ),
    )
    async def simulate_action(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        await asked_by(request)
        body = read(decoder, await request.body())
        return shown(await simulate(desk, request.user, case_id, body))

    return simulate_action


def _deed(desk: Desk, deed: Deed) -> HTTPRouteHandler:
    async def perform(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        asked = await asked_by(request)
        return respond(await desk.perform(deed, case_id, await request.body(), asked))

    perform.__name__ = deed.name
    return HTTPRouteHandler(
        f"/cases/{{case_id:str}}/{deed.path}",
        http_method=deed.method,
        name=deed.name,
        status_code=200 if deed.method == "PUT" else 201,
        summary=deed.summary,
        description=deed.description,
        tags=["Deeds"],
        opt=says(CaseView, reads=deed.body, example=deed.example),
    )(perform)


def _own(wanted: CaseFilter, caller: Caller, *, mine: bool) -> CaseFilter:
    """The filter narrowed to what exists for the caller."""
    match caller.role:
        case KeyRole.BUYER:
            return msgspec.structs.replace(wanted, buyer_id=_narrowed("buyer_id", wanted.buyer_id, caller.id))
        case KeyRole.SELLER:
            return msgspec.structs.replace(
                wanted, seller_id=_narrowed("seller_id", wanted.seller_id, caller.id)
            )
        case KeyRole.MEDIATOR if mine:
            return msgspec.structs.replace(wanted, mediator_id=caller.id)
        case KeyRole.MEDIATOR if not wanted.states:
            return msgspec.structs.replace(wanted, states=_BEFORE_MEDIATORS)
        case _:
            return wanted


def _narrowed(name: str, asked: str, own: str) -> str:
    if asked not in {"", own}:
        fail("forbidden", "Only one's own can be listed.", parameter=name)
    return own
