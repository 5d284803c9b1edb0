"""Signed webhooks (Standard Webhooks 1.0): who is told of which events, and what came of it."""

import base64
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
import structlog
from standardwebhooks.webhooks import Webhook

from amends.application.clock import present
from amends.application.letter_words import OTHER_WORDS
from amends.application.notices import RECIPIENTS, Notice
from amends.application.permissions import Caller
from amends.application.ports import Clock, Errand, KeyRole
from amends.application.ports.webhooks import (
    Endpoint,
    Sending,
    SendingPage,
    UrlRefused,
    WebhookBook,
    WebhookSender,
)
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused

_log = structlog.get_logger()

EVENTS: tuple[str, ...] = tuple(sorted({*RECIPIENTS, *OTHER_WORDS} - {"message_unanswered"}))
"""What can be heard of; ``*`` is all of it."""

OWNERS = frozenset({KeyRole.MARKETPLACE, KeyRole.OPERATOR, KeyRole.SELLER})
# With the backoff of errands: about a day and a half.
TRIES = 14
ENDPOINTS_MAX = 20
OLD_SECRET = timedelta(hours=24)
PING = "ping"
_GONE = 410
_PARTIES = frozenset({Role.BUYER, Role.SELLER})
_SECRET_BYTES = 32


class ToSend(msgspec.Struct, frozen=True):
    """The body of ``webhook.send``: a row of the log."""

    delivery_id: str


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: thin, so that who reads it late reads the API for what is so by then."""

    type: str
    timestamp: datetime
    data: dict[str, object]


class Webhooks:
    """Registers endpoints, follows notices, sends and logs."""

    def __init__(
        self, book: WebhookBook, sender: WebhookSender, clock: Clock, wall: Callable[[], datetime] = present
    ) -> None:
        """``wall`` is the world's time: receivers check signatures against it, not against a sandbox's."""
        self._book = book
        self._sender = sender
        self._clock = clock
        self._wall = wall

    async def register(
        self, caller: Caller, url: str, events: Sequence[str], note: str = ""
    ) -> Endpoint | Refused:
        """A new endpoint with a new secret."""
        refused = self._refusal(url, events)
        if refused is not None:
            return refused
        if len(await self.of(caller)) >= ENDPOINTS_MAX:
            detail = f"There are {ENDPOINTS_MAX} endpoints already; remove one first."
            return Refused(kind="not_possible_now", detail=detail)
        endpoint = Endpoint(
            endpoint_id=f"we_{secrets.token_hex(10)}",
            role=caller.role,
            owner_id=caller.id,
            url=url,
            events=tuple(dict.fromkeys(events)),
            secret=_secret(),
            note=note,
            created_at=self._clock.now(),
        )
        await self._book.add(endpoint)
        return endpoint

    async def of(self, caller: Caller) -> Sequence[Endpoint]:
        """The caller's endpoints."""
        return await self._book.endpoints(caller.role, caller.id)

    async def find(self, caller: Caller, endpoint_id: str) -> Endpoint | None:
        """An endpoint of the caller's; None for anybody else's."""
        found = await self._book.endpoint(endpoint_id)
        if found is None or (found.role, found.owner_id) != (caller.role, caller.id):
            return None
        return found

    async def change(
        self, endpoint: Endpoint, url: str, events: Sequence[str], note: str
    ) -> Endpoint | Refused:
        """Another address, other events."""
        refused = self._refusal(url, events)
        if refused is not None:
            return refused
        changed = msgspec.structs.replace(endpoint, url=url, events=tuple(dict.fromkeys(events)), note=note)
        await self._book.change(changed)
        return changed

    async def rotate(self, endpoint: Endpoint) -> Endpoint:
        """A new secret; the one before signs beside it for `OLD_SECRET`."""
        changed = msgspec.structs.replace(
            endpoint, secret=_secret(), old_secret=endpoint.secret, old_until=self._wall() + OLD_SECRET
        )
        await self._book.change(changed)
        return changed

    async def remove(self, endpoint: Endpoint) -> None:
        """Send nothing there any more."""
        await self._book.remove(endpoint.endpoint_id, self._clock.now())

    async def log(self, endpoint: Endpoint, cursor: str, limit: int) -> SendingPage:
        """What was sent, newest first. Raises `ValueError` for a cursor that is none of ours."""
        return await self._book.log(endpoint.endpoint_id, cursor, limit)

    async def ping(self, endpoint: Endpoint) -> Sending:
        """Send something to try the endpoint with."""
        name = f"{PING}:{secrets.token_hex(8)}"
        sending = _sending(endpoint, name, PING, "", "", {}, self._clock.now())
        await self._book.queue([sending], [_errand(sending, sending.delivery_id, self._clock.now())])
        return sending

    async def replay(self, endpoint: Endpoint, delivery_id: str) -> Sending | None:
        """Send a logged event once more, as the same message; None for no row of this endpoint's log."""
        sending = await self._book.sending(delivery_id)
        if sending is None or sending.endpoint_id != endpoint.endpoint_id:
            return None
        errand_id = f"{delivery_id}~{secrets.token_hex(4)}"
        await self._book.again(delivery_id, _errand(sending, errand_id, self._clock.now()))
        return await self._book.sending(delivery_id)

    async def follow(self, notice: Notice, order_id: str, case_id: str) -> Sequence[Errand]:
        """Queue a notice for every endpoint that wants it (`amends.application.delivery.Follower`)."""
        if notice.event not in EVENTS or not any(person.role in _PARTIES for person in notice.to):
            # What only staff are told, such as an internal note, stays inside.
            return ()
        data: dict[str, object] = {"order_id": order_id, "case_id": case_id, "sequence": notice.seq}
        if notice.waiting is not None:
            data["waiting"] = {"on": notice.waiting.on, "until": notice.waiting.until}
        sendings = [
            _sending(one, f"{notice.stream}:{notice.seq}", notice.event, order_id, case_id, data, notice.at)
            for one in await self._book.endpoints()
            if _wants(one, notice)
        ]
        now = self._clock.now()
        if sendings:
            await self._book.queue(sendings, [_errand(one, one.delivery_id, now) for one in sendings])
        return ()

    async def send(self, errand: Errand) -> bool:
        """Try once to deliver; false where it should be tried again."""
        sending = await self._book.sending(msgspec.convert(errand.body, ToSend).delivery_id)
        if sending is None:
            return True
        endpoint = await self._book.endpoint(sending.endpoint_id)
        now = self._wall()
        if endpoint is None:
            await self._book.tried(sending.delivery_id, now, "failed", 0, "removed")
            return True
        reply = await self._sender.post(endpoint.url, _headers(endpoint, sending, now), sending.body.encode())
        delivered = 200 <= reply.status < 300
        over = delivered or reply.status == _GONE or errand.attempts + 1 >= TRIES
        state = "delivered" if delivered else "failed" if over else "waiting"
        await self._book.tried(sending.delivery_id, now, state, reply.status, reply.why)
        if over and not delivered:
            _log.warning(
                "webhook_failed", delivery_id=sending.delivery_id, status=reply.status, why=reply.why
            )
        return over

    def _refusal(self, url: str, events: Sequence[str]) -> Refused | None:
        unknown = [one for one in events if one not in {*EVENTS, "*"}]
        if unknown or not events:
            detail = f"There is no event {unknown[0]!r}." if unknown else "Name the events, or '*' for all."
            return Refused(kind="invalid", detail=detail, pointer="/events", facts={"events": list(EVENTS)})
        try:
            self._sender.check(url)
        except UrlRefused as refused:
            return Refused(kind="invalid", detail=str(refused), pointer="/url")
        return None


