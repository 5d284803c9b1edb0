"""What the marketplace tells of an order: taken in, told again, refused where it cannot be true."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.domain.cases.stages import CHANGED_MIND
from tests.domain.marketplace import (
    BUYER,
    CALENDARS,
    OPERATOR,
    PLACED,
    PROVIDER,
    SELLER,
    Market,
    an_order,
    terms_for,
)

from amends.domain.conduct import Conducted, conduct
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.orders import (
    Components,
    Line,
    Method,
    Order,
    Parcel,
    Signal,
    Tender,
    Tier,
    TrackingEvent,
    Unit,
)
from amends.domain.parties import Actor, Role
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene

TERMS = terms_for()
RULES = Rules({TERMS.terms_id: TERMS}, CALENDARS)
UNIT = Components(item=4000, shipping=500)


def place(order: Order, *, order_id: str = "", actor: Actor = OPERATOR) -> Conducted | Refused:
    """The marketplace tells of an order nobody knows yet."""
    return conduct(
        Scene(None, {}),
        oc.PlaceOrder(order=order),
        order_id=order_id or order.order_id,
        case_id="",
        actor=actor,
        rules=RULES,
        now=PLACED + timedelta(days=3),
    )


def line(line_id: str = "l1", **fields: Any) -> Line:
    """A line of one lamp."""
    return replace(Line(line_id, "Lamp", "home", (UNIT,), TERMS.terms_id), **fields)


def parcel(**fields: Any) -> Parcel:
    """A parcel that left a day after the purchase."""
    return replace(Parcel("p1", PLACED + timedelta(days=1), "Swift Post", "SW123456789"), **fields)


SOON = PLACED + timedelta(days=3, minutes=6)
PROBLEMS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no such currency": ({"currency": "EUX"}, "invalid", "/currency"),
    "another currency than the terms": ({"currency": "USD"}, "currency_mismatch", "/lines/0/terms_id"),
    "not placed yet": ({"placed_at": PLACED + timedelta(days=4)}, "invalid", "/placed_at"),
    "no lines": ({"lines": ()}, "invalid", "/lines"),
    "a line twice": ({"lines": (line(), line())}, "invalid", "/lines/1/line_id"),
    "no units": ({"lines": (line(units=()),)}, "invalid", "/lines/0/units"),
    "a negative price": ({"lines": (line(units=(Components(item=-1),)),)}, "invalid", "/lines/0/units/0"),
    "a discount above the price": (
        {"lines": (line(units=(UNIT, Components(item=1, discount=2))),)},
        "invalid",
        "/lines/0/units/1",
    ),
    "unknown terms": ({"lines": (line(terms_id="gone"),)}, "invalid", "/lines/0/terms_id"),
    "a tender twice": ({"tenders": (Tender("t1", Method.CARD, 1),) * 2}, "invalid", "/tenders"),
    "a negative capture": (
        {"tenders": (Tender("t1", Method.CARD, -1),)},
        "invalid",
        "/tenders/0/captured",
    ),
    "a parcel with an unknown line": (
        {"parcels": (parcel(line_ids=("l1", "l9")),)},
        "unknown_line",
        "/parcels/0/line_ids",
    ),
    "a parcel from before the purchase": (
        {"parcels": (parcel(shipped_at=PLACED - timedelta(seconds=1)),)},
        "invalid",
        "/parcels/0/shipped_at",
    ),
    "a parcel that leaves tomorrow": (
        {"parcels": (parcel(shipped_at=SOON),)},
        "invalid",
        "/parcels/0/shipped_at",
    ),
    "a scan in the future": (
        {"parcels": (parcel(), parcel(parcel_id="p2", events=(TrackingEvent(SOON, Signal.DELIVERED),)))},
        "invalid",
        "/parcels/1/events",
    ),
    "an id with a dot": ({"order_id": "o1.1"}, "invalid", "/order_id"),
    "an id that is too long": ({"order_id": "o" * 65}, "invalid", "/order_id"),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_an_order_that_cannot_be_true_is_refused_and_the_field_named(problem: str) -> None:
    fields, kind, pointer = PROBLEMS[problem]
    answer = place(replace(an_order(), **fields))
    assert isinstance(answer, Refused)
    assert (answer.kind, answer.pointer) == (kind, pointer)


def test_an_order_told_under_another_id_is_refused() -> None:
    answer = place(an_order(), order_id="o2")
    assert isinstance(answer, Refused)
    assert (answer.kind, answer.pointer) == ("invalid", "/order_id")
    market = Market()
    other = replace(market.custody.order, order_id="o2")
    market.refused("invalid", oc.PlaceOrder(order=other), OPERATOR, on_order=True)


@pytest.mark.parametrize("actor", [BUYER, SELLER, PROVIDER])
def test_only_the_marketplace_tells_of_orders(actor: Actor) -> None:
    answer = place(an_order(), actor=actor)
    assert isinstance(answer, Refused)
    assert answer.kind == "not_yours"


def test_nothing_can_be_asked_of_an_order_nobody_told_of() -> None:
    answer = conduct(
        Scene(None, {}), CHANGED_MIND, order_id="o1", case_id="", actor=BUYER, rules=RULES, now=PLACED
    )
    assert isinstance(answer, Refused)
    assert answer.kind == "not_found"


def test_an_order_told_with_its_parcels_stands_where_they_are() -> None:
    delivered = TrackingEvent(PLACED + timedelta(days=2), Signal.DELIVERED, "DE", "10115")
    answer = place(replace(an_order(), parcels=(parcel(events=(delivered,)),)))
    assert isinstance(answer, Conducted)
    custody = answer.scene.custody
    assert custody is not None
    assert custody.stage is Stage.PROTECTED
    assert custody.protection_ends_at == delivered.at + timedelta(days=15)
    assert [type(one.event).__name__ for one in answer.recorded] == ["OrderPlaced", "ParcelRecorded"]


def test_the_same_order_again_changes_nothing() -> None:
    market = Market()
    told = oc.PlaceOrder(order=market.custody.order)
    assert market.must(told, OPERATOR, on_order=True).recorded == ()


def test_an_order_told_again_brings_new_tenders_and_parcels() -> None:
    order = an_order(tenders=(Tender("t1", Method.CARD, 0),))
    market = Market(order)
    captured = (Tender("t1", Method.CARD, 6000), Tender("t2", Method.WALLET, 3000))
    market.wait(days=2)
    again = replace(order, tenders=captured, parcels=(parcel(),))
    market.must(oc.PlaceOrder(order=again), OPERATOR, on_order=True)
    assert market.books() == {"escrow": 9000}
    assert market.custody.stage is Stage.AWAITING_DELIVERY
    assert market.must(oc.PlaceOrder(order=again), OPERATOR, on_order=True).recorded == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("buyer_id", "buyer-omar"),
        ("seller_id", "seller-brine"),
        ("currency", "USD"),
        ("placed_at", PLACED - timedelta(days=1)),
        ("checkout_id", "c9"),
        ("ship_by", PLACED + timedelta(days=30)),
        ("promised_by", PLACED + timedelta(days=30)),
        ("lines", (line(),)),
    ],
)
def test_what_was_frozen_at_purchase_cannot_be_told_otherwise(field: str, value: object) -> None:
    market = Market()
    told = replace(market.custody.order, **{field: value})
    refusal = market.refused("frozen_at_purchase", oc.PlaceOrder(order=told), OPERATOR, on_order=True)
    assert refusal.pointer == f"/{field}"


def test_newer_terms_do_not_touch_an_order_told_again() -> None:
    market = Market()
    newer = replace(market.custody.order.lines[0], terms_id=terms_for(tier=Tier.DIAMOND).terms_id)
    told = replace(market.custody.order, lines=(newer,))
    assert market.must(oc.PlaceOrder(order=told), OPERATOR, on_order=True).recorded == ()
    assert market.custody.order.lines[0].terms_id == TERMS.terms_id


def test_a_capture_counts_once() -> None:
    market = Market()
    again = oc.RecordCapture(tender=Tender("t1", Method.CARD, 9000, provider_ref="pi_2"))
    assert market.must(again, PROVIDER, on_order=True).recorded == ()
    more = oc.RecordCapture(tender=Tender("t1", Method.CARD, 9500))
    market.refused("frozen_at_purchase", more, PROVIDER, on_order=True)
    negative = oc.RecordCapture(tender=Tender("t2", Method.CARD, -5))
    market.refused("invalid", negative, PROVIDER, on_order=True)
    market.refused("not_yours", more, SELLER, on_order=True)
    assert market.books() == {"escrow": 9000}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"shipped_at": PLACED + timedelta(hours=2)}, "/shipped_at"),
        ({"line_ids": ("l1",)}, "/line_ids"),
    ],
)
def test_a_parcel_told_again_keeps_its_day_and_its_lines(change: dict[str, Any], pointer: str) -> None:
    market = Market()
    market.wait(days=1)
    market.ship()
    told = replace(market.custody.order.parcels[0], **change)
    refusal = market.refused("frozen_at_purchase", oc.RecordParcel(parcel=told), SELLER, on_order=True)
    assert refusal.pointer == pointer


def test_a_stranger_sees_no_order() -> None:
    market = Market()
    for stranger in (Actor(Role.BUYER, "buyer-omar"), Actor(Role.SELLER, "seller-brine")):
        for command in (oc.ConfirmReceipt(), oc.CancelBySeller(), CHANGED_MIND):
            refusal = market.refused("not_found", command, stranger, on_order=True)
            assert refusal.facts == {}


def test_the_units_of_a_cancelled_line_stay_cancelled_when_the_order_is_told_again() -> None:
    market = Market()
    market.open(CHANGED_MIND)
    market.must(oc.PlaceOrder(order=market.custody.order), OPERATOR, on_order=True)
    assert market.custody.cancelled == (Unit("l1", 0), Unit("l1", 1))
    assert market.custody.stage is Stage.CANCELLED
