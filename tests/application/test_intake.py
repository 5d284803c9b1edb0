"""Taking orders in: all at once, again at will, and each on its own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.store import MemoryStore
from amends.adapters.packs import load
from amends.application.execute import execute
from amends.application.intake import Submit, intake
from amends.application.ports import Envelope, Result, Store
from amends.domain.custody.model import Stage
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, TrackingEvent
from amends.domain.parties import Actor, Role
from amends.domain.scene import Rules

PLACED = datetime(2017, 7, 10, tzinfo=UTC)
NOW = datetime(2017, 8, 1, tzinfo=UTC)
SHOP = Actor(Role.OPERATOR, "shop")
PACKS = load(("default", "kr"))


def order(order_id: str, delivered: bool = True) -> Order:
    scans = (TrackingEvent(PLACED + timedelta(days=9), Signal.DELIVERED),) if delivered else ()
    return Order(
        order_id=order_id,
        buyer_id="buyer-1",
        seller_id="seller-1",
        currency="BRL",
        placed_at=PLACED,
        lines=(Line("1", "Lamp", "home", (Components(item=9000, shipping=1000),), ""),),
        tenders=(Tender("t1", Method.CARD, 10000),),
        parcels=(Parcel(f"{order_id}-p1", PLACED + timedelta(days=1), events=scans),),
    )


def submitting(store: Store) -> Submit:
    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(store, envelopes, rules=Rules({}, CALENDARS), now=NOW)

    return submit


async def test_orders_come_in_with_terms_money_parcels_and_scans() -> None:
    store = MemoryStore()
    found = await intake([order("a"), order("b", delivered=False)], PACKS, submitting(store), actor=SHOP)
    assert (found.placed, found.changed, found.unchanged, found.not_taken) == (2, 0, 0, ())
    assert found.captured == {"BRL": 20000}
    scene = await store.scene("a")
    assert scene is not None
    assert scene.custody is not None
    assert scene.custody.stage is Stage.PROTECTED
    assert scene.custody.books.escrow == 10000
    terms_id = scene.custody.order.lines[0].terms_id
    terms = (await store.terms_of([terms_id]))[terms_id]
    assert terms.get("return.window").clause == "return.window.default"


async def test_orders_of_long_ago_have_terms_where_only_some_laws_are_as_old() -> None:
    store = MemoryStore()
    old = replace(order("old"), placed_at=datetime(2010, 12, 1, tzinfo=UTC), parcels=())
    found = await intake([old], PACKS, submitting(store), actor=SHOP)
    assert (found.placed, found.not_taken) == (1, ())


async def test_telling_everything_again_changes_nothing() -> None:
    store = MemoryStore()
    orders = [order("a"), order("b")]
    await intake(orders, PACKS, submitting(store), actor=SHOP)
    before = await store.scene("a")
    again = await intake(orders, PACKS, submitting(store), actor=SHOP)
    assert (again.placed, again.changed, again.unchanged, again.captured) == (0, 0, 2, {})
    assert await store.scene("a") == before


async def test_a_delivery_told_later_changes_the_order() -> None:
    store = MemoryStore()
    await intake([order("a", delivered=False)], PACKS, submitting(store), actor=SHOP)
    again = await intake([order("a")], PACKS, submitting(store), actor=SHOP)
    assert (again.changed, again.unchanged) == (1, 0)


async def test_one_bad_order_never_stops_the_rest() -> None:
    early = replace(order("early"), placed_at=datetime(1999, 1, 1, tzinfo=UTC))
    empty = replace(order("empty"), lines=())
    store = MemoryStore()
    found = await intake([early, empty, order("a")], PACKS, submitting(store), actor=SHOP)
    assert (found.placed, found.told) == (1, 3)
    assert [(one.order_id, one.step, one.refused.kind) for one in found.not_taken] == [
        ("early", "place_order", "invalid"),
        ("empty", "place_order", "invalid"),
    ]


async def test_what_was_frozen_at_purchase_is_refused_when_it_changes() -> None:
    store = MemoryStore()
    await intake([order("a")], PACKS, submitting(store), actor=SHOP)
    other = replace(order("a"), seller_id="seller-2")
    found = await intake([other], PACKS, submitting(store), actor=SHOP)
    assert [one.refused.kind for one in found.not_taken] == ["frozen_at_purchase"]


async def test_an_orders_commands_are_never_torn_apart() -> None:
    batches: list[list[str]] = []
    store = MemoryStore()
    through = submitting(store)

    async def submit(envelopes: Sequence[Envelope]) -> Sequence[Result]:
        batches.append([envelope.order_id for envelope in envelopes])
        return await through(envelopes)

    done: list[int] = []
    orders = [order(f"o{n}") for n in range(5)]
    await intake(orders, PACKS, submit, actor=SHOP, batch=7, on_progress=done.append)
    assert batches == [["o0"] * 3 + ["o1"] * 3, ["o2"] * 3 + ["o3"] * 3, ["o4"] * 3]
    assert done == [2, 2, 1]
