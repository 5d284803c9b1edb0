"""Whatever is wrong with a request is said as a problem, and nothing is written."""

from typing import Any

import pytest
from tests.journeys.api.market import Market, claim_body, kind, order_body

from amends.interfaces.api.problems import KINDS

LINE = {"line_id": "L1", "title": "Lamp", "category": "home", "units": [{"item": 100}]}


def with_unit(**unit: Any) -> dict[str, Any]:
    """A change of an order: what its only piece costs."""
    return {"lines": [{**LINE, "units": [unit]}]}


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        (with_unit(item=10.5), "/lines/0/units/0/item", "minor unit"),
        (with_unit(item=10.0), "/lines/0/units/0/item", "minor unit"),
        (with_unit(item="10"), "/lines/0/units/0/item", "expected `int`"),
        (with_unit(item=-1), "/lines/0/units/0/item", ">= 0"),
        (with_unit(item=10**15 + 1), "/lines/0/units/0/item", "<= 1000000000000000"),
        (with_unit(item=10**40), "/lines/0/units/0/item", "<="),
        (with_unit(item=100, price=3), "/lines/0/units/0/price", "unknown field"),
        (with_unit(), "/lines/0/units/0/item", "missing required field"),
        (with_unit(item=100, discount=200), "/lines/0/units/0", "discount"),
        ({"lines": []}, "/lines", "length >= 1"),
        ({"lines": [LINE, LINE]}, "/lines/1/line_id", "twice"),
        ({"lines": [{**LINE, "line_id": "a b"}]}, "/lines/0/line_id", "regex"),
        ({"currency": "euro"}, "/currency", "regex"),
        ({"buyer_tier": "gold"}, "/buyer_tier", "invalid enum value 'gold'"),
        ({"buyer_id": ""}, "/buyer_id", "regex"),
        ({"surprise": 1}, "/surprise", "unknown field"),
        ({"placed_at": "yesterday"}, "/placed_at", "expected `datetime`|Invalid RFC3339"),
        ({"placed_at": "2026-03-02T09:00:00"}, "/placed_at", "timezone"),
        ({"placed_at": "2026-03-03T09:00:00Z"}, "/placed_at", "future"),
        ({"placed_at": "9999-12-31T00:00:00Z"}, "", "2000 to 2100"),
        ({"placed_at": "2001-01-01T00:00:00Z"}, "/placed_at", "No policy"),
        ({"tenders": [{"tender_id": "T", "method": "gold", "captured": 1}]}, "/tenders/0/method", "enum"),
        (
            {"tenders": [{"tender_id": "T", "method": "card", "captured": 1, "currency": "USD"}]},
            "/tenders/0/currency",
            "USD",
        ),
        (
            {"parcels": [{"parcel_id": "P", "shipped_at": "2026-03-02T09:00:00Z", "line_ids": ["L9"]}]},
            "/parcels/0/line_ids",
            "L9",
        ),
        (
            {
                "parcels": [
                    {
                        "parcel_id": "P",
                        "shipped_at": "2026-03-02T09:00:00Z",
                        "events": [{"at": "2026-03-09T09:00:00Z", "signal": "delivered"}],
                    }
                ]
            },
            "/parcels/0/events/0/at",
            "future",
        ),
        ({"checkout_id": "a\u0000b"}, "", "U+0000"),
    ],
)
async def test_a_broken_order_is_refused_with_the_field_and_not_kept(
    market: Market, changes: dict[str, Any], pointer: str, says: str
) -> None:
    problem = await market.shop.refused("PUT", "/orders/A-1", order_body(market.now, **changes))
    assert problem["status"] in {409, 422}
    assert problem.get("pointer", "") == pointer
    assert any(part.lower() in problem["detail"].lower() for part in says.split("|")), problem["detail"]
    assert kind(await market.shop.refused("GET", "/orders/A-1")) == "not_found"
    assert market.parts.store.streams == {}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b'{"story": "\xc3\x28"}', "malformed"),
        (b"[" * 5000, "invalid"),
        (b"[]", "invalid"),
        (b"null", "invalid"),
        (b'"text"', "invalid"),
        (b"{}", "invalid"),
    ],
)
async def test_what_is_no_json_object_is_refused(market: Market, body: bytes, wanted: str) -> None:
    await market.delivered()
    for person, path in ((market.ana, "/orders/A-1/cases"), (market.seller, "/cases/A-1.1/offers")):
        problem = await person.refused("POST", path, body)
        assert (kind(problem), problem["status"]) == (wanted, KINDS[wanted].status)
    assert (await market.ana.get("/cases"))["cases"] == []


@pytest.mark.parametrize("story", [b"\\ud800", b"\\udc00\\ud800", b"\\u12", b"\x01", b"\\x41"])
async def test_text_that_is_none_is_refused(market: Market, story: bytes) -> None:
    await market.delivered()
    body = b'{"kind": "claim", "story": "' + story + b'"}'
    assert kind(await market.ana.refused("POST", "/orders/A-1/cases", body)) == "malformed"
    body = b'{"remedy": {"amount": 1}, "note": "' + story + b'"}'
    assert kind(await market.seller.refused("POST", "/cases/A-1.1/offers", body)) == "malformed"
    body = b'{"remedy": {"amount": 1}} x'
    assert kind(await market.seller.refused("POST", "/cases/A-1.1/offers", body)) == "malformed"


