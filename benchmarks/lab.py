"""V6: the policy lab decides whole cases again under a draft, on all cores: `python -m benchmarks.lab`.

Some hundred cases of four stories are played by commands; copies of them under other ids fill the past.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from amends.adapters.postgres import embedded
from amends.adapters.postgres.migrate import migrate
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.clock import SystemClock
from amends.application.execute import execute
from amends.application.ports import AnyCommand, Done, Envelope
from amends.application.ports.lab import LabRun
from amends.bootstrap.lab import lab_of
from amends.domain.cases import commands as c
from amends.domain.cases.model import Finding, Inspection, Reception, Remedy
from amends.domain.orders import Signal, Unit
from amends.domain.parties import CLOCK, Actor, Role
from benchmarks.town import RULES, claimed_order, order_id

GOAL_S = 60.0
DRAFT = """
[pack]
id = "shorter-answers"
version = 1
layer = "platform"
extends = "default"
title = "Sellers answer in two days"

[[clause]]
id = "negotiation.seller_response.shorter"
sets = { "negotiation.seller_response" = "2 d" }
default = "grant_request"
sentence = "The seller answers within 2 days; silence grants the request."
citation = "a draft"
"""
_PATTERNS = 200
_OTHER_ID = "'order-0000', 'order-' || $1::text"
_CARRIER, _PROVIDER = Actor(Role.CARRIER, "carrier-bench"), Actor(Role.PROVIDER, "sandbox")
_MEDIATOR = Actor(Role.MEDIATOR, "mediator-bench")

Step = tuple[float, Actor, Callable[[], AnyCommand]]


def story(number: int, began: datetime) -> Iterator[Step]:
    """What happens to the claim of that number, in days after it was made: who does what."""
    kind, case_id = number % 4, f"{order_id(number)}.1"
    seller, buyer = (
        Actor(Role.SELLER, f"seller-{number % 500}"),
        Actor(Role.BUYER, f"buyer-{number % 20_000}"),
    )
    slow = 0.5 + number % 7 * 0.6
    unit = Unit("l1", 0)

    def scanned(days: float, signal: Signal) -> AnyCommand:
        return c.RecordReturnScan(signal=signal, scanned_at=began + timedelta(days=days))

    if kind == 0:
        yield slow, seller, lambda: c.MakeOffer(remedy=Remedy(1500), note="Keep it.")
        yield slow + 1, buyer, c.AcceptOffer
        yield slow + 2, _PROVIDER, lambda: c.ConfirmRefund(refund_id=f"{case_id}-r1")
    elif kind == 1:
        yield slow, seller, lambda: c.DeclineOffer(note="It is as told.")
        yield slow + 1, buyer, c.Escalate
        findings = (Finding("The table of sizes is wrong.", "ruling.reply.default"),)
        yield slow + 2, _MEDIATOR, c.TakeCase
        yield slow + 3, _MEDIATOR, lambda: c.Rule(remedy=Remedy(2000), reasons="Half.", findings=findings)
        yield slow + 4, buyer, c.AcceptRuling
        yield slow + 5, seller, c.AcceptRuling
        yield slow + 6, _PROVIDER, lambda: c.ConfirmRefund(refund_id=f"{case_id}-r1")
    elif kind == 2:
        yield slow, seller, c.AcceptOffer
        yield slow + 1, seller, lambda: c.GiveInstructions(address="Lamp Street 1", label="seller")
        yield slow + 2, buyer, lambda: c.ShipReturn(carrier="Swift Post", tracking_number="SW123456780")
        yield slow + 3, _CARRIER, lambda: scanned(slow + 3, Signal.IN_TRANSIT)
        yield slow + 5, _CARRIER, lambda: scanned(slow + 5, Signal.DELIVERED)
        received = Inspection(unit=unit, reception=Reception.RECEIVED, accepted=True)
        yield slow + 5.5, seller, lambda: c.InspectReturn(inspections=(received,))
        yield slow + 6.5, _PROVIDER, lambda: c.ConfirmRefund(refund_id=f"{case_id}-r1")
    else:
        yield 5, CLOCK, c.Lapse
        yield 8, CLOCK, c.Lapse
        yield 9, _PROVIDER, lambda: c.ConfirmRefund(refund_id=f"{case_id}-r1")


async def fill(url: str, cases: int) -> None:
    """Play the patterns and copy them until there are ``cases``."""
    connection = await asyncpg.connect(url)
    await migrate(connection)
    pool = await open_pool(url)
    store, began = PostgresStore(pool), datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)
    patterns = min(cases, _PATTERNS)
    for start in range(0, patterns, 50):
        numbers = range(start, min(start + 50, patterns))
        await _must(store, [one for n in numbers for one in claimed_order(n, began)], began)
    plays = sorted(
        ((days, n, actor, make) for n in range(patterns) for days, actor, make in story(n, began)),
        key=lambda one: one[:2],
    )
    for days, n, actor, make in plays:
        case_id = f"{order_id(n)}.1"
        envelope = Envelope(command=make(), actor=actor, order_id=order_id(n), case_id=case_id)
        await _must(store, [envelope], began + timedelta(days=days))
    await pool.close()
    await _copy(connection, patterns, cases)
    await connection.close()


async def _must(store: PostgresStore, envelopes: list[Envelope], now: datetime) -> None:
    for result in await execute(store, envelopes, rules=RULES, now=now):
        if not isinstance(result, Done):  # a story that the rules do not allow
            raise TypeError(f"the past cannot be played: {result}")


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", patterns: int, cases: int) -> None:
    """Copies of what was played, each under an order id of its own of the same length."""
    await connection.execute("set session_replication_role = replica")
    copies = range(1, -(-cases // patterns))
    for table, own in (("orders", "snapshot"), ("cases", "snapshot"), ("events", "body")):
        columns = [
            str(row[0])
            for row in await connection.fetch(
                "select column_name from information_schema.columns where table_name = $1"
                " and is_generated = 'NEVER' order by ordinal_position",
                table,
            )
        ]
        there = {name: name for name in columns}
        for name in {"order_id", "case_id", "stream"} & there.keys():
            there[name] = f"replace({name}, {_OTHER_ID})"
        there[own] = f"convert_to(replace(convert_from({own}, 'UTF8'), {_OTHER_ID}), 'UTF8')"
        told = ", ".join(there.values())
        into = f"insert into {table} ({', '.join(columns)})"
        statement = f"{into} select {told} from {table} where order_id like 'order-0000%'"
        for copy in copies:
            await connection.execute(statement, f"{copy:04}")
    await connection.execute("reset session_replication_role")
    await connection.execute("vacuum analyze")


async def replayed(url: str, processes: int) -> tuple[float, LabRun]:
    """One run over everything: seconds from the start to the last part kept, and the run."""
    pool = await open_pool(url)
    try:
        lab = lab_of(pool, url, ("default",), SystemClock(), processes)
        run, runner = await lab.start(DRAFT, "draft.toml", by="operator:bench")
        began = time.perf_counter()
        async for standing in lab.work(run, runner):
            run = standing
            print(f"\r{run.done} of {run.orders}", end="", flush=True)
        print()
        return time.perf_counter() - began, run
    finally:
        await pool.close()


def main() -> None:
    """Fill a past, replay it, and print V6."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=0, help="0: one for each core")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="amends-bench-"))
    folder.chmod(0o711)
    home = folder / "home"
    try:
        url = asyncio.run(embedded.ensure_running(home))
        asyncio.run(fill(url, asked.cases))
        seconds, run = asyncio.run(replayed(url, asked.processes))
    finally:
        embedded.stop(home)
        shutil.rmtree(folder, ignore_errors=True)
    tally = run.tally
    print(
        f"V6 {tally.cases} whole cases replayed in {seconds:.1f} s with {asked.processes or os.cpu_count()}"
        f" processes ({tally.cases / seconds:.0f} a second; goal: 100 000 in {GOAL_S:.0f} s);"
        f" {tally.changed} end otherwise, {len(run.broken)} could not be replayed"
    )


if __name__ == "__main__":
    main()
