"""How routes are declared: what they read, what they answer, and an example, beside Litestar's own words."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.params import PathParameter, QueryParameter

from amends.application.permissions import Caller
from amends.interfaces.api.bodies import ID, Body
from amends.interfaces.api.desk import Asked, Reply, asked

ApiRequest = Request[Caller, None, Any]

OrderId = Annotated[str, PathParameter(pattern=ID, description="The marketplace's own id of the order.")]
LineId = Annotated[str, PathParameter(pattern=ID, description="The id of one of the order's lines.")]
ParcelId = Annotated[str, PathParameter(pattern=ID, description="The marketplace's id of the parcel.")]
TenderId = Annotated[
    str, PathParameter(pattern=ID, description="The marketplace's id of the payment method's share.")
]
CaseId = Annotated[
    str,
    PathParameter(
        pattern=r"^[A-Za-z0-9_-]{1,64}\.[1-9][0-9]{0,5}$", description="The order's id, a dot, a number."
    ),
]
Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str, QueryParameter(max_length=500, description="`next` of the page before.")]
Word = Annotated[str, QueryParameter(max_length=200)]

READS, ANSWERS, EXAMPLE, ANSWER_EXAMPLE = "reads", "answers", "example", "answer_example"


def says(
    answers: Any, *, reads: type[Body] | Any = None, example: object = None, answer_example: object = None
) -> dict[str, Any]:
    """The part of a route's declaration that its OpenAPI description is made of."""
    return {READS: reads, ANSWERS: answers, EXAMPLE: example, ANSWER_EXAMPLE: answer_example}


async def asked_by(request: ApiRequest) -> Asked:
    """Who asks, under which conditions."""
    headers = request.headers
    return asked(
        request.user,
        headers.get("idempotency-key", ""),
        headers.get("if-match", ""),
        headers.get("content-type", ""),
        request.method,
        request.scope["path"],
        await request.body(),
    )


def respond(reply: Reply) -> Response[bytes]:
    """The desk's reply as Litestar sends it."""
    return Response(
        reply.body, status_code=reply.status, headers=dict(reply.headers), media_type="application/json"
    )


_encode = msgspec.json.Encoder().encode


def shown(view: object, etag: str = "") -> Response[bytes]:
    """200 with a view."""
    return Response(_encode(view), headers={"ETag": etag} if etag else {}, media_type="application/json")
