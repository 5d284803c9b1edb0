"""Sixteen actors grab for the money of one order at once: nobody gets what is not there."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import datetime

import asyncpg
import pytest

from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.audit import audit
from amends.application.execute import execute
from amends.application.ports import Done, Envelope, Result
from amends.domain.cases.commands import AcceptOffer
from amends.domain.refusals import Refused
from tests.contract.stores import DELIVERED, RULES, claim, claimed, delivered, offer, run, to
from tests.domain.marketplace import BUYER, SELLER
from tests.reliability.oracle import kept, wrongs
from tests.reliability.rivals import ACTORS, Rounds, by_tasks, fingerprint, perform

ROUNDS = int(os.environ.get("AMENDS_ROUNDS", "10"))


@pytest.fixture
async def stores(database_url: str) -> AsyncIterator[list[PostgresStore]]:
    """Four processes' worth of stores: pools of their own, nothing shared but the database."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(4):
            pool = await open_pool(database_url, 4)
            stack.push_async_callback(pool.close)
            found.append(PostgresStore(pool))
        yield found


class Thread:
    """An actor with a thread, an event loop and a connection of its own."""

    def __init__(self, url: str, barrier: threading.Barrier) -> None:
        self._barrier = barrier
        self._runner = asyncio.Runner()
        self._pool = self._runner.run(open_pool(url, 1))
        self._store = PostgresStore(self._pool)

    def act(self, envelope: Envelope, now: datetime) -> Result:
        self._barrier.wait(60)
        return self._runner.run(perform(self._store, envelope, now))

    def close(self) -> None:
        self._runner.run(self._pool.close())
        self._runner.close()


@pytest.mark.timeout(900)
async def test_no_race_over_refunds(stores: list[PostgresStore]) -> None:
    async def together(envelopes: Sequence[Envelope], now: datetime) -> list[Result]:
        return await by_tasks(stores, envelopes, now)

    rounds = Rounds(stores[0], together, seed=1)
    await rounds.play_all(ROUNDS)
    await _judge(rounds, stores[0])


@pytest.mark.timeout(900)
async def test_no_race_over_refunds_between_threads(database_url: str, stores: list[PostgresStore]) -> None:
    barrier = threading.Barrier(ACTORS)
    with ThreadPoolExecutor(ACTORS) as executor:
        actors = [executor.submit(Thread, database_url, barrier) for _ in range(ACTORS)]
        threads = [await asyncio.wrap_future(one) for one in actors]

        async def together(envelopes: Sequence[Envelope], now: datetime) -> list[Result]:
            acting = [
                executor.submit(one.act, sent, now) for one, sent in zip(threads, envelopes, strict=True)
            ]
            return [await asyncio.wrap_future(one) for one in acting]

        rounds = Rounds(stores[0], together, seed=2)
        try:
            await rounds.play_all(ROUNDS)
        finally:
            for one in threads:
                await asyncio.wrap_future(executor.submit(one.close))
    await _judge(rounds, stores[0])


async def _judge(rounds: Rounds, store: PostgresStore) -> None:
    print(f"\n{dict(sorted(rounds.tally.items()))}")
    assert rounds.wrong == []
    assert (await audit(store)).faults == []
    # A race nobody took part in proves nothing.
    assert rounds.tally["rounds"] >= ROUNDS
    assert rounds.tally["refunds"] > ROUNDS // 2
    assert {"done", "replayed", "key_reused", "unit_taken"} <= rounds.tally.keys()


async def test_one_key_sent_for_two_orders_at_once_works_for_one_only(stores: list[PostgresStore]) -> None:
    for n in range(12):
        pair = [f"a{n}", f"b{n}"]
        await delivered(stores[0], pair)
        sent = [to(one, claim(0), BUYER, key=f"k{n}") for one in pair * 2]
        sent = [_marked(one) for one in sent]
        results = await by_tasks(stores, sent, DELIVERED)
        fresh = [one for one in results if isinstance(one, Done) and not one.replayed]
        reused = [one for one in results if isinstance(one, Refused)]
        assert len(fresh) == 1, results
        assert [one.kind for one in reused] == ["key_reused"] * 2, results
        for order_id in pair:
            found = await kept(stores[0], order_id)
            assert len(found.scene.cases) == (order_id == fresh[0].order_id)
            assert wrongs(found) == []


def _marked(envelope: Envelope) -> Envelope:
    return to(
        envelope.order_id,
        envelope.command,
        envelope.actor,
        key=envelope.key,
        fingerprint=fingerprint(envelope),
    )


async def test_batches_that_carry_the_same_grabs_pay_once(stores: list[PostgresStore]) -> None:
    """Not only single commands race: whole batches with the same orders in them do, too."""
    order_ids = [f"o{n}" for n in range(20)]
    await claimed(stores[0], order_ids)
    await run(stores[0], *(to(one, offer(4500), SELLER, f"{one}.1") for one in order_ids))
    grabs = [to(one, AcceptOffer(), BUYER, f"{one}.1") for one in order_ids]
    batches = [grabs, grabs[::-1]] * 4
    answers = await asyncio.gather(
        *(
            execute(stores[n % len(stores)], batch, rules=RULES, now=DELIVERED)
            for n, batch in enumerate(batches)
        )
    )
    assert sum(isinstance(one, Done) for answer in answers for one in answer) == len(order_ids)
    for order_id in order_ids:
        found = await kept(stores[0], order_id)
        assert found.balances["refunding"] == 4500
        assert wrongs(found) == []


# Ways for a program without rules to pay out more than the 9000 that the order captured, at the same instant.
_LOOT = """
    insert into transfers
        (order_id, stream, seq, position, transfer_id, stage, debit, credit, amount, purpose, tender_id, at)
    values ('o1', 'o1', $1, 0, $2, 'pending', 'escrow', 'tender', $3, 'refund', 't1', now())"""


async def test_programs_without_rules_cannot_race_the_database_either(
    database_url: str, stores: list[PostgresStore]
) -> None:
    await delivered(stores[0], ["o1"])
    connections = [await asyncpg.connect(database_url) for _ in range(8)]
    try:

        async def loot(number: int, connection: "asyncpg.Connection[asyncpg.Record]") -> str:
            try:
                await connection.execute(_LOOT, 900 + number, f"loot-{number}", 2500)
            except asyncpg.CheckViolationError as refused:
                return str(refused.constraint_name)
            return "paid"

        async with asyncio.timeout(30):
            outcomes = await asyncio.gather(*(loot(n, one) for n, one in enumerate(connections)))
        # Three times 2500 fit into 9000; the fourth would not.
        assert outcomes.count("paid") == 3, outcomes
        assert set(outcomes) <= {"paid", "escrow_covers_what_leaves_it", "no_more_back_than_captured"}
        found = await connections[0].fetchrow("select * from balances where order_id = 'o1'")
        assert found is not None
        assert (found["refunding"], found["captured"]) == (7500, 9000)
        # Nor by going past the ledger: what is kept of it must make sense, and does not fit the events.
        with pytest.raises(asyncpg.CheckViolationError, match="no_more_back_than_captured"):
            await connections[0].execute("update balances set refunded = 1501")
        await connections[0].execute("update balances set refunding = 0")
        assert "balances" in {one.what for one in (await audit(stores[0])).faults}
    finally:
        for connection in connections:
            await connection.close()
