"""Refunds to the cent: where they go, in which stages, when they arrive, and never too much."""

import asyncio
from typing import Any

import pytest

from amends.domain.parties import Role
from tests.journeys.api.market import Market, claim_body, kind


async def refunded(market: Market, amount: int = 2000, **order: Any) -> None:
    """A claim of that many cents that the seller accepted."""
    await market.delivered(**order)
    await market.claim(wanted={"amount": amount, "goods": "keep"})
    await market.seller.post("/cases/A-1.1/acceptance", {})


@pytest.mark.row("H1")
async def test_a_refund_goes_back_to_every_method_in_proportion(market: Market) -> None:
    await refunded(market, 2000)
    refunds = (await market.ana.get("/cases/A-1.1/refunds"))["refunds"]
    # 4980 of 5980 were paid by card: 1665.55 and 334.45 of 2000, by largest remainder.
    assert [(one["tender_id"], one["method"], one["amount"]) for one in refunds] == [
        ("T1", "card", 1666),
        ("T2", "wallet", 334),
    ]
    await market.advance(days=4)
    paid = {one.target: one.amount for one in market.parts.vault.requests.values() if one.kind == "refund"}
    assert paid == {"pay-1": 1666, "pay-2": 334}


@pytest.mark.row("H2")
async def test_the_stages_of_a_refund_are_told_to_the_buyer_in_the_account_and_by_mail(
    market: Market,
) -> None:
    await refunded(market)
    await market.advance(days=20)
    told = [letter.event for letter in await market.letters(Role.BUYER, "ana") if letter.case_id == "A-1.1"]
    stages = [one for one in reversed(told) if one.startswith("refund_")]
    assert list(dict.fromkeys(stages)) == ["refund_approved", "refund_initiated", "refund_confirmed"]
    mails = [subject for to, subject in market.parts.post.sent if to == "ana@example.com"]
    assert len(mails) >= len(set(stages))
    events = [one["event"]["type"] for one in (await market.ana.get("/cases/A-1.1/timeline"))["events"]]
    assert [one for one in dict.fromkeys(events) if one.startswith("refund_")] == list(dict.fromkeys(stages))


@pytest.mark.row("H3")
@pytest.mark.parametrize(
    ("method", "eta_from", "eta_by"),
    [
        # Initiated on Thursday 2 April 2026; Good Friday and Easter Monday are no bank days.
        ("wallet", "2026-04-07T00:00:00Z", "2026-04-10T00:00:00Z"),
        ("card", "2026-04-09T00:00:00Z", "2026-04-28T00:00:00Z"),
        ("bank_transfer", "2026-04-15T00:00:00Z", "2026-05-06T00:00:00Z"),
    ],
)
async def test_the_arrival_is_told_by_method_on_the_bank_calendar(
    market: Market, method: str, eta_from: str, eta_by: str
) -> None:
    await market.advance(days=28)
    tender = {"tender_id": "T1", "method": method, "captured": 5980, "provider_ref": "pay-1"}
    await refunded(market, tenders=[tender])
    (refund,) = (await market.ana.get("/cases/A-1.1/refunds"))["refunds"]
    assert (refund["stage"], refund["eta_from"], refund["eta_by"]) == ("initiated", eta_from, eta_by)


@pytest.mark.row("H3")
async def test_an_overdue_refund_is_flagged_to_support(market: Market) -> None:
    tender = {"tender_id": "T1", "method": "wallet", "captured": 5980, "provider_ref": "pay-unreachable"}
    await refunded(market, tenders=[tender])
    due = (await market.ana.get("/cases/A-1.1"))["turn"]["until"]
    assert (await market.ana.get("/cases/A-1.1"))["turn"]["default"] == "flag_overdue"
    await market.operator.post("/sandbox/clock", {"to": due})
    events = (await market.ana.get("/cases/A-1.1/timeline"))["events"]
    (flagged,) = [one for one in events if one["event"]["type"] == "refund_overdue"]
    assert flagged["at"] == due
    assert any(letter.event == "refund_overdue" for letter in await market.letters(Role.BUYER, "ana"))
    # What never left the provider is stopped there, and the buyer says where it shall go instead.
    case = await market.ana.get("/cases/A-1.1")
    assert (case["case"]["state"], case["turn"]["on"]) == ("refund_method_needed", "buyer")


@pytest.mark.row("H4", "P4")
async def test_the_worksheet_shows_each_cent_by_component_and_payer(market: Market) -> None:
    await market.delivered()
    sheet = await market.ana.get("/orders/A-1/worksheet?units=L1:0")
    rows = {row["component"]: (row["amount"], row["payer"]) for row in sheet["rows"]}
    assert rows == {
        "item": (2400, "seller"),
        "discount": (-200, "seller"),
        "shipping": (490, "seller"),
        "tax": (300, "seller"),
    }
    assert (
        sheet["total"] == 2990 == sum(amount for amount, _ in rows.values()) == sum(sheet["split"].values())
    )
    goods = await market.ana.get("/orders/A-1/worksheet?units=L1:0,L1:1&scope=goods")
    assert goods["total"] == 5000
    part = await market.ana.get("/orders/A-1/worksheet?units=L1:0,L1:1&scope=amount&amount=1001")
    assert part["units"] == {"L1#0": 500, "L1#1": 501}
    assert sum(row["amount"] for row in part["rows"]) == 1001
    too_much = await market.ana.refused("GET", "/orders/A-1/worksheet?units=L1:0&scope=amount&amount=2991")
    assert (kind(too_much), too_much["facts"]["most"]) == ("amount_too_high", 2990)
    unknown = await market.ana.refused("GET", "/orders/A-1/worksheet?units=L9:0")
    assert kind(unknown) == "unknown_line"


