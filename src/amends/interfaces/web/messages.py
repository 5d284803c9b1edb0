"""Messages about an order: the thread, the answer to it, and each message in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application import ready_made
from amends.application.message_drafts import Draft
from amends.application.messages import Messages, Thread
from amends.application.ports.files import StoredFile
from amends.application.ports.messages import Message
from amends.application.reading import InWords, read_in
from amends.domain.cases.model import Case, EvidenceItem, State
from amends.domain.evidence import FileRef
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.evidence_cards import FileCard, file_card
from amends.interfaces.web.evidence_intake import (
    FILE_ID,
    FORM_BYTES_MAX,
    Received,
    Upload,
    limits_for,
    received,
    upload_of,
)
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Live, Visit
from amends.interfaces.web.words import LANGUAGES, N_

_PATH = "/orders/{order_id:str}/messages"
_HIDDEN = {
    "card": N_("The number of a card was hidden."),
    "phone": N_("A telephone number was hidden: what is agreed here is protected."),
}


class Bubble(msgspec.Struct, frozen=True, kw_only=True):
    """One message as its reader sees it. ``original`` is what was written, where ``text`` is not."""

    seq: int
    side: str
    who: str
    at: object
    stamp: str
    text: str
    lang: str
    original: str
    note: str
    case_id: str
    internal: bool
    hidden: tuple[str, ...]
    files: tuple[FileCard, ...]
    seen: str
    new: bool


@get(_PATH)
async def thread(
    visit: NamedDependency[Visit],
    order_id: FromPath[str],
    case: Annotated[str, QueryParameter(max_length=80)] = "",
    template: Annotated[str, QueryParameter(max_length=40)] = "",
) -> Response[str]:
    """Everything written about an order; opening it is reading it."""
    found = await _thread(visit, order_id)
    chosen = template if template in ready_made.templates_for(visit.role) else ""
    typed = {"case_id": case, "template": chosen}
    if chosen:
        typed["text"] = ready_made.said(chosen, {}, found.custody, _case(found, case), visit.words)
    if found.messages:
        await _post(visit).read(visit.caller, order_id, found.messages[-1].seq)
        await _read_notices(visit, order_id)
    # As it was before: what is new is marked as new this once.
    return await _page(visit, found, typed)


@post(_PATH, request_max_body_size=FORM_BYTES_MAX)
async def write(visit: NamedDependency[Visit], order_id: FromPath[str]) -> Response[str] | Redirect:
    """Send a message."""
    found = await _thread(visit, order_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    got = await received(visit, order_id, await limits_for(visit, found.custody), values.get(FILE_ID))
    draft = Draft(
        text=form.text("text", most=5000),
        case_id=form.raw("case_id"),
        template=form.raw("template"),
        files=tuple(got.ids),
        internal=form.raw("internal") == "yes",
    )
    key = (values.get("_key") or [""])[-1][:64]
    if not draft.text and not draft.files:
        form.wrong("text", N_("Write a message or attach a file."))
    if form.errors or got.wrong:
        return await _page(visit, found, _typed(form), form.errors, got, status=422)
    result = await _post(visit).post(visit.caller, order_id, draft, visit.words, key=key)
    if isinstance(result, Message):
        return visit.redirect(_address(order_id, draft.case_id), "note" if draft.internal else "message")
    if result is None or result.kind == "not_found":
        raise NotFoundException
    form.refused(result, found.custody.order.currency)
    return await _page(visit, found, _typed(form), form.errors, got, status=422)


def _address(order_id: str, case_id: str) -> str:
    """The thread's page; who writes about a case goes on to write about it."""
    path = f"/orders/{order_id}/messages"
    return f"{path}?{urlencode({'case': case_id})}" if case_id else path


def _post(visit: Visit) -> Messages:
    return visit.parts.correspondence.messages


async def _thread(visit: Visit, order_id: str) -> Thread:
    found: Thread | None = await _post(visit).thread(visit.caller, order_id)
    if found is None:
        raise NotFoundException
    return found


