"""What an exchange costs: the difference, and what is put down where the replacement comes first."""

from functools import cache

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from tests.domain.cases.stages import (
    BOTH,
    DAMAGED,
    FIRST,
    INSTRUCT,
    SHIP_REPLACEMENT,
    SHIP_RETURN,
    arrived,
    verdicts,
)
from tests.domain.marketplace import BUYER, CARRIER, OPERATOR, SELLER, Market, an_order, terms_for

from amends.domain.cases import commands as c
from amends.domain.cases.dues import wanted_of_stock
from amends.domain.cases.model import Case, Goods, Outcome, Remedy, State
from amends.domain.cases.parcels import awaited, to_inspect, unsent
from amends.domain.custody import commands as oc
from amends.domain.ledger import Account, balance_of
from amends.domain.orders import Method, Signal
from amends.domain.parties import Actor, Role
from amends.domain.policy.options import options
from amends.domain.policy.terms import Terms, _seal

S = State


@cache
def ship_first() -> Terms:
    """The default terms but for the order of an exchange: the replacement comes first."""
    terms = terms_for()
    (standing,) = terms.values["exchange.return_first"]
    values = {**terms.values, "exchange.return_first": (replace(standing, value=False),)}
    return _seal(terms.packs, terms.currency, values, terms.clauses)


