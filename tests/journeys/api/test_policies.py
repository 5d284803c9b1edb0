"""The policy through the API: drafted, reviewed by a second person, published from a date, for new orders."""

from typing import Any

import pytest

from amends.application.ports import KeyRole
from tests.journeys.api.market import Market, Person, kind

SEASON = """[pack]
id = "seasons"
version = 1
layer = "promotion"
title = "Holidays and promotions"

[[clause]]
id = "season.spring"
sets = { "return.extension_until" = "2026-05-31" }
when = { placed_from = 2026-03-04T00:00:00Z, placed_before = 2026-04-01T00:00:00Z }
sentence = "What is bought in March may come back until the end of May."
citation = "D315-317"
"""
OURS = "/policies/seasons/versions/1"


async def second(market: Market) -> Person:
    return await market.person(KeyRole.OPERATOR, "otto")


async def published(market: Market, since: str, path: str = OURS) -> Any:
    """Sent for review by its author, approved by somebody else, and published."""
    await market.operator.post(f"{path}/review", {"note": "As every year."})
    await (await second(market)).post(f"{path}/approval", {"note": "Agreed."})
    return await market.operator.put(f"{path}/publication", {"since": since})


async def closing(market: Market, order_id: str) -> tuple[str, str]:
    """Until when a return may be asked for, and the clause that says so."""
    order = await market.ana.get(f"/orders/{order_id}")
    (window,) = [one for one in order["windows"] if one["name"] == "return.window"]
    return window["closes_at"], window["clause"]


@pytest.mark.row("C3", "P2")
async def test_a_season_is_published_from_a_date_and_extends_what_is_bought_in_it(market: Market) -> None:
    # Placed on 2 March; the season begins on the 4th and is published from the 3rd.
    await market.order("A-0")
    begun = await market.operator.post("/policies/seasons/versions", {"text": SEASON, "note": "Spring."})
    assert (begun["version"], begun["state"], begun["authors"]) == (1, "draft", ["operator:olga"])
    told = await published(market, "2026-03-03T12:00:00Z")
    assert (told["state"], told["approved_by"]) == ("scheduled", "operator:otto")
    assert [one["step"] for one in told["history"]] == ["started", "submitted", "approved", "published"]
    await market.advance(days=3)
    assert (await market.operator.get(OURS))["state"] == "in_force"
    for order_id in ("A-0", "A-1"):
        if order_id == "A-1":
            await market.order(order_id)
        await market.ship(order_id)
        await market.scan(order_id)
    assert (await closing(market, "A-1")) == ("2026-06-01T00:00:00Z", "season.spring")
    assert (await closing(market, "A-0"))[1] == "return.window.default"
    why = await market.ana.get("/orders/A-1/lines/L1/why")
    assert "seasons@1" in why["packs"]


async def test_nobody_approves_what_they_wrote_and_nothing_goes_without_approval(market: Market) -> None:
    await market.operator.post("/policies/seasons/versions", {"text": SEASON})
    since = {"since": "2026-03-09T00:00:00Z"}
    assert kind(await market.operator.refused("PUT", f"{OURS}/publication", since)) == "not_possible_now"
    await market.operator.post(f"{OURS}/review", {"note": "Spring."})
    refused = await market.operator.refused("POST", f"{OURS}/approval", {})
    assert (refused["status"], kind(refused)) == (403, "conflict_of_interest")
    assert refused["facts"]["authors"] == ["operator:olga"]
    otto = await second(market)
    await otto.post(f"{OURS}/approval", {})
    past = await otto.refused("PUT", f"{OURS}/publication", {"since": "2026-03-02T09:00:00Z"})
    assert (kind(past), past["pointer"]) == ("invalid", "/since")
    await otto.put(f"{OURS}/publication", since)
    withdrawn = await otto.post(f"{OURS}/withdrawal", {"note": "Not this year."})
    assert withdrawn["state"] == "withdrawn"
    for who in (market.shop, market.seller, market.mediator):
        problem = await who.refused("POST", f"{OURS}/approval", {})
        assert kind(problem) == "forbidden"
    assert kind(await market.seller.refused("GET", OURS)) == "forbidden"


