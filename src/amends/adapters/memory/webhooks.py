"""Webhook endpoints and their log in memory."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.adapters.cursors import Cursor, parse
from amends.application.ports import Errand, KeyRole
from amends.application.ports.outbox import Outbox
from amends.application.ports.webhooks import Endpoint, Sending, SendingPage

_CURSOR = "webhooks"


class MemoryWebhooks:
    """Keeps what `amends.application.ports.webhooks.WebhookBook` promises, as long as the process lives."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._endpoints: dict[str, Endpoint] = {}
        self._sendings: dict[str, Sending] = {}

    async def add(self, endpoint: Endpoint) -> None:
        self._endpoints[endpoint.endpoint_id] = endpoint

    async def change(self, endpoint: Endpoint) -> None:
        if endpoint.endpoint_id in self._endpoints:
            self._endpoints[endpoint.endpoint_id] = endpoint

    async def remove(self, endpoint_id: str, at: datetime) -> None:  # noqa: ARG002  # only the database keeps it
        self._endpoints.pop(endpoint_id, None)

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        return self._endpoints.get(endpoint_id)

    async def endpoints(self, role: KeyRole | None = None, owner_id: str = "") -> Sequence[Endpoint]:
        every = sorted(self._endpoints.values(), key=lambda one: (one.created_at, one.endpoint_id))
        return [one for one in every if role is None or (one.role, one.owner_id) == (role, owner_id)]

    async def queue(self, sendings: Sequence[Sending], errands: Sequence[Errand]) -> None:
        for sending in sendings:
            self._sendings.setdefault(sending.delivery_id, sending)
        await self._outbox.put(errands)

    async def sending(self, delivery_id: str) -> Sending | None:
        return self._sendings.get(delivery_id)

    async def tried(self, delivery_id: str, at: datetime, state: str, status: int, why: str) -> None:
        known = self._sendings[delivery_id]
        self._sendings[delivery_id] = replace(
            known, tried_at=at, state=state, status=status, why=why, attempts=known.attempts + 1
        )

    async def again(self, delivery_id: str, errand: Errand) -> None:
        self._sendings[delivery_id] = replace(self._sendings[delivery_id], state="waiting")
        await self._outbox.put([errand])

    async def log(self, endpoint_id: str, cursor: str, limit: int) -> SendingPage:
        theirs = [one for one in self._sendings.values() if one.endpoint_id == endpoint_id]
        theirs.sort(key=lambda one: (one.at, one.delivery_id), reverse=True)
        after = parse(cursor, _CURSOR) if cursor else None
        if after is not None:
            theirs = [one for one in theirs if (one.at, one.delivery_id) < (after.at or one.at, after.id)]
        found = tuple(theirs[:limit])
        if len(theirs) <= limit:
            return SendingPage(found)
        return SendingPage(found, str(Cursor(_CURSOR, found[-1].at, found[-1].delivery_id)))
