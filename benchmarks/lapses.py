"""V4: lapsing due deadlines (claim, decide, write), beside one SQL statement that writes the same rows.

    python -m benchmarks.lapses [deadlines]

Every deadline is the start of an approved refund: it writes one event, the case, the order and two errands.
Goals: one worker at least 0.5 of the SQL statement, two at least 0.8.
"""

import asyncio
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import asyncpg

from amends.adapters.calendars import CALENDARS
from amends.adapters.packs import load
from amends.adapters.postgres import embedded
from amends.adapters.postgres.migrate import migrate
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.ports import Envelope, Result
from amends.bootstrap.collector import settle
from amends.domain.cases.commands import OpenCancellation
from amends.domain.custody.commands import PlaceOrder
from amends.domain.orders import Components, Line, Method, Order, Tender
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import resolve
from amends.domain.scene import Rules

PLACED = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = PLACED + timedelta(days=2)
FACTS = Facts(category="home", currency="EUR", buyer_tier="standard", placed_at=PLACED)
TERMS = resolve(load(("default",)), FACTS)
RULES = Rules({TERMS.terms_id: TERMS}, CALENDARS)
OPERATOR, BUYER = Actor(Role.OPERATOR, "bench"), Actor(Role.BUYER, "buyer-bench")

_SEEDERS = 4
DEADLINES = 100_000
# The rows that the workers wrote, taken from the database, written again into copies of the tables.
_COPY = """
create schema if not exists bench;
create table bench.orders (like orders including all);
create table bench.cases (like cases including all);
create table bench.events (like events including all);
create table bench.errands (like errands including all);
insert into bench.orders select * from orders;
insert into bench.cases select * from cases;
insert into bench.events select * from events;
insert into bench.errands select * from errands;
"""
_WRITTEN = """
create table bench.new_orders as select * from orders;
create table bench.new_cases as select * from cases;
create table bench.new_events as select * from events e
 where not exists (select from bench.events b where b.stream = e.stream and b.seq = e.seq);
create table bench.new_errands as select * from errands e
 where not exists (select from bench.errands b where b.errand_id = e.errand_id);
analyze bench.new_orders; analyze bench.new_cases; analyze bench.new_events; analyze bench.new_errands;
analyze bench.orders; analyze bench.cases;
"""
_YARDSTICK = """
with due as (
    select case_id, order_id from bench.cases where due_at <= $1 for update
), o as (
    update bench.orders b
       set due_at = n.due_at, waiting_on = n.waiting_on, seq = n.seq, snapshot = n.snapshot, head = n.head
      from bench.new_orders n join due using (order_id) where b.order_id = n.order_id
), c as (
    update bench.cases b
       set state = n.state, due_at = n.due_at, waiting_on = n.waiting_on, seq = n.seq, snapshot = n.snapshot,
           head = n.head
      from bench.new_cases n join due using (case_id) where b.order_id = n.order_id and b.case_id = n.case_id
), e as (
    insert into bench.events select * from bench.new_events
), r as (
    insert into bench.errands select * from bench.new_errands
)
select count(*) from due
"""


class Standing:
    """A clock that stands at the instant when everything is due."""

    def now(self) -> datetime:
        return DUE


def an_order(order_id: str) -> Order:
    unit = Components(item=4000, shipping=500)
    return Order(
        order_id=order_id,
        buyer_id=BUYER.id,
        seller_id="seller-bench",
        currency="EUR",
        placed_at=PLACED,
        lines=(Line("l1", "Table lamp Dune", "home", (unit, unit), TERMS.terms_id),),
        tenders=(Tender("t1", Method.CARD, 2 * unit.paid),),
    )


