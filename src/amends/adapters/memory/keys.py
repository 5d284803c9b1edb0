"""API keys in memory."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.application.ports import ApiKey, KeyRole


class MemoryApiKeys:
    """Keeps what `amends.application.ports.ApiKeys` promises, as long as the process lives."""

    def __init__(self) -> None:
        self._keys: dict[bytes, ApiKey] = {}

    async def find(self, digest: bytes) -> ApiKey | None:
        """The key of that digest, unless it was revoked."""
        key = self._keys.get(digest)
        return key if key is not None and key.revoked_at is None else None

    async def add(self, key: ApiKey) -> bool:
        """Keep a new key; false where there is one of its id."""
        if key.key_id and any(one.key_id == key.key_id for one in self._keys.values()):
            return False
        self._keys[key.digest] = key
        return True

    async def revoke(self, digest: bytes, at: datetime) -> bool:
        """End a key; False where none of that digest was in being."""
        key = await self.find(digest)
        if key is not None:
            self._keys[digest] = replace(key, revoked_at=at)
        return key is not None

    async def of(self, role: KeyRole, party_id: str) -> Sequence[ApiKey]:
        """A party's keys in being, newest first."""
        theirs = [
            one
            for one in self._keys.values()
            if (one.role, one.party_id) == (role, party_id) and one.revoked_at is None
        ]
        return sorted(theirs, key=lambda one: (-one.created_at.timestamp(), one.digest))

    async def used(self, digest: bytes, at: datetime) -> None:
        """Remember that a key was used."""
        key = self._keys.get(digest)
        if key is not None and (key.used_at is None or key.used_at < at):
            self._keys[digest] = replace(key, used_at=at)
