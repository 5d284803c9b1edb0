"""Evidence sent to a provider against a payment its bank disputes, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

State = Literal["proposed", "approved", "sent", "refused", "dropped"]
"""Waiting for a second person, on its way, with the provider, turned down by it, or not agreed to."""


class Paper(msgspec.Struct, frozen=True):
    """A document that goes along."""

    name: str
    media_type: str
    content: bytes


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in a dispute. ``stripe`` and ``paypal`` are the bodies in the shape of each provider."""

    stripe: dict[str, object]
    paypal: dict[str, object]
    papers: tuple[Paper, ...] = ()


class StatementRefused(Exception):
    """The provider takes no evidence about this dispute, now or ever; the message is its own."""


class DisputeDesk(Protocol):
    """A provider that takes evidence."""

    async def state(self, key: str, dispute_id: str, statement: Statement) -> str:
        """Hand evidence in, once for a ``key``; the provider's reference.

        Raises `StatementRefused`, and `amends.application.ports.ProviderSilent` where no answer came.
        """


class Rebuttal(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence in one dispute: who wanted it sent, who agreed, and what the provider said.

    ``note`` is what the marketplace itself says; ``why`` is what the provider, or the second person, said.
    ``number`` counts the tries of a dispute from 1.
    """

    order_id: str
    dispute_id: str
    number: int
    provider: str
    note: str
    by: str
    at: datetime
    state: State
    agreed_by: str = ""
    reference: str = ""
    why: str = ""
    done_at: datetime | None = None


class RebuttalBook(Protocol):
    """What was sent, and what waits to be."""

    async def add(self, rebuttal: Rebuttal) -> bool:
        """Keep a new one; false where its number is taken."""

    async def of_order(self, order_id: str) -> Sequence[Rebuttal]:
        """Everything of an order, oldest first."""

    async def change(self, changed: Rebuttal, was: State) -> bool:
        """Replace one; false where it was no longer in the state ``was``."""
