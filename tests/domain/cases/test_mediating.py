"""Before a mediator: evidence, rulings, appeals, and what happens when nobody decides."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import (
    APPEAL,
    BOTH,
    DAMAGED,
    FIRST,
    PHOTO,
    SECOND,
    offer,
    reach,
    ruling,
    verdicts,
)
from tests.domain.marketplace import (
    BUYER,
    CARRIER,
    MEDIATOR,
    OPERATOR,
    OTHER_MEDIATOR,
    PLACED,
    SELLER,
    Market,
    an_order,
    terms_for,
)

from amends.domain.cases import commands as c
from amends.domain.cases.model import (
    EvidenceItem,
    Finding,
    Goods,
    Inspection,
    Outcome,
    Reception,
    Remedy,
    Settled,
    State,
)
from amends.domain.custody.commands import RecordTracking
from amends.domain.orders import Signal, TrackingEvent
from amends.domain.parties import Actor, Role

ASK_SELLER = c.RequestEvidence(of=Role.SELLER, items=("proof of packing",))
ASK_BUYER = c.RequestEvidence(of=Role.BUYER, items=("a photo",))


# ---- taking a case, asking for evidence


def test_acting_on_a_case_takes_it_and_another_mediator_has_to_take_it_over() -> None:
    market = reach(State.MEDIATING)
    market.must(c.TakeCase(), MEDIATOR)
    market.refused("not_possible_now", c.TakeCase(), MEDIATOR)
    market.refused("not_possible_now", ruling(4500), OTHER_MEDIATOR)
    market.refused("not_possible_now", ASK_SELLER, OTHER_MEDIATOR)
    market.must(c.TakeCase(), OTHER_MEDIATOR)
    market.must(ruling(4500), OTHER_MEDIATOR)
    assert market.case.rulings[0].mediator_id == OTHER_MEDIATOR.id


@pytest.mark.parametrize("party", [BUYER.id, SELLER.id])
@pytest.mark.parametrize("role", [Role.MEDIATOR, Role.OPERATOR])
def test_a_party_to_the_case_cannot_decide_it_in_another_role(party: str, role: Role) -> None:
    market = reach(State.MEDIATING)
    for command in (c.TakeCase(), ruling(4500), ASK_BUYER):
        market.refused("conflict_of_interest", command, Actor(role, party))


def test_named_evidence_is_asked_of_one_side_and_answered_by_it() -> None:
    market = reach(State.MEDIATING)
    market.must(ASK_SELLER, MEDIATOR)
    case = market.case
    assert case.waiting is not None
    assert (case.waiting.on, case.waiting.until) == (Role.SELLER, market.now + timedelta(days=3))
    assert case.mediator_id == MEDIATOR.id
    market.refused("not_possible_now", c.SubmitEvidence(items=(PHOTO,)), BUYER)
    market.refused("invalid", c.SubmitEvidence(items=()), SELLER)
    market.must(c.SubmitEvidence(items=(PHOTO,)), SELLER)
    assert market.case.state is State.MEDIATING
    assert market.case.evidence_requests[0].answered
    assert market.case.evidence[-1].by is Role.SELLER


def test_without_an_answer_the_case_is_ruled_on_what_is_there() -> None:
    market = reach(State.AWAITING_EVIDENCE)
    market.to_deadline()
    assert market.case.state is State.MEDIATING
    assert not market.case.evidence_requests[0].answered


def test_evidence_is_asked_for_twice_at_most() -> None:
    market = reach(State.AWAITING_EVIDENCE)
    market.to_deadline()
    market.must(ASK_SELLER, MEDIATOR)
    market.to_deadline()
    refusal = market.refused("not_possible_now", ASK_BUYER, MEDIATOR)
    assert (refusal.facts, refusal.clause) == ({"rounds": 2}, "mediation.evidence_rounds.default")


@pytest.mark.parametrize(
    "request_",
    [c.RequestEvidence(of=Role.CARRIER, items=("a scan",)), c.RequestEvidence(of=Role.BUYER, items=())],
)
def test_a_request_names_a_party_and_what_is_wanted(request_: c.RequestEvidence) -> None:
    reach(State.MEDIATING).refused("invalid", request_, MEDIATOR)


# ---- time


def test_a_senior_is_alerted_after_five_days_and_the_backstop_comes_after_fourteen() -> None:
    market = reach(State.MEDIATING)
    assert market.case.mediation_since is not None
    since = market.case.mediation_since
    market.now = since + timedelta(days=5)
    market.lapse()
    assert market.case.state is State.MEDIATING_LATE
    assert market.case.waiting is not None
    assert (market.case.waiting.on, market.case.waiting.until) == (Role.OPERATOR, since + timedelta(days=14))
    market.to_deadline()
    assert market.case.state is State.RULED
    assert market.case.rulings[0].mediator_id == ""


def test_after_late_evidence_the_senior_still_has_time_before_the_backstop() -> None:
    market = reach(State.MEDIATING)
    assert market.case.mediation_since is not None
    since = market.case.mediation_since
    market.now = since + timedelta(days=13)
    market.lapse()
    market.must(ASK_BUYER, MEDIATOR)
    market.to_deadline()  # day 16: nothing came
    market.to_deadline()  # day 21: the alert
    assert market.now == since + timedelta(days=21)
    assert market.case.state is State.MEDIATING_LATE
    assert market.case.waiting is not None
    assert market.case.waiting.until == market.now + timedelta(days=2)


# ---- ruling


def test_a_ruling_names_its_findings_and_each_its_clause() -> None:
    market = reach(State.MEDIATING)
    market.refused("invalid", replace(ruling(4500), findings=()), MEDIATOR)
    market.refused("invalid", replace(ruling(4500), reasons="  "), MEDIATOR)
    unknown = replace(ruling(4500), findings=(Finding(fact="Cracked.", clause="no.such.clause"),))
    assert market.refused("invalid", unknown, MEDIATOR).pointer == "/findings/0/clause"
    assert market.refused("amount_too_high", ruling(9001), MEDIATOR).facts["most"] == 9000
    market.must(ruling(9000), MEDIATOR)


@pytest.mark.parametrize(("amount", "on"), [(0, Role.BUYER), (4500, Role.SELLER), (9000, Role.SELLER)])
def test_a_ruling_waits_seven_days_for_who_has_to_give_way(amount: int, on: Role) -> None:
    market = reach(State.MEDIATING)
    market.must(ruling(amount), MEDIATOR)
    waiting = market.case.waiting
    assert waiting is not None
    assert (waiting.on, waiting.until) == (on, market.now + timedelta(days=7))
    assert (waiting.default, waiting.clause) == ("ruling_stands", "ruling.reply.default")


def test_a_ruling_that_both_accept_takes_effect_at_once() -> None:
    market = reach(State.RULED)
    market.must(c.AcceptRuling(), SELLER)
    assert market.case.waiting is not None
    assert market.case.waiting.on is Role.BUYER
    market.refused("not_possible_now", c.AcceptRuling(), SELLER)
    market.refused("not_possible_now", APPEAL, SELLER)
    market.must(c.AcceptRuling(), BUYER)
    assert market.case.settlement is not None
    assert market.case.settlement.by is Settled.RULING
    market.confirm_refunds()
    assert market.case.outcome is Outcome.PARTLY_REFUNDED
    assert market.books() == {"escrow": 4500}


def test_silence_accepts_a_ruling() -> None:
    market = reach(State.RULED)
    market.to_deadline()
    market.confirm_refunds()
    assert market.books() == {"escrow": 4500}
    assert market.case.settlement is not None
    assert market.case.settlement.by is Settled.RULING


def test_a_ruling_against_the_buyer_closes_the_case() -> None:
    market = reach(State.MEDIATING)
    market.must(ruling(0), MEDIATOR)
    market.to_deadline()
    assert (market.case.state, market.case.outcome) == (State.CLOSED, Outcome.DECLINED)
    assert market.books() == {"escrow": 9000}


def test_nobody_is_told_to_send_goods_back_for_nothing() -> None:
    market = reach(State.MEDIATING)
    market.must(ruling(0, Goods.RETURN), MEDIATOR)
    market.to_deadline()
    assert market.case.outcome is Outcome.DECLINED


def test_a_ruling_may_order_an_exchange_or_a_return() -> None:
    market = reach(State.MEDIATING)
    market.must(ruling(0, Goods.RETURN, "blue"), MEDIATOR)
    assert market.case.rulings[0].remedy.amount == 9000
    market.to_deadline()
    assert market.case.state is State.AWAITING_INSTRUCTIONS


def test_offers_go_on_before_a_mediator_and_settle_the_case() -> None:
    market = reach(State.MEDIATING)
    market.must(offer(5000), BUYER)
    assert market.case.state is State.MEDIATING
    market.must(c.AcceptOffer(), SELLER)
    assert market.case.settlement is not None
    assert market.case.settlement.by is Settled.AGREEMENT
    market.confirm_refunds()
    assert market.books() == {"escrow": 4000}


# ---- appeal


def test_an_appeal_needs_new_evidence_and_goes_to_another_mediator() -> None:
    market = reach(State.RULED)
    market.refused("evidence_missing", replace(APPEAL, evidence=()), BUYER)
    market.must(APPEAL, SELLER)
    case = market.case
    assert (case.appealed_by, case.mediator_id) == (Role.SELLER, "")
    assert case.waiting is not None
    assert case.waiting.until == market.now + timedelta(days=7)
    for command in (c.TakeCase(), ruling(9000)):
        market.refused("conflict_of_interest", command, MEDIATOR)
    market.must(ruling(9000), OTHER_MEDIATOR)
    assert market.case.rulings[-1].final
    assert market.case.settlement is not None
    assert (market.case.settlement.by, market.case.settlement.clause) == (
        Settled.APPEAL,
        "appeal.decision.default",
    )
    market.confirm_refunds()
    assert market.case.outcome is Outcome.REFUNDED
    assert market.books() == {}


def test_a_ruling_on_appeal_is_final() -> None:
    market = reach(State.APPEALED)
    market.must(ruling(0), OTHER_MEDIATOR)
    assert market.case.state is State.CLOSED
    market.refused("not_possible_now", APPEAL, BUYER)


def test_an_operator_whose_ruling_is_appealed_does_not_decide_the_appeal() -> None:
    market = reach(State.MEDIATING)
    market.must(ruling(4500), OPERATOR)
    market.must(APPEAL, BUYER)
    market.refused("conflict_of_interest", ruling(0), OPERATOR)


def test_an_appeal_nobody_decides_ends_by_the_recommended_ruling() -> None:
    market = reach(State.APPEALED)
    market.to_deadline()
    assert market.case.rulings[-1].mediator_id == ""
    assert market.case.rulings[-1].final
    assert market.case.state is not State.APPEALED


# ---- the recommended ruling


def recommended(market: Market) -> Remedy:
    """What the backstop rules on the market's case, which is before a mediator."""
    while market.case.state is not State.RULED:
        market.to_deadline()
    return market.case.rulings[-1].remedy


