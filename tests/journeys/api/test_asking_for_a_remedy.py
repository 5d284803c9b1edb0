"""What a buyer may ask for, until when, and what it would bring, through the API."""

from typing import Any

import pytest

from amends.application.policies import PolicyBook
from tests.journeys.api.market import Market, claim_body, kind, open_market
from tests.journeys.api.policies import pack, stacked

TREE = {
    "not_received": 11,
    "not_as_described": 9,
    "quality": 7,
    "fake": 2,
    "late": 1,
    "no_reason": 4,
    "cancel": 6,
    "return": 5,
}


async def options(market: Market, order_id: str, reason: str, **more: object) -> dict[str, dict[str, Any]]:
    """The options of the order's line by remedy, each with its sentence."""
    query = "&".join([f"reason={reason}", *(f"{name}={value}" for name, value in more.items())])
    found = await market.ana.get(f"/orders/{order_id}/lines/L1/options?{query}")
    return {
        one["option"]["remedy"]: {**one["option"], "sentence": one["sentence"]} for one in found["options"]
    }


def of_goods(category: str, price: int = 5000, **line: object) -> dict[str, Any]:
    """An order of one piece, as changes of the usual one."""
    units = [{"item": price}]
    return {
        "lines": [{"line_id": "L1", "title": "Thing", "category": category, "units": units, **line}],
        "tenders": [{"tender_id": "T1", "method": "card", "captured": price}],
    }


@pytest.mark.row("C1")
async def test_the_whole_tree_of_reasons_says_what_each_needs(market: Market) -> None:
    tree = await market.ana.get("/reasons")
    assert {family["family"]: len(family["reasons"]) for family in tree["families"]} == TREE
    for family in tree["families"]:
        for reason in family["reasons"]:
            assert reason["code"].startswith(f"{family['family']}.")
            assert reason["who_proves"] in {"buyer", "seller"}
            assert reason["evidence"]
            assert reason["remedies"]
            assert reason["windows"]


@pytest.mark.row("C1")
async def test_every_reason_of_a_delivered_order_gets_an_answer(market: Market) -> None:
    await market.delivered()
    tree = await market.ana.get("/reasons")
    for family in tree["families"]:
        for reason in family["reasons"]:
            for option in (await options(market, "A-1", reason["code"])).values():
                assert option["open"] or option["why_closed"], (reason["code"], option["remedy"])
                assert option["clause"]
                assert option["sentence"]


@pytest.mark.row("C1")
async def test_an_unknown_reason_is_refused_everywhere(market: Market) -> None:
    await market.delivered()
    problem = await market.ana.refused("GET", "/orders/A-1/lines/L1/options?reason=quality.smell")
    assert (kind(problem), problem["parameter"]) == ("unknown_reason", "reason")
    problem = await market.ana.refused("POST", "/orders/A-1/cases", claim_body(reason="quality.smell"))
    assert (kind(problem), problem["pointer"]) == ("unknown_reason", "/reason")


@pytest.mark.row("C2")
async def test_non_arrival_may_be_reported_for_60_days_from_shipping(market: Market) -> None:
    await market.order()
    await market.ship()
    refund = (await options(market, "A-1", "not_received.overdue"))["refund"]
    assert (refund["why_closed"], refund["deadline"]) == ("not_open_yet", "2026-05-01T09:00:00Z")
    body = claim_body(reason="not_received.overdue", wanted={"amount": 2990, "goods": "keep"})
    assert kind(await market.ana.refused("POST", "/orders/A-1/cases", body)) == "not_open_yet"
    await market.advance(days=57)
    case = await market.ana.post("/orders/A-1/cases", body)
    assert case["case"]["state"] == "awaiting_seller"


@pytest.mark.row("C2")
@pytest.mark.parametrize("late", [False, True])
async def test_a_return_may_be_asked_for_until_15_days_after_receipt(market: Market, late: bool) -> None:
    await market.delivered()
    await market.advance(days=14, hours=23, minutes=59, seconds=60 if late else 59)
    body = claim_body(reason="no_reason.changed_mind", wanted={"amount": 2500, "goods": "return"})
    if late:
        problem = await market.ana.refused("POST", "/orders/A-1/cases", body)
        assert (kind(problem), problem["clause"]) == ("window_closed", "return.window.default")
        assert problem["facts"]["closed_at"] == "2026-03-20T09:00:00+00:00"
    else:
        assert (await market.ana.post("/orders/A-1/cases", body))["case"]["state"] == "awaiting_seller"


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("layer", "clause", "ends"),
    [
        ("seller", '"return.window" = "30 d" | seller = ["lamps"] | 30 days.', "2026-04-04T09:00:00Z"),
        ("seller", '"return.window" = "30 d" | seller = ["rival"] | 30 days.', "2026-03-20T09:00:00Z"),
        ("category", '"return.window" = "20 d" | category = ["home"] | 20 days.', "2026-03-25T09:00:00Z"),
        ("category", '"return.window" = "25 d" | shipping_method = ["sea"] | 25.', "2026-03-30T09:00:00Z"),
        ("category", '"return.window" = "18 d" | reason = ["quality"] | 18.', "2026-03-23T09:00:00Z"),
        ("category", '"return.window" = "18 d" | reason = ["fake"] | 18.', "2026-03-20T09:00:00Z"),
    ],
)
async def test_the_window_varies_by_seller_category_reason_and_shipping(
    layer: str, clause: str, ends: str
) -> None:
    async with open_market(policy=stacked(pack(layer, clause))) as market:
        await market.delivered(shipping_method="sea")
        assert (await options(market, "A-1", "quality.defective"))["return"]["deadline"] == ends


