"""Cancelling what was not shipped, through the API."""

import pytest

from tests.journeys.api.market import START, Market, kind

CHANGED_MIND = {"kind": "cancellation", "reason": "cancel.changed_mind"}


@pytest.mark.row("B1")
async def test_inside_the_free_period_the_buyer_cancels_without_asking_anybody(market: Market) -> None:
    await market.order()
    await market.advance(hours=23, minutes=59)
    case = await market.ana.post("/orders/A-1/cases", CHANGED_MIND)
    assert case["case"]["settlement"]["by"] == "policy"
    assert case["case"]["settlement"]["clause"] == "cancel.free_period.default"
    assert case["money"]["approved"] == 5980
    assert (await market.ana.get("/orders/A-1"))["stage"] == "cancelled"


@pytest.mark.row("B1")
async def test_what_was_shipped_cannot_be_cancelled(market: Market) -> None:
    await market.order()
    await market.ship()
    problem = await market.ana.refused("POST", "/orders/A-1/cases", CHANGED_MIND)
    assert (kind(problem), problem["status"]) == ("window_closed", 409)
    assert problem["clause"] == "cancel.free_period.default"


@pytest.mark.row("B1")
async def test_a_cancellation_needs_a_reason_of_its_own_branch(market: Market) -> None:
    await market.order()
    body = {"kind": "cancellation", "reason": "quality.defective"}
    assert kind(await market.ana.refused("POST", "/orders/A-1/cases", body)) == "unknown_reason"


@pytest.mark.row("B1", "B2")
async def test_after_the_free_period_the_seller_is_asked_and_shipping_is_kept(market: Market) -> None:
    await market.order()
    await market.advance(hours=24)
    case = await market.ana.post("/orders/A-1/cases", CHANGED_MIND)
    assert case["case"]["state"] == "cancel_requested"
    assert (case["turn"]["on"], case["turn"]["default"]) == ("seller", "grant_request")
    assert case["turn"]["until"] == "2026-03-06T09:00:00Z"
    assert case["money"]["asked"] == 5000
    settled = await market.seller.post("/cases/A-1.1/acceptance", {})
    assert settled["case"]["settlement"]["by"] == "agreement"
    assert settled["money"]["approved"] == 5000


@pytest.mark.row("B2")
@pytest.mark.parametrize(("answer", "state"), [("refusal", "closed"), ("", "refund_approved")])
async def test_a_request_is_declined_by_words_and_granted_by_silence(
    market: Market, answer: str, state: str
) -> None:
    await market.order()
    await market.advance(hours=30)
    await market.ana.post("/orders/A-1/cases", CHANGED_MIND)
    if answer:
        await market.seller.post(f"/cases/A-1.1/{answer}", {"note": "Packed already."})
    else:
        await market.advance(days=3)
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["state"] == state
    assert case["case"]["outcome"] == ("declined" if answer else None)


@pytest.mark.row("B2")
@pytest.mark.parametrize("late", [False, True])
async def test_a_cancellation_can_be_asked_for_until_7_days_after_the_purchase(
    market: Market, late: bool
) -> None:
    # The order's own day to ship by lies later, or the clock would cancel it first.
    await market.order(ship_by=market.at(days=20))
    await market.advance(days=6, hours=23, minutes=59, seconds=60 if late else 59)
    if late:
        problem = await market.ana.refused("POST", "/orders/A-1/cases", CHANGED_MIND)
        assert (kind(problem), problem["clause"]) == ("window_closed", "cancel.request_period.default")
    else:
        case = await market.ana.post("/orders/A-1/cases", CHANGED_MIND)
        assert case["case"]["state"] == "cancel_requested"


@pytest.mark.row("B3")
async def test_the_seller_cancels_and_everything_is_refunded(market: Market) -> None:
    await market.order()
    answer = await market.seller.post("/orders/A-1/cancellation", {"note": "Out of stock."})
    assert answer["stage"] == "cancelled"
    await market.advance(hours=25)
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["reason"] == "cancel.seller_cancelled"
    assert case["money"]["confirmed"] == 5980


@pytest.mark.row("B3")
async def test_an_order_never_shipped_is_refunded_by_the_clock(market: Market) -> None:
    await market.order()
    await market.advance(days=6, hours=23)
    assert (await market.ana.get("/cases"))["cases"] == []
    await market.advance(hours=1)
    (case,) = (await market.ana.get("/cases?order_id=A-1"))["cases"]
    assert (case["reason"], case["asked"]) == ("cancel.not_shipped_in_time", 5980)
    await market.advance(days=2)
    assert (await market.ana.get("/orders/A-1"))["money"]["refunded"] == 5980


@pytest.mark.row("B4")
async def test_the_money_leaves_24_hours_after_cancelling_and_its_arrival_is_told(market: Market) -> None:
    await market.order()
    await market.advance(hours=2)
    case = await market.ana.post("/orders/A-1/cases", CHANGED_MIND)
    assert case["turn"]["until"] == "2026-03-03T11:00:00Z"
    assert case["turn"]["clause"] == "cancel.payout_not_before.default"
    await market.advance(hours=23, minutes=59)
    assert (await market.ana.get("/cases/A-1.1"))["case"]["state"] == "refund_approved"
    await market.advance(minutes=1)
    card = (await market.ana.get("/cases/A-1.1/refunds"))["refunds"][0]
    assert card["method"] == "card"
    # Three working days after Tuesday 3 March, and no later than the end of the fifteenth, Tuesday 24 March.
    assert (card["eta_from"], card["eta_by"]) == ("2026-03-06T00:00:00Z", "2026-03-25T00:00:00Z")


@pytest.mark.row("B5")
@pytest.mark.parametrize(
    ("tier", "price", "currency", "fast"),
    [
        ("standard", 100, "USD", False),
        ("platinum", 2500, "USD", True),
        ("platinum", 2501, "USD", False),
        ("diamond", 10_000, "USD", True),
        ("diamond", 10_001, "USD", False),
        # USD 25 at the pack's rates of 1.1172 and 175.68 to the euro: EUR 22.38, JPY 3931.
        ("platinum", 2238, "EUR", True),
        ("platinum", 2239, "EUR", False),
        ("platinum", 3931, "JPY", True),
        ("platinum", 3932, "JPY", False),
    ],
)
async def test_members_are_refunded_at_once_up_to_their_limit(
    market: Market, tier: str, price: int, currency: str, fast: bool
) -> None:
    await market.order(
        buyer_tier=tier,
        currency=currency,
        lines=[{"line_id": "L1", "title": "Bulb", "category": "home", "units": [{"item": price}]}],
        tenders=[{"tender_id": "T1", "method": "card", "captured": price, "currency": currency}],
    )
    case = await market.ana.post("/orders/A-1/cases", CHANGED_MIND)
    assert case["case"]["state"] == ("refund_initiated" if fast else "refund_approved")
    assert case["case"]["opened_at"] == START.isoformat().replace("+00:00", "Z")
