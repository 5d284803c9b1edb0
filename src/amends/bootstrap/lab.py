"""The policy lab put together, and what its processes do: each has a connection of its own."""

import asyncio
import gc
from collections.abc import Sequence

import msgspec

from amends.adapters.calendars import CALENDARS
from amends.adapters.lab.processes import Place, ProcessBench
from amends.adapters.lab.ray_tasks import RayBench
from amends.adapters.packs import load
from amends.adapters.postgres.lab import PostgresArchive, PostgresLabRuns
from amends.adapters.postgres.policy_steps import PostgresPolicySteps
from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.seller_policies import PostgresSellerPolicies
from amends.application.clock import present
from amends.application.lab.bench import Workbench
from amends.application.lab.runs import Lab
from amends.application.policies import PolicyBook
from amends.application.ports import Clock
from amends.application.ports.lab import Bench, Job

_encode = msgspec.msgpack.Encoder().encode


class _Station:
    """One process: a loop, a connection, a workbench."""

    def __init__(self, url: str, packs: Sequence[str]) -> None:
        self.loop = asyncio.new_event_loop()
        pool = self.loop.run_until_complete(open_pool(url, 1))
        self.bench = Workbench(
            PostgresArchive(pool), PostgresSellerPolicies(pool), _book(pool, packs), CALENDARS
        )


_STATIONS: dict[Place, _Station] = {}
_CURRENT: list[_Station] = []


def begin(place: Place) -> None:
    """Make this process ready: the database's URL, and the packs by name. Again changes nothing."""
    if place not in _STATIONS:
        _STATIONS[place] = _Station(place[0], place[1:])
        # What is there now stays, and what a case needs goes with it: there are hardly any rings to look for.
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
    _CURRENT[:] = [_STATIONS[place]]


def compute(job: Job, order_ids: Sequence[str]) -> bytes:
    """A part, as msgpack."""
    station = _CURRENT[0]
    return _encode(station.loop.run_until_complete(station.bench.part(job, order_ids)))


def lab_of(pool: Pool, url: str, names: Sequence[str], clock: Clock, processes: int = 0) -> Lab:
    """The lab over a database; ``names`` are the packs in use. ``processes`` 0 takes one for each core."""
    book, place = _book(pool, names), (url, *names)
    archive = PostgresArchive(pool)
    benches: dict[str, Bench] = {
        "processes": ProcessBench(begin, place, compute, processes),
        "ray": RayBench(begin, place, compute),
    }
    workbench = Workbench(archive, PostgresSellerPolicies(pool), book, CALENDARS)
    return Lab(PostgresLabRuns(pool), archive, benches, workbench, book, clock, present)


def _book(pool: Pool, names: Sequence[str]) -> PolicyBook:
    return PolicyBook(load(names), PostgresPolicySteps(pool))
