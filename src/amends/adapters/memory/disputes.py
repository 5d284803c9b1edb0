"""News of disputes in memory."""

from collections.abc import Sequence

from amends.application.ports.disputes import UNPLACED, KeptNews, State


class MemoryDisputeBook:
    """Keeps what `amends.application.ports.disputes.DisputeBook` promises, as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], KeptNews] = {}

    async def receive(self, kept: KeptNews) -> KeptNews:
        return self._kept.setdefault((kept.news.provider, kept.news.event_id), kept)

    async def find(self, provider: str, event_id: str) -> KeptNews | None:
        return self._kept.get((provider, event_id))

    async def settle(self, kept: KeptNews) -> None:
        self._kept[kept.news.provider, kept.news.event_id] = kept

    async def waiting(self, limit: int, states: Sequence[State] = UNPLACED) -> Sequence[KeptNews]:
        found = [one for one in self._kept.values() if one.state in states]
        return sorted(found, key=lambda one: (one.received_at, one.news.event_id))[:limit]

    async def of_dispute(self, provider: str, dispute_id: str) -> Sequence[KeptNews]:
        found = [
            one
            for one in self._kept.values()
            if (one.news.provider, one.news.dispute_id) == (provider, dispute_id)
        ]
        return sorted(found, key=lambda one: (one.news.at, one.news.event_id))
