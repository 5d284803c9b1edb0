"""A return in several parcels: the units of each, its own silence, and who pays for which unit at the end."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import FIRST, SECOND, SHIP_RETURN, reach
from tests.domain.marketplace import BUYER, CARRIER, MEDIATOR, OPERATOR, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Ending, Finding, Goods, Inspection, Outcome, Reception, Ruling, State
from amends.domain.mediation import recommend
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role

ONE, TWO = "RP123456785PT", "RB473124829DE"


def sent(*, receipt: str = "", freight: int = 0) -> Market:
    """The first unit has left, the second is still with the buyer."""
    market = reach(State.AWAITING_SHIPMENT)
    market.must(
        replace(SHIP_RETURN, tracking_number=ONE, units=(FIRST,), receipt=receipt, freight=freight), BUYER
    )
    return market


def both_sent(*, receipt: str = "") -> Market:
    market = sent()
    market.wait(days=2)
    market.must(replace(SHIP_RETURN, tracking_number=TWO, receipt=receipt), BUYER)
    return market


def scan(market: Market, number: str, signal: Signal = Signal.DELIVERED) -> None:
    market.wait(hours=1)
    market.must(c.RecordReturnScan(tracking_number=number, signal=signal, scanned_at=market.now), CARRIER)


def verdict(*accepted: Unit, rejected: tuple[Unit, ...] = ()) -> c.InspectReturn:
    return c.InspectReturn(
        inspections=(
            *(Inspection(unit, Reception.RECEIVED, accepted=True) for unit in accepted),
            *(Inspection(unit, Reception.DAMAGED, False, "not_original_condition") for unit in rejected),
        )
    )


def paid(market: Market) -> dict[str, int]:
    """What was refunded for each unit, once every refund has arrived."""
    market.confirm_refunds()
    return dict(market.custody.books.unit_refunded)


def advice(market: Market) -> Ruling:
    """What the rules recommend to the mediator."""
    hearing = Hearing(market.custody, market.scene.cases, market.rules, MEDIATOR, market.now)
    return recommend(hearing, market.case, final=False)


# ---- sending


def test_the_rest_is_awaited_until_the_same_instant() -> None:
    market = reach(State.AWAITING_SHIPMENT)
    before = market.case.waiting
    market.must(replace(SHIP_RETURN, tracking_number=ONE, units=(FIRST,)), BUYER)
    assert before is not None
    assert market.case.state is State.AWAITING_SHIPMENT
    assert market.case.waiting == replace(before, default="keep_rest")
    market.must(replace(SHIP_RETURN, tracking_number=TWO), BUYER)
    assert market.case.state is State.RETURN_IN_TRANSIT
    assert [(p.tracking_number, p.units) for p in market.case.parcels] == [(ONE, (FIRST,)), (TWO, (SECOND,))]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"units": (FIRST,)}, "/units"),
        ({"units": (SECOND, SECOND)}, "/units"),
        ({"units": (Unit("l1", 9),)}, "/units"),
        ({"tracking_number": "rp 123-456-785 pt"}, "/tracking_number"),
    ],
)
def test_a_unit_is_in_one_parcel_and_a_parcel_is_told_once(change: dict[str, object], pointer: str) -> None:
    refusal = sent().refused("invalid", replace(SHIP_RETURN, **{"tracking_number": TWO, **change}), BUYER)
    assert refusal.pointer == pointer


def test_which_parcel_is_meant_has_to_be_said() -> None:
    market = both_sent()
    for number in ("", "1Z999AA10123456784"):
        told = c.RecordReturnScan(tracking_number=number, signal=Signal.DELIVERED, scanned_at=market.now)
        refusal = market.refused("invalid", told, CARRIER)
        assert refusal.facts["tracking_numbers"] == [ONE, TWO]


@pytest.mark.parametrize("how", ["silence", "withdrawn"])
def test_what_is_not_sent_is_kept_and_not_refunded(how: str) -> None:
    market = sent()
    if how == "silence":
        market.to_deadline()
    else:
        market.must(c.Withdraw(), BUYER)
    assert market.case.state is State.RETURN_IN_TRANSIT
    scan(market, ONE)
    market.refused("invalid", verdict(FIRST, SECOND), SELLER)
    market.must(verdict(FIRST), SELLER)
    assert paid(market) == {"l1#0": 4500}
    assert market.case.outcome is Outcome.PARTLY_REFUNDED
    assert market.books() == {"escrow": 4500}


def test_a_parcel_that_arrived_before_the_rest_was_given_up_is_inspected_at_once() -> None:
    market = sent()
    scan(market, ONE)
    assert market.case.state is State.AWAITING_SHIPMENT
    market.must(c.Withdraw(), BUYER)
    assert market.case.state is State.INSPECTING


# ---- the way


def test_the_seller_inspects_once_the_last_parcel_is_there() -> None:
    market = both_sent()
    scan(market, TWO)
    assert market.case.state is State.RETURN_IN_TRANSIT
    scan(market, ONE)
    assert market.case.state is State.INSPECTING
    market.must(verdict(FIRST, SECOND), SELLER)
    assert paid(market) == {"l1#0": 4500, "l1#1": 4500}
    assert market.books() == {}


def test_each_parcel_has_its_own_silence() -> None:
    market = both_sent(receipt="counter 7")
    case = market.case
    assert case.waiting is not None
    assert case.shipment is not None
    assert case.waiting.until == case.shipment.shipped_at + timedelta(days=20)
    scan(market, ONE, Signal.IN_TRANSIT)
    assert market.case.waiting is not None
    # Now the other one has been silent for longer.
    assert market.case.waiting.until == market.case.further[0].shipped_at + timedelta(days=20)
    market.to_deadline()
    assert [p.ending for p in market.case.parcels] == [None, Ending.LOST]
    assert market.case.state is State.RETURN_IN_TRANSIT
    scan(market, ONE)
    assert market.case.state is State.INSPECTING


@pytest.mark.row("F6", "F9")
def test_the_seller_pays_for_what_came_and_the_protection_for_what_was_lost() -> None:
    market = both_sent()
    scan(market, TWO, Signal.ACCEPTED)
    scan(market, TWO, Signal.LOST)
    scan(market, ONE)
    market.must(verdict(FIRST), SELLER)
    assert paid(market) == {"l1#0": 4500, "l1#1": 4500}
    assert market.case.outcome is Outcome.REFUNDED
    # The seller has one of two lamps, and keeps the price of the other.
    assert market.books() == {"escrow": 4500, "cover": -4500}


def test_a_lost_parcel_that_turns_up_is_inspected_with_the_others() -> None:
    market = both_sent()
    scan(market, TWO, Signal.LOST)
    scan(market, TWO)
    scan(market, ONE)
    market.must(verdict(FIRST, SECOND), SELLER)
    assert paid(market) == {"l1#0": 4500, "l1#1": 4500}
    assert market.books() == {}


def test_all_lost_and_proven_is_paid_by_the_protection() -> None:
    market = both_sent()
    scan(market, ONE, Signal.LOST)
    scan(market, TWO, Signal.LOST)
    assert market.case.state is State.REFUND_INITIATED
    assert paid(market) == {"l1#0": 4500, "l1#1": 4500}
    assert market.books() == {"escrow": 9000, "cover": -9000}


@pytest.mark.parametrize("answer", ["inspected", "silence", "rejected"])
def test_a_parcel_nobody_saw_is_for_a_mediator_once_the_others_are_settled(answer: str) -> None:
    market = both_sent()
    scan(market, ONE)
    market.to_deadline()  # of the second parcel, which has neither a scan nor a receipt
    assert market.case.state is State.INSPECTING
    if answer == "silence":
        market.to_deadline()
    else:
        market.must(verdict(FIRST) if answer == "inspected" else verdict(rejected=(FIRST,)), SELLER)
    if answer == "rejected":
        market.must(c.AcceptRejection(), BUYER)
    assert market.case.state is State.MEDIATING
    ruling = advice(market)
    # Nothing shows that it was sent: only what the seller accepted is refunded.
    assert ruling.remedy.amount == {"inspected": 4500, "silence": 4500, "rejected": 0}[answer]


@pytest.mark.parametrize("door", [True, False])
def test_a_parcel_that_came_back_is_refunded_where_the_seller_did_not_take_it(door: bool) -> None:
    market = both_sent()
    if door:
        scan(market, TWO, Signal.FAILED_ATTEMPT)
    scan(market, TWO, Signal.RETURNED_TO_SENDER)
    scan(market, ONE)
    market.must(verdict(FIRST), SELLER)
    assert market.case.state is State.MEDIATING
    ruling = advice(market)
    assert ruling.findings[-1].code == ("return_not_taken" if door else "return_never_offered")
    assert ruling.remedy.amount == (9000 if door else 4500)


def test_a_ruling_on_a_lost_parcel_costs_the_protection_not_the_seller() -> None:
    market = both_sent()
    scan(market, ONE)
    market.to_deadline()
    market.must(verdict(FIRST), SELLER)
    finding = Finding(fact="A neighbour saw the courier take it.", clause="return.window.default")
    remedy = replace(market.case.wanted, amount=9000, goods=Goods.KEEP)
    ruled = c.Rule(remedy=remedy, reasons="It was posted.", findings=(finding,))
    market.must(ruled, MEDIATOR)
    market.to_deadline()
    assert paid(market) == {"l1#0": 4500, "l1#1": 4500}
    assert market.custody.books.cover == -4500


# ---- labels and postage


def agreed(payer: Role) -> Market:
    """A return is agreed on, whose way back somebody pays."""
    market = reach(State.AWAITING_SELLER)
    market.must(c.MakeOffer(remedy=replace(market.case.wanted, freight_payer=payer)), SELLER)
    market.must(c.AcceptOffer(), BUYER)
    market.must(c.GiveInstructions(address="Here"), SELLER)
    return market


def test_each_parcel_may_have_a_label_and_the_buyer_bears_both() -> None:
    market = agreed(Role.BUYER)
    label = c.IssueLabel(carrier="Swift Post", service="parcel", tracking_number=ONE, price=500)
    market.must(label, OPERATOR)
    market.refused("not_possible_now", replace(label, tracking_number=TWO), OPERATOR)
    market.must(replace(SHIP_RETURN, tracking_number=ONE, units=(FIRST,)), BUYER)
    market.must(replace(label, tracking_number=TWO, price=400), OPERATOR)
    # Dropped off with our label: that is sending what is left.
    scan(market, TWO, Signal.ACCEPTED)
    assert market.case.state is State.RETURN_IN_TRANSIT
    assert market.case.further[0].units == (SECOND,)
    scan(market, ONE)
    scan(market, TWO)
    market.must(verdict(FIRST, SECOND), SELLER)
    market.confirm_refunds()
    assert sum(market.custody.books.unit_refunded.values()) == 9000 - 900


def test_postage_comes_back_from_the_seller_for_what_came_and_from_the_protection_for_what_was_lost() -> None:
    market = agreed(Role.SELLER)
    market.must(replace(SHIP_RETURN, tracking_number=ONE, units=(FIRST,), receipt="7", freight=300), BUYER)
    market.must(replace(SHIP_RETURN, tracking_number=TWO), BUYER)
    market.must(c.AddFreightReceipt(freight=200, receipt="8", tracking_number=TWO), BUYER)
    scan(market, TWO, Signal.LOST)
    scan(market, ONE)
    market.must(verdict(FIRST), SELLER)
    market.confirm_refunds()
    assert market.case.freight_repaid == 500
    books = market.custody.books
    assert (books.balance, books.seller, books.cover) == (500, -300, -4700)
