"""Routes of sending goods back: rates, labels, papers, what a trace says, and the carriers' own news."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from amends.application.ports.carriers import PaperFacts, PapersUnavailable
from amends.application.return_papers import checklist, claim_facts, label_facts
from amends.application.words import Words
from amends.domain.carriage import Comparison
from amends.domain.orders import Signal, Unit
from amends.domain.refusals import Refused
from amends.domain.tracking.analysis import Analysis
from amends.domain.tracking.numbers import Candidate, mistyped, normal
from amends.domain.tracking.statuses import normalise
from amends.interfaces.api.bodies import Body, Named, Short
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import fail
from amends.interfaces.api.routes import (
    ApiRequest,
    CaseId,
    LineId,
    OrderId,
    ParcelId,
    asked_by,
    respond,
    says,
    shown,
)
from amends.interfaces.api.views import CaseView

_NUMBER = Annotated[str, PathParameter(max_length=60, description="As written on the label or the receipt.")]
_WHICH = Annotated[
    str,
    QueryParameter(
        max_length=60, description="Which parcel, where there are several; else the first that is missing."
    ),
]
_PIECES = Annotated[int, QueryParameter(ge=1, le=100_000, description="How many are to be exchanged.")]
_SIZE = Annotated[str, QueryParameter(pattern="^(a4|4x6)$", description="`a4` or `4x6` (inches).")]


class LabelOrder(Body, frozen=True, kw_only=True):
    """Which carrier and service of the comparison."""

    carrier: Named
    service: Named


class RatesView(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison, and whether its prices are only illustrative."""

    comparison: Comparison
    illustrative: bool


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything needed to pack and send a return; empty until the seller has named the address."""

    authorisation: str
    address: str
    note: str
    label: str
    tracking_number: str
    code: str
    checklist: tuple[str, ...]


class NumberView(msgspec.Struct, frozen=True, kw_only=True):
    """Whose number it may be. ``mistyped``: it has the form of a post's number, and its check digit is
    wrong.
    """

    number: str
    mistyped: bool
    candidates: tuple[Candidate, ...]


class StatusBody(Body, frozen=True, kw_only=True):
    """A carrier's own words for a status."""

    status: Annotated[str, Meta(min_length=1, max_length=500)]
    detail: Short = ""


class StatusView(msgspec.Struct, frozen=True):
    """The status in our words."""

    signal: Signal


class ReplacementView(msgspec.Struct, frozen=True, kw_only=True):
    """One form the goods can be exchanged for; ``difference`` is what all pieces cost more than was paid."""

    variant: str
    price: int
    available: int
    enough: bool
    difference: int


class ReplacementsView(msgspec.Struct, frozen=True, kw_only=True):
    """What goods can be exchanged for. ``known``: the marketplace's stock answered; otherwise any variant may
    be asked for. Amounts are minor units of ``currency``."""

    known: bool
    pieces: int
    currency: str
    replacements: tuple[ReplacementView, ...]


