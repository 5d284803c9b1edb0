"""Sellers at the API: policies, records, and one answer to many cases."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.api.market import START, Market, kind

POLICY = {"window_days": 30, "pays_way_back": True}
ADDRESS = {"text": "Hafenweg 3, 20457 Hamburg"}


@pytest.mark.row("A4", "P2")
async def test_a_published_policy_holds_for_orders_placed_from_then_on(market: Market) -> None:
    await market.delivered("A-1")
    published = await market.seller.put("/sellers/lamps/policy", POLICY)
    assert (published["version"], published["policy"]["window_days"]) == (1, 30)
    body = market.told_again("A-1")
    assert (await market.shop.send("PUT", "/orders/A-1", body)).status_code == 200
    assert await window(market, "A-1") == (15, "return.window.default")
    await market.parts.advance(market.parts.clock.now() + timedelta(minutes=1))
    later = {**body, "placed_at": market.parts.clock.now().isoformat(), "parcels": []}
    assert (await market.shop.send("PUT", "/orders/A-9", later)).status_code == 201
    assert await window(market, "A-9") == (30, "seller.return.window")


async def window(market: Market, order_id: str) -> tuple[int, str]:
    terms = (await market.ana.get(f"/orders/{order_id}/lines/L1/terms"))["terms"]
    (found,) = [one for one in terms if one["name"] == "return.window"]
    return found["value"]["amount"], found["clause"]


@pytest.mark.row("A4", "C2")
async def test_a_policy_below_a_floor_is_refused_with_its_clause(market: Market) -> None:
    problem = await market.seller.refused("PUT", "/sellers/lamps/policy", {"window_days": 7})
    assert (kind(problem), problem["clause"]) == ("below_floor", "return.window.default")
    assert problem["pointer"] == "/window_days"
    await market.seller.refused("PUT", "/sellers/lamps/policy", {"window_days": 31})
    problem = await market.seller.refused("PUT", "/sellers/lamps/policy", {"rules": [{"name": ""}]})
    assert (kind(problem), problem["pointer"]) == ("invalid", "/rules/0/name")
    assert (await market.seller.get("/sellers/lamps/policy"))["version"] == 0


@pytest.mark.row("A4")
async def test_versions_are_kept_and_published_on_the_one_seen(market: Market) -> None:
    await market.seller.put("/sellers/lamps/policy", POLICY)
    again = await market.seller.put("/sellers/lamps/policy", POLICY)
    assert again["version"] == 1
    stale = await market.seller.send("PUT", "/sellers/lamps/policy", {"window_days": 20}, {"If-Match": '"0"'})
    assert (stale.status_code, kind(stale.json())) == (412, "version_conflict")
    fresh = await market.seller.send("PUT", "/sellers/lamps/policy", {"window_days": 20}, {"If-Match": '"1"'})
    assert (fresh.status_code, fresh.headers["etag"]) == (200, '"2"')
    listed = await market.ana.get("/sellers/lamps/policy/versions")
    assert [one["version"] for one in listed["versions"]] == [2, 1]


async def test_rules_and_addresses_are_the_sellers_own_business(market: Market) -> None:
    secret = {"addresses": [ADDRESS], "sends_address": True, "rules": [{"name": "Small things"}]}
    await market.seller.put("/sellers/lamps/policy", secret)
    for person in (market.ana, market.rival):
        shown = str(await person.get("/sellers/lamps/policy"))
        assert "Small things" not in shown
        assert "Hafenweg" not in shown
    problem = await market.rival.refused("PUT", "/sellers/lamps/policy", POLICY)
    assert kind(problem) == "not_found"


@pytest.mark.row("A4")
async def test_a_policy_is_tried_on_a_product(market: Market) -> None:
    sample = {"policy": POLICY, "currency": "EUR", "price": 4000, "reason": "no_reason.changed_mind"}
    answer = await market.seller.send("POST", "/sellers/lamps/policy/preview", sample)
    terms = {one["name"]: one for one in answer.json()["terms"]}
    assert (terms["return.window"]["by_seller"], terms["freight.payer"]["value"]) == (True, "seller")
    assert terms["inspect.clock"]["by_seller"] is False
    assert (await market.seller.get("/sellers/lamps/policy"))["version"] == 0


@pytest.mark.row("A4")
async def test_restocking_is_kept_back_of_a_changed_mind_only(market: Market) -> None:
    await market.seller.put("/sellers/lamps/policy", {"restocking": 1000, "free_days": 0})
    await market.parts.advance(START + timedelta(minutes=1))
    await market.delivered("A-1", placed_at=market.parts.clock.now().isoformat())
    changed = await options(market, "no_reason.changed_mind")
    broken = await options(market, "quality.defective")
    goods = changed["return"]["facts"]["restocking"] * 10
    assert changed["return"]["amount"] == goods - goods // 10
    assert changed["return"]["facts"]["restocking_clause"] == "seller.return.restocking"
    assert "restocking" not in broken["return"]["facts"]


async def options(market: Market, reason: str) -> dict[str, Any]:
    found = await market.ana.get(f"/orders/A-1/lines/L1/options?reason={reason}")
    return {one["option"]["remedy"]: one["option"] for one in found["options"]}


@pytest.mark.row("P9")
async def test_a_rule_answers_a_new_claim_by_itself(market: Market) -> None:
    rule = {"name": "Quick", "does": "offer", "share": 5000}
    await market.seller.put("/sellers/lamps/policy", {"rules": [rule]})
    await market.delivered("A-1")
    await market.claim()
    await market.parts.advance(market.parts.clock.now() + timedelta(minutes=1))
    case = await market.ana.get("/cases/A-1.1?timeline=true")
    assert case["case"]["state"] == "awaiting_buyer"
    assert "Quick" in str(await market.ana.get("/cases/A-1.1/timeline"))


@pytest.mark.row("P9")
async def test_many_cases_are_answered_at_once_and_each_once(market: Market) -> None:
    for order_id in ("A-1", "A-2"):
        await market.delivered(order_id)
        await market.claim(order_id)
    body: dict[str, Any] = {"action": "offer", "share": 2000, "case_ids": ["A-1.1", "A-2.1", "Z-1.1"]}
    tried = (await market.seller.send("POST", "/answers", body | {"dry_run": True})).json()
    assert [one["case_id"] for one in tried["lines"]] == ["A-1.1", "A-2.1"]
    assert all(one["cost"]["by_seller"] > 0 for one in tried["lines"])
    assert (await market.seller.get("/cases/A-1.1"))["case"]["state"] == "awaiting_seller"
    for _ in range(2):
        sent = await market.seller.send("POST", "/answers", body, {"Idempotency-Key": "once"})
        assert [one["status"] for one in sent.json()["lines"]] == [200, 200]
    for case_id in ("A-1.1", "A-2.1"):
        assert len((await market.seller.get(f"/cases/{case_id}"))["case"]["offers"]) == 2
    other = (await market.rival.send("POST", "/answers", body)).json()
    assert other["lines"] == []


@pytest.mark.row("A6")
async def test_the_record_is_there_for_everybody_and_few_cases_make_no_share(market: Market) -> None:
    await market.delivered("A-1")
    await market.claim()
    await market.parts.advance(market.parts.clock.now() + timedelta(hours=2))
    await market.seller.post("/cases/A-1.1/offers", {"remedy": {"amount": 500}})
    await market.parts.advance(market.parts.clock.now() + timedelta(hours=1))
    for person in (market.ana, market.bo, market.rival, market.operator):
        found = await person.get("/sellers/lamps/record")
        assert (found["record"]["cases"], found["record"]["answered"]) == (1, 1)
        assert found["record"]["median_answer_s"] == 7200
        assert (found["median_answer_s"], found["upheld_share"], found["case_share"]) == (None, None, None)
        assert found["record"]["standing"] == "new"


@pytest.mark.row("A6")
async def test_a_strained_record_counts_only_by_a_clause_of_the_policy(market: Market) -> None:
    for number in range(1, 11):
        await market.delivered(f"A-{number}")
        await market.claim(f"A-{number}")
    await market.parts.advance(market.parts.clock.now() + timedelta(days=6))
    assert (await market.ana.get("/sellers/lamps/record"))["record"]["standing"] == "strained"
    now = market.parts.clock.now().isoformat()
    await market.delivered("B-1", placed_at=now)
    terms = {one["name"]: one for one in (await market.ana.get("/orders/B-1/lines/L1/terms"))["terms"]}
    assert terms["payout.delay"]["clause"] == "payout.delay.strained"
    before = {one["name"]: one for one in (await market.ana.get("/orders/A-1/lines/L1/terms"))["terms"]}
    assert before["payout.delay"]["clause"] == "payout.delay.default"
