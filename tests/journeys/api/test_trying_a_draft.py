"""The policy lab through the API: a draft is tried on what happened, and read case by case."""

import asyncio

import pytest

from tests.application.test_lab import HASTY, HEAD
from tests.journeys.api.market import Market, kind


@pytest.mark.row("X2")
async def test_a_draft_is_tried_on_the_past_and_changes_nothing(market: Market) -> None:
    await market.delivered()
    await market.claim()
    await market.advance(hours=30)
    await market.seller.post("/cases/A-1.1/refusal", {"note": "It worked here."})
    await market.ana.post("/cases/A-1.1/withdrawal")
    before = (await market.ana.get("/cases/A-1.1"))["case"]
    problem = await market.operator.refused(
        "POST", "/lab-runs", {"draft": (HEAD + HASTY).replace('"1 h"', '"soon"')}
    )
    assert (kind(problem), problem["pointer"]) == ("invalid", "/draft")
    begun = await market.operator.post("/lab-runs", {"draft": HEAD + HASTY})
    path = f"/lab-runs/{begun['run_id']}"
    for _ in range(200):
        run = await market.operator.get(path)
        if run["state"] != "running":
            break
        await asyncio.sleep(0.01)
    assert (run["state"], run["cases"], run["changed"], run["broken"]) == ("done", 1, 1, [])
    (changed,) = (await market.operator.get(f"{path}/changes"))["changes"]
    # With an hour to answer the seller's silence would have granted it.
    assert changed["was"]["buyer"] < changed["now"]["buyer"]
    assert (await market.ana.get("/cases/A-1.1"))["case"] == before
    assert (await market.seller.refused("GET", path))["status"] == 403
