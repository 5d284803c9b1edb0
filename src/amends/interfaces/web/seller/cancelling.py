"""What a seller does with an order: say that it will not be sent."""

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.ports import Done
from amends.domain.custody.commands import CancelBySeller
from amends.domain.parties import Role
from amends.interfaces.web import orders
from amends.interfaces.web.forms import Form, refusal
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_


@post("/orders/{order_id:str}/cancel-by-seller")
async def cancel(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """Cancel what has not been shipped; the buyer is refunded in full."""
    visit.require(Role.SELLER)
    custody, _ = await visit.scene(order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    if form.raw("sure") != "yes":
        sure = visit.words.say(N_("Confirm that you want to cancel what is not shipped."))
        return await orders.show(visit, order_id, sure)
    result = await visit.submit(CancelBySeller(note=form.text("note")), order_id, values=values)
    if isinstance(result, Done):
        return visit.redirect(f"/orders/{order_id}", "cancel_by_seller")
    return await orders.show(visit, order_id, refusal(result, visit.words, custody.order.currency))
