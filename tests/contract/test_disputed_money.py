"""Held payouts and evidence in disputes are the same whatever they are kept in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from amends.adapters.memory.holds import MemoryHolds
from amends.adapters.memory.rebuttals import MemoryRebuttalBook
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.holds import PostgresHolds
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.rebuttals import PostgresRebuttalBook
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.holds import HoldFilter, Holds
from amends.application.ports.rebuttals import Rebuttal, RebuttalBook
from amends.domain.custody import commands as oc
from tests.contract.stores import DELIVERED, AnyStore, delivered, done, to
from tests.domain.marketplace import OPERATOR, SELLER


class Shelves(NamedTuple):
    store: AnyStore
    holds: Holds
    book: RebuttalBook


@pytest.fixture
async def shelves(address: str) -> AsyncIterator[Shelves]:
    if not address:
        store = MemoryStore()
        yield Shelves(store, MemoryHolds(store), MemoryRebuttalBook())
        return
    pool = await open_pool(address, 4)
    yield Shelves(PostgresStore(pool), PostgresHolds(pool), PostgresRebuttalBook(pool))
    await pool.close()


async def held(holds: Holds, wanted: HoldFilter, limit: int) -> list[str]:
    """Everything, page by page."""
    found, cursor = [], ""
    while True:
        page = await holds.holds(wanted, cursor, limit)
        found += [f"{one.order_id}/{one.hold.hold_id}:{one.hold.state}" for one in page.holds]
        cursor = page.next
        if not cursor:
            return found


@pytest.mark.row("E9")
async def test_holds_are_listed_by_which_ends_first_and_ended_ones_apart(shelves: Shelves) -> None:
    store, holds, _ = shelves
    await delivered(store, ["o1", "o2", "o3"])
    for number, order_id in enumerate(("o2", "o3", "o1")):
        hold = oc.HoldPayout(hold_id="h1", reason="Said to be forged.")
        await done(store, to(order_id, hold, OPERATOR), now=DELIVERED + timedelta(hours=number))
    second = oc.HoldPayout(hold_id="h2", reason="And the other one.")
    await done(store, to("o2", second, OPERATOR), now=DELIVERED + timedelta(hours=1))
    released = oc.AnswerHold(hold_id="h1", kept=False, reason="It is not.")
    await done(store, to("o3", released, OPERATOR), now=DELIVERED + timedelta(hours=4))
    now = HoldFilter(now=DELIVERED + timedelta(hours=5))
    assert await held(holds, now, 1) == ["o2/h1:held", "o2/h2:held", "o1/h1:held"]
    assert await held(holds, replace(now, standing="ended"), 1) == ["o3/h1:released"]
    assert await held(holds, replace(now, seller_id=SELLER.id), 9) == await held(holds, now, 9)
    assert await held(holds, replace(now, seller_id="nobody"), 9) == []
    later = replace(now, now=DELIVERED + timedelta(days=400))
    assert await held(holds, later, 9) == []
    assert await held(holds, replace(later, standing="ended"), 2) == [
        "o1/h1:released", "o3/h1:released", "o2/h2:released", "o2/h1:released",
    ]  # fmt: skip
    (first,) = (await holds.holds(now, "", 1)).holds
    assert (first.amount, first.currency, first.title) == (9000, "EUR", "Table lamp Dune")
    with pytest.raises(ValueError, match="cursor"):
        await holds.holds(replace(now, standing="ended"), (await holds.holds(now, "", 1)).next, 1)


@pytest.mark.row("P5")
async def test_evidence_is_kept_once_a_number_and_changed_by_one_alone(shelves: Shelves) -> None:
    first = Rebuttal(
        order_id="o1", dispute_id="dp_1", number=1, provider="stripe", note="Delivered.", by="kaya",
        at=DELIVERED, state="proposed",
    )  # fmt: skip
    book = shelves.book
    assert await book.add(first)
    assert not await book.add(replace(first, note="Another."))
    second = replace(first, number=2, at=DELIVERED + timedelta(days=1))
    assert await book.add(second)
    approved = replace(first, state="approved", agreed_by="omar")
    assert await book.change(approved, "proposed")
    assert not await book.change(replace(first, state="dropped"), "proposed")
    assert list(await book.of_order("o1")) == [approved, second]
    assert list(await book.of_order("o2")) == []
