"""What a returned parcel weighed: three weights, what they say together, and what they decide."""

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import DAMAGED, INSTRUCT, SHIP_RETURN
from tests.domain.marketplace import BUYER, CARRIER, MEDIATOR, SELLER, Market, an_order

from amends.domain.cases import commands as c
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import EvidenceItem, Inspection, Reception, State
from amends.domain.cases.weights import Weights, weight_findings, weights
from amends.domain.mediation import recommend
from amends.domain.orders import Signal
from amends.domain.parties import Role
from amends.domain.policy.terms import Term

TOLERANCE = Term(value=4000, clause="tracking.weight_tolerance.default")


@pytest.mark.row("P8")
@pytest.mark.parametrize(
    ("told", "carrier", "seller", "said"),
    [
        (1000, 601, 0, ["return_weight_as_sent"]),
        (1000, 600, 0, ["return_weight_as_sent"]),
        (1000, 599, 0, ["return_light_on_the_way"]),
        (1000, 599, 590, ["return_light_on_the_way"]),
        (1000, 1100, 650, ["return_weight_as_sent", "return_light_at_arrival"]),
        (1000, 1100, 660, ["return_weight_as_sent"]),
        (1000, 0, 599, ["return_light_at_arrival"]),
        (1000, 0, 900, []),
        (0, 900, 500, ["return_light_at_arrival"]),
        (0, 900, 0, []),
        (0, 0, 500, []),
    ],
)
def test_what_three_weights_say_together(told: int, carrier: int, seller: int, said: list[str]) -> None:
    found = weight_findings(Weights(declared_g=told, carrier_g=carrier, seller_g=seller), TOLERANCE)
    assert [finding.code for finding in found] == said
    assert {finding.clause for finding in found} <= {TOLERANCE.clause}


def sent_back(weight_g: int = 0) -> Market:
    """Both lamps are on their way back, agreed on for EUR 90.00; each should weigh so much."""
    order = an_order()
    lines = tuple(replace(line, weight_g=weight_g) for line in order.lines)
    market = Market.delivered(replace(order, lines=lines))
    market.open(DAMAGED)
    for command, by in ((c.AcceptOffer(), SELLER), (INSTRUCT, SELLER), (SHIP_RETURN, BUYER)):
        market.must(command, by)
    return market


def contested(carrier_g: int, *, photo: bool) -> Market:
    """The seller says that neither lamp was in the parcel."""
    market = sent_back(weight_g=2300)
    for signal in (Signal.IN_TRANSIT, Signal.DELIVERED):
        scan = c.RecordReturnScan(signal=signal, scanned_at=market.now, weight_g=carrier_g)
        market.must(scan, CARRIER)
    shown = (EvidenceItem(by=Role.SELLER, kind="photo", note="An empty box", at=market.now),) if photo else ()
    missing = tuple(
        Inspection(unit, Reception.MISSING, False, "does_not_match_claim") for unit in market.case.units
    )
    market.must(c.InspectReturn(inspections=missing, evidence=shown, weight_g=300), SELLER)
    market.must(c.ContestRejection(note="I sent both."), BUYER)
    return market


@pytest.mark.row("G2")
@pytest.mark.parametrize(
    ("carrier_g", "photo", "amount"),
    [
        (4700, True, 9000),  # the carrier had a full parcel: a picture of an empty one does not outweigh it
        (4700, False, 9000),
        (400, False, 0),  # nobody pays for goods that were not sent
        (400, True, 0),
        (0, True, 0),
        (0, False, 9000),
    ],
)
def test_the_carriers_weight_stands_against_pictures_and_in_for_them(
    carrier_g: int, photo: bool, amount: int
) -> None:
    market = contested(carrier_g, photo=photo)
    assert market.case.state is State.MEDIATING
    found = weights(market.custody.order, market.case)
    assert (found.declared_g, found.carrier_g, found.seller_g) == (4600, carrier_g, 300)
    hearing = Hearing(market.custody, market.scene.cases, market.rules, MEDIATOR, market.now)
    ruling = recommend(hearing, market.case, final=False)
    assert ruling.remedy.amount == amount
    short = "return_light_on_the_way" if carrier_g == 400 else "return_light_at_arrival"
    assert short in {finding.code for finding in ruling.findings}


def test_a_weight_that_cannot_be_is_refused() -> None:
    market = sent_back()
    for wrong in (-1, 1_000_001):
        scan = c.RecordReturnScan(signal=Signal.IN_TRANSIT, scanned_at=market.now, weight_g=wrong)
        assert market.refused("invalid", scan, CARRIER).pointer == "/weight_g"


@pytest.mark.row("F6")
def test_a_return_that_comes_back_to_the_buyer_is_for_a_mediator_and_paid_by_nobody_by_itself() -> None:
    market = sent_back()
    back = c.RecordReturnScan(signal=Signal.RETURNED_TO_SENDER, scanned_at=market.now)
    market.must(back, CARRIER)
    assert (market.case.state, market.case.contested) == (State.MEDIATING, True)
    assert market.books() == {"escrow": 9000}
