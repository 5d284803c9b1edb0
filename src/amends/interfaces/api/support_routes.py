"""Routes of help and support: articles, conversations, and mail that comes in."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

from amends.application.help.centre import QUESTION_MAX, SaidArticle, SaidQuestion
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.support import Conversation, Entry
from amends.application.support import Opening, Writing
from amends.application.support.drawer import LIMITS
from amends.application.support.mail import MAIL_BYTES_MAX
from amends.application.support.rules import FILES_MAX
from amends.application.words import Words, choose
from amends.domain.messages import TEXT_MAX
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused
from amends.interfaces.api.bodies import Body
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.evidence_routes import READS_BYTES, UPLOAD_BYTES_MAX, FileView, received, taken
from amends.interfaces.api.json_body import read
from amends.interfaces.api.problems import ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, asked_by, says, shown

_MAIL = "message/rfc822"
ConversationId = Annotated[
    str, PathParameter(pattern=r"^[0-9a-f]{16}$", description="The conversation's id.")
]
ArticleId = Annotated[str, PathParameter(pattern=r"^[a-z-]{1,40}$", description="The article's id.")]
Asked = Annotated[str, QueryParameter(max_length=QUESTION_MAX, description="Words to look for.")]
Language = Annotated[
    str, QueryParameter(max_length=2, description="ISO 639-1; English where it is none of ours.")
]
Closed = Annotated[bool, QueryParameter(description="Those that are closed, for support alone.")]


FileName = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]
Files = Annotated[tuple[FileName, ...], Meta(max_length=FILES_MAX)]


class ConversationBody(Body, frozen=True, kw_only=True):
    """What somebody wants of support; ``order_id`` or ``case_id`` say what it is about.

    ``files`` were sent to `/v1/support/files` before. Support itself writes to a side of the order (``to``:
    buyer or seller) or to the mail address ``email``; nobody else names either.
    """

    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    subject: Annotated[str, Meta(max_length=200)] = ""
    order_id: Annotated[str, Meta(max_length=64)] = ""
    case_id: Annotated[str, Meta(max_length=80)] = ""
    files: Files = ()
    to: Literal["", "buyer", "seller"] = ""
    email: Annotated[str, Meta(max_length=254)] = ""


class WordsBody(Body, frozen=True, kw_only=True):
    """What is said, and ``files`` sent to `/v1/support/files` before. ``internal``: a note that support
    alone sees."""

    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    internal: bool = False
    files: Files = ()


class AboutBody(Body, frozen=True, kw_only=True):
    """What a conversation is about: an order, or one of its cases."""

    order_id: Annotated[str, Meta(max_length=64)] = ""
    case_id: Annotated[str, Meta(max_length=80)] = ""


class ReasonBody(Body, frozen=True, kw_only=True):
    """What the colleagues have to know."""

    reason: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]


class ArticleList(msgspec.Struct, frozen=True):
    """Articles and questions, best first where something was looked for.

    ``corrected`` is how a mistyped question was understood; ``tolerant`` says whether accents may be
    left out.
    """

    articles: tuple[SaidArticle, ...]
    questions: tuple[SaidQuestion, ...]
    corrected: str = ""
    tolerant: bool = True


class ConversationView(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation. ``waiting_since`` is null while support waits for the person."""

    conversation_id: str
    channel: str
    subject: str
    opened_at: datetime
    updated_at: datetime
    person: Actor | None
    email: str
    order_id: str
    case_id: str
    level: int
    agent_id: str
    waiting_since: datetime | None
    closed_at: datetime | None


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said or done. ``kind``: said, note, taken, handed_over, about, closed."""

    seq: int
    kind: str
    author: Actor | None
    at: datetime
    text: str
    files: tuple[str, ...]


class ConversationThread(msgspec.Struct, frozen=True):
    """A conversation with everything the caller may see of it, oldest first."""

    conversation: ConversationView
    entries: tuple[EntryView, ...]


class ConversationList(msgspec.Struct, frozen=True):
    """One's own conversations, or support's queue: who waits longest first."""

    conversations: tuple[ConversationView, ...]


class MailTaken(msgspec.Struct, frozen=True):
    """``outcome``: opened, added, known (the same mail came before) or ignored (a machine wrote it)."""

    outcome: str
    conversation_id: str
    left_out: tuple[str, ...]


def support_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route of help and support."""
    return [*_help(desk), *_conversations(desk), *_deeds(desk), _sending(desk), _inbound(desk)]


