"""Errands: money reaches the buyer once, whatever the provider does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.application.shop import AMOUNT, Shop, a_shop
from tests.domain.marketplace import BUYER

from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Faults
from amends.application.backoff import delay
from amends.application.ports import PaymentAnswer, ProviderSilent
from amends.domain.cases.commands import ChooseRefundMethod
from amends.domain.cases.model import RefundStage, State
from amends.domain.custody.model import Stage


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Shop]:
    async with a_shop(request.param, database_url, Faults(late_for=timedelta(days=2), slow_s=0.2)) as shop:
        yield shop


async def test_a_refund_is_paid_and_confirmed(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    await shop.advance(days=2)
    case = await shop.case(case_id)
    assert case.state is State.CLOSED
    assert [refund.stage for refund in case.refunds] == [RefundStage.CONFIRMED]
    assert await shop.refunded_by_provider(case) == AMOUNT
    books = (await shop.custody("o1")).books
    assert (books.escrow, books.refunded) == (0, {"t1": AMOUNT})


@pytest.mark.parametrize(
    ("ending", "stage", "paid"),
    [
        ("-lost-reply", RefundStage.CONFIRMED, AMOUNT),
        ("-late", RefundStage.CONFIRMED, AMOUNT),
        ("-slow", RefundStage.CONFIRMED, AMOUNT),
        ("-twice", RefundStage.CONFIRMED, AMOUNT),
        ("-try-again", RefundStage.CONFIRMED, AMOUNT),
        ("-declined", RefundStage.FAILED, 0),
        ("-late-declined", RefundStage.FAILED, 0),
    ],
)
async def test_each_trouble_ends_well(shop: Shop, ending: str, stage: RefundStage, paid: int) -> None:
    case_id = await shop.cancel("o1", f"card{ending}")
    await shop.advance(days=3, hours=12)
    case = await shop.case(case_id)
    assert [refund.stage for refund in case.refunds] == [stage]
    assert await shop.refunded_by_provider(case) == paid


async def test_after_a_failure_the_buyer_chooses_a_bank_account(shop: Shop) -> None:
    case_id = await shop.cancel("o1", "card-declined")
    await shop.advance(days=2)
    await shop.do(ChooseRefundMethod(method="bank_transfer", destination="bank-nora"), BUYER, "o1", case_id)
    await shop.advance(days=1)
    case = await shop.case(case_id)
    assert case.state is State.CLOSED
    (paid,) = await shop.sent(*(refund.refund_id for refund in case.refunds))
    assert (paid.kind, paid.target, paid.amount) == ("payout", "bank-nora", AMOUNT)


async def test_a_provider_that_never_answers_is_asked_less_and_less_often(shop: Shop) -> None:
    case_id = await shop.cancel("o1", "card-unreachable")
    await shop.advance(days=1, hours=12)
    (refund,) = (await shop.case(case_id)).refunds
    assert refund.stage is RefundStage.INITIATED
    due = await shop.store.next_due()
    assert due is not None
    wait = due - shop.clock.now()
    assert timedelta(0) < wait <= timedelta(hours=6)


async def test_a_provider_that_is_away_for_weeks_is_asked_once_a_week(shop: Shop) -> None:
    away = Shop(shop.store, shop.vault, shop.inbox, shop.clock._face, Faults(unreachable=1.0))
    case_id = await away.cancel("o1")
    waits = []
    for _ in range(12):
        await away.advance(days=5)
        due = await away.store.next_due()
        assert due is not None
        waits.append(due - away.clock.now())
    (refund,) = (await away.case(case_id)).refunds
    # The buyer has it in the balance; the provider is still asked to stop what was sent.
    assert (refund.method, refund.stage) == ("balance", RefundStage.CONFIRMED)
    assert max(waits[:2]) <= timedelta(hours=6)
    assert timedelta(days=1) < max(waits[-4:]) <= timedelta(days=7)


async def test_an_overdue_refund_is_stopped_before_anything_else_is_tried(shop: Shop) -> None:
    """The money may still be under way, so crediting it elsewhere first could pay twice."""
    slow = Shop(shop.store, shop.vault, shop.inbox, shop.clock._face, Faults(late_for=timedelta(days=60)))
    case_id = await slow.cancel("o1", "card-late")
    await slow.advance(days=30)
    case = await slow.case(case_id)
    assert case.refunds[0].stage is not RefundStage.INITIATED
    await slow.advance(days=90)
    case = await slow.case(case_id)
    assert case.state is State.CLOSED
    assert await slow.refunded_by_provider(case) == 0
    books = (await slow.custody("o1")).books
    assert (books.balance, books.refunding) == (AMOUNT, {})


async def test_the_seller_is_paid_once(shop: Shop) -> None:
    await shop.place("o1")
    await shop.deliver("o1")
    await shop.advance(days=60)
    custody = await shop.custody("o1")
    assert custody.stage is Stage.PAID_OUT
    assert custody.books.pending == {}
    assert custody.books.bank > 0
    events = await shop.history("o1")
    assert [event for _, _, event in events].count("payout_confirmed") == 1


async def test_a_worker_that_dies_after_paying_leaves_nothing_to_pay_twice(shop: Shop) -> None:
    """The money went out, the process died before it could write that down, another one goes on."""

    class Dying:
        async def refund(self, key: str, tender_ref: str, amount: int, currency: str) -> PaymentAnswer:
            await shop.sandbox.register_capture(tender_ref, AMOUNT, currency, "o1/t1")
            await shop.sandbox.refund(key, tender_ref, amount, currency)
            raise asyncio.CancelledError

        async def pay_out(self, key: str, destination: str, amount: int, currency: str) -> PaymentAnswer:
            raise AssertionError

        async def look_up(self, key: str) -> PaymentAnswer:
            raise AssertionError

        async def recall(self, key: str) -> PaymentAnswer:
            raise AssertionError

    case_id = await shop.cancel("o1")
    shop.now += timedelta(days=1)
    await shop.lapses.run()
    with pytest.raises(asyncio.CancelledError):
        await shop.errands_with(Dying()).run()
    (refund,) = (await shop.case(case_id)).refunds
    assert refund.stage is RefundStage.INITIATED
    await shop.errands.run()
    case = await shop.case(case_id)
    assert case.refunds[0].stage is RefundStage.CONFIRMED
    assert await shop.refunded_by_provider(case) == AMOUNT


async def test_news_that_come_twice_confirm_once(shop: Shop) -> None:
    case_id = await shop.cancel("o1", "card-late-twice")
    await shop.cancel("o2", "card-late")
    shop.now += timedelta(days=1)
    await shop.lapses.run()
    await shop.errands.run()
    # Both ends come between two looks of ours: the news bring the look forward.
    shop.now += timedelta(days=2)
    assert await shop.errands.hear() >= 1
    await shop.errands.run()
    await shop.errands.hear()
    await shop.errands.run()
    events = [event for _, _, event in await shop.history(case_id)]
    assert events.count("refund_confirmed") == 1


async def test_several_workers_share_the_errands(shop: Shop) -> None:
    cases = [await shop.cancel(f"o{n}") for n in range(12)]
    shop.now += timedelta(days=1)
    await shop.lapses.run()
    handled = await asyncio.gather(*(shop.errands_with(shop.sandbox).run(limit=3) for _ in range(3)))
    assert sum(count > 0 for count in handled) > 1
    for case_id in cases:
        case = await shop.case(case_id)
        assert case.state is State.CLOSED
        assert await shop.refunded_by_provider(case) == AMOUNT
    assert len({message_id for message_id, *_ in shop.mail.sent}) == len(shop.mail.sent)


async def test_a_broken_errand_does_not_stop_the_others(shop: Shop) -> None:
    class Broken:
        async def refund(self, key: str, tender_ref: str, amount: int, currency: str) -> PaymentAnswer:
            if key.startswith("o1"):
                raise RuntimeError("a fault of ours")
            return PaymentAnswer("succeeded")

        async def pay_out(self, key: str, destination: str, amount: int, currency: str) -> PaymentAnswer:
            raise ProviderSilent

        async def look_up(self, key: str) -> PaymentAnswer:
            return PaymentAnswer("unknown")

        async def recall(self, key: str) -> PaymentAnswer:
            raise ProviderSilent

    broken, other = await shop.cancel("o1"), await shop.cancel("o2")
    shop.now += timedelta(days=1)
    await shop.lapses.run()
    await shop.errands_with(Broken()).run()
    assert (await shop.case(broken)).refunds[0].stage is RefundStage.INITIATED
    assert (await shop.case(other)).refunds[0].stage is RefundStage.CONFIRMED


@pytest.mark.parametrize("seed", range(1, 7))
async def test_hundreds_of_refunds_through_a_bad_provider_pay_once_and_never_stick(
    database_url: str, seed: int
) -> None:
    """Three in ten of everything: no double payout, no stuck refund, balanced books."""
    bad = 0.3
    faults = Faults(
        seed=seed,
        declined=bad,
        try_again=bad,
        unreachable=bad,
        lost_reply=bad,
        late=bad,
        twice=bad,
        late_for=timedelta(days=45),
    )
    async with a_shop("memory", database_url, faults) as shop:
        assert isinstance(shop.vault, MemoryVault)
        cases = [await shop.cancel(f"o{n}") for n in range(50)]
        await shop.advance(days=120)
        to_balance = 0
        for case_id in cases:
            case = await shop.case(case_id)
            books = (await shop.custody(case.order_id)).books
            assert case.state is State.CLOSED, case
            assert books.pending == {}
            assert books.escrow == 0
            by_provider = await shop.refunded_by_provider(case)
            assert by_provider + books.balance == AMOUNT, case_id
            to_balance += books.balance > 0
        # The faults did happen, and most refunds arrived all the same.
        assert 10 < to_balance < 47
        assert any(key.endswith("~2") for key in shop.vault.requests)
        assert all(capture.refunded <= capture.amount for capture in shop.vault.captures.values())


def test_the_wait_doubles_up_to_the_cap_and_is_spread() -> None:
    first, cap = timedelta(seconds=30), timedelta(hours=6)
    waits = [delay("e1", attempts, first, cap) for attempts in range(64)]
    assert all(0.75 * first * 2**n <= waits[n] <= first * 2**n for n in range(9))
    assert all(0.75 * cap <= wait <= cap for wait in waits[10:])
    assert delay("e1", 3, first, cap) != delay("e2", 3, first, cap)
