"""What staff look at when goods are said to be counterfeit: the same goods sold by the same seller."""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from amends.application.ports import OrderFilter
from amends.domain.custody.model import Stage
from amends.domain.orders import Line
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.routes import ApiRequest, CaseId, says, shown

_PAGE, _PAGES_MAX = 200, 10


class SimilarOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Another order of the seller with the same goods; ``by`` is what they have in common: sku or title."""

    order_id: str
    line_id: str
    title: str
    by: str
    placed_at: datetime
    stage: Stage
    cases: int


class SimilarOrders(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, newest first; ``searched`` orders of the seller were looked at, the newest ones."""

    case_id: str
    seller_id: str
    searched: int
    orders: tuple[SimilarOrder, ...]


def counterfeit_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The one route."""

    @get(
        "/cases/{case_id:str}/similar-orders",
        name="list_similar_orders",
        summary="Find orders with the same goods",
        description="Other orders of the same seller with the same article number or title, newest first: "
        "where one is counterfeit, the others may be.",
        tags=["Cases"],
        opt=says(SimilarOrders),
    )
    async def list_similar_orders(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        case, order = file.case, file.custody.order
        named = {unit.line_id for unit in case.units}
        lines = [line for line in order.lines if line.line_id in named]
        found, searched, cursor = [], 0, ""
        for _ in range(_PAGES_MAX):
            page = await desk.parts.reader.orders(OrderFilter(seller_id=case.seller_id), cursor, _PAGE)
            searched += len(page.orders)
            found += [
                SimilarOrder(
                    order_id=one.order.order_id,
                    line_id=line.line_id,
                    title=line.title,
                    by=by,
                    placed_at=one.order.placed_at,
                    stage=one.stage,
                    cases=one.cases,
                )
                for one in page.orders
                if one.order.order_id != order.order_id
                for line in one.order.lines
                for by in (_alike(line, lines),)
                if by
            ]
            cursor = page.next
            if not cursor:
                break
        return shown(
            SimilarOrders(case_id=case_id, seller_id=case.seller_id, searched=searched, orders=tuple(found))
        )

    return [list_similar_orders]


def _alike(line: Line, others: list[Line]) -> str:
    if any(line.sku and line.sku == other.sku for other in others):
        return "sku"
    title = " ".join(line.title.casefold().split())
    return "title" if any(title == " ".join(other.title.casefold().split()) for other in others) else ""
