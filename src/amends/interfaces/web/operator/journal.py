"""The audit log: everything that happened on all orders, by whom, newest first."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from amends.application.ports import Link
from amends.application.ports.people import PeopleFilter
from amends.domain.parties import Actor, Role
from amends.interfaces.web import people_words, vocabulary
from amends.interfaces.web.operator.account_journal import logs
from amends.interfaces.web.telling import Teller
from amends.interfaces.web.visits import Visit

_SHOWN = 100
_MEANT = 12
_INSTANT_MOST = 5000


class JournalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event: when, who, what, where it led."""

    at: datetime
    who: str
    title: str
    detail: str
    stream: str
    href: str
    seq: int


@get("/journal")
async def journal(
    visit: NamedDependency[Visit],
    until: Annotated[str, QueryParameter(max_length=40)] = "",
    who: Annotated[str, QueryParameter(max_length=120)] = "",
) -> Response[str]:
    """A page of the log; ``until`` is an instant to look back from, in the reader's zone unless it says more;
    ``who`` is ``role:id``, or a part of a name.
    """
    visit.require(Role.OPERATOR)
    end = _instant(visit, until) or visit.now + timedelta(microseconds=1)
    actor, meant = await _actor(visit, who)
    links: list[Link] = []
    older = ""
    # Most pages are filled by the last day; only a quiet marketplace is looked through further back.
    for days in (1, 30, 3650):
        links = list(await visit.parts.figures.journal(end - timedelta(days=days), end, _SHOWN, actor))
        if len(links) == _SHOWN:
            links, older = await _whole_instants(visit, links, end, actor)
            break
    orders = {}
    for order_id in dict.fromkeys(link.recorded.order_id for link in links):
        scene = await visit.parts.reader.scene(order_id)
        if scene is not None and scene.custody is not None:
            orders[order_id] = scene.custody.order
    members = await visit.parts.accounts.teams.behind(list(orders)) if links else {}
    rows = [
        _row(visit, visit.teller(orders[link.recorded.order_id]), link, members)
        for link in links
        if link.recorded.order_id in orders
    ]
    return visit.page(
        "operator_journal.html",
        tabs=logs(visit),
        rows=[] if who.strip() and not actor else rows,
        older="" if who.strip() and not actor else older,
        typed=who.strip(),
        who=actor,
        whose=await _named(visit, actor),
        meant=meant,
        until=f"{visit.words.local(end):%Y-%m-%dT%H:%M}" if until else "",
    )


async def _named(visit: Visit, actor: str) -> str:
    """Whom ``role:id`` means, in words; empty for nobody in particular."""
    if not actor:
        return ""
    role, _, person_id = actor.partition(":")
    if not person_id:
        return visit.words.say(vocabulary.ROLES[Role(role)])
    found = await visit.parts.accounts.people.of_party(Actor(Role(role), person_id))
    return next((one.name for one in found if one.name), "") or visit.name_of(Role(role), person_id)


async def _actor(visit: Visit, who: str) -> tuple[str, list[tuple[str, str]]]:
    """Whose deeds are wanted, as ``role:id``; and who else may have been meant: (role:id, name)."""
    typed = who.strip()
    role, colon, person_id = typed.partition(":")
    if colon and role in set(Role):
        return f"{role}:{person_id}", []
    if not typed:
        return "", []
    page = await visit.parts.accounts.people.find(PeopleFilter(text=typed), limit=_MEANT)
    names = {f"{one.role.value}:{one.party_id}": one for one in reversed(page.accounts)}
    if len(names) == 1:
        return next(iter(names)), []
    return "", [
        (code, visit.words.say(vocabulary.PEOPLE[one.role], name=one.name or one.party_id))
        for code, one in names.items()
    ]


async def _whole_instants(
    visit: Visit, links: list[Link], end: datetime, actor: str
) -> tuple[list[Link], str]:
    """The links without an instant that goes on over the page's edge, and where the next page begins."""
    last = links[-1].recorded.at
    kept = [link for link in links if link.recorded.at > last]
    if kept:
        return kept, kept[-1].recorded.at.isoformat()
    # One instant fills the page: many deadlines passed in one batch.
    whole = await visit.parts.figures.journal(last, end, _INSTANT_MOST, actor)
    return list(whole), last.isoformat()


def _instant(visit: Visit, text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
        zone = found.tzinfo or visit.words.zone
        return found.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _row(visit: Visit, teller: Teller, link: Link, members: Mapping[str, str]) -> JournalRow:
    recorded = link.recorded
    title, detail = teller.tell(recorded)
    role = visit.words.say(vocabulary.ROLES[recorded.actor.role])
    # What the clock and the marketplace's own programs do has no person behind it.
    known = "" if recorded.actor.role is Role.CLOCK else recorded.actor.id
    name = visit.name_of(recorded.actor.role, known) if known else ""
    if known in people_words.AUTHORS:
        name = role = visit.words.say(people_words.AUTHORS[known])
    # Events name the seller; the team's own record says who of it that was.
    member = members.get(recorded.name, "")
    on_order = recorded.stream == recorded.order_id
    return JournalRow(
        at=recorded.at,
        who=" · ".join(dict.fromkeys(filter(None, (member, name, role)))),
        title=title,
        detail=detail,
        stream=recorded.stream,
        href=f"/{'orders' if on_order else 'cases'}/{recorded.stream}",
        seq=recorded.seq,
    )
