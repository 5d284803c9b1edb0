"""Withdrawing from a contract in two steps, as the law has it, and the receipt to keep."""

from collections.abc import Sequence

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.ports import Done
from amends.application.withdrawals import LineRight, commands, receipt, receipt_text, rights
from amends.domain.cases.model import Case
from amends.domain.cases.opening import WITHDRAWAL
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PAGE = "/orders/{order_id:str}/withdrawal"
_CLOSED: dict[str, str] = {
    "window_closed": N_("The time to withdraw is over."),
    "unreturnable": N_("The law makes an exception for goods of this kind."),
    "receipt_confirmed": N_("You have confirmed that all is well."),
}


class RightRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line with its right, as the page shows it; ``name`` is its form field."""

    right: LineRight
    name: str
    pieces: str
    amount: str
    until: str
    closed: str
    chosen: bool


async def rights_of(visit: Visit, custody: Custody, cases: Sequence[Case]) -> tuple[LineRight, ...]:
    """The right of each line that is used by two buttons, as it is now."""
    terms = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    by_id = {case.case_id: case for case in cases}
    found = rights(custody, by_id, terms, visit.now, visit.parts.calendars)
    return tuple(one for one in found if one.function)


@get(_PAGE)
async def withdrawal(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str]:
    """The first step: from what, until when, and what comes back."""
    visit.require(Role.BUYER)
    custody, cases = await visit.scene(order_id)
    return await _ask(visit, custody, cases, Form({}, visit.words, visit.now))


@post(_PAGE)
async def withdraw(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """The second step: the statement is confirmed, and its receipt is shown."""
    visit.require(Role.BUYER)
    values = await visit.fields()
    custody, cases = await visit.scene(order_id)
    form = Form(values, visit.words, visit.now)
    found = await rights_of(visit, custody, cases)
    statement = form.text("statement").strip() or _statement(visit, custody)
    units = _chosen(form, found)
    if form.raw("step") == "confirm" and not form.errors and not units:
        # The form was sent twice: what it withdrew from stands in its receipt.
        told = [case for case in cases if case.story == statement and receipt(case, custody.order)]
        if told:
            return visit.redirect(f"/orders/{order_id}/withdrawal/{told[-1].case_id}")
        form.wrong("lines", N_("Choose at least one item."))
    if form.errors or form.raw("step") != "confirm":
        return await _ask(visit, custody, cases, form)
    done = ""
    for number, command in enumerate(commands(found, units, statement)):
        keyed = {**values, "_key": [f"{form.raw('_key')}{number or ''}"]}
        result = await visit.submit(command, order_id, values=keyed)
        if not isinstance(result, Done):
            form.refused(result, custody.order.currency)
            return await _ask(visit, *await visit.scene(order_id), form)
        done = done or result.case_id
    return visit.redirect(f"/orders/{order_id}/withdrawal/{done}")


@get("/orders/{order_id:str}/withdrawal/{case_id:str}")
async def given(
    visit: NamedDependency[Visit], order_id: FromPath[str], case_id: FromPath[str]
) -> Response[str]:
    """The receipt: what was stated, when it came in, what happens now."""
    visit.require(Role.BUYER)
    custody, cases = await visit.scene(order_id)
    told = [case for case in cases if case.case_id == case_id]
    shown = receipt(told[0], custody.order) if told else None
    if shown is None:
        raise NotFoundException
    words = visit.words
    return visit.page(
        "withdrawal_receipt.html",
        order=custody.order,
        receipt=shown,
        received=words.moment(shown.received_at),
        amount=words.money(shown.amount, shown.currency),
        goes_back=told[0].settlement is not None and told[0].settlement.remedy.goods.value == "return",
        seller=visit.name_of(Role.SELLER, shown.seller_id),
    )


@get("/orders/{order_id:str}/withdrawal/{case_id:str}/receipt.txt")
async def kept(
    visit: NamedDependency[Visit], order_id: FromPath[str], case_id: FromPath[str]
) -> Response[str]:
    """The receipt as a file to keep."""
    visit.require(Role.BUYER)
    custody, cases = await visit.scene(order_id)
    shown = next((receipt(case, custody.order) for case in cases if case.case_id == case_id), None)
    if shown is None:
        raise NotFoundException
    headers = {
        "content-disposition": f'attachment; filename="withdrawal-{case_id}.txt"',
        "cache-control": "no-store",
    }
    return Response(receipt_text(shown, visit.words), headers=headers, media_type="text/plain")


def _statement(visit: Visit, custody: Custody) -> str:
    name = visit.person.name if visit.person else custody.order.buyer_id
    said = N_("I withdraw from the contract on order %(order)s, placed on %(day)s. %(name)s")
    words = visit.words
    return words.say(said, order=custody.order.order_id, day=words.day(custody.order.placed_at), name=name)


def _chosen(form: Form, found: Sequence[LineRight]) -> tuple[Unit, ...]:
    chosen: list[Unit] = []
    for right in found:
        name = f"n.{right.line_id}"
        if not right.open or name not in form.values:
            continue
        typed = form.raw(name) or "0"
        if not typed.isdecimal() or int(typed[:9]) > len(right.units):
            most = form.words.number(len(right.units))
            form.wrong(name, N_("Enter a number from 0 to %(most)s."), most=most)
        else:
            chosen += right.units[: int(typed[:9])]
    return tuple(chosen)


async def _ask(visit: Visit, custody: Custody, cases: Sequence[Case], form: Form) -> Response[str]:
    words, order = visit.words, custody.order
    found = await rights_of(visit, custody, cases)
    rows = [
        RightRow(
            right=right,
            name=f"n.{right.line_id}",
            pieces=words.count("%(number)s piece", "%(number)s pieces", len(right.units)),
            amount=words.money(right.amount, order.currency),
            until=words.moment(right.until) if right.until else "",
            closed=words.say(_CLOSED.get(right.why_closed, N_("You cannot withdraw from this now."))),
            chosen=f"n.{right.line_id}" in form.values or not form.values,
        )
        for right in found
    ]
    first = next((row for row in rows if row.right.open), None)
    given_before = [case.case_id for case in cases if case.reason == WITHDRAWAL]
    return visit.page(
        "withdrawal.html",
        422 if form.errors else 200,
        order=order,
        form=form,
        rows=rows,
        law=first.right.clause if first else rows[0].right.clause if rows else None,
        is_open=first is not None,
        statement=form.raw("statement") or _statement(visit, custody),
        seller=visit.name_of(Role.SELLER, order.seller_id),
        receipts=given_before,
        reason=words.say(vocabulary.REASONS[WITHDRAWAL]),
    )


routes = Router("/", route_handlers=[withdrawal, withdraw, given, kept])
