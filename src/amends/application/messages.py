"""Messages on orders and cases: who may read and write them, what is hidden, and what follows from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from amends.application.message_drafts import Draft, chosen, refusal
from amends.application.notices import Notice
from amends.application.permissions import Caller, sees_case, sees_order
from amends.application.ports import Clock, Errand, KeyRole, Reader
from amends.application.ports.messages import (
    Attachments,
    Detector,
    Mark,
    Message,
    MessageBook,
    TranslationFailed,
    Translator,
)
from amends.application.words import Words
from amends.domain import messages as rules
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.parties import Actor, Role
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.time import Calendars, deadline

STAFF = frozenset({KeyRole.MEDIATOR, KeyRole.OPERATOR})
WRITERS = frozenset({KeyRole.BUYER, KeyRole.SELLER, *STAFF})
_PARTIES = frozenset({Role.BUYER, Role.SELLER})
# How long an answer may take before the other side is reminded, where the terms say nothing.
FOLLOW_UP = timedelta(days=1)
ADVISED_WAIT = timedelta(days=3)
# More is somebody's program, and nobody could read it.
MESSAGES_MAX = 1000
_THREAD_MAX = 2 * MESSAGES_MAX


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """An order's messages as one person may see them, oldest first, and how far everybody has read.

    ``silent_since``: the buyer's first message that was not answered; at ``invited_at`` the terms call the
    silence long enough to open a dispute without any more waiting (B74).
    """

    custody: Custody
    cases: tuple[Case, ...]
    messages: tuple[Message, ...]
    marks: tuple[Mark, ...]
    may_write: bool
    may_note: bool
    silent_since: datetime | None = None
    invited_at: datetime | None = None


class Messages:
    """The messages of orders. Nothing here changes a case."""

    def __init__(
        self,
        book: MessageBook,
        reader: Reader,
        clock: Clock,
        calendars: Calendars,
        detector: Detector,
        translator: Translator | None = None,
        attachments: Attachments | None = None,
    ) -> None:
        """``translator`` is None where no service was set up: free text then stays as it was written."""
        self._book = book
        self._reader = reader
        self._clock = clock
        self._calendars = calendars
        self._detector = detector
        self._translator = translator
        self._attachments = attachments

    @property
    def translates(self) -> bool:
        """Whether free text can be translated."""
        return self._translator is not None

    async def thread(self, caller: Caller, order_id: str, after: int = 0) -> Thread | None:
        """The messages of an order; None for an order that is not there for the caller."""
        scene = await self._reader.scene(order_id)
        if scene is None or scene.custody is None or caller.role not in {*WRITERS, KeyRole.MARKETPLACE}:
            return None
        if not sees_order(caller, scene.custody, scene.cases.values()):
            return None
        cases = tuple(case for case in scene.cases.values() if sees_case(caller, case))
        kept = await self._book.of(order_id, after, _THREAD_MAX)
        silent = _silent_since(caller, kept) if not after else None
        visible = tuple(one for one in kept if _visible(caller, one, cases))
        return Thread(
            custody=scene.custody,
            cases=cases,
            messages=visible,
            marks=tuple(
                mark
                for mark in await self._book.marks(order_id)
                if caller.role in STAFF or mark.person.role in _PARTIES
            ),
            may_write=caller.role in WRITERS,
            may_note=caller.role in STAFF,
            silent_since=silent,
            invited_at=await self._invited_at(scene.custody, silent),
        )

    async def post(
        self, caller: Caller, order_id: str, draft: Draft, words: Words, *, key: str = ""
    ) -> Message | Refused | None:
        """Write a message; None for an order that is not there for the caller.

        ``words`` are the writer's. The same ``key`` writes once; with another message it is refused
        (key_reused).
        """
        thread = await self.thread(caller, order_id)
        if thread is None:
            return None
        earlier = await self._book.of(order_id, 0, _THREAD_MAX)
        refused = await self._refusal(caller, thread, draft, len(earlier))
        if refused is not None:
            return refused
        text, template = chosen(draft, thread.custody, thread.cases, words)
        masked = rules.mask(text, _known(thread.custody))
        values = {name: rules.mask(value).text for name, value in draft.values.items()} if template else {}
        message = Message(
            order_id=order_id,
            case_id=draft.case_id,
            author=caller.actor,
            at=self._clock.now(),
            text=masked.text,
            language=self._detector.language(masked.text),
            template=template,
            values=values,
            files=draft.files,
            hidden=masked.hidden,
            internal=draft.internal,
        )
        terms = await self._terms(thread.custody)

        def follow(kept: Message) -> Sequence[Errand]:
            return self._errands(kept, thread, earlier, terms)

        fingerprint = sha256(msgspec.json.encode(draft, order="deterministic")).digest()
        if message.files and self._attachments is not None:
            # For good before anything names them; others see them once the message is there.
            await self._attachments.share(message.files, "")
        kept = await self._book.add(message, follow, key=key, fingerprint=fingerprint)
        if kept.again and kept.fingerprint != fingerprint:
            return Refused(kind="key_reused", detail="This key was used for another message.")
        if kept.message.files and self._attachments is not None:
            await self._attachments.share(kept.message.files, kept.message.case_id or order_id)
        if not kept.again:
            await self._book.mark(order_id, caller.actor, kept.message.seq, message.at)
        return kept.message

    async def read(self, caller: Caller, order_id: str, through: int) -> bool:
        """Remember that the caller has read up to a message; False for an order that is not there."""
        thread = await self.thread(caller, order_id)
        if thread is None or caller.role is KeyRole.MARKETPLACE:
            return thread is not None
        through = min(through, max((one.seq for one in thread.messages), default=0))
        if through > 0:
            await self._book.mark(order_id, caller.actor, through, self._clock.now())
        return True

    async def translated(self, message: Message, language: str) -> str | None:
        """A message's free text in another language; None where there is none to be had (yet)."""
        if self._translator is None or not message.language or message.language == language:
            return None
        known = await self._book.translation(message.message_id, language)
        if known is not None:
            return known
        try:
            made = await self._translator.translate(message.text, message.language, language)
        except TranslationFailed:
            return None
        # Numbers that a translation brings back together stay hidden.
        made = rules.mask(made).text
        await self._book.keep_translation(message.order_id, message.message_id, language, made)
        return made

    async def first_unanswered(self, order_id: str, seq: int) -> Message | None:
        """The message of that number, if it is still the first that the other side has not answered."""
        kept = await self._book.of(order_id, 0, _THREAD_MAX)
        message = next((one for one in kept if one.seq == seq), None)
        if message is None or _first_unanswered(kept, message.author.role) != message:
            return None
        return message

    async def _invited_at(self, custody: Custody, silent: datetime | None) -> datetime | None:
        if silent is None:
            return None
        return self._after(silent, await self._terms(custody), "contact.advised_wait", ADVISED_WAIT)

    async def _refusal(self, caller: Caller, thread: Thread, draft: Draft, earlier: int) -> Refused | None:
        if not thread.may_write or (draft.internal and not thread.may_note):
            detail = "Only the two sides and those who mediate write here."
            return Refused(kind="not_yours", detail=detail)
        refused = refusal(draft, caller, thread.cases)
        if refused is not None:
            return refused
        if earlier >= MESSAGES_MAX:
            detail = f"This order has {MESSAGES_MAX} messages, which is as many as it can have."
            return Refused(kind="not_possible_now", detail=detail)
        if draft.files and not await self._hers(draft.files, thread.custody.order.order_id, caller.actor):
            detail = "A file is not yours, or not on this order."
            return Refused(kind="invalid", detail=detail, pointer="/files")
        return None

    async def _hers(self, files: Sequence[str], order_id: str, author: Actor) -> bool:
        if self._attachments is None:
            return False
        found = await self._attachments.mine(files, order_id, author)
        return {file.file_id for file in found} == set(files)

    async def _terms(self, custody: Custody) -> Terms | None:
        if not custody.order.lines:
            return None
        terms_id = custody.order.lines[0].terms_id
        return (await self._reader.terms_of([terms_id])).get(terms_id)

    def _errands(
        self, kept: Message, thread: Thread, earlier: Sequence[Message], terms: Terms | None
    ) -> list[Errand]:
        errands = []
        to = _recipients(kept, thread)
        if to:
            notice = Notice(
                event="message_sent",
                seq=kept.seq,
                stream=f"{kept.order_id}/messages",
                at=kept.at,
                to=to,
                currency=thread.custody.order.currency,
            )
            errands.append(_errand(kept, f"notice:{kept.order_id}/messages:{kept.seq}", "notice", notice))
        if kept.internal or kept.author.role not in _PARTIES:
            return errands
        if _first_unanswered([*earlier, kept], kept.author.role) != kept:
            return errands
        waiting = Unanswered(order_id=kept.order_id, case_id=kept.case_id, seq=kept.seq)
        remind = self._after(kept.at, terms, "contact.follow_up", FOLLOW_UP)
        errands.append(_errand(kept, f"follow_up:{kept.message_id}", "message.follow_up", waiting, remind))
        if kept.author.role is Role.BUYER:
            invite = self._after(kept.at, terms, "contact.advised_wait", ADVISED_WAIT)
            errands.append(_errand(kept, f"silence:{kept.message_id}", "message.silence", waiting, invite))
        return errands

    def _after(self, at: datetime, terms: Terms | None, name: str, otherwise: timedelta) -> datetime:
        if terms is None or not terms.has(name):
            return at + otherwise
        return deadline(at, terms.period(name), self._calendars)


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """The body of ``message.follow_up`` and ``message.silence``: it may still wait for an answer."""

    order_id: str
    case_id: str
    seq: int