@pytest.mark.row("C3")
@pytest.mark.parametrize(
    ("layer", "clause", "ends"),
    [
        # A holiday season: what is bought in March may come back until the end of April.
        (
            "promotion",
            '"return.extension_until" = "2026-04-30" | placed_from = 2026-03-01T00:00:00Z | End of April.',
            "2026-05-01T00:00:00Z",
        ),
        (
            "promotion",
            '"return.extension" = "21 d" | category = ["home"] | Three weeks.',
            "2026-03-26T09:00:00Z",
        ),
        ("negotiated", '"return.extension" = "40 d" | order = ["A-1"] | As agreed.', "2026-04-14T09:00:00Z"),
        ("negotiated", '"return.extension" = "40 d" | order = ["A-2"] | As agreed.', "2026-03-20T09:00:00Z"),
        # Of several the latest wins: five days are less than the window itself.
        ("promotion", '"return.extension" = "5 d" | | Five days.', "2026-03-20T09:00:00Z"),
    ],
)
async def test_holidays_promotions_and_agreements_extend_the_window(
    layer: str, clause: str, ends: str
) -> None:
    async with open_market(policy=stacked(pack(layer, clause))) as market:
        await market.delivered()
        window = next(
            one for one in (await market.ana.get("/orders/A-1"))["windows"] if one["name"] == "return.window"
        )
        assert window["closes_at"] == ends
        assert (await options(market, "A-1", "no_reason.changed_mind"))["return"]["deadline"] == ends


@pytest.mark.row("C4")
async def test_the_condition_goods_come_back_in_is_told_and_packaging_alone_never_decides(
    market: Market,
) -> None:
    await market.delivered()
    terms = {one["name"]: one for one in (await market.ana.get("/orders/A-1/lines/L1/terms"))["terms"]}
    assert set(terms["condition.required"]["value"]) == {
        "unused", "unworn", "unwashed", "undamaged", "tags", "complete", "packaging", "proof_of_purchase",
    }  # fmt: skip
    assert terms["condition.graded"]["value"] == ["packaging"]
    assert "packaging alone never decides" in terms["condition.required"]["sentence"]


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    ("category", "line"),
    [
        ("underwear", {}),
        ("swimwear", {}),
        ("earrings", {}),
        ("wigs", {}),
        ("gifts", {"traits": ["custom"]}),
        ("food", {"traits": ["perishable"]}),
        ("software", {"traits": ["digital"]}),
        ("beauty", {"traits": ["opened_hygiene"]}),
    ],
)
async def test_some_goods_cannot_come_back_but_faulty_ones_are_refunded_without_return(
    market: Market, category: str, line: dict[str, Any]
) -> None:
    await market.delivered(**of_goods(category, **line))
    returned = (await options(market, "A-1", "no_reason.changed_mind"))["return"]
    assert (returned["open"], returned["why_closed"]) == (False, "unreturnable")
    assert returned["clause"] == "unreturnable.default"
    faulty = await options(market, "A-1", "quality.defective")
    assert (faulty["refund"]["open"], faulty["refund"]["goods"]) == (True, "keep")
    assert faulty["refund"]["clause"] == "unreturnable.except.default"
    assert (faulty["exchange"]["open"], faulty["exchange"]["goods"]) == (True, "keep")
    body = claim_body(reason="no_reason.changed_mind", wanted={"amount": 5000, "goods": "return"})
    problem = await market.ana.refused("POST", "/orders/A-1/cases", body)
    assert (kind(problem), problem["clause"]) == ("remedy_closed", "unreturnable.default")
    body = claim_body(reason="quality.defective", wanted={"amount": 5000, "goods": "keep"})
    assert (await market.ana.post("/orders/A-1/cases", body))["money"]["asked"] == 5000


@pytest.mark.row("C6")
@pytest.mark.parametrize(
    ("severity", "low", "high"),
    [("cosmetic", 250, 500), ("flaw", 500, 1000), ("impaired", 1000, 1750), ("useless", 2500, 2500)],
)
async def test_a_partial_refund_is_suggested_by_how_bad_it_is(
    market: Market, severity: str, low: int, high: int
) -> None:
    await market.delivered()
    partial = (await options(market, "A-1", "quality.defective", severity=severity))["partial"]
    assert partial["suggested"] == [low, high]


