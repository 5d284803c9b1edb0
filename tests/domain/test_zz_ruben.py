"""Two sentences that returns keep, whatever happens on the way: stated on the ledger, over random histories.

No buyer is out of pocket because a parcel or a seller went silent. No seller pays for goods that did not come
back. Orders, parcels, what carriers say and when, and who says nothing are drawn; then the clock runs until
the case is over.
"""

from datetime import timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from tests.domain.cases.stages import INSTRUCT
from tests.domain.marketplace import BUYER, CARRIER, SELLER, Market, an_order, terms_for

from amends.domain.cases import commands as c
from amends.domain.cases.model import (
    Case,
    Ending,
    EvidenceItem,
    Goods,
    Inspection,
    Outcome,
    Reception,
    Remedy,
    State,
)
from amends.domain.cases.parcels import awaited, to_inspect, units_in, unsent
from amends.domain.ledger import Account, balance_of
from amends.domain.orders import Components, Line, Method, Order, Signal, Tender, Unit
from amends.domain.parties import Role
from amends.domain.refusals import Refused

NUMBERS = ("RP123456785PT", "RB473124829DE", "1Z999AA10123456784", "JD014600003887")
ON_THE_WAY = (Signal.ACCEPTED, Signal.IN_TRANSIT, Signal.CUSTOMS, Signal.DELAYED, Signal.UNKNOWN)
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """One to four units at their own prices, paid by one or two tenders."""
    terms = terms_for()
    lines = []
    for n in range(draw(st.integers(1, 2))):
        item = draw(st.integers(1000, 9000))  # dear enough to be sent back
        unit = Components(item=item, shipping=draw(st.integers(0, 700)), tax=draw(st.integers(0, 300)))
        lines.append(Line(f"l{n}", "Lamp", "home", (unit,) * draw(st.integers(1, 2)), terms.terms_id))
    paid = sum(unit.paid for line in lines for unit in line.units)
    part = draw(st.integers(0, paid))
    tenders = tuple(
        t for t in (Tender("t1", Method.CARD, paid - part), Tender("t2", Method.WALLET, part)) if t.captured
    )
    base = an_order()
    return Order(
        **{**{f: getattr(base, f) for f in base.__struct_fields__}, "lines": tuple(lines), "tenders": tenders}
    )


def agreed(order: Order) -> Market:
    """All of an order has arrived and is to be sent back for everything that was paid."""
    market = Market.delivered(order)
    units = tuple(Unit(line.line_id, n) for line in order.lines for n in range(line.quantity))
    paid = sum(unit.paid for line in order.lines for unit in line.units)
    market.open(
        c.OpenClaim(reason="quality.damaged_in_transit", units=units, wanted=Remedy(paid, Goods.RETURN))
    )
    market.must(c.AcceptOffer(), SELLER)
    market.must(INSTRUCT, SELLER)
    return market


def price(market: Market, units: set[Unit]) -> int:
    lines = {line.line_id: line for line in market.custody.order.lines}
    return sum(lines[unit.line_id].units[unit.index].paid for unit in units)


def send(market: Market, data: st.DataObject, *, all_: bool, proven: bool) -> None:
    """The units leave in parcels, some days apart; without ``all_`` the buyer may keep some."""
    for number in NUMBERS:
        left = unsent(market.case)
        if market.case.state is not State.AWAITING_SHIPMENT or not left:
            return
        some = data.draw(st.lists(st.sampled_from(left), min_size=1, unique=True))
        last = number == NUMBERS[-1]
        if all_ and last:
            some = list(left)
        if not all_ and market.case.parcels and data.draw(st.booleans()):
            return
        receipt = "counter 7" if proven or data.draw(st.booleans()) else ""
        market.must(
            c.ShipReturn(carrier="Swift Post", tracking_number=number, units=tuple(some), receipt=receipt),
            BUYER,
        )
        market.wait(hours=data.draw(st.integers(0, 24)))


