"""The sandbox provider keeps its promises, wherever it keeps its books."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.requests import Vault
from amends.adapters.payments.sandbox import Faults, Sandbox
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.sandbox_vault import PostgresVault
from amends.application.ports import (
    Captures,
    Confirmations,
    KeyReused,
    PaymentAnswer,
    Payments,
    ProviderSilent,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture(params=["memory", "postgres"])
async def vault(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Vault]:
    if request.param == "memory":
        yield MemoryVault()
        return
    pool = await open_pool(database_url, 4)
    yield PostgresVault(pool)
    await pool.close()


async def answer_of(asked: "asyncio.Future[PaymentAnswer] | object") -> str:
    answer = await asked  # type: ignore[misc]
    return f"{answer.state} {answer.why}".strip()


def test_it_is_a_provider_that_learns_captures_and_has_news(clock: Hands) -> None:
    sandbox: Payments = Sandbox(MemoryVault(), clock)
    assert isinstance(sandbox, Captures)
    assert isinstance(sandbox, Confirmations)


async def test_no_more_goes_back_than_was_captured(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    assert await answer_of(sandbox.refund("a", "card-1", 600, "EUR")) == "succeeded"
    assert await answer_of(sandbox.refund("b", "card-1", 401, "EUR")) == "failed amount_too_high"
    assert await answer_of(sandbox.refund("c", "card-1", 400, "EUR")) == "succeeded"
    assert await answer_of(sandbox.refund("d", "card-1", 1, "EUR")) == "failed amount_too_high"


async def test_racing_refunds_never_exceed_the_capture(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    answers = await asyncio.gather(*(sandbox.refund(f"k{n}", "card-1", 300, "EUR") for n in range(16)))
    assert sum(answer.state == "succeeded" for answer in answers) == 3


async def test_refunds_of_nothing_known_in_another_currency_or_of_no_amount_fail(
    vault: Vault, clock: Hands
) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    assert await answer_of(sandbox.refund("a", "card-2", 1, "EUR")) == "failed unknown_tender"
    assert await answer_of(sandbox.refund("b", "card-1", 1, "USD")) == "failed currency_mismatch"
    assert await answer_of(sandbox.refund("c", "card-1", 0, "EUR")) == "failed invalid_amount"


async def test_a_repeated_key_is_answered_as_the_first_time(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    answers = await asyncio.gather(*(sandbox.refund("a", "card-1", 700, "EUR") for _ in range(8)))
    assert set(answers) == {answers[0]}
    assert answers[0].state == "succeeded"
    assert await answer_of(sandbox.refund("b", "card-1", 300, "EUR")) == "succeeded"


async def test_a_key_with_another_request_is_refused(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    await sandbox.refund("a", "card-1", 700, "EUR")
    for amount, ref, currency in ((699, "card-1", "EUR"), (700, "card-2", "EUR"), (700, "card-1", "USD")):
        with pytest.raises(KeyReused):
            await sandbox.refund("a", ref, amount, currency)
    with pytest.raises(KeyReused):
        await sandbox.pay_out("a", "card-1", 700, "EUR")


async def test_parts_of_one_capture_add_up_and_count_once(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    for part in ("o1/t1", "o2/t1", "o1/t1"):
        await sandbox.register_capture("card-1", 500, "EUR", part)
    assert await answer_of(sandbox.refund("a", "card-1", 1000, "EUR")) == "succeeded"
    assert await answer_of(sandbox.refund("b", "card-1", 1, "EUR")) == "failed amount_too_high"
    with pytest.raises(ValueError, match="card-1"):
        await sandbox.register_capture("card-1", 500, "USD", "o3/t1")


async def test_a_late_answer_is_pending_until_it_succeeds_or_fails(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock, Faults(late_for=timedelta(days=2)))
    for ref, end in (("card-1-late", "succeeded"), ("card-2-late-declined", "failed declined")):
        await sandbox.register_capture(ref, 1000, "EUR")
        clock.instant = START
        assert await answer_of(sandbox.refund(ref, ref, 700, "EUR")) == "pending"
        clock.instant = START + timedelta(days=2, microseconds=-1)
        assert await answer_of(sandbox.look_up(ref)) == "pending"
        clock.instant = START + timedelta(days=2)
        assert await answer_of(sandbox.look_up(ref)) == end


async def test_a_lost_reply_was_carried_out(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1-lost-reply", 1000, "EUR")
    with pytest.raises(ProviderSilent):
        await sandbox.refund("a", "card-1-lost-reply", 700, "EUR")
    assert await answer_of(sandbox.look_up("a")) == "succeeded"


async def test_an_unreachable_provider_did_nothing(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1-unreachable", 1000, "EUR")
    with pytest.raises(ProviderSilent):
        await sandbox.refund("a", "card-1-unreachable", 700, "EUR")
    assert await answer_of(sandbox.look_up("a")) == "unknown"


async def test_a_pending_refund_can_be_recalled_and_its_money_asked_for_again(
    vault: Vault, clock: Hands
) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1-late", 1000, "EUR")
    await sandbox.refund("a", "card-1-late", 1000, "EUR")
    assert await answer_of(sandbox.recall("a")) == "failed recalled"
    clock.instant += timedelta(days=9)
    assert await answer_of(sandbox.look_up("a")) == "failed recalled"
    assert await answer_of(sandbox.refund("b", "card-1-late", 1000, "EUR")) == "pending"


async def test_a_refund_that_arrived_cannot_be_recalled(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    await sandbox.refund("a", "card-1", 1000, "EUR")
    assert await answer_of(sandbox.recall("a")) == "succeeded"


async def test_a_key_recalled_before_it_was_used_never_acts(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.register_capture("card-1", 1000, "EUR")
    assert await answer_of(sandbox.recall("a")) == "failed recalled"
    assert await answer_of(sandbox.refund("a", "card-1", 1000, "EUR")) == "failed recalled"


async def test_the_end_of_a_request_is_announced_and_sometimes_twice(vault: Vault, clock: Hands) -> None:
    sandbox = Sandbox(vault, clock)
    await sandbox.pay_out("late", "seller-1-late", 5, "EUR")
    await sandbox.pay_out("once", "seller-1", 5, "EUR")
    await sandbox.pay_out("again", "seller-1-twice", 5, "EUR")
    assert sorted(await sandbox.confirmations(10)) == ["again", "once"]
    assert await sandbox.confirmations(10) == ["again"]
    assert await sandbox.confirmations(10) == []
    clock.instant += timedelta(days=2)
    assert await sandbox.confirmations(10) == ["late"]


async def test_the_same_seed_makes_the_same_faults(clock: Hands) -> None:
    async def story(seed: int) -> list[str]:
        third = 0.3
        faults = Faults(
            seed=seed, declined=third, try_again=third, unreachable=third, lost_reply=third, late=third
        )
        sandbox = Sandbox(MemoryVault(), clock, faults)
        await sandbox.register_capture("card-1", 10_000, "EUR")
        told = []
        for n in range(60):
            try:
                told.append(await answer_of(sandbox.refund(f"k{n}", "card-1", 10, "EUR")))
            except ProviderSilent:
                told.append("silent")
        return told

    assert await story(1) == await story(1)
    assert await story(1) != await story(2)
    assert set(await story(1)) == {"succeeded", "failed declined", "failed try_again", "pending", "silent"}
