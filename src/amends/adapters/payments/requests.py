"""What the sandbox provider knows: captures and requests, and the rules by which it judges a request."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

import msgspec
from msgspec.structs import replace

from amends.application.ports import KeyReused, PaymentAnswer

REFUND, PAYOUT, RECALL = "refund", "payout", "recall"
SUCCEEDED, FAILED = "succeeded", "failed"


class Capture(msgspec.Struct, frozen=True):
    """Money taken from a buyer: ``amount`` and what of it is ``refunded`` or promised, in minor units."""

    tender_ref: str
    currency: str
    amount: int
    refunded: int = 0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request of ours.

    Its ``outcome`` (succeeded, failed) is certain when it is filed, and shows from ``settles_at``. ``target``
    is a tender_ref or a destination. ``tell`` says how often its end is announced.
    """

    key: str
    kind: str
    target: str
    amount: int
    currency: str
    outcome: str
    filed_at: datetime
    settles_at: datetime
    why: str = ""
    tell: int = 1

    def answer(self, now: datetime) -> PaymentAnswer:
        """What the provider says of it at ``now``."""
        reference = "sb_" + sha256(self.key.encode()).hexdigest()[:20]
        if now < self.settles_at:
            return PaymentAnswer("pending", reference)
        return PaymentAnswer(self.outcome, reference, self.why)


class Vault(Protocol):
    """Where the provider keeps its books. Every method is atomic and durable by itself."""

    async def register(self, tender_ref: str, part: str, amount: int, currency: str) -> None:
        """Add a part to a capture; a known part changes nothing.

        Raises `ValueError` for another currency.
        """

    async def file(self, wish: Request) -> Request:
        """Judge and keep a request; a known key gives the request as it was kept. Raises `KeyReused`."""

    async def find(self, key: str) -> Request | None:
        """The request of that key."""

    async def stop(self, key: str, now: datetime) -> Request:
        """End a request that has not settled, or bar a key that is not known yet."""

    async def untold(self, now: datetime, limit: int) -> Sequence[str]:
        """Keys of settled requests whose end is to be announced; each call counts as one announcement."""

    async def settled(self, since: datetime, until: datetime) -> Sequence[Request]:
        """Requests that moved money in a time (half-open), oldest first."""


def judge(wish: Request, capture: Capture | None) -> Request:
    """The request as the provider keeps it: refused at once if it asks for what it cannot have."""
    if wish.amount <= 0:
        return _refused(wish, "invalid_amount")
    if wish.kind != REFUND:
        return wish
    if capture is None:
        return _refused(wish, "unknown_tender")
    if capture.currency != wish.currency:
        return _refused(wish, "currency_mismatch")
    if wish.amount > capture.amount - capture.refunded:
        return _refused(wish, "amount_too_high")
    return wish


def same(kept: Request, wish: Request) -> Request:
    """The kept request, if the wish repeats it. Raises `KeyReused`."""
    if kept.kind == RECALL:
        return kept
    if (kept.kind, kept.target, kept.amount, kept.currency) != (
        wish.kind,
        wish.target,
        wish.amount,
        wish.currency,
    ):
        raise KeyReused(f"key {wish.key} was used for another request")
    return kept


def reserves(request: Request) -> int:
    """How much of a capture the request takes, in minor units."""
    return request.amount if request.kind == REFUND and request.outcome == SUCCEEDED else 0


def stopped(request: Request, now: datetime) -> Request:
    """The request after a recall at ``now``: ended if it had not settled."""
    if now >= request.settles_at:
        return request
    return replace(request, outcome=FAILED, why="recalled", settles_at=now)


def barred(key: str, now: datetime) -> Request:
    """A key that was recalled before any request with it came in."""
    return Request(
        key=key,
        kind=RECALL,
        target="",
        amount=0,
        currency="",
        outcome=FAILED,
        why="recalled",
        filed_at=now,
        settles_at=now,
        tell=0,
    )


def _refused(wish: Request, why: str) -> Request:
    return replace(wish, outcome=FAILED, why=why, settles_at=wish.filed_at)