def on_the_way(market: Market, data: st.DataObject, ends: tuple[Signal, ...]) -> None:
    """What carriers say, late, in any order, of any parcel, or nothing more."""
    for _ in range(data.draw(st.integers(0, 8))):
        moving = awaited(market.case)
        if market.case.state not in {State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT} or not moving:
            return
        parcel = data.draw(st.sampled_from(moving))
        signal = data.draw(st.sampled_from((*ON_THE_WAY, *ends)))
        late = timedelta(hours=data.draw(st.integers(0, 72)))
        postcode = data.draw(st.sampled_from(("", "20457", "80331"))) if signal is Signal.DELIVERED else ""
        said = c.RecordReturnScan(
            tracking_number=parcel.tracking_number,
            signal=signal,
            scanned_at=market.now - late,
            postcode=postcode,
        )
        market.must(said, CARRIER)
        market.wait(hours=data.draw(st.integers(0, 200)))
        market.lapse()


def run_out(market: Market) -> Case:
    """Nobody says anything any more, except that providers confirm."""
    for _ in range(40):
        market.confirm_refunds()
        if not market.case.live:
            break
        market.to_deadline()
    assert not market.case.live
    market.wait(days=90)
    market.lapse()
    return market.case


def has(market: Market, *accounts: Account) -> int:
    return sum(balance_of(market.custody.books, account) for account in accounts)


@pytest.mark.row("F6", "G1", "G3")
@given(order=orders(), data=st.data(), inspected=st.booleans())
@settings(QUIET, max_examples=500)
def test_no_buyer_is_out_of_pocket_because_a_parcel_or_a_seller_went_silent(
    order: Order, data: st.DataObject, inspected: bool
) -> None:
    market = agreed(order)
    send(market, data, all_=True, proven=True)
    on_the_way(market, data, (Signal.DELIVERED, Signal.LOST, Signal.OUT_FOR_DELIVERY))
    if inspected and market.case.state is State.INSPECTING:
        fine = tuple(Inspection(unit, Reception.RECEIVED, True) for unit in to_inspect(market.case))
        market.must(c.InspectReturn(inspections=fine), SELLER)
    case = run_out(market)
    everything = sum(unit.paid for line in order.lines for unit in line.units)
    assert case.outcome is Outcome.REFUNDED
    assert sum(market.custody.books.unit_refunded.values()) == everything


@pytest.mark.row("F2", "F6", "G2")
@given(order=orders(), data=st.data())
@settings(QUIET, max_examples=6000)
def test_no_seller_pays_for_goods_that_did_not_come_back(order: Order, data: st.DataObject) -> None:
    market = agreed(order)
    if data.draw(st.integers(0, 9)):
        send(market, data, all_=False, proven=False)
    ends = (Signal.DELIVERED, Signal.LOST, Signal.RETURNED_TO_SENDER, Signal.FAILED_ATTEMPT)
    on_the_way(market, data, ends)
    if data.draw(st.booleans()) and market.case.state is State.AWAITING_SHIPMENT and market.case.parcels:
        market.must(c.Withdraw(), BUYER)
    denied: set[Unit] = set()
    if data.draw(st.booleans()) and market.case.state is State.INSPECTING:
        denied = deny(market, data)
    case = run_out(market)
    # With the seller: what a carrier brought and the seller does not deny with pictures, and what the seller
    # did not take at the door.
    came = {
        unit
        for parcel in case.parcels
        if parcel.delivered_at is not None or (parcel.ending is Ending.CAME_BACK and parcel.offered)
        for unit in units_in(case, parcel)
    } - denied
    everything = sum(unit.paid for line in order.lines for unit in line.units)
    kept = has(market, Account.SELLER, Account.BANK, Account.ESCROW, Account.PLATFORM)
    assert kept >= everything - price(market, came)
    # Nor does the buyer get more than what was paid for what was sent.
    assert sum(market.custody.books.unit_refunded.values()) <= price(
        market, set(case.units) - set(unsent(case))
    )


def deny(market: Market, data: st.DataObject) -> set[Unit]:
    """The seller says that some units were not in the parcels, and shows it; the buyer may contest."""
    units = to_inspect(market.case)
    missing = set(data.draw(st.lists(st.sampled_from(units), min_size=1, unique=True)))
    photo = EvidenceItem(by=Role.SELLER, kind="photo", note="an empty box", at=market.now)
    verdicts = tuple(
        Inspection(unit, Reception.MISSING, False, "does_not_match_claim")
        if unit in missing
        else Inspection(unit, Reception.RECEIVED, True)
        for unit in units
    )
    market.must(c.InspectReturn(inspections=verdicts, evidence=(photo,)), SELLER)
    if data.draw(st.booleans()):
        told = market.do(c.ContestRejection(note="It was all in it."), BUYER)
        assert not isinstance(told, Refused)
    return missing
