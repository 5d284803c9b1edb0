"""Every payout that is held, in one list: what waits, why, until when, and the answer to each."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter
from litestar.response import Redirect

from amends.application.ports import Done
from amends.application.ports.holds import HeldPayout, HoldFilter
from amends.domain.custody import commands as oc
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.forms import Form
from amends.interfaces.web.payout_holds import HoldCard, hold_card
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 25
_DONE = {"keep": True, "release": False}


class HeldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A held payout in words."""

    order_id: str
    title: str
    amount: str
    seller_id: str
    seller: str
    stage: str
    card: HoldCard


@get("/held-payouts")
async def held_payouts(
    visit: NamedDependency[Visit],
    show: Annotated[str, QueryParameter(max_length=20)] = "in_force",
    seller: Annotated[str, QueryParameter(max_length=64)] = "",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """Holds in force, the one that ends first first; those that ended, the last first."""
    visit.require(Role.OPERATOR)
    return await _page(visit, show, seller, after)


@post("/held-payouts")
async def answer_hold(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Keep one for longer, or release it."""
    visit.require(Role.OPERATOR)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    reason = form.text("reason", N_("Say why."), 2000)
    deed = form.choice("deed", tuple(_DONE), N_("Choose what is to be done."))
    order_id, hold_id = form.raw("order_id"), form.raw("hold_id")
    if not form.errors:
        custody, _ = await visit.scene(order_id)
        command = oc.AnswerHold(hold_id=hold_id, kept=_DONE[deed], reason=reason)
        result = await visit.submit(command, order_id, values=values)
        if isinstance(result, Done):
            return visit.redirect("/held-payouts")
        form.refused(result, custody.order.currency)
    return await _page(visit, "in_force", "", "", form, f"{order_id}/{hold_id}")


async def _page(
    visit: Visit, show: str, seller: str, after: str, form: Form | None = None, tried: str = ""
) -> Response[str]:
    words = visit.words
    wanted = HoldFilter(
        now=visit.now, standing="ended" if show == "ended" else "in_force", seller_id=seller.strip()
    )
    try:
        page = await visit.parts.holds.holds(wanted, after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    rows = [await _row(visit, one) for one in page.holds]
    return visit.page(
        "operator_held_payouts.html",
        422 if form else 200,
        rows=rows,
        next=page.next,
        first=not after,
        show=wanted.standing,
        seller=wanted.seller_id,
        tabs=[("in_force", words.say(N_("Held now"))), ("ended", words.say(N_("Ended")))],
        form=form or Form({}, words, visit.now),
        errors=form.errors if form else {},
        tried=tried,
    )


async def _row(visit: Visit, held: HeldPayout) -> HeldRow:
    words = visit.words
    return HeldRow(
        order_id=held.order_id,
        title=held.title,
        amount=words.money(held.amount, held.currency),
        seller_id=held.seller_id,
        seller=visit.name_of(Role.SELLER, held.seller_id),
        stage=words.say(vocabulary.STAGES[held.stage]),
        card=hold_card(visit, held.hold),
    )
