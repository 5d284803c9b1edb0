"""Sending evidence to the provider of a disputed payment, and agreeing that it is sent."""

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.rebuttals import NOTE_MAX
from amends.domain.parties import Role
from amends.domain.refusals import Refused
from amends.interfaces.web.forms import Form
from amends.interfaces.web.operator.order_money import money_page
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_DEEDS = ("send", "agree", "drop")


@post("/orders/{order_id:str}/chargebacks/{dispute_id:str}/statement")
async def act_on_statement(
    visit: NamedDependency[Visit], order_id: FromPath[str], dispute_id: FromPath[str]
) -> Response[str] | Redirect:
    """Send it, agree that it is sent, or say why not."""
    visit.require(Role.OPERATOR)
    custody, _ = await visit.scene(order_id)
    if not any(one.dispute_id == dispute_id for one in custody.chargebacks):
        raise NotFoundException
    form = Form(await visit.fields(), visit.words, visit.now)
    deed = form.choice("deed", _DEEDS, N_("Choose what is to be done."))
    note = "" if deed == "agree" else form.text("note", N_("Say why."), NOTE_MAX)
    if not form.errors:
        work, by = visit.parts.rebuttals, visit.actor
        if deed == "send":
            answer = await work.propose(order_id, dispute_id, note, by)
        else:
            answer = await work.answer(order_id, dispute_id, by, agreed=deed == "agree", why=note)
        if not isinstance(answer, Refused):
            return visit.redirect(f"/orders/{order_id}/money")
        form.refused(answer, custody.order.currency)
    return await money_page(visit, order_id, form, f"statement {dispute_id}")
