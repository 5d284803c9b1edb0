"""Reads about a seller: the same answers from memory and from PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest

from amends.adapters.memory.seller_reads import MemorySellerReads
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.seller_reads import PostgresSellerReads
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.sellers import InboxFilter, SellerReads
from amends.domain.cases.commands import AcceptOffer, Escalate, Lapse, OpenClaim, Withdraw
from amends.domain.parties import CLOCK
from tests.contract.stores import DELIVERED, AnyStore, claim, claimed, delivered, done, offer, to
from tests.domain.marketplace import BUYER, PLACED, SELLER

LATER = DELIVERED + timedelta(hours=3)


class Books(NamedTuple):
    """A store and the reads over it."""

    store: AnyStore
    reads: SellerReads


@pytest.fixture(params=["memory", "postgres"])
async def books(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Books]:
    if request.param == "memory":
        store = MemoryStore()
        yield Books(store, MemorySellerReads(store))
        return
    pool = await open_pool(database_url, 2)
    yield Books(PostgresStore(pool), PostgresSellerReads(pool))
    await pool.close()


def wanted(**fields: object) -> InboxFilter:
    return InboxFilter(seller_id=SELLER.id, **fields)  # type: ignore[arg-type]


async def ids(books: Books, **fields: object) -> list[str]:
    page = await books.reads.inbox(wanted(**fields), "", 50)
    return [row.case.case_id for row in page.rows]


async def test_lists_hold_what_waits_on_whom(books: Books) -> None:
    await claimed(books.store, ["o1", "o2", "o3"])
    await done(books.store, to("o2", offer(1000), SELLER, "o2.1"), now=LATER)
    await done(books.store, to("o3", Withdraw(), BUYER, "o3.1"), now=LATER)
    assert await ids(books) == ["o1.1"]
    assert await ids(books, show="answer") == ["o1.1"]
    assert await ids(books, show="waiting") == ["o2.1"]
    assert await ids(books, show="closed") == ["o3.1"]
    assert await ids(books, show="inspect") == []
    assert await books.reads.counts(wanted()) == {
        "turn": 1,
        "answer": 1,
        "address": 0,
        "inspect": 0,
        "replace": 0,
        "other": 0,
        "waiting": 1,
    }


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"reason": "not_as_described"}, True),
        ({"reason": "not_as_described.size"}, True),
        ({"reason": "not_as"}, False),
        ({"due_before": DELIVERED + timedelta(days=5, seconds=1)}, True),
        ({"due_before": DELIVERED + timedelta(days=5)}, False),
        ({"least": Decimal(40), "most": Decimal(40)}, True),
        ({"least": Decimal("40.01")}, False),
        ({"most": Decimal("39.99")}, False),
        ({"text": "O1.1"}, True),
        ({"text": "100%"}, False),
        ({"text": "nothing like it"}, False),
        ({"country": "XX"}, False),
    ],
)
async def test_filters_narrow_the_list_and_its_counts(
    books: Books, fields: dict[str, object], found: bool
) -> None:
    await claimed(books.store, ["o1"])
    assert await ids(books, **fields) == (["o1.1"] if found else [])
    assert (await books.reads.counts(wanted(**fields)))["turn"] == found


async def test_pages_follow_each_other_without_gap_or_double(books: Books) -> None:
    await claimed(books.store, [f"o{number}" for number in range(7)])
    seen: list[str] = []
    cursor = ""
    while True:
        page = await books.reads.inbox(wanted(), cursor, 3)
        seen += [row.case.case_id for row in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert seen == [f"o{number}.1" for number in range(7)]
    with pytest.raises(ValueError, match="cursor"):
        await books.reads.inbox(wanted(), "nonsense", 3)


async def test_drafts_are_the_buyers_alone(books: Books) -> None:
    await delivered(books.store, ["o1"])
    draft: OpenClaim = claim()
    await done(books.store, to("o1", type(draft)(**_as_draft(draft)), BUYER))
    for show in ("turn", "waiting", "closed"):
        assert await ids(books, show=show) == []
    assert list(await books.reads.traces(SELLER.id, PLACED, LATER)) == []


def _as_draft(told: OpenClaim) -> dict[str, object]:
    return {name: getattr(told, name) for name in told.__struct_fields__} | {"draft": True}


async def test_rows_are_ones_own_in_the_order_asked(books: Books) -> None:
    await claimed(books.store, ["o1", "o2"])
    rows = await books.reads.rows(SELLER.id, ["o2.1", "nothing.1", "o1.1", "o2.1"])
    assert [row.case.case_id for row in rows] == ["o2.1", "o1.1"]
    assert [row.custody.order.order_id for row in rows] == ["o2", "o1"]
    assert list(await books.reads.rows("rival", ["o1.1"])) == []


async def test_traces_tell_how_the_seller_answered(books: Books) -> None:
    await claimed(books.store, ["o1", "o2", "o3"])
    await done(books.store, to("o1", offer(1000), SELLER, "o1.1"), now=LATER)
    await done(books.store, to("o2", Lapse(), CLOCK, "o2.1"), now=DELIVERED + timedelta(days=5))
    await done(books.store, to("o3", Escalate(), BUYER, "o3.1"), now=LATER)
    traces = await books.reads.traces(SELLER.id, DELIVERED, DELIVERED + timedelta(days=9))
    one, two, three = sorted(traces, key=lambda trace: trace.case_id)
    assert (one.asked_at, one.answered_at, one.lapsed, one.escalated) == (DELIVERED, LATER, False, False)
    assert (two.answered_at, two.lapsed) == (None, True)
    assert (three.escalated, three.ruled, three.reason) == (True, "", "not_as_described.size")
    assert list(await books.reads.traces(SELLER.id, DELIVERED + timedelta(seconds=1), LATER)) == []


async def test_orders_are_counted_in_a_half_open_time(books: Books) -> None:
    await delivered(books.store, ["o1", "o2"])
    assert await books.reads.orders_placed(SELLER.id, PLACED, PLACED + timedelta(seconds=1)) == 2
    assert await books.reads.orders_placed(SELLER.id, PLACED - timedelta(days=1), PLACED) == 0
    assert await books.reads.orders_placed("rival", PLACED, LATER) == 0


async def test_money_is_frozen_by_open_cases_only(books: Books) -> None:
    await delivered(books.store, ["o1", "o2"])
    before = await books.reads.money(SELLER.id)
    assert [(one.place, one.orders) for one in before] == [("protected", 2)]
    await done(books.store, to("o1", claim(), BUYER))
    money = {one.place: one for one in await books.reads.money(SELLER.id)}
    assert {place: one.orders for place, one in money.items()} == {"frozen": 1, "protected": 1}
    assert sum(one.amount for one in money.values()) == before[0].amount
    held = {one.custody.order.order_id: one.case_ids for one in await books.reads.held(SELLER.id, 9)}
    assert held == {"o1": ("o1.1",), "o2": ()}
    await done(books.store, to("o1", Withdraw(), BUYER, "o1.1"), now=LATER)
    assert [one.place for one in await books.reads.money(SELLER.id)] == ["protected"]


async def test_a_refund_on_its_way_is_no_longer_held(books: Books) -> None:
    await claimed(books.store, ["o1"])
    (before,) = await books.reads.money(SELLER.id)
    await done(books.store, to("o1", AcceptOffer(), SELLER, "o1.1"), now=LATER)
    (row,) = await books.reads.rows(SELLER.id, ["o1.1"])
    promised = sum(refund.amount for refund in row.case.refunds)
    assert promised == row.case.wanted.amount > 0
    assert row.custody.books.escrow == before.amount
    assert sum(one.amount for one in await books.reads.money(SELLER.id)) == before.amount - promised


async def test_a_ruling_counts_for_who_won_it(books: Books) -> None:
    await claimed(books.store, ["o1"])
    await done(books.store, to("o1", AcceptOffer(), SELLER, "o1.1"), now=LATER)
    (trace,) = await books.reads.traces(SELLER.id, DELIVERED, LATER)
    assert (trace.ruled, trace.answered_at) == ("", LATER)
