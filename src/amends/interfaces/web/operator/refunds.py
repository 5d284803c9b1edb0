"""Refunds that need a hand: overdue, failed, or waiting for somebody to say where the money goes."""

import asyncio
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.application.ports import CaseFilter
from amends.domain.cases.model import State
from amends.domain.parties import Role
from amends.interfaces.web.order_page import case_row
from amends.interfaces.web.visits import Visit

NEEDY = (State.REFUND_OVERDUE.value, State.REFUND_METHOD_NEEDED.value)
_PER_PAGE = 20


@get("/stuck-refunds")
async def refunds(
    visit: NamedDependency[Visit], after: Annotated[str, QueryParameter(max_length=500)] = ""
) -> Response[str]:
    """Overdue and failed refunds, nearest deadline first."""
    visit.require(Role.OPERATOR)
    reader = visit.parts.reader
    try:
        page = await reader.cases(CaseFilter(states=NEEDY, live=True), after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    scenes = await asyncio.gather(*(reader.scene(case.order_id) for case in page.cases))
    rows = [
        case_row(case, scene.custody if scene else None, visit)
        for case, scene in zip(page.cases, scenes, strict=True)
    ]
    return visit.page("operator_refunds.html", rows=rows, next=page.next, first=not after)
