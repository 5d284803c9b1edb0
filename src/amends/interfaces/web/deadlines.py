"""Deadlines: all of one's own on one page, and the private calendar that has them."""

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from amends.application.deadlines import Deadline, together
from amends.interfaces.web.correspondence_words import described
from amends.interfaces.web.visits import Visit

_SHOWN = 200


class DeadlineRow(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline of the list."""

    title: str
    then: str
    left: str
    until: str
    at: object
    href: str
    name: str
    mine: bool
    urgent: bool


@get("/deadlines")
async def deadlines(visit: NamedDependency[Visit]) -> Response[str]:
    """What is due, nearest first: what is mine to do, and what I wait for."""
    return await _page(visit)


@post("/deadlines/calendar")
async def calendar(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Make a new address of one's calendar, shown this once, or end the one there is."""
    feed = visit.parts.correspondence.feed
    if (await visit.fields()).get("do", [""])[-1] == "close":
        await feed.close(visit.actor)
        return visit.redirect("/deadlines", "calendar-closed")
    return await _page(visit, await feed.open(visit.actor))


@get("/calendar/{name:str}")
async def subscribed(visit: NamedDependency[Visit], name: FromPath[str]) -> Response[bytes]:
    """The calendar at a secret address: whoever knows it need not sign in."""
    token, dot, ending = name.rpartition(".")
    found = None
    if dot and ending == "ics":
        found = await visit.parts.correspondence.feed.calendar(token, described)
    if found is None:
        raise NotFoundException
    headers = {
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex",
        "content-disposition": 'inline; filename="amends.ics"',
    }
    return Response(found, media_type="text/calendar", headers=headers)


async def _page(visit: Visit, address: str = "") -> Response[str]:
    correspondence = visit.parts.correspondence
    found = together(await correspondence.deadlines.of(visit.caller))
    rows = [_row(one, visit) for one in found[:_SHOWN]]
    since = await correspondence.feed.since(visit.actor)
    return visit.page(
        "deadlines.html",
        mine=[row for row in rows if row.mine],
        others=[row for row in rows if not row.mine],
        more=max(0, len(found) - _SHOWN),
        address=address,
        webcal=address.replace("https://", "webcal://").replace("http://", "webcal://"),
        since=visit.words.stamp(since) if since else "",
    )


def _row(one: Deadline, visit: Visit) -> DeadlineRow:
    title, then = described(one, visit.words)
    return DeadlineRow(
        title=title,
        then=then,
        left=visit.words.left(one.at, visit.now),
        until=visit.words.moment(one.at),
        at=one.at,
        href=f"/cases/{one.case_id}" if one.case_id else f"/orders/{one.order_id}",
        name=one.case_id or one.order_id,
        mine=one.mine,
        urgent=(one.at - visit.now).total_seconds() < 24 * 3600,
    )


routes = Router("/", route_handlers=[deadlines, calendar, subscribed])
