"""Routes of orders: what the marketplace tells, what the parties do, what can be asked for."""

import re
from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from amends.application.intake import freeze
from amends.application.permissions import Caller
from amends.application.ports import Envelope, KeyRole, OrderFilter
from amends.domain.bundles import rest_of
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody, Stage
from amends.domain.ledger import Transfer
from amends.domain.orders import Line, Order, Tier, Unit
from amends.domain.policy.options import Option, free_units, options
from amends.domain.policy.terms import Explained, Terms
from amends.domain.policy.windows import windows
from amends.domain.reasons import REASONS
from amends.domain.refunds import Scope, Worksheet, worksheet
from amends.domain.refusals import Refused
from amends.domain.scene import Scene
from amends.interfaces.api.bodies import Body, Nothing, Words
from amends.interfaces.api.conditions import etag
from amends.interfaces.api.desk import MACHINES, Asked, Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.order_bodies import CaptureBody, OrderBody, ParcelToldBody, ScanBody, ScansBody
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal, problem
from amends.interfaces.api.routes import (
    ApiRequest,
    Cursor,
    Limit,
    LineId,
    OrderId,
    ParcelId,
    TenderId,
    Word,
    asked_by,
    respond,
    says,
    shown,
)
from amends.interfaces.api.views import (
    LineWindow,
    OrderList,
    OrderStanding,
    OrderView,
    Timeline,
    order_brief,
    order_view,
    timeline,
)

EXAMPLE_ORDER: dict[str, object] = {
    "buyer_id": "ana",
    "seller_id": "lamps-and-more",
    "currency": "EUR",
    "placed_at": "2026-03-02T10:15:00Z",
    "buyer_country": "DE",
    "buyer_tier": "platinum",
    "lines": [
        {
            "line_id": "L1",
            "title": "Desk lamp",
            "category": "home/lighting",
            "units": [{"item": 2400, "discount": 200, "shipping": 490, "tax": 300}],
        }
    ],
    "tenders": [{"tender_id": "T1", "method": "card", "captured": 2990, "currency": "EUR"}],
}
_SCAN: dict[str, object] = {
    "at": "2026-03-06T14:02:00Z",
    "signal": "delivered",
    "country": "DE",
    "postcode": "20457",
}
_PARCEL: dict[str, object] = {
    "shipped_at": "2026-03-03T16:00:00Z",
    "carrier": "dhl",
    "tracking_number": "RR123456785DE",
    "line_ids": ["L1"],
}
# Carriers' clocks run a little ahead of ours at times.
_CLOCK_SKEW = timedelta(minutes=5)
_UNITS = re.compile(r"([A-Za-z0-9_-]{1,64}):([0-9]{1,6})")


class CancelBody(Body, frozen=True, kw_only=True):
    """Why the seller will not ship."""

    note: Words = ""


class LedgerEntry(msgspec.Struct, frozen=True):
    """A transfer and when it was made."""

    at: str
    transfer: Transfer


class Ledger(msgspec.Struct, frozen=True):
    """Every movement of an order's money, oldest first; each takes from one account what it gives to
    another.
    """

    order_id: str
    currency: str
    entries: tuple[LedgerEntry, ...]


class OptionList(msgspec.Struct, frozen=True):
    """Every remedy for some pieces of a line and a reason: open with its amount, or closed and why."""

    line_id: str
    reason: str
    units: tuple[Unit, ...]
    currency: str
    options: tuple["OptionView", ...]


class OptionView(msgspec.Struct, frozen=True):
    """A remedy, and the clause that opens or closes it in words."""

    option: Option
    sentence: str


