"""The sandbox provider's books in memory, for tests and simulations."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.adapters.payments.requests import (
    SUCCEEDED,
    Capture,
    Request,
    barred,
    judge,
    reserves,
    same,
    stopped,
)


class MemoryVault:
    """Keeps what `amends.adapters.payments.requests.Vault` promises, as long as the process lives.

    ``requests`` and ``captures`` may be looked at: they are the provider's truth about the money it moved.
    """

    def __init__(self) -> None:
        self.captures: dict[str, Capture] = {}
        self.requests: dict[str, Request] = {}
        self._parts: set[tuple[str, str]] = set()
        self._told: dict[str, int] = {}

    async def register(self, tender_ref: str, part: str, amount: int, currency: str) -> None:
        if (tender_ref, part) in self._parts:
            return
        capture = self.captures.get(tender_ref, Capture(tender_ref, currency, 0))
        if capture.currency != currency:
            raise ValueError(f"capture {tender_ref} is in {capture.currency}, not {currency}")
        self._parts.add((tender_ref, part))
        self.captures[tender_ref] = replace(capture, amount=capture.amount + amount)

    async def file(self, wish: Request) -> Request:
        kept = self.requests.get(wish.key)
        if kept is not None:
            return same(kept, wish)
        capture = self.captures.get(wish.target)
        judged = judge(wish, capture)
        self.requests[wish.key] = judged
        self._reserve(judged.target, reserves(judged))
        return judged

    async def find(self, key: str) -> Request | None:
        return self.requests.get(key)

    async def stop(self, key: str, now: datetime) -> Request:
        kept = self.requests.get(key)
        after = barred(key, now) if kept is None else stopped(kept, now)
        self.requests[key] = after
        if kept is not None:
            self._reserve(after.target, reserves(after) - reserves(kept))
        return after

    async def settled(self, since: datetime, until: datetime) -> Sequence[Request]:
        found = [
            one
            for one in self.requests.values()
            if one.outcome == SUCCEEDED and since <= one.settles_at < until
        ]
        return sorted(found, key=lambda one: (one.settles_at, one.key))

    async def untold(self, now: datetime, limit: int) -> Sequence[str]:
        waiting = [
            request.key
            for request in self.requests.values()
            if request.settles_at <= now and self._told.get(request.key, 0) < request.tell
        ]
        # The latest first: news overtake each other.
        chosen = waiting[::-1][:limit]
        for key in chosen:
            self._told[key] = self._told.get(key, 0) + 1
        return chosen

    def _reserve(self, tender_ref: str, amount: int) -> None:
        if amount:
            capture = self.captures[tender_ref]
            self.captures[tender_ref] = replace(capture, refunded=capture.refunded + amount)