async def _read_notices(visit: Visit, order_id: str) -> None:
    """Whoever reads the thread has read the notices of its messages."""
    notices = visit.parts.correspondence.notices
    page = await notices.page(visit.actor, "", 50, unread=True)
    ids = [
        entry.letter.notice_id
        for entry in page.entries
        if entry.letter.order_id == order_id and entry.letter.event.startswith("message_")
    ]
    if ids:
        visit.unread -= await notices.read(visit.actor, ids, visit.now)


def _typed(form: Form) -> dict[str, str]:
    return {name: form.raw(name) for name in ("text", "case_id", "template", "internal")}


def _case(found: Thread, case_id: str) -> Case | None:
    return next((case for case in found.cases if case.case_id == case_id), None)


async def _page(
    visit: Visit,
    found: Thread,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    got: Received | None = None,
    status: int = 200,
) -> Response[str]:
    order = found.custody.order
    words = visit.words
    upload: Upload = upload_of(visit, order.order_id, await limits_for(visit, found.custody), got)
    cases = [case for case in found.cases if case.state is not State.DRAFTING]
    return visit.page(
        "messages.html",
        status,
        live=Live(order.order_id, _address(order.order_id, typed.get("case_id", ""))),
        order=order,
        title=order.lines[0].title if order.lines else order.order_id,
        bubbles=await _bubbles(visit, found),
        typed=typed,
        errors=errors or {},
        upload=upload,
        cases=[(case.case_id, visit.teller(case).reason(case.reason)) for case in cases],
        templates=[
            (name, words.say(one.title)) for name, one in ready_made.templates_for(visit.role).items()
        ],
        may_write=found.may_write,
        may_note=found.may_note,
        silent=words.moment(found.silent_since) if found.silent_since else "",
        can_claim=visit.role is Role.BUYER and not any(case.live for case in found.cases),
    )


async def _bubbles(visit: Visit, found: Thread) -> list[Bubble]:
    files = await _files(visit, found.messages)
    mine = next((mark.through for mark in found.marks if mark.person == visit.actor), 0)
    others = [mark for mark in found.marks if mark.person.role is not visit.role]
    bubbles = []
    for message, in_words in await read_in(_post(visit), found, visit.actor, visit.words):
        own = message.author == visit.actor
        read = [mark for mark in others if mark.through >= message.seq]
        bubbles.append(
            Bubble(
                seq=message.seq,
                side="me" if own else "system" if message.internal else "them",
                who=visit.words.say(N_("You")) if own else _who(visit, message),
                at=message.at,
                stamp=visit.words.stamp(message.at),
                text=in_words.text,
                lang="" if in_words.original else message.language,
                original=in_words.original,
                note=_told(visit, message, in_words),
                case_id=message.case_id,
                internal=message.internal,
                hidden=tuple(visit.words.say(_HIDDEN[one]) for one in message.hidden if one in _HIDDEN),
                files=tuple(file_card(visit, files[one]) for one in message.files if one in files),
                seen=visit.words.say(N_("Read")) if own and read and not message.internal else "",
                new=not own and message.seq > mine,
            )
        )
    return bubbles


def _told(visit: Visit, message: Message, read: InWords) -> str:
    """How a message came to be in these words."""
    if read.how == "translated":
        known = LANGUAGES.get(message.language)
        name = known.name if known else message.language
        return visit.words.say(N_("Translated from %(language)s"), language=name)
    return visit.words.say(N_("Ready-made message")) if read.how else ""


async def _files(visit: Visit, messages: Sequence[Message]) -> Mapping[str, StoredFile]:
    ids = [one for message in messages for one in message.files]
    if not ids:
        return {}
    items = [
        EvidenceItem(by=visit.role, kind="document", note="", at=visit.now, file=FileRef(one)) for one in ids
    ]
    return await visit.parts.evidence.of(items)


def _who(visit: Visit, message: Message) -> str:
    name = visit.name_of(message.author.role, message.author.id)
    return visit.words.say(vocabulary.PEOPLE[message.author.role], name=name)


routes = Router("/", route_handlers=[thread, write])
