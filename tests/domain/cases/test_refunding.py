"""Refunds on their way: tender by tender, failing, overdue, redirected; never more than was captured."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import DAMAGED, TENDERS, offer, reach, under_way
from tests.domain.marketplace import BUYER, OPERATOR, PROVIDER, SELLER, Market, an_order

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Outcome, RefundStage, Remedy, State
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.orders import Method, Tender
from amends.domain.parties import Role
from amends.domain.refunds import payout

THREE = (
    Tender("t1", Method.CARD, 3000),
    Tender("t2", Method.CARD, 3000),
    Tender("t3", Method.BANK_TRANSFER, 3000),
)


def refunding(tenders: tuple[Tender, ...], amount: int = 9000) -> Market:
    """An agreed refund that has just been handed to the providers."""
    market = Market.delivered(an_order(tenders=tenders))
    market.open(replace(DAMAGED, wanted=Remedy(amount, Goods.RETURN)))
    market.must(offer(amount), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    assert market.case.state is State.REFUND_INITIATED
    return market


def fail(market: Market, refund_id: str) -> None:
    """The provider says the money cannot go there."""
    market.must(c.FailRefund(refund_id=refund_id, why="account closed"), PROVIDER)


def stages(market: Market) -> list[tuple[str, str, RefundStage]]:
    """Each refund of the case: its number, its method, where it stands."""
    return [(r.refund_id.rpartition("-")[2], r.method, r.stage) for r in market.case.refunds]


def test_a_refund_is_closed_when_the_last_tender_is_confirmed() -> None:
    market = refunding(TENDERS)
    first, second = market.case.refunds
    market.must(c.ConfirmRefund(refund_id=first.refund_id), PROVIDER)
    assert market.case.state is State.REFUND_INITIATED
    assert market.books() == {"escrow": 3000}
    market.must(c.ConfirmRefund(refund_id=second.refund_id), OPERATOR)
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.REFUNDED)
    assert market.books() == {}


def test_a_confirmation_counts_once_and_only_for_a_refund_of_the_case() -> None:
    market = refunding(TENDERS)
    first = market.case.refunds[0].refund_id
    market.must(c.ConfirmRefund(refund_id=first), PROVIDER)
    again = market.refused("not_possible_now", c.ConfirmRefund(refund_id=first), PROVIDER)
    assert again.facts["stage"] == "confirmed"
    market.refused("not_possible_now", c.FailRefund(refund_id=first, why="late"), PROVIDER)
    market.refused("not_found", c.ConfirmRefund(refund_id="o1.1-r9"), PROVIDER)


def test_the_provider_is_waited_on_until_the_slowest_method_should_have_arrived() -> None:
    market = refunding(TENDERS)  # card: 15 working days, wallet: 3
    waiting = market.case.waiting
    assert waiting is not None
    assert (waiting.on, waiting.clause) == (Role.PROVIDER, "refund.eta.card.default")
    assert waiting.until == market.case.refunds[0].eta_by
    assert waiting.until.isoformat() == "2026-03-28T00:00:00+00:00"


def test_what_goes_to_the_balance_is_there_at_once() -> None:
    market = Market.delivered(an_order(tenders=(Tender("t1", Method.BALANCE, 9000),)))
    market.open(DAMAGED)
    market.must(offer(9000), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.REFUNDED)
    assert market.books() == {"balance": 9000}


def test_the_balance_and_a_card_each_get_their_share() -> None:
    market = refunding((Tender("t1", Method.CARD, 6000), Tender("t2", Method.BALANCE, 3000)), 4500)
    assert stages(market) == [("r1", "card", RefundStage.INITIATED), ("r2", "balance", RefundStage.CONFIRMED)]
    assert market.books() == {"escrow": 7500, "balance": 1500}
    market.confirm_refunds()
    assert market.case.outcome is Outcome.PARTLY_REFUNDED
    assert market.books() == {"escrow": 4500, "balance": 1500}


def test_after_a_failure_the_buyer_names_another_account() -> None:
    market = refunding(TENDERS)
    fail(market, "o1.1-r1")
    case = market.case
    assert case.state is State.REFUND_METHOD_NEEDED
    assert case.waiting is not None
    assert (case.waiting.on, case.waiting.until) == (Role.BUYER, market.now + timedelta(days=7))
    for method, destination, pointer in (
        ("card", "", "/method"),
        ("bank_transfer", " ", "/destination"),
    ):
        wrong = c.ChooseRefundMethod(method=method, destination=destination)
        assert market.refused("invalid", wrong, BUYER).pointer == pointer
    market.must(c.ChooseRefundMethod(method="bank_transfer", destination=" DE02 1203 "), BUYER)
    assert stages(market) == [
        ("r1", "card", RefundStage.REDIRECTED),
        ("r2", "wallet", RefundStage.INITIATED),
        ("r3", "bank_transfer", RefundStage.INITIATED),
    ]
    assert market.case.refunds[2].destination == "DE02 1203"
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    assert market.books() == {}
    assert market.custody.books.refunded == {"t1": 6000, "t2": 3000}


@pytest.mark.parametrize("how", ["chosen", "silence"])
def test_the_balance_takes_what_nothing_else_does(how: str) -> None:
    market = refunding(TENDERS)
    market.must(c.ConfirmRefund(refund_id="o1.1-r2"), PROVIDER)
    fail(market, "o1.1-r1")
    if how == "chosen":
        market.must(c.ChooseRefundMethod(method="balance"), BUYER)
    else:
        market.to_deadline()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.REFUNDED)
    assert market.books() == {"balance": 6000}
    # What goes to the balance still counts against the tender it stands for.
    assert market.custody.books.refunded == {"t1": 6000, "t2": 3000}


def test_the_other_method_failing_too_puts_the_money_on_the_balance() -> None:
    market = refunding(TENDERS[:1], 6000)
    fail(market, "o1.1-r1")
    market.must(c.ChooseRefundMethod(method="bank_transfer", destination="DE02"), BUYER)
    fail(market, "o1.1-r2")
    assert market.case.state is State.CLOSED
    assert market.books() == {"balance": 6000}


def test_a_refund_that_waits_for_a_method_is_not_forgotten_when_another_fails_for_good() -> None:
    market = refunding(THREE)
    fail(market, "o1.1-r1")
    market.must(c.ChooseRefundMethod(method="bank_transfer", destination="DE02"), BUYER)
    fail(market, "o1.1-r2")
    deadline = market.case.waiting
    market.must(c.ConfirmRefund(refund_id="o1.1-r3"), PROVIDER)
    # Its second method fails while the buyer is still asked about the other one.
    fail(market, "o1.1-r4")
    assert market.case.state is State.REFUND_METHOD_NEEDED
    assert market.case.waiting == deadline
    assert market.books() == {"escrow": 3000, "balance": 3000}
    market.to_deadline()
    assert market.case.state is State.CLOSED
    assert market.books() == {"balance": 6000}
    assert market.custody.books.pending == {}


def test_a_second_failure_while_the_buyer_is_asked_gives_no_new_time() -> None:
    market = refunding(THREE)
    fail(market, "o1.1-r1")
    deadline = market.case.waiting
    market.wait(days=3)
    fail(market, "o1.1-r2")
    assert market.case.waiting == deadline
    market.must(c.ChooseRefundMethod(method="balance"), BUYER)
    assert market.case.state is State.REFUND_INITIATED
    market.confirm_refunds()
    assert market.books() == {"balance": 6000}


def test_an_overdue_refund_is_traced_then_put_on_the_balance() -> None:
    market = reach(State.REFUND_OVERDUE)
    overdue = market.now
    assert market.case.waiting is not None
    assert (market.case.waiting.on, market.case.waiting.until) == (
        Role.OPERATOR,
        overdue + timedelta(days=10),
    )
    market.to_deadline()
    assert market.case.state is State.CLOSED
    assert market.books() == {"balance": 3000, "seller": 6000}


def test_the_providers_word_that_an_overdue_refund_arrived_closes_the_case() -> None:
    market = reach(State.REFUND_OVERDUE)
    first = under_way(market)
    market.must(c.ConfirmRefund(refund_id=first), PROVIDER)
    assert market.case.state is State.REFUND_OVERDUE
    market.must(c.ConfirmRefund(refund_id=under_way(market)), PROVIDER)
    assert market.case.state is State.CLOSED
    market.refused("not_possible_now", c.ConfirmRefund(refund_id=first), PROVIDER)


def test_a_confirmation_that_comes_after_the_deadline_still_counts() -> None:
    market = refunding(TENDERS)
    assert market.case.waiting is not None
    market.now = market.case.waiting.until + timedelta(days=2)
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED


def test_a_claim_after_the_payout_is_taken_back_from_the_seller() -> None:
    market = Market.delivered()
    delivered = market.now
    market.now = delivered + timedelta(days=14, hours=23)
    market.lapse()
    market.open(DAMAGED)
    market.must(c.Withdraw(), BUYER)
    market.now = delivered + timedelta(days=15)
    market.lapse()
    market.wait(hours=24)
    market.lapse()
    transfer = market.custody.books.pending["o1-payout-1"]
    assert transfer.amount == 9000
    # Support reopens the claim while the payout is on its way to the bank.
    market.must(c.Reopen(reason="A video turned up."), OPERATOR)
    market.must(offer(4000), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.confirm_refunds()
    assert market.books() == {"seller": 5000}
    assert payout(market.custody) is None


def test_no_refund_is_promised_twice_to_cases_settled_at_once() -> None:
    market = Market.delivered(an_order(tenders=TENDERS[:1]))  # 60.00 captured of 90.00
    for n in (0, 1):
        unit = (DAMAGED.units[n],)
        market.open(c.OpenClaim(reason=DAMAGED.reason, units=unit, wanted=Remedy(4000)))
    market.must(c.AcceptOffer(), SELLER, case_id="o1.1")
    market.refused("amount_too_high", c.AcceptOffer(), SELLER, case_id="o1.2")
    market.now += timedelta(days=5)
    market.lapse()
    assert [x.refunds[0].amount for x in market.scene.cases.values()] == [4000, 2000]
    for case_id in ("o1.1", "o1.2"):
        market.case_id = case_id
        market.confirm_refunds()
    assert market.books() == {}


def test_what_the_bank_charged_back_is_not_refunded_as_well() -> None:
    market = reach(State.AWAITING_SELLER)
    # The bank takes 50.00 of the card back while the claim is open.
    market.charge_back(
        Transfer(
            transfer_id="cb1",
            debit=Account.ESCROW,
            credit=Account.CHARGEBACK,
            amount=5000,
            stage=Stage.POSTED,
            purpose="chargeback",
            tender_id="t1",
        )
    )
    market.refused("amount_too_high", c.AcceptOffer(), SELLER)
    market.to_deadline()
    assert market.case.settlement is not None
    assert market.case.settlement.remedy.amount == 4000
    market.to_deadline()
    assert [(r.tender_id, r.amount) for r in market.case.refunds] == [("t1", 1000), ("t2", 3000)]
    market.confirm_refunds()
    assert market.books() == {"chargeback": 5000}


def test_a_refund_the_bank_made_impossible_meanwhile_is_cut_to_what_is_left() -> None:
    market = reach(State.INSPECTING)
    for tender, amount in (("t1", 6000), ("t2", 3000)):
        market.charge_back(
            Transfer(
                transfer_id=f"cb-{tender}",
                debit=Account.ESCROW,
                credit=Account.CHARGEBACK,
                amount=amount,
                stage=Stage.POSTED,
                purpose="chargeback",
                tender_id=tender,
            )
        )
    market.to_deadline()
    assert market.case.state is State.CLOSED
    assert market.case.refunds == ()
    assert market.books() == {"chargeback": 9000}
