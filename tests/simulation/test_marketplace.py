"""The marketplace that `make run` opens on: alive, sound, and the same for the same seed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.simulation.markets import NOW, SEED, Market, a_market, market_world, seen

from amends.adapters.calendars import CALENDARS
from amends.adapters.carriers.numbers import PATTERNS
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.tracking_numbers import MemoryTrackingNumbers
from amends.adapters.packs import load
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.store import PostgresStore
from amends.application.audit import audit
from amends.domain.cases.actions import actions
from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import Outcome, State
from amends.domain.custody.model import Stage
from amends.domain.ledger import check
from amends.domain.orders import Tier
from amends.domain.parties import Role
from amends.domain.tracking.analysis import SIGNALS, Background, analyse
from amends.simulation.marketplace import SPAN, populate
from amends.simulation.people import Person, people

# Weekends, long holidays, the change to summer time, a leap day, the small hours.
_MOMENTS = (
    (1, datetime(2027, 1, 2, 3, 5, tzinfo=UTC)),
    (2, datetime(2026, 4, 6, 22, 59, tzinfo=UTC)),
    (3, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    (4, datetime(2028, 2, 29, 12, 0, tzinfo=UTC)),
    (5, datetime(2026, 10, 8, 6, 30, tzinfo=UTC)),
    (6, datetime(2026, 5, 1, 17, 45, tzinfo=UTC)),
)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(scope="module")
async def market(store: MemoryStore) -> Market:
    return await a_market(store=store, reader=store)


def _due_today(market: Market, person: Person) -> list[str]:
    """The cases that wait for this very person: theirs, or in the mediators' hands."""
    return [
        case.case_id
        for case in market.cases
        if any(action.mandatory for action in actions(case, person.role, market.now))
        and person.id in {case.buyer_id, case.seller_id, case.mediator_id}
    ]


async def test_every_live_state_and_every_outcome_is_there(market: Market) -> None:
    assert {case.state for case in market.cases} == {*LIFECYCLE, State.CLOSED}
    assert {case.outcome for case in market.cases if case.state is State.CLOSED} == set(Outcome)


async def test_no_command_of_the_stories_is_refused(market: Market) -> None:
    assert market.populated.not_done == ()


@pytest.mark.parametrize(("seed", "now"), _MOMENTS)
async def test_the_stories_hold_for_other_seeds_and_days(seed: int, now: datetime) -> None:
    market = await a_market(seed, now)
    assert market.populated.not_done == ()
    assert {case.state for case in market.cases} == {*LIFECYCLE, State.CLOSED}
    assert {case.outcome for case in market.cases if case.state is State.CLOSED} == set(Outcome)
    for person in people(seed):
        if person.role is not Role.OPERATOR:
            assert _due_today(market, person), person.id


async def test_every_buyer_seller_and_mediator_has_something_to_do(market: Market) -> None:
    parties = [person for person in people(SEED) if person.role is not Role.OPERATOR]
    assert {person.id: bool(_due_today(market, person)) for person in parties} == {
        person.id: True for person in parties
    }


async def test_operators_find_a_late_case_and_an_overdue_refund(market: Market) -> None:
    waiting = Counter(
        case.state for case in market.cases if case.waiting and case.waiting.on is Role.OPERATOR
    )
    assert waiting[State.MEDIATING_LATE] == 1
    assert waiting[State.REFUND_OVERDUE] == 1


async def test_untaken_cases_are_in_the_mediators_queue(market: Market) -> None:
    queue = [case for case in market.cases if case.state is State.MEDIATING and not case.mediator_id]
    assert len(queue) >= 2


async def test_no_deadline_has_passed_unheard(market: Market) -> None:
    everything = [*market.orders, *market.cases]
    overdue = [one for one in everything if one.waiting is not None and one.waiting.until <= market.now]
    assert overdue == []


async def test_the_books_of_every_order_are_sound(market: Market) -> None:
    assert {custody.order.order_id: check(custody.books) for custody in market.orders} == {
        custody.order.order_id: () for custody in market.orders
    }
    stages = {custody.stage for custody in market.orders}
    assert stages >= {Stage.AWAITING_SHIPMENT, Stage.AWAITING_DELIVERY, Stage.PROTECTED, Stage.HELD}
    assert stages >= {Stage.PAID_OUT, Stage.CANCELLED}


@pytest.mark.usefixtures("market")
async def test_everything_is_told_by_commands_and_proven_by_events(store: MemoryStore) -> None:
    found = await audit(store)
    assert found.orders > 0
    assert found.cases > 0
    assert found.faults == []


async def test_the_same_seed_gives_the_same_marketplace(market: Market) -> None:
    again = await a_market()
    assert again.cases == market.cases
    assert again.orders == market.orders


async def test_another_seed_gives_another_marketplace(market: Market) -> None:
    other = await a_market(seed=SEED + 1)
    assert {case.case_id for case in other.cases}.isdisjoint(case.case_id for case in market.cases)


