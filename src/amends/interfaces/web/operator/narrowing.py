"""How operators narrow the lists of all orders and all cases: by number, buyer, seller and state."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from amends.application.ports import Among
from amends.application.ports.people import PeopleFilter
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.visits import Visit

_PEOPLE_MAX = 50


class Chip(msgspec.Struct, frozen=True):
    """A filter somebody came with: what it says, and the address of the list without it."""

    text: str
    without: str


async def among(visit: Visit, query: str) -> Among | None:
    """What somebody typed: the beginning of a number, or a part of a buyer's or seller's name or address.

    None where nothing was typed.
    """
    typed = query.strip().removeprefix("#")
    if not typed:
        return None
    page = await visit.parts.accounts.people.find(PeopleFilter(text=typed), "", _PEOPLE_MAX)
    of = {
        role: {one.party_id for one in page.accounts if one.role is role}
        for role in (Role.BUYER, Role.SELLER)
    }
    # A case's number is its order's with a dot and a count behind it.
    order_id, dot, count = typed.rpartition(".")
    return Among(
        number=order_id if dot and count.isdecimal() else typed,
        buyer_ids=tuple(sorted(of[Role.BUYER] | {typed})),
        seller_ids=tuple(sorted(of[Role.SELLER] | {typed})),
    )


def chips(visit: Visit, path: str, kept: Mapping[str, str]) -> list[Chip]:
    """The buyer, the seller, the mediator and the reason a list was narrowed to."""
    said = {
        role.value: visit.words.say(vocabulary.PEOPLE[role], name=visit.name_of(role, kept[role.value]))
        for role in (Role.BUYER, Role.SELLER, Role.MEDIATOR)
        if kept.get(role.value)
    }
    if reason := kept.get("reason"):
        said["reason"] = visit.words.say(vocabulary.REASONS[reason])
    found = []
    for name, text in said.items():
        rest = kept_query({**kept, name: ""})
        found.append(Chip(text, f"{path}?{rest}" if rest else path))
    return found


def kept_query(kept: Mapping[str, str]) -> str:
    """The filters as a query; those that are empty are left out."""
    return urlencode({name: value for name, value in kept.items() if value})