def _visible(caller: Caller, message: Message, cases: Sequence[Case]) -> bool:
    if message.internal:
        return caller.role in STAFF
    return not message.case_id or any(case.case_id == message.case_id for case in cases)


def _known(custody: Custody) -> list[str]:
    order = custody.order
    return [order.order_id, *(parcel.tracking_number for parcel in order.parcels)]


def _recipients(message: Message, thread: Thread) -> tuple[Actor, ...]:
    order = thread.custody.order
    sides = (
        () if message.internal else (Actor(Role.BUYER, order.buyer_id), Actor(Role.SELLER, order.seller_id))
    )
    mediators = {
        case.mediator_id
        for case in thread.cases
        if case.mediator_id and case.live and message.case_id in ("", case.case_id)
    }
    everyone = (*sides, *(Actor(Role.MEDIATOR, one) for one in sorted(mediators)))
    return tuple(person for person in everyone if person != message.author)


def _first_unanswered(messages: Sequence[Message], side: Role) -> Message | None:
    """The oldest message of a side since the other side, or somebody mediating, last wrote."""
    found: Message | None = None
    for one in messages:
        if one.internal:
            continue
        if one.author.role is not side:
            found = None
        elif found is None:
            found = one
    return found


def _silent_since(caller: Caller, messages: Sequence[Message]) -> datetime | None:
    if caller.role is not KeyRole.BUYER:
        return None
    waiting = _first_unanswered(messages, Role.BUYER)
    return waiting.at if waiting else None


def _errand(
    message: Message, errand_id: str, topic: str, body: Notice | Unanswered, due_at: datetime | None = None
) -> Errand:
    return Errand(
        errand_id=errand_id,
        topic=topic,
        order_id=message.order_id,
        case_id=message.case_id,
        body=msgspec.to_builtins(body),
        due_at=due_at or message.at,
    )
