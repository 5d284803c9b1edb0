"""A payment provider at its worst, on PostgreSQL: nobody is paid twice, no refund is stuck (R11).

Each seed is a season of orders with a provider that is slow, answers nothing (as a 500 does), does what it
was asked and loses the reply, ends late, declines; its news come twice, in any order, late or about nothing
we know; its disputes too, some before their order. Two seeds here; `AMENDS_SEEDS=200` for as many as that.
"""

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from amends.adapters.payments.sandbox import Faults, Sandbox
from amends.adapters.postgres.disputes import PostgresDisputeBook
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.settlements import PostgresMoneyReads, PostgresSettlementBook
from amends.application.audit import audit
from amends.application.disputes import Disputes
from amends.application.errands import errand_of
from amends.application.ports import Done, Envelope, PaymentAnswer, ProviderSilent, Result
from amends.application.ports.disputes import DisputeNews, Status
from amends.application.ports.settlements import DifferenceFilter, Run
from amends.application.reconciliation import Reconciliation
from amends.domain.cases.commands import AcceptOffer, Escalate, OpenClaim, Withdraw
from amends.domain.cases.model import EvidenceItem, Remedy
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Custody
from amends.domain.ledger import check
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role
from amends.domain.reconciliation import State, unexplained
from tests.application.shop import AMOUNT, Shop, a_shop
from tests.domain.marketplace import BUYER, OPERATOR, SELLER

SEEDS = int(os.environ.get("AMENDS_SEEDS", "2"))
ORDERS = 7
# Longer than any clock of the default terms.
SEASON = timedelta(days=260)


class Unruly:
    """A provider whose news come twice, late, in any order, and about things nobody asked for."""

    def __init__(self, inner: Sandbox, chance: random.Random) -> None:
        self._inner = inner
        self._chance = chance
        self._late: list[str] = []

    async def confirmations(self, limit: int) -> Sequence[str]:
        keys = [*await self._inner.confirmations(limit), *self._late, "never-asked", "o9:nothing~3"]
        self._chance.shuffle(keys)
        self._late = [key for key in keys if self._chance.random() < 0.3]
        return [*(key for key in keys if self._chance.random() < 0.7), *keys[:2]]

    async def register_capture(self, tender_ref: str, amount: int, currency: str, part: str = "") -> None:
        await self._inner.register_capture(tender_ref, amount, currency, part)

    async def refund(self, key: str, tender_ref: str, amount: int, currency: str) -> PaymentAnswer:
        return await self._inner.refund(key, tender_ref, amount, currency)

    async def pay_out(self, key: str, destination: str, amount: int, currency: str) -> PaymentAnswer:
        return await self._inner.pay_out(key, destination, amount, currency)

    async def look_up(self, key: str) -> PaymentAnswer:
        return await self._inner.look_up(key)

    async def recall(self, key: str) -> PaymentAnswer:
        return await self._inner.recall(key)


