"""What a buyer does with an order: claim, cancel, confirm. One question a page."""

from collections.abc import Mapping

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.ports import Done
from amends.domain.cases.commands import EditDraft, OpenCancellation, OpenClaim
from amends.domain.cases.model import Case, Goods, Kind, State
from amends.domain.custody.commands import ConfirmReceipt
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option, options, taken_units
from amends.domain.reasons import REASONS
from amends.domain.refunds import max_refund
from amends.interfaces.web import claim as claims
from amends.interfaces.web import orders, vocabulary
from amends.interfaces.web.forms import Form, refusal
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_CLAIM = "/orders/{order_id:str}/lines/{line_id:str}/claim"
_CANCEL = "/orders/{order_id:str}/cancellation"


@get(_CLAIM)
async def ask(
    visit: NamedDependency[Visit], order_id: FromPath[str], line_id: FromPath[str]
) -> Response[str]:
    """The questions of a claim, as far as the address answers them: reason, remedy, details."""
    visit.require(Role.BUYER)
    query = visit.request.query_params
    values: Mapping[str, list[str]] = {name: query.getall(name) for name in query}
    at, draft = await _setting(visit, order_id, line_id, (values.get("draft") or [""])[-1])
    if draft is not None and "reason" not in values:
        # A saved draft goes on where it stopped.
        most = max_refund(at.custody, draft.units)
        values = claims.typed_of(draft, visit, most)
    form = Form(values, visit.words, visit.now)
    return _question(visit, at, form, asked="asked" in values)


@post(_CLAIM)
async def answer(
    visit: NamedDependency[Visit], order_id: FromPath[str], line_id: FromPath[str]
) -> Response[str] | Redirect:
    """Check the answers, change them, keep them as a draft, or send the request."""
    visit.require(Role.BUYER)
    values = await visit.fields()
    at, draft = await _setting(visit, order_id, line_id, (values.get("draft") or [""])[-1])
    form = Form(values, visit.words, visit.now)
    step = form.raw("step")
    units, option = _chosen(visit, at, form)
    if option is None or step == "change":
        return _question(visit, at, form, asked=step != "change")
    read = claims.read(form, at, option, units, draft=step == "draft")
    if read is None:
        return _details(visit, at, form, option, units, 422)
    if step == "check":
        return _check(visit, at, form, option, read)
    command: OpenClaim | EditDraft
    if draft is not None:
        command = EditDraft(
            reason=read.reason, units=read.units, wanted=read.wanted, story=read.story, evidence=read.evidence
        )
    else:
        command = OpenClaim(
            reason=read.reason,
            units=read.units,
            wanted=read.wanted,
            story=read.story,
            evidence=read.evidence,
            draft=step == "draft",
        )
    result = await visit.submit(command, order_id, draft.case_id if draft else "", values=values)
    if isinstance(result, Done):
        done = "save_draft" if step == "draft" or draft is not None else "open_claim"
        return visit.redirect(f"/cases/{result.case_id}", done)
    form.refused(result, at.custody.order.currency)
    return _details(visit, at, form, option, units, 422)


async def _setting(
    visit: Visit, order_id: str, line_id: str, draft_id: str
) -> tuple[claims.Setting, Case | None]:
    custody, cases = await visit.scene(order_id)
    line = custody.order.line(line_id)
    if line is None:
        raise NotFoundException
    draft = next((c for c in cases if c.case_id == draft_id and c.state is State.DRAFTING), None)
    terms = await visit.parts.reader.terms_of([line.terms_id])
    return claims.setting(custody, cases, line, terms[line.terms_id], draft_id), draft


def _chosen(visit: Visit, at: claims.Setting, form: Form) -> tuple[tuple[Unit, ...], Option | None]:
    reason = REASONS.get(form.raw("reason"))
    units = claims.quantity(form, at)
    if reason is None or reason.kind is not Kind.CLAIM or form.errors:
        return units, None
    offered = claims.judged(visit, at, reason.code, units)
    return units, next((o for o in offered if o.open and o.remedy == form.raw("remedy")), None)


def _question(visit: Visit, at: claims.Setting, form: Form, *, asked: bool) -> Response[str]:
    """The first question that has no answer yet; ``asked`` once the reader has tried to answer it."""
    reason = REASONS.get(form.raw("reason"))
    units, option = _chosen(visit, at, form)
    if reason is None or reason.kind is not Kind.CLAIM or form.errors:
        if asked and not form.raw("reason"):
            form.wrong("reason", N_("Choose what is wrong."))
        return _page(
            visit, "claim_reason.html", at, form, families=claims.families(visit, at), free=len(at.free)
        )
    if option is not None:
        return _details(visit, at, form, option, units, 200)
    offered = claims.judged(visit, at, reason.code, units)
    if form.raw("remedy") or form.raw("asked") == "remedy":
        form.wrong("remedy", N_("Choose one of the remedies that are open."))
    return _page(
        visit,
        "claim_remedy.html",
        at,
        form,
        cards=claims.cards(visit, at, offered),
        reason=visit.words.say(vocabulary.REASONS[reason.code]),
    )