def _help(desk: Desk) -> list[HTTPRouteHandler]:
    @get(
        "/help/articles",
        name="list_help_articles",
        summary="Search the help centre",
        description="Everything, or what answers `q`, with the numbers of the policy in force.",
        tags=["Support"],
        opt=says(ArticleList),
    )
    async def list_help_articles(q: Asked = "", language: Language = "en") -> Response[bytes]:
        words, centre = Words(choose(language).locale), desk.parts.help
        if q.strip():
            found = await centre.search(q, words)
            return shown(ArticleList(found.articles, found.questions, found.corrected, found.tolerant))
        return shown(ArticleList(await centre.articles(words), await centre.questions(words)))

    @get(
        "/help/articles/{article_id:str}",
        name="get_help_article",
        summary="Read an article",
        description="With the numbers of the policy in force.",
        tags=["Support"],
        opt=says(SaidArticle),
    )
    async def get_help_article(article_id: ArticleId, language: Language = "en") -> Response[bytes]:
        found = await desk.parts.help.article(article_id, Words(choose(language).locale))
        if found is None:
            fail("not_found", f"There is no article {article_id}.")
        return shown(found)

    return [list_help_articles, get_help_article]


def _conversations(desk: Desk) -> list[HTTPRouteHandler]:
    openings = msgspec.json.Decoder(ConversationBody)

    @post(
        "/support/conversations",
        name="open_conversation",
        summary="Write to support",
        description="Starts a conversation that the caller and support alone see. Support writes to a side of"
        " an order or to a mail address, and the mail goes out at once.",
        tags=["Support"],
        opt=says(
            ConversationView,
            reads=ConversationBody,
            example={"text": "My refund is missing.", "order_id": "A-1"},
        ),
    )
    async def open_conversation(request: ApiRequest) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(openings, await request.body())
        made = await _opened(desk, request.user, body, asked.conditions.key)
        if isinstance(made, Refused):
            raise ProblemRaised(of_refusal(made))
        return Response(
            msgspec.json.encode(_view(made)),
            status_code=201,
            headers={"Location": f"/v1/support/conversations/{made.conversation_id}"},
            media_type="application/json",
        )

    @get(
        "/support/conversations",
        name="list_conversations",
        summary="List conversations with support",
        description="One's own, last changed first; for support the queue, those waiting longest first.",
        tags=["Support"],
        opt=says(ConversationList),
    )
    async def list_conversations(request: ApiRequest, closed: Closed = False) -> Response[bytes]:
        found = await desk.parts.support.queue(request.user, closed=closed)
        if found is None:
            found = await desk.parts.support.mine(request.user)
        return shown(ConversationList(tuple(map(_view, found))))

    @get(
        "/support/conversations/{conversation_id:str}",
        name="get_conversation",
        summary="Read a conversation with support",
        description="Notes and hand-overs are there for support alone.",
        tags=["Support"],
        opt=says(ConversationThread),
    )
    async def get_conversation(request: ApiRequest, conversation_id: ConversationId) -> Response[bytes]:
        found = await desk.parts.support.thread(request.user, conversation_id)
        if found is None:
            fail("not_found", f"There is no conversation {conversation_id}.")
        return shown(ConversationThread(_view(found.conversation), tuple(map(_entry, found.entries))))

    return [open_conversation, list_conversations, get_conversation]