@pytest.mark.row("H4")
async def test_never_more_is_refunded_than_captured_whatever_happens_at_once(market: Market) -> None:
    await market.delivered()
    units = ({"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1})

    async def claim(n: int) -> None:
        body = claim_body(units=[units[n % 2]], wanted={"amount": 2990, "goods": "return"})
        await market.ana.send("POST", "/orders/A-1/cases", body)

    await asyncio.gather(*(claim(n) for n in range(16)))
    cases = (await market.ana.get("/cases"))["cases"]
    assert len(cases) == 2
    for case in cases:
        await market.seller.post(f"/cases/{case['case_id']}/offers", {"remedy": {"amount": 2990}})
        accept = (market.ana.send("POST", f"/cases/{case['case_id']}/acceptance", {}) for _ in range(8))
        answers = [one.status_code for one in await asyncio.gather(*accept)]
        assert sorted(answers) == [201, *[409] * 7]
    await market.advance(days=10)
    money = (await market.ana.get("/orders/A-1"))["money"]
    assert (money["refunded"], money["captured"], money["refundable"]) == (5980, 5980, 0)
    paid = [one.amount for one in market.parts.vault.requests.values() if one.kind == "refund"]
    assert sum(paid) == 5980


@pytest.mark.row("H4")
async def test_what_was_not_captured_cannot_be_asked_for(market: Market) -> None:
    await market.delivered(tenders=[{"tender_id": "T1", "method": "card", "captured": 3000}])
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L1", "index": 1}]
    body = claim_body(units=units, wanted={"amount": 3001, "goods": "return"})
    problem = await market.ana.refused("POST", "/orders/A-1/cases", body)
    assert (kind(problem), problem["facts"]["most"]) == ("amount_too_high", 3000)
    sheet = await market.ana.get("/orders/A-1/worksheet?units=L1:0,L1:1")
    assert (sheet["total"], sheet["notes"]) == (3000, ["capped_at_captured"])


@pytest.mark.row("P3")
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
async def test_three_partial_refunds_of_one_piece_end_at_exactly_what_was_paid(
    market: Market, currency: str
) -> None:
    unit = {"item": 1000, "discount": 1, "shipping": 2, "tax": 333, "fee": 7}
    paid = 1341
    await market.delivered(
        currency=currency,
        lines=[{"line_id": "L1", "title": "Cup", "category": "home", "units": [unit, unit, unit]}],
        tenders=[
            {"tender_id": "T1", "method": "card", "captured": 2 * paid, "currency": currency},
            {"tender_id": "T2", "method": "wallet", "captured": paid, "currency": currency},
        ],
    )
    shares = await market.ana.get("/orders/A-1/worksheet?units=L1:0,L1:1,L1:2&scope=amount&amount=1000")
    # The last piece takes the residue.
    assert list(shares["units"].values()) == [333, 333, 334]
    for n in range(3):
        await market.claim(
            units=[{"line_id": "L1", "index": n}],
            reason="fake.counterfeit",
            wanted={"amount": paid, "currency": currency, "goods": "keep"},
        )
        await market.seller.post(f"/cases/A-1.{n + 1}/acceptance", {})
    await market.advance(days=20)
    order = await market.operator.get("/orders/A-1")
    assert order["money"]["refunded"] == 3 * paid
    assert order["money"]["books"]["refunded"] == {"T1": 2 * paid, "T2": paid}
    assert order["money"]["books"]["unit_refunded"] == {"L1#0": paid, "L1#1": paid, "L1#2": paid}


@pytest.mark.row("P3")
async def test_prices_are_frozen_at_purchase(market: Market) -> None:
    await market.order()
    dearer = market.told_again()
    dearer["lines"] = [{**dearer["lines"][0], "units": [{"item": 9000}, {"item": 9000}]}]
    problem = await market.shop.refused("PUT", "/orders/A-1", dearer)
    assert (kind(problem), problem["status"]) == ("frozen_at_purchase", 409)


async def test_after_a_failure_the_buyer_chooses_another_way_and_the_seller_never_sees_the_account(
    market: Market,
) -> None:
    tender = {"tender_id": "T1", "method": "card", "captured": 5980, "provider_ref": "pay-declined"}
    await refunded(market, tenders=[tender])
    await market.advance(hours=1)
    case = await market.ana.get("/cases/A-1.1")
    assert case["case"]["state"] == "refund_method_needed"
    body = {"method": "bank_transfer", "destination": "acct-7Q2"}
    chosen = await market.ana.post("/cases/A-1.1/refund-method", body)
    assert "acct-7Q2" in str(chosen)
    for path in (
        "/cases/A-1.1",
        "/cases/A-1.1?timeline=true",
        "/cases/A-1.1/timeline",
        "/cases/A-1.1/refunds",
    ):
        assert "acct-7Q2" not in str(await market.seller.get(path)), path
    assert "acct-7Q2" not in str(await market.seller.get("/orders/A-1/timeline"))
    await market.advance(days=1)
    assert (await market.ana.get("/cases/A-1.1"))["money"]["confirmed"] == 2000
