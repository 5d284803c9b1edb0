"""Reports are fetched from Stripe and PayPal and evidence is sent there, as their references describe."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.adapters.payments.counters import CLIENT, SECRET, STRIPE_KEY, PaypalCounter, StripeCounter

from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.settlements import MemoryMoneyReads, MemorySettlementBook
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.paypal_account import PaypalAccount
from amends.adapters.payments.stripe_account import StripeAccount
from amends.application.ports import ProviderSilent
from amends.application.ports.rebuttals import Paper, Statement, StatementRefused
from amends.application.ports.settlements import DifferenceFilter
from amends.application.reconciliation import Reconciliation
from amends.domain.parties import Actor

DAY = datetime(2026, 11, 18, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
PAPER = Paper("case-A-1.1.pdf", "application/pdf", b"%PDF-1.7 a case")
STATEMENT = Statement(
    stripe={"evidence": {"uncategorized_text": "Delivered & signed."}, "submit": False},
    paypal={"evidences": [{"evidence_type": "OTHER", "notes": "Delivered."}]},
    papers=(PAPER,),
)


def a_refund(number: int, at: datetime) -> dict[str, Any]:
    source = {
        "object": "refund",
        "id": f"re_{number}",
        "charge": "ch_1",
        "metadata": {"amends_key": f"k{number}"},
    }
    return {
        "object": "balance_transaction", "id": f"txn_{number}", "amount": -500, "fee": 0, "currency": "eur",
        "created": int(at.timestamp()), "source": source, "type": "refund", "reporting_category": "refund",
    }  # fmt: skip


def a_payment_back(number: int, at: datetime) -> dict[str, Any]:
    return {
        "transaction_info": {
            "transaction_id": f"T{number}", "transaction_event_code": "T1107", "transaction_status": "S",
            "transaction_amount": {"currency_code": "EUR", "value": "-5.00"}, "custom_field": f"k{number}",
            "transaction_initiation_date": at.isoformat(),
        }
    }  # fmt: skip


def stripe(counter: StripeCounter, key: str = STRIPE_KEY) -> StripeAccount:
    return StripeAccount(key, transport=httpx.MockTransport(counter))


def paypal(counter: PaypalCounter, secret: str = SECRET) -> PaypalAccount:
    return PaypalAccount(CLIENT, secret, transport=httpx.MockTransport(counter))


@pytest.mark.row("H5")
async def test_a_day_of_stripe_is_read_page_by_page_and_nothing_else() -> None:
    times = [DAY + timedelta(seconds=n * 300) for n in range(288)]
    around = [DAY - timedelta(seconds=1), NEXT]
    counter = StripeCounter([a_refund(n, at) for n, at in enumerate([*times, *around])])
    found = await stripe(counter).report(DAY, NEXT)
    assert {one.reference for one in found} == {f"k{n}" for n in range(288)}
    assert (sum(one.amount for one in found), counter.calls) == (-144_000, 3)


@pytest.mark.row("H5")
async def test_a_busy_day_of_paypal_is_asked_for_in_parts_and_counted_once() -> None:
    times = [DAY + timedelta(seconds=n * 60) for n in range(1440)]
    around = [DAY - timedelta(seconds=1), NEXT]
    counter = PaypalCounter([a_payment_back(n, at) for n, at in enumerate([*times, *around])], most=600)
    account = paypal(counter)
    found = await account.report(DAY, NEXT)
    assert sorted(one.line_id for one in found) == sorted(f"T{n}" for n in range(1440))
    assert counter.tokens == 1
    counter.tokens += 1  # the token we have is no good any more
    with pytest.raises(ProviderSilent):
        await account.report(DAY, NEXT)
    assert len(await account.report(DAY, NEXT)) == 1440


async def test_what_is_no_report_is_silence() -> None:
    counter = StripeCounter([])
    for status in (429, 500, 302):
        counter.trouble = status
        with pytest.raises(ProviderSilent):
            await stripe(counter).report(DAY, NEXT)
    with pytest.raises(ProviderSilent, match="Invalid API Key"):
        await stripe(counter, "sk_other").report(DAY, NEXT)
    with pytest.raises(ProviderSilent, match="Authentication failed"):
        await paypal(PaypalCounter([]), "wrong").report(DAY, NEXT)
    assert STRIPE_KEY not in repr(stripe(counter))


@pytest.mark.row("H5")
async def test_the_daily_sweep_fetches_what_is_over_and_explains_it() -> None:
    store, book = MemoryStore(), MemorySettlementBook()

    class Hands:
        at = NEXT + timedelta(hours=3)

        def now(self) -> datetime:
            return self.at

    async def nobody() -> Sequence[Actor]:
        return ()

    accounts = {
        "stripe": stripe(StripeCounter([a_refund(1, DAY + timedelta(hours=5))])),
        "paypal": paypal(PaypalCounter([a_payment_back(2, DAY + timedelta(hours=5))])),
    }
    reads, outbox = MemoryMoneyReads(store), MemoryOutbox(store)
    clock = Hands()
    work = Reconciliation(accounts, reads, book, clock, outbox, nobody)
    assert set(work.reporting) == {"stripe", "paypal"}
    # PayPal's day is whole some hours later only.
    assert await work.sweep() == 15 + 15
    (found,) = await book.differences(DifferenceFilter(day=DAY.date()), 10)
    assert (found.provider, found.reference, found.theirs) == ("stripe", "k1", -500)
    assert await work.sweep() == 0
    clock.at += timedelta(hours=2)
    assert await work.sweep() == 1
    assert len(await book.differences(DifferenceFilter(day=DAY.date()), 10)) == 2


@pytest.mark.row("P5")
async def test_evidence_goes_out_in_the_shape_of_each() -> None:
    counter, other = StripeCounter([]), PaypalCounter([])
    assert await stripe(counter).state("key-1", "dp_1", STATEMENT) == "dp_1"
    assert counter.submitted["dp_1"] == {
        "evidence[uncategorized_text]": "Delivered & signed.",
        "evidence[uncategorized_file]": "file_1",
    }
    assert PAPER.content in counter.files[0]
    assert await paypal(other).state("key-1", "PP-D-1", STATEMENT) == "PP-D-1"
    assert (other.evidence["PP-D-1"], other.papers) == (STATEMENT.paypal, [PAPER.name])
    counter.closed.add("dp_1")
    with pytest.raises(StatementRefused, match="already closed"):
        await stripe(counter).state("key-2", "dp_1", STATEMENT)
    with pytest.raises(ProviderSilent):
        await stripe(counter, "sk_other").state("key-3", "dp_2", STATEMENT)
