"""The ledger as providers would know it, and reports with their differences, in memory."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from amends.adapters.memory.store import MemoryStore
from amends.application.ports.settlements import DifferenceFilter, Run
from amends.domain.reconciliation import Difference, Entry, Movement, State, entry_of

_UNSETTLED = frozenset({State.OPEN, State.WAITING, State.PROPOSED})
_DEALT_WITH = frozenset({State.PROPOSED, State.RESOLVED})


class MemoryMoneyReads:
    """Keeps what `amends.application.ports.settlements.MoneyReads` promises."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def entries(self, since: datetime, until: datetime) -> Sequence[Entry]:
        found = await self.entries_of(list(self._store.custodies))
        return [one for one in found if since <= one.at < until]

    async def entries_of(self, order_ids: Sequence[str]) -> Sequence[Entry]:
        found: list[Entry] = []
        for order_id in order_ids:
            custody = self._store.custodies.get(order_id)
            if custody is None:
                continue
            for link in self._store.streams[order_id]:
                one = link.recorded
                for transfer in one.event.transfers:
                    entry = entry_of(custody, one.at, one.stream, one.seq, transfer)
                    if entry is not None:
                        found.append(entry)
        return found

    async def paid_by(self, provider: str, references: Sequence[str]) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for order_id, custody in self._store.custodies.items():
            for tender in custody.order.tenders:
                if tender.provider == provider and tender.provider_ref in references:
                    found.setdefault(tender.provider_ref, []).append(order_id)
        return found


class MemorySettlementBook:
    """Keeps what `amends.application.ports.settlements.SettlementBook` promises, while the process lives."""

    def __init__(self) -> None:
        self._movements: dict[tuple[str, str], Movement] = {}
        self._runs: dict[tuple[str, date], Run] = {}
        self._differences: dict[str, Difference] = {}

    async def keep(self, movements: Sequence[Movement]) -> int:
        fresh = {(one.provider, one.line_id): one for one in movements}
        fresh = {key: one for key, one in fresh.items() if key not in self._movements}
        self._movements.update(fresh)
        return len(fresh)

    async def movements(self, provider: str, since: datetime, until: datetime) -> Sequence[Movement]:
        found = [
            one for one in self._movements.values() if one.provider == provider and since <= one.at < until
        ]
        return sorted(found, key=lambda one: (one.at, one.line_id))

    async def movements_of(self, provider: str, references: Sequence[str]) -> Sequence[Movement]:
        found = [
            one
            for one in self._movements.values()
            if one.provider == provider and one.reference in references
        ]
        return sorted(found, key=lambda one: (one.at, one.line_id))

    async def save(self, run: Run, differences: Sequence[Difference]) -> Sequence[Difference]:
        known = {
            key: one
            for key, one in self._differences.items()
            if (one.provider, one.day) == (run.provider, run.day)
        }
        fresh = []
        for key, one in known.items():
            if one.state not in _DEALT_WITH:
                del self._differences[key]
        for one in differences:
            before = known.get(one.difference_id)
            dealt_with = before is not None and before.state in _DEALT_WITH
            if dealt_with and before and (before.ours, before.theirs) == (one.ours, one.theirs):
                continue
            if one.state is State.OPEN and (before is None or before.state is not State.OPEN):
                fresh.append(one)
            self._differences[one.difference_id] = one
        self._runs[run.provider, run.day] = run
        return fresh

    async def runs(self, limit: int, provider: str = "", until: date | None = None) -> Sequence[Run]:
        found = [
            one
            for one in self._runs.values()
            if provider in ("", one.provider) and (until is None or one.day <= until)
        ]
        return sorted(found, key=lambda one: (one.day, one.provider), reverse=True)[:limit]

    async def unsettled(self, provider: str) -> Sequence[date]:
        waiting = {State.OPEN, State.WAITING}
        found = {
            one.day for one in self._differences.values() if one.provider == provider and one.state in waiting
        }
        return sorted(found)

    async def differences(self, wanted: DifferenceFilter, limit: int) -> Sequence[Difference]:
        found = [
            one
            for one in self._differences.values()
            if wanted.provider in ("", one.provider)
            and wanted.day in (None, one.day)
            and (not wanted.states or one.state in wanted.states)
            and wanted.order_id in ("", one.order_id)
        ]
        found.sort(key=lambda one: one.difference_id)
        found.sort(key=lambda one: (one.state not in _UNSETTLED, -one.day.toordinal()))
        return found[:limit]

    async def difference(self, difference_id: str) -> Difference | None:
        return self._differences.get(difference_id)

    async def change(self, changed: Difference, was: State) -> bool:
        known = self._differences.get(changed.difference_id)
        if known is None or known.state is not was:
            return False
        self._differences[changed.difference_id] = changed
        return True
