"""Sellers' policies in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import WriteConflict
from amends.domain.policy.sellers import Published, SellerPolicy

_SQL = statements("sellers")
_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(SellerPolicy).decode


class PostgresSellerPolicies:
    """Keeps what `amends.application.ports.sellers.SellerPolicies` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def publish(self, published: Published) -> None:
        """Keep a version."""
        kept = await self._pool.fetchval(
            _SQL["publish"],
            published.seller_id,
            published.version,
            published.published_at,
            _encode(published.policy),
        )
        if kept is None:
            raise WriteConflict(f"version {published.version} of {published.seller_id} is not the next one")

    @reaching
    async def in_force(self, seller_id: str, at: datetime) -> Published | None:
        """The newest version published by ``at``."""
        row = await self._pool.fetchrow(_SQL["in_force"], seller_id, at)
        return None if row is None else _published(row)

    @reaching
    async def versions(self, seller_id: str, limit: int) -> Sequence[Published]:
        """A seller's versions, newest first."""
        return [_published(row) for row in await self._pool.fetch(_SQL["versions"], seller_id, limit)]

    @reaching
    async def newest(self, limit: int) -> Sequence[Published]:
        """The newest version of each seller, by the seller's id."""
        return [_published(row) for row in await self._pool.fetch(_SQL["newest"], limit)]


def _published(row: asyncpg.Record) -> Published:
    return Published(
        seller_id=row["seller_id"],
        version=row["version"],
        published_at=row["published_at"],
        policy=_decode(row["body"]),
    )