def shipping_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route about carriers."""
    return [*_returns(desk), *_papers(desk), *_tracking(desk), _exchanges(desk)]


def _exchanges(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/orders/{order_id:str}/lines/{line_id:str}/replacements",
        name="list_replacements",
        summary="List what a line can be exchanged for",
        description="The variants in the marketplace's stock now, sold out ones too, with the difference in "
        "price for so many pieces. Agreed, one is kept for the buyer until the terms let it go.",
        tags=["Orders"],
        opt=says(
            ReplacementsView,
            answer_example={
                "known": True,
                "pieces": 1,
                "currency": "EUR",
                "replacements": [
                    {"variant": "brass", "price": 7290, "available": 2, "enough": True, "difference": 800}
                ],
            },
        ),
    )
    async def list_replacements(
        request: ApiRequest, order_id: OrderId, line_id: LineId, pieces: _PIECES = 1
    ) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        line = custody.order.line(line_id)
        if line is None:
            fail("not_found", f"The order has no line {line_id}.")
        units = tuple(Unit(line_id, index) for index in range(min(pieces, line.quantity)))
        found = await desk.parts.exchanges.replacements(custody.order, units)
        listed = tuple(
            ReplacementView(
                variant=one.variant,
                price=one.price,
                available=one.available,
                enough=bool(found.in_stock(one.variant)),
                difference=found.difference(one.variant),
            )
            for one in found.variants
        )
        return shown(
            ReplacementsView(
                known=found.known, pieces=found.quantity, currency=found.currency, replacements=listed
            )
        )

    return list_replacements


def _returns(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/cases/{case_id:str}/return",
        name="get_return",
        summary="Read how to send it back",
        description="The return number, the address, what to enclose, and the label where there is one.",
        tags=["Cases"],
        opt=says(ReturnView),
    )
    async def get_return(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        case, given = file.case, file.case.instructions
        view = ReturnView(
            authorisation=given.authorisation if given else "",
            address=given.address if given else "",
            note=given.note if given else "",
            label=given.label if given else "",
            tracking_number=case.label.tracking_number if case.label else "",
            code=case.label.code if case.label else "",
            checklist=checklist(case, file.custody, Words()),
        )
        return shown(view)

    @get(
        "/cases/{case_id:str}/return/rates",
        name="compare_rates",
        summary="Compare carriers",
        description="What each carrier asks for the parcel back, its days, tracked or not; and whether "
        "sending it is worth it at all.",
        tags=["Cases"],
        opt=says(RatesView),
    )
    async def compare_rates(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        shipping = desk.parts.shipping
        compared = shipping.comparison(file.case, file.custody)
        return shown(RatesView(comparison=compared, illustrative=shipping.illustrative))

    orders = msgspec.json.Decoder(LabelOrder)

    @post(
        "/cases/{case_id:str}/return/label",
        name="book_label",
        summary="Get a prepaid label",
        description="Where the seller or the marketplace provides the label: books the carrier at the price "
        "of the comparison. The same again is the same label.",
        tags=["Cases"],
        opt=says(CaseView, reads=LabelOrder, example={"carrier": "dhl", "service": "parcel"}),
    )
    async def book_label(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(orders, await request.body())
        file = await desk.file(asked.caller, case_id)
        done = await desk.parts.shipping.book(file.case, file.custody, body.carrier, body.service)
        if isinstance(done, Refused):
            await desk.refuse(done, asked.caller, file.case.order_id, case_id)
        return respond(await desk.case_reply(done, asked.caller, 201))

    return [get_return, compare_rates, book_label]


def _papers(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/cases/{case_id:str}/return/label",
        name="get_label",
        summary="Download the label",
        description="As PDF, with the tracking number as Code 128 and the drop-off code as QR.",
        tags=["Cases"],
        opt={**says(bytes), "media": "application/pdf"},
    )
    async def get_label(request: ApiRequest, case_id: CaseId, size: _SIZE = "a4") -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        order = file.custody.order
        facts = label_facts(
            file, Words(), size, (order.buyer_id, f"{order.buyer_postcode} {order.buyer_country}")
        )
        if facts is None:
            fail("not_found", "This return has no label.")
        try:
            made = await desk.parts.shipping.papers.label(facts)
        except PapersUnavailable:
            fail("unavailable", "The label cannot be made at the moment.")
        return _pdf(made, f"label-{case_id}.pdf")

    @get(
        "/cases/{case_id:str}/return/carrier-claim",
        name="get_carrier_claim",
        summary="Read the claim to the carrier",
        description="Everything a carrier wants to know of a parcel it lost: numbers, dates, scans, "
        "contents, value, proof of posting.",
        tags=["Cases"],
        opt=says(PaperFacts),
    )
    async def get_carrier_claim(
        request: ApiRequest, case_id: CaseId, tracking_number: _WHICH = ""
    ) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        facts = claim_facts(file, Words(), tracking_number)
        if facts is None:
            fail("not_found", "Nothing has been sent back for this case.")
        return shown(facts)

    return [get_label, get_carrier_claim]


def _pdf(made: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(made, headers=headers, media_type="application/pdf")


def _tracking(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/orders/{order_id:str}/parcels/{parcel_id:str}/analysis",
        name="get_parcel_analysis",
        summary="Analyse a trace",
        description="Why a parcel may not have arrived: each finding with its facts and clause, and whether "
        "the goods are presumed missing, proven delivered, or neither.",
        tags=["Orders"],
        opt=says(Analysis),
    )
    async def get_parcel_analysis(
        request: ApiRequest, order_id: OrderId, parcel_id: ParcelId
    ) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        parcel = next((one for one in custody.order.parcels if one.parcel_id == parcel_id), None)
        if parcel is None:
            fail("not_found", f"The order has no parcel {parcel_id}.")
        line_id = parcel.line_ids[0] if parcel.line_ids else custody.order.lines[0].line_id
        line = custody.order.line(line_id) or custody.order.lines[0]
        terms = await desk.terms([line.terms_id])
        return shown(await desk.parts.shipping.analysis(custody, parcel, terms[line.terms_id]))

    @get(
        "/tracking-numbers/{number:str}",
        name="identify_number",
        summary="Whose number is this?",
        description="The carriers a tracking number may be of, by its form and check digit. Forms overlap.",
        tags=["House"],
        opt=says(NumberView),
    )
    async def identify_number(number: _NUMBER) -> Response[bytes]:
        plain = normal(number)
        found = desk.parts.shipping.candidates(number)
        return shown(
            NumberView(number=plain or "", mistyped=plain is not None and mistyped(plain), candidates=found)
        )

    statuses = msgspec.json.Decoder(StatusBody)

    @post(
        "/tracking-statuses",
        name="normalise_status",
        summary="Put a carrier's status into our words",
        description="For connectors: what to tell as `signal` for what a carrier says.",
        tags=["House"],
        opt=says(StatusView, reads=StatusBody, example={"status": "Out for delivery"}),
    )
    async def normalise_status(request: ApiRequest) -> Response[bytes]:
        body = read(statuses, await request.body())
        answer = StatusView(normalise(f"{body.status} {body.detail}".strip()))
        return Response(msgspec.json.encode(answer), status_code=201, media_type="application/json")

    return [get_parcel_analysis, identify_number, normalise_status]
