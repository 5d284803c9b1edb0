"""Every way a return parcel can end, and who pays whom at the end of each."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import FIRST, SECOND, SHIP_RETURN, reach, verdicts
from tests.domain.marketplace import BUYER, CARRIER, SELLER, Market

from amends.domain.cases import commands as c
from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import EvidenceItem, Inspection, Outcome, Reception, State
from amends.domain.orders import Signal
from amends.domain.parties import Role
from amends.domain.tracking.statuses import normalise


def scans(market: Market, *said: str, postcode: str = "") -> None:
    """What a carrier says of the parcel, in its own words, an hour after another."""
    for words in said:
        market.wait(hours=1)
        signal = normalise(words)
        market.must(
            c.RecordReturnScan(signal=signal, scanned_at=market.now, note=words, postcode=postcode), CARRIER
        )


def sent(*said: str, receipt: str = "") -> Market:
    market = reach(State.AWAITING_SHIPMENT)
    market.must(replace(SHIP_RETURN, receipt=receipt), BUYER)
    scans(market, *said)
    return market


def denied(market: Market, *, pictures: bool = False) -> Market:
    """The seller says that nothing was in the parcel, or that none came; the buyer contests."""
    nothing = tuple(
        Inspection(unit, Reception.LOST, False, "not_original_condition") for unit in (FIRST, SECOND)
    )
    photo = EvidenceItem(by=Role.SELLER, kind="photo", note="an empty box", at=market.now)
    market.must(c.InspectReturn(inspections=nothing, evidence=(photo,) if pictures else ()), SELLER)
    market.must(c.ContestRejection(note="It was all in it."), BUYER)
    return market


def delivered() -> Market:
    return sent("Accepted", "In transit", "Delivered")


def inspected(*accepted: bool) -> Market:
    market = delivered()
    market.must(verdicts(*accepted), SELLER)
    return market


def elsewhere(*, contested: bool) -> Market:
    market = sent("Accepted")
    scans(market, "Delivered", postcode="80331")
    if contested:
        return denied(market, pictures=True)
    nothing = tuple(
        Inspection(unit, Reception.LOST, False, "not_original_condition") for unit in (FIRST, SECOND)
    )
    market.must(c.InspectReturn(inspections=nothing), SELLER)
    return market


def posted_later() -> Market:
    """Neither scan nor receipt: before the mediator the buyer finds the receipt."""
    market = sent()
    market.to_deadline()
    receipt = EvidenceItem(by=Role.BUYER, kind="receipt", note="counter 4", at=market.now)
    market.must(c.AddEvidence(items=(receipt,)), BUYER)
    return market


BUYER_PAID, FUND_PAID, SELLER_KEEPS = {}, {"seller": 9000, "cover": -9000}, {"seller": 9000}
# The way, how the case ends, and the accounts that are not at zero then: "seller" is what the seller keeps.
WAYS: dict[str, tuple[Callable[[], Market], Outcome, dict[str, int]]] = {
    "delivered, the seller says nothing": (delivered, Outcome.REFUNDED, BUYER_PAID),
    "delivered and accepted": (lambda: inspected(True, True), Outcome.REFUNDED, BUYER_PAID),
    "delivered, one unit rejected": (
        lambda: inspected(True, False),
        Outcome.PARTLY_REFUNDED,
        {"seller": 4500},
    ),
    "delivered, the seller denies it without showing anything": (
        lambda: denied(delivered()),
        Outcome.REFUNDED,
        BUYER_PAID,
    ),
    "delivered, and shown to be empty": (
        lambda: denied(delivered(), pictures=True),
        Outcome.RETURN_REJECTED,
        SELLER_KEEPS,
    ),
    "delivered elsewhere": (lambda: elsewhere(contested=False), Outcome.REFUNDED, FUND_PAID),
    "delivered elsewhere, contested": (lambda: elsewhere(contested=True), Outcome.REFUNDED, FUND_PAID),
    "refused by the seller": (
        lambda: sent("Accepted", "Delivery attempted: refused", "Returned to sender"),
        Outcome.REFUNDED,
        BUYER_PAID,
    ),
    "returned to sender, never at the seller's": (
        lambda: sent("Accepted", "In transit", "Returned to sender"),
        Outcome.DECLINED,
        SELLER_KEEPS,
    ),
    "lost": (lambda: sent("Accepted", "Parcel lost"), Outcome.REFUNDED, FUND_PAID),
    "destroyed by customs": (
        lambda: sent("Accepted", "Customs clearance", "Destroyed by customs"),
        Outcome.REFUNDED,
        FUND_PAID,
    ),
    "silent after a scan": (lambda: sent("Accepted", "In transit"), Outcome.REFUNDED, FUND_PAID),
    "silent, with a receipt": (lambda: sent(receipt="counter 4"), Outcome.REFUNDED, FUND_PAID),
    "silent, the receipt found later": (posted_later, Outcome.REFUNDED, FUND_PAID),
    "silent, nothing to show": (sent, Outcome.DECLINED, SELLER_KEEPS),
    "announced only": (lambda: sent("Label created"), Outcome.DECLINED, SELLER_KEEPS),
    "never shipped": (
        lambda: reach(State.AWAITING_SHIPMENT),
        Outcome.RETURN_NOT_SHIPPED,
        SELLER_KEEPS,
    ),
    "no address given": (lambda: reach(State.AWAITING_INSTRUCTIONS), Outcome.REFUNDED, BUYER_PAID),
}


@pytest.mark.row("F6", "X3")
@pytest.mark.parametrize("way", WAYS)
def test_each_way_a_return_parcel_ends_pays_the_right_party_though_nobody_says_a_word(way: str) -> None:
    begin, outcome, accounts = WAYS[way]
    market = begin()
    for _ in range(30):
        if not market.case.live:
            break
        market.confirm_refunds()
        if market.case.live:
            market.to_deadline()
    market.wait(days=60)
    market.lapse()
    assert market.case.outcome is outcome
    left = {name: amount for name, amount in market.books().items() if name != "bank"}
    # What the seller keeps may have been paid out meanwhile.
    if "seller" in accounts:
        left["seller"] = left.get("seller", 0) + market.books().get("bank", 0)
    assert {name: amount for name, amount in left.items() if amount} == accounts


def test_every_word_of_a_carrier_leads_on_from_a_return_under_way() -> None:
    table = LIFECYCLE[State.RETURN_IN_TRANSIT].moves["record_return_scan"].to
    for signal in Signal:
        market = sent()
        market.must(c.RecordReturnScan(signal=signal, scanned_at=market.now), CARRIER)
        assert market.case.state in table, signal
        assert market.case.waiting is not None
