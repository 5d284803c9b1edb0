"""Routes of money that goes back beside the cases: goodwill, and payments the buyer's bank disputes."""

from typing import Annotated, Literal

import msgspec
from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from amends.domain.custody import commands as oc
from amends.interfaces.api.bodies import ID, Amount, Body, Currency, Id, Priced, Said, Words
from amends.interfaces.api.desk import MACHINES, Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import ApiRequest, OrderId, asked_by, respond, says
from amends.interfaces.api.views import OrderStanding

GoodwillId = Annotated[str, PathParameter(pattern=ID, description="Your own id of the goodwill.")]
DisputeId = Annotated[str, PathParameter(pattern=ID, description="The provider's id of the dispute.")]


class GoodwillBody(Priced, frozen=True, kw_only=True):
    """Credit for the buyer, and why."""

    amount: Amount
    currency: Currency | None = None
    reason: Said

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.currency or "", "/currency"


class GoodwillAnswer(Body, frozen=True, kw_only=True):
    """Whether a second person agrees."""

    agreed: bool


class ChargebackBody(Priced, frozen=True, kw_only=True):
    """A dispute as the provider tells it: which payment, how much, and the provider's word for why."""

    tender_id: Id
    amount: Amount
    currency: Currency | None = None
    reason: Words = ""

    @property
    def currency_named(self) -> tuple[str, str]:
        return self.currency or "", "/currency"


class ChargebackOutcome(Body, frozen=True, kw_only=True):
    """How the bank decided: ``won`` by the marketplace, or ``lost`` to the buyer."""

    status: Literal["won", "lost"]


def redress_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The routes below an order for goodwill and chargebacks."""
    return [*_goodwill(desk), *_chargebacks(desk)]


def _goodwill(desk: Desk) -> list[HTTPRouteHandler]:
    gifts = msgspec.json.Decoder(GoodwillBody)
    answers = msgspec.json.Decoder(GoodwillAnswer)

    @put(
        "/orders/{order_id:str}/goodwill/{goodwill_id:str}",
        name="give_goodwill",
        summary="Give goodwill",
        description="Credit on the buyer's balance, paid by the marketplace's fund. Above the limit of the "
        "order's terms it waits until a second operator agrees.",
        tags=["Money"],
        opt=says(
            OrderStanding,
            reads=GoodwillBody,
            example={"amount": 500, "currency": "EUR", "reason": "Our answer came late."},
        ),
    )
    async def give_goodwill(
        request: ApiRequest, order_id: OrderId, goodwill_id: GoodwillId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(gifts, await request.body())
        await desk.check_currency(asked.caller, order_id, body)
        command = oc.GiveGoodwill(goodwill_id=goodwill_id, amount=body.amount, reason=body.reason)
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    @put(
        "/orders/{order_id:str}/goodwill/{goodwill_id:str}/answer",
        name="answer_goodwill",
        summary="Answer proposed goodwill",
        description="Another operator than who proposed it agrees; any of them may decline.",
        tags=["Money"],
        opt=says(OrderStanding, reads=GoodwillAnswer, example={"agreed": True}),
    )
    async def answer_goodwill(
        request: ApiRequest, order_id: OrderId, goodwill_id: GoodwillId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(answers, await request.body())
        command = oc.AnswerGoodwill(goodwill_id=goodwill_id, agreed=body.agreed)
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    return [give_goodwill, answer_goodwill]


def _chargebacks(desk: Desk) -> list[HTTPRouteHandler]:
    disputes = msgspec.json.Decoder(ChargebackBody)
    outcomes = msgspec.json.Decoder(ChargebackOutcome)

    @put(
        "/orders/{order_id:str}/chargebacks/{dispute_id:str}",
        name="open_chargeback",
        summary="Tell a dispute of the bank",
        description="The buyer's bank disputes a payment. What was not back yet is reserved: no "
        "refund can take it, and payouts wait.",
        tags=["Money"],
        opt=says(
            OrderStanding,
            reads=ChargebackBody,
            example={"tender_id": "T1", "amount": 2990, "currency": "EUR", "reason": "product_not_received"},
        ),
    )
    async def open_chargeback(
        request: ApiRequest, order_id: OrderId, dispute_id: DisputeId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(disputes, await request.body())
        if asked.caller.role in MACHINES:
            custody, _ = await desk.scene(asked.caller, order_id)
            theirs = {t.tender_id for t in custody.order.tenders if t.provider == asked.caller.id}
            if body.tender_id not in theirs:
                fail("not_yours", "A provider tells of its own payments only.", pointer="/tender_id")
        await desk.check_currency(asked.caller, order_id, body)
        command = oc.OpenChargeback(
            dispute_id=dispute_id, tender_id=body.tender_id, amount=body.amount, reason=body.reason
        )
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    @put(
        "/orders/{order_id:str}/chargebacks/{dispute_id:str}/outcome",
        name="resolve_chargeback",
        summary="Tell how a dispute ended",
        description="Won: the money is free again and payouts go on. Lost: the bank has taken it.",
        tags=["Money"],
        opt=says(OrderStanding, reads=ChargebackOutcome, example={"status": "won"}),
    )
    async def resolve_chargeback(
        request: ApiRequest, order_id: OrderId, dispute_id: DisputeId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(outcomes, await request.body())
        if asked.caller.role in MACHINES:
            custody, _ = await desk.scene(asked.caller, order_id)
            theirs = {t.tender_id for t in custody.order.tenders if t.provider == asked.caller.id}
            known = {one.dispute_id for one in custody.chargebacks if one.tender_id in theirs}
            if dispute_id not in known:
                fail("not_found", f"There is no dispute {dispute_id}.")
        command = oc.ResolveChargeback(dispute_id=dispute_id, won=body.status == "won")
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    return [open_chargeback, resolve_chargeback]
