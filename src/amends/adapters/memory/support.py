"""Conversations with support in memory."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.application.ports import Errand
from amends.application.ports.outbox import Outbox
from amends.application.ports.support import Added, Clash, Conversation, Entry, Level
from amends.domain.parties import Actor


class MemorySupport:
    """Keeps what `amends.application.ports.support.SupportBook` promises, as long as the process lives."""

    def __init__(
        self, outbox: Outbox, tell: Callable[[Collection[str]], None] = lambda _streams: None
    ) -> None:
        """``tell`` hears of what changed: ``support:<id>`` and ``support:queue``."""
        self._outbox = outbox
        self._tell = tell
        self._kept: dict[str, Conversation] = {}
        self._entries: dict[str, list[Entry]] = defaultdict(list)
        self._opened: dict[str, str] = {}
        self._known: dict[tuple[str, str], int] = {}

    async def open(
        self,
        conversation: Conversation,
        entries: Sequence[Entry],
        *,
        key: str = "",
        errands: Sequence[Errand] = (),
    ) -> Added:
        if key and key in self._opened:
            return Added(self._kept[self._opened[key]], 1, True)
        self._opened[key] = conversation.conversation_id
        self._kept[conversation.conversation_id] = conversation
        numbered = [replace(one, seq=n) for n, one in enumerate(entries, 1)]
        self._entries[conversation.conversation_id] = numbered
        await self._outbox.put(errands)
        self._tell([f"support:{conversation.conversation_id}", "support:queue"])
        return Added(conversation, len(numbered))

    async def write(
        self,
        changed: Conversation,
        entry: Entry,
        *,
        since: int,
        key: str = "",
        errands: Callable[[Entry], Sequence[Errand]] = lambda _: (),
    ) -> Added:
        name = changed.conversation_id
        if key and (name, key) in self._known:
            return Added(self._kept[name], self._known[name, key], True)
        kept = self._kept[name]
        if len(self._entries[name]) != since:
            raise Clash
        self._kept[name] = replace(changed, through=kept.through)
        numbered = replace(entry, seq=len(self._entries[name]) + 1)
        self._entries[name].append(numbered)
        if key:
            self._known[name, key] = numbered.seq
        await self._outbox.put(errands(numbered))
        self._tell([f"support:{name}", "support:queue"])
        return Added(self._kept[name], numbered.seq)

    async def find(self, conversation_id: str) -> Conversation | None:
        return self._kept.get(conversation_id)

    async def entries(self, conversation_id: str) -> Sequence[Entry]:
        return list(self._entries.get(conversation_id, ()))

    async def of(self, person: Actor, limit: int) -> Sequence[Conversation]:
        found = [one for one in self._kept.values() if one.person == person]
        return sorted(found, key=_changed, reverse=True)[:limit]

    async def queue(self, level: Level | None, closed: bool, limit: int) -> Sequence[Conversation]:
        found = [
            one
            for one in self._kept.values()
            if (one.closed_at is not None) == closed and level in (None, one.level)
        ]
        if closed:
            return sorted(found, key=_changed, reverse=True)[:limit]
        waiting = [one for one in found if one.waiting_since is not None]
        rest = [one for one in found if one.waiting_since is None]
        return [
            *sorted(waiting, key=lambda one: (one.waiting_since, one.conversation_id)),
            *sorted(rest, key=_changed, reverse=True),
        ][:limit]

    async def by_message(self, message_ids: Sequence[str]) -> Conversation | None:
        wanted = {one for one in message_ids if one}
        return next(
            (
                self._kept[name]
                for name, entries in self._entries.items()
                if any(one.message_id in wanted for one in entries)
            ),
            None,
        )

    async def seen(self, conversation_id: str, through: int) -> None:
        kept = self._kept.get(conversation_id)
        if kept is not None and kept.through < through:
            self._kept[conversation_id] = replace(kept, through=through)


def _changed(one: Conversation) -> tuple[datetime, str]:
    return one.updated_at, one.conversation_id
