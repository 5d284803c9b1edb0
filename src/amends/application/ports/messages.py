"""Where messages are kept, how their language is told, and who translates them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.application.ports import Errand
from amends.application.ports.files import StoredFile
from amends.domain.parties import Actor


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote about an order, or about one of its cases where ``case_id`` is set.

    ``seq`` counts the order's messages from 1. ``text`` is masked; of a ready-made message (``template``
    with its ``values``) it is the text in the writer's language. ``language`` is ISO 639-1, empty where it
    could not be told. ``internal`` notes are for mediators and support alone.
    """

    order_id: str
    seq: int = 0
    case_id: str = ""
    author: Actor
    at: datetime
    text: str
    language: str = ""
    template: str = ""
    values: Mapping[str, str] = {}
    files: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    internal: bool = False

    @property
    def message_id(self) -> str:
        """Unique for ever: the order's id and the message's number."""
        return f"{self.order_id}:{self.seq}"


class Kept(msgspec.Struct, frozen=True):
    """A message as it is kept. ``again``: the key was known, and this is what was written the first time.

    ``fingerprint`` is that of the first time.
    """

    message: Message
    again: bool
    fingerprint: bytes


class Mark(msgspec.Struct, frozen=True):
    """Up to which message somebody has read, and since when."""

    person: Actor
    through: int
    at: datetime


class MessageBook(Protocol):
    """The messages of orders."""

    async def add(
        self,
        message: Message,
        errands: Callable[[Message], Sequence[Errand]],
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Kept:
        """Number a message and keep it, with the errands that follow from it, or neither.

        The same ``key`` by the same author on the same order is kept once.
        """

    async def of(self, order_id: str, after: int = 0, limit: int = 500) -> Sequence[Message]:
        """An order's messages with a ``seq`` above ``after``, oldest first, internal notes among them."""

    async def mark(self, order_id: str, person: Actor, through: int, at: datetime) -> None:
        """Remember that somebody has read up to ``through``; never goes back."""

    async def marks(self, order_id: str) -> Sequence[Mark]:
        """Who has read how far."""

    async def translation(self, message_id: str, language: str) -> str | None:
        """A translation that was made before."""

    async def keep_translation(self, order_id: str, message_id: str, language: str, text: str) -> None:
        """Keep a translation; the first one stays."""


class Attachments(Protocol):
    """Files that go with a message."""

    async def mine(self, file_ids: Sequence[str], order_id: str, by: Actor) -> Sequence[StoredFile]:
        """Those of the files that are ready and the person's own on the order, in the order asked."""

    async def share(self, file_ids: Sequence[str], with_all_of: str) -> None:
        """Keep files for good and show them to all who see a case, or an order; to nobody else for ``""``."""


class TranslationFailed(Exception):
    """No translation came; the original is still there."""


class Translator(Protocol):
    """Translates free text. Languages are ISO 639-1."""

    async def translate(self, text: str, source: str, target: str) -> str:
        """The text in another language. Raises `TranslationFailed`."""


class Detector(Protocol):
    """Tells languages apart."""

    def language(self, text: str) -> str:
        """ISO 639-1 of the text, or empty where it is too short to tell."""