def test_a_buyer_who_must_prove_and_did_prevails() -> None:
    market = reach(State.MEDIATING)
    market.must(c.AddEvidence(items=(PHOTO,)), BUYER)
    assert recommended(market) == market.case.wanted


def test_a_buyer_who_must_prove_and_did_not_gets_nothing() -> None:
    market = reach(State.MEDIATING)
    assert recommended(market) == Remedy(0)


def test_evidence_of_the_wrong_kind_proves_nothing() -> None:
    market = reach(State.MEDIATING)
    market.must(c.AddEvidence(items=(replace(PHOTO, kind="receipt"),)), BUYER)
    assert recommended(market) == Remedy(0)


@pytest.mark.parametrize(("postcode", "amount"), [("10115", 0), ("20457", 9000), (None, 9000)])
def test_goods_reported_missing_are_refunded_unless_delivery_to_the_buyer_is_proven(
    postcode: str | None, amount: int
) -> None:
    market = Market()
    market.ship()
    market.wait(days=57)
    market.open(c.OpenClaim(reason="not_received.overdue", units=BOTH, wanted=Remedy(9000)))
    market.must(c.Escalate(), SELLER)
    if postcode is not None:
        scan = TrackingEvent(market.now, Signal.DELIVERED, "DE", postcode)
        market.must(RecordTracking(parcel_id="p1", events=(scan,)), CARRIER, on_order=True)
    assert recommended(market).amount == amount
    finding = market.case.rulings[-1].findings[-1]
    assert finding.clause == "tracking.rebuttal.default"


