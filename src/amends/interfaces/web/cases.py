"""Cases: the list by deadline, the page of one, and every action on it."""

import asyncio
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports import CaseFile, CaseFilter, Done
from amends.domain.cases.model import State
from amends.domain.parties import Role
from amends.domain.refunds import max_refund
from amends.interfaces.web import forms, mediator
from amends.interfaces.web.case_page import case_page
from amends.interfaces.web.order_page import case_row
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 20
# What cannot be taken back is done only to the case as it was read.
_AS_READ = frozenset(
    {
        "accept_offer",
        "decline_offer",
        "accept_ruling",
        "accept_rejection",
        "rule",
        "withdraw",
        "confirm_replacement",
        "inspect_return",
    }
)
_SHOWN: dict[str, str] = {
    "open": N_("Open"),
    "turn": N_("Your turn"),
    "closed": N_("Closed"),
}


@get("/cases")
async def cases(
    visit: NamedDependency[Visit],
    show: Annotated[str, QueryParameter(max_length=20)] = "open",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """Cases that concern the reader, nearest deadline first."""
    shown = mediator.QUEUES if visit.role is Role.MEDIATOR else _SHOWN
    show = show if show in shown else next(iter(shown))
    try:
        page = await visit.parts.reader.cases(_filter(visit, show), after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    seen = [case for case in page.cases if visit.sees(case)]
    ids = sorted({case.order_id for case in seen})
    scenes = await asyncio.gather(*(visit.parts.reader.scene(order_id) for order_id in ids))
    custodies = {order_id: scene.custody if scene else None for order_id, scene in zip(ids, scenes)}
    tabs = [(name, visit.words.say(title)) for name, title in shown.items()]
    rows = [case_row(case, custodies[case.order_id], visit) for case in seen]
    return visit.page("cases.html", rows=rows, tabs=tabs, show=show, next=page.next, first=not after)


def _filter(visit: Visit, show: str) -> CaseFilter:
    if visit.role is Role.MEDIATOR:
        return mediator.queue(visit.actor, show)
    return CaseFilter(
        buyer_id=visit.actor.id if visit.role is Role.BUYER else "",
        seller_id=visit.actor.id if visit.role is Role.SELLER else "",
        waiting_on=visit.role.value if show == "turn" else "",
        live=show != "closed",
        order="opened" if show == "closed" else "due",
    )


@get("/cases/{case_id:str}")
async def case(visit: NamedDependency[Visit], case_id: FromPath[str]) -> Response[str]:
    """One case, with everything the reader can do about it."""
    return await _show(visit, await _file(visit, case_id))


@post("/cases/{case_id:str}/{action:str}")
async def act(
    visit: NamedDependency[Visit], case_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Redirect:
    """Do something about a case; what cannot be done is said where it was typed."""
    file = await _file(visit, case_id)
    if action not in forms.OFFERED or action == "edit_draft":
        raise NotFoundException
    values = await visit.fields()
    form = forms.CaseForm(
        values,
        visit.words,
        visit.now,
        case=file.case,
        role=visit.role,
        most=max_refund(file.custody, file.case.units),
    )
    command = forms.command(action, form)
    if command is None:
        return await _show(visit, file, action, form)
    seq = form.raw("_seq")
    expected = int(seq) if action in _AS_READ and seq.isdecimal() else None
    result = await visit.submit(command, file.case.order_id, case_id, values=values, expected_seq=expected)
    if isinstance(result, Done):
        return visit.redirect(f"/cases/{case_id}", action)
    form.refused(result, file.case.currency)
    return await _show(visit, await _file(visit, case_id), action, form)


async def _file(visit: Visit, case_id: str) -> CaseFile:
    file = await visit.parts.reader.case_file(case_id)
    if file is None or not visit.sees(file.case):
        raise NotFoundException
    return file


async def _show(
    visit: Visit, file: CaseFile, tried: str = "", form: forms.CaseForm | None = None
) -> Response[str]:
    links = await visit.parts.reader.timeline(file.case.order_id)
    view = case_page(visit, file, [link.recorded for link in links], tried=tried, form=form)
    draft = file.case.state is State.DRAFTING
    return visit.page(
        "case.html",
        422 if form is not None else 200,
        view=view,
        case=file.case,
        tried=tried,
        errors=form.errors if form else {},
        draft=draft,
    )


routes = Router("/", route_handlers=[cases, case, act])
