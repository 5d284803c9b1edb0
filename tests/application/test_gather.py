"""The gatherer: many commands, few transactions, every one answered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial

import pytest
from tests.contract.stores import DELIVERED, RULES, claim, claimed, delivered, offer, to
from tests.domain.marketplace import BUYER, SELLER

from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.audit import audit
from amends.application.execute import execute
from amends.application.gather import Gatherer, GathererClosed
from amends.application.ports import Done, Envelope, Result
from amends.domain.refusals import Refused


class Recorder:
    """Stands for `execute`: remembers the batches, lets them end when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.running = 0
        self.most_running = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.breaks_on = ""

    async def __call__(self, envelopes: Sequence[Envelope]) -> list[Result]:
        self.batches.append([one.order_id for one in envelopes])
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.may_end.wait()
        finally:
            self.running -= 1
        if self.breaks_on in self.batches[-1]:
            raise ConnectionResetError("the database went away")
        return [Done(order_id=one.order_id, seq=n) for n, one in enumerate(envelopes)]


def command(order_id: str) -> Envelope:
    return to(order_id, claim(), BUYER)


async def turns() -> None:
    """Let everything run that is ready."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_waits_together_goes_together() -> None:
    record = Recorder()
    gatherer = Gatherer(record)
    results = await asyncio.gather(*(gatherer.submit(command(f"o{n}")) for n in range(10)))
    assert record.batches == [[f"o{n}" for n in range(10)]]
    assert [one.order_id for one in results if isinstance(one, Done)] == record.batches[0]


async def test_a_batch_holds_so_many_and_so_many_run_at_once() -> None:
    record = Recorder()
    record.may_end.clear()
    gatherer = Gatherer(record, batch_max=4, concurrent_max=2, alongside_min=1)
    submitted = [asyncio.ensure_future(gatherer.submit(command(f"o{n}"))) for n in range(11)]
    await turns()
    assert [len(batch) for batch in record.batches] == [4, 4]
    record.may_end.set()
    await asyncio.gather(*submitted)
    assert [len(batch) for batch in record.batches] == [4, 4, 3]
    assert record.most_running == 2


async def test_commands_on_one_order_keep_their_order_across_batches() -> None:
    record = Recorder()
    record.may_end.clear()
    gatherer = Gatherer(record, batch_max=2, concurrent_max=3, alongside_min=1)
    names = ["o1", "o1", "o1", "o2", "o1", "o3"]
    ended: list[int] = []

    async def submit(n: int, name: str) -> None:
        await gatherer.submit(command(name))
        ended.append(n)

    submitted = [asyncio.ensure_future(submit(n, name)) for n, name in enumerate(names)]
    await turns()
    assert record.batches == [["o1", "o1"], ["o2", "o3"]]
    record.may_end.set()
    await asyncio.gather(*submitted)
    assert record.batches == [["o1", "o1"], ["o2", "o3"], ["o1", "o1"]]
    assert [n for n in ended if names[n] == "o1"] == [0, 1, 2, 4]


async def test_a_crash_fails_the_members_of_its_batch_and_no_other() -> None:
    record = Recorder()
    record.breaks_on = "o1"
    gatherer = Gatherer(record, batch_max=2)
    results = await asyncio.gather(
        *(gatherer.submit(command(f"o{n}")) for n in range(6)), return_exceptions=True
    )
    assert [type(one) for one in results] == [ConnectionResetError] * 2 + [Done] * 4


async def test_who_went_away_before_the_batch_began_is_left_out() -> None:
    record = Recorder()
    record.may_end.clear()
    gatherer = Gatherer(record, batch_max=1, concurrent_max=1)
    first = asyncio.ensure_future(gatherer.submit(command("o1")))
    gone = asyncio.ensure_future(gatherer.submit(command("o2")))
    last = asyncio.ensure_future(gatherer.submit(command("o3")))
    await turns()
    gone.cancel()
    record.may_end.set()
    await asyncio.gather(first, last)
    assert record.batches == [["o1"], ["o3"]]


async def test_who_goes_away_during_the_batch_does_not_disturb_it() -> None:
    record = Recorder()
    record.may_end.clear()
    gatherer = Gatherer(record)
    gone = asyncio.ensure_future(gatherer.submit(command("o1")))
    stays = asyncio.ensure_future(gatherer.submit(command("o2")))
    await turns()
    gone.cancel()
    await turns()
    record.may_end.set()
    assert isinstance(await stays, Done)
    assert isinstance(await gatherer.submit(command("o1")), Done)


async def test_closing_answers_all_that_were_taken_and_takes_no_more() -> None:
    record = Recorder()
    record.may_end.clear()
    gatherer = Gatherer(record, batch_max=2, concurrent_max=1)
    submitted = [asyncio.ensure_future(gatherer.submit(command(f"o{n}"))) for n in range(7)]
    await turns()
    closing = asyncio.ensure_future(gatherer.close())
    await turns()
    with pytest.raises(GathererClosed):
        await gatherer.submit(command("late"))
    assert not closing.done()
    record.may_end.set()
    await closing
    assert all(isinstance(one, Done) for one in await asyncio.gather(*submitted))
    await Gatherer(record).close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url)
    yield opened
    await opened.close()


async def test_two_servers_racing_on_one_order_never_give_the_same_unit_twice(pool: Pool) -> None:
    store = PostgresStore(pool)
    await delivered(store, ["o1"], quantity=6)
    carry_out = partial(execute, store, rules=RULES, now=DELIVERED)
    servers = [Gatherer(carry_out), Gatherer(carry_out)]
    wishes = [server.submit(to("o1", claim(n % 6), BUYER)) for n in range(60) for server in servers]
    async with asyncio.timeout(30):
        results = await asyncio.gather(*wishes)
    done = [one for one in results if isinstance(one, Done)]
    assert len(done) == 6
    assert len({one.case_id for one in done}) == 6
    assert {one.kind for one in results if isinstance(one, Refused)} == {"unit_taken"}
    assert (await audit(store)).faults == []


async def test_a_crowd_of_commands_over_two_servers_all_get_their_answer(pool: Pool) -> None:
    store = PostgresStore(pool)
    order_ids = [f"o{n}" for n in range(40)]
    await claimed(store, order_ids)
    carry_out = partial(execute, store, rules=RULES, now=DELIVERED + timedelta(hours=1))
    servers = [Gatherer(carry_out, batch_max=16, concurrent_max=3, alongside_min=1) for _ in range(2)]
    wishes = [
        servers[n % 2].submit(to(order_id, offer(100 + n), SELLER, f"{order_id}.1"))
        for n in range(6)
        for order_id in order_ids
    ]
    async with asyncio.timeout(60):
        results = await asyncio.gather(*wishes)
    seqs: dict[str, list[int]] = {}
    for result in results:
        if isinstance(result, Done):
            seqs.setdefault(result.case_id, []).append(result.seq)
    assert all(len(set(found)) == len(found) for found in seqs.values())
    found = await audit(store)
    assert (found.orders, found.faults) == (40, [])
