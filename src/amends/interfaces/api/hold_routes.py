"""Every payout that is held: whose, how much, why and until when."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from amends.application.ports.holds import HeldPayout, HoldFilter
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, Cursor, Limit, Word, says, shown


class HoldList(msgspec.Struct, frozen=True):
    """Holds in force, the one that ends first first; ended ones, the one that ended last first.

    ``amount`` is what the seller waits for at most, in minor units; each hold is answered on its order.
    """

    holds: tuple[HeldPayout, ...]
    next: str


def hold_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The list of all holds."""

    @get(
        "/holds",
        name="list_holds",
        summary="List held payouts",
        description="Every payout that is held, or that was: of which order and seller, for which claim, by "
        "which clause and until when. Answer one with `PUT /v1/orders/{order_id}/holds/{hold_id}/answer`.",
        tags=["Money"],
        opt=says(HoldList),
    )
    async def list_holds(
        request: ApiRequest,  # noqa: ARG001
        standing: Annotated[
            Literal["in_force", "ended"],
            QueryParameter(description="Holds `in_force`, or those that `ended`."),
        ] = "in_force",
        seller_id: Word = "",
        limit: Limit = 50,
        cursor: Cursor = "",
    ) -> Response[bytes]:
        wanted = HoldFilter(now=desk.parts.clock.now(), standing=standing, seller_id=seller_id)
        try:
            page = await desk.parts.holds.holds(wanted, cursor, limit)
        except ValueError:
            fail("invalid", "This cursor is none of ours; leave it out to begin anew.", parameter="cursor")
        return shown(HoldList(page.holds, page.next))

    return [list_holds]
