"""Opening a claim: each answer is carried to the next page, kept as a draft, or sent."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.ports import Done
from amends.domain.cases.commands import EditDraft, OpenClaim, SubmitDraft
from amends.domain.cases.model import Case, State
from amends.domain.orders import Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option
from amends.domain.policy.uploads import limits_of
from amends.interfaces.web import answers
from amends.interfaces.web import claim as claims
from amends.interfaces.web.claim_pages import Wizard
from amends.interfaces.web.evidence_intake import FILE_ID, FORM_BYTES_MAX, Received, received
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit

_CLAIM = "/orders/{order_id:str}/claim"


@get(_CLAIM)
async def ask(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """The next question of a claim, as far as the address answers them. A draft goes on where it stopped."""
    visit.require(Role.BUYER)
    query = visit.request.query_params
    values: Mapping[str, list[str]] = {name: query.getall(name) for name in query}
    at = await _setting(visit, order_id, (values.get("draft") or [""])[-1])
    if at.draft is not None and "reason" not in values:
        values = answers.of_draft(visit, at, at.draft)
        files = await visit.parts.evidence.mine(values.get(FILE_ID, []), order_id, visit.actor)
        form = Form(values, visit.words, visit.now)
        draft = Wizard(visit, at, form, Received(files=tuple(files)), posted=True)
        return _resumed(await draft.look_at_stock())
    fresh = Wizard(visit, at, Form(values, visit.words, visit.now), posted=False)
    return (await fresh.look_at_stock()).next()


def _resumed(wizard: Wizard) -> Response[str]:
    units = wizard.units()
    option = wizard.chosen(wizard.options(units))
    if not wizard.form.raw("story") or option is None or wizard.form.errors:
        return wizard.next()
    return wizard.next("check")


@post(_CLAIM, request_max_body_size=FORM_BYTES_MAX)
async def answer(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """An answer that came with what was typed before: go on, change, keep as a draft, or send."""
    visit.require(Role.BUYER)
    sent = await visit.fields()
    values = answers.tidied(sent)
    at = await _setting(visit, order_id, (values.get("draft") or [""])[-1])
    got = await received(visit, order_id, limits_of(next(iter(at.terms.values()))), values.get(FILE_ID))
    values[FILE_ID] = got.ids
    form = Form(values, visit.words, visit.now)
    wizard = await Wizard(visit, at, form, got, posted=True).look_at_stock()
    step = "details" if "remove" in sent else form.raw("step")
    page = wizard.shown("details" if got.wrong else step)
    if page is not None:
        return page
    units = wizard.units()
    option = wizard.chosen(wizard.options(units))
    if step == "draft" or option is None:
        return await _keep(wizard, units, option)
    read = answers.read(form, at, option, units, draft=False, stock=wizard.stock)
    if read is None:
        return wizard.ask_details(units, option, status=422)
    return wizard.check(units, option, read) if step == "check" else await _send(wizard, units, option, read)


async def _keep(wizard: Wizard, units: tuple[Unit, ...], option: Option | None) -> Response[str] | Redirect:
    """Save for later what there is."""
    form, at = wizard.form, wizard.at
    if option is None:
        read = answers.undecided(form, at, units)
    else:
        read = answers.read(form, at, option, units, draft=True, stock=wizard.stock)
    if read is not None:
        result = await wizard.visit.submit(
            _command(read, at.draft, draft=True), wizard.order.order_id, _id(at.draft), values=form.values
        )
        if isinstance(result, Done):
            return wizard.visit.redirect(f"/cases/{result.case_id}", "save_draft")
        form.refused(result, wizard.order.currency)
    if option is None:
        return wizard.ask_remedy(units, wizard.options(units))
    return wizard.ask_details(units, option, status=422)


async def _send(
    wizard: Wizard, units: tuple[Unit, ...], option: Option, read: answers.Claim
) -> Response[str] | Redirect:
    """Put the claim before the seller; a draft is brought up to date first."""
    visit, form, draft, order_id = wizard.visit, wizard.form, wizard.at.draft, wizard.order.order_id
    result = await visit.submit(_command(read, draft, draft=False), order_id, _id(draft), values=form.values)
    if isinstance(result, Done) and draft is not None:
        # The same form sent twice acts once: each of its two commands has a key of its own.
        sending = {**form.values, "_key": [f"{form.raw('_key')[:60]}-go"]}
        result = await visit.submit(SubmitDraft(), order_id, draft.case_id, values=sending)
    if isinstance(result, Done):
        return visit.redirect(f"/cases/{result.case_id}", "open_claim")
    form.refused(result, wizard.order.currency)
    return wizard.ask_details(units, option, status=422)


def _command(read: answers.Claim, kept: Case | None, *, draft: bool) -> OpenClaim | EditDraft:
    given: dict[str, Any] = {name: getattr(read, name) for name in read.__struct_fields__}
    return OpenClaim(**given, draft=draft) if kept is None else EditDraft(**given)


def _id(draft: Case | None) -> str:
    return draft.case_id if draft else ""


async def _setting(visit: Visit, order_id: str, draft_id: str) -> claims.Setting:
    custody, cases = await visit.scene(order_id)
    if not custody.order.lines:
        raise NotFoundException
    draft = next((c for c in cases if c.case_id == draft_id and c.state is State.DRAFTING), None)
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    return claims.setting(custody, cases, terms, draft)


@get("/orders/{order_id:str}/lines/{line_id:str}/claim")
async def of_line(visit: NamedDependency[Visit], order_id: FromPath[str], line_id: FromPath[str]) -> Redirect:
    """A claim about one line: the same pages with that line chosen."""
    visit.require(Role.BUYER)
    custody, _ = await visit.scene(order_id)
    if custody.order.line(line_id) is None:
        raise NotFoundException
    query = [(name, value) for name, value in visit.request.query_params.multi_items() if name != "line"]
    return Redirect(f"/orders/{order_id}/claim?{urlencode([('line', line_id), *query])}", status_code=303)


routes = Router("/", route_handlers=[ask, answer, of_line])