async def test_a_text_with_mistakes_is_refused_with_each_by_line_and_nothing_is_kept(market: Market) -> None:
    await market.operator.post("/policies/default/versions", {"copy_of": 1, "note": "More time."})
    path = "/policies/default/versions/2"
    before = await market.operator.get(path)
    broken = before["text"].replace('"15 d"', '"fifteen"', 1).replace('"cancel.free_period"', '"cancel.fee"')
    problem = await market.operator.refused("PUT", f"{path}/text", {"text": broken})
    assert (kind(problem), problem["pointer"]) == ("invalid", "/text")
    rows = broken.splitlines()
    places = [(one["file"], rows[one["line"] - 1]) for one in problem["facts"]["problems"]]
    assert places[0][0] == "default.toml"
    assert any("cancel.fee" in row for _, row in places)
    assert any("fifteen" in row for _, row in places)
    assert await market.operator.get(path) == before
    undercut = {"clause": {"sets": {"return.window": "40 d"}, "sentence": "Forty.", "citation": "x"}}
    await market.operator.put(f"{path}/clauses/return.window.default", undercut)
    (change,) = (await market.operator.get(f"{path}/changes"))["changes"]
    assert (change["clause"], change["kind"]) == ("return.window.default", "changed")
    assert ["return.window", "15 d", "40 d"] in change["differs"]
    gone = await market.operator.refused("DELETE", f"{path}/clauses/negotiation.limit.default")
    assert "no clause sets negotiation.limit for every order" in gone["detail"]
    assert kind(await market.operator.refused("DELETE", f"{path}/clauses/nothing.here")) == "not_found"


async def test_a_step_is_only_taken_on_the_version_that_was_seen(market: Market) -> None:
    answer = await market.operator.send("POST", "/policies/seasons/versions", {"text": SEASON})
    tag = answer.headers["ETag"]
    otto = await second(market)
    said = await otto.post(f"{OURS}/comments", {"clause": "season.spring", "note": "Why not June?"})
    assert said["history"][-1]["clause"] == "season.spring"
    stale = await market.operator.refused("POST", f"{OURS}/review", {"note": "Now."}, If_Match=tag)
    assert (stale["status"], kind(stale)) == (412, "version_conflict")
    toys = {"clause": {"sets": {"return.extension": "45 d"}, "sentence": "Toys.", "citation": "ours"}}
    await market.operator.put(f"{OURS}/clauses/season.toys", toys)
    gone = await market.operator.send("DELETE", f"{OURS}/clauses/season.toys")
    assert (gone.status_code, gone.json()["text"]) == (200, SEASON)
    assert (await market.operator.get(f"{OURS}/changes"))["changes"][0]["kind"] == "added"
    back = await market.operator.post(f"{OURS}/review", {"note": "Look."})
    assert back["state"] == "in_review"
    assert (await otto.post(f"{OURS}/return", {"note": "June, please."}))["state"] == "draft"
    fresh = (await market.operator.send("GET", OURS)).headers["ETag"]
    await market.operator.post(f"{OURS}/review", {"note": "Now."}, If_Match=fresh)


async def test_the_list_says_what_is_in_force_and_what_is_coming(market: Market) -> None:
    await market.operator.post("/policies/seasons/versions", {"text": SEASON})
    packs = {one["pack_id"]: one for one in (await market.shop.get("/policies"))["packs"]}
    assert [one["state"] for one in packs["default"]["versions"]] == ["in_force"]
    assert [one["state"] for one in packs["seasons"]["versions"]] == ["draft"]
    await market.operator.post("/policies/default/versions", {"copy_of": 1})
    path = "/policies/default/versions/2"
    longer = {
        "clause": {"sets": {"reopen.window": "40 d", "reopen.max": 1}, "sentence": "Forty.", "citation": "x"}
    }
    await market.operator.put(f"{path}/clauses/reopen.default", longer)
    await published(market, "2026-03-05T00:00:00Z", path)
    await market.advance(days=4)
    packs = {one["pack_id"]: one for one in (await market.shop.get("/policies"))["packs"]}
    assert [one["state"] for one in packs["default"]["versions"]] == ["in_force", "superseded"]
    late = await market.operator.refused("POST", f"{path}/withdrawal", {"note": "Too late."})
    assert kind(late) == "not_possible_now"


@pytest.mark.row("L1")
async def test_the_fund_reports_what_it_paid_beside_its_budget(market: Market) -> None:
    await market.delivered()
    await market.operator.put("/orders/A-1/goodwill/G1", {"amount": 500, "reason": "A late answer."})
    await market.advance(days=1)
    report = await market.operator.get("/cover?months=2")
    (current, before) = report["months"]
    assert (report["currency"], report["clause"]) == ("EUR", "cover.budget.default")
    assert (current["first"], before["first"]) == ("2026-03-01", "2026-02-01")
    assert (current["budget"], current["spent"], current["by_kind"]) == (500000, 500, {"goodwill": 500})
    assert kind(await market.seller.refused("GET", "/cover")) == "forbidden"
