"""Finding an order or a case by its number, from the head of every page."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter
from litestar.response import Redirect

from amends.domain.parties import Role
from amends.interfaces.web.visits import Visit


@get("/find")
async def find(
    visit: NamedDependency[Visit], q: Annotated[str, QueryParameter(max_length=80)] = ""
) -> Response[str] | Redirect:
    """To the order or case of that number; a page that says so where the reader has none of that number."""
    number = q.strip().lstrip("#")
    visit.require(*Role)
    for address in await _addresses(visit, number):
        return visit.redirect(address)
    return visit.page("find.html", 404 if number else 200, sought=number)


async def _addresses(visit: Visit, number: str) -> list[str]:
    # A case's number is its order's with a dot and a count behind it.
    order_id, dot, _ = number.rpartition(".")
    if not dot:
        order_id = number
    if not order_id or not order_id.isprintable():
        return []
    try:
        custody, cases = await visit.scene(order_id)
    except NotFoundException:
        return []
    if dot:
        return [f"/cases/{case.case_id}" for case in cases if case.case_id == number]
    return [f"/orders/{custody.order.order_id}"]


routes = Router("/", route_handlers=[find])
