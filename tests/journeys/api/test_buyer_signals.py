"""What stands out about a buyer, through the API: told to people, explained, contested, without effect."""

from typing import Any

import pytest

from amends.application.ports import KeyRole
from amends.domain.parties import Role
from tests.journeys.api.market import Market, claim_body, kind

pytestmark = pytest.mark.row("P10")


async def sends_back(market: Market, order_id: str) -> None:
    """One order that goes back because the buyer changed their mind."""
    units = [{"line_id": "L1", "index": 0}]
    wanted = {"amount": 2200, "currency": "EUR", "goods": "return"}
    await market.claim(order_id, reason="no_reason.changed_mind", units=units, wanted=wanted, evidence=[])
    await market.seller.post(f"/cases/{order_id}.1/acceptance", {})
    await market.seller.post(f"/cases/{order_id}.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    tracked = {"carrier": "dhl", "tracking_number": "RR123456785DE"}
    await market.ana.post(f"/cases/{order_id}.1/shipment", tracked)


async def stands_out(market: Market, orders_placed: int = 10) -> None:
    """Orders of Ana's, of which five go back."""
    orders = [f"A-{number}" for number in range(orders_placed)]
    for order_id in orders:
        await market.order(order_id)
    await market.advance(days=1)
    for order_id in orders:
        await market.ship(order_id)
    await market.advance(days=2)
    for order_id in orders:
        await market.scan(order_id)
    for order_id in orders[:5]:
        await sends_back(market, order_id)


def without_ids(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in {"order_id", "line_id"}}


async def test_it_is_told_with_its_facts_and_changes_no_option_and_no_amount(market: Market) -> None:
    await stands_out(market, 9)
    for order_id, buyer in (("M-1", "ana"), ("M-2", "bo")):
        await market.order(order_id, buyer_id=buyer)
    await market.advance(days=1)
    for order_id in ("M-1", "M-2"):
        await market.ship(order_id)
        await market.scan(order_id)
    known = await market.mediator.get("/buyers/ana/signals")
    (signal,) = known["signals"]
    facts = [signal[name] for name in ("sign", "count", "of", "least", "share")]
    assert facts == ["serial_returns", 5, 10, 5, 5000]
    assert sorted(signal["basis"]) == [f"A-{number}.1" for number in range(5)]
    assert signal["clause"] == "signals.default"
    assert (await market.operator.get("/buyers/bo/signals"))["signals"] == []
    # The very same is open to Ana and to Bo, for the same amounts, and a claim takes the same way.
    path = "/orders/{}/lines/L1/options?reason=no_reason.changed_mind"
    ana, bo = (
        await market.ana.get(path.format("M-1")),
        await market.bo.get(path.format("M-2")),
    )
    assert without_ids(ana) == without_ids(bo)
    hers = await market.ana.post("/orders/M-1/cases", claim_body())
    his = await market.bo.post("/orders/M-2/cases", claim_body())
    assert hers["turn"] == his["turn"]
    assert hers["case"]["wanted"] == his["case"]["wanted"]


async def test_who_decides_and_the_buyer_see_it_and_nobody_else(market: Market) -> None:
    await stands_out(market)
    mine = await market.ana.get("/buyers/ana/signals")
    assert [one["sign"] for one in mine["signals"]] == ["serial_returns"]
    assert kind(await market.bo.refused("GET", "/buyers/ana/signals")) == "not_found"
    for nobody in (market.seller, market.carrier, market.provider, market.shop):
        assert kind(await nobody.refused("GET", "/buyers/ana/signals")) == "forbidden"
    assert kind(await market.mediator.refused("GET", "/signal-contests")) == "forbidden"


async def test_the_buyer_contests_and_a_person_removes_it(market: Market) -> None:
    await stands_out(market)
    path = "/buyers/ana/signals/serial_returns/contests"
    told = await market.ana.post(path, {"reason": "The shop's sizes run small; it says so itself."})
    assert told["state"] == "open"
    assert kind(await market.ana.refused("POST", path, {"reason": "Again."})) == "not_possible_now"
    assert kind(await market.bo.refused("POST", path, {"reason": "Not mine."})) == "not_found"
    wrong = "/buyers/ana/signals/high_rate/contests"
    assert kind(await market.ana.refused("POST", wrong, {"reason": "No."})) == "not_found"
    assert (await market.mediator.get("/buyers/ana/signals"))["signals"][0]["contested"] is True
    (waiting,) = (await market.operator.get("/signal-contests"))["contests"]
    await market.advance(hours=1)
    assert any(one.event == "signal_contested" for one in await market.letters(Role.OPERATOR, "olga"))
    review = f"/signal-contests/{waiting['contest_id']}/review"
    note = {"verdict": "removed", "note": "The shop's own table was wrong."}
    answer = await market.operator.send("POST", review, note)
    assert answer.json()["state"] == "removed"
    again = await market.operator.refused("POST", review, {**note, "verdict": "upheld"})
    assert kind(again) == "not_possible_now"
    mine = await market.ana.get("/buyers/ana/signals")
    assert mine["signals"] == []
    assert mine["contests"][0]["note"] == "The shop's own table was wrong."
    await market.advance(hours=1)
    (told,) = [one for one in await market.letters(Role.BUYER, "ana") if one.event == "signal_reviewed"]
    # What was decided is for who signs in, not for a mailbox.
    assert "table" not in told.text


async def test_accounts_at_one_address_are_told_to_who_decides_by_name(market: Market) -> None:
    await market.person(KeyRole.BUYER, "bo")
    key = {"address_key": "7f3a"}
    for number in range(3):
        await market.delivered(f"A-{number}", **key)
        await market.claim(f"A-{number}")
        await market.delivered(f"B-{number}", buyer_id="bo", **key)
        await market.bo.post(f"/orders/B-{number}/cases", claim_body())
    (signal,) = (await market.mediator.get("/buyers/ana/signals"))["signals"]
    assert (signal["sign"], signal["count"], signal["basis"]) == ("linked_accounts", 6, ["bo"])
    (own,) = (await market.ana.get("/buyers/ana/signals"))["signals"]
    assert (own["sign"], own["basis"]) == ("linked_accounts", [])
