"""Drafts, offers and silence: how the two sides settle a claim, and how it gets to a mediator."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import (
    BOTH,
    CHANGED_MIND,
    DAMAGED,
    EXCHANGE,
    FIRST,
    PHOTO,
    RETURN,
    SECOND,
    TENDERS,
    offer,
    reach,
)
from tests.domain.marketplace import BUYER, MEDIATOR, PROVIDER, SELLER, Market, an_order, terms_for

from amends.domain.cases import commands as c
from amends.domain.cases.model import Finding, Goods, Outcome, Remedy, Settled, State
from amends.domain.custody.commands import RecordCapture
from amends.domain.orders import Tier, Unit
from amends.domain.parties import Role
from amends.domain.policy.terms import Terms

MILLISECOND = timedelta(milliseconds=1)
CHANGED = c.OpenClaim(
    reason="no_reason.changed_mind", units=BOTH, wanted=Remedy(8000, Goods.RETURN), story="Too big."
)


def with_default(name: str, default: str) -> Terms:
    """The terms of the default pack with another outcome for one clock."""
    terms = terms_for()
    candidates = tuple(replace(candidate, default=default) for candidate in terms.values[name])
    return replace(terms, terms_id=f"{name}-{default}", values={**terms.values, name: candidates})


# ---- asking


def test_a_claim_is_an_offer_to_the_seller_who_has_five_days() -> None:
    market = Market.delivered()
    case = market.open(DAMAGED)
    assert case.state is State.AWAITING_SELLER
    assert [(o.offer_id, o.by, o.remedy.amount, o.state) for o in case.offers] == [
        (1, Role.BUYER, 9000, "open")
    ]
    assert case.waiting is not None
    assert (case.waiting.on, case.waiting.until) == (Role.SELLER, market.now + timedelta(days=5))
    assert case.waiting.clause == "negotiation.seller_response.default"
    assert case.negotiation_ends_at == market.now + timedelta(days=15)


def test_the_terms_say_who_pays_the_way_back_whatever_the_buyer_writes() -> None:
    market = Market.delivered()
    faulty = replace(DAMAGED, wanted=replace(RETURN, freight_payer=Role.BUYER), units=(FIRST,))
    assert market.open(replace(faulty, wanted=Remedy(4500, Goods.RETURN))).wanted.freight_payer is Role.SELLER
    unwanted = replace(CHANGED, units=(SECOND,), wanted=Remedy(4000, Goods.RETURN, freight_payer=Role.SELLER))
    assert market.open(unwanted).wanted.freight_payer is Role.BUYER


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"reason": "quality.bored"}, "unknown_reason"),
        ({"reason": "cancel.mistake"}, "unknown_reason"),
        ({"units": ()}, "invalid"),
        ({"units": (Unit("l7", 0),)}, "unknown_line"),
        ({"units": (Unit("l1", 5),)}, "quantity_too_high"),
        ({"units": (FIRST, FIRST)}, "invalid"),
        ({"wanted": Remedy(9001, Goods.RETURN)}, "amount_too_high"),
        ({"wanted": Remedy(-1, Goods.RETURN)}, "invalid"),
        ({"wanted": Remedy(0, Goods.RETURN)}, "invalid"),
        ({"wanted": Remedy(9000, Goods.KEEP)}, "remedy_closed"),
        ({"wanted": EXCHANGE}, "remedy_closed"),
        ({"reason": "not_received.overdue", "wanted": Remedy(9000)}, "not_open_yet"),
    ],
)
def test_what_the_terms_do_not_give_cannot_be_claimed(change: dict[str, object], kind: str) -> None:
    market = Market.delivered()
    market.refused(kind, replace(DAMAGED, **change), BUYER, on_order=True)
    assert not market.scene.cases


def test_a_claim_ends_with_the_return_window() -> None:
    market = Market.delivered()
    delivered = market.now
    market.now = delivered + timedelta(days=15)
    refusal = market.refused("window_closed", DAMAGED, BUYER, on_order=True)
    assert refusal.clause == "return.window.default"
    market.now -= MILLISECOND
    market.open(DAMAGED)


def test_an_exchange_that_names_no_amount_falls_back_on_everything_paid() -> None:
    market = Market.delivered()
    case = market.open(replace(DAMAGED, wanted=Remedy(0, Goods.RETURN, "blue")))
    assert case.wanted.amount == 9000
    market.must(offer(0, Goods.KEEP, "blue"), SELLER)
    assert market.case.offers[-1].remedy.amount == 9000


def test_a_unit_is_in_one_case_at_a_time() -> None:
    market = Market.delivered()
    market.open(replace(DAMAGED, units=(FIRST,), wanted=Remedy(4500, Goods.RETURN)))
    refusal = market.refused("unit_taken", DAMAGED, BUYER, on_order=True)
    assert refusal.facts == {"units": ["l1#0"], "cases": ["o1.1"]}
    assert market.open(replace(DAMAGED, units=(SECOND,), wanted=Remedy(4500, Goods.RETURN))).case_id == "o1.2"


def test_a_withdrawn_claim_lets_its_units_go() -> None:
    market = reach(State.AWAITING_SELLER)
    market.must(c.Withdraw(), BUYER)
    assert market.case.outcome is Outcome.WITHDRAWN
    assert market.open(DAMAGED).case_id == "o1.2"


# ---- drafts


def test_a_draft_is_the_buyers_own_and_holds_neither_money_nor_units() -> None:
    market = reach(State.DRAFTING)
    draft = market.case
    assert (draft.offers, draft.negotiation_ends_at) == ((), None)
    assert market.open(DAMAGED).case_id == "o1.2"
    # The units have gone to another case meanwhile.
    market.refused("unit_taken", c.SubmitDraft(), BUYER, case_id="o1.1")


def test_a_draft_is_edited_and_sent() -> None:
    market = reach(State.DRAFTING)
    kept_until = market.case.waiting
    market.must(
        c.EditDraft(reason="quality.defective", units=(FIRST,), wanted=Remedy(1500), evidence=(PHOTO,)),
        BUYER,
    )
    assert market.case.waiting == kept_until
    market.wait(days=2)
    market.must(c.SubmitDraft(), BUYER)
    case = market.case
    assert (case.state, case.reason, case.units) == (State.AWAITING_SELLER, "quality.defective", (FIRST,))
    assert case.evidence[0].at == market.now - timedelta(days=2)
    assert case.negotiation_ends_at == market.now + timedelta(days=15)
    assert case.offers[0].remedy.amount == 1500


def test_a_draft_may_wait_for_its_window_and_may_miss_it() -> None:
    market = Market()
    market.wait(days=1)
    market.ship()
    missing = c.OpenClaim(reason="not_received.overdue", units=BOTH, wanted=Remedy(9000), draft=True)
    assert market.open(missing).state is State.DRAFTING
    market.refused("not_open_yet", c.SubmitDraft(), BUYER)


def test_a_forgotten_draft_is_discarded_after_thirty_days() -> None:
    market = reach(State.DRAFTING)
    opened = market.case.opened_at
    market.now = opened + timedelta(days=30) - MILLISECOND
    market.lapse()
    assert market.case.state is State.DRAFTING
    market.now += MILLISECOND
    market.lapse()
    assert market.case.outcome is Outcome.DISCARDED


def test_a_draft_that_asks_for_nothing_cannot_be_sent() -> None:
    market = Market.delivered()
    market.open(replace(DAMAGED, wanted=Remedy(0), draft=True))
    market.refused("invalid", c.SubmitDraft(), BUYER)


# ---- offers


def test_accepting_an_offer_is_final_and_pays_it_over_all_tenders() -> None:
    market = reach(State.AWAITING_BUYER)
    market.must(c.AcceptOffer(offer_id=2), BUYER)
    case = market.case
    assert case.settlement is not None
    assert (case.settlement.by, case.settlement.remedy.amount) == (Settled.AGREEMENT, 3000)
    assert [o.state for o in case.offers] == ["countered", "accepted"]
    assert [(r.tender_id, r.amount) for r in case.refunds] == [("t1", 2000), ("t2", 1000)]
    market.confirm_refunds()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.PARTLY_REFUNDED)
    assert market.books() == {"escrow": 6000}
    assert market.custody.books.unit_refunded == {"l1#0": 1500, "l1#1": 1500}


def test_an_offer_that_has_been_replaced_cannot_be_accepted() -> None:
    market = reach(State.AWAITING_BUYER)
    market.must(offer(4000), SELLER)
    refusal = market.refused("not_possible_now", c.AcceptOffer(offer_id=2), BUYER)
    assert refusal.facts == {"latest": 3}
    assert [o.state for o in market.case.offers] == ["countered", "replaced", "open"]


def test_a_counter_offer_passes_the_turn() -> None:
    market = reach(State.AWAITING_BUYER)
    market.must(offer(6000), BUYER)
    case = market.case
    assert case.state is State.AWAITING_SELLER
    assert case.waiting is not None
    assert case.waiting.until == market.now + timedelta(days=5)
    assert [o.state for o in case.offers] == ["countered", "countered", "open"]


def test_declining_gives_the_turn_back() -> None:
    market = reach(State.AWAITING_SELLER)
    market.must(c.DeclineOffer(note="It was packed well."), SELLER)
    assert market.case.state is State.AWAITING_BUYER
    assert market.case.offers[0].state == "declined"
    market.refused("not_possible_now", c.DeclineOffer(), BUYER)
    market.refused("not_possible_now", c.AcceptOffer(), BUYER)
    market.must(offer(5000), BUYER)
    assert market.case.state is State.AWAITING_SELLER


def test_a_seller_may_give_more_than_the_terms_do_but_not_more_than_was_paid() -> None:
    market = Market.delivered()
    market.open(CHANGED)
    assert market.refused("amount_too_high", offer(9001), SELLER).facts["most"] == 9000
    market.refused("invalid", offer(-1), SELLER)
    market.must(offer(9000), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED


def test_a_buyer_cannot_ask_in_a_negotiation_for_what_the_terms_closed() -> None:
    market = Market.delivered()
    market.open(CHANGED)
    refusal = market.refused("remedy_closed", offer(8000, Goods.KEEP), BUYER)
    assert refusal.clause
    market.refused("amount_too_high", offer(8001, Goods.RETURN), BUYER)
    market.must(offer(7000, Goods.RETURN), BUYER)


def test_a_buyers_offer_is_judged_by_the_day_of_the_claim() -> None:
    market = Market.delivered()
    market.wait(days=14)
    market.open(DAMAGED)
    market.wait(days=3)  # the window to claim has closed meanwhile
    market.must(offer(4000), BUYER)


def test_asking_for_less_leaves_the_sellers_clock_alone_and_asking_for_more_starts_it_again() -> None:
    market = Market.delivered()
    opened = market.open(replace(DAMAGED, wanted=Remedy(5000)))
    market.wait(days=4)
    market.must(offer(4000), BUYER)
    assert market.case.waiting == opened.waiting
    market.must(offer(4500), BUYER)
    assert market.case.waiting is not None
    assert market.case.waiting.until == market.now + timedelta(days=5)
    # Asking for more again and again cannot outlast the negotiation.
    market.wait(days=4)
    market.must(offer(4600), BUYER)
    market.wait(days=4)
    market.must(offer(4700), BUYER)
    assert market.case.waiting.until == opened.opened_at + timedelta(days=15)
    assert market.case.waiting.default == "escalate"


# ---- silence


def test_seller_silence_grants_the_request() -> None:
    market = reach(State.AWAITING_SELLER)
    market.to_deadline()
    case = market.case
    assert case.state is State.AWAITING_INSTRUCTIONS
    assert case.settlement is not None
    assert case.settlement.by is Settled.SILENCE
    assert case.settlement.remedy == replace(RETURN, freight_payer=Role.SELLER)
    assert case.settlement.clause == "negotiation.seller_response.default"


def test_seller_silence_grants_what_was_asked_last() -> None:
    market = reach(State.AWAITING_BUYER)
    market.must(offer(6000), BUYER)
    market.to_deadline()
    assert market.case.settlement is not None
    assert market.case.settlement.remedy.amount == 6000
    market.confirm_refunds()
    assert market.books() == {"escrow": 3000}


def test_buyer_silence_takes_the_case_to_a_mediator() -> None:
    market = reach(State.AWAITING_BUYER)
    market.to_deadline()
    assert (market.case.state, market.case.escalated_by) == (State.MEDIATING, Role.CLOCK)


@pytest.mark.parametrize(
    ("clock", "default", "state", "after"),
    [
        ("negotiation.seller_response", "escalate", State.AWAITING_SELLER, State.MEDIATING),
        ("negotiation.buyer_response", "accept_offer", State.AWAITING_BUYER, State.REFUND_INITIATED),
        ("negotiation.buyer_response", "withdraw", State.AWAITING_BUYER, State.CLOSED),
    ],
)
def test_the_clause_of_a_clock_says_what_silence_means(
    clock: str, default: str, state: State, after: State
) -> None:
    market = reach(state, terms=with_default(clock, default))
    assert market.case.waiting is not None
    assert market.case.waiting.default == default
    market.to_deadline()
    assert market.case.state is after


def test_silence_cannot_accept_an_offer_that_was_never_made() -> None:
    market = reach(State.AWAITING_SELLER, terms=with_default("negotiation.buyer_response", "accept_offer"))
    market.must(c.DeclineOffer(), SELLER)
    market.to_deadline()
    assert market.case.state is State.MEDIATING


def test_a_negotiation_ends_after_fifteen_days_whoever_is_waited_on() -> None:
    market = reach(State.AWAITING_SELLER)
    opened = market.case.opened_at
    market.wait(days=4)
    market.must(offer(3000), SELLER)
    market.wait(days=4)
    market.must(offer(6000), BUYER)
    market.wait(days=4)
    market.must(offer(4000), SELLER)
    case = market.case
    assert case.waiting is not None
    assert case.waiting.until == opened + timedelta(days=15)
    assert (case.waiting.default, case.waiting.clause) == ("escalate", "negotiation.limit.default")
    market.to_deadline()
    assert market.case.state is State.MEDIATING


def test_a_seller_silent_at_the_limit_is_not_taken_for_granting() -> None:
    market = reach(State.AWAITING_SELLER)
    for amount, actor in ((3000, SELLER), (6000, BUYER), (4000, SELLER), (5500, BUYER)):
        market.wait(days=3)
        market.must(offer(amount), actor)
    market.to_deadline()
    assert market.case.state is State.MEDIATING


# ---- leaving


@pytest.mark.parametrize(
    "state", [State.AWAITING_SELLER, State.MEDIATING, State.AWAITING_INSTRUCTIONS, State.AWAITING_SHIPMENT]
)
def test_a_claim_can_be_withdrawn_until_somebody_ruled(state: State) -> None:
    market = reach(state)
    market.must(c.Withdraw(), BUYER)
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.WITHDRAWN)
    assert market.books() == {"escrow": 9000}


def test_after_a_ruling_nothing_can_be_withdrawn() -> None:
    market = reach(State.RULED)
    market.must(c.AcceptRuling(), BUYER)
    market.must(c.AcceptRuling(), SELLER)
    market = reach(State.MEDIATING)
    market.must(
        c.Rule(
            remedy=Remedy(9000, Goods.RETURN),
            reasons="Cracked.",
            findings=(Finding(fact="Cracked.", clause="return.window.default"),),
        ),
        MEDIATOR,
    )
    market.to_deadline()
    assert market.case.state is State.AWAITING_INSTRUCTIONS
    market.refused("not_possible_now", c.Withdraw(), BUYER)


def test_evidence_is_signed_by_who_brings_it() -> None:
    market = reach(State.AWAITING_SELLER)
    market.must(c.AddEvidence(items=(PHOTO,)), SELLER)
    assert (market.case.evidence[0].by, market.case.evidence[0].at) == (Role.SELLER, market.now)
    market.refused("invalid", c.AddEvidence(items=()), SELLER)


def test_no_more_can_be_claimed_than_was_captured() -> None:
    market = Market.delivered(an_order(tenders=TENDERS[:1]))  # 60.00 of 90.00
    assert market.refused("amount_too_high", DAMAGED, BUYER, on_order=True).facts["most"] == 6000
    market.open(replace(DAMAGED, wanted=Remedy(6000, Goods.RETURN)))


def test_of_what_was_never_captured_nothing_can_be_claimed() -> None:
    market = Market.delivered(an_order(tenders=()))
    market.refused("not_captured", DAMAGED, BUYER, on_order=True)
    market.open(replace(DAMAGED, draft=True))
    market.refused("not_captured", c.SubmitDraft(), BUYER)
    market.must(RecordCapture(tender=TENDERS[0]), PROVIDER, on_order=True)
    market.must(c.EditDraft(reason=DAMAGED.reason, units=BOTH, wanted=Remedy(6000, Goods.RETURN)), BUYER)
    market.must(c.SubmitDraft(), BUYER)


def test_the_tier_of_a_buyer_changes_nothing_about_claims() -> None:
    market = Market.delivered(an_order(tier=Tier.DIAMOND, quantity=1, item=1000, shipping=0))
    assert market.open(replace(DAMAGED, units=(FIRST,), wanted=Remedy(500))).state is State.AWAITING_SELLER
    market.refused("window_closed", CHANGED_MIND, BUYER, on_order=True)
