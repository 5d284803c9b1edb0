"""The agents' side of support: the queue, and a conversation with everything that can be done in it."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports.support import Conversation, Level
from amends.application.support import SupportThread, answers
from amends.application.words import Words, choose
from amends.domain.cases.actions import actions
from amends.domain.cases.hearing import Hearing
from amends.domain.messages import TEXT_MAX
from amends.domain.parties import Role
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.interfaces.web import vocabulary
from amends.interfaces.web.evidence_intake import FILE_ID, FORM_BYTES_MAX, Received
from amends.interfaces.web.forms import Form
from amends.interfaces.web.refusing import told
from amends.interfaces.web.support import said_of, thread_of
from amends.interfaces.web.support_uploads import support_files, support_upload
from amends.interfaces.web.support_words import LEVELS
from amends.interfaces.web.visits import Live, Visit
from amends.interfaces.web.words import N_

_SHOWN = {
    "open": N_("All open"),
    "first": N_("First line"),
    "senior": N_("Senior support"),
    "closed": N_("Closed"),
}
_LEVEL = {"first": Level.FIRST, "senior": Level.SENIOR}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation of the queue."""

    conversation_id: str
    subject: str
    who: str
    level: str
    agent: str
    channel: str
    waits: str
    at: object


@get("/desk")
async def queue(
    visit: NamedDependency[Visit], show: Annotated[str, QueryParameter(max_length=10)] = "open"
) -> Response[str]:
    """Who waits for support, longest first."""
    visit.require(Role.OPERATOR)
    show = show if show in _SHOWN else "open"
    found = await visit.parts.support.queue(visit.caller, _LEVEL.get(show), closed=show == "closed")
    return visit.page(
        "desk.html",
        live=Live("support:queue", f"/desk?show={show}"),
        rows=[_row(visit, one) for one in found or ()],
        tabs=[(code, visit.words.say(title)) for code, title in _SHOWN.items()],
        show=show,
    )


@get("/desk/{conversation_id:str}")
async def show(
    visit: NamedDependency[Visit],
    conversation_id: FromPath[str],
    answer: Annotated[str, QueryParameter(max_length=40)] = "",
) -> Response[str]:
    """A conversation; ``answer`` fills the field with a ready answer."""
    visit.require(Role.OPERATOR)
    found = await thread_of(visit, conversation_id)
    text = ""
    if answer in answers.ANSWERS:
        words = Words(choose(found.conversation.language).locale)
        text = answers.answer(answer, words, await visit.parts.help.terms())
    return await _show(visit, found, {"text": text})


@post("/desk/{conversation_id:str}/{action:str}", request_max_body_size=FORM_BYTES_MAX)
async def act(
    visit: NamedDependency[Visit], conversation_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Redirect:
    """Answer, note, take, hand over, say what it is about, or close."""
    visit.require(Role.OPERATOR)
    found = await thread_of(visit, conversation_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    key = (values.get("_key") or [""])[-1][:64]
    support, caller = visit.parts.support, visit.caller
    result: Conversation | Refused | None = None
    field = {"hand-over": "reason", "note": "note", "about": "about"}.get(action, "text")
    got = await support_files(visit, values.get(FILE_ID)) if action == "answer" else Received()
    if action in {"answer", "note", "hand-over"}:
        text = form.text(field, "" if got.files else N_("Write something first."), TEXT_MAX)
        if form.errors or got.wrong:
            return await _show(visit, found, {field: text}, form.errors, 422, got)
        if action == "answer":
            result = await support.say(caller, conversation_id, text, files=tuple(got.ids), key=key)
        else:
            do = {"note": support.note, "hand-over": support.hand_over}[action]
            result = await do(caller, conversation_id, text, key=key)
    elif action == "about":
        number = form.text(field, N_("Enter the number of an order or a case."), 80)
        if not form.errors:
            result = await _about(visit, conversation_id, number)
    elif action in {"take", "close"}:
        result = await (support.take if action == "take" else support.close)(caller, conversation_id)
    if result is None and not form.errors:
        raise NotFoundException
    if isinstance(result, Refused):
        form.wrong(field, _why(visit, action, result))
    if form.errors:
        return await _show(visit, found, {field: form.raw(field)}, form.errors, 422, got)
    return visit.redirect(f"/desk/{conversation_id}", f"desk-{action}")


def _why(visit: Visit, action: str, refused: Refused) -> str:
    if action == "about" and refused.kind == "not_found":
        return N_("There is no such order or case.")
    if refused.facts.get("why") == "mail":
        return N_("Files for somebody without an account go with the mail: send at most 10 MB at once.")
    return told(refused, visit.words, "")


async def _about(visit: Visit, conversation_id: str, number: str) -> Conversation | Refused | None:
    """What a conversation is about, by a number that may be an order's or a case's."""
    support = visit.parts.support
    by_case = await support.about(visit.caller, conversation_id, "", number) if "." in number else None
    if isinstance(by_case, Conversation):
        return by_case
    return await support.about(visit.caller, conversation_id, number)


async def _show(
    visit: Visit,
    found: SupportThread,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    got: Received | None = None,
) -> Response[str]:
    one = found.conversation
    account = await visit.parts.support.account_behind(one)
    behind = ""
    if account is not None:
        role = visit.words.say(vocabulary.ROLES[account.actor.role]).lower()
        behind = visit.words.say(N_("%(name)s (%(role)s)"), name=account.name or account.actor.id, role=role)
    return visit.page(
        "desk_thread.html",
        status,
        live=Live(f"support:{one.conversation_id}", f"/desk/{one.conversation_id}"),
        one=one,
        row=_row(visit, one),
        entries=await said_of(visit, found),
        typed=typed,
        errors=errors or {},
        upload=support_upload(visit, got),
        answers=[(name, visit.words.say(title)) for name, (title, _) in answers.ANSWERS.items()],
        behind=behind,
        reopens=await _reopens(visit, one.case_id),
        may_hand_over=one.level is Level.FIRST and one.closed_at is None,
        mine=one.agent_id == visit.actor.id,
    )


async def _reopens(visit: Visit, case_id: str) -> bool:
    """Whether the case a conversation is about can be reopened now."""
    file = await visit.parts.reader.case_file(case_id) if case_id else None
    if file is None:
        return False
    scene = await visit.parts.reader.scene(file.case.order_id)
    cases = scene.cases if scene is not None else {case_id: file.case}
    rules = Rules(file.terms, visit.parts.calendars)
    hearing = Hearing(file.custody, cases, rules, visit.actor, visit.now)
    found = actions(file.case, visit.role, visit.now, hearing=hearing)
    return any(one.name == "reopen" for one in found)


def _row(visit: Visit, one: Conversation) -> Row:
    words = visit.words
    who = one.email
    if one.person is not None:
        role = words.say(vocabulary.ROLES[one.person.role]).lower()
        who = words.say(
            N_("%(name)s (%(role)s)"), name=visit.name_of(one.person.role, one.person.id), role=role
        )
    waits = ""
    if one.waiting_since is not None:
        waits = words.say(N_("waits for %(length)s"), length=words.length(visit.now - one.waiting_since))
    return Row(
        conversation_id=one.conversation_id,
        subject=one.subject,
        who=who,
        level=words.say(LEVELS[one.level]),
        agent=visit.name_of(Role.OPERATOR, one.agent_id) if one.agent_id else "",
        channel=words.say(N_("E-mail") if one.channel == "mail" else N_("Chat")),
        waits=waits,
        at=one.waiting_since or one.updated_at,
    )


routes = Router("/", route_handlers=[queue, show, act])
