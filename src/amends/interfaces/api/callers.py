"""Who calls: the API key of a request, and on whose behalf a marketplace acts."""

import re
from datetime import UTC, datetime, timedelta
from time import monotonic

from amends.application.keys import digest, well_formed
from amends.application.permissions import Caller, may
from amends.application.ports import ApiKey, ApiKeys, KeyRole
from amends.application.scopes import in_scope
from amends.interfaces.api.problems import fail

# How long a revoked key may still work in a process that has just used it.
FRESH_S = 2.0
_KNOWN_MAX = 10_000
# When a key was last used need not be known to the second.
_USED_EVERY = timedelta(minutes=5)
_ACT_AS = re.compile(r"(buyer|seller):([A-Za-z0-9_.@-]{1,64})", re.ASCII)


class Doorkeeper:
    """Turns the headers of a request into a caller, looking each key up at most every `FRESH_S` seconds."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys
        self._known: dict[str, tuple[float, ApiKey]] = {}

    async def caller(self, authorization: str, act_as: str, operation: str) -> Caller:
        """Who calls, if they may use the operation. Raises `ProblemRaised`: unauthenticated, forbidden,
        invalid.
        """
        key = await self._key(authorization)
        caller = self._acting(key, act_as)
        if not may(caller.role, operation):
            fail("forbidden", f"Keys of role {caller.role} may not {operation.replace('_', ' ')}.")
        if not in_scope(key.scopes, operation):
            fail("forbidden", f"This key has no scope that lets it {operation.replace('_', ' ')}.")
        return caller

    async def _key(self, authorization: str) -> ApiKey:
        known = self._known.get(authorization)
        if known is not None and monotonic() < known[0]:
            return known[1]
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not well_formed(token):
            fail(
                "unauthenticated",
                "The Authorization header has no API key: send `Authorization: Bearer amk_<role>_...`.",
            )
        found = await self._keys.find(digest(token))
        if found is None:
            self._known.pop(authorization, None)
            fail("unauthenticated", "This API key is unknown or was revoked.")
        if len(self._known) >= _KNOWN_MAX:
            self._known.clear()
        self._known[authorization] = (monotonic() + FRESH_S, found)
        now = datetime.now(UTC)
        if found.used_at is None or now - found.used_at >= _USED_EVERY:
            await self._keys.used(found.digest, now)
        return found

    @staticmethod
    def _acting(key: ApiKey, act_as: str) -> Caller:
        if not act_as:
            if key.role is KeyRole.SELLER:
                return Caller(key.role, key.party_id, key.made_by, key.name)
            return Caller(key.role, key.party_id)
        if key.role is not KeyRole.MARKETPLACE:
            fail("forbidden", "Only a marketplace key may act for somebody else.", parameter="Amends-Act-As")
        named = _ACT_AS.fullmatch(act_as)
        if named is None:
            fail("invalid", "Amends-Act-As wants `buyer:<id>` or `seller:<id>`.", parameter="Amends-Act-As")
        return Caller(KeyRole(named.group(1)), named.group(2))
