"""Support writes first: to a side of an order, or to a mail address."""

from collections.abc import Mapping
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Redirect

from amends.application.ports.support import Conversation
from amends.application.support import Writing
from amends.domain.messages import TEXT_MAX
from amends.domain.parties import Role
from amends.interfaces.web.forms import Form
from amends.interfaces.web.refusing import told
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_TO = {
    "buyer": N_("The buyer of the order"),
    "seller": N_("The seller of the order"),
    "mail": N_("A mail address"),
}
_FIELDS = ("to", "order_id", "case_id", "email", "subject", "text")
_POINTERS = {"/order_id": "order_id", "/case_id": "order_id", "/email": "email"}


@get("/desk/write")
async def form(
    visit: NamedDependency[Visit],
    order: Annotated[str, QueryParameter(max_length=64)] = "",
    case: Annotated[str, QueryParameter(max_length=80)] = "",
    to: Annotated[str, QueryParameter(max_length=10)] = "buyer",
) -> Response[str]:
    """What to write, and to whom."""
    visit.require(Role.OPERATOR)
    return _page(visit, {"order_id": order, "case_id": case, "to": to if to in _TO else "buyer"})


@post("/desk/write")
async def send(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Write it; the mail goes out at once."""
    visit.require(Role.OPERATOR)
    values = await visit.fields()
    typed = Form(values, visit.words, visit.now)
    to = typed.choice("to", _TO, N_("Choose whom to write to."))
    order_id = typed.text("order_id", N_("Enter the number of the order.") if to != "mail" else "", 64)
    email = typed.text("email", N_("Enter a mail address.") if to == "mail" else "", 254)
    writing = Writing(
        text=typed.text("text", N_("Write what it is about."), TEXT_MAX),
        subject=typed.text("subject", N_("Write a subject."), 120),
        order_id=order_id,
        case_id=typed.text("case_id", most=80),
        to=Role(to) if to in {"buyer", "seller"} else None,
        email=email if to == "mail" else "",
    )
    if not typed.errors:
        key = (values.get("_key") or [""])[-1][:64]
        made = await visit.parts.support.write_to(visit.caller, writing, visit.words, key=key)
        if isinstance(made, Conversation):
            return visit.redirect(f"/desk/{made.conversation_id}", "desk-write")
        field = _POINTERS.get(made.pointer, "text")
        said = {
            "order_id": N_("There is no such order or case."),
            "email": N_("Enter one mail address, such as name@shop.example."),
        }.get(field, told(made, visit.words, ""))
        typed.wrong(field, said)
    return _page(visit, {name: typed.raw(name) for name in _FIELDS}, typed.errors, 422)


def _page(
    visit: Visit, typed: Mapping[str, str], errors: Mapping[str, str] | None = None, status: int = 200
) -> Response[str]:
    return visit.page(
        "desk_write.html",
        status,
        choices=[(code, visit.words.say(title)) for code, title in _TO.items()],
        typed=typed,
        errors=errors or {},
    )


routes = Router("/", route_handlers=[form, send])
