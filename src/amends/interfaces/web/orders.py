"""Orders: the list of one's own with search and filters, and the page of one."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from amends.application.ports import OrderPage
from amends.application.ports.purchases import PurchaseFilter
from amends.domain.custody.extensions import OPEN
from amends.domain.custody.model import Custody, Stage
from amends.domain.parties import Role
from amends.interfaces.web.my_refunds import cards_of
from amends.interfaces.web.operator.lists import orders_page
from amends.interfaces.web.order_page import order_page, order_row
from amends.interfaces.web.payout_holds import hold_cards, told_to
from amends.interfaces.web.reading import line_of
from amends.interfaces.web.searching import QUERY_MAX, folded, sought
from amends.interfaces.web.seller_marks import seller_mark
from amends.interfaces.web.talk import talk_of
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.withdrawing import rights_of
from amends.interfaces.web.words import N_

_PER_PAGE = 20
#: The lists of orders: their names, and the stages in them (none: any).
SHOWN: dict[str, tuple[str, tuple[Stage, ...]]] = {
    "all": (N_("All"), ()),
    "coming": (N_("On the way"), (Stage.AWAITING_SHIPMENT, Stage.AWAITING_DELIVERY)),
    "here": (N_("Arrived"), (Stage.PROTECTED, Stage.HELD)),
    "cases": (N_("With a case"), ()),
    "done": (N_("Finished"), (Stage.RELEASED, Stage.PAID_OUT)),
    "cancelled": (N_("Cancelled"), (Stage.CANCELLED,)),
}


@get("/orders")
async def orders(
    visit: NamedDependency[Visit],
    q: Annotated[str, QueryParameter(max_length=QUERY_MAX)] = "",
    show: Annotated[str, QueryParameter(max_length=20)] = "all",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
    buyer: Annotated[str, QueryParameter(max_length=64)] = "",
    seller: Annotated[str, QueryParameter(max_length=64)] = "",
    stage: Annotated[str, QueryParameter(max_length=40)] = "",
) -> Response[str]:
    """A party's orders, newest first, found by their words; operators look through all."""
    visit.require(Role.BUYER, Role.SELLER, Role.OPERATOR)
    if visit.role is Role.OPERATOR:
        asked = {"q": q, "buyer": buyer, "seller": seller, "stage": stage}
        return await orders_page(visit, asked, after)
    show = show if show in SHOWN else "all"
    try:
        page = await _own(visit, q, show, after)
    except ValueError as error:
        raise NotFoundException from error
    kept = {name: value for name, value in (("q", q.strip()), ("show", show)) if value not in ("", "all")}
    return visit.page(
        "orders.html",
        rows=[order_row(custody, visit) for custody in page.orders],
        next=page.next,
        first=not after,
        q=q.strip(),
        show=show,
        tabs=[(code, visit.words.say(title)) for code, (title, _) in SHOWN.items()],
        query=urlencode(kept),
        search=urlencode({"q": q.strip()}) if q.strip() else "",
    )


async def _own(visit: Visit, query: str, show: str, after: str) -> OrderPage:
    wanted = PurchaseFilter(
        buyer_id=visit.actor.id if visit.role is Role.BUYER else "",
        seller_id=visit.actor.id if visit.role is Role.SELLER else "",
        stages=tuple(stage.value for stage in SHOWN[show][1]),
        with_cases=show == "cases",
    )
    words = sought(query)

    def keep(custody: Custody) -> bool:
        known = folded(_known(visit, custody)) if words else ""
        return all(word in known for word in words)

    return await visit.parts.purchases.orders(wanted, keep, after, _PER_PAGE)


def _known(visit: Visit, custody: Custody) -> str:
    """What an order is found by: its number, what was bought, the other side, the tracking numbers."""
    order = custody.order
    other = Role.SELLER if visit.role is Role.BUYER else Role.BUYER
    return " ".join(
        (
            order.order_id,
            visit.name_of(other, order.seller_id if other is Role.SELLER else order.buyer_id),
            *(word for line in order.lines for word in (line.title, line.variant, line.sku)),
            *(parcel.tracking_number for parcel in order.parcels),
        )
    )


@get("/orders/{order_id:str}")
async def order(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """One order: its lines and terms, its parcels, its money, its cases and refunds."""
    return await show(visit, order_id)


async def show(visit: Visit, order_id: str, refused: str = "") -> Response[str]:
    """The page of an order; ``refused`` says why something asked of it was not done."""
    custody, cases = await visit.scene(order_id)
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    timeline = await visit.parts.reader.timeline(order_id)
    members = await visit.parts.accounts.teams.behind_for(visit.caller, order_id)
    view = order_page(visit, custody, cases, terms, told_to(visit, timeline), members)
    paid = [case for case in cases if case.refunds]
    moments = await visit.parts.purchases.refund_moments([case.case_id for case in paid]) if paid else {}
    return visit.page(
        "order.html",
        422 if refused else 200,
        view=view,
        order=custody.order,
        refunds=[
            card
            for case in paid
            for card in cards_of(visit, case, custody, terms[line_of(case, custody).terms_id], moments)
        ],
        refused=refused,
        extensions=[
            (one, visit.words.day(datetime.fromisoformat(f"{one.until}T12:00:00+00:00")))
            for one in custody.extensions
            if one.state == "offered" and custody.stage in OPEN
        ],
        holds=hold_cards(visit, custody, terms.get(custody.order.lines[0].terms_id)),
        can_extend=visit.role is Role.SELLER and custody.stage in OPEN,
        withdrawable=visit.role is Role.BUYER
        and any(right.open for right in await rights_of(visit, custody, cases)),
        mark=await seller_mark(visit, custody.order.seller_id),
        talk=await talk_of(visit, order_id),
    )


routes = Router("/", route_handlers=[orders, order])