# ---- a contested return


def contested(*accepted: bool, agreed: int = 9000) -> Market:
    """A return agreed at ``agreed`` minor units, inspected so by the seller, and contested."""
    market = reach(State.AWAITING_SELLER)
    market.must(offer(agreed, Goods.RETURN), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.must(c.GiveInstructions(address="Hafenstrasse 3"), SELLER)
    market.must(c.ShipReturn(carrier="Swift Post", tracking_number="RR123456789"), BUYER)
    market.must(c.RecordReturnScan(signal=Signal.DELIVERED, scanned_at=market.now), CARRIER)
    market.must(verdicts(*accepted), SELLER)
    market.must(c.ContestRejection(note="It came back as it was."), BUYER)
    return market


def test_a_contested_return_is_decided_in_money_only() -> None:
    market = contested(False, False)
    for remedy in (Remedy(9000, Goods.RETURN), Remedy(9000, Goods.KEEP, "blue")):
        market.refused("invalid", replace(ruling(0), remedy=remedy), MEDIATOR)
    market.must(ruling(2000), MEDIATOR)
    assert market.case.state is State.RULED
    market.to_deadline()
    market.confirm_refunds()
    assert market.books() == {"escrow": 7000}


def test_the_ruling_on_a_contested_return_can_be_appealed_once() -> None:
    market = contested(False, False)
    market.must(ruling(0), MEDIATOR)
    market.must(APPEAL, BUYER)
    market.must(ruling(9000), OTHER_MEDIATOR)
    assert market.case.state is State.REFUND_INITIATED


def test_there_is_no_second_appeal_on_the_return_of_a_case_appealed_before() -> None:
    market = reach(State.APPEALED)
    market.must(ruling(9000, Goods.RETURN), OTHER_MEDIATOR)
    market.must(c.GiveInstructions(address="Hafenstrasse 3"), SELLER)
    market.must(c.ShipReturn(carrier="Swift Post", tracking_number="RR123456789"), BUYER)
    market.must(verdicts(False, False), SELLER)
    market.must(c.ContestRejection(note="It came back as it was."), BUYER)
    market.must(ruling(3000), MEDIATOR)
    assert market.case.rulings[-1].final
    assert market.case.settlement is not None
    assert market.case.settlement.by is Settled.RULING
    assert market.case.state is State.REFUND_INITIATED


def test_offers_from_before_a_contested_return_are_gone() -> None:
    market = reach(State.AWAITING_BUYER)  # the seller once offered 30.00 for keeping it
    market.must(offer(9000, Goods.RETURN), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.must(c.GiveInstructions(address="Hafenstrasse 3"), SELLER)
    market.must(c.ShipReturn(carrier="Swift Post", tracking_number="RR123456789"), BUYER)
    market.must(verdicts(False, False), SELLER)
    market.must(c.ContestRejection(note="It came back as it was."), BUYER)
    for actor in (BUYER, SELLER):
        market.refused("not_possible_now", c.AcceptOffer(), actor)
    market.must(offer(1000), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.confirm_refunds()
    assert market.books() == {"escrow": 8000}


def test_a_rejection_without_pictures_does_not_stand() -> None:
    market = contested(True, False, agreed=5000)
    # No more than what had been agreed, though the buyer once asked for 90.00.
    assert recommended(market).amount == 5000


def test_a_documented_rejection_stands_for_what_was_rejected_only() -> None:
    market = contested(True, False, agreed=5000)
    shown = EvidenceItem(by=Role.SELLER, kind="photo", note="worn", at=PLACED)
    market.must(c.AddEvidence(items=(shown,)), SELLER)
    assert recommended(market).amount == 2500


def test_goods_that_never_came_back_are_the_carriers_word_against_the_sellers() -> None:
    market = reach(State.RETURN_IN_TRANSIT)
    gone = tuple(
        Inspection(unit, Reception.MISSING, accepted=False, ground="does_not_match_claim")
        for unit in (FIRST, SECOND)
    )
    market.must(c.InspectReturn(inspections=gone), SELLER)
    market.must(c.ContestRejection(note="The carrier has it."), BUYER)
    assert recommended(market).amount == 9000


def test_a_case_in_dispute_keeps_its_money_in_escrow() -> None:
    market = reach(State.MEDIATING)
    assert market.books() == {"escrow": 9000}
    market.refused("unit_taken", DAMAGED, BUYER, on_order=True)


# ---- two pairs of eyes


def large(state: State = State.MEDIATING) -> Market:
    """A case about two pieces at EUR 2 000 each, before a mediator."""
    market = Market.delivered(an_order(item=200_000))
    market.open(replace(DAMAGED, wanted=Remedy(400_000, Goods.RETURN)))
    market.must(c.DeclineOffer(note="No."), SELLER)
    market.must(c.Escalate(), BUYER)
    assert market.case.state is state
    return market


@pytest.mark.row("E4")
def test_a_large_ruling_binds_nobody_until_a_second_person_agrees() -> None:
    market = large()
    before = market.case.waiting
    market.must(ruling(92_001), MEDIATOR)
    assert market.case.state is State.MEDIATING
    assert market.case.waiting == before
    assert market.case.rulings == ()
    assert market.case.proposed is not None
    market.refused("conflict_of_interest", c.ConfirmRuling(agreed=True), MEDIATOR)
    market.refused("conflict_of_interest", c.ConfirmRuling(agreed=True), Actor(Role.OPERATOR, SELLER.id))
    market.must(c.ConfirmRuling(agreed=True), OTHER_MEDIATOR)
    made = market.case.rulings[0]
    assert (market.case.state, market.case.proposed) == (State.RULED, None)
    assert (made.mediator_id, made.confirmed_by) == (MEDIATOR.id, OTHER_MEDIATOR.id)
    market.refused("not_possible_now", c.ConfirmRuling(agreed=True), OPERATOR)


def test_up_to_the_limit_one_person_decides_alone() -> None:
    # $1,000 in euros, at the rates of the default pack.
    limit = int(str(terms_for().get("ruling.alone").value))
    assert 50_000 < limit < 92_001
    market = large()
    market.must(ruling(limit), MEDIATOR)
    assert market.case.state is State.RULED
    assert market.case.rulings[0].confirmed_by == ""


def test_the_second_person_sends_it_back_with_a_reason() -> None:
    market = large()
    market.must(ruling(300_000), MEDIATOR)
    market.refused("invalid", c.ConfirmRuling(agreed=False), OPERATOR)
    market.must(c.ConfirmRuling(agreed=False, note="Only one of them is cracked."), OPERATOR)
    assert market.case.proposed is None
    market.must(ruling(50_000), MEDIATOR)
    assert market.case.state is State.RULED


@pytest.mark.parametrize("meanwhile", [ASK_BUYER, ruling(10_000), c.Withdraw()])
def test_what_happens_meanwhile_ends_the_proposal(meanwhile: c.CaseCommand) -> None:
    market = large()
    market.must(ruling(300_000), MEDIATOR)
    market.must(meanwhile, BUYER if isinstance(meanwhile, c.Withdraw) else MEDIATOR)
    assert market.case.proposed is None
    assert not any(one.confirmed_by for one in market.case.rulings)


def test_nobody_agrees_and_the_recommended_ruling_takes_effect_all_the_same() -> None:
    market = large()
    market.must(ruling(300_000), MEDIATOR)
    market.to_deadline()
    assert market.case.state is State.MEDIATING_LATE
    market.to_deadline()
    # What one person proposed has its time over: there are days more for the second one, once.
    late = market.case.waiting
    assert late is not None
    assert (late.clause, late.on) == ("ruling.confirm.default", Role.OPERATOR)
    assert late.until == market.now + timedelta(days=3)
    assert market.case.proposed is not None
    assert market.case.proposed.mediator_id == MEDIATOR.id
    market.to_deadline()
    assert market.case.rulings[0].mediator_id == ""
    assert market.case.proposed is None


def silent(market: Market) -> Market:
    """Nobody decides a large claim whose buyer has shown what there is to show, until its time is over."""
    market.must(c.AddEvidence(items=(EvidenceItem(Role.BUYER, "photo", "A crack", market.now),)), BUYER)
    market.to_deadline()
    market.to_deadline()
    return market


def test_a_large_ruling_that_comes_by_itself_waits_for_a_person_first() -> None:
    market = silent(large())
    proposed = market.case.proposed
    assert proposed is not None
    assert (proposed.mediator_id, proposed.remedy.amount) == ("", 400_000)
    assert (market.case.state, market.case.rulings) == (State.MEDIATING_LATE, ())
    market.must(c.ConfirmRuling(agreed=True), OPERATOR)
    made = market.case.rulings[0]
    assert (made.mediator_id, made.confirmed_by, made.final) == ("", OPERATOR.id, False)


@pytest.mark.parametrize("answer", [None, c.ConfirmRuling(agreed=False, note="Look at the second photo.")])
def test_it_waits_once_and_the_case_ends_whatever_people_do(answer: c.CaseCommand | None) -> None:
    market = silent(large())
    if answer is not None:
        market.must(answer, OPERATOR)
    market.to_deadline()
    assert (market.case.state, market.case.rulings[0].remedy.amount) == (State.RULED, 400_000)
    # Whoever it is against may still have a person look at it.
    market.must(APPEAL, SELLER)
    market.to_deadline()
    assert (market.case.state, market.case.waiting and market.case.waiting.on) == (
        State.APPEALED,
        Role.OPERATOR,
    )
    market.to_deadline()
    assert market.case.rulings[-1].final


def test_a_person_decides_while_the_recommended_ruling_waits() -> None:
    market = silent(large())
    market.must(ruling(50_000), MEDIATOR)
    assert (market.case.state, market.case.rulings[0].mediator_id) == (State.RULED, MEDIATOR.id)


def test_a_large_appeal_is_confirmed_by_somebody_who_has_not_ruled() -> None:
    market = large()
    market.must(ruling(10_000), MEDIATOR)
    market.must(APPEAL, BUYER)
    market.must(ruling(300_000), OTHER_MEDIATOR)
    assert market.case.state is State.APPEALED
    market.refused("conflict_of_interest", c.ConfirmRuling(agreed=True), MEDIATOR)
    market.must(c.ConfirmRuling(agreed=True), OPERATOR)
    assert market.case.rulings[-1].final
