"""What staff do where goods are said to be counterfeit: look at the same goods, hold and release payouts."""

from typing import Annotated

import msgspec
from litestar import Response, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from amends.application.counterfeits import SimilarOrder, similar_orders
from amends.domain.custody import commands as oc
from amends.interfaces.api.bodies import Body, Said
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.routes import ApiRequest, CaseId, OrderId, asked_by, respond, says, shown
from amends.interfaces.api.views import OrderStanding

HoldId = Annotated[
    str,
    PathParameter(
        pattern=r"^[A-Za-z0-9_.-]{1,80}$",
        description="Your own id of the hold; holds placed for a claim have the case's id.",
    ),
]


class SimilarOrders(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, newest first; ``searched`` orders of the seller were looked at, the newest ones."""

    case_id: str
    seller_id: str
    searched: int
    orders: tuple[SimilarOrder, ...]


class HoldBody(Body, frozen=True, kw_only=True):
    """Why the payout is held."""

    reason: Said


class HoldAnswer(Body, frozen=True, kw_only=True):
    """Whether the payout is ``kept`` back for longer, or released; and why."""

    kept: bool
    reason: Said


def counterfeit_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Similar orders of a case, and the holds of an order."""
    return [_similar(desk), *_holds(desk)]


def _similar(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/cases/{case_id:str}/similar-orders",
        name="list_similar_orders",
        summary="Find orders with the same goods",
        description="Other orders of the same seller with the same article number or title, newest first: "
        "where one is counterfeit, the others may be. `hold` says how the claim holds their payout.",
        tags=["Cases"],
        opt=says(SimilarOrders),
    )
    async def list_similar_orders(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        found = await similar_orders(desk.parts.reader, file.case, file.custody.order)
        return shown(
            SimilarOrders(
                case_id=case_id,
                seller_id=file.case.seller_id,
                searched=found.searched,
                orders=found.orders,
            )
        )

    return list_similar_orders


def _holds(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(HoldBody)
    answers = msgspec.json.Decoder(HoldAnswer)

    @put(
        "/orders/{order_id:str}/holds/{hold_id:str}",
        name="hold_payout",
        summary="Hold a payout",
        description="Keeps the seller's payout of the order back, for as long as the order's terms allow "
        "(`counterfeit.hold`); unanswered it is released by itself. Refused once the money has left.",
        tags=["Money"],
        opt=says(OrderStanding, reads=HoldBody, example={"reason": "The maker says the lot is forged."}),
    )
    async def hold_payout(request: ApiRequest, order_id: OrderId, hold_id: HoldId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        command = oc.HoldPayout(hold_id=hold_id, reason=body.reason)
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    @put(
        "/orders/{order_id:str}/holds/{hold_id:str}/answer",
        name="answer_hold",
        summary="Keep or release a held payout",
        description="Kept: the payout waits for `counterfeit.keep` from now on. Released: it goes its way.",
        tags=["Money"],
        opt=says(
            OrderStanding,
            reads=HoldAnswer,
            example={"kept": False, "reason": "The maker confirmed that the goods are genuine."},
        ),
    )
    async def answer_hold(request: ApiRequest, order_id: OrderId, hold_id: HoldId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(answers, await request.body())
        command = oc.AnswerHold(hold_id=hold_id, kept=body.kept, reason=body.reason)
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    return [hold_payout, answer_hold]
