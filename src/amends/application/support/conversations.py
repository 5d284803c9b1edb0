"""Conversations with support: starting them, reading them, writing in them, and the agents' queue."""

import secrets
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import Clock, Errand, KeyRole, Reader
from amends.application.ports.files import StoredFile
from amends.application.ports.support import Added, Clash, Conversation, Entry, EntryKind, Level, SupportBook
from amends.application.support import rules
from amends.application.support.drawer import Drawer
from amends.application.support.mail import is_address
from amends.application.support.post import Post
from amends.application.words import Words
from amends.domain.custody.model import Custody
from amends.domain.messages import mask_cards
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused

ATTEMPTS = 5
_OPEN_MAX = 20
_LISTED = 200


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants of support. ``order_id`` or ``case_id`` say what it is about."""

    text: str
    subject: str = ""
    order_id: str = ""
    case_id: str = ""
    files: tuple[str, ...] = ()


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What support writes of its own accord: to a side of an order, or to a mail address."""

    text: str
    subject: str = ""
    order_id: str = ""
    case_id: str = ""
    to: Role | None = None
    email: str = ""


class SupportThread(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation and what the reader may see of it, oldest first."""

    conversation: Conversation
    entries: tuple[Entry, ...]


class Conversations:
    """What people and support say to each other."""

    def __init__(self, book: SupportBook, reader: Reader, clock: Clock, drawer: Drawer, post: Post) -> None:
        self.drawer = drawer
        self._book = book
        self._reader = reader
        self._clock = clock
        self._post = post

    # What people ask

    async def open(
        self, caller: Caller, opening: Opening, words: Words, *, key: str = ""
    ) -> Conversation | Refused:
        """Start a conversation. The same ``key`` starts one."""
        if caller.role not in rules.WRITERS:
            return Refused(kind="not_yours", detail="Support writes to somebody: say to whom.")
        about = _order_of(opening.order_id, opening.case_id)
        refused = rules.text_refused(opening.text, opening.files)
        files = await self.drawer.mine(caller, opening.files)
        refused = refused or _files_refused(opening.files, files)
        refused = refused or await self._about_refused(caller, about, opening.case_id)
        if refused is not None:
            return refused
        mine = await self._book.of(caller.actor, _LISTED)
        if sum(one.closed_at is None for one in mine) >= _OPEN_MAX:
            detail = f"You have {_OPEN_MAX} open conversations; write in one of them."
            return Refused(kind="not_possible_now", detail=detail)
        now = self._clock.now()
        text = mask_cards(opening.text.strip()).text
        conversation = Conversation(
            conversation_id=secrets.token_hex(8),
            channel="chat",
            subject=rules.subject_of(opening.subject or text or files[0].name),
            opened_at=now,
            updated_at=now,
            person=caller.actor,
            language=words.locale.language,
            order_id=about,
            case_id=opening.case_id,
            waiting_since=now,
        )
        entry = Entry(kind="said", author=caller.actor, at=now, text=text, files=opening.files)
        added = await self._book.open(conversation, [entry], key=_scoped(caller, key))
        await self.drawer.show(opening.files, caller.actor)
        return added.conversation

    async def write_to(
        self, caller: Caller, writing: Writing, words: Words, *, key: str = ""
    ) -> Conversation | Refused:
        """Support writes to somebody first, and the mail goes out at once. The same ``key`` writes once."""
        if caller.role is not KeyRole.OPERATOR:
            return Refused(kind="not_yours", detail="Only support does this.")
        about = _order_of(writing.order_id, writing.case_id)
        refused = rules.text_refused(writing.text)
        refused = refused or await self._about_refused(caller, about, writing.case_id)
        if refused is not None:
            return refused
        person = await self._side(about, writing.to) if writing.to is not None else None
        if person is None and not is_address(writing.email):
            detail = "Name a side of an order, or one mail address."
            return Refused(kind="invalid", detail=detail, pointer="/email")
        now = self._clock.now()
        text = mask_cards(writing.text.strip()).text
        conversation = Conversation(
            conversation_id=secrets.token_hex(8),
            channel="mail",
            subject=rules.subject_of(writing.subject or text),
            opened_at=now,
            updated_at=now,
            person=person,
            email="" if person else writing.email.lower(),
            language=await self._post.language_of(person) if person else words.locale.language,
            order_id=about,
            case_id=writing.case_id,
            agent_id=caller.id,
        )
        entry = Entry(
            seq=1, kind="said", author=caller.actor, at=now, text=text, message_id=self._post.new_message_id()
        )
        errands = [self._post.errand(conversation, entry)]
        added = await self._book.open(conversation, [entry], key=_scoped(caller, key), errands=errands)
        return added.conversation

    async def mine(self, caller: Caller) -> Sequence[Conversation]:
        """The caller's own conversations, last changed first."""
        return await self._book.of(caller.actor, _LISTED)

    async def queue(
        self, caller: Caller, level: Level | None = None, *, closed: bool = False
    ) -> Sequence[Conversation] | None:
        """What waits for support, longest first; None for anybody else."""
        if caller.role is not KeyRole.OPERATOR:
            return None
        return await self._book.queue(level, closed, _LISTED)

    async def thread(self, caller: Caller, conversation_id: str) -> SupportThread | None:
        """A conversation; None where there is none for the caller."""
        found = await self._book.find(conversation_id)
        if found is None or not rules.sees(caller, found):
            return None
        entries = tuple(
            one
            for one in await self._book.entries(conversation_id)
            if caller.role is KeyRole.OPERATOR or not one.internal
        )
        return SupportThread(conversation=found, entries=entries)

    async def seen(self, caller: Caller, thread: SupportThread) -> None:
        """Remember that the person has seen what there is, so that no mail repeats it."""
        if thread.entries and caller.actor == thread.conversation.person:
            await self._book.seen(thread.conversation.conversation_id, thread.entries[-1].seq)

    # What people do

    async def say(
        self, caller: Caller, conversation_id: str, text: str, *, files: tuple[str, ...] = (), key: str = ""
    ) -> Conversation | Refused | None:
        """Write in a conversation; the person's words open a closed one again."""
        refused = rules.text_refused(text, files)
        refused = refused or _files_refused(files, await self.drawer.mine(caller, files))
        if refused is not None:
            return refused
        entry = Entry(kind="said", author=caller.actor, at=self._clock.now(), text=text, files=files)
        return await self._do(caller, conversation_id, entry, key)

    async def note(
        self, caller: Caller, conversation_id: str, text: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Write down something that support alone sees."""
        return rules.text_refused(text) or await self._done(caller, conversation_id, "note", text, key)

    async def take(self, caller: Caller, conversation_id: str) -> Conversation | Refused | None:
        """Look after a conversation from now on."""
        return await self._done(caller, conversation_id, "taken")

    async def hand_over(
        self, caller: Caller, conversation_id: str, reason: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Give a conversation to the next higher level, with what they have to know."""
        if not reason.strip():
            detail = "Say what the colleagues have to know."
            return Refused(kind="invalid", detail=detail, pointer="/reason")
        refused = rules.text_refused(reason, pointer="/reason")
        return refused or await self._done(caller, conversation_id, "handed_over", reason, key)

    async def about(
        self, caller: Caller, conversation_id: str, order_id: str, case_id: str = ""
    ) -> Conversation | Refused | None:
        """Say which order, or which of its cases, a conversation is about; support alone does."""
        about = _order_of(order_id, case_id)
        if not about:
            detail = "Name an order or a case."
            return Refused(kind="invalid", detail=detail, pointer="/order_id")
        refused = await self._about_refused(caller, about, case_id)
        entry = Entry(kind="about", author=caller.actor, at=self._clock.now(), text=case_id or about)
        return refused or await self._do(caller, conversation_id, entry, "", order_id=about, case_id=case_id)

    async def close(self, caller: Caller, conversation_id: str) -> Conversation | Refused | None:
        """End a conversation; either side may."""
        return await self._done(caller, conversation_id, "closed")

    async def _done(
        self, caller: Caller, conversation_id: str, kind: EntryKind, text: str = "", key: str = ""
    ) -> Conversation | Refused | None:
        entry = Entry(kind=kind, author=caller.actor, at=self._clock.now(), text=text)
        return await self._do(caller, conversation_id, entry, key)

    async def _do(
        self, caller: Caller, conversation_id: str, entry: Entry, key: str, **about: str
    ) -> Conversation | Refused | None:
        entry = replace(entry, text=mask_cards(entry.text.strip()).text)
        for _ in range(ATTEMPTS):
            found = await self._book.find(conversation_id)
            if found is None or not rules.sees(caller, found):
                return None
            added = await self._try(caller, found, entry, key, about)
            if isinstance(added, Refused):
                return added
            if added is not None:
                if found.person is not None:
                    await self.drawer.show(entry.files, found.person)
                return added.conversation
        return Refused(
            kind="version_conflict", detail="Others write here at this moment: look again, then send it."
        )

    async def _try(
        self, caller: Caller, found: Conversation, entry: Entry, key: str, about: dict[str, str]
    ) -> Added | Refused | None:
        """One attempt; None where somebody else was faster."""
        entries = await self._book.entries(found.conversation_id)
        agent = caller.role is KeyRole.OPERATOR
        refused = rules.refused(found, entry.kind, agent, len(entries))
        if refused is None and agent and entry.files and found.person is None:
            detail = "Who has no account cannot open files: describe them, or ask for a reply."
            refused = Refused(kind="invalid", detail=detail, pointer="/files")
        if refused is not None:
            return refused
        changed = replace(rules.changed(found, entry.kind, agent, caller.id, entry.at), **about)
        mailed = agent and entry.kind == "said"
        written = replace(entry, message_id=self._post.new_message_id()) if mailed else entry

        def follow(kept: Entry) -> Sequence[Errand]:
            return [self._post.errand(changed, kept)] if mailed else []

        try:
            return await self._book.write(
                changed, written, since=len(entries), key=_scoped(caller, key), errands=follow
            )
        except Clash:
            return None

    async def _about_refused(self, caller: Caller, order_id: str, case_id: str) -> Refused | None:
        if not order_id:
            return None
        scene = await self._reader.scene(order_id)
        if (
            scene is None
            or scene.custody is None
            or not sees_order(caller, scene.custody, scene.cases.values())
        ):
            detail = f"There is no order {order_id}."
            return Refused(kind="not_found", detail=detail, pointer="/order_id")
        case = scene.cases.get(case_id)
        if case_id and (case is None or not sees_case(caller, case)):
            return Refused(kind="not_found", detail=f"There is no case {case_id}.", pointer="/case_id")
        return None

    async def _side(self, order_id: str, role: Role) -> Actor | None:
        scene = await self._reader.scene(order_id) if order_id else None
        custody: Custody | None = scene.custody if scene is not None else None
        if custody is None or role not in {Role.BUYER, Role.SELLER}:
            return None
        order = custody.order
        return Actor(role, order.buyer_id if role is Role.BUYER else order.seller_id)


def _files_refused(wanted: Sequence[str], found: Sequence[StoredFile]) -> Refused | None:
    if {one.file_id for one in found} == set(wanted):
        return None
    return Refused(
        kind="invalid", detail="A file is not yours, or was not sent to support.", pointer="/files"
    )


def _order_of(order_id: str, case_id: str) -> str:
    return order_id or case_id.rpartition(".")[0]


def _scoped(caller: Caller, key: str) -> str:
    return f"{caller.role}:{caller.id}:{key}" if key else ""
