"""More time to return: the seller offers it on the order's page, the buyer accepts or declines there."""

import secrets

from litestar import Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.extensions import terms_agreed
from amends.application.ports import Done
from amends.domain.custody.commands import AnswerExtension, OfferExtension
from amends.domain.parties import Role
from amends.interfaces.web import orders
from amends.interfaces.web.forms import Form, refusal
from amends.interfaces.web.visits import Visit


@post("/orders/{order_id:str}/extension")
async def offer(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """The seller offers a later last day."""
    visit.require(Role.SELLER)
    custody, _ = await visit.scene(order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    # The form's own key names the offer, so that a form sent twice offers once.
    extension_id = "".join(one for one in form.raw("_key") if one.isalnum())[:32] or secrets.token_hex(8)
    command = OfferExtension(extension_id=extension_id, until=form.raw("until"), note=form.text("note"))
    result = await visit.submit(command, order_id, values=values)
    if isinstance(result, Done):
        return visit.redirect(f"/orders/{order_id}")
    return await orders.show(visit, order_id, refusal(result, visit.words, custody.order.currency))


@post("/orders/{order_id:str}/extension-answer")
async def answer(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """The buyer accepts or declines what was offered."""
    visit.require(Role.BUYER)
    custody, _ = await visit.scene(order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    extension_id, agreed = form.raw("extension"), form.raw("answer") == "accept"
    known = await visit.parts.reader.terms_of([line.terms_id for line in custody.order.lines])
    terms = terms_agreed(custody, known, extension_id) if agreed else ()
    command = AnswerExtension(extension_id=extension_id, agreed=agreed)
    result = await visit.submit(command, order_id, values=values, terms=terms)
    if isinstance(result, Done):
        return visit.redirect(f"/orders/{order_id}")
    return await orders.show(visit, order_id, refusal(result, visit.words, custody.order.currency))


routes = Router("/", route_handlers=[offer, answer])
