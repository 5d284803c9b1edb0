"""The sandbox's clock: see what is due, move time, watch deadlines fire."""

from datetime import datetime, timedelta

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from amends.application.ports import Due
from amends.domain.custody.model import Custody
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Told
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import STAFF, Visit
from amends.interfaces.web.words import N_

_SHOWN = 10
_WATCHED = 200
_AHEAD = timedelta(days=3650)
_STEP_MAX = 366
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


class DueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline to come: where, when, and what happens then."""

    href: str
    stream: str
    title: str
    left: str
    until: str
    at: datetime
    what: str


@get("/clock")
async def clock(visit: NamedDependency[Visit]) -> Response[str]:
    """What time it is in the sandbox, and what is due next."""
    return await _page(visit)


@post("/clock")
async def move(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Move the sandbox's clock forward and show what fired."""
    _sandbox_only(visit)
    form = Form(await visit.fields(), visit.words, visit.now)
    to = await _target(visit, form)
    if to is None:
        return await _page(visit, form=form)
    watched = await visit.parts.deadlines(to, _WATCHED)
    streams = list(dict.fromkeys(stream for due in watched for stream in _streams(due)))
    before = {stream: len(await visit.parts.reader.timeline(stream)) for stream in streams}
    fired = await visit.parts.advance(to)
    told = await _told(visit, before)
    visit.now = visit.parts.clock.now()
    return await _page(visit, fired=fired, told=told)


def _sandbox_only(visit: Visit) -> None:
    if not visit.parts.sandbox or visit.person is None:
        raise NotFoundException


def _streams(due: Due) -> tuple[str, ...]:
    return (due.case_id, due.order_id) if due.case_id else (due.order_id,)


async def _target(visit: Visit, form: Form) -> datetime | None:
    """When to move to; None where the form does not say."""
    if form.raw("to") == "next":
        coming = await visit.parts.deadlines(visit.now + _AHEAD, 1)
        return max(coming[0].due_at, visit.now) if coming else visit.now
    if form.raw("to") in _STEPS:
        return visit.now + _STEPS[form.raw("to")]
    step = form.whole("amount", _STEP_MAX, N_("Enter a whole number from 1 to 366."))
    unit = form.choice("unit", ("hours", "days"), N_("Choose hours or days."))
    if form.errors:
        return None
    return visit.now + (timedelta(hours=step) if unit == "hours" else timedelta(days=step))


async def _told(visit: Visit, before: dict[str, int]) -> list[tuple[str, str, Told]]:
    """The events that came since, oldest first, with their pages; only what the reader may see."""
    found: list[tuple[str, str, Told]] = []
    for stream, count in before.items():
        for link in (await visit.parts.reader.timeline(stream))[count:]:
            recorded = link.recorded
            custody = await _seen(visit, recorded.order_id, stream if stream != recorded.order_id else "")
            if custody is None:
                continue
            title, detail = visit.teller(custody.order).tell(recorded)
            kind = "orders" if stream == recorded.order_id else "cases"
            found.append((f"/{kind}/{stream}", stream, Told(recorded.at, title, detail)))
    return sorted(found, key=lambda item: item[2].at)


async def _seen(visit: Visit, order_id: str, case_id: str) -> Custody | None:
    """The order a stream belongs to, if the reader may see the stream."""
    try:
        custody, cases = await visit.scene(order_id)
    except NotFoundException:
        return None
    visible = not case_id or any(case.case_id == case_id for case in cases)
    return custody if visible else None


async def _page(
    visit: Visit,
    *,
    form: Form | None = None,
    fired: int | None = None,
    told: list[tuple[str, str, Told]] | None = None,
) -> Response[str]:
    _sandbox_only(visit)
    words = visit.words
    due_soon = await visit.parts.deadlines(
        visit.now + _AHEAD, _WATCHED if visit.role not in STAFF else _SHOWN
    )
    coming: list[tuple[Due, Custody]] = []
    for due in due_soon:
        if len(coming) < _SHOWN and (custody := await _seen(visit, due.order_id, due.case_id)) is not None:
            coming.append((due, custody))
    rows = [
        DueRow(
            href=f"/cases/{due.case_id}" if due.case_id else f"/orders/{due.order_id}",
            stream=due.case_id or due.order_id,
            title=custody.order.lines[0].title if custody.order.lines else "",
            left=words.left(due.due_at, visit.now),
            until=words.moment(due.due_at),
            at=due.due_at,
            what=words.say(vocabulary.DEFAULTS[due.default][2], remedy=words.say(N_("what was asked for"))),
        )
        for due, custody in coming
    ]
    return visit.page(
        "clock.html",
        422 if form else 200,
        rows=rows,
        moment=words.moment(visit.now),
        form=form,
        fired=None
        if fired is None
        else words.count("%(number)s deadline fired", "%(number)s deadlines fired", fired),
        told=told or [],
    )
