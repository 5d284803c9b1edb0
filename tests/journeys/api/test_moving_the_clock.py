"""The time machine: the sandbox's clock moves and every deadline on the way fires (X8)."""

import pytest

from tests.journeys.api.market import Market, kind, open_market


@pytest.mark.row("X8")
async def test_moving_the_clock_fires_every_deadline_on_the_way_in_order(market: Market) -> None:
    await market.delivered()
    await market.claim(draft=True)
    answer = await market.operator.send("POST", "/sandbox/clock", {"to": "2026-06-01T00:00:00Z"})
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/sandbox/clock")
    # A reminder, the release, the payout; the forgotten draft is discarded.
    assert answer.json() == {"now": "2026-06-01T00:00:00Z", "sandbox": True, "fired": 4}
    order = await market.ana.get("/orders/A-1/timeline")
    fired = [(one["event"]["type"], one["at"]) for one in order["events"] if one["actor"]["role"] == "clock"]
    assert fired[:3] == [
        ("protection_reminded", "2026-03-17T09:00:00Z"),
        ("escrow_released", "2026-03-20T09:00:00Z"),
        ("payout_initiated", "2026-03-21T09:00:00Z"),
    ]
    draft = (await market.ana.get("/cases/A-1.1/timeline"))["events"][-1]
    assert (draft["event"]["type"], draft["at"]) == ("case_closed", "2026-04-04T09:00:00Z")
    assert draft["event"]["outcome"] == "discarded"


async def _story(*steps: int) -> list[tuple[str, str]]:
    """What happens to a claim, and when, if the clock is moved by these days."""
    async with open_market() as market:
        await market.delivered()
        await market.claim()
        for days in steps:
            await market.advance(days=days)
        streams = ("/cases/A-1.1/timeline", "/orders/A-1/timeline")
        stories = [await market.ana.get(path) for path in streams]
    return [(one["at"], one["event"]["type"]) for story in stories for one in story["events"]]


@pytest.mark.row("X8")
async def test_one_leap_and_many_steps_end_the_same() -> None:
    story = await _story(40)
    assert ("2026-03-10T09:00:00Z", "case_closed") in story
    assert story == await _story(*[1] * 40)


@pytest.mark.row("X8")
async def test_the_clock_only_moves_forward_and_only_in_the_sandbox(market: Market) -> None:
    clock = await market.ana.get("/sandbox/clock")
    assert clock == {"now": "2026-03-02T09:00:00Z", "sandbox": True, "fired": 0}
    problem = await market.operator.refused("POST", "/sandbox/clock", {"to": "2026-03-02T08:59:59Z"})
    assert (kind(problem), problem["pointer"]) == ("invalid", "/to")
    for too_far in ("2036-03-09T09:00:01Z", "2099-12-31T23:59:59Z"):
        problem = await market.operator.refused("POST", "/sandbox/clock", {"to": too_far})
        assert (kind(problem), problem.get("pointer")) == ("invalid", "/to"), problem
        assert "3660 days" in problem["detail"]
    assert (
        kind(await market.ana.refused("POST", "/sandbox/clock", {"to": "2026-04-01T00:00:00Z"}))
        == "forbidden"
    )
    market.parts.sandbox = False
    problem = await market.operator.refused("POST", "/sandbox/clock", {"to": "2026-04-01T00:00:00Z"})
    assert kind(problem) == "not_possible_now"
    assert (await market.ana.get("/sandbox/clock"))["now"] == "2026-03-02T09:00:00Z"