async def seed(url: str, prefix: str, count: int) -> None:
    """Orders that were cancelled at once: each case waits for its refund to start."""
    pool = await open_pool(url, _SEEDERS)
    store = PostgresStore(pool)
    starts = iter(range(0, count, 250))

    async def fill() -> None:
        for start in starts:
            ids = [f"{prefix}{n}" for n in range(start, min(start + 250, count))]
            orders = [PlaceOrder(order=an_order(order_id)) for order_id in ids]
            batch = [
                Envelope(command=o, actor=OPERATOR, order_id=o.order.order_id, terms=(TERMS,)) for o in orders
            ]
            cancel = OpenCancellation(reason="cancel.changed_mind")
            batch += [Envelope(command=cancel, actor=BUYER, order_id=order_id) for order_id in ids]
            for result in await execute(store, batch, rules=RULES, now=PLACED):
                if not hasattr(result, "seq"):
                    raise RuntimeError(f"seeding failed: {result}")

    await asyncio.gather(*(fill() for _ in range(_SEEDERS)))
    await pool.execute("analyze")
    await pool.close()


async def work(url: str) -> int:
    """One worker: lapse until nothing is due; how many it fired."""
    pool = await open_pool(url, 2)
    store = PostgresStore(pool)

    async def submit(envelopes: "list[Envelope]") -> "list[Result]":
        return await execute(store, envelopes, rules=RULES, now=DUE, skip_locked=True)

    fired = 0
    # As the worker does when it starts.
    settle()
    lapses = Lapses(store, submit, Standing())  # type: ignore[arg-type]  # any sequence will do
    while await store.next_due() is not None:
        batch = len(await lapses.run())
        fired += batch
        if not batch and not await store.due_orders(DUE, 1):
            break
    await pool.close()
    return fired


def work_in_process(url: str, start_at: float) -> tuple[int, float]:
    """One worker in a process of its own; how many it fired, and when it ended."""
    time.sleep(max(0.0, start_at - time.time()))
    return asyncio.run(work(url)), time.time()


def timed(url: str, workers: int) -> float:
    """Lapses a second with so many worker processes."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        start_at = time.time() + 3.0
        ended = [pool.submit(work_in_process, url, start_at) for _ in range(workers)]
        results = [one.result() for one in ended]
    return sum(count for count, _ in results) / (max(end for _, end in results) - start_at)


async def yardstick(url: str) -> float:
    """Rows lapsed a second by the one SQL statement."""
    connection = await asyncpg.connect(url)
    await connection.execute(_WRITTEN)
    await connection.execute("checkpoint")
    began = time.perf_counter()
    count = await connection.fetchval(_YARDSTICK, DUE)
    took = time.perf_counter() - began
    await connection.execute("drop schema bench cascade")
    await connection.close()
    return float(count) / took


async def prepare(url: str, prefix: str, count: int) -> None:
    await seed(url, prefix, count)
    connection = await asyncpg.connect(url)
    await connection.execute("drop schema if exists bench cascade")
    await connection.execute(_COPY)
    await connection.execute("checkpoint")
    await connection.close()


async def opened(home: Path) -> str:
    url = await embedded.ensure_running(home)
    connection = await asyncpg.connect(url)
    await migrate(connection)
    await connection.close()
    return url


def measured(workers: int, count: int = DEADLINES) -> tuple[float, float]:
    """Lapses a second by so many workers, and by the SQL statement."""
    # A database of its own each time: the yardstick must not wade through the rows of the run before.
    with tempfile.TemporaryDirectory(prefix="amends-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        try:
            url = asyncio.run(opened(home))
            asyncio.run(prepare(url, "o", count))
            return timed(url, workers), asyncio.run(yardstick(url))
        finally:
            embedded.stop(home)


def ratio(workers: int, count: int = DEADLINES) -> float:
    """V4: how far so many workers come, the SQL statement being 1."""
    ours, sql = measured(workers, count)
    return ours / sql


def main(count: int = DEADLINES) -> None:
    for workers in (1, 2):
        ours, sql = measured(workers, count)
        print(f"V4 {workers} worker(s): {ours:8.0f} lapses/s, SQL {sql:8.0f}/s, ratio {ours / sql:.2f}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
