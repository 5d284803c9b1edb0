"""What cannot be meant is refused with a clear problem, and nothing is written."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.reliability.counter import Counter, a_counter, claim_body, order_body

TEN_MB = b'{"kind": "claim", "story": "' + b"x" * (10 * 1024 * 1024) + b'"}'
CASES, OFFERS = "/orders/B-1/cases", "/cases/B-1.1/offers"


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with a_counter(database_url, tmp_path) as counter:
        await counter.delivered("B-1")
        await counter.must("POST", CASES, claim_body(), act_as="buyer:ana")
        yield counter


def second(**changes: Any) -> dict[str, Any]:
    """A claim on the other lamp, which would be taken if it were right."""
    return claim_body(units=[{"line_id": "L1", "index": 1}], **changes)


def raw(body: object, old: bytes, new: bytes) -> bytes:
    """JSON with something in it that no encoder would write."""
    text = msgspec.json.encode(body)
    assert old in text
    return text.replace(old, new)


def wanting(amount: object) -> bytes:
    return raw(second(), b'"amount":2000', f'"amount":{amount}'.encode())


BAD: dict[str, tuple[str, str, object, str, int, str]] = {
    "ten megabytes": ("POST", CASES, TEN_MB, "buyer:ana", 413, "too_large"),
    "ten megabytes where it is fast": ("POST", OFFERS, TEN_MB, "seller:lamps", 413, "too_large"),
    "broken UTF-8": (
        "POST", CASES, raw(second(), b"switch on", b"switch \xff\xfe"), "buyer:ana", 400, "malformed"
    ),
    "half a surrogate": (
        "POST", CASES, raw(second(), b"switch on", b"switch \xed\xa0\x80"), "buyer:ana", 400, "malformed"
    ),
    "no JSON": ("POST", CASES, b"{", "buyer:ana", 400, "malformed"),
    "nothing": ("POST", CASES, b"", "buyer:ana", 400, "malformed"),
    "a list": ("POST", CASES, b"[]", "buyer:ana", 422, "invalid"),
    "deep nesting": ("POST", CASES, b"[" * 100_000, "buyer:ana", 422, "invalid"),
    "U+0000": (
        "POST", CASES, raw(second(), b"switch on", b"switch \\u0000"), "buyer:ana", 422, "invalid"
    ),
    "a negative amount": ("POST", CASES, wanting(-1), "buyer:ana", 422, "invalid"),
    "a fraction of a cent": ("POST", CASES, wanting(19.99), "buyer:ana", 422, "invalid"),
    "an amount in words": ("POST", CASES, wanting('"2000"'), "buyer:ana", 422, "invalid"),
    "an amount beyond all bounds": ("POST", CASES, wanting(10**30), "buyer:ana", 422, "invalid"),
    "no number": ("POST", CASES, wanting("NaN"), "buyer:ana", 400, "malformed"),
    "more than was paid": (
        "POST", CASES, second(wanted={"amount": 4501, "currency": "EUR", "goods": "return"}),
        "buyer:ana", 422, "amount_too_high",
    ),
    "a unit that was not bought": (
        "POST", CASES, claim_body(units=[{"line_id": "L1", "index": 2}]),
        "buyer:ana", 422, "quantity_too_high",
    ),
    "a unit before the first": (
        "POST", CASES, claim_body(units=[{"line_id": "L1", "index": -1}]), "buyer:ana", 422, "invalid"
    ),
    "a unit twice": (
        "POST", CASES, claim_body(units=[{"line_id": "L1", "index": 1}] * 2), "buyer:ana", 422, "invalid"
    ),
    "a unit in another case": ("POST", CASES, claim_body(), "buyer:ana", 409, "unit_taken"),
    "an unknown line": (
        "POST", CASES, claim_body(units=[{"line_id": "L9", "index": 0}]), "buyer:ana", 422, "unknown_line"
    ),
    "an unknown reason": ("POST", CASES, second(reason="nonsense"), "buyer:ana", 422, "unknown_reason"),
    "another currency": (
        "POST", CASES, second(wanted={"amount": 2000, "currency": "USD", "goods": "keep"}),
        "buyer:ana", 422, "currency_mismatch",
    ),
    "an offer in another currency": (
        "POST", OFFERS, {"remedy": {"amount": 10, "currency": "JPY"}},
        "seller:lamps", 422, "currency_mismatch",
    ),
    "a tender in another currency": (
        "PUT", "/orders/B-1/captures/T9", {"method": "card", "captured": 10, "currency": "USD"},
        "", 422, "currency_mismatch",
    ),
    "an unknown field": ("POST", CASES, second(colour="blue"), "buyer:ana", 422, "invalid"),
    "an unknown order": ("POST", "/orders/B-9/cases", second(), "buyer:ana", 404, "not_found"),
    "an unknown case": ("POST", "/cases/B-1.9/acceptance", {}, "buyer:ana", 404, "not_found"),
    "a case id that is none": ("POST", "/cases/B-1/acceptance", {}, "buyer:ana", 422, "invalid"),
    "an order of somebody else": ("POST", CASES, second(), "buyer:eve", 404, "not_found"),
    "an unknown parcel": (
        "POST", "/orders/B-1/parcels/P9/events",
        {"events": [{"at": "2026-01-01T00:00:00Z", "signal": "lost"}]}, "", 404, "not_found",
    ),
    "a key with a space": ("POST", CASES, second(), "buyer:ana", 422, "invalid"),
}  # fmt: skip


ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"lines": []}, "/lines"),
    ({"currency": "EURO"}, "/currency"),
    ({"placed_at": "2026-01-01T00:00:00"}, "/placed_at"),
    ({"placed_at": "0001-01-01T00:00:00Z"}, ""),
    ({"tenders": [{"tender_id": "T1", "method": "card", "captured": -1}]}, "/tenders/0/captured"),
    ({"tenders": [{"tender_id": "T1", "method": "card", "captured": 1.5}]}, "/tenders/0/captured"),
]


async def test_what_cannot_be_meant_is_refused_and_nothing_is_written(counter: Counter) -> None:
    wrong: list[object] = []
    before = await counter.written()
    for what, (method, path, body, act_as, status, kind) in BAD.items():
        key = "a key" if what == "a key with a space" else f"k-{len(wrong)}-{what.replace(' ', '-')}"
        answer = await counter.send(method, path, body, act_as=act_as, key=key)
        assert answer.headers["content-type"] == "application/problem+json", what
        problem = answer.json()
        if (answer.status_code, problem["status"], problem["type"]) != (status, status, f"/problems/{kind}"):
            wrong.append((what, problem))
        assert problem["detail"], what
        assert await counter.written() == before, what
    assert wrong == []


async def test_an_order_that_cannot_be_meant_is_not_taken(counter: Counter) -> None:
    before = await counter.written()
    for changes, pointer in ORDERS:
        answer = await counter.send("PUT", "/orders/B-2", order_body(counter.now, **changes))
        assert answer.status_code == 422, answer.text
        assert answer.json().get("pointer", "") == pointer, answer.text
    assert await counter.written() == before


async def test_what_is_right_is_taken(counter: Counter) -> None:
    """The bodies above are refused for what is wrong in them and for nothing else."""
    before = await counter.written()
    answer = await counter.send("POST", CASES, second(), act_as="buyer:ana", key="k1")
    assert answer.status_code == 201, answer.text
    assert await counter.written() != before
