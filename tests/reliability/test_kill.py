"""Processes are killed under load: nothing that was acknowledged is lost, nothing is done twice.

`AMENDS_KILLS=20 pytest tests/reliability/test_kill.py -s` is the long run; AMENDS_KILL_SEED
chooses another one.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence

import asyncpg
import pytest

from amends.adapters.mail.message import name_of
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.notices import notice_of
from amends.application.ports import Kept
from amends.domain.cases.model import Refund, State
from tests.reliability.house import TARGETS, House, a_house, tended
from tests.reliability.loader import PRICE, Acknowledged, Loader
from tests.reliability.oracle import wrongs

KILLS = int(os.environ.get("AMENDS_KILLS", "3"))
SEED = int(os.environ.get("AMENDS_KILL_SEED", "7"))
CUSTOMERS = 6
PATIENCE_S = 180


@pytest.mark.timeout(300 + 60 * KILLS)
async def test_nothing_acknowledged_is_lost_when_processes_are_killed() -> None:
    with a_house() as house:
        made = await asyncio.to_thread(house.amends, "keys", "marketplace")
        assert made.returncode == 0, made.stderr
        loader = Loader(house.url, made.stdout.split()[-1], SEED)
        try:
            await _killing(house, loader)
            orders = await _everything_paid(house)
            audited = await asyncio.to_thread(house.amends, "audit")
            await _nothing_lost(house, loader, orders)
        finally:
            await loader.close()
        print(f"\n{dict(sorted((house.tally + loader.tally).items()))}")
        print(audited.stdout)
        assert audited.returncode == 0, audited.stdout + audited.stderr
        assert sum(count for what, count in house.tally.items() if what.startswith("killed")) == KILLS


async def _killing(house: House, loader: Loader) -> None:
    """Kill one part after another while everybody trades, and let everybody finish."""
    chance = random.Random(SEED)
    targets = [*TARGETS * (KILLS // len(TARGETS) + 1)][:KILLS]
    chance.shuffle(targets)
    house.tend()
    trading = asyncio.create_task(loader.run(CUSTOMERS))
    try:
        for target in targets:
            # None at all: killed while it comes up again.
            enough = len(loader.acknowledged) + chance.choice((0, 20, 40, 80))
            await _reached(house, loader, trading, enough)
            house.kill(target, chance)
        await _reached(house, loader, trading, len(loader.acknowledged) + 40)
        loader.stop()
        async with asyncio.timeout(PATIENCE_S):
            await tended(house, trading)
    finally:
        trading.cancel()


async def _reached(house: House, loader: Loader, trading: "asyncio.Task[None]", count: int) -> None:
    reaching = asyncio.create_task(loader.reach(count))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await tended(house, asyncio.ensure_future(_first(reaching, trading)))
    finally:
        reaching.cancel()


async def _first(*tasks: "asyncio.Task[None]") -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


async def _everything_paid(house: House) -> dict[str, Kept]:
    """Wait until the worker has paid what was agreed upon; every order by its id."""
    connection = await asyncpg.connect(house.database_url)
    try:
        # A killed worker's claims run out after minutes; nobody waits for that here.
        await connection.execute("update errands set leased_until = clock_timestamp() where not done")
        async with asyncio.timeout(PATIENCE_S):
            while await connection.fetchval("select count(*) from cases where state <> $1", State.CLOSED):
                house.tend()
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
    pool = await open_pool(house.database_url, 1)
    try:
        found: dict[str, Kept] = {}
        store = PostgresStore(pool)
        while page := await store.kept(max(found, default=""), 200):
            found |= {one.scene.custody.order.order_id: one for one in page if one.scene.custody}
        return found
    finally:
        await pool.close()


async def _nothing_lost(house: House, loader: Loader, orders: dict[str, Kept]) -> None:
    assert [wrong for one in orders.values() for wrong in wrongs(one)] == []
    lost = [one for one in loader.acknowledged if not _is_kept(one, orders)]
    assert lost == []
    # Each order went the same way, so whatever was done twice shows.
    told = Counter((one.stream, one.event) for one in loader.acknowledged)
    for order_id, kept in orders.items():
        for stream, links in kept.streams.items():
            events = Counter(str(link.recorded.event.__struct_config__.tag) for link in links)
            for event in ("order_placed", "parcel_recorded", "case_opened", "offer_made", "case_settled"):
                assert events[event] == told[stream, event], (stream, event, events)
        (case,) = kept.scene.cases.values()
        assert sum(one.amount for one in case.refunds) == PRICE
        assert kept.balances["refunded"] == PRICE, order_id
    await _paid_once(house, orders)
    await _told_once(house, orders)
    await _answered_again(loader)


def _is_kept(one: Acknowledged, orders: dict[str, Kept]) -> bool:
    """Whether the event is there that an answer spoke of, no later than the version it named."""
    kept = orders.get(one.stream.partition(".")[0])
    links = kept.streams.get(one.stream, ()) if kept else ()
    return any(str(link.recorded.event.__struct_config__.tag) == one.event for link in links[: one.seq])


async def _paid_once(house: House, orders: dict[str, Kept]) -> None:
    """The provider's own books: for every refund one payment, and no payment for anything else."""
    connection = await asyncpg.connect(house.database_url)
    try:
        rows = await connection.fetch(
            "select key, target, amount from sandbox_provider.requests"
            " where kind = 'refund' and outcome = 'succeeded'"
        )
    finally:
        await connection.close()
    paid = Counter(row["key"].partition("~")[0] for row in rows)
    owed = {one.refund_id: one for kept in orders.values() for one in _refunds(kept)}
    assert set(paid) == set(owed)
    assert set(paid.values()) <= {1}
    amounts = {row["key"].partition("~")[0]: row["amount"] for row in rows}
    assert amounts == {refund_id: one.amount for refund_id, one in owed.items()}


