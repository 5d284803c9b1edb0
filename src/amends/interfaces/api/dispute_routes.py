"""Disputes as providers tell them: signed events come in, and the evidence against them goes out."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta

from amends.application.ports.disputes import KeptNews, NewsRefused
from amends.application.ports.rebuttals import Rebuttal
from amends.application.representment import Evidence, pack
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import ID, Body, Said
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.evidence_routes import ANSWERS_BYTES
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, Limit, OrderId, asked_by, says, shown

Provider = Annotated[
    Literal["stripe", "paypal"], PathParameter(description="Whose events: `stripe` or `paypal`.")
]
EventId = Annotated[
    str, PathParameter(pattern=r"^[A-Za-z0-9_-]{1,128}$", description="The provider's id of the event.")
]
DisputeId = Annotated[str, PathParameter(pattern=ID, description="The provider's id of the dispute.")]


class Received(msgspec.Struct, frozen=True):
    """What became of an event: ``state`` is waiting (for the order), applied, ignored, refused or
    ``unrelated`` (about no dispute).
    """

    state: str
    dispute_id: str = ""
    order_ids: tuple[str, ...] = ()
    why: str = ""


class AsideBody(Body, frozen=True, kw_only=True):
    """How somebody dealt with it."""

    reason: Said


class NewsView(msgspec.Struct, frozen=True, kw_only=True):
    """News that wait for their order, or that an order refused."""

    provider: str
    event_id: str
    dispute_id: str
    payments: tuple[str, ...]
    amount: int
    currency: str
    status: str
    state: str
    why: str
    at: datetime
    received_at: datetime
    answer_by: datetime | None


class NewsList(msgspec.Struct, frozen=True):
    """What needs somebody, oldest first."""

    news: tuple[NewsView, ...]


class StatementBody(Body, frozen=True, kw_only=True):
    """What the marketplace itself says; it stands before the evidence."""

    note: Said


class StatementAnswer(Body, frozen=True, kw_only=True):
    """Whether a second person agrees; ``note`` says why not."""

    agreed: bool
    note: Annotated[str, Meta(max_length=2000)] = ""


class StatementList(msgspec.Struct, frozen=True):
    """Evidence sent in a dispute, oldest first."""

    statements: tuple[Rebuttal, ...]


def dispute_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Events in, what needs somebody, evidence out."""

    @post(
        "/provider-events/{provider:str}",
        name="receive_provider_event",
        summary="Receive a provider's event",
        description="Where a payment provider sends its events: without a key, but with its signature. "
        "Events about disputes become chargebacks of the orders concerned, once, in whatever order; anything "
        "else is answered and left alone.",
        tags=["Money"],
        status_code=200,
        opt=says(Received),
    )
    async def receive_provider_event(request: ApiRequest, provider: Provider) -> Response[bytes]:
        disputes = desk.parts.disputes
        if provider not in disputes.providers:
            fail("not_found", f"No events of {provider} are taken here.")
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            kept = await disputes.take(provider, await request.body(), headers)
        except NewsRefused as refusal:
            fail("invalid", f"This event is not taken in: {refusal}.", parameter="signature")
        if kept is None:
            return shown(Received("unrelated"))
        return shown(Received(kept.state, kept.news.dispute_id, kept.order_ids, kept.why))

    @get(
        "/provider-events",
        name="list_provider_events",
        summary="List events that need somebody",
        description="Disputes about a payment that no order has yet, and those an order refused.",
        tags=["Money"],
        opt=says(NewsList),
    )
    async def list_provider_events(request: ApiRequest, limit: Limit = 50) -> Response[bytes]:  # noqa: ARG001
        found = await desk.parts.disputes.book.waiting(limit)
        return shown(NewsList(tuple(_view(one) for one in found)))

    bodies = msgspec.json.Decoder(AsideBody)

    @put(
        "/provider-events/{provider:str}/{event_id:str}",
        name="put_event_aside",
        summary="Put an event aside",
        description="Somebody has dealt with an event that found no order, or that an order refused.",
        tags=["Money"],
        opt=says(
            Received, reads=AsideBody, example={"reason": "Another shop's payment; told to the provider."}
        ),
    )
    async def put_event_aside(request: ApiRequest, provider: Provider, event_id: EventId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        kept = await desk.parts.disputes.put_aside(provider, event_id, body.reason, asked.caller.actor)
        if isinstance(kept, Refused):
            raise ProblemRaised(of_refusal(kept))
        return shown(Received(kept.state, kept.news.dispute_id, kept.order_ids, kept.why))

    @get(
        "/orders/{order_id:str}/chargebacks/{dispute_id:str}/evidence",
        name="get_chargeback_evidence",
        summary="Get the evidence for the bank",
        description="A ZIP with what speaks for the marketplace: a summary, bodies in the shapes of Stripe "
        "and PayPal, the order, its cases and the terms frozen at purchase. This sends nothing to anybody.",
        tags=["Money"],
        opt={**says(bytes), ANSWERS_BYTES: "application/zip"},
    )
    async def get_chargeback_evidence(
        request: ApiRequest, order_id: OrderId, dispute_id: DisputeId
    ) -> Response[bytes]:
        custody, scene = await desk.scene(request.user, order_id)
        dispute = next((one for one in custody.chargebacks if one.dispute_id == dispute_id), None)
        if dispute is None:
            fail("not_found", f"There is no dispute {dispute_id}.")
        terms = await desk.terms([line.terms_id for line in custody.order.lines])
        cases = [scene.cases[case_id] for case_id in sorted(scene.cases)]
        packed = pack(Evidence(custody=custody, dispute=dispute, cases=cases, terms=terms))
        return Response(
            packed,
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="evidence-{dispute_id}.zip"'},
        )

    return [
        receive_provider_event,
        list_provider_events,
        put_event_aside,
        get_chargeback_evidence,
        *_statements(desk),
    ]


def _statements(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(StatementBody)
    answers = msgspec.json.Decoder(StatementAnswer)
    path = "/orders/{order_id:str}/chargebacks/{dispute_id:str}/statements"

    @get(
        path,
        name="list_statements",
        summary="List what was sent to the provider",
        description="Evidence that was sent in a dispute, or waits for a second person, and what the "
        "provider said.",
        tags=["Money"],
        opt=says(StatementList),
    )
    async def list_statements(
        request: ApiRequest, order_id: OrderId, dispute_id: DisputeId
    ) -> Response[bytes]:
        await desk.scene(request.user, order_id)
        found = await desk.parts.rebuttals.of_dispute(order_id, dispute_id)
        return shown(StatementList(tuple(found)))

    @post(
        path,
        name="send_statement",
        summary="Send the evidence to the provider",
        description="Sends what `GET .../evidence` shows, with a word of the marketplace's own, to Stripe or "
        "PayPal. Above the order's `chargeback.alone` it waits until a second person agrees. What was sent "
        "cannot be taken back.",
        tags=["Money"],
        opt=says(
            Rebuttal, reads=StatementBody, example={"note": "Delivered to the buyer's own postcode, signed."}
        ),
    )
    async def send_statement(
        request: ApiRequest, order_id: OrderId, dispute_id: DisputeId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        await desk.scene(request.user, order_id)
        work = desk.parts.rebuttals
        answer = _told(await work.propose(order_id, dispute_id, body.note, asked.caller.actor))
        answer.status_code = 201
        return answer

    @put(
        f"{path}/answer",
        name="answer_statement",
        summary="Agree that evidence is sent",
        description="Another operator than who wanted it sent agrees; any of them may say no, and why.",
        tags=["Money"],
        opt=says(Rebuttal, reads=StatementAnswer, example={"agreed": True}),
    )
    async def answer_statement(
        request: ApiRequest, order_id: OrderId, dispute_id: DisputeId
    ) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(answers, await request.body())
        await desk.scene(request.user, order_id)
        work, by = desk.parts.rebuttals, asked.caller.actor
        return _told(await work.answer(order_id, dispute_id, by, agreed=body.agreed, why=body.note))

    return [list_statements, send_statement, answer_statement]


def _told(found: Rebuttal | Refused) -> Response[bytes]:
    if isinstance(found, Refused):
        raise ProblemRaised(of_refusal(found))
    return shown(found)


def _view(kept: KeptNews) -> NewsView:
    news = kept.news
    return NewsView(
        provider=news.provider,
        event_id=news.event_id,
        dispute_id=news.dispute_id,
        payments=news.payments,
        amount=news.amount,
        currency=news.currency,
        status=news.status,
        state=kept.state,
        why=kept.why,
        at=news.at,
        received_at=kept.received_at,
        answer_by=news.answer_by,
    )
