"""Sending it back: one page with the address, what to enclose, the carriers' prices, the label and the
claim.
"""

from decimal import Decimal
from hashlib import sha256
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports import CaseFile, Done, Envelope
from amends.application.ports.carriers import PaperFacts
from amends.application.return_papers import SIZES, checklist, claim_facts, label_facts
from amends.application.shipping import LABELLED
from amends.domain.carriage import Quote
from amends.domain.cases import commands as c
from amends.domain.cases.freight import may_label
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Goods, State
from amends.domain.cases.settling import hold_for
from amends.domain.orders import Method
from amends.domain.parties import Actor, Role
from amends.domain.scene import Rules
from amends.interfaces.web.forms import refusal
from amends.interfaces.web.route_strip import Strip, TraceCard, strips_of_return, trace_card
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_RETURN = "/cases/{case_id:str}/return"
_SENDING = frozenset({State.AWAITING_INSTRUCTIONS, State.AWAITING_SHIPMENT})


class QuoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier's offer as a row."""

    carrier: str
    service: str
    title: str
    price: str
    days: str
    tracked: bool
    label_free: bool
    recommended: bool
    too_dear: bool


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """What the case page shows of parcels: the way back, the traces of what never came, what is to be
    paid.
    """

    strips: tuple[Strip, ...]
    traces: tuple[TraceCard, ...]
    in_stock: str
    page: str
    to_pay: str
    put_down: str


@get(_RETURN)
async def send_back(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str]:
    """How to send it back."""
    return await _page(visit, await _file(visit, case_id))


@post(_RETURN + "/label")
async def book(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str] | Redirect:
    """Get the prepaid label of the carrier chosen."""
    visit.require(Role.BUYER, Role.SELLER)
    file = await _file(visit, case_id)
    values = await visit.fields()
    carrier, _, service = (values.get("service") or [""])[-1].partition(" ")
    teams, noted = visit.parts.accounts.teams, ""
    if visit.role is Role.SELLER and visit.account is not None:
        noted = await teams.note(visit.account, "book_label", file.case.order_id, case_id)
    done = await visit.parts.shipping.book(file.case, file.custody, carrier, service)
    if noted and visit.account is not None:
        await teams.concluded(visit.account, noted, done)
    if isinstance(done, Done):
        return visit.redirect(f"/cases/{case_id}/return", "issue_label")
    return await _page(visit, file, refusal(done, visit.words, file.case.currency))


@get(_RETURN + "/label.pdf")
async def label(
    visit: NamedDependency[Visit],
    case_id: FromPath[str],
    size: Annotated[str, QueryParameter(max_length=8)] = "a4",
) -> Response[bytes]:
    """The label as PDF, A4 or 4x6 inches."""
    file = await _file(visit, case_id)
    order = file.custody.order
    sender = (
        visit.name_of(Role.BUYER, order.buyer_id),
        f"{order.buyer_postcode} {order.buyer_country}".strip(),
    )
    link = f"{str(visit.request.base_url).rstrip('/')}/cases/{case_id}"
    facts = label_facts(file, visit.words, size, sender, link=link)
    if facts is None or size not in SIZES:
        raise NotFoundException
    return _pdf(await visit.parts.shipping.papers.label(facts), f"label-{case_id}-{size}.pdf")


