"""All orders and all cases, as operators look through them."""

import asyncio
from collections.abc import Mapping

from litestar import Response
from litestar.exceptions import NotFoundException

from amends.application.ports import CaseFilter, OrderFilter
from amends.domain.cases.model import State
from amends.domain.custody.model import Stage
from amends.domain.reasons import REASONS
from amends.interfaces.web import vocabulary
from amends.interfaces.web.operator.narrowing import among, chips, kept_query
from amends.interfaces.web.order_page import case_row, order_row
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 20
#: The lists of cases.
SHOWN: dict[str, str] = {
    "open": N_("Open"),
    "turn": N_("Your turn"),
    "closed": N_("Closed"),
    "all": N_("All"),
}
_NARROWS = ("q", "buyer", "seller", "mediator", "stage", "reason")


async def orders_page(visit: Visit, asked: Mapping[str, str], after: str) -> Response[str]:
    """All orders, newest first; ``asked`` may hold q, buyer, seller and stage.

    Raises `NotFoundException` for a cursor that is none of ours.
    """
    kept = {name: asked.get(name, "").strip() for name in _NARROWS}
    kept["stage"] = kept["stage"] if kept["stage"] in set(Stage) else ""
    wanted = OrderFilter(
        buyer_id=kept["buyer"],
        seller_id=kept["seller"],
        stage=kept["stage"],
        among=await among(visit, kept["q"]),
    )
    try:
        page = await visit.parts.reader.orders(wanted, after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    return visit.page(
        "operator_orders.html",
        rows=[order_row(custody, visit) for custody in page.orders],
        next=page.next,
        first=not after,
        kept=kept,
        chips=chips(visit, "/orders", kept),
        query=kept_query(kept),
        stages=[(one.value, visit.words.say(title)) for one, title in vocabulary.STAGES.items()],
    )


async def cases_page(visit: Visit, asked: Mapping[str, str], show: str, after: str) -> Response[str]:
    """All cases; ``asked`` may hold q, buyer, seller, mediator, stage and reason.

    Whoever looks for something finds it in whatever list it is. Raises `NotFoundException` for a cursor that
    is none of ours.
    """
    kept = {name: asked.get(name, "").strip() for name in _NARROWS}
    kept["stage"] = kept["stage"] if kept["stage"] in set(State) else ""
    kept["reason"] = kept["reason"] if kept["reason"] in REASONS else ""
    if show not in SHOWN:
        show = "all" if any(kept.values()) else "open"
    wanted = CaseFilter(
        buyer_id=kept["buyer"],
        seller_id=kept["seller"],
        mediator_id=kept["mediator"],
        reason=kept["reason"],
        states=(kept["stage"],) if kept["stage"] else (),
        waiting_on=visit.role.value if show == "turn" else "",
        live=None if show == "all" else show != "closed",
        order="opened" if show in {"closed", "all"} else "due",
        among=await among(visit, kept["q"]),
    )
    reader = visit.parts.reader
    try:
        page = await reader.cases(wanted, after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    ids = sorted({case.order_id for case in page.cases})
    scenes = await asyncio.gather(*(reader.scene(order_id) for order_id in ids))
    custodies = {order_id: scene.custody if scene else None for order_id, scene in zip(ids, scenes)}
    return visit.page(
        "operator_cases.html",
        rows=[case_row(case, custodies[case.order_id], visit) for case in page.cases],
        tabs=[(name, visit.words.say(title)) for name, title in SHOWN.items()],
        show=show,
        next=page.next,
        first=not after,
        kept=kept,
        chips=chips(visit, "/cases", {**kept, "show": show}),
        query=kept_query(kept),
        states=[(one.value, visit.words.say(title)) for one, title in vocabulary.STATES.items()],
    )
