"""Routes of extensions: the seller offers more time to return, the buyer accepts or declines."""

from typing import Annotated

import msgspec
from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.application.extensions import terms_agreed
from amends.application.ports import Done
from amends.domain.custody import commands as oc
from amends.interfaces.api.bodies import ID, Body, Words
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.routes import ApiRequest, OrderId, asked_by, respond, says
from amends.interfaces.api.views import OrderStanding

ExtensionId = Annotated[str, PathParameter(pattern=ID, description="The seller's own id of the extension.")]


class ExtensionBody(Body, frozen=True, kw_only=True):
    """The last day a return or refund may be asked for, and a word to the buyer."""

    until: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", description="The last day, ISO 8601.")]
    note: Words = ""


class ExtensionAnswerBody(Body, frozen=True, kw_only=True):
    """Whether the buyer accepts."""

    agreed: bool


def extension_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Offering and answering."""
    offers, answers = msgspec.json.Decoder(ExtensionBody), msgspec.json.Decoder(ExtensionAnswerBody)

    @put(
        "/orders/{order_id:str}/extensions/{extension_id:str}",
        name="offer_extension",
        summary="Offer more time to return",
        description="The seller offers a later last day for this order. It binds once the buyer accepts.",
        tags=["Orders"],
        opt=says(
            OrderStanding, reads=ExtensionBody, example={"until": "2026-04-30", "note": "Take your time."}
        ),
    )
    async def offer_extension(
        request: ApiRequest, order_id: OrderId, extension_id: ExtensionId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(offers, await request.body())
        command = oc.OfferExtension(extension_id=extension_id, until=body.until, note=body.note)
        return respond(await desk.order_reply(await desk.submit(asked, command, order_id), 200))

    @put(
        "/orders/{order_id:str}/extensions/{extension_id:str}/answer",
        name="answer_extension",
        summary="Answer an extension",
        description="The buyer accepts: the agreement becomes a clause of each line's terms and the money is "
        "held as long. Or declines.",
        tags=["Orders"],
        opt=says(OrderStanding, reads=ExtensionAnswerBody, example={"agreed": True}),
    )
    async def answer_extension(
        request: ApiRequest, order_id: OrderId, extension_id: ExtensionId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(answers, await request.body())
        custody, _ = await desk.scene(asked.caller, order_id)
        known = await desk.terms([line.terms_id for line in custody.order.lines])
        envelope = desk.envelope(
            asked, oc.AnswerExtension(extension_id=extension_id, agreed=body.agreed), order_id
        )
        terms = terms_agreed(custody, known, extension_id) if body.agreed else ()
        result = await desk.parts.submit(msgspec.structs.replace(envelope, terms=terms))
        if not isinstance(result, Done):
            await desk.refuse(result, asked.caller, order_id)
        return respond(await desk.order_reply(result, 200))

    return [offer_extension, answer_extension]