async def test_a_store_with_orders_is_left_alone() -> None:
    store = MemoryStore()
    first = await populate(market_world(store, store, NOW - SPAN), load(), seed=SEED, now=NOW)
    before = await seen(store, first, NOW)
    second = await populate(market_world(store, store, NOW - SPAN), load(), seed=SEED + 1, now=NOW)
    assert (second.orders, second.commands) == (0, 0)
    assert (await seen(store, first, NOW)) == before


async def test_progress_reaches_its_total() -> None:
    store = MemoryStore()
    told: list[tuple[int, int]] = []
    world = market_world(store, store, NOW - SPAN)
    await populate(world, load(), seed=SEED, now=NOW, on_progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0


async def test_the_orders_are_of_the_last_ninety_days_and_of_many_kinds(market: Market) -> None:
    orders = [custody.order for custody in market.orders]
    assert 65 <= len(orders) == market.populated.orders <= 105
    assert all(NOW - timedelta(days=90) <= order.placed_at <= NOW for order in orders)
    assert {order.currency for order in orders} == {"EUR", "USD", "BRL", "JPY", "KWD"}
    assert {order.buyer_tier for order in orders} == set(Tier)
    categories = {line.category for order in orders for line in order.lines}
    assert {"home/lamps", "apparel/shoes", "electronics/phones", "apparel/swimwear"} <= categories
    assert {"jewellery/earrings", "home/mugs", "food"} <= categories


async def test_claims_rulings_and_offers_tell_their_reasons(market: Market) -> None:
    claims = [case for case in market.cases if case.reason.partition(".")[0] != "cancel"]
    assert all(case.story for case in claims)
    rulings = [ruling for case in market.cases for ruling in case.rulings]
    assert len(rulings) >= 7
    # Where nobody ruled in time the findings are the reasons.
    assert all(ruling.findings and bool(ruling.reasons) == bool(ruling.mediator_id) for ruling in rulings)
    assert {bool(ruling.mediator_id) for ruling in rulings} == {True, False}
    assert all(finding.clause for ruling in rulings for finding in ruling.findings)


def test_the_people_have_names_zones_and_a_sentence() -> None:
    everybody = people(SEED)
    assert people(SEED) == everybody
    counted = Counter(person.role for person in everybody)
    assert counted == {Role.BUYER: 8, Role.SELLER: 7, Role.MEDIATOR: 3, Role.OPERATOR: 2}
    assert len({(person.role, person.id) for person in everybody}) == len(everybody)
    for person in everybody:
        assert person.name
        assert person.about.endswith(".")
        assert len(person.country) == 2
        assert ZoneInfo(person.zone)
    assert {person.name for person in people(SEED + 1)} != {person.name for person in everybody}


async def test_a_database_holds_the_same_marketplace_as_memory(market: Market, database_url: str) -> None:
    pool = await open_pool(database_url, 4)
    try:
        there = await a_market(store=PostgresStore(pool), reader=PostgresReader(pool))
    finally:
        await pool.close()
    assert there.populated == market.populated
    assert there.cases == market.cases
    assert there.orders == market.orders


@pytest.mark.row("E8")
async def test_whatever_a_trace_can_show_is_there_to_be_looked_at(market: Market, store: MemoryStore) -> None:
    numbers = MemoryTrackingNumbers(store)
    seen: set[str] = set()
    for case in market.cases:
        if not case.reason.startswith("not_received."):
            continue
        order = store.custodies[case.order_id].order
        for parcel in order.parcels:
            shared = await numbers.shared_with(parcel.tracking_number, order.order_id, order.buyer_id)
            looked = analyse(
                order,
                parcel,
                terms=store.terms[order.lines[0].terms_id],
                now=NOW,
                calendars=CALENDARS,
                background=Background(patterns=PATTERNS, shared_with=shared),
                reason=case.reason,
            )
            seen |= {finding.signal for finding in looked.findings}
    assert seen == set(SIGNALS)


@pytest.mark.row("F3", "F5", "F9", "I1")
async def test_every_way_back_is_there_to_be_looked_at(market: Market) -> None:
    exchanges = [one for one in market.cases if one.settlement and one.settlement.remedy.exchange_variant]
    differences = [one.settlement.remedy.difference for one in exchanges if one.settlement]
    assert (min(differences) < 0 < max(differences), 0 in differences) == (True, True)
    assert any(one.outcome is Outcome.REFUNDED for one in exchanges)
    # The replacement came first, and the goods come back in parcels against what was put down.
    assert any(one.replaced and one.paid_in and len(one.parcels) == 2 for one in exchanges)
    assert any(one.label and one.label.code for one in market.cases)
    assert any(one.outcome is Outcome.REIMBURSED for one in market.cases)
    assert max(Counter(one.order_id for one in market.cases).values()) > 1
    sent = {one.order_id for one in market.cases if one.parcels}
    together = [one.order for one in market.orders if one.order.checkout_id and one.order.order_id in sent]
    assert len({order.seller_id for order in together}) == 2
    assert any(line.bundle for one in market.orders for line in one.order.lines)