def _details(
    visit: Visit, at: claims.Setting, form: Form, option: Option, units: tuple[Unit, ...], status: int
) -> Response[str]:
    suggested = option.suggested[0] if option.suggested else 0
    evidence = REASONS[form.raw("reason")].evidence
    return _page(
        visit,
        "claim_details.html",
        at,
        form,
        status=status,
        option=option,
        card=claims.cards(visit, at, (option,))[0],
        reason=visit.words.say(vocabulary.REASONS[form.raw("reason")]),
        count=len(units),
        amount=form.raw("amount")
        or (visit.words.amount_field(suggested, at.custody.order.currency) if suggested else ""),
        most=visit.words.money(option.amount, at.custody.order.currency),
        suffices=visit.words.listing(
            [visit.words.say(vocabulary.EVIDENCE_KINDS[kind]).lower() for kind in evidence], "or"
        ),
        kinds=[(kind, visit.words.say(title)) for kind, title in vocabulary.EVIDENCE_KINDS.items()],
    )


def _check(visit: Visit, at: claims.Setting, form: Form, option: Option, read: claims.Claim) -> Response[str]:
    words = visit.words
    return _page(
        visit,
        "claim_check.html",
        at,
        form,
        option=option,
        card=claims.cards(visit, at, (option,))[0],
        reason=words.say(vocabulary.REASONS[read.reason]),
        wanted=visit.teller(at.custody.order).remedy(read.wanted),
        returned=read.wanted.goods is Goods.RETURN,
        read=read,
        kind=words.say(vocabulary.EVIDENCE_KINDS[read.evidence[0].kind]) if read.evidence else "",
    )


def _page(
    visit: Visit, template: str, at: claims.Setting, form: Form, *, status: int = 0, **context: object
) -> Response[str]:
    order = at.custody.order
    path = f"/orders/{order.order_id}/lines/{at.line.line_id}/claim"
    kept = {name: form.raw(name) for name in claims.FIELDS}
    return visit.page(
        template,
        status or (422 if form.errors else 200),
        order=order,
        line=at.line,
        form=form,
        kept=kept,
        here=path,
        **context,
    )


@get(_CANCEL)
async def cancellation(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """Why to cancel, and what cancelling comes to."""
    visit.require(Role.BUYER)
    return await _cancellation(visit, order_id, Form({}, visit.words, visit.now))


@post(_CANCEL)
async def cancel(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """Cancel everything not yet shipped."""
    visit.require(Role.BUYER)
    custody, _ = await visit.scene(order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    reason = form.choice("reason", _cancel_reasons(), N_("Choose why you cancel."))
    story = form.text("story")
    if form.errors:
        return await _cancellation(visit, order_id, form)
    result = await visit.submit(OpenCancellation(reason=reason, story=story), order_id, values=values)
    if isinstance(result, Done):
        return visit.redirect(f"/cases/{result.case_id}", "open_cancellation")
    form.refused(result, custody.order.currency)
    return await _cancellation(visit, order_id, form)


def _cancel_reasons() -> tuple[str, ...]:
    return tuple(r.code for r in REASONS.values() if r.kind is Kind.CANCELLATION and r.who_asks is Role.BUYER)


async def _cancellation(visit: Visit, order_id: str, form: Form) -> Response[str]:
    custody, cases = await visit.scene(order_id)
    units = _unshipped(custody, cases)
    words = visit.words
    card: claims.OptionCard | None = None
    if units:
        line = custody.order.line(units[0].line_id) or custody.order.lines[0]
        terms = (await visit.parts.reader.terms_of([line.terms_id]))[line.terms_id]
        at = claims.setting(custody, cases, line, terms)
        of_line = tuple(unit for unit in units if unit.line_id == line.line_id)
        offered = options(
            custody,
            cases,
            of_line,
            "cancel.changed_mind",
            terms=terms,
            now=visit.now,
            calendars=visit.parts.calendars,
        )
        card = claims.cards(visit, at, tuple(o for o in offered if o.remedy == "cancellation"))[0]
    return visit.page(
        "cancellation.html",
        422 if form.errors else 200,
        order=custody.order,
        form=form,
        card=card,
        pieces=words.count("%(number)s piece", "%(number)s pieces", len(units)),
        amount=words.money(max_refund(custody, units), custody.order.currency),
        reasons=[(code, words.say(vocabulary.REASONS[code])) for code in _cancel_reasons()],
    )


def _unshipped(custody: Custody, cases: list[Case]) -> tuple[Unit, ...]:
    taken = taken_units(custody, cases)
    return tuple(
        unit
        for line in custody.order.lines
        if custody.order.shipped_at(line.line_id) is None
        for unit in (Unit(line.line_id, index) for index in range(line.quantity))
        if unit not in taken
    )


@post("/orders/{order_id:str}/receipt")
async def confirm(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """Say that everything is there: the money goes to the seller."""
    visit.require(Role.BUYER)
    custody, _ = await visit.scene(order_id)
    values = await visit.fields()
    if (values.get("sure") or [""])[-1] != "yes":
        sure = visit.words.say(N_("Confirm that you have everything."))
        return await orders.show(visit, order_id, sure)
    result = await visit.submit(ConfirmReceipt(), order_id, values=values)
    if isinstance(result, Done):
        return visit.redirect(f"/orders/{order_id}", "confirm_receipt")
    return await orders.show(visit, order_id, refusal(result, visit.words, custody.order.currency))


routes = Router("/", route_handlers=[ask, answer, cancellation, cancel, confirm])