def _deeds(desk: Desk) -> list[HTTPRouteHandler]:
    said, reasons = msgspec.json.Decoder(WordsBody), msgspec.json.Decoder(ReasonBody)

    @post(
        "/support/conversations/{conversation_id:str}/messages",
        name="write_in_conversation",
        summary="Write in a conversation with support",
        description="The person's words open a closed one again; support's go out by mail to whoever left.",
        tags=["Support"],
        opt=says(ConversationView, reads=WordsBody, example={"text": "It is order A-1."}),
    )
    async def write_in_conversation(request: ApiRequest, conversation_id: ConversationId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(said, await request.body())
        support = desk.parts.support
        key = asked.conditions.key
        if body.internal and body.files:
            refused = Refused(kind="invalid", detail="A note carries no files.", pointer="/files")
            raise ProblemRaised(of_refusal(refused))
        if body.internal:
            return _done(await support.note(request.user, conversation_id, body.text, key=key))
        return _done(await support.say(request.user, conversation_id, body.text, files=body.files, key=key))

    @post(
        "/support/conversations/{conversation_id:str}/take",
        name="take_conversation",
        summary="Look after a conversation",
        description="The caller is its agent from now on.",
        tags=["Support"],
        opt=says(ConversationView),
    )
    async def take_conversation(request: ApiRequest, conversation_id: ConversationId) -> Response[bytes]:
        return _done(await desk.parts.support.take(request.user, conversation_id))

    @post(
        "/support/conversations/{conversation_id:str}/hand-over",
        name="hand_over_conversation",
        summary="Hand a conversation over",
        description="To senior support, with what they have to know; the person does not see the reason.",
        tags=["Support"],
        opt=says(ConversationView, reads=ReasonBody, example={"reason": "The bank has no such payment."}),
    )
    async def hand_over_conversation(request: ApiRequest, conversation_id: ConversationId) -> Response[bytes]:
        asked = await asked_by(request)
        body = read(reasons, await request.body())
        key = asked.conditions.key
        return _done(await desk.parts.support.hand_over(request.user, conversation_id, body.reason, key=key))

    @post(
        "/support/conversations/{conversation_id:str}/close",
        name="close_conversation",
        summary="Close a conversation",
        description="Either side may; the person's next words open it again.",
        tags=["Support"],
        opt=says(ConversationView),
    )
    async def close_conversation(request: ApiRequest, conversation_id: ConversationId) -> Response[bytes]:
        return _done(await desk.parts.support.close(request.user, conversation_id))

    abouts = msgspec.json.Decoder(AboutBody)

    @put(
        "/support/conversations/{conversation_id:str}/about",
        name="attach_to_conversation",
        summary="Say what a conversation is about",
        description="An order, or one of its cases: it is shown beside the conversation from then on.",
        tags=["Support"],
        opt=says(ConversationView, reads=AboutBody, example={"case_id": "A-1.1"}),
    )
    async def attach_to_conversation(request: ApiRequest, conversation_id: ConversationId) -> Response[bytes]:
        body = read(abouts, await request.body())
        about = desk.parts.support.about
        return _done(await about(request.user, conversation_id, body.order_id, body.case_id))

    return [
        write_in_conversation,
        take_conversation,
        hand_over_conversation,
        attach_to_conversation,
        close_conversation,
    ]


async def _opened(desk: Desk, caller: Caller, body: ConversationBody, key: str) -> Conversation | Refused:
    support = desk.parts.support
    if caller.role is KeyRole.OPERATOR:
        writing = Writing(
            text=body.text,
            subject=body.subject,
            order_id=body.order_id,
            case_id=body.case_id,
            to=Role(body.to) if body.to else None,
            email=body.email,
        )
        return await support.write_to(caller, writing, Words(), key=key)
    opening = Opening(
        text=body.text,
        subject=body.subject,
        order_id=body.order_id,
        case_id=body.case_id,
        files=body.files,
    )
    return await support.open(caller, opening, Words(), key=key)


def _sending(desk: Desk) -> HTTPRouteHandler:
    @post(
        "/support/files",
        name="send_support_file",
        status_code=201,
        request_max_body_size=UPLOAD_BYTES_MAX,
        summary="Send a file to support",
        description="As for an order, but for support and the caller alone. A message names it within a day.",
        tags=["Support"],
        opt={**says(FileView), READS_BYTES: "application/octet-stream"},
    )
    async def send_support_file(request: ApiRequest) -> Response[bytes]:
        drawer = desk.parts.support.drawer
        with drawer.scratch() as source:
            name = await received(request, source, LIMITS.size)
            return taken(await drawer.take(request.user, source, name))

    return send_support_file


def _inbound(desk: Desk) -> HTTPRouteHandler:
    @post(
        "/support/inbound",
        name="receive_support_mail",
        status_code=200,
        request_max_body_size=MAIL_BYTES_MAX,
        summary="Hand in a mail to support",
        description="One message as `message/rfc822`, as mail servers hand it on. It opens a conversation,"
        " or is added to the one it answers. The same mail twice is taken once.",
        tags=["Support"],
        opt={**says(MailTaken), READS_BYTES: _MAIL},
    )
    async def receive_support_mail(request: ApiRequest) -> Response[bytes]:
        named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if named != _MAIL:
            fail("unsupported_media_type", f"Send one mail as {_MAIL}.", parameter="Content-Type")
        taken = await desk.parts.support.receive(await request.body())
        if isinstance(taken, Refused):
            raise ProblemRaised(of_refusal(taken))
        return shown(MailTaken(taken.outcome, taken.conversation_id, taken.left_out))

    return receive_support_mail


def _done(result: Conversation | Refused | None) -> Response[bytes]:
    if result is None:
        fail("not_found", "There is no such conversation.")
    if isinstance(result, Refused):
        raise ProblemRaised(of_refusal(result))
    return shown(_view(result))


def _view(one: Conversation) -> ConversationView:
    return ConversationView(
        conversation_id=one.conversation_id,
        channel=one.channel,
        subject=one.subject,
        opened_at=one.opened_at,
        updated_at=one.updated_at,
        person=one.person,
        email=one.email,
        order_id=one.order_id,
        case_id=one.case_id,
        level=int(one.level),
        agent_id=one.agent_id,
        waiting_since=one.waiting_since,
        closed_at=one.closed_at,
    )


def _entry(one: Entry) -> EntryView:
    return EntryView(seq=one.seq, kind=one.kind, author=one.author, at=one.at, text=one.text, files=one.files)
