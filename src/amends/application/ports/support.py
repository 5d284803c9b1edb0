"""Where conversations with support are kept."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Literal, Protocol

import msgspec

from amends.application.ports import Errand
from amends.domain.parties import Actor

Channel = Literal["chat", "mail"]
EntryKind = Literal["said", "note", "taken", "handed_over", "about", "closed", "reopened"]


class Level(IntEnum):
    """Who a conversation waits for: the first line, or those it is handed over to."""

    FIRST = 1
    SENIOR = 2


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's conversation with support, beside the messages of orders.

    ``person`` has an account; without one there is only an ``email``. ``order_id`` and ``case_id`` say
    what it is about, where that is known. ``agent_id`` is who looks after it.
    ``waiting_since`` is when the person's first unanswered words came; None while support waits
    for them. ``through`` is the ``seq`` of the last entry the person has seen.
    """

    conversation_id: str
    channel: Channel
    subject: str
    opened_at: datetime
    updated_at: datetime
    person: Actor | None = None
    email: str = ""
    language: str = "en"
    order_id: str = ""
    case_id: str = ""
    level: Level = Level.FIRST
    agent_id: str = ""
    waiting_since: datetime | None = None
    closed_at: datetime | None = None
    through: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What was said or done in a conversation, numbered from 1; notes and hand-overs are support's own,
    and so is what order or case (its ``text``) somebody found it to be about.

    ``author`` is None for somebody without an account. ``message_id`` is a mail's own, without brackets.
    """

    seq: int = 0
    kind: EntryKind
    author: Actor | None
    at: datetime
    text: str = ""
    files: tuple[str, ...] = ()
    message_id: str = ""

    @property
    def internal(self) -> bool:
        """Whether the person never sees it."""
        return self.kind in {"note", "handed_over", "about"}


class Added(msgspec.Struct, frozen=True):
    """A conversation after something was written. ``again``: the key was known, nothing was written now."""

    conversation: Conversation
    seq: int
    again: bool = False


class Clash(Exception):
    """Somebody else changed the conversation in between."""


class SupportBook(Protocol):
    """Conversations with support."""

    async def open(
        self,
        conversation: Conversation,
        entries: Sequence[Entry],
        *,
        key: str = "",
        errands: Sequence[Errand] = (),
    ) -> Added:
        """Keep a new conversation with its first entries and what follows, or none of it.

        The same ``key`` (unique for ever) opens once; the conversation opened first is the answer.
        """

    async def write(
        self,
        changed: Conversation,
        entry: Entry,
        *,
        since: int,
        key: str = "",
        errands: Callable[[Entry], Sequence[Errand]] = lambda _: (),
    ) -> Added:
        """Add an entry and change the conversation, or neither.

        ``since`` is the ``seq`` of the last entry the writer saw; raises `Clash` where there are more.
        The same ``key`` on the same conversation writes once.
        """

    async def find(self, conversation_id: str) -> Conversation | None:
        """A conversation by its id."""

    async def entries(self, conversation_id: str) -> Sequence[Entry]:
        """Everything in it, oldest first."""

    async def of(self, person: Actor, limit: int) -> Sequence[Conversation]:
        """Somebody's conversations, the one that changed last first."""

    async def queue(self, level: Level | None, closed: bool, limit: int) -> Sequence[Conversation]:
        """Conversations that are open, those waiting longest first, or closed, last first."""

    async def by_message(self, message_ids: Sequence[str]) -> Conversation | None:
        """The conversation that holds one of these mails."""

    async def seen(self, conversation_id: str, through: int) -> None:
        """The person has seen everything up to there; never goes back."""
