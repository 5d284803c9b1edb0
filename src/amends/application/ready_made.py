"""Ready-made messages for each role: kept as their name and values, so each side reads its own language."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from amends.application.words import N_, Words
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.parties import Role


class Template(msgspec.Struct, frozen=True):
    """A message somebody need not write: ``title`` in the list, ``text`` with ``%(name)s`` for each field.

    ``order`` and ``item`` are filled in by themselves; ``fields`` are asked for.
    """

    title: str
    text: str
    roles: tuple[Role, ...]
    fields: tuple[str, ...] = ()


_B, _S, _M = (Role.BUYER,), (Role.SELLER,), (Role.MEDIATOR, Role.OPERATOR)

TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "where_is_it": Template(
            N_("Where is my order?"),
            N_("Hello, I am waiting for “%(item)s” from order %(order)s. Could you tell me where it is?"),
            _B,
        ),
        "something_wrong": Template(
            N_("Something is wrong with it"),
            N_("Hello, “%(item)s” from order %(order)s is not right: %(detail)s How can we mend it?"),
            _B,
            ("detail",),
        ),
        "how_to_return": Template(
            N_("How do I send it back?"),
            N_("Hello, I would like to send “%(item)s” back. Which address should I use?"),
            _B,
        ),
        "not_answered": Template(
            N_("I have not heard from you"),
            N_(
                "Hello, I wrote about order %(order)s and have not had an answer yet. Could you please reply?"
            ),
            _B,
        ),
        "on_its_way": Template(
            N_("It is on its way"),
            N_("Hello, “%(item)s” from order %(order)s is on its way. You can follow it on its page."),
            _S,
        ),
        "more_photos": Template(
            N_("Please send a photo"),
            N_(
                "Hello, I am sorry about “%(item)s”. Could you add a photo that shows the problem? "
                "It helps me to help you faster."
            ),
            _S,
        ),
        "delayed": Template(
            N_("It will be late"),
            N_("Hello, I am sorry: “%(item)s” will be late. I expect to send it on %(detail)s"),
            _S,
            ("detail",),
        ),
        "will_refund": Template(
            N_("I will refund you"),
            N_(
                "Hello, I am sorry for the trouble with order %(order)s. "
                "Please open a request on its page, and I will accept it."
            ),
            _S,
        ),
        "arrived_back": Template(
            N_("Your return has arrived"),
            N_("Hello, “%(item)s” has come back to me. I will look at it and record the result in the case."),
            _S,
        ),
        "mediator_here": Template(
            N_("I am now looking at the case"),
            N_(
                "Hello, I am the mediator of this case. I read everything both of you have written. "
                "You can both see what is said here."
            ),
            _M,
        ),
        "evidence_helps": Template(
            N_("Evidence that would help"),
            N_("Hello, this would help me to decide: %(detail)s You can add it to the case."),
            _M,
            ("detail",),
        ),
    }
)


def templates_for(role: Role) -> dict[str, Template]:
    """The ready-made messages somebody in that role can send, by their id."""
    return {name: one for name, one in TEMPLATES.items() if role in one.roles}


def said(name: str, values: Mapping[str, str], custody: Custody, case: Case | None, words: Words) -> str:
    """A ready-made message in a reader's language, about an order or one of its cases."""
    order = custody.order
    line = order.line(case.units[0].line_id) if case is not None and case.units else None
    item = line or (order.lines[0] if order.lines else None)
    facts = {"order": order.order_id, "item": item.title if item else order.order_id}
    template = TEMPLATES[name]
    blanks = dict.fromkeys(template.fields, "…")
    return words.say(template.text, **{**blanks, **{k: v for k, v in values.items() if v.strip()}, **facts})