@get(_RETURN + "/code.svg")
async def drop_off_code(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[bytes]:
    """The drop-off code as a square for the scanner at the counter."""
    booked = (await _file(visit, case_id)).case.label
    if booked is None or not booked.code:
        raise NotFoundException
    drawn = visit.parts.shipping.papers.code(booked.code)
    return Response(drawn, headers={"cache-control": "no-store"}, media_type="image/svg+xml")


@get(_RETURN + "/packing-list.pdf")
async def packing_list(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[bytes]:
    """What to enclose, with the return number, to put into the parcel."""
    file = await _file(visit, case_id)
    case, order, say = file.case, file.custody.order, visit.words.say
    if case.instructions is None:
        raise NotFoundException
    goods = tuple(
        (line.title, line.variant) for unit in case.units if (line := order.line(unit.line_id)) is not None
    )
    facts = PaperFacts(
        title=say(N_("Return %(number)s"), number=case.instructions.authorisation),
        intro=say(N_("Put this into the parcel. It tells the seller what comes back, and why.")),
        pairs=(
            (say(N_("Case")), case.case_id),
            (say(N_("Reason")), visit.teller(case).reason(case.reason)),
            (say(N_("Send it to")), case.instructions.address),
        ),
        sections=(
            (say(N_("Contents")), goods),
            (
                say(N_("What to enclose")),
                tuple(("☐", item) for item in checklist(case, file.custody, visit.words)),
            ),
        ),
        lang=str(visit.words.locale)[:2],
    )
    return _pdf(await visit.parts.shipping.papers.paper(facts), f"return-{case_id}.pdf")


@get(_RETURN + "/carrier-claim.pdf")
async def carrier_claim(
    visit: NamedDependency[Visit],
    case_id: FromPath[str],
    parcel: Annotated[str, QueryParameter(max_length=80)] = "",
) -> Response[bytes]:
    """What a carrier needs to look for the parcel and to pay for it."""
    facts = claim_facts(await _file(visit, case_id), visit.words, parcel)
    if facts is None:
        raise NotFoundException
    return _pdf(await visit.parts.shipping.papers.paper(facts), f"carrier-claim-{case_id}.pdf")


@post("/cases/{case_id:str}/exchange/payment")
async def pay(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Redirect:
    """In the sandbox the page plays the marketplace's checkout, which takes the money and tells of it."""
    visit.require(Role.BUYER)
    file = await _file(visit, case_id)
    if not visit.parts.sandbox or file.case.state is not State.AWAITING_PAYMENT:
        raise NotFoundException
    await visit.fields()
    command = c.RecordPayment(amount=owed(visit, file), method=Method.CARD, reference=f"pay-{case_id}")
    await visit.parts.submit(
        Envelope(
            command=command,
            actor=Actor(Role.OPERATOR, "checkout"),
            order_id=file.case.order_id,
            case_id=case_id,
            key=f"checkout:{case_id}",
            fingerprint=sha256(msgspec.json.encode(command)).digest(),
        )
    )
    return visit.redirect(f"/cases/{case_id}", "record_payment")


async def legs(visit: Visit, file: CaseFile) -> Leg:
    """What the case page shows of parcels."""
    case, order = file.case, file.custody.order
    traces: list[TraceCard] = []
    if case.reason.startswith("not_received."):
        lines = {unit.line_id for unit in case.units}
        for parcel in order.parcels:
            if parcel.line_ids and not lines & set(parcel.line_ids):
                continue
            terms = next(iter(file.terms.values()))
            found = await visit.parts.shipping.analysis(file.custody, parcel, terms, case.reason)
            traces.append(trace_card(visit, order, parcel, found))
    going = case.settlement is not None and case.settlement.remedy.goods is Goods.RETURN
    shown = case.state in _SENDING or case.label is not None or case.shipment is not None
    to_pay = put_down = ""
    if case.state is State.AWAITING_PAYMENT and case.settlement is not None:
        due = owed(visit, file)
        to_pay = visit.words.money(due, case.currency)
        back = due - max(0, case.settlement.remedy.difference)
        put_down = visit.words.money(back, case.currency) if back else ""
    return Leg(
        strips=strips_of_return(visit, file),
        traces=tuple(traces),
        in_stock=await _in_stock(visit, file),
        page=f"/cases/{case.case_id}/return" if going and shown else "",
        to_pay=to_pay,
        put_down=put_down,
    )


_NEGOTIATING = frozenset({State.AWAITING_SELLER, State.AWAITING_BUYER, State.MEDIATING})


async def _in_stock(visit: Visit, file: CaseFile) -> str:
    """What the goods could be exchanged for, while that is still open; empty where nobody knows."""
    if file.case.state not in _NEGOTIATING:
        return ""
    found = await visit.parts.exchanges.replacements(file.custody.order, file.case.units)
    words = visit.words
    there = [
        words.say(N_("%(variant)s (%(number)s)"), variant=one.variant, number=words.number(one.available))
        for one in found.variants
        if found.in_stock(one.variant)
    ]
    return words.listing(there) if there else ""


def owed(visit: Visit, file: CaseFile) -> int:
    """What the buyer has to pay for the exchange, in minor units."""
    settled = file.case.settlement
    if settled is None:
        return 0
    rules = Rules(terms=file.terms, calendars=visit.parts.calendars)
    hearing = Hearing(file.custody, {}, rules, visit.actor, visit.now)
    return max(0, settled.remedy.difference) + hold_for(hearing, file.case, settled.remedy)


async def _file(visit: Visit, case_id: str) -> CaseFile:
    file = await visit.parts.reader.case_file(case_id)
    if file is None or not visit.sees(file.case):
        raise NotFoundException
    settled = file.case.settlement
    if settled is None and file.case.shipment is None:
        raise NotFoundException
    return file


async def _page(visit: Visit, file: CaseFile, wrong: str = "") -> Response[str]:
    case, custody, words = file.case, file.custody, visit.words
    shipping = visit.parts.shipping
    compared = shipping.comparison(case, custody)
    prepaid = case.instructions is not None and case.instructions.label in LABELLED
    strips = strips_of_return(visit, file)
    weight = words.number(Decimal(compared.consignment.charged_g).scaleb(-3).normalize())
    return visit.page(
        "return_page.html",
        422 if wrong else 200,
        case=case,
        wrong=wrong,
        rows=tuple(_row(visit, quote) for quote in compared.quotes),
        advice=compared.advice,
        value=words.money(compared.value, case.currency),
        weight=weight,
        assumed=compared.consignment.assumed,
        by_size=compared.consignment.charged_g > compared.consignment.weight_g,
        way=(compared.consignment.origin, compared.consignment.destination),
        illustrative=shipping.illustrative,
        prepaid=prepaid,
        can_book=prepaid
        and may_label(case)
        and case.state is State.AWAITING_SHIPMENT
        and visit.role in {Role.BUYER, Role.SELLER},
        checklist=checklist(case, custody, words),
        until=words.moment(case.waiting.until) if case.waiting else "",
        label_price=words.money(case.label.price, case.currency) if case.label else "",
        strips=strips,
        mine=visit.role is Role.BUYER,
        payer=case.settlement.remedy.freight_payer if case.settlement else Role.BUYER,
        claims=[(strip.number, strip.claim) for strip in strips if strip.claim],
    )


def _row(visit: Visit, quote: Quote) -> QuoteRow:
    least, most = quote.days
    days = (
        visit.words.count("%(number)s working day", "%(number)s working days", most)
        if least == most
        else visit.words.say(N_("%(least)s to %(most)s working days"), least=least, most=most)
    )
    return QuoteRow(
        carrier=quote.carrier,
        service=quote.service,
        title=quote.title,
        price=visit.words.money(quote.price, quote.currency),
        days=days,
        tracked=quote.tracked,
        label_free=quote.label_free,
        recommended=quote.recommended,
        too_dear=quote.too_dear,
    )


def _pdf(made: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(made, headers=headers, media_type="application/pdf")


routes = Router("/", route_handlers=[send_back, book, label, drop_off_code, packing_list, carrier_claim, pay])
