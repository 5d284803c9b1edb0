"""What every keeper of reports, differences and disputes promises, in memory and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from amends.adapters.memory.disputes import MemoryDisputeBook
from amends.adapters.memory.settlements import MemoryMoneyReads, MemorySettlementBook
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.disputes import PostgresDisputeBook
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.settlements import PostgresMoneyReads, PostgresSettlementBook
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.disputes import DisputeBook, DisputeNews, KeptNews
from amends.application.ports.settlements import DifferenceFilter, MoneyReads, Run, SettlementBook
from amends.domain.cases.commands import ConfirmRefund
from amends.domain.ledger import Stage
from amends.domain.orders import Method, Tender
from amends.domain.reconciliation import Difference, Movement, State, Sums, Why, reconcile, span
from tests.contract.stores import DELIVERED, AnyStore, done, placing, refunding, to
from tests.domain.marketplace import PROVIDER, an_order

pytestmark = pytest.mark.row("H5")

TODAY = DELIVERED.date()


class Kept(NamedTuple):
    store: AnyStore
    reads: MoneyReads
    book: SettlementBook
    disputes: DisputeBook


@pytest.fixture
async def kept(address: str) -> AsyncIterator[Kept]:
    if not address:
        store = MemoryStore()
        yield Kept(store, MemoryMoneyReads(store), MemorySettlementBook(), MemoryDisputeBook())
        return
    pool = await open_pool(address, 4)
    yield Kept(
        PostgresStore(pool), PostgresMoneyReads(pool), PostgresSettlementBook(pool), PostgresDisputeBook(pool)
    )
    await pool.close()


def line(line_id: str, amount: int, day: date = TODAY, **more: str) -> Movement:
    fields = {"provider": "sandbox", "kind": "refund", "reference": "o1.1-r1", "currency": "EUR", **more}
    return Movement(line_id=line_id, amount=amount, at=span(day)[0] + timedelta(hours=12), **fields)


def difference(difference_id: str, state: State = State.OPEN, **more: object) -> Difference:
    fields = {"day": TODAY, "ours": 0, "theirs": -500, "order_id": "o1", "provider": "sandbox", **more}
    return Difference(
        difference_id=difference_id,
        reference=difference_id,
        why=Why.MISSING_HERE,
        state=state,
        currency="EUR",
        **fields,  # type: ignore[arg-type]
    )


def a_run(day: date = TODAY, provider: str = "sandbox") -> Run:
    return Run(provider=provider, day=day, at=DELIVERED, movements=1, entries=0, sums=(Sums("EUR", 0, -500),))


async def test_the_ledger_is_read_as_providers_know_it(kept: Kept) -> None:
    await refunding(kept.store)
    since, until = span(TODAY)
    entries = await kept.reads.entries(since, until)
    assert [(one.reference, one.amount, one.stage, one.case_id) for one in entries] == [
        ("o1.1-r1", -2500, Stage.PENDING, "o1.1")
    ]
    await done(kept.store, to("o1", ConfirmRefund(refund_id="o1.1-r1"), PROVIDER, "o1.1"))
    found = await kept.reads.entries_of(["o1", "nowhere"])
    assert [(one.purpose, one.amount, one.stage) for one in found] == [
        ("capture", 9000, Stage.POSTED),
        ("refund", -2500, Stage.PENDING),
        ("refund", -2500, Stage.POSTED),
    ]
    assert {one.provider for one in found} == {"sandbox"}
    assert found[0].reference == "o1/t1"
    assert reconcile("sandbox", TODAY, [line("a", -2500)], found[1:], until) == []


async def test_orders_are_found_by_the_payments_they_name(kept: Kept) -> None:
    for order_id, ref in (("o1", "pi_1"), ("o2", "pi_1"), ("o3", "pi_2"), ("o4", "")):
        tender = Tender("t1", Method.CARD, 9000, "stripe", ref)
        await done(kept.store, placing(an_order(order_id=order_id, tenders=(tender,))))
    found = await kept.reads.paid_by("stripe", ["pi_1", "pi_2", "pi_9", ""])
    assert {ref: sorted(ids) for ref, ids in found.items() if ref} == {"pi_1": ["o1", "o2"], "pi_2": ["o3"]}
    assert await kept.reads.paid_by("paypal", ["pi_1"]) == {}
    assert await kept.reads.paid_by("stripe", []) == {}


async def test_a_line_is_kept_once(kept: Kept) -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert await kept.book.keep([line("a", -500), line("b", 70, tomorrow), line("b", 70, tomorrow)]) == 2
    assert await kept.book.keep([line("a", -999), line("a", -1, provider="stripe")]) == 1
    assert [one.amount for one in await kept.book.movements("sandbox", *span(TODAY))] == [-500]
    assert [one.line_id for one in await kept.book.movements_of("sandbox", ["o1.1-r1", "?"])] == ["a", "b"]


async def test_a_day_is_written_anew_but_for_what_somebody_dealt_with(kept: Kept) -> None:
    first, second = difference("d1"), difference("d2", State.WAITING)
    assert await kept.book.save(a_run(), [first, second]) == [first]
    assert await kept.book.save(a_run(), [first, second]) == []
    assert await kept.book.unsettled("sandbox") == [TODAY]
    resolved = replace(first, state=State.RESOLVED, how="settled", reason="Put right.")
    assert await kept.book.change(resolved, State.OPEN)
    assert not await kept.book.change(resolved, State.OPEN)
    await kept.book.save(a_run(), [first])
    assert await kept.book.difference("d1") == resolved
    assert await kept.book.difference("d2") is None
    more = difference("d1", theirs=-700)
    assert await kept.book.save(a_run(), [more]) == [more]
    assert await kept.book.difference("d1") == more


async def test_days_and_differences_are_listed_newest_and_neediest_first(kept: Kept) -> None:
    before = TODAY - timedelta(days=1)
    await kept.book.save(
        a_run(before), [difference("a1", day=before), difference("a2", State.EXPLAINED, day=before)]
    )
    await kept.book.save(a_run(), [difference("b1", State.EXPLAINED), difference("b2", order_id="")])
    await kept.book.save(a_run(provider="stripe"), [])
    assert [(one.day, one.provider) for one in await kept.book.runs(9)] == [
        (TODAY, "stripe"),
        (TODAY, "sandbox"),
        (before, "sandbox"),
    ]
    assert [one.sums for one in await kept.book.runs(1, "sandbox", before)] == [(Sums("EUR", 0, -500),)]
    every = await kept.book.differences(DifferenceFilter(), 9)
    assert [one.difference_id for one in every] == ["b2", "a1", "b1", "a2"]
    wanted = DifferenceFilter(provider="sandbox", day=before, states=(State.OPEN,), order_id="o1")
    assert [one.difference_id for one in await kept.book.differences(wanted, 9)] == ["a1"]


async def test_news_of_a_dispute_are_kept_once(kept: Kept) -> None:
    def told(event_id: str, minutes: int) -> KeptNews:
        news = DisputeNews(
            provider="stripe",
            event_id=event_id,
            dispute_id="dp_1",
            payments=("pi_1",),
            amount=500,
            currency="EUR",
            reason="",
            status="open",
            at=DELIVERED + timedelta(minutes=minutes),
        )
        return KeptNews(news=news, state="waiting", received_at=DELIVERED)

    assert await kept.disputes.receive(told("e2", 2)) == told("e2", 2)
    assert await kept.disputes.receive(told("e1", 1)) == told("e1", 1)
    applied = replace(told("e2", 2), state="applied", order_ids=("o1",))
    await kept.disputes.settle(applied)
    assert await kept.disputes.receive(told("e2", 2)) == applied
    assert await kept.disputes.waiting(9) == [told("e1", 1)]
    assert await kept.disputes.waiting(9, ("refused",)) == []
    assert await kept.disputes.find("stripe", "e2") == applied
    assert await kept.disputes.find("paypal", "e2") is None
    assert await kept.disputes.of_dispute("stripe", "dp_1") == [told("e1", 1), applied]
