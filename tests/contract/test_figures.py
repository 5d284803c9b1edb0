"""Figures are the same whatever the orders are kept in, and they add up."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from amends.adapters.memory.figures import MemoryFigures
from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.figures import PostgresFigures
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports.figures import GROUPINGS, Figures
from amends.domain.cases import commands as c
from amends.domain.cases.model import Finding, Remedy
from amends.domain.custody.commands import GiveGoodwill
from amends.domain.parties import CLOCK, Actor, Role
from tests.contract.stores import DELIVERED, AnyStore, claimed, done, offer, to
from tests.domain.marketplace import BUYER, OPERATOR, SELLER

MONA = Actor(Role.MEDIATOR, "mona")
BEFORE, AFTER = DELIVERED - timedelta(days=60), DELIVERED + timedelta(days=60)


async def lived(store: AnyStore) -> None:
    """Four claims: one ruled on, one paid, one withdrawn, one that is late."""
    await claimed(store, ["o1", "o2", "o3", "o4"])
    later = DELIVERED + timedelta(days=2)
    await done(store, to("o1", c.Escalate(), BUYER, "o1.1"), now=later)
    await done(store, to("o1", c.TakeCase(), MONA, "o1.1"), now=later)
    finding = Finding(fact="Too small.", clause="negotiation.limit.default")
    ruling = c.Rule(remedy=Remedy(1500), reasons="As shown.", findings=(finding,))
    await done(store, to("o1", ruling, MONA, "o1.1"), now=later + timedelta(hours=5))
    await done(store, to("o2", offer(2500), SELLER, "o2.1"), now=later)
    (answer,) = await done(store, to("o2", c.AcceptOffer(), BUYER, "o2.1"), now=later)
    assert answer.case is not None
    refund = answer.case.refunds[0]
    provider = Actor(Role.PROVIDER, "sandbox")
    paid = to("o2", c.ConfirmRefund(refund_id=refund.refund_id), provider, "o2.1")
    await done(store, paid, now=later + timedelta(hours=7))
    await done(store, to("o3", c.Withdraw(), BUYER, "o3.1"), now=later)
    await done(store, to("o4", c.Lapse(), CLOCK, "o4.1"), now=DELIVERED + timedelta(days=20))


@pytest.fixture
async def figures(address: str) -> AsyncIterator[Figures]:
    if not address:
        store = MemoryStore()
        await lived(store)
        yield MemoryFigures(store)
        return
    pool = await open_pool(address, 4)
    await lived(PostgresStore(pool))
    yield PostgresFigures(pool)
    await pool.close()


async def test_open_cases_are_told_by_state_and_age(figures: Figures) -> None:
    found = await figures.open_cases(DELIVERED + timedelta(days=3))
    assert [tuple(one) for one in found] == [("refund_initiated", 2, 1), ("ruled", 2, 1)]


async def test_what_happened_is_counted_by_day(figures: Figures) -> None:
    found = await figures.counts(BEFORE, AFTER)
    day = DELIVERED.date()
    assert [tuple(one) for one in found] == [
        (day, "opened", 4),
        (day + timedelta(days=2), "closed", 2),
        (day + timedelta(days=20), "lapsed", 1),
    ]
    assert await figures.counts(AFTER, AFTER + timedelta(days=1)) == []


async def test_money_that_went_back_is_summed_by_day_and_currency(figures: Figures) -> None:
    (one,) = await figures.money(BEFORE, AFTER)
    assert tuple(one) == (DELIVERED.date() + timedelta(days=2), "refund", "EUR", 2500)


async def test_what_the_fund_paid_is_told_by_day_purpose_and_currency(address: str) -> None:
    pool = None if not address else await open_pool(address, 2)
    store: AnyStore = MemoryStore() if pool is None else PostgresStore(pool)
    figures: Figures = MemoryFigures(store) if isinstance(store, MemoryStore) else PostgresFigures(pool)  # type: ignore[arg-type]
    await claimed(store, ["o1", "o2"])
    later = DELIVERED + timedelta(days=2)
    for order_id in ("o1", "o2"):
        give = GiveGoodwill(goodwill_id="g1", amount=500, reason="A late answer.")
        await done(store, to(order_id, give, OPERATOR), now=later)
    (paid,) = await figures.cover(BEFORE, AFTER)
    assert (paid.day, paid.purpose, paid.currency) == (later.date(), "goodwill", "EUR")
    assert (paid.amount, paid.payments, paid.kind) == (1000, 2, "goodwill")
    assert await figures.cover(AFTER, AFTER + timedelta(days=1)) == []
    if pool is not None:
        await pool.close()


@pytest.mark.row("P13")
@pytest.mark.parametrize("by", GROUPINGS)
async def test_closed_cases_are_grouped(figures: Figures, by: str) -> None:
    found = await figures.closings(BEFORE, AFTER, by)
    assert sum(one.cases for one in found) == 2
    assert sum(one.refunded for one in found) == 2500
    assert sum(one.asked for one in found) == 8000
    assert sum(one.granted for one in found) == 1
    groups = {one.group for one in found}
    assert (
        groups
        == {
            "reason": {"not_as_described.size"},
            "seller": {SELLER.id},
            "category": {"home"},
            "lane": {">"},
            "outcome": {"partly_refunded", "withdrawn"},
        }[by]
    )
    if by == "reason":
        assert (found[0].hours, found[0].slowest) == (48, 55)


async def test_a_grouping_that_is_none_is_refused(figures: Figures) -> None:
    with pytest.raises(ValueError, match="'weekday' is none of"):
        await figures.closings(BEFORE, AFTER, "weekday")


@pytest.mark.row("X9")
async def test_rulings_come_with_what_was_recommended(figures: Figures) -> None:
    (one,) = await figures.rulings(BEFORE, AFTER, 10)
    assert (one.case_id, one.mediator_id, one.number, one.remedy) == ("o1.1", "mona", 0, Remedy(1500))
    # The buyer had shown a picture, so the rules recommended the request.
    assert one.recommended == one.asked
    assert one.asked.amount == 4000
    assert one.shown == ("buyer:photo",)
    assert await figures.rulings(BEFORE, AFTER, 10, "quality.defective") == []
    assert await figures.rulings(AFTER, AFTER + timedelta(days=1), 10) == []


async def test_the_journal_tells_the_newest_first(figures: Figures) -> None:
    found = await figures.journal(BEFORE, AFTER, 3)
    assert found[0].recorded.actor == CLOCK
    told = [link.recorded.at for link in found]
    assert told == sorted(told, reverse=True)
    mine = await figures.journal(BEFORE, AFTER, 50, "mediator:mona")
    assert [type(link.recorded.event).__name__ for link in mine] == ["CaseRuled", "CaseTaken"]


async def test_nobody_has_a_case_that_is_not_in_mediation(figures: Figures) -> None:
    assert await figures.load() == []
