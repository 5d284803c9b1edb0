"""API keys in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports import ApiKey, KeyRole

_SQL = statements("keys")


class PostgresApiKeys:
    """Keeps what `amends.application.ports.ApiKeys` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def find(self, digest: bytes) -> ApiKey | None:
        """The key of that digest, unless it was revoked or its maker is suspended."""
        row = await self._pool.fetchrow(_SQL["find_key"], digest)
        return None if row is None else _key_of(row)

    @reaching
    async def add(self, key: ApiKey) -> bool:
        """Keep a new key; false where there is one of its id."""
        added = await self._pool.fetchrow(
            _SQL["add_key"],
            key.digest,
            key.role.value,
            key.party_id,
            key.name,
            key.created_at,
            key.key_id,
            None if key.scopes is None else list(key.scopes),
            key.made_by,
        )
        return added is not None

    @reaching
    async def revoke(self, digest: bytes, at: datetime) -> bool:
        """End a key; False where none of that digest was in being."""
        return await self._pool.fetchrow(_SQL["revoke_key"], digest, at) is not None

    @reaching
    async def of(self, role: KeyRole, party_id: str) -> Sequence[ApiKey]:
        """A party's keys in being, newest first."""
        return [_key_of(row) for row in await self._pool.fetch(_SQL["keys_of"], role.value, party_id)]

    @reaching
    async def used(self, digest: bytes, at: datetime) -> None:
        """Remember that a key was used."""
        await self._pool.execute(_SQL["use_key"], digest, at)


def _key_of(row: asyncpg.Record) -> ApiKey:
    return ApiKey(
        digest=row["digest"],
        role=KeyRole(row["role"]),
        party_id=row["party_id"],
        name=row["name"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        key_id=row["key_id"],
        scopes=None if row["scopes"] is None else tuple(row["scopes"]),
        made_by=row["made_by"],
        used_at=row["used_at"],
    )
