"""Signing a marketplace's users in: a link that is good for two minutes and works once."""

from datetime import datetime

import msgspec
from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from amends.domain.orders import Tier
from amends.domain.parties import Role
from amends.interfaces.api.bodies import Body
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, asked_by, says


class HandOverBody(Body, frozen=True, kw_only=True):
    """Whom to sign in. ``next`` is the path they want to see; ``zone`` is an IANA zone.

    An account is made where there is none; ``tier`` is taken over, the rest only where the account is silent.
    """

    role: str
    id: str
    name: str = ""
    email: str = ""
    tier: Tier | None = None
    zone: str = ""
    country: str = ""
    next: str = ""


class HandOverView(msgspec.Struct, frozen=True):
    """Where to send the user's browser, before ``expires_at``."""

    url: str
    expires_at: datetime


def hand_over_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The route by which a marketplace hands its users over."""

    @post(
        "/hand-overs",
        name="create_hand_over",
        summary="Sign a user in",
        description="Gives a link that signs one of the marketplace's buyers or sellers in, once, within two"
        " minutes. A marketplace that would rather not call signs such a token itself.",
        tags=["House"],
        opt=says(
            HandOverView,
            reads=HandOverBody,
            example={
                "role": "buyer",
                "id": "buyer-1",
                "name": "Ana Moreno",
                "tier": "platinum",
                "next": "/orders",
            },
        ),
    )
    async def create_hand_over(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(msgspec.json.Decoder(HandOverBody), await request.body())
        if body.role not in {Role.BUYER, Role.SELLER}:
            fail("invalid", "The role has to be buyer or seller.", pointer="/role")
        if not body.id or len(body.id) > 64:
            fail("invalid", "The id has to have 1 to 64 characters.", pointer="/id")
        now = desk.parts.accounts.clock.now()
        claims = msgspec.to_builtins(body)
        claims["sub"] = claims.pop("id")
        url, until = desk.parts.accounts.hand_overs.link(now, **claims)
        view = HandOverView(url, until)
        return Response(
            msgspec.json.encode(view),
            status_code=201,
            headers={"Cache-Control": "no-store"},
            media_type="application/json",
        )

    return [create_hand_over]
