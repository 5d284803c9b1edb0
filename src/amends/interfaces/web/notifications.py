"""Notices in the account: the list, marking as read, and the way to what each is about."""

from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter
from litestar.response import Redirect

from amends.application.delivery import address_of
from amends.application.ports.notices import Entry
from amends.interfaces.web.visits import Visit

_PER_PAGE = 30


class NoticeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One notice of the list."""

    notice_id: str
    subject: str
    lines: tuple[str, ...]
    at: object
    stamp: str
    href: str
    new: bool


@get("/notifications")
async def notifications(
    visit: NamedDependency[Visit],
    show: Annotated[str, QueryParameter(max_length=20)] = "all",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """What is new, newest first."""
    unread = show == "unread"
    try:
        page = await visit.parts.correspondence.notices.page(visit.actor, after, _PER_PAGE, unread=unread)
    except ValueError as error:
        raise NotFoundException from error
    rows = [_row(entry, visit) for entry in page.entries]
    return visit.page("notifications.html", rows=rows, next=page.next, first=not after, unread_only=unread)


@post("/notifications/read")
async def read(visit: NamedDependency[Visit]) -> Redirect:
    """Mark one notice as read and go to what it is about, or mark all of them."""
    values = await visit.fields()
    notice_id = (values.get("notice_id") or [""])[-1]
    notices = visit.parts.correspondence.notices
    await notices.read(visit.actor, [notice_id] if notice_id else None, visit.now)
    if not notice_id:
        return visit.redirect("/notifications", "notices-read")
    to = (values.get("to") or [""])[-1]
    # Only a page of an order or case of ours.
    inside = to.startswith(("/orders/", "/cases/")) and "\\" not in to
    return visit.redirect(to if inside else "/notifications")


def _row(entry: Entry, visit: Visit) -> NoticeRow:
    letter = entry.letter
    return NoticeRow(
        notice_id=letter.notice_id,
        subject=letter.subject,
        lines=tuple(letter.text.splitlines()),
        at=letter.at,
        stamp=visit.words.stamp(letter.at),
        href=address_of(letter),
        new=entry.read_at is None,
    )


routes = Router("/", route_handlers=[notifications, read])
