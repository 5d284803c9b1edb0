"""Where marketplaces want to hear of changes, what was sent there, and who carries it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.application.ports import Errand, KeyRole


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is told of events: all of them for ``*``.

    A marketplace's and an operator's hear of every order, a seller's of the seller's own. ``secret`` signs
    (Standard Webhooks, ``whsec_`` and base64); ``old_secret`` signs as well until ``old_until``.
    """

    endpoint_id: str
    role: KeyRole
    owner_id: str
    url: str
    events: tuple[str, ...]
    secret: str
    note: str = ""
    old_secret: str = ""
    old_until: datetime | None = None
    created_at: datetime


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one endpoint, and what came of it. ``state``: waiting, delivered or failed.

    ``body`` is sent as it is. ``status`` is the last HTTP status, 0 where there was no answer; then ``why``
    says: refused (the address may not be called), unreachable, timeout, redirected.
    """

    delivery_id: str
    endpoint_id: str
    message_id: str
    event: str
    order_id: str
    case_id: str
    body: str
    at: datetime
    state: str = "waiting"
    attempts: int = 0
    tried_at: datetime | None = None
    status: int = 0
    why: str = ""


class SendingPage(msgspec.Struct, frozen=True):
    """One page of the delivery log; ``next`` is the cursor of the following page, empty on the last."""

    sendings: tuple[Sending, ...]
    next: str = ""


class WebhookBook(Protocol):
    """Endpoints, and the log of what they were sent."""

    async def add(self, endpoint: Endpoint) -> None:
        """Keep a new endpoint."""

    async def change(self, endpoint: Endpoint) -> None:
        """Keep an endpoint's new url, events, note and secrets."""

    async def remove(self, endpoint_id: str, at: datetime) -> None:
        """Nothing is sent there any more; the log stays."""

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """An endpoint in force."""

    async def endpoints(self, role: KeyRole | None = None, owner_id: str = "") -> Sequence[Endpoint]:
        """The endpoints in force, oldest first; those of one owner where ``role`` is given."""

    async def queue(self, sendings: Sequence[Sending], errands: Sequence[Errand]) -> None:
        """Log what is to be sent, with the errands that send it; what is known changes nothing."""

    async def sending(self, delivery_id: str) -> Sending | None:
        """One row of the log."""

    async def tried(self, delivery_id: str, at: datetime, state: str, status: int, why: str) -> None:
        """Log an attempt and what came of it."""

    async def again(self, delivery_id: str, errand: Errand) -> None:
        """Let a logged event be sent once more."""

    async def log(self, endpoint_id: str, cursor: str, limit: int) -> SendingPage:
        """The log of an endpoint, newest first. Raises `ValueError` for a cursor that is none of ours."""


class Reply(msgspec.Struct, frozen=True):
    """What the other side answered; ``status`` 0 and why for no answer (see `Sending`)."""

    status: int
    why: str = ""


class UrlRefused(ValueError):
    """An address that must not be called. The message says why."""


class WebhookSender(Protocol):
    """Carries webhooks to addresses that strangers chose, and to nowhere inside."""

    def check(self, url: str) -> None:
        """Raises `UrlRefused` for what can be told from the address alone."""

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Reply:
        """Send once, following nothing. Never raises for what the other side does."""
