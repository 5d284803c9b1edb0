"""The API over the real store, without the network: what is sent, and whether anything was written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from amends.application.keys import mint
from amends.application.ports import KeyRole
from amends.bootstrap.engine import Engine, opened
from amends.interfaces.api.serve import create_app
from amends.settings import Settings


class Counter:
    """A marketplace's key, acting for whom it likes."""

    def __init__(self, engine: Engine, client: httpx.AsyncClient) -> None:
        self.engine = engine
        self.client = client
        self.now = datetime.now(UTC)

    async def send(
        self, method: str, path: str, body: object = None, *, act_as: str = "", key: str = "", **headers: str
    ) -> httpx.Response:
        """One request; ``body`` is JSON, or bytes as they are."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if act_as:
            sent["Amends-Act-As"] = act_as
        if key:
            sent["Idempotency-Key"] = key
        if isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
            return await self.client.request(method, f"/v1{path}", content=body, headers=sent)
        return await self.client.request(method, f"/v1{path}", json=body, headers=sent)

    async def must(self, method: str, path: str, body: object = None, *, act_as: str = "") -> None:
        answer = await self.send(method, path, body, act_as=act_as)
        assert answer.is_success, answer.text

    async def delivered(self, order_id: str) -> None:
        """An order of two lamps at EUR 45.00, shipping included, that has arrived."""
        await self.must("PUT", f"/orders/{order_id}", order_body(self.now))
        parcel = {"shipped_at": at(self.now, hours=-20), "carrier": "dhl", "tracking_number": "RR123456785DE"}
        await self.must("PUT", f"/orders/{order_id}/parcels/P1", parcel)
        scan = {"at": at(self.now, hours=-1), "signal": "delivered", "country": "DE", "postcode": "20457"}
        await self.must("POST", f"/orders/{order_id}/parcels/P1/events", {"events": [scan]})

    async def written(self) -> tuple[int, ...]:
        """How much there is of everything that a request can write."""
        row = await self.engine.pool.fetchrow(
            "select (select count(*) from events), (select count(*) from transfers),"
            " (select count(*) from errands), (select count(*) from orders), (select count(*) from cases)"
        )
        assert row is not None
        return tuple(row)


def at(now: datetime, **delta: float) -> str:
    """An instant from now, as it is written."""
    return (now + timedelta(**delta)).isoformat()


def order_body(now: datetime, **changes: Any) -> dict[str, Any]:
    """Two lamps of one line, paid by card."""
    unit = {"item": 4000, "shipping": 500}
    return {
        "buyer_id": "ana",
        "seller_id": "lamps",
        "currency": "EUR",
        "placed_at": at(now, hours=-48),
        "lines": [{"line_id": "L1", "title": "Desk lamp", "category": "home", "units": [unit, unit]}],
        "tenders": [{"tender_id": "T1", "method": "card", "captured": 9000, "provider_ref": "card-1"}],
        **changes,
    }


def claim_body(**changes: Any) -> dict[str, Any]:
    """The first lamp does not work."""
    return {
        "kind": "claim",
        "reason": "quality.not_working",
        "units": [{"line_id": "L1", "index": 0}],
        "wanted": {"amount": 2000, "currency": "EUR", "goods": "keep"},
        "story": "It does not switch on.",
        "evidence": [{"kind": "video", "note": "Pressing the button"}],
        **changes,
    }


@asynccontextmanager
async def a_counter(database_url: str, home: Path) -> AsyncIterator[Counter]:
    """Everything wired as the web process wires it."""
    settings = Settings(
        database_url=database_url, home=home, host="127.0.0.1", port=8000, sandbox=True, secret="s" * 40
    )
    async with opened(settings) as engine:
        token, record = mint(KeyRole.MARKETPLACE, "market", engine.clock.now())
        await engine.keys.add(record)
        transport = httpx.ASGITransport(app=create_app(engine), raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx knows scopes as plain dicts
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://amends.test", headers=headers
        ) as client:
            yield Counter(engine, client)
