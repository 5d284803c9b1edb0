"""API keys in PostgreSQL."""

from datetime import datetime

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
        """The key of that digest, unless it was revoked."""
        row = await self._pool.fetchrow(_SQL["find_key"], digest)
        if row is None:
            return None
        return ApiKey(
            digest=row["digest"],
            role=KeyRole(row["role"]),
            party_id=row["party_id"],
            name=row["name"],
            created_at=row["created_at"],
            revoked_at=row["revoked_at"],
        )

    @reaching
    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        await self._pool.execute(
            _SQL["add_key"], key.digest, key.role.value, key.party_id, key.name, key.created_at
        )

    @reaching
    async def revoke(self, digest: bytes, at: datetime) -> bool:
        """End a key; False where none of that digest was in being."""
        return await self._pool.fetchrow(_SQL["revoke_key"], digest, at) is not None
