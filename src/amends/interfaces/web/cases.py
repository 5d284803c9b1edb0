"""Cases: the list by deadline, the page of one, and every action on it."""

import asyncio
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec.structs import replace

from amends.application.ports import CaseFile, CaseFilter, Done
from amends.domain.burden import needs_of
from amends.domain.cases.model import State
from amends.domain.parties import Role
from amends.domain.refunds import max_refund
from amends.interfaces.web import forms
from amends.interfaces.web.blind import offers_limits
from amends.interfaces.web.case_page import case_page
from amends.interfaces.web.evidence_cards import meters, shown_files
from amends.interfaces.web.evidence_intake import (
    FILE_ID,
    FILES,
    FORM_BYTES_MAX,
    Received,
    order_limits,
    received,
    upload_of,
)
from amends.interfaces.web.mediator.queue import queue_page
from amends.interfaces.web.mediator.workbench import workbench
from amends.interfaces.web.operator.lists import cases_page
from amends.interfaces.web.order_page import case_row
from amends.interfaces.web.payout_holds import told_to
from amends.interfaces.web.returning import legs
from amends.interfaces.web.route_strip import with_findings
from amends.interfaces.web.searching import QUERY_MAX
from amends.interfaces.web.seller_marks import seller_mark
from amends.interfaces.web.suggesting import suggested_for
from amends.interfaces.web.talk import talk_of
from amends.interfaces.web.visits import Live, Visit
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
        "confirm_ruling",
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
    show: Annotated[str, QueryParameter(max_length=20)] = "",
    reason: Annotated[str, QueryParameter(max_length=80)] = "",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
    q: Annotated[str, QueryParameter(max_length=QUERY_MAX)] = "",
    buyer: Annotated[str, QueryParameter(max_length=64)] = "",
    seller: Annotated[str, QueryParameter(max_length=64)] = "",
    mediator: Annotated[str, QueryParameter(max_length=64)] = "",
    stage: Annotated[str, QueryParameter(max_length=40)] = "",
) -> Response[str]:
    """Cases that concern the reader, nearest deadline first; operators look through all."""
    if visit.role is Role.MEDIATOR:
        return await queue_page(visit, show, reason, after)
    if visit.role is Role.OPERATOR:
        asked = {
            "q": q,
            "buyer": buyer,
            "seller": seller,
            "mediator": mediator,
            "stage": stage,
            "reason": reason,
        }
        return await cases_page(visit, asked, show, after)
    shown = _SHOWN
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


@post("/cases/{case_id:str}/{action:str}", request_max_body_size=FORM_BYTES_MAX)
async def act(
    visit: NamedDependency[Visit], case_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Redirect:
    """Do something about a case; what cannot be done is said where it was typed."""
    file = await _file(visit, case_id)
    if action not in forms.OFFERED or action == "edit_draft":
        raise NotFoundException
    values = await visit.fields()
    limits = order_limits(file.custody, file.terms)
    got = await received(visit, file.case.order_id, limits, values.get(FILE_ID))
    values[FILE_ID] = got.ids
    form = forms.CaseForm(
        values,
        visit.words,
        visit.now,
        case=file.case,
        role=visit.role,
        most=max_refund(file.custody, file.case.units),
    )
    if got.wrong:
        form.errors[FILES] = " ".join(got.wrong)
    command = forms.command(action, form)
    if command is None:
        return await _show(visit, file, action, form, got)
    seq = form.raw("_seq")
    expected = int(seq) if action in _AS_READ and seq.isdecimal() else None
    result = await visit.submit(command, file.case.order_id, case_id, values=values, expected_seq=expected)
    if isinstance(result, Done):
        return visit.redirect(f"/cases/{case_id}", action)
    form.refused(result, file.case.currency)
    return await _show(visit, await _file(visit, case_id), action, form, got)


async def _file(visit: Visit, case_id: str) -> CaseFile:
    file = await visit.parts.reader.case_file(case_id)
    if file is None or not visit.sees(file.case):
        raise NotFoundException
    visit.place(file.custody.order)
    return file


async def _show(
    visit: Visit,
    file: CaseFile,
    tried: str = "",
    form: forms.CaseForm | None = None,
    got: Received | None = None,
) -> Response[str]:
    links = await visit.parts.reader.timeline(file.case.order_id)
    others = (await visit.scene(file.case.order_id))[1] if visit.staff else []
    events = told_to(visit, links)
    whole = [link.recorded for link in links]
    members = await visit.parts.accounts.teams.behind_for(visit.caller, file.case.order_id)
    view = case_page(visit, file, events, others=others, whole=whole, members=members, tried=tried, form=form)
    mediated = visit.staff and file.case.mediation_since is not None
    draft = file.case.state is State.DRAFTING
    leg = await legs(visit, file)
    view = replace(view, timeline=with_findings(view.timeline, leg.traces))
    return visit.page(
        "case.html",
        422 if form is not None else 200,
        live=Live(file.case.case_id, f"/cases/{file.case.case_id}"),
        view=view,
        case=file.case,
        mark=await seller_mark(visit, file.case.seller_id),
        talk=await talk_of(visit, file.case.order_id),
        tried=tried,
        errors=form.errors if form else {},
        upload=upload_of(visit, file.case.order_id, order_limits(file.custody, file.terms)),
        upload_again=upload_of(visit, file.case.order_id, order_limits(file.custody, file.terms), got),
        shown=await shown_files(visit, file.case),
        needs=meters(visit, needs_of(file.case, file.custody.order)),
        leg=leg,
        draft=draft,
        seal=file.timeline[-1].digest.hex(),
        limits=offers_limits(visit, file),
        suggested=suggested_for(visit.words, file),
        bench=await workbench(visit, file, view.evidence, view.offers) if mediated else None,
    )


routes = Router("/", route_handlers=[cases, case, act])
