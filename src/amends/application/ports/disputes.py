"""What providers tell of payments that a buyer's bank, or the provider itself, has in dispute."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

Status = Literal["inquiry", "open", "won", "lost"]
"""Asked about only (no money has moved), open, or decided: for the marketplace (won) or the buyer (lost)."""


class DisputeNews(msgspec.Struct, frozen=True, kw_only=True):
    """One event about a dispute. Events come twice, late and in any order; ``event_id`` is the provider's.

    ``payments`` are the provider's ids of the disputed payment: any of them may be a tender's
    ``provider_ref``. ``amount`` is in minor units of ``currency``. ``answer_by`` is when the provider wants
    the marketplace's evidence.
    """

    provider: str
    event_id: str
    dispute_id: str
    payments: tuple[str, ...]
    amount: int
    currency: str
    reason: str
    status: Status
    at: datetime
    answer_by: datetime | None = None


class NewsRefused(ValueError):
    """The news are not the provider's, or cannot be read."""


class ProviderHooks(Protocol):
    """How a provider's events are proved to be its own, and read."""

    def read(self, payload: bytes, headers: Mapping[str, str], now: datetime) -> DisputeNews | None:
        """A dispute in an event, or None for anything else. Raises `NewsRefused`.

        ``headers`` have lower-case names.
        """


State = Literal["waiting", "applied", "ignored", "refused"]
"""Waiting for an order with the payment, done, nothing to do, or refused by the order's rules."""


UNPLACED: tuple[State, ...] = ("waiting", "refused")
"""What found no place, and may need somebody."""


class KeptNews(msgspec.Struct, frozen=True, kw_only=True):
    """News as they are kept, and what became of them.

    ``why`` is of what was ignored or refused, ``by`` whom where an operator put them aside.
    """

    news: DisputeNews
    state: State
    received_at: datetime
    order_ids: tuple[str, ...] = ()
    why: str = ""
    by: str = ""


class DisputeBook(Protocol):
    """News of disputes, each once."""

    async def receive(self, kept: KeptNews) -> KeptNews:
        """Keep news; those known already are given back as they are."""

    async def find(self, provider: str, event_id: str) -> KeptNews | None:
        """The news of that event."""

    async def settle(self, kept: KeptNews) -> None:
        """Remember what became of news."""

    async def waiting(self, limit: int, states: Sequence[State] = UNPLACED) -> Sequence[KeptNews]:
        """What is in one of the states, oldest first."""

    async def of_dispute(self, provider: str, dispute_id: str) -> Sequence[KeptNews]:
        """Everything told of a dispute, by when it happened."""
