"""Payouts held because of a claim on another order: until ruled, answered or released by the clock (E9)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.custody.test_redress import PAID, bank, delivered, dispute, pass_by, told
from tests.domain.marketplace import BUYER, OPERATOR, SELLER, Market

from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.ledger import check
from amends.domain.parties import CLOCK
from amends.domain.refusals import Refused

HOLD = oc.HoldPayout(hold_id="x9.1", claim="x9.1", reason="fake.counterfeit")


def answer(*, kept: bool, hold_id: str = "x9.1") -> oc.AnswerHold:
    return oc.AnswerHold(hold_id=hold_id, kept=kept, reason="The maker answered.")


@pytest.mark.row("E9")
def test_a_held_payout_waits_and_is_released_by_the_clock() -> None:
    market = delivered()
    market.now = market.custody.waiting.until  # type: ignore[union-attr]
    market.lapse()  # the reminder
    told(market, HOLD, CLOCK)
    told(market, HOLD, CLOCK)
    (hold,) = market.custody.holds
    assert (hold.state, hold.clause) == ("held", "counterfeit.hold.default")
    market.now = market.custody.waiting.until  # type: ignore[union-attr]
    market.lapse()
    assert market.custody.stage is Stage.HELD
    assert market.custody.waiting is not None
    assert (market.custody.waiting.default, market.custody.waiting.until) == ("release_hold", hold.until)
    market.now = hold.until
    market.lapse()
    assert market.custody.stage is Stage.RELEASED
    assert (market.custody.holds[0].state, market.custody.holds[0].note) == ("released", "lapsed")
    pass_by(market)
    (payout,) = market.custody.books.pending.values()
    assert (payout.purpose, payout.amount) == ("payout", PAID)


@pytest.mark.row("E9", "H5")
def test_money_about_to_be_paid_out_is_stopped_and_what_has_left_is_not() -> None:
    market = delivered()
    while market.custody.stage is not Stage.RELEASED:
        market.now = market.custody.waiting.until  # type: ignore[union-attr]
        market.lapse()
    told(market, HOLD, CLOCK)
    assert market.custody.stage is Stage.HELD
    told(market, answer(kept=True), OPERATOR)
    (hold,) = market.custody.holds
    assert (hold.state, hold.clause) == ("kept", "counterfeit.keep.default")
    told(market, answer(kept=False), OPERATOR)
    assert market.custody.stage is Stage.RELEASED
    market.now = market.custody.waiting.until  # type: ignore[union-attr]
    market.lapse()
    late = market.do(oc.HoldPayout(hold_id="h2", reason="Late."), OPERATOR, on_order=True)
    assert isinstance(late, Refused)
    assert late.kind == "not_possible_now"
    assert isinstance(market.do(HOLD, SELLER, on_order=True), Refused)
    again = market.do(answer(kept=True), OPERATOR, on_order=True)
    assert isinstance(again, Refused)


@pytest.mark.row("E9")
def test_a_receipt_does_not_get_round_a_hold() -> None:
    market = delivered()
    told(market, HOLD, CLOCK)
    told(market, oc.ConfirmReceipt(), BUYER)
    assert market.custody.stage is Stage.HELD
    assert market.books() == {"escrow": PAID}


STEPS = st.lists(
    st.sampled_from(
        ["hold", "other", "keep", "release", "release other", "dispute", "won", "lost", "time", "half"]
    ),
    max_size=14,
)
DEEDS = {
    "hold": HOLD,
    "other": oc.HoldPayout(hold_id="x9.2", claim="x9.2", reason="fake.counterfeit"),
    "keep": answer(kept=True),
    "release": answer(kept=False),
    "release other": answer(kept=False, hold_id="x9.2"),
    "dispute": dispute(),
    "won": bank(won=True),
    "lost": bank(won=False),
}


def pass_some(market: Market, part: int) -> None:
    """Let the order's deadline pass, or a part of the time to it."""
    waiting = market.custody.waiting
    if waiting is None:
        return
    market.now = max(market.now, market.now + (waiting.until - market.now) / part)
    if market.now >= waiting.until:
        market.lapse()


@pytest.mark.row("E9", "H5")
@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_happens_the_money_ends_somewhere(steps: list[str]) -> None:
    market = delivered()
    for step in steps:
        if step in DEEDS:
            market.do(DEEDS[step], OPERATOR, on_order=True)
        else:
            pass_some(market, 2 if step == "half" else 1)
        assert check(market.custody.books) == ()
    if any(one.state == "open" for one in market.custody.chargebacks):
        told(market, bank(won=True), OPERATOR)
    for _ in range(20):
        pass_some(market, 1)
    assert market.custody.waiting is None
    assert market.custody.stage in {Stage.RELEASED, Stage.PAID_OUT}
    assert market.custody.books.escrow == 0
