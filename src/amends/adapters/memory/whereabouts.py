"""Whose parcel goes under a number, and news of numbers nobody has, in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from amends.adapters.memory.store import MemoryStore
from amends.application.ports.sightings import WAITING_MAX, Bearer, Sighting
from amends.domain.cases.model import Case
from amends.domain.tracking.numbers import normal

_Key = tuple[str, str, str, datetime]


class MemoryWhereabouts:
    """Keeps what `amends.application.ports.sightings.Whereabouts` promises, over a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._waiting: dict[_Key, tuple[Sighting, datetime]] = {}

    async def bearers(self, number: str) -> Sequence[Bearer]:
        after, found = "", []
        while page := await self._store.kept(after, 200):
            for kept in page:
                custody = kept.scene.custody
                if custody is None:
                    continue
                after = custody.order.order_id
                found += [
                    Bearer(order_id=after, parcel_id=parcel.parcel_id)
                    for parcel in custody.order.parcels
                    if normal(parcel.tracking_number) == number
                ]
                for case in kept.scene.cases.values():
                    found += [one for told, one in _of_case(case) if normal(told) == number]
        return tuple(found)

    async def put_by(self, sightings: Sequence[Sighting], until: datetime) -> None:
        for one in sorted(sightings, key=lambda sighting: sighting.event.at):
            waiting = sum(key[0] == one.number for key in self._waiting)
            if waiting < WAITING_MAX:
                self._waiting.setdefault(_key(one), (replace(one, event=replace(one.event, note="")), until))

    async def known_now(self, now: datetime, limit: int) -> Sequence[Sighting]:
        ready = [one for one, _ in self._waiting.values() if one.event.at <= now]
        known = [one for one in ready if await self.bearers(one.number)]
        return tuple(sorted(known, key=lambda one: one.event.at)[:limit])

    async def drop(self, sightings: Sequence[Sighting]) -> None:
        for one in sightings:
            self._waiting.pop(_key(one), None)

    async def forget(self, now: datetime) -> int:
        old = [key for key, (_, until) in self._waiting.items() if until <= now]
        for key in old:
            del self._waiting[key]
        return len(old)


def _key(one: Sighting) -> _Key:
    return one.number, one.carrier, one.event.signal.value, one.event.at


def _of_case(case: Case) -> Iterator[tuple[str, Bearer]]:
    back = Bearer(order_id=case.order_id, case_id=case.case_id, leg="return")
    bearing = (*case.parcels, case.label, *case.used_labels)
    sent = {one.tracking_number for one in bearing if one is not None}
    yield from ((number, back) for number in sorted(sent))
    if case.replacement is not None:
        yield case.replacement.tracking_number, replace(back, leg="replacement")
