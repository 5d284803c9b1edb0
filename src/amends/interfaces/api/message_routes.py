"""Routes of messages, notices, preferences and deadlines: what people tell each other and are told."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Meta

from amends.application.message_drafts import Draft
from amends.application.ports.messages import Message
from amends.application.ports.preferences import Preferences
from amends.application.preferences import CATEGORIES
from amends.application.reading import InWords, read_in
from amends.application.words import LANGUAGES, Words
from amends.domain.messages import FILES_MAX, TEXT_MAX, VALUE_MAX
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body, Named
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, Cursor, Limit, OrderId, asked_by, says, shown


class MessageBody(Body, frozen=True, kw_only=True):
    """Words, files, or a ready-made message: ``template``, and what its fields want in ``values``."""

    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    case_id: Annotated[str, Meta(max_length=80)] = ""
    template: Annotated[str, Meta(max_length=40)] = ""
    values: dict[str, Annotated[str, Meta(max_length=VALUE_MAX)]] = {}  # noqa: RUF012  msgspec copies it
    files: Annotated[tuple[Named, ...], Meta(max_length=FILES_MAX)] = ()
    internal: bool = False


class ReadBody(Body, frozen=True, kw_only=True):
    """The ``seq`` of the last message that was read."""

    through: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class NoticesReadBody(Body, frozen=True, kw_only=True):
    """Which notices were read; without ``notice_ids``: all of them."""

    notice_ids: Annotated[tuple[Annotated[str, Meta(max_length=300)], ...], Meta(max_length=500)] | None = (
        None
    )


class PreferencesBody(Body, frozen=True, kw_only=True):
    """When mail is wanted. Times are ``HH:MM:SS`` in ``zone`` (IANA; empty: that of the account)."""

    mail: dict[str, Literal["now", "digest", "off"]] = {}  # noqa: RUF012  msgspec copies it
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time = time(8)
    zone: Annotated[str, Meta(max_length=64)] = ""


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message. ``text`` is masked: ``hidden`` says whether a card's or phone's number was taken out.

    Where a language was asked for, ``said`` is the message in it and ``how`` tells how it came about:
    ``ready_made``, ``translated``, or empty for what was written so, or could not be had.
    """

    message_id: str
    seq: int
    order_id: str
    case_id: str
    author: Actor
    at: datetime
    text: str
    language: str
    template: str
    values: Mapping[str, str]
    files: tuple[str, ...]
    hidden: tuple[str, ...]
    internal: bool
    said: str = ""
    how: str = ""


class MarkView(msgspec.Struct, frozen=True):
    """How far somebody has read."""

    person: Actor
    through: int
    at: datetime


class MessageList(msgspec.Struct, frozen=True):
    """An order's messages, oldest first, and how far each side has read.

    ``silent_since`` (buyers only): the first message that was not answered; from ``invited_at`` on nobody
    expects any more waiting.
    """

    order_id: str
    messages: tuple[MessageView, ...]
    marks: tuple[MarkView, ...]
    silent_since: datetime | None
    invited_at: datetime | None


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in the account, in its reader's language."""

    notice_id: str
    event: str
    order_id: str
    case_id: str
    subject: str
    text: str
    at: datetime
    read_at: datetime | None


class NoticeList(msgspec.Struct, frozen=True):
    """One page of notices, newest first."""

    notices: tuple[NoticeView, ...]
    unread: int
    next: str


class Unread(msgspec.Struct, frozen=True):
    """How many notices are still unread, up to 100."""

    unread: int


