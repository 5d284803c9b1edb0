"""Passwords by argon2id (RFC 9106), in threads and few at a time."""

import asyncio
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Each hash takes 64 MiB and a core; more at once would be a way to bring the server down.
_AT_ONCE = 4


class Argon2Passwords:
    """Keeps what `amends.application.ports.accounts.Passwords` promises.

    The parameters are those RFC 9106 recommends where memory is scarce: three passes over 64 MiB, four lanes.
    """

    def __init__(self, *, passes: int = 3, memory_kib: int = 64 * 1024, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, kept: str, password: str) -> tuple[bool, str]:
        async with self._room:
            return await asyncio.to_thread(self._verify, kept, password)

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash("nobody's password")

    def _verify(self, kept: str, password: str) -> tuple[bool, str]:
        # Made whether it is needed or not, so that the first stranger does not wait longer than others.
        decoy = self._decoy
        try:
            self._hasher.verify(kept or decoy, password)
        except (VerificationError, InvalidHashError):
            return False, ""
        if not kept:
            return False, ""
        return True, self._hasher.hash(password) if self._hasher.check_needs_rehash(kept) else ""