async def _told_once(house: House, orders: dict[str, Kept]) -> None:
    """For every event and everybody it concerns one notice in the account and one mail."""
    connection = await asyncpg.connect(house.database_url)
    waiting = "select count(*) from errands where topic in ('notice', 'mail.later') and not done"
    try:
        await connection.execute("update errands set leased_until = clock_timestamp() where not done")
        async with asyncio.timeout(PATIENCE_S):
            while await connection.fetchval(waiting):
                house.tend()
                await asyncio.sleep(0.1)
        rows = await connection.fetch("select notice_id from notices")
    finally:
        await connection.close()
    told = {row["notice_id"] for row in rows}
    owed = set()
    for kept in orders.values():
        assert kept.scene.custody is not None
        for stream, links in kept.streams.items():
            case = kept.scene.cases.get(stream)
            for link in links:
                notice = notice_of(kept.scene.custody, case, link.recorded)
                to = notice.to if notice else ()
                owed |= {f"{stream}:{link.recorded.seq}:{one.role.value}:{one.id}" for one in to}
    assert owed - told == set()
    mails = {one.stem for one in (house.home / "mail").glob("*.eml")}
    # A mail that was sent and not remembered is sent again as the very same one.
    assert {name_of(notice_id) for notice_id in owed} - mails == set()


def _refunds(kept: Kept) -> Sequence[Refund]:
    return [refund for case in kept.scene.cases.values() for refund in case.refunds]


async def _answered_again(loader: Loader) -> None:
    """Some of what was acknowledged, sent once more: answered as the first time."""
    for one in random.Random(SEED).sample(loader.acknowledged, min(60, len(loader.acknowledged))):
        answer = await loader.send(one.method, one.path, one.act_as, one.key, one.body)
        assert answer is not None, one
        assert answer.headers.get("idempotent-replayed") == "true", one
        assert answer.content == one.answer, one
