"""What a buyer does with an order besides claiming: cancel what is not shipped, confirm what has come."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.ports import Done
from amends.domain.cases.commands import OpenCancellation
from amends.domain.cases.model import Kind
from amends.domain.custody.commands import ConfirmReceipt
from amends.domain.orders import Line, Unit
from amends.domain.parties import Role
from amends.domain.policy.options import Option, free_units
from amends.domain.policy.terms import ClauseText
from amends.domain.reasons import REASONS
from amends.interfaces.web import claim as claims
from amends.interfaces.web import orders, vocabulary
from amends.interfaces.web.answers import pieces_field
from amends.interfaces.web.forms import Form, refusal
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_CANCEL = "/orders/{order_id:str}/cancellation"


class Rule(msgspec.Struct, frozen=True):
    """One thing cancelling comes to, and the clause behind it."""

    label: str
    value: str
    clause: ClauseText | None


@get(_CANCEL)
async def cancellation(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """Why to cancel, which items, and what it comes to."""
    visit.require(Role.BUYER)
    return _ask(visit, await _setting(visit, order_id), Form({}, visit.words, visit.now))


@post(_CANCEL)
async def cancel(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """Confirm, then cancel at once or ask the seller, as the terms have it."""
    visit.require(Role.BUYER)
    at = await _setting(visit, order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    reason = form.choice("reason", _reasons(), N_("Choose why you cancel."))
    story = form.text("story")
    units = _chosen(form, at)
    if form.errors or form.raw("step") == "change":
        return _ask(visit, at, form)
    if form.raw("step") != "confirm":
        return _confirm(visit, at, form, units, reason)
    result = await visit.submit(
        OpenCancellation(reason=reason, units=units, story=story), order_id, values=values
    )
    if isinstance(result, Done):
        return visit.redirect(f"/cases/{result.case_id}", "open_cancellation")
    form.refused(result, at.custody.order.currency)
    return _ask(visit, at, form)


async def _setting(visit: Visit, order_id: str) -> claims.Setting:
    custody, cases = await visit.scene(order_id)
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    return claims.setting(custody, cases, terms)


def _reasons() -> tuple[str, ...]:
    return tuple(r.code for r in REASONS.values() if r.kind is Kind.CANCELLATION and r.who_asks is Role.BUYER)


def _unshipped(at: claims.Setting) -> tuple[tuple[Line, tuple[Unit, ...]], ...]:
    """The lines no parcel carries, with the units nobody has cancelled or asks about."""
    order = at.custody.order
    listed = [
        (line, free_units(at.custody, at.cases, line.line_id))
        for line in order.lines
        if order.shipped_at(line.line_id) is None
    ]
    return tuple((line, units) for line, units in listed if units)


def _chosen(form: Form, at: claims.Setting) -> tuple[Unit, ...]:
    """The units to cancel: the first ones of each line, as many as were typed; all where nobody was asked."""
    unshipped = _unshipped(at)
    if (
        not any(pieces_field(line.line_id) in form.values for line, _ in unshipped)
        and "some" not in form.values
    ):
        return tuple(unit for _, units in unshipped for unit in units)
    chosen: list[Unit] = []
    for line, units in unshipped:
        name = pieces_field(line.line_id)
        typed = form.raw(name) or "0"
        if not typed.isdecimal() or int(typed[:9]) > len(units):
            form.wrong(name, N_("Enter a number from 0 to %(most)s."), most=form.words.number(len(units)))
        else:
            chosen += units[: int(typed[:9])]
    if not chosen and not form.errors and unshipped:
        form.wrong(pieces_field(unshipped[0][0].line_id), N_("Choose at least one item."))
    return tuple(chosen)


def _ask(visit: Visit, at: claims.Setting, form: Form) -> Response[str]:
    words, currency = visit.words, at.custody.order.currency
    unshipped = _unshipped(at)
    units = tuple(unit for _, units in unshipped for unit in units)
    offered = claims.cancelling(visit, at, "cancel.changed_mind", units) if units else None
    overdue = claims.cancelling(visit, at, "cancel.not_shipped_in_time", units) if units else None
    late = claims.why_closed(visit, overdue) if overdue and not overdue.open else ""
    asked = "some" in form.values
    rows = [
        {
            "line": line,
            "name": pieces_field(line.line_id),
            "most": len(free),
            "value": form.raw(pieces_field(line.line_id)) if asked else str(len(free)),
            "price": words.money(line.units[0].paid, currency),
        }
        for line, free in unshipped
    ]
    return visit.page(
        "cancellation.html",
        422 if form.errors else 200,
        order=at.custody.order,
        form=form,
        rows=rows,
        some=len(units) > 1,
        rules=_rules(visit, at, offered) if offered and offered.open else (),
        closed=claims.why_closed(visit, offered) if offered and not offered.open else "",
        clause=_clause(at, offered.clause) if offered else None,
        at_once=bool(offered and offered.facts.get("at_once")),
        reasons=[
            (
                code,
                words.say(vocabulary.REASONS[code]),
                late if code == "cancel.not_shipped_in_time" else "",
            )
            for code in _reasons()
        ],
    )


def _confirm(
    visit: Visit, at: claims.Setting, form: Form, units: tuple[Unit, ...], reason: str
) -> Response[str]:
    """Check before it is final."""
    offered = claims.cancelling(visit, at, reason, units) if units else None
    if offered is None or not offered.open:
        return _ask(visit, at, form)
    kept: dict[str, Any] = {
        name: form.raw(name) for name in form.values if name.startswith("n.") or name == "some"
    }
    counts: dict[str, int] = {}
    for unit in units:
        counts[unit.line_id] = counts.get(unit.line_id, 0) + 1
    words = visit.words
    titles = [
        (line.title, words.count("%(number)s piece", "%(number)s pieces", counts[line.line_id]))
        for line in at.custody.order.lines
        if line.line_id in counts
    ]
    return visit.page(
        "cancellation_check.html",
        order=at.custody.order,
        kept={**kept, "reason": reason, "story": form.raw("story")},
        reason=words.say(vocabulary.REASONS[reason]),
        story=form.raw("story"),
        titles=titles,
        rules=_rules(visit, at, offered),
        at_once=bool(offered.facts.get("at_once")),
    )


def _rules(visit: Visit, at: claims.Setting, offered: Option) -> tuple[Rule, ...]:
    """What cancelling comes to: how it goes, the amount, shipping kept, when the money leaves and arrives."""
    words, facts, currency = visit.words, offered.facts, at.custody.order.currency

    def rule(label: str, value: str, clause: object = "") -> Rule:
        return Rule(words.say(label), value, _clause(at, str(clause)))

    if facts.get("at_once"):
        way = words.say(N_("At once, nobody has to agree"))
        if offered.deadline is not None:
            way = words.say(
                N_("At once, nobody has to agree, until %(moment)s"), moment=words.moment(offered.deadline)
            )
    else:
        way = words.say(
            N_("The seller answers by %(moment)s"),
            moment=words.moment(datetime.fromisoformat(str(facts["seller_answers_by"]))),
        )
    rules = [
        rule(N_("How it is cancelled"), way, offered.clause),
        rule(N_("Refund at most"), words.money(offered.amount, currency)),
    ]
    charge = facts.get("shipping_charge")
    if isinstance(charge, int) and charge:
        rules.append(
            rule(N_("Shipping not refunded"), words.money(charge, currency), facts["shipping_charge_clause"])
        )
    if facts.get("fast_refund"):
        rules.append(rule(N_("Fast refund"), words.say(N_("Paid at once")), facts["fast_refund_clause"]))
    elif facts.get("at_once"):
        paid_from = words.moment(datetime.fromisoformat(str(facts["paid_from"])))
        wait = next(
            terms.get("cancel.payout_not_before").clause
            for terms in at.terms.values()
            if terms.has("cancel.payout_not_before")
        )
        rules.append(rule(N_("Money leaves"), words.say(N_("from %(moment)s"), moment=paid_from), wait))
    if offered.eta is not None:
        first, last = (words.day(day) for day in offered.eta)
        rules.append(rule(N_("Money back"), words.say(N_("%(first)s to %(last)s"), first=first, last=last)))
    return tuple(rules)


def _clause(at: claims.Setting, clause: str) -> ClauseText | None:
    return next((terms.clauses[clause] for terms in at.terms.values() if clause in terms.clauses), None)


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


routes = Router("/", route_handlers=[cancellation, cancel, confirm])
