"""Support for those who need it: telephone numbers, the mail address, and conversations."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports.support import Conversation, Entry
from amends.application.support import Opening, SupportThread
from amends.domain.cases.model import EvidenceItem
from amends.domain.evidence import FileRef
from amends.domain.messages import TEXT_MAX
from amends.domain.parties import Role
from amends.domain.refusals import Refused
from amends.interfaces.web.evidence_cards import FileCard, file_card
from amends.interfaces.web.evidence_intake import FILE_ID, FORM_BYTES_MAX, Received
from amends.interfaces.web.forms import Form
from amends.interfaces.web.refusing import told
from amends.interfaces.web.support_uploads import send, support_files, support_upload
from amends.interfaces.web.support_words import DEEDS
from amends.interfaces.web.visits import Live, Visit
from amends.interfaces.web.words import N_

_PARTIES = (Role.BUYER, Role.SELLER, Role.MEDIATOR)
_MISSING = N_("Write what it is about.")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a conversation as its reader sees it. ``deed``: something done, not said; ``about`` is
    the address of what it names.
    """

    seq: int
    side: str
    who: str
    at: object
    stamp: str
    text: str
    deed: str
    about: str
    note: bool
    files: tuple[FileCard, ...]


class Phone(msgspec.Struct, frozen=True):
    """A number to call; ``where`` is the country in the reader's words."""

    where: str
    number: str
    href: str


@get("/support")
async def contact(
    visit: NamedDependency[Visit],
    order: Annotated[str, QueryParameter(max_length=64)] = "",
    case: Annotated[str, QueryParameter(max_length=80)] = "",
) -> Response[str]:
    """Every way to reach support."""
    return await _contact(visit, {"order_id": order, "case_id": case})


