"""Goodwill and chargebacks: beside the cases, yet never more back than came in, and payouts wait."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.marketplace import BUYER, MEDIATOR, OPERATOR, PROVIDER, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Outcome, Remedy, State
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.ledger import check, refundable
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused

SECOND = Actor(Role.OPERATOR, "operator-omar")
# The default pack: $20, in euros by the pack's own rates.
PAID = 9000


def goodwill(amount: int, goodwill_id: str = "g1") -> oc.GiveGoodwill:
    return oc.GiveGoodwill(goodwill_id=goodwill_id, amount=amount, reason="A late answer of ours.")


def dispute(amount: int = PAID, dispute_id: str = "dp_1") -> oc.OpenChargeback:
    return oc.OpenChargeback(dispute_id=dispute_id, tender_id="t1", amount=amount, reason="fraudulent")


def bank(dispute_id: str = "dp_1", *, won: bool) -> oc.ResolveChargeback:
    return oc.ResolveChargeback(dispute_id=dispute_id, won=won)


def told(market: Market, command: object, actor: Actor) -> None:
    market.must(command, actor, on_order=True)  # type: ignore[arg-type]


def pass_by(market: Market) -> None:
    """Let every deadline of the order pass."""
    while market.custody.waiting is not None:
        market.now = market.custody.waiting.until
        market.lapse()


def delivered() -> Market:
    market = Market()
    market.ship()
    market.deliver()
    return market


# ---- goodwill


@pytest.mark.row("P6")
def test_a_little_goodwill_is_given_at_once() -> None:
    market = delivered()
    told(market, goodwill(1500), OPERATOR)
    (given_,) = market.custody.goodwills
    assert (given_.state, given_.approved_by) == ("given", "")
    assert market.books() == {"escrow": PAID, "balance": 1500, "cover": -1500}
    assert refundable(market.custody.books) == PAID - 1500


@pytest.mark.row("P6")
def test_more_goodwill_waits_for_a_second_pair_of_eyes() -> None:
    market = delivered()
    told(market, goodwill(5000), OPERATOR)
    assert market.books() == {"escrow": PAID}
    agree = oc.AnswerGoodwill(goodwill_id="g1", agreed=True)
    refused = market.do(agree, OPERATOR, on_order=True)
    assert isinstance(refused, Refused)
    assert refused.kind == "conflict_of_interest"
    told(market, agree, SECOND)
    (given_,) = market.custody.goodwills
    assert (given_.state, given_.proposed_by, given_.approved_by) == ("given", OPERATOR.id, SECOND.id)
    assert market.books()["balance"] == 5000
    again = market.do(agree, SECOND, on_order=True)
    assert isinstance(again, Refused)


@pytest.mark.row("P6")
def test_small_steps_do_not_pass_the_limit() -> None:
    market = delivered()
    for n in range(4):
        told(market, goodwill(900, f"g{n}"), OPERATOR)
    states = [one.state for one in market.custody.goodwills]
    assert states[0] == "given"
    assert states[-1] == "proposed"
    assert market.books()["balance"] < 4 * 900


def test_declined_goodwill_moves_nothing() -> None:
    market = delivered()
    told(market, goodwill(5000), OPERATOR)
    told(market, oc.AnswerGoodwill(goodwill_id="g1", agreed=False), OPERATOR)
    assert market.custody.goodwills[0].state == "declined"
    assert market.books() == {"escrow": PAID}


def test_the_same_goodwill_again_changes_nothing_and_another_under_its_id_is_refused() -> None:
    market = delivered()
    told(market, goodwill(1000), OPERATOR)
    seq = market.custody.seq
    told(market, goodwill(1000), OPERATOR)
    assert market.custody.seq == seq
    refused = market.do(goodwill(1100), OPERATOR, on_order=True)
    assert isinstance(refused, Refused)
    assert refused.pointer == "/goodwill_id"


@pytest.mark.parametrize("amount", [0, -5, PAID + 1])
def test_goodwill_is_at_most_what_can_still_go_back(amount: int) -> None:
    refused = delivered().do(goodwill(amount), OPERATOR, on_order=True)
    assert isinstance(refused, Refused)
    assert refused.pointer == "/amount"


@pytest.mark.parametrize("actor", [BUYER, SELLER, MEDIATOR, PROVIDER])
def test_only_operators_give_goodwill(actor: Actor) -> None:
    refused = delivered().do(goodwill(100), actor, on_order=True)
    assert isinstance(refused, Refused)
    assert refused.kind == "not_yours"


# ---- chargebacks


@pytest.mark.row("P5")
def test_a_dispute_keeps_the_money_from_refunds_and_payouts() -> None:
    market = delivered()
    told(market, dispute(), PROVIDER)
    assert refundable(market.custody.books) == 0
    refused = market.do(goodwill(100), OPERATOR, on_order=True)
    assert isinstance(refused, Refused)
    pass_by(market)
    assert market.custody.stage is Stage.HELD
    assert market.books() == {"escrow": PAID}


@pytest.mark.row("P5")
def test_a_dispute_that_is_won_lets_the_money_go_on() -> None:
    market = delivered()
    told(market, dispute(), PROVIDER)
    pass_by(market)
    told(market, bank(won=True), PROVIDER)
    assert market.custody.stage is Stage.RELEASED
    assert market.books() == {"seller": PAID}


@pytest.mark.row("P5")
def test_a_dispute_that_is_lost_takes_the_money() -> None:
    market = delivered()
    told(market, dispute(4000), PROVIDER)
    told(market, bank(won=False), PROVIDER)
    assert market.books() == {"escrow": PAID - 4000, "chargeback": 4000}
    assert refundable(market.custody.books) == PAID - 4000
    seq = market.custody.seq
    told(market, bank(won=False), PROVIDER)
    assert market.custody.seq == seq
    assert isinstance(market.do(bank(won=True), PROVIDER, on_order=True), Refused)


@pytest.mark.row("P5")
def test_after_the_payout_the_seller_owes_what_the_bank_takes() -> None:
    market = delivered()
    pass_by(market)
    told(market, oc.ConfirmPayout(transfer_id="o1-payout-1"), PROVIDER)
    told(market, dispute(), PROVIDER)
    assert market.books() == {"bank": PAID, "seller": -PAID, "escrow": PAID}
    told(market, bank(won=True), PROVIDER)
    assert market.books() == {"bank": PAID}


@pytest.mark.row("P5")
def test_of_what_was_refunded_nothing_is_taken_again() -> None:
    market = delivered()
    market.open(c.OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=Remedy(3000)))
    market.must(c.AcceptOffer(), SELLER)
    market.confirm_refunds()
    told(market, dispute(), PROVIDER)
    (one,) = market.custody.chargebacks
    assert (one.amount, one.reserved) == (PAID, PAID - 3000)


@pytest.mark.row("P5")
def _agreed_return() -> Market:
    market = delivered()
    market.open(
        c.OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=Remedy(4500, Goods.RETURN))
    )
    market.must(c.AcceptOffer(), SELLER)
    return market


def test_a_dispute_about_everything_ends_a_case_of_which_nothing_is_sent() -> None:
    market = _agreed_return()
    told(market, dispute(), PROVIDER)
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.WITHDRAWN)
    told(market, bank(won=False), PROVIDER)
    assert market.books() == {"chargeback": PAID}


def test_a_case_settled_before_the_dispute_pays_no_more_than_is_left() -> None:
    market = _agreed_return()
    market.must(c.GiveInstructions(address="Hafenstrasse 3"), SELLER)
    market.must(c.ShipReturn(carrier="Swift Post", tracking_number="RR123456789"), BUYER)
    told(market, dispute(), PROVIDER)
    assert market.case.state is State.RETURN_IN_TRANSIT
    while market.case.state is not State.CLOSED:
        market.to_deadline()
    assert check(market.custody.books) == ()
    told(market, bank(won=False), PROVIDER)
    assert market.books() == {"chargeback": PAID}


def test_a_dispute_about_no_tender_of_the_order_is_refused() -> None:
    market = delivered()
    unknown = oc.OpenChargeback(dispute_id="dp_9", tender_id="t9", amount=100)
    refused = market.do(unknown, PROVIDER, on_order=True)
    assert isinstance(refused, Refused)
    assert refused.pointer == "/tender_id"
    assert isinstance(market.do(bank("dp_9", won=True), PROVIDER, on_order=True), Refused)
    assert isinstance(market.do(dispute(PAID + 1), PROVIDER, on_order=True), Refused)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("goodwill"), st.integers(1, PAID)),
        st.tuples(st.just("agree"), st.integers(0, 5)),
        st.tuples(st.just("dispute"), st.integers(1, PAID)),
        st.tuples(st.just("won"), st.integers(0, 5)),
        st.tuples(st.just("lost"), st.integers(0, 5)),
        st.tuples(st.just("claim"), st.integers(1, 4500)),
        st.tuples(st.just("wait"), st.integers(1, 40)),
    ),
    max_size=12,
)


@pytest.mark.row("P5", "P6")
@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_comes_together_no_more_goes_back_than_came_in(steps: list[tuple[str, int]]) -> None:
    market = delivered()
    for n, (what, number) in enumerate(steps):
        match what:
            case "goodwill":
                market.do(goodwill(number, f"g{n}"), OPERATOR, on_order=True)
            case "agree":
                market.do(oc.AnswerGoodwill(goodwill_id=f"g{number}", agreed=True), SECOND, on_order=True)
            case "dispute":
                market.do(dispute(number, f"dp_{n}"), PROVIDER, on_order=True)
            case "won" | "lost":
                market.do(bank(f"dp_{number}", won=what == "won"), PROVIDER, on_order=True)
            case "claim":
                claim = c.OpenClaim(
                    reason="quality.defective", units=(Unit("l1", n % 2),), wanted=Remedy(number)
                )
                market.do(claim, BUYER, on_order=True)
            case _:
                market.wait(days=number)
                market.lapse()
        books = market.custody.books
        assert check(books) == ()
        back = (books.refunding, books.refunded, books.charged_back, books.goodwills)
        assert sum(sum(part.values()) for part in back) <= PAID