@pytest.mark.row("C6")
@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("fake.counterfeit", {"amount": 2990, "goods": "keep"}),
        ("quality.defective", {"amount": 700, "goods": "keep"}),
        ("quality.defective", {"amount": 2990, "goods": "return"}),
        ("quality.defective", {"amount": 2990, "goods": "return", "exchange_variant": "white"}),
    ],
)
async def test_full_refund_partial_refund_return_and_exchange_can_be_asked_for(
    market: Market, reason: str, wanted: dict[str, Any]
) -> None:
    await market.delivered()
    asked = (await market.claim(reason=reason, wanted=wanted))["case"]["wanted"]
    assert {name: asked[name] for name in wanted} == wanted


@pytest.mark.row("C6")
async def test_no_refund_is_above_what_was_paid(market: Market) -> None:
    await market.delivered()
    body = claim_body(wanted={"amount": 2991, "goods": "return"})
    problem = await market.ana.refused("POST", "/orders/A-1/cases", body)
    assert (kind(problem), problem["status"]) == ("amount_too_high", 422)
    assert (problem["pointer"], problem["facts"]) == ("/wanted/amount", {"asked": 2991, "most": 2990})


@pytest.mark.row("C7", "P4")
async def test_before_filing_the_buyer_sees_every_remedy_with_its_price_and_date(market: Market) -> None:
    await market.delivered()
    found = await options(market, "A-1", "no_reason.changed_mind", quantity=2)
    returned = found["return"]
    # Who changed their mind gets the goods' price back, not the shipping, and pays the way.
    assert (returned["amount"], returned["freight_payer"]) == (5000, "buyer")
    assert returned["deadline"] == "2026-03-20T09:00:00Z"
    assert returned["eta"][0] < returned["eta"][1]
    assert returned["sentence"].startswith("The buyer has 15 days after receipt")
    for remedy in ("refund", "partial", "exchange", "cancellation"):
        closed = found[remedy]
        assert (closed["open"], closed["amount"]) == (False, 0)
        assert closed["why_closed"] in {"not_for_reason", "not_exchangeable"}
        assert closed["sentence"]
    # Asking changed nothing.
    assert (await market.ana.get("/cases"))["cases"] == []


@pytest.mark.row("C7")
async def test_pieces_in_another_case_are_closed_with_that_case(market: Market) -> None:
    await market.delivered()
    await market.claim(units=[{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}])
    option = (await options(market, "A-1", "quality.defective"))["return"]
    assert (option["why_closed"], option["facts"]["cases"]) == ("unit_taken", ["A-1.1"])
    assert kind(await market.ana.refused("POST", "/orders/A-1/cases", claim_body())) == "unit_taken"


@pytest.mark.row("P2")
async def test_a_later_policy_never_touches_an_earlier_order(market: Market) -> None:
    await market.delivered("A-1")
    before = await market.ana.get("/orders/A-1/lines/L1/terms")
    clause = '"return.window" = "30 d" | seller = ["lamps"] | 30 days.'
    market.parts.sellers.book = PolicyBook(stacked(pack("seller", clause, published="2026-03-05T00:00:00Z")))
    # Told again under the new policy, the old order keeps its terms; a new one has the new.
    body = market.told_again("A-1")
    assert (await market.shop.send("PUT", "/orders/A-1", body)).status_code == 200
    await market.delivered("A-2")
    assert await market.ana.get("/orders/A-1/lines/L1/terms") == before
    now = {one["name"]: one for one in (await market.ana.get("/orders/A-2/lines/L1/terms"))["terms"]}
    assert (now["return.window"]["value"]["amount"], now["return.window"]["clause"]) == (30, "extra.0")
    beaten = [one["clause"] for one in now["return.window"]["weighed"] if not one["won"]]
    assert beaten == ["return.window.default"]
    assert (await options(market, "A-1", "quality.defective"))["return"]["deadline"] == "2026-03-20T09:00:00Z"


@pytest.mark.row("P4")
async def test_an_action_can_be_tried_out_without_doing_it(market: Market) -> None:
    await market.delivered()
    await market.claim(wanted={"amount": 2000, "goods": "keep"})
    before = await market.seller.get("/cases/A-1.1?timeline=true")
    trial = {"action": "accept_offer", "body": {"offer_id": 1}}
    tried = (await market.seller.send("POST", "/cases/A-1.1/simulation", trial)).json()
    assert (tried["state"], tried["money"]["initiated"]) == ("refund_initiated", 2000)
    silent = (await market.seller.send("POST", "/cases/A-1.1/simulation", {"action": "lapse"})).json()
    assert (silent["settlement"]["by"], silent["at"]) == ("silence", "2026-03-10T09:00:00Z")
    refused = await market.seller.refused("POST", "/cases/A-1.1/simulation", {"action": "withdraw"})
    assert kind(refused) == "forbidden"
    assert await market.seller.get("/cases/A-1.1?timeline=true") == before
    done = await market.seller.post("/cases/A-1.1/acceptance", {"offer_id": 1})
    assert (done["case"]["state"], done["money"]) == (tried["state"], tried["money"])
