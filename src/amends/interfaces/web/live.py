"""Pages that are open hear when something about their order changes, and ask for their new state.

Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A page without scripts is
as it was when it was loaded, and everything on it works.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from amends.application.ports.news import News
from amends.domain.parties import Role
from amends.interfaces.web.sessions import guest_of
from amends.interfaces.web.visits import Visit

# Often enough for what lies between to keep the connection.
_BEAT_S = 20.0
# Then the browser comes again and has to show who it is.
_LENGTH_S = 600.0


@get("/live/{stream:str}")
async def live(
    visit: NamedDependency[Visit],
    stream: FromPath[str],
    since: Annotated[float, QueryParameter(ge=0)] = 0.0,
) -> Stream:
    """News of a case or an order for those who may see it, from the instant ``since`` of the page on."""
    if stream.startswith("support:"):
        return await _support(visit, stream, since)
    order_id, dot, _ = stream.rpartition(".")
    _, cases = await visit.scene(order_id if dot else stream)
    if dot and all(case.case_id != stream for case in cases):
        raise NotFoundException
    return _stream(visit, order_id if dot else stream, since)


async def _support(visit: Visit, stream: str, since: float) -> Stream:
    """News of a conversation with support, or of what waits there for its agents."""
    name = stream.removeprefix("support:")
    if name == "queue":
        visit.require(Role.OPERATOR)
    elif await visit.parts.support.thread(visit.caller, name) is None:
        raise NotFoundException
    return _stream(visit, stream, since)


def _stream(visit: Visit, stream: str, since: float) -> Stream:
    last = visit.request.headers.get("last-event-id", "")
    # Where the stream broke off goes before when the page was made.
    since = float(last) if last.replace(".", "", 1).isdecimal() else since
    return Stream(
        _told(visit.parts.news, stream, since, partial(_stands, visit)),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _stands(visit: Visit) -> bool:
    """Whether the reader is still signed in: who was shut out hears nothing more."""
    token = guest_of(visit.request, visit.parts).token
    return visit.signed_in is None or await visit.parts.accounts.sessions.stands(token)


async def _told(
    news: News, order_id: str, since: float, stands: Callable[[], Awaitable[bool]]
) -> AsyncIterator[str]:
    ends = time.monotonic() + _LENGTH_S
    async with news.follow(order_id, since) as ear:
        yield _now()
        while time.monotonic() < ends:
            changed = await ear.changed(_BEAT_S)
            if not await stands():
                return
            if changed:
                yield f"event: changed\ndata: {order_id}\n{_now()}"
            else:
                yield _now()


def _now() -> str:
    return f"id: {time.time():.3f}\n\n"


routes = Router("/", route_handlers=[live])
