"""Customers who never give up: a command is sent under one key until it is acknowledged, and remembered."""

import asyncio
import itertools
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

PRICE, SHIPPING = 4000, 500
PAID = 2 * (PRICE + SHIPPING)
_PATIENCE_S = 0.1


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """A command the server said was done: what was sent, and what was answered."""

    method: str
    path: str
    act_as: str
    key: str
    body: bytes
    event: str
    stream: str
    seq: int
    answer: bytes


class LoaderFailed(AssertionError):
    """The server answered what it must not."""


class Loader:
    """Many buyers at once, each with an order that is delivered, claimed, agreed upon and refunded."""

    def __init__(self, url: str, token: str, seed: int) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, timeout=10, headers={"Authorization": f"Bearer {token}"}
        )
        self._chance = random.Random(seed)
        self._numbers = itertools.count(1)
        self._more = asyncio.Event()
        self._stopping = False
        self.acknowledged: list[Acknowledged] = []
        self.tally: Counter[str] = Counter()

    async def run(self, customers: int) -> None:
        """Send until told to stop; every order that was begun is finished."""
        async with asyncio.TaskGroup() as group:
            for _ in range(customers):
                group.create_task(self._customer())

    def stop(self) -> None:
        self._stopping = True

    async def reach(self, count: int) -> None:
        """Wait until so many commands have been acknowledged."""
        while len(self.acknowledged) < count:
            self._more.clear()
            await self._more.wait()

    async def close(self) -> None:
        await self._client.aclose()

    async def _customer(self) -> None:
        while not self._stopping:
            await self._order(f"K{next(self._numbers):05}")

    async def _order(self, order_id: str) -> None:
        now = datetime.now(UTC)
        order, case = f"/v1/orders/{order_id}", f"/v1/cases/{order_id}.1"
        buyer, seller = f"buyer:b-{order_id}", "seller:lamps"
        await self._tell("PUT", order, "", _order_body(order_id, now), "order_placed")
        parcel = {"shipped_at": _at(now, hours=-20), "carrier": "dhl", "tracking_number": "RR123456785DE"}
        await self._tell("PUT", f"{order}/parcels/P1", "", parcel, "parcel_recorded")
        scan = {"at": _at(now, hours=-1), "signal": "delivered", "country": "DE", "postcode": "20457"}
        await self._tell("POST", f"{order}/parcels/P1/events", "", {"events": [scan]}, "tracking_recorded")
        await self._tell("POST", f"{order}/cases", buyer, _CLAIM, "case_opened")
        for amount in self._chance.sample(range(100, PRICE), self._chance.randrange(3)):
            remedy = {"remedy": {"amount": amount, "currency": "EUR"}}
            await self._tell("POST", f"{case}/offers", seller, remedy, "offer_made")
        offer = {"remedy": {"amount": PRICE, "currency": "EUR"}}
        await self._tell("POST", f"{case}/offers", seller, offer, "offer_made")
        await self._tell("POST", f"{case}/acceptance", buyer, {}, "case_settled")

    async def _tell(self, method: str, path: str, act_as: str, body: object, event: str) -> None:
        sent = msgspec.json.encode(body)
        key = f"{path}/{next(self._numbers)}"
        while (answer := await self.send(method, path, act_as, key, sent)) is None:  # noqa: ASYNC110  the server does not call back
            await asyncio.sleep(_PATIENCE_S)
        said: dict[str, Any] = msgspec.json.decode(answer.content)
        self.acknowledged.append(
            Acknowledged(
                method=method,
                path=path,
                act_as=act_as,
                key=key,
                body=sent,
                event=event,
                stream=str(said.get("case_id") or said["order_id"]),
                seq=int(answer.headers["etag"].strip('"')),
                answer=answer.content,
            )
        )
        self.tally["acknowledged"] += 1
        if answer.headers.get("idempotent-replayed"):
            self.tally["acknowledged when sent again"] += 1
        self._more.set()

    async def send(self, method: str, path: str, act_as: str, key: str, body: bytes) -> httpx.Response | None:
        """One attempt; None if it has to be made again."""
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        if act_as:
            headers["Amends-Act-As"] = act_as
        try:
            answer = await self._client.request(method, path, content=body, headers=headers)
        except httpx.TransportError as error:
            self.tally[f"unanswered: {type(error).__name__}"] += 1
            return None
        if answer.status_code == 503:
            self.tally["answered 503"] += 1
            return None
        if not answer.is_success:
            raise LoaderFailed(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer


def _at(now: datetime, **delta: float) -> str:
    return (now + timedelta(**delta)).isoformat()


def _order_body(order_id: str, now: datetime) -> dict[str, Any]:
    unit = {"item": PRICE, "shipping": SHIPPING}
    return {
        "buyer_id": f"b-{order_id}",
        "seller_id": "lamps",
        "currency": "EUR",
        "placed_at": _at(now, hours=-48),
        "lines": [{"line_id": "L1", "title": "Desk lamp", "category": "home", "units": [unit, unit]}],
        "tenders": [
            {
                "tender_id": "T1",
                "method": "card",
                "captured": PAID - 1000,
                "provider_ref": f"card-{order_id}",
            },
            {"tender_id": "T2", "method": "wallet", "captured": 1000, "provider_ref": f"wallet-{order_id}"},
        ],
    }


_CLAIM = {
    "kind": "claim",
    "reason": "quality.not_working",
    "units": [{"line_id": "L1", "index": 0}],
    "wanted": {"amount": 2000, "currency": "EUR", "goods": "keep"},
    "story": "It does not switch on.",
    "evidence": [{"kind": "video", "note": "Pressing the button"}],
}