def agreed(difference: int = 0, goods: Goods = Goods.RETURN, *, first: bool = False) -> Market:
    """An exchange for the large one that both sides agreed to."""
    market = Market.delivered(an_order(), terms=ship_first() if first else None)
    market.open(DAMAGED)
    market.must(c.MakeOffer(remedy=Remedy(9000, goods, "large", Role.SELLER, difference)), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    return market


def paid(amount: int) -> c.RecordPayment:
    """The marketplace took so much."""
    return c.RecordPayment(amount=amount, method=Method.CARD, reference="pay-x")


def send_back(market: Market) -> None:
    market.must(INSTRUCT, SELLER)
    market.must(SHIP_RETURN, BUYER)
    market.must(arrived(market), CARRIER)


def replaced(market: Market) -> Case:
    """The replacement is sent and arrives."""
    market.must(SHIP_REPLACEMENT, SELLER)
    scan = c.RecordReplacementScan(signal=Signal.DELIVERED, scanned_at=market.now)
    market.must(scan, CARRIER)
    return market.case


def test_a_dearer_replacement_is_sent_once_the_difference_is_paid() -> None:
    market = agreed(500)
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    assert market.case.state is S.AWAITING_PAYMENT
    assert market.case.waiting is not None
    assert market.case.waiting.on is Role.BUYER
    refusal = market.refused("invalid", paid(400), OPERATOR)
    assert refusal.facts["due"] == 500
    market.must(paid(500), OPERATOR)
    assert market.books() == {"escrow": 9500}
    assert replaced(market).outcome is Outcome.EXCHANGED
    assert market.books() == {"escrow": 9500}


@pytest.mark.parametrize("how", ["silence", "declined"])
def test_who_does_not_pay_the_difference_gets_the_money_back(how: str) -> None:
    market = agreed(500)
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    if how == "silence":
        market.to_deadline()
    else:
        market.must(c.DeclineExchange(), BUYER)
    market.confirm_refunds()
    assert (market.case.outcome, market.books()) == (Outcome.REFUNDED, {})


@pytest.mark.parametrize("how", ["sold out", "never sent", "lost"])
def test_a_difference_paid_for_nothing_goes_back_as_well(how: str) -> None:
    market = agreed(500)
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    market.must(paid(500), OPERATOR)
    if how == "sold out":
        market.must(c.DeclineReplacement(note="Sold out."), SELLER)
    elif how == "never sent":
        market.to_deadline()
    else:
        market.must(SHIP_REPLACEMENT, SELLER)
        market.must(c.RecordReplacementScan(signal=Signal.LOST, scanned_at=market.now), CARRIER)
    market.confirm_refunds()
    assert (market.case.outcome, market.books()) == (Outcome.REFUNDED, {})
    assert market.custody.books.refunded == {"t1": 9000, "o1.1-exchange": 500}


def test_what_a_cheaper_replacement_costs_less_is_refunded_when_it_is_there() -> None:
    market = agreed(-700)
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    assert market.case.state is S.AWAITING_REPLACEMENT
    replaced(market)
    assert market.case.state is S.REFUND_INITIATED
    market.confirm_refunds()
    assert (market.case.outcome, market.books()) == (Outcome.EXCHANGED, {"escrow": 8300})


def test_a_buyer_cannot_ask_for_money_back_in_an_exchange() -> None:
    market = Market.delivered()
    wanted = Remedy(9000, Goods.RETURN, "small", Role.SELLER, -700)
    refusal = market.do(replace(DAMAGED, wanted=wanted), BUYER, on_order=True)
    assert getattr(refusal, "kind", "") == "invalid"
    market.open(DAMAGED)
    market.must(c.MakeOffer(remedy=Remedy(100)), SELLER)
    market.refused("invalid", c.MakeOffer(remedy=wanted), BUYER)


def test_where_the_replacement_comes_first_the_buyer_puts_down_its_price() -> None:
    market = agreed(500, first=True)
    assert market.case.state is S.AWAITING_PAYMENT
    market.must(paid(8500), OPERATOR)
    replaced(market)
    assert market.case.state is S.AWAITING_INSTRUCTIONS
    market.refused("not_possible_now", c.Withdraw(), BUYER)
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert market.case.outcome is Outcome.EXCHANGED
    assert market.books() == {"escrow": 9500}
    assert market.custody.books.refunded == {"o1.1-exchange": 8000}


@pytest.mark.parametrize(
    ("first", "facts"), [(False, {"return_first": True}), (True, {"return_first": False, "hold": 8000})]
)
def test_which_comes_first_and_what_is_put_down_is_known_before_it_is_asked_for(
    first: bool, facts: dict[str, object]
) -> None:
    market = Market.delivered(an_order(), terms=ship_first() if first else None)
    (option,) = options(
        market.custody,
        {},
        BOTH,
        DAMAGED.reason,
        terms=ship_first() if first else terms_for(),
        now=market.now,
        calendars=market.rules.calendars,
        remedies=("exchange",),
    )
    assert {name: option.facts.get(name) for name in facts} == facts
    assert ("hold" in option.facts) is first


def test_who_keeps_both_pays_for_both() -> None:
    market = agreed(first=True)
    market.must(paid(8000), OPERATOR)
    replaced(market)
    market.must(INSTRUCT, SELLER)
    market.to_deadline()
    assert (market.case.state, market.case.outcome) == (S.CLOSED, Outcome.EXCHANGED)
    assert market.books() == {"escrow": 17000}


def test_an_exchange_in_advance_that_fails_becomes_a_return() -> None:
    market = agreed(first=True)
    market.must(paid(8000), OPERATOR)
    market.must(c.DeclineReplacement(), SELLER)
    assert market.case.state is S.AWAITING_INSTRUCTIONS
    assert market.case.settlement is not None
    assert market.case.settlement.remedy.exchange_variant == ""
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert (market.case.outcome, market.books()) == (Outcome.REFUNDED, {})


def test_what_was_put_down_for_an_exchange_that_failed_goes_back_though_nothing_is_sent() -> None:
    market = agreed(first=True)
    market.must(paid(8000), OPERATOR)
    market.must(c.DeclineReplacement(), SELLER)
    market.must(INSTRUCT, SELLER)
    market.to_deadline()
    market.confirm_refunds()
    assert (market.case.outcome, market.books()) == (Outcome.RETURN_NOT_SHIPPED, {"escrow": 9000})


def test_a_rejected_half_keeps_its_half_of_what_was_put_down() -> None:
    market = agreed(first=True)
    market.must(paid(8000), OPERATOR)
    replaced(market)
    send_back(market)
    market.must(verdicts(True, False), SELLER)
    market.must(c.AcceptRejection(), BUYER)
    market.confirm_refunds()
    assert market.custody.books.refunded == {"o1.1-exchange": 4000}
    assert market.case.outcome is Outcome.EXCHANGED


def in_two_parcels(difference: int = 0, *, second: Signal | None = Signal.DELIVERED) -> Market:
    """The replacement is there; one unit arrived, and the other one ended as said or was never sent."""
    market = agreed(difference, first=True)
    market.must(paid(8000 + max(0, difference)), OPERATOR)
    replaced(market)
    market.must(INSTRUCT, SELLER)
    market.must(replace(SHIP_RETURN, units=(FIRST,)), BUYER)
    one = market.case.parcels[0].tracking_number
    if second is not None:
        market.must(replace(SHIP_RETURN, tracking_number="RB473124829DE"), BUYER)
        for signal in (Signal.ACCEPTED, second):
            scan = c.RecordReturnScan(tracking_number="RB473124829DE", signal=signal, scanned_at=market.now)
            market.must(scan, CARRIER)
    scan = c.RecordReturnScan(tracking_number=one, signal=Signal.DELIVERED, scanned_at=market.now)
    market.must(scan, CARRIER)
    if second is None:
        market.must(c.Withdraw(), BUYER)
    return market


@pytest.mark.row("I1")
@pytest.mark.parametrize("difference", [0, 500, -700])
def test_goods_of_a_deposit_come_back_in_several_parcels_and_the_fund_bears_what_was_lost(
    difference: int,
) -> None:
    market = in_two_parcels(difference, second=Signal.LOST)
    market.must(c.InspectReturn(inspections=verdicts(True, True).inspections[:1]), SELLER)
    market.confirm_refunds()
    less = max(0, -difference)
    assert sum(market.custody.books.refunded.values()) == 8000 + less
    assert market.custody.books.refunded["o1.1-exchange"] == 8000
    assert market.case.outcome is Outcome.EXCHANGED
    # The seller has one unit and the price of the replacement; what the other one was worth comes on top.
    assert market.books() == {
        "escrow": 9000 + difference + 4000 + less // 2,
        "cover": -4000 - less // 2,
    }


@pytest.mark.parametrize("kept", ["kept", "silent"])
def test_what_is_kept_of_an_exchange_in_advance_is_paid_for_by_its_part_of_the_deposit(kept: str) -> None:
    market = in_two_parcels(second=None)
    if kept == "silent":
        market.to_deadline()
    else:
        market.must(c.InspectReturn(inspections=verdicts(True, True).inspections[:1]), SELLER)
    market.confirm_refunds()
    assert market.custody.books.refunded == {"o1.1-exchange": 4000}
    assert market.custody.books.escrow + market.custody.books.seller == 13000
    assert market.case.outcome is Outcome.EXCHANGED


def test_a_contested_return_after_the_replacement_is_about_what_was_put_down() -> None:
    market = agreed(first=True)
    market.must(paid(8000), OPERATOR)
    replaced(market)
    send_back(market)
    market.must(verdicts(False, False), SELLER)
    market.must(c.ContestRejection(note="They came back as they were."), BUYER)
    while market.case.state is not S.RULED:
        market.to_deadline()
    assert market.case.rulings[-1].remedy.amount == 8000
    market.to_deadline()
    market.confirm_refunds()
    assert market.books() == {"seller": 9000}


def test_the_difference_reaches_the_seller_though_the_order_was_paid_out() -> None:
    market = Market.delivered()
    market.open(DAMAGED)
    market.must(c.MakeOffer(remedy=Remedy(9000, Goods.KEEP, "large", Role.SELLER, 500)), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.must(paid(500), OPERATOR)
    market.wait(days=3)
    replaced(market)
    for _ in range(3):
        market.wait(days=40)
        market.lapse()
    assert market.custody.books.escrow == 0
    for transfer in list(market.custody.books.pending.values()):
        market.must(oc.ConfirmPayout(transfer_id=transfer.transfer_id), OPERATOR, on_order=True)
    assert balance_of(market.custody.books, Account.BANK) == 9500


@given(data=st.data(), difference=st.integers(-9000, 20000), first=st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_becomes_of_an_exchange_each_cent_is_accounted_for(
    data: st.DataObject, difference: int, first: bool
) -> None:
    """Sound books after each step (`Market.check`), an end, and nobody with both the goods and all the
    money.
    """
    market = agreed(difference, data.draw(st.sampled_from(list(Goods))), first=first)
    for _ in range(40):
        if not market.case.live:
            break
        state = market.case.state
        due = max(0, difference) + (
            8000 if first and market.case.settlement.remedy.goods is Goods.RETURN else 0
        )
        ways = {
            S.AWAITING_PAYMENT: [(paid(due), OPERATOR), (c.DeclineExchange(), BUYER)],
            S.AWAITING_REPLACEMENT: [(SHIP_REPLACEMENT, SELLER), (c.DeclineReplacement(), SELLER)],
            S.REPLACEMENT_IN_TRANSIT: [
                (c.ConfirmReplacement(), BUYER),
                (c.RecordReplacementScan(signal=Signal.DELIVERED, scanned_at=market.now), CARRIER),
                (c.RecordReplacementScan(signal=Signal.LOST, scanned_at=market.now), CARRIER),
            ],
            S.AWAITING_INSTRUCTIONS: [(INSTRUCT, SELLER)],
            S.AWAITING_SHIPMENT: _parcels(market),
            S.RETURN_IN_TRANSIT: [
                (replace(arrived(market, signal), tracking_number=parcel.tracking_number), CARRIER)
                for parcel in awaited(market.case)
                for signal in (Signal.DELIVERED, Signal.ACCEPTED, Signal.LOST)
            ],
            S.INSPECTING: [
                (c.InspectReturn(inspections=seen), SELLER)
                for pair in ((True, True), (True, False), (False, False))
                if (
                    seen := tuple(i for i in verdicts(*pair).inspections if i.unit in to_inspect(market.case))
                )
            ],
            S.REJECTED: [(c.AcceptRejection(), BUYER), (c.ContestRejection(note="No."), BUYER)],
        }.get(state, [])
        choice = data.draw(st.integers(0, len(ways)))
        if choice == len(ways):
            market.to_deadline()
        else:
            market.must(*ways[choice])
        market.wait(hours=1)
    assert not market.case.live
    case, books = market.case, market.custody.books
    given_back = sum(books.refunded.values())
    assert given_back <= sum(books.captured.values())
    assert books.refunding == {}
    if case.outcome is Outcome.EXCHANGED:
        extra = sum(v for k, v in books.captured.items() if k.endswith("-exchange"))
        assert given_back <= extra - max(0, difference) + max(0, -difference)
    kept = books.escrow + books.seller + books.bank + books.carrier
    assert kept + given_back == sum(books.captured.values()) - books.cover - books.balance + _to_balance(
        market
    )
    assert set(case.units) == set(BOTH)


def _parcels(market: Market) -> list[tuple[c.CaseCommand, Actor]]:
    """Everything that is left in one parcel, or one unit of it first."""
    number = "RB473124829DE" if market.case.parcels else "RP123456785PT"
    whole = replace(SHIP_RETURN, tracking_number=number, freight=700, receipt="17")
    return [(whole, BUYER), (replace(whole, units=unsent(market.case)[:1]), BUYER)]


def _to_balance(market: Market) -> int:
    """Refunds that went to the balance count as given back and are on the balance as well."""
    return sum(r.amount for r in market.case.refunds if r.method == "balance" and r.stage == "confirmed")


@pytest.mark.row("I1")
@pytest.mark.parametrize("put_down", [False, True], ids=["before the deposit", "after the deposit"])
def test_sold_out_before_a_replacement_in_advance_is_paid_for_once_the_goods_are_back(put_down: bool) -> None:
    market = agreed(500, first=True)
    held = sum(
        line.units[unit.index].goods
        for unit in market.case.units
        if (line := market.custody.order.line(unit.line_id)) is not None
    )
    assert market.case.state is S.AWAITING_PAYMENT
    assert wanted_of_stock(market.case) == "large"
    if put_down:
        market.must(paid(500 + held), OPERATOR)
        assert market.case.state is S.AWAITING_REPLACEMENT
    market.must(c.RecordSoldOut(variant="large"), OPERATOR)
    assert market.case.state is S.AWAITING_INSTRUCTIONS
    assert wanted_of_stock(market.case) == ""
    send_back(market)
    market.must(verdicts(True, True), SELLER)
    market.confirm_refunds()
    assert market.case.state is S.CLOSED
    # What was bought, and all that was put down for the exchange.
    back = sum(refund.amount for refund in market.case.refunds)
    assert back == 9000 + (500 + held if put_down else 0)
    assert market.books().get("escrow", 0) == 0
