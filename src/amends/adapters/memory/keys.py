"""API keys in memory."""

from datetime import datetime

from msgspec.structs import replace

from amends.application.ports import ApiKey


class MemoryApiKeys:
    """Keeps what `amends.application.ports.ApiKeys` promises, as long as the process lives."""

    def __init__(self) -> None:
        self._keys: dict[bytes, ApiKey] = {}

    async def find(self, digest: bytes) -> ApiKey | None:
        """The key of that digest, unless it was revoked."""
        key = self._keys.get(digest)
        return key if key is not None and key.revoked_at is None else None

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        self._keys[key.digest] = key

    async def revoke(self, digest: bytes, at: datetime) -> bool:
        """End a key; False where none of that digest was in being."""
        key = await self.find(digest)
        if key is not None:
            self._keys[digest] = replace(key, revoked_at=at)
        return key is not None
