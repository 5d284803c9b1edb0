"""Orders in bulk: each line has its own result."""

import json
from typing import Any

import pytest
from tests.journeys.api.market import Market, kind, order_body

from amends.application.ports import StoreUnreachable

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*orders: dict[str, Any] | str) -> bytes:
    """NDJSON of orders, or of text as it is."""
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in orders).encode()


def results(text: str) -> list[Any]:
    """The results, a line each."""
    return [json.loads(line) for line in text.splitlines()]


async def test_each_line_is_answered_and_a_bad_one_stops_no_other(market: Market) -> None:
    good = order_body(market.now)
    body = lines(
        {"order_id": "A-1", **good},
        "{",
        "",
        {"order_id": "A 2", **good},
        {"order_id": "A-3", **good, "currency": "eur"},
        {"order_id": "A-4", **good},
        {"order_id": "A-1", **good, "buyer_id": "bo"},
        {"order_id": "A-5", **good, "placed_at": "2001-01-01T00:00:00Z"},
    )
    answer = await market.shop.send("POST", "/orders/bulk", body, NDJSON)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    found = results(answer.text)
    assert [(one["line"], one["status"]) for one in found] == [
        (1, 200), (2, 400), (4, 422), (5, 422), (6, 200), (7, 409), (8, 422),
    ]  # fmt: skip
    assert found[2]["problem"]["pointer"] == "/order_id"
    assert found[5]["problem"]["type"] == "/problems/frozen_at_purchase"
    assert {one["order_id"] for one in (await market.shop.get("/orders"))["orders"]} == {"A-1", "A-4"}


async def test_a_thousand_orders_are_told_in_one_go_and_a_retry_changes_nothing(market: Market) -> None:
    good = order_body(market.now)
    body = lines(*({"order_id": f"B-{n}", **good} for n in range(1000)))
    headers = {**NDJSON, "Idempotency-Key": "import-7"}
    first = await market.shop.send("POST", "/orders/bulk", body, headers)
    found = results(first.text)
    assert [one["line"] for one in found] == list(range(1, 1001))
    assert {one["status"] for one in found} == {200}
    events = sum(len(links) for links in market.parts.store.streams.values())
    again = await market.shop.send("POST", "/orders/bulk", body, headers)
    assert again.text == first.text
    assert sum(len(links) for links in market.parts.store.streams.values()) == events


async def test_more_than_ten_mebibytes_are_refused_and_nothing_is_written(market: Market) -> None:
    order = lines({"order_id": "A-1", **order_body(market.now)}) + b"\n"
    body = order + b" " * (10 * 1024 * 1024)
    answer = await market.shop.send("POST", "/orders/bulk", body, NDJSON)
    assert (answer.status_code, kind(answer.json())) == (413, "too_large")
    assert (await market.shop.get("/orders"))["orders"] == []


@pytest.mark.parametrize("media_type", ["application/json", "text/csv"])
async def test_only_ndjson_is_taken(market: Market, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answer = await market.shop.send("POST", "/orders/bulk", b"{}", headers)
    assert (answer.status_code, kind(answer.json())) == (415, "unsupported_media_type")


async def test_lines_that_the_store_cannot_take_are_said_so_one_by_one(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, calls = market.parts.execute, []

    async def full_at_times(envelopes: Any) -> Any:
        calls.append(len(envelopes))
        if len(calls) == 2:
            raise StoreUnreachable("no space left on device")
        return await execute(envelopes)

    monkeypatch.setattr(market.parts, "execute", full_at_times)
    body = lines(*({"order_id": f"C-{n}", **order_body(market.now)} for n in range(450)))
    answer = await market.shop.send("POST", "/orders/bulk", body, NDJSON)
    found = results(answer.text)
    assert [one["line"] for one in found] == list(range(1, 451))
    assert [one["status"] for one in found] == [200] * 200 + [503] * 200 + [200] * 50
    assert found[200]["problem"]["type"] == "/problems/unavailable"
