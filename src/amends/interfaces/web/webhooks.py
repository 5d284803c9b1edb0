"""Webhooks: where a seller or the marketplace wants to hear of events, and what came of it."""

from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports.webhooks import Endpoint, Sending
from amends.application.webhooks import EVENTS
from amends.domain.parties import Role
from amends.domain.refusals import Refused
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 30
_STATES = {
    "waiting": (N_("Waiting to be sent"), "turn"),
    "delivered": (N_("Delivered"), "good"),
    "failed": (N_("Given up"), "bad"),
}
_WHY = {
    "refused": N_("The address lies inside a private network."),
    "unreachable": N_("Nobody answered at the address."),
    "timeout": N_("The answer took too long."),
    "redirected": N_("The answer leads elsewhere, which is not followed."),
    "removed": N_("The endpoint was removed."),
}


class SendingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the delivery log."""

    delivery_id: str
    event: str
    about: str
    badge: Badge
    at: object
    stamp: str
    result: str


@get("/webhooks")
async def webhooks(visit: NamedDependency[Visit]) -> Response[str]:
    """The endpoints."""
    return await _page(visit)


@post("/webhooks")
async def register(visit: NamedDependency[Visit]) -> Response[str]:
    """A new endpoint; its secret is shown this once."""
    form = _form(visit, await visit.fields())
    made = await visit.parts.correspondence.webhooks.register(
        visit.caller, form.raw("url"), _events(form), form.text("note", most=200)
    )
    if isinstance(made, Refused):
        return await _page(visit, form=_refused(form, made))
    return await _show(visit, made, secret=made.secret)


@get("/webhooks/{endpoint_id:str}")
async def endpoint(
    visit: NamedDependency[Visit],
    endpoint_id: FromPath[str],
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """One endpoint and its log."""
    return await _show(visit, await _mine(visit, endpoint_id), after)


@post("/webhooks/{endpoint_id:str}")
async def change(visit: NamedDependency[Visit], endpoint_id: FromPath[str]) -> Response[str] | Redirect:
    """Change it, try it, renew its secret, send something again, or remove it."""
    found = await _mine(visit, endpoint_id)
    form = _form(visit, await visit.fields())
    webhooks = visit.parts.correspondence.webhooks
    match form.raw("do"):
        case "remove":
            await webhooks.remove(found)
            return visit.redirect("/webhooks", "webhook-removed")
        case "rotate":
            renewed = await webhooks.rotate(found)
            return await _show(visit, renewed, secret=renewed.secret)
        case "ping":
            await webhooks.ping(found)
            return visit.redirect(f"/webhooks/{endpoint_id}", "webhook-pinged")
        case "replay":
            if await webhooks.replay(found, form.raw("delivery_id")) is None:
                raise NotFoundException
            return visit.redirect(f"/webhooks/{endpoint_id}", "webhook-replayed")
    made = await webhooks.change(found, form.raw("url"), _events(form), form.text("note", most=200))
    if isinstance(made, Refused):
        return await _show(visit, found, form=_refused(form, made))
    return visit.redirect(f"/webhooks/{endpoint_id}", "webhook-changed")


def _form(visit: Visit, values: dict[str, list[str]]) -> Form:
    visit.require(Role.SELLER, Role.OPERATOR)
    return Form(values, visit.words, visit.now)


def _events(form: Form) -> list[str]:
    return list(form.values.get("events", ()))


def _refused(form: Form, refused: Refused) -> Form:
    if refused.pointer == "/events":
        form.wrong("events", N_("Choose at least one event."))
    elif refused.pointer == "/url":
        form.wrong("url", N_("Enter a public address that starts with https://"))
    else:
        form.wrong("url", N_("There are as many endpoints as there can be. Remove one first."))
    return form


async def _mine(visit: Visit, endpoint_id: str) -> Endpoint:
    visit.require(Role.SELLER, Role.OPERATOR)
    found: Endpoint | None = await visit.parts.correspondence.webhooks.find(visit.caller, endpoint_id)
    if found is None:
        raise NotFoundException
    return found


async def _page(visit: Visit, form: Form | None = None) -> Response[str]:
    visit.require(Role.SELLER, Role.OPERATOR)
    return visit.page(
        "webhooks.html",
        422 if form else 200,
        live=None,
        endpoints=await visit.parts.correspondence.webhooks.of(visit.caller),
        **_typed(form, None),
    )


def _typed(form: Form | None, found: Endpoint | None) -> dict[str, object]:
    return {
        "events": [("*", ""), *((one, one) for one in EVENTS)],
        "chosen": _events(form) if form else found.events if found else ("*",),
        "url": form.raw("url") if form else found.url if found else "",
        "note": form.raw("note") if form else found.note if found else "",
        "errors": form.errors if form else {},
    }


async def _show(
    visit: Visit, found: Endpoint, after: str = "", *, secret: str = "", form: Form | None = None
) -> Response[str]:
    try:
        page = await visit.parts.correspondence.webhooks.log(found, after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    return visit.page(
        "webhook.html",
        422 if form else 200,
        live=None,
        endpoint=found,
        secret=secret,
        rows=[_row(one, visit) for one in page.sendings],
        next=page.next,
        first=not after,
        **_typed(form, found),
    )


def _row(one: Sending, visit: Visit) -> SendingRow:
    title, tone = _STATES[one.state]
    result = ""
    if one.attempts:
        answer = visit.words.say(_WHY[one.why]) if one.why in _WHY else f"HTTP {one.status}"
        tries = visit.words.count("%(number)s attempt", "%(number)s attempts", one.attempts)
        result = f"{answer} · {tries}"
    return SendingRow(
        delivery_id=one.delivery_id,
        event=one.event,
        about=one.case_id or one.order_id,
        badge=Badge(visit.words.say(title), tone),
        at=one.at,
        stamp=visit.words.stamp(one.at),
        result=result,
    )


routes = Router("/", route_handlers=[webhooks, register, endpoint, change])