@pytest.mark.parametrize(
    ("changes", "wanted", "pointer"),
    [
        ({"reason": "quality"}, "unknown_reason", "/reason"),
        ({"units": [{"line_id": "L9", "index": 0}]}, "unknown_line", "/units"),
        ({"units": [{"line_id": "L1", "index": 2}]}, "quantity_too_high", "/units"),
        ({"units": []}, "invalid", "/units"),
        ({"wanted": {"amount": 1.5}}, "invalid", "/wanted/amount"),
        ({"wanted": {"amount": -1}}, "invalid", "/wanted/amount"),
        ({"wanted": {"amount": 100, "currency": "USD"}}, "currency_mismatch", "/wanted/currency"),
        ({"wanted": {"amount": 100, "goods": "burn"}}, "invalid", "/wanted/goods"),
        ({"evidence": [{"kind": "rumour", "note": ""}]}, "invalid", "/evidence/0/kind"),
        ({"evidence": [{"kind": "photo", "note": "", "by": "seller"}]}, "invalid", "/evidence/0/by"),
        ({"kind": "wish"}, "invalid", "/kind"),
        ({"story": "x" * 5001}, "invalid", "/story"),
    ],
)
async def test_a_broken_claim_is_refused_with_the_field(
    market: Market, changes: dict[str, Any], wanted: str, pointer: str
) -> None:
    await market.delivered()
    problem = await market.ana.refused("POST", "/orders/A-1/cases", claim_body(**changes))
    assert (kind(problem), problem["pointer"][: len(pointer)]) == (wanted, pointer)
    assert (await market.ana.get("/cases"))["cases"] == []


async def test_an_offer_in_another_currency_is_refused(market: Market) -> None:
    await market.delivered()
    await market.claim()
    body = {"remedy": {"amount": 100, "currency": "JPY"}}
    problem = await market.seller.refused("POST", "/cases/A-1.1/offers", body)
    assert (kind(problem), problem["pointer"]) == ("currency_mismatch", "/remedy/currency")
    assert problem["facts"] == {"order": "EUR"}
    assert len((await market.ana.get("/cases/A-1.1"))["case"]["offers"]) == 1


async def test_a_body_of_another_kind_is_refused(market: Market) -> None:
    await market.delivered()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await market.ana.send("POST", "/orders/A-1/cases", b"reason=x", headers)
    assert (answer.status_code, kind(answer.json())) == (415, "unsupported_media_type")
    answer = await market.ana.send("POST", "/orders/A-1/cases", b"{}", {"Content-Type": ""})
    assert answer.status_code == 415


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_above_one_mebibyte_is_refused(market: Market, chunked: bool) -> None:
    await market.delivered()
    await market.claim()

    async def pieces() -> Any:
        for _ in range(17):
            yield b" " * 65_536

    headers = {"Authorization": f"Bearer {market.seller.token}", "Content-Type": "application/json"}
    for path in ("/v1/cases/A-1.1/offers", "/v1/cases/A-1.1/acceptance"):
        content = pieces() if chunked else b" " * (1024 * 1024 + 1)
        answer = await market.client.post(path, content=content, headers=headers)
        assert (answer.status_code, kind(answer.json())) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/nowhere", "not_found"),
        ("GET", "/cases/A-1.1/nowhere", "not_found"),
        ("DELETE", "/orders/A-1", "method_not_allowed"),
        ("PATCH", "/cases/A-1.1", "method_not_allowed"),
        ("GET", "/orders/A%20B", "invalid"),
        ("GET", "/cases/A-1", "invalid"),
        ("GET", "/cases/A-1.0", "invalid"),
        ("GET", "/cases/A-1.99", "not_found"),
        ("GET", "/orders/unknown", "not_found"),
        ("GET", "/orders/%00", "invalid"),
        ("GET", "/cases?limit=0", "invalid"),
        ("GET", "/cases?limit=201", "invalid"),
        ("GET", "/cases?limit=many", "invalid"),
        ("GET", "/cases?cursor=nonsense", "invalid"),
        ("GET", "/cases?state=lost", "invalid"),
        ("GET", "/cases?sort=x", "invalid"),
        ("GET", "/orders/A-1/worksheet?units=everything", "invalid"),
        ("GET", "/orders/A-1/worksheet", "invalid"),
    ],
)
async def test_a_wrong_address_is_a_problem_too(market: Market, method: str, path: str, wanted: str) -> None:
    await market.delivered()
    problem = await market.shop.refused(method, path)
    assert kind(problem) == wanted
    assert len(problem["detail"]) > 20
    if wanted == "invalid":
        assert problem["parameter"]


async def test_every_kind_of_problem_has_a_page(market: Market) -> None:
    listed = await market.client.get("/problems")
    assert listed.status_code == 200
    for name, known in KINDS.items():
        assert f"/problems/{name}" in listed.text
        page = await market.client.get(f"/problems/{name}")
        assert (page.status_code, known.title in page.text) == (200, True)
    missing = await market.client.get("/problems/nonsense")
    assert (missing.status_code, kind(missing.json())) == (404, "not_found")
    assert "http" not in listed.text, "nothing of a third party"


async def test_an_error_of_ours_is_a_problem_without_its_inside(market: Market) -> None:
    await market.delivered()
    await market.claim()

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=secret")

    market.parts.store.case_sheet = market.parts.store.case_file = broken  # type: ignore[method-assign,assignment]
    for path in ("/cases/A-1.1", "/cases/A-1.1/refunds"):
        problem = await market.ana.refused("GET", path)
        assert (kind(problem), problem["status"]) == ("internal", 500)
        assert "secret" not in str(problem)


async def test_a_database_that_is_away_is_told_as_such(market: Market) -> None:
    await market.delivered()
    await market.claim()

    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("no route")

    market.parts.store.case_sheet = market.parts.store.case_file = away  # type: ignore[method-assign,assignment]
    for path in ("/cases/A-1.1", "/cases/A-1.1/refunds"):
        answer = await market.ana.send("GET", path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    market.parts.up = False
    assert (await market.client.get("/v1/ready")).status_code == 503
    assert (await market.client.get("/v1/health")).status_code == 200
