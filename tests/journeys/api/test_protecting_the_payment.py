"""The buyer's money from capture to the seller's bank, through the API."""

from typing import Any

import pytest

from amends.domain.parties import Role
from tests.journeys.api.market import Market, kind

ACCOUNTS = ("tender", "escrow", "seller", "platform", "cover", "carrier", "chargeback", "balance", "bank")


def balances(ledger: dict[str, Any]) -> dict[str, int]:
    """What posted transfers leave on each account."""
    found = dict.fromkeys(ACCOUNTS, 0)
    for entry in ledger["entries"]:
        transfer = entry["transfer"]
        if transfer["stage"] == "posted":
            found[transfer["debit"]] -= transfer["amount"]
            found[transfer["credit"]] += transfer["amount"]
    return found


@pytest.mark.row("A5")
async def test_the_money_is_held_until_the_buyer_confirms(market: Market) -> None:
    await market.delivered()
    held = await market.ana.get("/orders/A-1")
    assert (held["money"]["held"], held["stage"]) == (5980, "protected")
    answer = await market.ana.post("/orders/A-1/receipt")
    assert answer["stage"] == "released"
    assert (await market.seller.get("/orders/A-1"))["money"]["books"]["seller"] == 5980
    await market.advance(hours=24)
    assert (await market.seller.get("/orders/A-1"))["stage"] == "paid_out"


@pytest.mark.row("A5")
async def test_the_clock_releases_what_nobody_confirms_after_a_reminder(market: Market) -> None:
    await market.delivered()
    order = await market.ana.get("/orders/A-1")
    assert order["protection_ends_at"] == "2026-03-20T09:00:00Z"
    assert (order["turn"]["default"], order["turn"]["until"]) == ("remind_protection", "2026-03-17T09:00:00Z")
    await market.advance(days=12)
    reminded = await market.ana.get("/orders/A-1/timeline")
    assert reminded["events"][-1]["event"]["type"] == "protection_reminded"
    letters = await market.letters(Role.BUYER, "ana")
    reminder = next(letter for letter in letters if letter.event == "protection_reminded")
    assert "It ends on Friday, 20 March 2026" in reminder.text
    assert (await market.ana.get("/orders/A-1"))["turn"]["default"] == "release_escrow"
    await market.advance(days=3)
    assert (await market.ana.get("/orders/A-1"))["stage"] == "released"


@pytest.mark.row("A5")
async def test_a_parcel_that_never_arrives_is_protected_for_60_days(market: Market) -> None:
    await market.order()
    await market.ship()
    assert (await market.ana.get("/orders/A-1"))["protection_ends_at"] == "2026-05-01T09:00:00Z"


@pytest.mark.row("H5")
async def test_every_step_of_the_ledger_balances_and_the_seller_waits_for_the_open_case(
    market: Market,
) -> None:
    await market.delivered()
    await market.claim(wanted={"amount": 1000, "currency": "EUR", "goods": "keep"})
    await market.seller.post("/cases/A-1.1/offers", {"remedy": {"amount": 400, "currency": "EUR"}})
    await market.advance(days=4)
    await market.ana.post("/cases/A-1.1/offers", {"remedy": {"amount": 900, "currency": "EUR"}})
    await market.advance(days=4)
    await market.seller.post("/cases/A-1.1/escalation", {})
    await market.advance(days=8)
    # The protection is over, the case is not.
    held = await market.operator.get("/orders/A-1")
    assert (held["stage"], held["money"]["held"]) == ("held", 5980)
    assert held["money"]["books"]["seller"] == 0
    await market.mediator.post("/cases/A-1.1/assignment")
    ruling = {
        "remedy": {"amount": 600, "currency": "EUR"},
        "reasons": "Both have a point.",
        "findings": [{"fact": "A flaw", "clause": "freight.payer.fault"}],
    }
    await market.mediator.post("/cases/A-1.1/ruling", ruling)
    await market.advance(days=10)
    ledger = await market.operator.get("/orders/A-1/ledger")
    left = balances(ledger)
    assert sum(left.values()) == 0
    assert left["escrow"] == 0
    assert left["tender"] == -5980 + 600
    assert left["bank"] + left["seller"] == 5380
    books = (await market.operator.get("/orders/A-1"))["money"]["books"]
    assert {name: books[name] for name in ACCOUNTS} == left


@pytest.mark.row("H5")
async def test_an_open_case_keeps_the_buyer_from_releasing_by_mistake(market: Market) -> None:
    await market.delivered()
    await market.claim()
    problem = await market.ana.refused("POST", "/orders/A-1/receipt")
    assert kind(problem) == "not_possible_now"
    assert problem["facts"]["cases"] == ["A-1.1"]
