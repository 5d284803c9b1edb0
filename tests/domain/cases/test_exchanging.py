"""Exchange: another variant instead of money, and the money when it fails."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import (
    DAMAGED,
    INSTRUCT,
    SHIP_REPLACEMENT,
    SHIP_RETURN,
    arrived,
    reach,
    verdicts,
)
from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Outcome, Remedy, State
from amends.domain.orders import Signal
from amends.domain.parties import Role

BLUE = Remedy(9000, Goods.RETURN, "blue")


def exchange_in_inspection() -> Market:
    """An exchange for blue that needs the first lamps back; they have just come back."""
    market = Market.delivered()
    market.open(replace(DAMAGED, wanted=BLUE))
    market.must(c.AcceptOffer(), SELLER)
    market.must(INSTRUCT, SELLER)
    market.must(SHIP_RETURN, BUYER)
    market.must(arrived(market), CARRIER)
    return market


def scan(market: Market, signal: Signal) -> c.RecordReplacementScan:
    """A scan of the replacement, made now."""
    return c.RecordReplacementScan(signal=signal, scanned_at=market.now)


@pytest.mark.parametrize("how", ["accepted", "silent"])
def test_the_replacement_is_due_once_the_goods_are_back(how: str) -> None:
    market = exchange_in_inspection()
    if how == "accepted":
        market.must(verdicts(True, True), SELLER)
    else:
        market.to_deadline()
    case = market.case
    assert case.state is State.AWAITING_REPLACEMENT
    assert case.waiting is not None
    assert (case.waiting.on, case.waiting.until) == (Role.SELLER, market.now + timedelta(days=7))
    assert market.books() == {"escrow": 9000}


def test_without_instructions_the_replacement_comes_and_nothing_goes_back() -> None:
    market = Market.delivered()
    market.open(replace(DAMAGED, wanted=BLUE))
    market.must(c.AcceptOffer(), SELLER)
    market.to_deadline()
    assert market.case.state is State.AWAITING_REPLACEMENT


@pytest.mark.parametrize("how", ["scanned", "confirmed"])
def test_a_replacement_that_arrives_ends_the_case_and_the_money_is_the_sellers(how: str) -> None:
    market = reach(State.REPLACEMENT_IN_TRANSIT)
    if how == "scanned":
        market.must(scan(market, Signal.DELIVERED), CARRIER)
    else:
        market.must(c.ConfirmReplacement(), BUYER)
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.EXCHANGED)
    assert market.books() == {"escrow": 9000}
    # The new lamps may be faulty too.
    assert market.open(DAMAGED).case_id == "o1.2"


@pytest.mark.parametrize("how", ["never sent", "silence", "lost"])
def test_a_replacement_that_does_not_come_is_paid_for(how: str) -> None:
    market = reach(State.AWAITING_REPLACEMENT if how == "never sent" else State.REPLACEMENT_IN_TRANSIT)
    if how == "lost":
        market.must(scan(market, Signal.LOST), CARRIER)
    else:
        market.to_deadline()
    assert "ReplacementFailed" in market.events()
    assert market.case.state is State.REFUND_INITIATED
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    assert market.books() == {}


def test_an_exchange_agreed_without_an_amount_is_still_paid_for_when_it_fails() -> None:
    market = Market.delivered()
    market.open(DAMAGED)
    market.must(c.MakeOffer(remedy=Remedy(0, Goods.KEEP, "blue")), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.to_deadline()
    market.confirm_refunds()
    assert (market.case.outcome, market.books()) == (Outcome.REFUNDED, {})


def test_the_way_of_a_replacement_is_watched_like_that_of_a_return() -> None:
    market = reach(State.REPLACEMENT_IN_TRANSIT)
    assert market.case.replacement is not None
    shipped = market.case.replacement.shipped_at
    for _ in range(3):
        market.wait(days=19)
        market.must(scan(market, Signal.IN_TRANSIT), CARRIER)
    assert market.case.waiting is not None
    assert market.case.waiting.until == shipped + timedelta(days=60)
    assert market.case.waiting.clause == "exchange.transit_max.default"
    ahead = c.RecordReplacementScan(signal=Signal.DELIVERED, scanned_at=market.now + timedelta(seconds=1))
    market.refused("invalid", ahead, CARRIER)


@pytest.mark.parametrize("change", [{"tracking_number": "12"}, {"carrier": ""}])
def test_a_replacement_has_a_carrier_and_a_number(change: dict[str, str]) -> None:
    reach(State.AWAITING_REPLACEMENT).refused("invalid", replace(SHIP_REPLACEMENT, **change), SELLER)


def test_a_rejected_exchange_pays_for_the_accepted_unit() -> None:
    market = exchange_in_inspection()
    market.must(verdicts(True, False), SELLER)
    market.must(c.AcceptRejection(), BUYER)
    market.confirm_refunds()
    assert market.books() == {"escrow": 4500}


def test_a_contested_exchange_ends_in_money() -> None:
    market = exchange_in_inspection()
    market.must(verdicts(False, False), SELLER)
    market.must(c.ContestRejection(note="They came back as they were."), BUYER)
    while market.case.state is not State.RULED:
        market.to_deadline()
    remedy = market.case.rulings[-1].remedy
    assert (remedy.amount, remedy.goods, remedy.exchange_variant) == (9000, Goods.KEEP, "")
    market.to_deadline()
    assert market.case.state is State.REFUND_INITIATED


def test_a_lost_return_of_an_exchange_is_paid_by_the_protection() -> None:
    market = Market.delivered()
    market.open(replace(DAMAGED, wanted=BLUE))
    market.must(c.AcceptOffer(), SELLER)
    market.must(INSTRUCT, SELLER)
    market.must(replace(SHIP_RETURN, receipt="receipt.jpg"), BUYER)
    market.to_deadline()
    market.confirm_refunds()
    assert market.books() == {"seller": 9000, "cover": -9000}


def agreed_exchange() -> Market:
    """An exchange for blue, agreed, whose lamps have yet to come back."""
    market = Market.delivered()
    market.open(replace(DAMAGED, wanted=BLUE))
    market.must(c.AcceptOffer(), SELLER)
    return market


@pytest.mark.row("I1")
@pytest.mark.parametrize("steps", [0, 1, 2, 3], ids=["agreed", "instructed", "shipped", "arrived"])
def test_sold_out_while_the_goods_come_back_turns_the_exchange_into_a_refund(steps: int) -> None:
    market = agreed_exchange()
    way: list[tuple[Any, Any]] = [(INSTRUCT, SELLER), (SHIP_RETURN, BUYER), (None, CARRIER)]
    for command, by in way[:steps]:
        market.must(command or arrived(market), by)
    before = market.case
    market.must(c.RecordSoldOut(variant="blue"), OPERATOR)
    # Nobody's turn changes: the goods come back all the same.
    assert (market.case.state, market.case.waiting) == (before.state, before.waiting)
    for command, by in way[steps:]:
        market.must(command or arrived(market), by)
    market.must(verdicts(True, True), SELLER)
    assert market.case.state is State.REFUND_INITIATED
    assert sum(refund.amount for refund in market.case.refunds) == 9000


@pytest.mark.row("I1")
def test_sold_out_once_the_goods_are_back_ends_the_exchange_at_once() -> None:
    market = reach(State.AWAITING_REPLACEMENT)
    done = market.must(c.RecordSoldOut(variant="blue"), OPERATOR)
    assert [type(one.event).__name__ for one in done.recorded][:2] == ["VariantSoldOut", "ReplacementFailed"]
    assert done.recorded[0].event.clause == "exchange.reserve.default"
    assert market.case.state is State.REFUND_INITIATED


def test_a_reservation_is_for_what_was_agreed_and_no_longer_than_the_terms_say() -> None:
    market = agreed_exchange()
    until = market.now + timedelta(days=21)
    for wrong in (
        c.RecordReservation(variant="red", until=until),
        c.RecordReservation(variant="blue", until=until + timedelta(seconds=1)),
        c.RecordReservation(variant="blue", until=market.now),
    ):
        assert market.do(wrong, OPERATOR).kind == "invalid"
    market.must(c.RecordReservation(variant="blue", until=until, reference="h1"), OPERATOR)
    kept = market.case.reservation
    assert kept is not None
    assert (kept.variant, kept.until, kept.reference) == ("blue", until, "h1")


def test_stock_has_no_say_where_no_replacement_is_waited_for() -> None:
    market = reach(State.REPLACEMENT_IN_TRANSIT)
    assert market.do(c.RecordSoldOut(variant="blue"), OPERATOR).kind == "not_possible_now"
    market = Market.delivered()
    market.open(DAMAGED)
    market.must(c.AcceptOffer(), SELLER)
    assert market.do(c.RecordSoldOut(variant="blue"), OPERATOR).kind == "not_possible_now"