@post("/support", request_max_body_size=FORM_BYTES_MAX)
async def begin(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Start a conversation."""
    visit.require(*_PARTIES)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    got = await support_files(visit, values.get(FILE_ID))
    opening = Opening(
        text=form.text("text", "" if got.files else _MISSING, TEXT_MAX),
        order_id=form.text("order_id", most=64),
        case_id=form.text("case_id", most=80),
        files=tuple(got.ids),
    )
    if not form.errors and not got.wrong:
        key = (values.get("_key") or [""])[-1][:64]
        made = await visit.parts.support.open(visit.caller, opening, visit.words, key=key)
        if isinstance(made, Conversation):
            return visit.redirect(f"/support/{made.conversation_id}", "support-opened")
        if made.pointer == "/order_id":
            form.wrong("order_id", N_("You have no order of that number."))
        else:
            form.wrong("text", told(made, visit.words, ""))
    typed = {name: form.raw(name) for name in ("text", "order_id", "case_id")}
    return await _contact(visit, typed, form.errors, 422, got)


@get("/support/{conversation_id:str}")
async def show(visit: NamedDependency[Visit], conversation_id: FromPath[str]) -> Response[str]:
    """A conversation; opening it is reading it."""
    visit.require(*_PARTIES)
    found = await thread_of(visit, conversation_id)
    await visit.parts.support.seen(visit.caller, found)
    return await _show(visit, found)


@post("/support/{conversation_id:str}", request_max_body_size=FORM_BYTES_MAX)
async def write(visit: NamedDependency[Visit], conversation_id: FromPath[str]) -> Response[str] | Redirect:
    """Write in it, or close it."""
    visit.require(*_PARTIES)
    found = await thread_of(visit, conversation_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    if form.raw("do") == "close":
        result = await visit.parts.support.close(visit.caller, conversation_id)
        return visit.redirect(
            f"/support/{conversation_id}", "" if isinstance(result, Refused) else "support-closed"
        )
    got = await support_files(visit, values.get(FILE_ID))
    text = form.text("text", "" if got.files else _MISSING, TEXT_MAX)
    if not form.errors and not got.wrong:
        key = (values.get("_key") or [""])[-1][:64]
        result = await visit.parts.support.say(
            visit.caller, conversation_id, text, files=tuple(got.ids), key=key
        )
        if isinstance(result, Conversation):
            return visit.redirect(f"/support/{conversation_id}", "support-said")
        if result is None:
            raise NotFoundException
        form.wrong("text", told(result, visit.words, ""))
    return await _show(visit, found, text, form.errors, 422, got)


async def thread_of(visit: Visit, conversation_id: str) -> SupportThread:
    """A conversation the reader may see. Raises `NotFoundException`."""
    found: SupportThread | None = await visit.parts.support.thread(visit.caller, conversation_id)
    if found is None:
        raise NotFoundException
    return found


async def said_of(visit: Visit, found: SupportThread) -> list[Said]:
    """A conversation's entries for its reader."""
    files = await _files(visit, found.entries)
    return [_said(visit, found.conversation, one, files) for one in found.entries]


def _said(visit: Visit, about: Conversation, one: Entry, files: Mapping[str, FileCard]) -> Said:
    agent = one.author is not None and one.author.role is Role.OPERATOR
    own = one.author == visit.actor
    who = _who(visit, about, one, agent)
    mine = own or (visit.role is Role.OPERATOR and agent)
    return Said(
        seq=one.seq,
        side="me" if mine else "them",
        who=who,
        at=one.at,
        stamp=visit.words.stamp(one.at),
        text=one.text,
        deed=visit.words.say(DEEDS[one.kind], who=who) if one.kind in DEEDS else "",
        about=_address(about, one.text) if one.kind == "about" else "",
        note=one.kind == "note",
        files=tuple(files[name] for name in one.files if name in files),
    )


def _address(about: Conversation, number: str) -> str:
    """Where the order or case is that an entry names."""
    return f"/orders/{number}" if number == about.order_id or "." not in number else f"/cases/{number}"


def _who(visit: Visit, about: Conversation, one: Entry, agent: bool) -> str:
    if one.author == visit.actor:
        return visit.words.say(N_("You"))
    if one.author is None:
        return about.email if one.kind == "said" else visit.words.say(N_("Support"))
    name = visit.name_of(one.author.role, one.author.id)
    return visit.words.say(N_("%(name)s (support)"), name=name) if agent else name


async def _files(visit: Visit, entries: tuple[Entry, ...]) -> dict[str, FileCard]:
    ids = [name for one in entries for name in one.files]
    items = [
        EvidenceItem(by=visit.role, kind="document", note="", at=visit.now, file=FileRef(name))
        for name in ids
    ]
    found = await visit.parts.evidence.of(items) if items else {}
    return {name: file_card(visit, file) for name, file in found.items()}


async def _show(
    visit: Visit,
    found: SupportThread,
    text: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    got: Received | None = None,
) -> Response[str]:
    one = found.conversation
    here = f"/support/{one.conversation_id}"
    return visit.page(
        "support_thread.html",
        status,
        live=Live(f"support:{one.conversation_id}", here),
        one=one,
        entries=await said_of(visit, found),
        upload=support_upload(visit, got),
        text=text,
        errors=errors or {},
    )


async def _contact(
    visit: Visit,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    got: Received | None = None,
) -> Response[str]:
    writes = visit.person is not None and visit.role in _PARTIES
    return visit.page(
        "support.html",
        status,
        phones=phones(visit),
        address=visit.parts.support.house.address,
        mine=await visit.parts.support.mine(visit.caller) if writes else (),
        writes=writes,
        upload=support_upload(visit, got),
        typed=typed,
        errors=errors or {},
    )


def phones(visit: Visit) -> list[Phone]:
    """The numbers to call, the reader's own country first, then by name, the rest of the world last."""
    known = visit.parts.support.house.phones
    here = visit.person.country if visit.person else ""
    names = visit.words.locale.territories
    listed = [
        (
            code != here,
            code == "*",
            str(names.get(code, code)) if code != "*" else visit.words.say(N_("Everywhere else")),
            number,
        )
        for code, number in known.items()
    ]
    return [
        Phone(where, number, "tel:" + "".join(sign for sign in number if sign in "+0123456789"))
        for _, _, where, number in sorted(listed)
    ]


routes = Router("/", route_handlers=[contact, begin, send, show, write])
