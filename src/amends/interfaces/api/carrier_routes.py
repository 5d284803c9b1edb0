"""The route by which carriers tell of scans by themselves."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from amends.application.ports.sightings import NewsUnreadable, NewsUnsigned
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.evidence_routes import READS_BYTES
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, says

NEWS_BYTES_MAX = 512 * 1024
_SOURCE = Annotated[
    str, PathParameter(pattern=r"^[a-z0-9-]{1,40}$", description="The name the sender was given.")
]


class NewsTaken(msgspec.Struct, frozen=True):
    """How many scans the message told of. Whether anybody knows their numbers is not told."""

    scans: int


def carrier_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route carriers call."""

    @post(
        "/carrier-news/{source:str}",
        name="receive_carrier_news",
        status_code=202,
        request_max_body_size=NEWS_BYTES_MAX,
        summary="Take in a carrier's news",
        description="For carriers and tracking services, in their own form and with their own signature, as "
        "set up by `AMENDS_CARRIER_NEWS`. Scans may come in any order and more than once. A number nobody "
        "knows is no error: it may become known.",
        tags=["House"],
        opt={**says(NewsTaken, answer_example={"scans": 1}), READS_BYTES: "application/json"},
    )
    async def receive_carrier_news(request: ApiRequest, source: _SOURCE) -> Response[bytes]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            # Signatures carry the real time, whatever the sandbox's clock says.
            told = desk.parts.carrier_news.read(source, headers, await request.body(), datetime.now(UTC))
        except NewsUnsigned:
            fail("unauthenticated", "Nobody of that name sends news here, or the signature is not theirs.")
        except NewsUnreadable as error:
            fail("invalid", f"The news cannot be read: {error}")
        await desk.parts.sightings.take(told)
        return Response(
            msgspec.json.encode(NewsTaken(len(told))), status_code=202, media_type="application/json"
        )

    return [receive_carrier_news]
