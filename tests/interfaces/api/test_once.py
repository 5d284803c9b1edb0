"""Idempotency keys and versions: one effect a key, and only on what the sender saw."""

import asyncio
from typing import Any

import pytest
from tests.journeys.api.market import Market, claim_body, kind, order_body

OFFER = {"remedy": {"amount": 500, "currency": "EUR"}, "note": "Half"}


async def test_a_retry_answers_the_same_and_acts_once(market: Market) -> None:
    await market.delivered()
    key = {"Idempotency-Key": "k-1"}
    first = await market.ana.send("POST", "/orders/A-1/cases", claim_body(), key)
    assert "idempotent-replayed" not in first.headers
    await market.seller.post("/cases/A-1.1/offers", OFFER)
    await market.advance(hours=5)
    again = await market.ana.send("POST", "/orders/A-1/cases", claim_body(), key)
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert {name: again.headers[name] for name in ("etag", "location")} == {
        name: first.headers[name] for name in ("etag", "location")
    }
    assert [one["case_id"] for one in (await market.ana.get("/cases"))["cases"]] == ["A-1.1"]


@pytest.mark.parametrize(
    ("path", "body"), [("offers", OFFER), ("evidence", {"items": [{"kind": "photo", "note": "x"}]})]
)
async def test_retries_at_once_have_one_effect(market: Market, path: str, body: Any) -> None:
    await market.delivered()
    await market.claim()
    key = {"Idempotency-Key": "k-1"}
    send = (market.seller.send("POST", f"/cases/A-1.1/{path}", body, key) for _ in range(10))
    answers = await asyncio.gather(*send)
    assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
    assert sum("idempotent-replayed" in one.headers for one in answers) == 9
    case = (await market.ana.get("/cases/A-1.1"))["case"]
    assert (len(case["offers"]), len(case["evidence"])) == ((2, 1) if body is OFFER else (1, 2))


async def test_a_refusal_is_repeated_too(market: Market) -> None:
    await market.delivered()
    key = {"Idempotency-Key": "k-1"}
    body = claim_body(wanted={"amount": 9999, "goods": "return"})
    first = await market.ana.send("POST", "/orders/A-1/cases", body, key)
    again = await market.ana.send("POST", "/orders/A-1/cases", body, key)
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.content == again.content


async def test_another_request_under_the_same_key_is_refused(market: Market) -> None:
    await market.delivered()
    await market.claim()
    key = {"Idempotency-Key": "k-1"}
    assert (await market.seller.send("POST", "/cases/A-1.1/offers", OFFER, key)).status_code == 201
    for path, body in (
        ("/cases/A-1.1/offers", {"remedy": {"amount": 501}}),
        ("/cases/A-1.1/acceptance", {}),
    ):
        answer = await market.seller.send("POST", path, body, key)
        assert (answer.status_code, kind(answer.json())) == (422, "key_reused")
    assert len((await market.ana.get("/cases/A-1.1"))["case"]["offers"]) == 2


async def test_the_same_key_of_two_parties_is_two_keys(market: Market) -> None:
    await market.delivered()
    await market.claim()
    key = {"Idempotency-Key": "k-1"}
    for person in (market.seller, market.ana):
        answer = await person.send("POST", "/cases/A-1.1/offers", OFFER, key)
        assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)


async def test_orders_are_told_once(market: Market) -> None:
    body = order_body(market.now)
    key = {"Idempotency-Key": "k-1"}
    first = await market.shop.send("PUT", "/orders/A-1", body, key)
    await market.advance(days=1)
    await market.ship()
    again = await market.shop.send("PUT", "/orders/A-1", body, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    # Without a key the same order told again changes nothing either.
    plain = await market.shop.send("PUT", "/orders/A-1", body)
    assert (plain.status_code, plain.json()["version"]) == (200, 2)


async def test_a_seller_cancels_once(market: Market) -> None:
    await market.order()
    key = {"Idempotency-Key": "k-1"}
    first = await market.seller.send("POST", "/orders/A-1/cancellation", {"note": "Gone"}, key)
    await market.advance(days=30)
    again = await market.seller.send("POST", "/orders/A-1/cancellation", {"note": "Gone"}, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content


@pytest.mark.parametrize("key", ["a b", "x" * 201, "a\tb"])
async def test_a_key_that_is_none_is_refused(market: Market, key: str) -> None:
    await market.delivered()
    await market.claim()
    for path, body in (("/cases/A-1.1/offers", OFFER), ("/cases/A-1.1/acceptance", {})):
        answer = await market.seller.send("POST", path, body, {"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["parameter"]) == (422, "Idempotency-Key")


async def test_a_command_on_an_old_version_is_refused(market: Market) -> None:
    await market.delivered()
    await market.claim()
    seen = await market.seller.send("GET", "/cases/A-1.1")
    assert seen.headers["etag"] == f'"{seen.json()["version"]}"' == '"1"'
    await market.ana.post("/cases/A-1.1/evidence", {"items": [{"kind": "photo", "note": "More"}]})
    match = {"If-Match": seen.headers["etag"]}
    for path, body in (("/cases/A-1.1/offers", OFFER), ("/cases/A-1.1/acceptance", {})):
        answer = await market.seller.send("POST", path, body, match)
        assert (answer.status_code, kind(answer.json())) == (412, "version_conflict")
        assert answer.json()["facts"]["current"] == 2
    fresh = (await market.seller.send("GET", "/cases/A-1.1")).headers["etag"]
    done = await market.seller.send("POST", "/cases/A-1.1/offers", OFFER, {"If-Match": fresh})
    assert (done.status_code, done.headers["etag"]) == (201, '"3"')


@pytest.mark.parametrize(
    ("match", "status"), [("*", 201), ('W/"1"', 201), ("1", 412), ('"abc"', 412), ('"2"', 412)]
)
async def test_what_is_no_tag_of_ours_matches_nothing(market: Market, match: str, status: int) -> None:
    await market.delivered()
    await market.claim()
    answer = await market.seller.send("POST", "/cases/A-1.1/offers", OFFER, {"If-Match": match})
    assert answer.status_code == status


async def test_orders_have_versions_too(market: Market) -> None:
    await market.order()
    parcel = {"shipped_at": market.at(), "carrier": "dhl", "tracking_number": "RR123456785DE"}
    answer = await market.shop.send("PUT", "/orders/A-1/parcels/P1", parcel, {"If-Match": '"9"'})
    assert answer.status_code == 412
    tag = (await market.shop.send("GET", "/orders/A-1")).headers["etag"]
    assert (
        await market.shop.send("PUT", "/orders/A-1/parcels/P1", parcel, {"If-Match": tag})
    ).status_code == 200
