"""Orders: the list of one's own, and the page of one."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from amends.application.ports import OrderFilter
from amends.domain.parties import Role
from amends.interfaces.web.order_page import order_page, order_row
from amends.interfaces.web.visits import Visit

_PER_PAGE = 20


@get("/orders")
async def orders(
    visit: NamedDependency[Visit], after: Annotated[str, QueryParameter(max_length=500)] = ""
) -> Response[str]:
    """A party's orders, newest first; support sees all."""
    visit.require(Role.BUYER, Role.SELLER, Role.OPERATOR)
    wanted = OrderFilter(
        buyer_id=visit.actor.id if visit.role is Role.BUYER else "",
        seller_id=visit.actor.id if visit.role is Role.SELLER else "",
    )
    try:
        page = await visit.parts.reader.orders(wanted, after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    rows = [order_row(custody, visit) for custody in page.orders]
    return visit.page("orders.html", rows=rows, next=page.next, first=not after)


@get("/orders/{order_id:str}")
async def order(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """One order: its lines and terms, its parcels, its money, its cases."""
    return await show(visit, order_id)


async def show(visit: Visit, order_id: str, refused: str = "") -> Response[str]:
    """The page of an order; ``refused`` says why something asked of it was not done."""
    custody, cases = await visit.scene(order_id)
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    timeline = await visit.parts.reader.timeline(order_id)
    view = order_page(visit, custody, cases, terms, [link.recorded for link in timeline])
    return visit.page("order.html", 422 if refused else 200, view=view, order=custody.order, refused=refused)


routes = Router("/", route_handlers=[orders, order])
