"""News: that something about an order changed, for whoever is looking at it right now."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Following(Protocol):
    """Somebody's ear on one order."""

    async def changed(self, patience_s: float) -> bool:
        """Wait until something changed since the last call, or ``patience_s`` have passed; whether it did."""


class News(Protocol):
    """Carries news between processes within a second. It says what changed, never how.

    News are for pages that are open, not for bookkeeping: a process that dies may take its last news along,
    and whoever missed some is told to look again.
    """

    def tell(self, order_ids: Collection[str]) -> None:
        """Something about these orders is now committed. Never waits and never fails."""

    def follow(self, order_id: str, since: float = 0.0) -> AbstractAsyncContextManager[Following]:
        """Follow an order. What changed after ``since``, or may have, counts as changed already.

        ``since`` is in seconds of the epoch by this machine's own clock; 0 is long ago.
        """
