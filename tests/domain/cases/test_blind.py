"""Blind settlement: where two limits meet, and that nothing of them is recorded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.cases.stages import reach
from tests.domain.marketplace import BUYER, OPERATOR, SELLER

from amends.domain.cases import commands as c
from amends.domain.cases.blind import meeting, round_of
from amends.domain.cases.model import Goods, Remedy, Settled, State
from amends.domain.chain import GENESIS, link
from amends.domain.parties import CLOCK, Role


@pytest.mark.row("X6")
@given(buyer=st.integers(1, 10**9), seller=st.integers(1, 10**9), most=st.integers(1, 10**9))
def test_limits_meet_halfway_within_both_and_half_a_unit_is_the_buyers(
    buyer: int, seller: int, most: int
) -> None:
    amount = meeting(buyer, seller, most)
    reach_of_seller = min(seller, most)
    assert (amount is not None) == (buyer <= reach_of_seller)
    if amount is not None:
        assert buyer <= amount <= reach_of_seller
        assert 0 <= (amount - buyer) - (reach_of_seller - amount) <= 1


@pytest.mark.row("X6")
@pytest.mark.parametrize("state", [State.AWAITING_SELLER, State.AWAITING_BUYER])
def test_a_case_settles_at_once_with_its_clause_and_only_the_amount_is_recorded(state: State) -> None:
    market = reach(state)
    before = len(market.log)
    market.must(c.SettleBlind(buyer=1313, seller=2718), CLOCK)
    settlement = market.case.settlement
    assert settlement is not None
    assert (settlement.by, settlement.clause) == (Settled.BLIND, "blind.changes.default")
    assert settlement.remedy == Remedy(2016, Goods.KEEP)
    told = b"".join(link(GENESIS, recorded)[0] for recorded in market.log[before:])
    assert b"2016" in told
    assert b"1313" not in told
    assert b"2718" not in told


@pytest.mark.row("X6")
def test_limits_that_do_not_meet_settle_nothing() -> None:
    market = reach(State.AWAITING_SELLER)
    market.refused("not_possible_now", c.SettleBlind(buyer=2001, seller=2000), CLOCK)
    assert market.case.state is State.AWAITING_SELLER


@pytest.mark.row("X6")
@pytest.mark.parametrize("actor", [BUYER, SELLER, OPERATOR])
def test_nobody_can_claim_that_limits_met(actor: object) -> None:
    market = reach(State.AWAITING_SELLER)
    market.refused("not_possible_now", c.SettleBlind(buyer=1, seller=9000), actor)  # type: ignore[arg-type]


@pytest.mark.row("X6")
def test_a_new_round_is_the_other_sides_to_open() -> None:
    market = reach(State.AWAITING_SELLER)
    rounds = [(round_of(market.case, Role.BUYER), round_of(market.case, Role.SELLER))]
    for actor in (SELLER, SELLER, BUYER):
        market.must(c.MakeOffer(remedy=Remedy(1000)), actor)
        rounds.append((round_of(market.case, Role.BUYER), round_of(market.case, Role.SELLER)))
    assert rounds == [(0, 1), (1, 1), (2, 1), (2, 2)]


@pytest.mark.row("X6")
def test_a_command_with_limits_does_not_show_them() -> None:
    command = c.SettleBlind(buyer=1313, seller=2718)
    assert "1313" not in f"{command} {command!r} {[command]}"
    assert "2718" not in f"{command} {command!r} {[command]}"
