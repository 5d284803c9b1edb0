"""The fast lane and Litestar answer the same, byte for byte."""

from typing import Any

import httpx
import pytest
from tests.journeys.api.market import START, Market, open_market

from amends.application.keys import mint
from amends.application.ports import KeyRole

OFFER = b'{"remedy": {"amount": 500, "currency": "EUR"}, "note": "Half"}'
JSON = {"Content-Type": "application/json"}

Request = tuple[str, str, str, bytes, dict[str, str]]

REQUESTS: list[Request] = [
    # (who, method, path, body, headers), one after the other
    ("ana", "GET", "/v1/cases/A-1.1", b"", {}),
    ("seller", "GET", "/v1/cases/A-1.1", b"", {}),
    ("operator", "GET", "/v1/cases/A-1.1", b"", {}),
    ("shop", "GET", "/v1/cases/A-1.1", b"", {}),
    ("shop", "GET", "/v1/cases/A-1.1", b"", {"Amends-Act-As": "buyer:ana"}),
    ("shop", "GET", "/v1/cases/A-1.1", b"", {"Amends-Act-As": "nobody"}),
    ("ana", "GET", "/v1/cases/A-1.1", b"", {"Amends-Act-As": "buyer:ana"}),
    ("bo", "GET", "/v1/cases/A-1.1", b"", {}),
    ("mediator", "GET", "/v1/cases/A-1.1", b"", {}),
    ("carrier", "GET", "/v1/cases/A-1.1", b"", {}),
    ("ana", "GET", "/v1/cases/A-1.9", b"", {}),
    ("ana", "GET", "/v1/cases/A-1.0", b"", {}),
    ("ana", "GET", "/v1/cases/A-1.1?timeline=true", b"", {}),
    ("ana", "GET", "/v1/cases/A-1.1?timelin=true", b"", {}),
    ("", "GET", "/v1/cases/A-1.1", b"", {}),
    ("", "GET", "/v1/cases/A-1.1", b"", {"Authorization": "Bearer amk_buyer_x"}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "Idempotency-Key": "k-1"}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "Idempotency-Key": "k-1"}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER + b" ", {**JSON, "Idempotency-Key": "k-1"}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "Idempotency-Key": "a b"}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "If-Match": '"1"'}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "If-Match": "nonsense"}),
    ("ana", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "If-Match": '"2"'}),
    ("shop", "POST", "/v1/cases/A-1.1/offers", OFFER, {**JSON, "Amends-Act-As": "seller:lamps"}),
    ("shop", "POST", "/v1/cases/A-1.1/offers", OFFER, JSON),
    ("bo", "POST", "/v1/cases/A-1.1/offers", OFFER, JSON),
    ("", "POST", "/v1/cases/A-1.1/offers", OFFER, JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", b"", JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", b"{", JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", b"\xff", JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER, {"Content-Type": "text/plain"}),
    ("seller", "POST", "/v1/cases/A-1.1/offers", b'{"remedy": {"amount": 1.5}}', JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", b'{"remedy": {"amount": 1, "currency": "USD"}}', JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", b'{"remedy": {"amount": 999999}}', JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers?x=1", OFFER, JSON),
    ("seller", "POST", "/v1/cases/A-1.1/offers", OFFER + b" " * 70_000, JSON),
    ("seller", "PUT", "/v1/cases/A-1.1/offers", OFFER, JSON),
    ("seller", "DELETE", "/v1/cases/A-1.1", b"", {}),
    ("seller", "GET", "/v1/cases/A-1.1/offers", b"", {}),
]


async def answers(*, fast_lane: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], Any]:
    """What the requests are answered, in their order, and what was written by them."""
    numbers = iter(range(1000))
    monkeypatch.setattr("amends.application.keys.secrets.token_urlsafe", lambda _: f"{next(numbers):043d}")
    async with open_market(fast_lane=fast_lane) as market:
        await market.delivered()
        await market.claim()
        found = [await answer(market, request) for request in REQUESTS]
        return found, (await market.operator.get("/cases/A-1.1?timeline=true"))


async def answer(market: Market, request: Request) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    who, method, path, body, headers = request
    if who:
        headers = {"Authorization": f"Bearer {getattr(market, who).token}", **headers}
    given = await market.client.request(method, path, content=body, headers=headers)
    return given.status_code, sorted(given.headers.raw), given.content


async def test_both_answer_the_same_requests_with_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = await answers(fast_lane=True, monkeypatch=monkeypatch)
    slow = await answers(fast_lane=False, monkeypatch=monkeypatch)
    for request, one, other in zip(REQUESTS, fast[0], slow[0], strict=True):
        assert one == other, request[:3]
    assert fast[1] == slow[1]
    assert {status for status, _, _ in fast[0]} >= {200, 201, 400, 401, 403, 404, 405, 412, 415, 422}


async def test_the_two_hot_routes_really_bypass_the_framework(market: Market) -> None:
    await market.delivered()
    await market.claim()
    lane = market.client._transport.app  # type: ignore[attr-defined]

    async def unused(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError(f"Litestar was asked for {scope['path']}")

    lane._app = unused
    assert (await market.seller.get("/cases/A-1.1"))["version"] == 1
    assert (await market.seller.post("/cases/A-1.1/offers", {"remedy": {"amount": 5}}))["version"] == 2
    raising = httpx.ASGITransport(app=lane)
    async with httpx.AsyncClient(transport=raising, base_url="http://amends.test") as client:
        with pytest.raises(AssertionError):
            await client.get("/v1/reasons")


async def test_a_token_is_made_of_the_role_and_43_characters() -> None:
    token, _ = mint(KeyRole.SELLER, "lamps", START)
    assert len(token) == len("amk_seller_") + 43