class TermView(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: the value in force, the clause that set it, and every clause that was weighed, best
    first.
    """

    name: str
    value: object
    clause: str
    sentence: str
    citation: str
    default: str
    weighed: tuple[Explained, ...]


class TermsView(msgspec.Struct, frozen=True, kw_only=True):
    """The terms frozen for a line when it was bought; money in minor units of ``currency``."""

    terms_id: str
    currency: str
    packs: tuple[str, ...]
    reason: str
    terms: tuple[TermView, ...]


def order_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route below /orders but those of bulks and of opening cases."""
    return [*_telling(desk), *_parties(desk), *_reading(desk), *_asking(desk), *_keeping(desk)]


def _telling(desk: Desk) -> list[HTTPRouteHandler]:
    orders = msgspec.json.Decoder(OrderBody)
    parcels = msgspec.json.Decoder(ParcelToldBody)
    scans = msgspec.json.Decoder(ScansBody)
    captures = msgspec.json.Decoder(CaptureBody)

    @put(
        "/orders/{order_id:str}",
        name="place_order",
        summary="Tell an order",
        description="Creates the order, or tells it again: new tenders and parcels are taken in, what was"
        " frozen at purchase may "
        "not change. The policy in force when it was placed becomes its terms. 201 the first time, 200 "
        "again.",
        tags=["Orders"],
        opt=says(OrderStanding, reads=OrderBody, example=EXAMPLE_ORDER),
    )
    async def place_order(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(orders, await request.body())
        result = await desk.parts.submit(await placing(desk, asked, order_id, body))
        if isinstance(result, Refused):
            await desk.refuse(result, asked.caller, order_id)
        return respond(await desk.order_reply(result, 200, status_when_new=201))

    @put(
        "/orders/{order_id:str}/parcels/{parcel_id:str}",
        name="record_parcel",
        summary="Tell a parcel",
        description="A parcel left the seller: the delivery clock runs, and nothing in it can be "
        "cancelled any more.",
        tags=["Orders"],
        opt=says(OrderStanding, reads=ParcelToldBody, example=_PARCEL),
    )
    async def record_parcel(request: ApiRequest, order_id: OrderId, parcel_id: ParcelId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(parcels, await request.body())
        _check_scans(desk, body.events, "/events")
        command = oc.RecordParcel(parcel=body.parcel(parcel_id))
        done = await desk.submit(asked, command, order_id)
        return respond(await desk.order_reply(done, 200))

    @post(
        "/orders/{order_id:str}/parcels/{parcel_id:str}/events",
        name="record_tracking",
        summary="Tell scans of a parcel",
        description="Scans in any order, repeated at will: what is known changes nothing.",
        tags=["Orders"],
        opt=says(OrderStanding, reads=ScansBody, example={"events": [_SCAN]}),
    )
    async def record_tracking(request: ApiRequest, order_id: OrderId, parcel_id: ParcelId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(scans, await request.body())
        if asked.caller.role is KeyRole.CARRIER:
            await _check_carrier(desk, asked.caller, order_id, parcel_id)
        command = oc.RecordTracking(parcel_id=parcel_id, events=tuple(scan.event() for scan in body.events))
        done = await desk.submit(asked, command, order_id)
        return respond(await desk.order_reply(done, 201))

    @put(
        "/orders/{order_id:str}/captures/{tender_id:str}",
        name="record_capture",
        summary="Tell a capture",
        description="Money of a payment method was captured: it is in escrow from now on.",
        tags=["Orders"],
        opt=says(
            OrderStanding, reads=CaptureBody, example={"method": "card", "captured": 2990, "currency": "EUR"}
        ),
    )
    async def record_capture(request: ApiRequest, order_id: OrderId, tender_id: TenderId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(captures, await request.body())
        if asked.caller.role in MACHINES:
            await desk.scene(asked.caller, order_id)
            if body.provider != asked.caller.id:
                fail("not_yours", "A provider tells of its own payments only.", pointer="/provider")
        await desk.check_currency(asked.caller, order_id, body)
        command = oc.RecordCapture(tender=body.tender(tender_id))
        done = await desk.submit(asked, command, order_id)
        return respond(await desk.order_reply(done, 200))

    return [place_order, record_parcel, record_tracking, record_capture]


def _parties(desk: Desk) -> list[HTTPRouteHandler]:
    cancels = msgspec.json.Decoder(CancelBody)

    @post(
        "/orders/{order_id:str}/receipt",
        name="confirm_receipt",
        summary="Confirm receipt",
        description="The buyer has everything and is content: the money is released to the seller.",
        tags=["Orders"],
        opt=says(OrderStanding, reads=Nothing),
    )
    async def confirm_receipt(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        asked = await asked_by(request)
        desk.read(Nothing, await request.body())
        done = await desk.submit(asked, oc.ConfirmReceipt(), order_id)
        return respond(await desk.order_reply(done, 201))

    @post(
        "/orders/{order_id:str}/cancellation",
        name="cancel_by_seller",
        summary="Cancel as the seller",
        description="The seller will not ship what was not shipped: it is refunded in full.",
        tags=["Orders"],
        opt=says(OrderStanding, reads=CancelBody, example={"note": "Out of stock."}),
    )
    async def cancel_by_seller(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        asked = await asked_by(request)
        raw = await request.body()
        body = read(cancels, raw) if raw.strip() else CancelBody()
        done = await desk.submit(asked, oc.CancelBySeller(note=body.note), order_id)
        return respond(await desk.order_reply(done, 201))

    return [confirm_receipt, cancel_by_seller]


def _reading(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/orders/{order_id:str}",
        name="get_order",
        summary="Read an order",
        description="Where it stands, its money, its cases, and until when what can be asked for.",
        tags=["Orders"],
        opt=says(OrderView),
    )
    async def get_order(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        custody, scene = await desk.scene(request.user, order_id)
        terms = await desk.terms([line.terms_id for line in custody.order.lines])
        calendars = desk.parts.calendars
        dates = tuple(
            LineWindow(line.line_id, one.name, one.opens_at, one.closes_at, one.clause)
            for line in custody.order.lines
            for one in windows(custody, line, terms[line.terms_id], calendars)
        )
        cases = tuple(scene.cases.values())
        return shown(order_view(custody, cases, dates, request.user, terms), etag(custody.seq))

    @get(
        "/orders",
        name="list_orders",
        summary="List orders",
        description="One's own orders, newest first.",
        tags=["Orders"],
        opt=says(OrderList),
    )
    async def list_orders(
        request: ApiRequest,
        buyer_id: Word = "",
        seller_id: Word = "",
        stage: Annotated[Stage | None, QueryParameter(description="Only orders of this stage.")] = None,
        limit: Limit = 50,
        cursor: Cursor = "",
    ) -> Response[bytes]:
        wanted = _own(OrderFilter(buyer_id=buyer_id, seller_id=seller_id, stage=stage or ""), request.user)
        try:
            page = await desk.parts.reader.orders(wanted, cursor, limit)
        except ValueError:
            fail("invalid", "This cursor is none of ours; leave it out to begin anew.", parameter="cursor")
        return shown(OrderList(tuple(order_brief(one) for one in page.orders), page.next))

    @get(
        "/orders/{order_id:str}/timeline",
        name="get_order_timeline",
        summary="Read an order's timeline",
        description="Every event of the order itself, oldest first; its cases have their own.",
        tags=["Orders"],
        opt=says(Timeline),
    )
    async def get_order_timeline(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        links = await desk.parts.reader.timeline(order_id)
        return shown(Timeline(order_id, timeline(links, request.user)), etag(custody.seq))

    return [get_order, list_orders, get_order_timeline]


def _asking(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/orders/{order_id:str}/lines/{line_id:str}/options",
        name="list_options",
        summary="What may be asked for",
        description="Before filing: every remedy for a reason with its amount, deadline, arrival of the "
        "money and who pays the "
        "way back; for each closed one why, with its clause.",
        tags=["Orders"],
        opt=says(OptionList),
    )
    async def list_options(
        request: ApiRequest,
        order_id: OrderId,
        line_id: LineId,
        reason: Annotated[str, QueryParameter(max_length=200, description="A code of GET /v1/reasons.")],
        quantity: Annotated[
            int, QueryParameter(ge=1, le=1000, description="How many pieces it is about.")
        ] = 1,
        severity: Annotated[
            str,
            QueryParameter(
                pattern="^(|cosmetic|flaw|impaired|useless)$",
                description="How bad it is: cosmetic, flaw, impaired or useless.",
            ),
        ] = "",
        with_bundle: Annotated[
            bool, QueryParameter(description="The other parts of the bundle are in the same claim.")
        ] = False,
    ) -> Response[bytes]:
        custody, scene, line, terms = await _line(desk, request.user, order_id, line_id)
        if reason not in REASONS:
            raise ProblemRaised(
                problem(
                    "unknown_reason",
                    f"There is no reason {reason!r}; GET /v1/reasons has them.",
                    parameter="reason",
                )
            )
        units = _pieces(line, free_units(custody, scene.cases.values(), line_id), quantity)
        found = options(
            custody,
            scene.cases,
            units,
            reason,
            terms=terms,
            now=desk.parts.clock.now(),
            calendars=desk.parts.calendars,
            severity=severity,
            beside=rest_of(custody.order.lines, units) if with_bundle else (),
        )
        seen = tuple(OptionView(option, _sentence(terms, option.clause)) for option in found)
        return shown(OptionList(line_id, reason, units, custody.order.currency, seen))

    @get(
        "/orders/{order_id:str}/lines/{line_id:str}/terms",
        name="get_terms",
        summary="Read a line's terms",
        description="Every value that holds for this line, the clause that set it in words, and the "
        "clauses it beat. With a reason "
        "or refund method, as it stands for them.",
        tags=["Orders"],
        opt=says(TermsView),
    )
    async def get_terms(
        request: ApiRequest, order_id: OrderId, line_id: LineId, reason: Word = "", method: Word = ""
    ) -> Response[bytes]:
        _, _, _, terms = await _line(desk, request.user, order_id, line_id)
        return shown(terms_view(terms, reason, method))

    @get(
        "/orders/{order_id:str}/worksheet",
        name="get_worksheet",
        summary="Estimate a refund",
        description="To the cent, before filing: each component of each piece, who bears it, and what "
        "goes to which payment "
        "method. Nothing is written.",
        tags=["Orders"],
        opt=says(Worksheet),
    )
    async def get_worksheet(
        request: ApiRequest,
        order_id: OrderId,
        units: Annotated[
            str,
            QueryParameter(
                max_length=20_000, description="`line:index`, comma-separated; for example `L1:0,L1:1`."
            ),
        ],
        amount: Annotated[
            int | None, QueryParameter(ge=1, le=10**15, description="With scope `amount`.")
        ] = None,
        how_much: Annotated[
            Scope,
            QueryParameter(name="scope", description="All paid, the goods without shipping, or an amount."),
        ] = Scope.FULL,
    ) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        sheet = worksheet(custody, _units(units), amount, how_much)
        if isinstance(sheet, Refused):
            raise ProblemRaised(of_refusal(sheet))
        return shown(sheet)

    return [list_options, get_terms, get_worksheet]


def _keeping(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/orders/{order_id:str}/ledger",
        name="get_ledger",
        summary="Read the ledger",
        description="Every movement of the order's money between its accounts, oldest first.",
        tags=["Orders"],
        opt=says(Ledger),
    )
    async def get_ledger(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        custody, _ = await desk.scene(request.user, order_id)
        moves = await desk.parts.reader.transfers(order_id)
        entries = tuple(LedgerEntry(at.isoformat(), transfer) for at, transfer in moves)
        return shown(Ledger(order_id, custody.order.currency, entries), etag(custody.seq))

    return [get_ledger]


async def placing(desk: Desk, asked: Asked, order_id: str, body: OrderBody) -> Envelope:
    """The command that places an order. Raises `ProblemRaised` for other currencies, or where no policy
    covers it.
    """
    for n, tender in enumerate(body.tenders):
        if tender.currency not in {None, body.currency}:
            detail = f"The tender is in {tender.currency}, the order in {body.currency}."
            fail("currency_mismatch", detail, pointer=f"/tenders/{n}/currency")
    for n, parcel in enumerate(body.parcels):
        _check_scans(desk, parcel.events, f"/parcels/{n}/events")
    told = body.order(order_id)
    if body.buyer_tier is None:
        told = msgspec.structs.replace(told, buyer_tier=await _tier(desk, told))
    try:
        order, terms = await _frozen(desk, told)
    except LookupError as error:
        fail("invalid", f"No policy covers this order: {error}.", pointer="/placed_at")
    return msgspec.structs.replace(desk.envelope(asked, oc.PlaceOrder(order=order), order_id), terms=terms)


async def _tier(desk: Desk, order: Order) -> Tier:
    """What an order that says nothing of it has: the tier it was placed with, or else the buyer's."""
    known = await desk.parts.reader.scene(order.order_id)
    if known is not None and known.custody is not None:
        return known.custody.order.buyer_tier
    return await desk.parts.accounts.people.tier_of(order.buyer_id)


async def _frozen(desk: Desk, order: Order) -> tuple[Order, tuple[Terms, ...]]:
    """The order with its terms: the platform's, the seller's policy as it was, and its record."""
    sellers = desk.parts.sellers
    packs = await sellers.packs_for(order.seller_id, order.placed_at)
    standing = await sellers.standing(order.seller_id, desk.parts.clock.now())
    return freeze(order, packs, standing)


def _check_scans(desk: Desk, scans: tuple[ScanBody, ...], pointer: str) -> None:
    latest = desk.parts.clock.now() + _CLOCK_SKEW
    for n, scan in enumerate(scans):
        if scan.at > latest:
            fail(
                "invalid",
                f"The scan at {scan.at.isoformat()} lies in the future.",
                pointer=f"{pointer}/{n}/at",
            )


async def _check_carrier(desk: Desk, caller: Caller, order_id: str, parcel_id: str) -> None:
    custody, _ = await desk.scene(caller, order_id)
    if not any(p.parcel_id == parcel_id and p.carrier == caller.id for p in custody.order.parcels):
        fail("not_found", f"Order {order_id} has no parcel {parcel_id}.")


async def _line(
    desk: Desk, caller: Caller, order_id: str, line_id: str
) -> tuple[Custody, Scene, Line, Terms]:
    custody, scene = await desk.scene(caller, order_id)
    line = custody.order.line(line_id)
    if line is None:
        fail("not_found", f"Order {order_id} has no line {line_id}.")
    terms = await desk.terms([line.terms_id])
    return custody, scene, line, terms[line.terms_id]


def _pieces(line: Line, free: tuple[Unit, ...], quantity: int) -> tuple[Unit, ...]:
    if quantity > line.quantity:
        detail = f"Line {line.line_id} has {line.quantity} pieces; ask about at most that many."
        fail("quantity_too_high", detail, parameter="quantity")
    if len(free) >= quantity:
        return free[:quantity]
    # Pieces in another case are asked about all the same: the answer says which case has them.
    return tuple(Unit(line.line_id, index) for index in range(quantity))


def _units(text: str) -> list[Unit]:
    found = [_UNITS.fullmatch(part.strip()) for part in text.split(",")]
    units = [Unit(one.group(1), int(one.group(2))) for one in found if one is not None]
    if len(units) < len(found):
        fail(
            "invalid",
            "units wants `line:index` pairs with commas between, such as `L1:0,L1:1`.",
            parameter="units",
        )
    return units


def terms_view(terms: Terms, reason: str, method: str) -> TermsView:
    """Every value of the terms for a reason and refund method, with its clause."""
    views = []
    for name in terms.values:
        if not terms.has(name, reason, method):
            continue
        term = terms.get(name, reason, method)
        text = terms.clause(term.clause)
        views.append(
            TermView(
                name=name,
                value=term.value,
                clause=term.clause,
                sentence=text.sentence,
                citation=text.citation,
                default=term.default,
                weighed=tuple(terms.explain(name, reason, method)),
            )
        )
    return TermsView(
        terms_id=terms.terms_id, currency=terms.currency, packs=terms.packs, reason=reason, terms=tuple(views)
    )


def _sentence(terms: Terms, clause: str) -> str:
    text = terms.clauses.get(clause)
    return text.sentence if text else ""


def _own(wanted: OrderFilter, caller: Caller) -> OrderFilter:
    match caller.role:
        case KeyRole.BUYER:
            if wanted.buyer_id not in {"", caller.id}:
                fail("forbidden", "Only one's own can be listed.", parameter="buyer_id")
            return msgspec.structs.replace(wanted, buyer_id=caller.id)
        case KeyRole.SELLER:
            if wanted.seller_id not in {"", caller.id}:
                fail("forbidden", "Only one's own can be listed.", parameter="seller_id")
            return msgspec.structs.replace(wanted, seller_id=caller.id)
        case _:
            return wanted
