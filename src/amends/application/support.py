"""Support: conversations by chat and by mail, the agents' queue, and handing over to a higher level."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
import structlog
from msgspec.structs import replace

from amends.application.evidence import EvidenceRoom
from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import Addresses, Clock, Errand, KeyRole, Mail, MailFailed, Reader
from amends.application.ports.accounts import Account
from amends.application.ports.files import Unfit
from amends.application.ports.mail import Link, Mailing
from amends.application.ports.support import Added, Clash, Conversation, Entry, EntryKind, Level, SupportBook
from amends.application.support_mail import Inbound, conversation_of, plus_address, read_mail
from amends.application.words import LANGUAGES, N_, Words
from amends.domain.messages import TEXT_MAX, mask_cards
from amends.domain.parties import Actor, Role
from amends.domain.policy.uploads import limits_of
from amends.domain.refusals import Refused

_log = structlog.get_logger()

TOPIC = "support.mail"
# Whoever still sits at the chat has read it by then, and gets no mail about it.
CHAT_PATIENCE = timedelta(minutes=10)
_ENTRIES_MAX = 500
_OPEN_MAX = 20
_LISTED = 200
_ATTEMPTS = 5
_WRITERS = frozenset({KeyRole.BUYER, KeyRole.SELLER, KeyRole.MEDIATOR})


class SupportHouse(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say. ``phones`` are numbers by ISO 3166-1 alpha-2 code, ``*`` for everywhere else.

    ``address`` is where mail to support goes; empty where there is none. ``base`` is the public address.
    """

    base: str
    secret: str
    address: str = ""
    phones: Mapping[str, str] = {}


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants of support. ``order_id`` or ``case_id`` say what it is about."""

    text: str
    subject: str = ""
    order_id: str = ""
    case_id: str = ""


class SupportThread(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation and what the reader may see of it, oldest first."""

    conversation: Conversation
    entries: tuple[Entry, ...]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a mail: ``opened`` a conversation, ``added`` to one, ``known`` before, or ``ignored``.

    ``left_out`` names the files that were not taken.
    """

    outcome: str
    conversation_id: str = ""
    left_out: tuple[str, ...] = ()


class SupportMailBody(msgspec.Struct, frozen=True):
    """The body of a ``support.mail`` errand: which entry to send."""

    conversation_id: str
    seq: int


class Support:
    """Everything about support but its pages."""

    def __init__(
        self,
        book: SupportBook,
        reader: Reader,
        clock: Clock,
        *,
        evidence: EvidenceRoom,
        mail: Mail,
        addresses: Addresses,
        account_of: Callable[[str], Awaitable[Account | None]],
        house: SupportHouse,
    ) -> None:
        """``account_of`` finds an account by its mail address."""
        self.house = house
        self._book = book
        self._reader = reader
        self._clock = clock
        self._evidence = evidence
        self._mail = mail
        self._addresses = addresses
        self._account_of = account_of

    # What people ask

    async def open(
        self, caller: Caller, opening: Opening, words: Words, *, key: str = ""
    ) -> Conversation | Refused:
        """Start a conversation. The same ``key`` starts one."""
        if caller.role not in _WRITERS:
            return Refused(kind="not_yours", detail="Support does not write to itself: it answers.")
        order_id = opening.order_id or opening.case_id.rpartition(".")[0]
        refused = _text_refused(opening.text) or await self._about_refused(caller, order_id, opening.case_id)
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
            subject=_subject(opening.subject or text),
            opened_at=now,
            updated_at=now,
            person=caller.actor,
            language=words.locale.language,
            order_id=order_id,
            case_id=opening.case_id,
            waiting_since=now,
        )
        entry = Entry(kind="said", author=caller.actor, at=now, text=text)
        scoped = f"{caller.role}:{caller.id}:{key}" if key else ""
        return (await self._book.open(conversation, [entry], key=scoped)).conversation

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
        if found is None or not _sees(caller, found):
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
        self, caller: Caller, conversation_id: str, text: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Write in a conversation; the person's words open a closed one again."""
        return _text_refused(text) or await self._do(
            caller, conversation_id, "said", mask_cards(text.strip()).text, key
        )

    async def note(
        self, caller: Caller, conversation_id: str, text: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Write down something that support alone sees."""
        return _text_refused(text) or await self._do(
            caller, conversation_id, "note", mask_cards(text.strip()).text, key
        )

    async def take(self, caller: Caller, conversation_id: str) -> Conversation | Refused | None:
        """Look after a conversation from now on."""
        return await self._do(caller, conversation_id, "taken", "", "")

    async def hand_over(
        self, caller: Caller, conversation_id: str, reason: str, *, key: str = ""
    ) -> Conversation | Refused | None:
        """Give a conversation to the next higher level, with what they have to know."""
        if not reason.strip():
            detail = "Say what the colleagues have to know."
            return Refused(kind="invalid", detail=detail, pointer="/reason")
        return _text_refused(reason) or await self._do(
            caller, conversation_id, "handed_over", mask_cards(reason.strip()).text, key
        )

    async def close(self, caller: Caller, conversation_id: str) -> Conversation | Refused | None:
        """End a conversation; either side may."""
        return await self._do(caller, conversation_id, "closed", "", "")

    async def _do(
        self, caller: Caller, conversation_id: str, kind: EntryKind, text: str, key: str
    ) -> Conversation | Refused | None:
        for _ in range(_ATTEMPTS):
            found = await self._book.find(conversation_id)
            if found is None or not _sees(caller, found):
                return None
            added = await self._try(caller, found, kind, text, key)
            if isinstance(added, Refused):
                return added
            if added is not None:
                return added.conversation
        return Refused(
            kind="version_conflict", detail="Others write here at this moment: look again, then send it."
        )

    async def _try(
        self, caller: Caller, found: Conversation, kind: EntryKind, text: str, key: str
    ) -> Added | Refused | None:
        """One attempt; None where somebody else was faster."""
        entries = await self._book.entries(found.conversation_id)
        agent = caller.role is KeyRole.OPERATOR
        now = self._clock.now()
        refused = _refused(found, kind, agent, len(entries))
        if refused is not None:
            return refused
        changed = _changed(found, kind, agent, caller.id, now)
        header = f"{secrets.token_hex(16)}@{self._host}" if agent and kind == "said" else ""
        entry = Entry(kind=kind, author=caller.actor, at=now, text=text, message_id=header)

        def follow(written: Entry) -> Sequence[Errand]:
            return [_errand(changed, written)] if header else []

        scoped = f"{caller.role}:{caller.id}:{key}" if key else ""
        try:
            return await self._book.write(changed, entry, since=len(entries), key=scoped, errands=follow)
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

    # Mail

    async def account_behind(self, conversation: Conversation) -> Account | None:
        """Whose account has the address a mail came from: a hint, for anybody can write any sender."""
        return await self._account_of(conversation.email) if conversation.email else None

    async def receive(self, raw: bytes) -> Taken | Refused:
        """Take a mail in. The same mail twice is taken once."""
        mail = read_mail(raw)
        if isinstance(mail, Refused):
            return mail
        if mail.automatic or self._is_ours(mail.sender):
            return Taken(outcome="ignored")
        known = await self._book.by_message([mail.message_id])
        if known is not None:
            return Taken(outcome="known", conversation_id=known.conversation_id)
        named = await self._named(mail)
        belongs = named is not None and mail.sender in await self._addresses_of(named)
        if named is not None and belongs:
            return await self._answered(named, mail)
        return await self._opened(mail, named)

    def _is_ours(self, sender: str) -> bool:
        local, _, domain = sender.partition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.house.address.lower()

    async def _named(self, mail: Inbound) -> Conversation | None:
        """The conversation a mail says it belongs to: by the address it went to, or what it answers."""
        signed = conversation_of(mail.to, self.house.secret)
        if signed:
            return await self._book.find(signed)
        return await self._book.by_message(mail.answers)

    async def _addresses_of(self, conversation: Conversation) -> set[str]:
        known = {conversation.email.lower()}
        if conversation.person is not None:
            known.add((await self._addresses.address(conversation.person) or "").lower())
        return known - {""}

    async def _answered(self, to: Conversation, mail: Inbound) -> Taken | Refused:
        by = to.person or _stranger(mail.sender)
        files, left_out = await self._files(mail, to, by)
        for _ in range(_ATTEMPTS):
            entries = await self._book.entries(to.conversation_id)
            found = await self._book.find(to.conversation_id) or to
            refused = _refused(found, "said", False, len(entries))
            if refused is not None:
                return refused
            now = self._clock.now()
            changed = _changed(found, "said", False, "", now)
            entry = self._entry(mail, to.person, files, now)
            try:
                added = await self._book.write(
                    changed, entry, since=len(entries), key=f"mail:{mail.message_id}"
                )
            except Clash:
                continue
            outcome = "known" if added.again else "added"
            return Taken(outcome=outcome, conversation_id=to.conversation_id, left_out=left_out)
        return Refused(
            kind="version_conflict", detail="The conversation is busy: send the mail again in a moment."
        )

    async def _opened(self, mail: Inbound, named: Conversation | None) -> Taken:
        now = self._clock.now()
        conversation = Conversation(
            conversation_id=secrets.token_hex(8),
            channel="mail",
            subject=_subject(mail.subject or mail.text),
            opened_at=now,
            updated_at=now,
            email=mail.sender,
            waiting_since=now,
        )
        files, left_out = await self._files(mail, conversation, _stranger(mail.sender))
        entries = [self._entry(mail, None, files, now)]
        if named is not None:
            # Who forwards an answer must not speak for the person it was for.
            told = f"It answers conversation {named.conversation_id}, from another address."
            entries.append(Entry(kind="note", author=None, at=now, text=told))
        added = await self._book.open(conversation, entries, key=f"mail:{mail.message_id}")
        outcome = "known" if added.again else "opened"
        return Taken(outcome=outcome, conversation_id=added.conversation.conversation_id, left_out=left_out)

    def _entry(self, mail: Inbound, author: Actor | None, files: tuple[str, ...], now: datetime) -> Entry:
        text = mask_cards(mail.text).text
        return Entry(kind="said", author=author, at=now, text=text, files=files, message_id=mail.message_id)

    async def _files(
        self, mail: Inbound, to: Conversation, by: Actor
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take the files of a mail into the evidence room: ids of those taken, names of the others."""
        taken, left_out = [], []
        for one in mail.attachments:
            with self._evidence.scratch() as source:
                source.write(one.data)
                found = await self._evidence.take(
                    source, name=one.name, order_id=to.order_id, by=by, limits=limits_of(None)
                )
            if isinstance(found, Unfit):
                left_out.append(one.name[:120])
            else:
                taken.append(found.file_id)
        if taken:
            await self._evidence.share(taken, f"support:{to.conversation_id}")
        return tuple(dict.fromkeys(taken)), tuple(left_out)

    async def deliver(self, errand: Errand) -> bool:
        """Send an agent's words by mail; false where it did not go out and should be tried again."""
        body = msgspec.convert(errand.body, SupportMailBody)
        found = await self._book.find(body.conversation_id)
        if found is None or (found.channel == "chat" and found.through >= body.seq):
            return True
        entries = await self._book.entries(body.conversation_id)
        entry = next((one for one in entries if one.seq == body.seq), None)
        to = found.email or (await self._addresses.address(found.person) if found.person else None)
        if entry is None or not to:
            return True
        language = LANGUAGES.get(found.language)
        words = Words(language.locale) if language else Words()
        earlier = [
            one.message_id for one in entries if one.seq < body.seq and one.message_id and not one.internal
        ]
        link = None
        if found.person is not None:
            address = f"{self.house.base}/support/{found.conversation_id}"
            link = Link(words.say(N_("Read the conversation")), address)
        mailing = Mailing(
            message_id=errand.errand_id,
            to=to,
            subject=words.say(N_("Re: %(subject)s"), subject=found.subject),
            text=entry.text,
            at=entry.at,
            lang=words.lang,
            rtl=words.direction == "rtl",
            link=link,
            footer=words.say(N_("You get this because you wrote to support. Your answer reaches us.")),
            reply_to=self._reply_to(found),
            header_id=entry.message_id,
            references=tuple(one for one in earlier if one.isascii())[-10:],
        )
        try:
            await self._mail.send(mailing)
        except MailFailed as failure:
            _log.warning("mail_failed", errand_id=errand.errand_id, why=str(failure))
            return False
        except ValueError as mistake:
            _log.warning("mail_address_refused", errand_id=errand.errand_id, why=str(mistake))
        return True

    def _reply_to(self, conversation: Conversation) -> str:
        if not self.house.address:
            return ""
        return plus_address(self.house.address, conversation.conversation_id, self.house.secret)

    @property
    def _host(self) -> str:
        return self.house.address.partition("@")[2] or "amends.invalid"


def _sees(caller: Caller, conversation: Conversation) -> bool:
    return caller.role is KeyRole.OPERATOR or (
        caller.role in _WRITERS and caller.actor == conversation.person
    )


def _text_refused(text: str) -> Refused | None:
    if not text.strip():
        return Refused(kind="invalid", detail="Write what it is about.", pointer="/text")
    if len(text) > TEXT_MAX:
        return Refused(kind="invalid", detail=f"Use at most {TEXT_MAX} characters.", pointer="/text")
    if "\x00" in text:
        return Refused(kind="invalid", detail="A text cannot have the character U+0000.", pointer="/text")
    return None


def _refused(found: Conversation, kind: EntryKind, agent: bool, entries: int) -> Refused | None:
    if kind in {"note", "taken", "handed_over"} and not agent:
        return Refused(kind="not_yours", detail="Only support does this.")
    if found.closed_at is not None and (kind == "closed" or (agent and kind in {"taken", "handed_over"})):
        return Refused(kind="not_possible_now", detail="The conversation is closed.")
    if kind == "handed_over" and found.level is Level.SENIOR:
        return Refused(kind="not_possible_now", detail="There is no higher level than this one.")
    if entries >= _ENTRIES_MAX:
        detail = (
            f"This conversation has {_ENTRIES_MAX} entries, which is as many as it can have: start another."
        )
        return Refused(kind="not_possible_now", detail=detail)
    return None


def _changed(found: Conversation, kind: EntryKind, agent: bool, agent_id: str, now: datetime) -> Conversation:
    """A conversation after something was done in it."""
    changed = replace(found, updated_at=now)
    match kind:
        case "said" if agent:
            # Answering is taking.
            return replace(changed, waiting_since=None, agent_id=found.agent_id or agent_id, closed_at=None)
        case "said":
            return replace(changed, waiting_since=found.waiting_since or now, closed_at=None)
        case "taken":
            return replace(changed, agent_id=agent_id)
        case "handed_over":
            waiting = found.waiting_since or now
            return replace(changed, level=Level.SENIOR, agent_id="", waiting_since=waiting)
        case "closed":
            return replace(changed, closed_at=now, waiting_since=None)
    return changed


def _errand(to: Conversation, written: Entry) -> Errand:
    patience = CHAT_PATIENCE if to.channel == "chat" else timedelta()
    return Errand(
        errand_id=f"support:{to.conversation_id}:{written.seq}",
        topic=TOPIC,
        order_id=to.order_id,
        case_id=to.case_id,
        body=msgspec.to_builtins(SupportMailBody(to.conversation_id, written.seq)),
        due_at=written.at + patience,
    )


def _stranger(address: str) -> Actor:
    """Under whom the files of somebody without an account are kept; no account has such an id."""
    return Actor(Role.BUYER, f"mail:{sha256(address.encode()).hexdigest()[:32]}")


def _subject(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79].rstrip()}…"