class Season:
    """One seed's shop, lived through."""

    def __init__(self, shop: Shop, pool: Pool, chance: random.Random) -> None:
        self.shop = shop
        self.chance = chance
        self.unruly = Unruly(shop.sandbox, chance)
        self.workers = [shop.errands_with(self.unruly) for _ in range(2)]
        self.ledger = ledger = PostgresMoneyReads(pool)
        self.disputes = Disputes(
            {}, PostgresDisputeBook(pool), ledger, PostgresReader(pool), self.submit, shop.clock, shop.clock
        )
        self.reconciliation = Reconciliation(
            {"sandbox": shop.sandbox},
            ledger,
            PostgresSettlementBook(pool),
            shop.clock,
            PostgresOutbox(pool),
            _nobody,
        )
        self.orders: list[str] = []
        self.news: list[tuple[datetime, DisputeNews]] = []
        self.tally: Counter[str] = Counter()

    async def submit(self, envelope: Envelope) -> Result:
        (result,) = await self.shop.submit([envelope])
        return result

    async def live(self) -> None:
        for n in range(ORDERS):
            order_id = f"o{n}"
            if self.chance.random() < 0.4:
                self.dispute(order_id)
            await self.shop.place(order_id, f"pay-{order_id}")
            self.orders.append(order_id)
            await self.something_happens(order_id)
            await self.pass_time(timedelta(hours=self.chance.randint(1, 90)))
        until = self.shop.clock.now() + SEASON
        while self.shop.clock.now() < until:
            await self.pass_time(timedelta(hours=self.chance.randint(12, 400)))
        for _, one in self.news:
            await self.disputes.hear(one)
        await self.pass_time(timedelta(days=120))

    async def something_happens(self, order_id: str) -> None:
        shop, what = self.shop, self.chance.choice(["cancelled", "kept", "claimed", "claimed", "argued"])
        self.tally[what] += 1
        if what == "cancelled":
            command = oc.CancelBySeller()
            await self.try_to(command, SELLER, order_id)
            return
        await shop.deliver(order_id)
        if what == "kept":
            if self.chance.random() < 0.5:
                await self.try_to(oc.ConfirmReceipt(), BUYER, order_id)
            if self.chance.random() < 0.3:
                await self.try_to(oc.HoldPayout(hold_id="h1", reason="Look."), OPERATOR, order_id)
            return
        shown = EvidenceItem(Role.BUYER, "photo", "Broken", shop.clock.now())
        amount = self.chance.choice([1000, 4000, 4500])
        claim = OpenClaim(
            reason="quality.not_working",
            units=(Unit("l1", 0),),
            wanted=Remedy(amount),
            story="It does not work.",
            evidence=(shown,),
        )
        await self.try_to(claim, BUYER, order_id)
        case_id = f"{order_id}.1"
        if what == "claimed" and self.chance.random() < 0.7:
            await self.try_to(AcceptOffer(), SELLER, order_id, case_id)
        elif what == "argued":
            await self.try_to(self.chance.choice([Escalate(), Withdraw()]), BUYER, order_id, case_id)

    async def try_to(self, command: object, actor: Actor, order_id: str, case_id: str = "") -> None:
        result = await self.submit(
            Envelope(command=command, actor=actor, order_id=order_id, case_id=case_id)  # type: ignore[arg-type]
        )
        self.tally["done" if isinstance(result, Done) else result.kind] += 1

    def dispute(self, order_id: str) -> None:
        """News of one dispute, told twice, out of order, some of them far too early or late."""
        now = self.shop.clock.now()
        end: Status = self.chance.choice(["won", "lost"])
        amount = self.chance.choice([AMOUNT, AMOUNT // 3])
        statuses: list[Status] = ["open", end, "open", end, "inquiry"]
        for n, status in enumerate(statuses):
            one = DisputeNews(
                provider="sandbox",
                event_id=f"evt-{order_id}-{status}-{n % 2}",
                dispute_id=f"dp-{order_id}",
                payments=(f"pay-{order_id}",),
                amount=amount,
                currency="EUR",
                reason="fraudulent",
                status=status,
                at=now + timedelta(hours=n),
            )
            self.news.append((now + timedelta(hours=self.chance.randint(0, 1500)), one))
        self.tally["disputes"] += 1

    async def pass_time(self, span: timedelta) -> None:
        due = [one for at, one in self.news if at <= self.shop.clock.now()]
        self.chance.shuffle(due)
        for one in due:
            await self.disputes.hear(one)
        await self.disputes.sweep()
        # Two workers, and the deadlines beside them, while the clock stands.
        await asyncio.gather(*(worker.hear() for worker in self.workers))
        await asyncio.gather(self.shop.lapses.run(), *(worker.run() for worker in self.workers))
        await self.shop.machine.advance(self.shop.clock.now() + span)

    async def reconciled(self, day: date) -> Run:
        """A day's reconciliation, asked for until the provider gives its report."""
        for _ in range(30):
            with contextlib.suppress(ProviderSilent):
                return await self.reconciliation.run("sandbox", day)
        raise AssertionError(f"no report of {day}")

    async def custodies(self) -> list[Custody]:
        return [await self.shop.custody(order_id) for order_id in self.orders]


async def _nobody() -> Sequence[Actor]:
    return ()


@pytest.mark.row("H1", "H5", "P5")
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_nobody_is_paid_twice_and_no_refund_is_stuck(seed: int, database_url: str) -> None:
    chance = random.Random(seed)
    faults = Faults(
        seed=seed,
        declined=0.08,
        try_again=0.08,
        unreachable=0.2,
        lost_reply=0.25,
        late=0.3,
        twice=0.3,
        slow=0.05,
        late_for=timedelta(days=25),
        slow_s=0.001,
    )
    pool = await open_pool(database_url, 4)
    try:
        async with a_shop("postgres", database_url, faults) as shop:
            season = Season(shop, pool, chance)
            await season.live()
            begin, now = datetime(2026, 3, 1, tzinfo=shop.clock.now().tzinfo), shop.clock.now()
            requests = await shop.vault.settled(begin, now)
            paid = Counter(errand_of(one.key) for one in requests)
            assert [key for key, times in paid.items() if times > 1] == [], "paid twice"
            for custody in await season.custodies():
                books = custody.books
                assert check(books) == ()
                stuck = [one for one in books.pending.values() if one.purpose in {"refund", "payout"}]
                assert stuck == [], (custody.order.order_id, stuck)
                theirs = [one for one in requests if one.key.startswith(custody.order.order_id)]
                assert (
                    sum(one.amount for one in theirs)
                    == books.bank + sum(books.refunded.values()) - books.balance
                )
            # The provider's own reports say the same, day by day, every cent explained.
            moved = [one.settles_at for one in requests]
            moved += [one.at for one in await season.ledger.entries(begin, now)]
            for day in sorted({at.date() for at in moved}):
                run = await season.reconciled(day)
                found = await season.reconciliation.book.differences(
                    DifferenceFilter(provider="sandbox", day=day), 200
                )
                assert [unexplained(one, found) for one in run.sums] == [0] * len(run.sums)
            assert (await audit(shop.store, season.reconciliation.book)).faults == []
            wanted = DifferenceFilter(states=(State.OPEN, State.WAITING))
            assert await season.reconciliation.book.differences(wanted, 50) == []
    finally:
        await pool.close()