class DeadlineView(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline; half-open. ``what`` is a window's name or a case's state."""

    deadline_id: str
    at: datetime
    what: str
    order_id: str
    case_id: str
    line_id: str
    on: Role | None
    mine: bool
    default: str
    clause: str


class DeadlineList(msgspec.Struct, frozen=True):
    """All deadlines of the caller that are to come, nearest first."""

    deadlines: tuple[DeadlineView, ...]


class PreferencesView(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen; ``categories`` are those that can be declined."""

    mail: Mapping[str, str]
    quiet_from: time | None
    quiet_until: time | None
    digest_at: time
    zone: str
    categories: tuple[str, ...]


_EXAMPLE = {"text": "Hello, the base is cracked. Can you send a new one?"}
OnlyUnread = Annotated[bool, QueryParameter(description="Only what has not been read.")]
After = Annotated[int, QueryParameter(ge=0, le=2**31 - 1, description="Only messages with a higher `seq`.")]

InLanguage = Annotated[
    str, QueryParameter(max_length=2, description="ISO 639-1: also say each message in this language.")
]


def message_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route of messages, notices, preferences and deadlines."""
    return [*_messages(desk), *_notices(desk), *_preferences(desk), _deadlines(desk)]


def _messages(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(MessageBody)
    marks = msgspec.json.Decoder(ReadBody)

    @get(
        "/orders/{order_id:str}/messages",
        name="list_messages",
        summary="Read the messages of an order",
        description="What the two sides wrote, and mediators once a case was escalated. Internal notes are"
        " there for mediators and operators alone.",
        tags=["Messages"],
        opt=says(MessageList),
    )
    async def list_messages(
        request: ApiRequest, order_id: OrderId, after: After = 0, language: InLanguage = ""
    ) -> Response[bytes]:
        messages = desk.parts.correspondence.messages
        found = await messages.thread(request.user, order_id, after)
        if found is None:
            fail("not_found", f"There is no order {order_id}.")
        if language and language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            fail("invalid", f"There is no language {language!r}; there are {known}.", parameter="language")
        told: dict[int, InWords] = {}
        if language:
            words = Words(LANGUAGES[language].locale)
            told = {one.seq: how for one, how in await read_in(messages, found, request.user.actor, words)}
        return shown(
            MessageList(
                order_id,
                tuple(_message(one, told.get(one.seq)) for one in found.messages),
                tuple(MarkView(mark.person, mark.through, mark.at) for mark in found.marks),
                found.silent_since,
                found.invited_at,
            )
        )

    @post(
        "/orders/{order_id:str}/messages",
        name="send_message",
        summary="Write a message",
        description="Numbers of cards and telephones are hidden before it is kept. The other side is told.",
        tags=["Messages"],
        opt=says(MessageView, reads=MessageBody, example=_EXAMPLE),
    )
    async def send_message(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(bodies, await request.body())
        draft = Draft(
            text=body.text,
            case_id=body.case_id,
            template=body.template,
            values=body.values,
            files=body.files,
            internal=body.internal,
        )
        key = asked.conditions.key
        sent = await desk.parts.correspondence.messages.post(request.user, order_id, draft, Words(), key=key)
        if sent is None:
            fail("not_found", f"There is no order {order_id}.")
        if isinstance(sent, Refused):
            raise ProblemRaised(of_refusal(sent))
        location = {"Location": f"/v1/orders/{order_id}/messages"}
        return Response(
            msgspec.json.encode(_message(sent)),
            status_code=201,
            headers=location,
            media_type="application/json",
        )

    @put(
        "/orders/{order_id:str}/messages/read",
        name="mark_messages",
        summary="Mark messages as read",
        description="Up to a message's `seq`; marks never go back. The other side sees it.",
        tags=["Messages"],
        opt=says(ReadBody, reads=ReadBody, example={"through": 3}),
    )
    async def mark_messages(request: ApiRequest, order_id: OrderId) -> Response[bytes]:
        await asked_by(request)
        body = read(marks, await request.body())
        if not await desk.parts.correspondence.messages.read(request.user, order_id, body.through):
            fail("not_found", f"There is no order {order_id}.")
        return shown(body)

    return [list_messages, send_message, mark_messages]


def _message(one: Message, told: InWords | None = None) -> MessageView:
    return MessageView(
        message_id=one.message_id,
        seq=one.seq,
        order_id=one.order_id,
        case_id=one.case_id,
        author=one.author,
        at=one.at,
        text=one.text,
        language=one.language,
        template=one.template,
        values=one.values,
        files=one.files,
        hidden=one.hidden,
        internal=one.internal,
        said=told.text if told else "",
        how=told.how if told else "",
    )


def _notices(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(NoticesReadBody)

    @get(
        "/notifications",
        name="list_notifications",
        summary="Read your notices",
        description="Every change that concerns you, once, newest first.",
        tags=["Messages"],
        opt=says(NoticeList),
    )
    async def list_notifications(
        request: ApiRequest, limit: Limit = 50, cursor: Cursor = "", unread: OnlyUnread = False
    ) -> Response[bytes]:
        book, person = desk.parts.correspondence.notices, request.user.actor
        try:
            page = await book.page(person, cursor, limit, unread=unread)
        except ValueError as error:
            fail("invalid", f"{error}; send `next` of the page before.", parameter="cursor")
        notices = tuple(
            NoticeView(
                notice_id=entry.letter.notice_id,
                event=entry.letter.event,
                order_id=entry.letter.order_id,
                case_id=entry.letter.case_id,
                subject=entry.letter.subject,
                text=entry.letter.text,
                at=entry.letter.at,
                read_at=entry.read_at,
            )
            for entry in page.entries
        )
        return shown(NoticeList(notices, await book.unread(person), page.next))

    @put(
        "/notifications/read",
        name="read_notifications",
        summary="Mark notices as read",
        description="Those named, or all of them.",
        tags=["Messages"],
        opt=says(Unread, reads=NoticesReadBody, example={"notice_ids": ["A-1.1:1:seller:lamps"]}),
    )
    async def read_notifications(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(bodies, await request.body())
        book, person = desk.parts.correspondence.notices, request.user.actor
        await book.read(person, body.notice_ids, desk.parts.clock.now())
        return shown(Unread(await book.unread(person)))

    return [list_notifications, read_notifications]


def _preferences(desk: Desk) -> list[HTTPRouteHandler]:
    bodies = msgspec.json.Decoder(PreferencesBody)

    @get(
        "/preferences",
        name="get_preferences",
        summary="Read your preferences",
        description="When you want mail, and of what.",
        tags=["Messages"],
        opt=says(PreferencesView),
    )
    async def get_preferences(request: ApiRequest) -> Response[bytes]:
        return shown(_chosen(await desk.parts.correspondence.preferences.get(request.user.actor)))

    @put(
        "/preferences",
        name="put_preferences",
        summary="Choose your preferences",
        description="Replaces all of them. What is essential is mailed all the same.",
        tags=["Messages"],
        opt=says(
            PreferencesView,
            reads=PreferencesBody,
            example={"mail": {"orders": "digest"}, "quiet_from": "22:00:00", "quiet_until": "07:00:00"},
        ),
    )
    async def put_preferences(request: ApiRequest) -> Response[bytes]:
        await asked_by(request)
        body = read(bodies, await request.body())
        unknown = sorted(set(body.mail) - set(CATEGORIES))
        if unknown:
            fail("invalid", f"There is no category {unknown[0]!r}.", pointer=f"/mail/{unknown[0]}")
        if (body.quiet_from is None) != (body.quiet_until is None):
            fail("invalid", "Give both ends of the quiet hours, or none.", pointer="/quiet_until")
        if body.zone and not _is_zone(body.zone):
            fail("invalid", f"{body.zone!r} is no time zone of the IANA database.", pointer="/zone")
        chosen = Preferences(
            mail=body.mail,
            quiet_from=_plain(body.quiet_from),
            quiet_until=_plain(body.quiet_until),
            digest_at=_plain(body.digest_at) or time(8),
            zone=body.zone,
        )
        await desk.parts.correspondence.preferences.put(request.user.actor, chosen)
        return shown(_chosen(chosen))

    return [get_preferences, put_preferences]


def _plain(at: time | None) -> time | None:
    return at.replace(tzinfo=None, microsecond=0) if at is not None else None


def _is_zone(name: str) -> bool:
    return name in available_timezones()


def _chosen(one: Preferences) -> PreferencesView:
    return PreferencesView(
        mail=one.mail,
        quiet_from=one.quiet_from,
        quiet_until=one.quiet_until,
        digest_at=one.digest_at,
        zone=one.zone,
        categories=tuple(CATEGORIES),
    )


def _deadlines(desk: Desk) -> HTTPRouteHandler:
    @get(
        "/deadlines",
        name="list_deadlines",
        summary="Read your deadlines",
        description="Your turns, the other side's, and the ends of windows of your orders, nearest first.",
        tags=["Messages"],
        opt=says(DeadlineList),
    )
    async def list_deadlines(request: ApiRequest) -> Response[bytes]:
        found = await desk.parts.correspondence.deadlines.of(request.user)
        return shown(
            DeadlineList(
                tuple(
                    DeadlineView(
                        deadline_id=one.deadline_id,
                        at=one.at,
                        what=one.what,
                        order_id=one.order_id,
                        case_id=one.case_id,
                        line_id=one.line_id,
                        on=one.on,
                        mine=one.mine,
                        default=one.default,
                        clause=one.clause,
                    )
                    for one in found
                )
            )
        )

    return list_deadlines
