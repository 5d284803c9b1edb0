"""News within one process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress

# Orders whose last change is remembered; for any other, whoever comes back is told to look.
_REMEMBERED = 10_000
# Clocks of two machines, and the way from a commit to here.
_SLACK_S = 0.5


class Ear:
    """Keeps what `amends.application.ports.news.Following` promises."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def changed(self, patience_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self.rung.wait()
        heard = self.rung.is_set()
        self.rung.clear()
        return heard


class MemoryNews:
    """Keeps what `amends.application.ports.news.News` promises, inside this process."""

    def __init__(self) -> None:
        self._ears: dict[str, set[Ear]] = {}
        self._last: OrderedDict[str, float] = OrderedDict()
        self._known_since = time.time()

    def tell(self, order_ids: Collection[str]) -> None:
        self.ring(order_ids)

    def ring(self, order_ids: Collection[str]) -> None:
        """Wake everybody who follows one of these orders."""
        now = time.time()
        for order_id in order_ids:
            self._last[order_id] = now
            self._last.move_to_end(order_id)
            for ear in self._ears.get(order_id, ()):
                ear.rung.set()
        while len(self._last) > _REMEMBERED:
            _, forgotten = self._last.popitem(last=False)
            self._known_since = max(self._known_since, forgotten)

    def miss(self) -> None:
        """Something may have been missed: everybody is told to look."""
        self._known_since = time.time()
        for ears in self._ears.values():
            for ear in ears:
                ear.rung.set()

    @asynccontextmanager
    async def follow(self, order_id: str, since: float = 0.0) -> AsyncIterator[Ear]:
        ear = Ear()
        if self._last.get(order_id, self._known_since) > since - _SLACK_S:
            ear.rung.set()
        followers = self._ears.setdefault(order_id, set())
        followers.add(ear)
        try:
            yield ear
        finally:
            followers.discard(ear)
            if not followers:
                self._ears.pop(order_id, None)
