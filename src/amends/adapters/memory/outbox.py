"""Errands beside those of events, in memory."""

from collections.abc import Sequence

from amends.adapters.memory.store import MemoryStore
from amends.application.ports import Errand


class MemoryOutbox:
    """Keeps what `amends.application.ports.outbox.Outbox` promises, in a store's own outbox."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def put(self, errands: Sequence[Errand]) -> None:
        for errand in errands:
            self._store.outbox.setdefault(errand.errand_id, errand)
