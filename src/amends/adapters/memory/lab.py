"""The policy lab in memory."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import md5

import msgspec
from msgspec.structs import replace

from amends.adapters.memory.store import MemoryStore
from amends.application.ports.lab import Change, ChangePage, LabRun, PastOrder
from amends.domain.lab.compare import Pair

_pair = msgspec.json.Decoder(Pair).decode


class MemoryArchive:
    """`amends.application.ports.lab.Archive` over a `MemoryStore`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def orders(self, until: datetime, sample: int, seed: str, after: str) -> Sequence[str]:
        """Orders with a case that was closed, all or some drawn at random."""
        found = [
            order_id
            for order_id, cases in self._store.cases_by_order.items()
            if any(case.closed_at is not None and case.closed_at <= until for case in cases.values())
        ]
        if sample > 0:
            # Not for secrets: the draw has to be the same as the database's.
            found.sort(key=lambda one: (md5((one + seed).encode(), usedforsecurity=False).hexdigest(), one))
            found = found[:sample]
        return sorted(one for one in found if one > after)

    async def pasts(self, order_ids: Sequence[str]) -> Sequence[PastOrder]:
        """All events of these orders, with their terms."""
        store = self._store
        return [
            PastOrder(
                order_id,
                tuple(
                    link.recorded
                    for stream in (order_id, *sorted(store.cases_by_order[order_id]))
                    for link in store.streams[stream]
                ),
                {line.line_id: store.terms[line.terms_id] for line in store.custodies[order_id].order.lines},
            )
            for order_id in sorted(set(order_ids))
            if order_id in store.custodies
        ]


class MemoryLabRuns:
    """`amends.application.ports.lab.LabRuns` in dictionaries."""

    def __init__(self) -> None:
        self._runs: dict[str, LabRun] = {}
        self._runners: dict[str, str] = {}
        self._changes: dict[str, dict[str, Pair]] = {}

    async def add(self, run: LabRun, runner: str) -> None:
        """Keep a new run."""
        self._runs[run.run_id], self._runners[run.run_id] = run, runner
        self._changes[run.run_id] = {}

    async def get(self, run_id: str) -> LabRun | None:
        """A run as it stands."""
        return self._runs.get(run_id)

    async def latest(self, limit: int) -> Sequence[LabRun]:
        """The runs, newest first."""
        return sorted(self._runs.values(), key=lambda run: run.created_at, reverse=True)[:limit]

    async def advance(self, run: LabRun, runner: str, changes: Sequence[Change] = ()) -> bool:
        """Keep where a run stands with what was found."""
        known = self._runs.get(run.run_id)
        if known is None or known.state != "running" or self._runners[run.run_id] != runner:
            return False
        self._runs[run.run_id] = run
        for one in changes:
            self._changes[run.run_id].setdefault(one.case_id, _pair(one.body))
        return True

    async def cancel(self, run_id: str, at: datetime) -> bool:
        """Stop a running run."""
        run = self._runs.get(run_id)
        if run is None or run.state != "running":
            return False
        self._runs[run_id] = replace(run, state="cancelled", seen_at=at)
        return True

    async def resume(self, run_id: str, runner: str, at: datetime, stale: datetime) -> LabRun | None:
        """Give a run that nobody works on to a runner."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        left = run.state == "running" and run.seen_at < stale
        if run.state not in {"cancelled", "failed"} and not left:
            return None
        self._runners[run_id] = runner
        self._runs[run_id] = replace(run, state="running", seen_at=at, error="")
        return self._runs[run_id]

    async def changes(self, run_id: str, after: str, limit: int) -> ChangePage:
        """Changed cases of a run."""
        found = sorted(one for one in self._changes.get(run_id, {}) if one > after)
        pairs = tuple(self._changes[run_id][one] for one in found[:limit])
        return ChangePage(pairs, found[limit - 1] if len(found) > limit else "")

    async def people(self, run_id: str) -> tuple[int, int]:
        """How many buyers and sellers are affected."""
        pairs = self._changes.get(run_id, {}).values()
        return len({pair.buyer_id for pair in pairs}), len({pair.seller_id for pair in pairs})
