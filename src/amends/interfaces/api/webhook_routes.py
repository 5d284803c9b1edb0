"""Routes of webhooks: endpoints, their secrets, what was sent there, and sending it again."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.application.ports.webhooks import Endpoint, Sending
from amends.application.webhooks import EVENTS
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body, Short
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, Cursor, Limit, asked_by, says, shown

EndpointId = Annotated[str, PathParameter(pattern="^we_[0-9a-f]{20}$", description="The id of the endpoint.")]
DeliveryId = Annotated[
    str, PathParameter(pattern="^[A-Za-z0-9_:~-]{1,120}$", description="The id of a row of the log.")
]


class WebhookBody(Body, frozen=True, kw_only=True):
    """Where to send and of what: names of events, or ``*`` for all."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    events: Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(max_length=100)] = ("*",)
    note: Short = ""


class EndpointView(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint. ``secret`` is there when it is new, and never again."""

    webhook_id: str
    url: str
    events: tuple[str, ...]
    note: str
    created_at: datetime
    secret: str = ""


class EndpointList(msgspec.Struct, frozen=True):
    """The caller's endpoints, and the events there are."""

    webhooks: tuple[EndpointView, ...]
    events: tuple[str, ...]


class SendingView(msgspec.Struct, frozen=True, kw_only=True):
    """One event for an endpoint and what came of it: waiting, delivered or failed."""

    delivery_id: str
    message_id: str
    event: str
    order_id: str
    case_id: str
    at: datetime
    state: str
    attempts: int
    tried_at: datetime | None
    status: int
    why: str


class SendingList(msgspec.Struct, frozen=True):
    """One page of an endpoint's log, newest first."""

    deliveries: tuple[SendingView, ...]
    next: str


class Removed(msgspec.Struct, frozen=True):
    """The endpoint that was removed."""

    webhook_id: str


_EXAMPLE = {"url": "https://hooks.shop.example/amends", "events": ["case_opened", "refund_confirmed"]}


def webhook_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /webhooks."""
    return [*_endpoints(desk), *_deliveries(desk)]


def _endpoints(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(WebhookBody)

    @get(
        "/webhooks",
        name="list_webhooks",
        summary="List your endpoints",
        description="Where you have events sent to, and which events there are.",
        tags=["Webhooks"],
        opt=says(EndpointList),
    )
    async def list_webhooks(request: ApiRequest) -> Response[bytes]:
        found = await desk.parts.correspondence.webhooks.of(request.user)
        return shown(EndpointList(tuple(_view(one) for one in found), EVENTS))

    @post(
        "/webhooks",
        name="create_webhook",
        summary="Register an endpoint",
        description="Events are posted there, signed as Standard Webhooks says, until it answers 2xx."
        " Sellers hear of their own orders, others of all. The address has to be public.",
        tags=["Webhooks"],
        opt=says(EndpointView, reads=WebhookBody, example=_EXAMPLE),
    )
    async def create_webhook(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(bodies, await request.body())
        made = await desk.parts.correspondence.webhooks.register(
            request.user, body.url, body.events, body.note
        )
        if isinstance(made, Refused):
            raise ProblemRaised(of_refusal(made))
        return Response(
            msgspec.json.encode(_view(made, made.secret)),
            status_code=201,
            headers={"Location": f"/v1/webhooks/{made.endpoint_id}"},
            media_type="application/json",
        )

    @get(
        "/webhooks/{webhook_id:str}",
        name="get_webhook",
        summary="Read an endpoint",
        description="Without its secret.",
        tags=["Webhooks"],
        opt=says(EndpointView),
    )
    async def get_webhook(request: ApiRequest, webhook_id: EndpointId) -> Response[bytes]:
        return shown(_view(await _mine(desk, request, webhook_id)))

    @put(
        "/webhooks/{webhook_id:str}",
        name="change_webhook",
        summary="Change an endpoint",
        description="Another address, other events, another note; the secret stays.",
        tags=["Webhooks"],
        opt=says(EndpointView, reads=WebhookBody, example=_EXAMPLE),
    )
    async def change_webhook(request: ApiRequest, webhook_id: EndpointId) -> Response[bytes]:
        await asked_by(request)
        body = read(bodies, await request.body())
        found = await _mine(desk, request, webhook_id)
        made = await desk.parts.correspondence.webhooks.change(found, body.url, body.events, body.note)
        if isinstance(made, Refused):
            raise ProblemRaised(of_refusal(made))
        return shown(_view(made))

    @post(
        "/webhooks/{webhook_id:str}/secret",
        name="rotate_webhook_secret",
        summary="Make a new secret",
        description="The one before signs beside it for a day: nothing is lost while you change over.",
        tags=["Webhooks"],
        opt=says(EndpointView),
    )
    async def rotate_webhook_secret(request: ApiRequest, webhook_id: EndpointId) -> Response[bytes]:
        found = await _mine(desk, request, webhook_id)
        made = await desk.parts.correspondence.webhooks.rotate(found)
        return Response(
            msgspec.json.encode(_view(made, made.secret)), status_code=201, media_type="application/json"
        )

    @delete(
        "/webhooks/{webhook_id:str}",
        name="delete_webhook",
        status_code=200,
        summary="Remove an endpoint",
        description="Nothing is sent there any more.",
        tags=["Webhooks"],
        opt=says(Removed),
    )
    async def delete_webhook(request: ApiRequest, webhook_id: EndpointId) -> Response[bytes]:
        found = await _mine(desk, request, webhook_id)
        await desk.parts.correspondence.webhooks.remove(found)
        return shown(Removed(found.endpoint_id))

    return [list_webhooks, create_webhook, get_webhook, change_webhook, rotate_webhook_secret, delete_webhook]


def _deliveries(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/webhooks/{webhook_id:str}/deliveries",
        name="list_webhook_deliveries",
        summary="Read what was sent",
        description="Every event for the endpoint and what came of it, newest first.",
        tags=["Webhooks"],
        opt=says(SendingList),
    )
    async def list_webhook_deliveries(
        request: ApiRequest, webhook_id: EndpointId, limit: Limit = 50, cursor: Cursor = ""
    ) -> Response[bytes]:
        found = await _mine(desk, request, webhook_id)
        try:
            page = await desk.parts.correspondence.webhooks.log(found, cursor, limit)
        except ValueError as error:
            fail("invalid", f"{error}; send `next` of the page before.", parameter="cursor")
        return shown(SendingList(tuple(_sent(one) for one in page.sendings), page.next))

    @post(
        "/webhooks/{webhook_id:str}/test",
        name="test_webhook",
        summary="Send a test event",
        description="An event named ping, logged like any other.",
        tags=["Webhooks"],
        opt=says(SendingView),
    )
    async def test_webhook(request: ApiRequest, webhook_id: EndpointId) -> Response[bytes]:
        found = await _mine(desk, request, webhook_id)
        sending = await desk.parts.correspondence.webhooks.ping(found)
        return Response(msgspec.json.encode(_sent(sending)), status_code=201, media_type="application/json")

    @post(
        "/webhooks/{webhook_id:str}/deliveries/{delivery_id:str}/replay",
        name="replay_webhook_delivery",
        summary="Send an event again",
        description="With the same message id and body, signed anew.",
        tags=["Webhooks"],
        opt=says(SendingView),
    )
    async def replay_webhook_delivery(
        request: ApiRequest, webhook_id: EndpointId, delivery_id: DeliveryId
    ) -> Response[bytes]:
        found = await _mine(desk, request, webhook_id)
        sending = await desk.parts.correspondence.webhooks.replay(found, delivery_id)
        if sending is None:
            fail("not_found", f"There is no delivery {delivery_id} of this endpoint.")
        return Response(msgspec.json.encode(_sent(sending)), status_code=201, media_type="application/json")

    return [list_webhook_deliveries, test_webhook, replay_webhook_delivery]


async def _mine(desk: Desk, request: ApiRequest, webhook_id: str) -> Endpoint:
    found = await desk.parts.correspondence.webhooks.find(request.user, webhook_id)
    if found is None:
        fail("not_found", f"There is no webhook {webhook_id}.")
    return found


def _view(one: Endpoint, secret: str = "") -> EndpointView:
    return EndpointView(
        webhook_id=one.endpoint_id,
        url=one.url,
        events=one.events,
        note=one.note,
        created_at=one.created_at,
        secret=secret,
    )


def _sent(one: Sending) -> SendingView:
    return SendingView(**{name: getattr(one, name) for name in SendingView.__struct_fields__})
