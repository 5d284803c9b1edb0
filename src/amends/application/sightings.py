"""Carriers' own news: each scan is recorded with the parcel of its number, in any order, each once.

A number nobody has may become known: carriers see parcels before marketplaces and buyers tell us of them.
Such news waits for `KEPT`, then it is forgotten.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec
import structlog

from amends.application.ports import CaseFile, Clock, Envelope, Reader, Result
from amends.application.ports.sightings import Bearer, Sighting, Whereabouts
from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.parcels import same_number
from amends.domain.custody.commands import RecordTracking
from amends.domain.orders import TrackingEvent
from amends.domain.parties import Actor, Role

_log = structlog.get_logger()

KEPT = timedelta(days=30)
_SWEPT = 200
Submit = Callable[[Envelope], Awaitable[Result]]


class Taken(msgspec.Struct, frozen=True):
    """What became of a message: how many of its scans found a parcel, and how many wait for one."""

    recorded: int
    waiting: int


class Sightings:
    """Takes in what carriers tell by themselves. One a process."""

    def __init__(self, reader: Reader, clock: Clock, submit: Submit, whereabouts: Whereabouts) -> None:
        self._reader = reader
        self._clock = clock
        self._submit = submit
        self._whereabouts = whereabouts

    async def take(self, sightings: Sequence[Sighting]) -> Taken:
        """Record each scan with every parcel of its number; keep by what has none, or lies in the future."""
        now = self._clock.now()
        waiting = []
        recorded = 0
        for one in sorted(sightings, key=lambda sighting: sighting.event.at):
            found = await self._whereabouts.bearers(one.number)
            if not found or one.event.at > now:
                waiting.append(one)
                continue
            for bearer in found:
                await self._record(bearer, one)
            recorded += 1
        if waiting:
            await self._whereabouts.put_by(waiting, now + KEPT)
        return Taken(recorded=recorded, waiting=len(waiting))

    async def sweep(self) -> int:
        """Record what waited and has a parcel now, forget what waited too long; how many were recorded."""
        now = self._clock.now()
        ready = await self._whereabouts.known_now(now, _SWEPT)
        for one in ready:
            for bearer in await self._whereabouts.bearers(one.number):
                await self._record(bearer, one)
        if ready:
            await self._whereabouts.drop(ready)
        await self._whereabouts.forget(now)
        return len(ready)

    async def _record(self, bearer: Bearer, one: Sighting) -> None:
        if bearer.case_id:
            file = await self._reader.case_file(bearer.case_id)
            if file is None or one.event in scans_of(file, bearer.leg, one.number):
                return
            command: RecordTracking | c.RecordReturnScan | c.RecordReplacementScan
            command = scan_command(bearer.leg, one.event, one.number)
        else:
            command = RecordTracking(parcel_id=bearer.parcel_id, events=(one.event,))
        told = msgspec.json.encode(command)
        result = await self._submit(
            Envelope(
                command=command,
                actor=Actor(Role.CARRIER, one.carrier),
                order_id=bearer.order_id,
                case_id=bearer.case_id,
                key=f"sighting:{bearer.case_id or bearer.parcel_id}:{bearer.leg}:{sha256(told).hexdigest()}",
                fingerprint=sha256(told).digest(),
            )
        )
        kind = getattr(result, "kind", "")
        if kind not in {"", "not_possible_now"}:
            # A parcel that has arrived is asked about no more; anything else somebody should see.
            _log.warning("sighting_refused", order_id=bearer.order_id, kind=kind)


def scan_command(leg: str, scan: TrackingEvent, number: str) -> c.RecordReturnScan | c.RecordReplacementScan:
    """A scan of the case's parcel of that number as a command; the note says where it was."""
    note = ", ".join(part for part in (scan.country, scan.postcode, scan.note) if part)[:500]
    if leg == "return":
        return c.RecordReturnScan(
            tracking_number=number,
            signal=scan.signal,
            scanned_at=scan.at,
            note=note,
            postcode=scan.postcode,
            weight_g=min(scan.weight_g, 1_000_000),
        )
    return c.RecordReplacementScan(signal=scan.signal, scanned_at=scan.at, note=note)


def scans_of(file: CaseFile, leg: str, number: str) -> "_Known":
    """What was recorded of a case's parcel: a scan is known by what it says and when it was."""
    first = file.case.shipment
    named = "" if first is None or same_number(first.tracking_number, number) else number
    seen: set[object] = set()
    for link in file.timeline:
        event = link.recorded.event
        if isinstance(event, e.ReplacementScanned):
            told = leg == "replacement"
        elif isinstance(event, e.ReturnScanned):
            told = leg == "return" and event.tracking_number == named
        else:
            continue
        if told:
            seen.add((event.signal, event.scanned_at))
    return _Known(frozenset(seen))


class _Known(msgspec.Struct, frozen=True):
    seen: frozenset[object]

    def __contains__(self, scan: object) -> bool:
        return isinstance(scan, TrackingEvent) and (scan.signal, scan.at) in self.seen
