"""Messages in memory."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.application.ports import Errand
from amends.application.ports.messages import Kept, Mark, Message
from amends.application.ports.outbox import Outbox
from amends.domain.parties import Actor


class MemoryMessages:
    """Keeps what `amends.application.ports.messages.MessageBook` promises, as long as the process lives."""

    def __init__(
        self, outbox: Outbox, tell: Callable[[Collection[str]], None] = lambda _order_ids: None
    ) -> None:
        """``tell`` hears of the orders that have news."""
        self._outbox = outbox
        self._tell = tell
        self._messages: dict[str, list[Message]] = defaultdict(list)
        self._known: dict[tuple[str, Actor, str], Kept] = {}
        self._marks: dict[tuple[str, Actor], Mark] = {}
        self._translations: dict[tuple[str, str], str] = {}

    async def add(
        self,
        message: Message,
        errands: Callable[[Message], Sequence[Errand]],
        *,
        key: str = "",
        fingerprint: bytes = b"",
    ) -> Kept:
        place = (message.order_id, message.author, key)
        if key and place in self._known:
            return replace(self._known[place], again=True)
        thread = self._messages[message.order_id]
        kept = Kept(replace(message, seq=len(thread) + 1), False, fingerprint)
        thread.append(kept.message)
        if key:
            self._known[place] = kept
        await self._outbox.put(errands(kept.message))
        self._tell([message.order_id])
        return kept

    async def of(self, order_id: str, after: int = 0, limit: int = 500) -> Sequence[Message]:
        return self._messages[order_id][after : after + limit]

    async def mark(self, order_id: str, person: Actor, through: int, at: datetime) -> None:
        known = self._marks.get((order_id, person))
        if known is None or known.through < through:
            self._marks[order_id, person] = Mark(person, through, at)

    async def marks(self, order_id: str) -> Sequence[Mark]:
        found = [mark for (where, _), mark in self._marks.items() if where == order_id]
        return sorted(found, key=lambda mark: (mark.person.role.value, mark.person.id))

    async def translation(self, message_id: str, language: str) -> str | None:
        return self._translations.get((message_id, language))

    async def keep_translation(self, order_id: str, message_id: str, language: str, text: str) -> None:  # noqa: ARG002
        self._translations.setdefault((message_id, language), text)
