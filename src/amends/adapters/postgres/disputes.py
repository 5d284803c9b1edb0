"""News of disputes on PostgreSQL."""

from collections.abc import Sequence

import msgspec

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.disputes import UNPLACED, KeptNews, State

_SQL = statements("disputes")
_encode = msgspec.json.Encoder().encode
_kept = msgspec.json.Decoder(KeptNews).decode


class PostgresDisputeBook:
    """Keeps what `amends.application.ports.disputes.DisputeBook` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def receive(self, kept: KeptNews) -> KeptNews:
        """Keep news; those known already are given back as they are."""
        news = kept.news
        async with self._pool.acquire() as connection:
            await connection.execute(
                _SQL["receive"],
                news.provider,
                news.event_id,
                news.dispute_id,
                next(iter(kept.order_ids), ""),
                kept.state,
                news.at,
                kept.received_at,
                _encode(kept),
            )
            return _kept(await connection.fetchval(_SQL["find"], news.provider, news.event_id))

    @reaching
    async def find(self, provider: str, event_id: str) -> KeptNews | None:
        """The news of that event."""
        body = await self._pool.fetchval(_SQL["find"], provider, event_id)
        return None if body is None else _kept(body)

    @reaching
    async def settle(self, kept: KeptNews) -> None:
        """Remember what became of news."""
        first = next(iter(kept.order_ids), "")
        news = kept.news
        await self._pool.execute(
            _SQL["settle"], news.provider, news.event_id, kept.state, first, _encode(kept)
        )

    @reaching
    async def waiting(self, limit: int, states: Sequence[State] = UNPLACED) -> Sequence[KeptNews]:
        """What waits or was refused."""
        found = await self._pool.fetch(_SQL["waiting"], limit, list(states))
        return [_kept(row["body"]) for row in found]

    @reaching
    async def of_dispute(self, provider: str, dispute_id: str) -> Sequence[KeptNews]:
        """Everything told of a dispute."""
        found = await self._pool.fetch(_SQL["of_dispute"], provider, dispute_id)
        return [_kept(row["body"]) for row in found]