def _wants(endpoint: Endpoint, notice: Notice) -> bool:
    if "*" not in endpoint.events and notice.event not in endpoint.events:
        return False
    return endpoint.role is not KeyRole.SELLER or Actor(Role.SELLER, endpoint.owner_id) in notice.to


def _sending(
    endpoint: Endpoint,
    name: str,
    event: str,
    order_id: str,
    case_id: str,
    data: dict[str, object],
    at: datetime,
) -> Sending:
    # The same event is the same message at every endpoint and every attempt: receivers tell by it.
    message_id = f"msg_{sha256(name.encode()).hexdigest()[:32]}"
    return Sending(
        delivery_id=f"webhook:{endpoint.endpoint_id}:{message_id}",
        endpoint_id=endpoint.endpoint_id,
        message_id=message_id,
        event=event,
        order_id=order_id,
        case_id=case_id,
        body=msgspec.json.encode(Payload(type=event, timestamp=at, data=data)).decode(),
        at=at,
    )


def _errand(sending: Sending, errand_id: str, at: datetime) -> Errand:
    return Errand(
        errand_id=errand_id,
        topic="webhook.send",
        order_id=sending.order_id,
        case_id=sending.case_id,
        body=msgspec.to_builtins(ToSend(sending.delivery_id)),
        due_at=at,
    )


def _headers(endpoint: Endpoint, sending: Sending, now: datetime) -> dict[str, str]:
    keys = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_until is not None and now < endpoint.old_until:
        keys.append(endpoint.old_secret)
    return {
        "content-type": "application/json",
        "user-agent": "Amends-Webhooks/1",
        "webhook-id": sending.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(
            Webhook(key).sign(sending.message_id, now, sending.body) for key in keys
        ),
    }


def _secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
