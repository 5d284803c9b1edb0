"""Hidden limits in memory."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from amends.application.ports.blind_limits import SealedLimit
from amends.domain.parties import Role


class _Held:
    def __init__(self, limits: dict[Role, SealedLimit]) -> None:
        self.limits = limits

    async def put(self, limit: SealedLimit) -> None:
        self.limits = {**self.limits, limit.side: limit}


class MemoryBlindLimits:
    """Keeps what `amends.application.ports.blind_limits.BlindLimits` promises."""

    def __init__(self) -> None:
        self._limits: dict[str, dict[Role, SealedLimit]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def hold(self, order_id: str, case_id: str) -> AsyncIterator[_Held]:  # noqa: ARG002 - as the port
        async with self._locks[case_id]:
            held = _Held(self._limits.get(case_id, {}))
            yield held
            if held.limits:
                self._limits[case_id] = held.limits

    async def of(self, case_id: str, side: Role) -> SealedLimit | None:
        return self._limits.get(case_id, {}).get(side)

    async def destroy(self, case_id: str) -> None:
        async with self._locks[case_id]:
            self._limits.pop(case_id, None)

    async def cases(self, after: str, limit: int) -> Sequence[str]:
        return sorted(case_id for case_id in self._limits if case_id > after)[:limit]
