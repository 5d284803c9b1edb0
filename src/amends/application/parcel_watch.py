"""Asking carriers where parcels are: returns and replacements under way, and what buyers say never came."""

from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec

from amends.application.ports import CaseFile, Clock, Done, Envelope, Errand, Reader, Result
from amends.application.ports.carriers import Carriers, CarrierSilent, Journey
from amends.application.ports.outbox import Outbox
from amends.application.sightings import scan_command, scans_of
from amends.domain.cases.model import Case, State
from amends.domain.cases.parcels import awaited
from amends.domain.custody.commands import RecordTracking
from amends.domain.orders import Signal, TrackingEvent
from amends.domain.parties import Actor, Role

EVERY = timedelta(hours=12)
Submit = Callable[[Envelope], Awaitable[Result]]


class ParcelWatch:
    """A worker's chore: one errand is one parcel, asked about until it has arrived."""

    def __init__(
        self, reader: Reader, clock: Clock, submit: Submit, outbox: Outbox, carriers: Carriers | None
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._submit = submit
        self._outbox = outbox
        self._carriers = carriers

    async def look(self, errand: Errand) -> bool:
        """Ask the carrier where a return or a replacement is, and record what is new; a worker's chore."""
        if self._carriers is None:
            return True
        file = await self._reader.case_file(errand.case_id)
        if file is None:
            return True
        leg = str(errand.body.get("leg", "return"))
        if leg == "outbound":
            return await self._look_outbound(self._carriers, errand, file)
        journey = _journey(file, leg, str(errand.body.get("number", "")))
        if journey is None:
            return True
        try:
            seen = await self._carriers.scans(journey, self._clock.now())
        except CarrierSilent:
            return False
        arrived = False
        if seen is not None:
            arrived = await self._told(
                file.case, leg, _fresh(seen, scans_of(file, leg, journey.tracking_number)), journey
            )
        if not arrived:
            await self._outbox.put([self._again(errand, errand.body)])
        return True

    def _again(self, errand: Errand, body: Mapping[str, object]) -> Errand:
        now = self._clock.now()
        name = f"{errand.errand_id.partition('~')[0]}~{now:%Y%m%d%H%M}"
        return msgspec.structs.replace(
            errand, errand_id=name, due_at=now + EVERY, attempts=0, body=dict(body)
        )

    async def _look_outbound(self, carriers: Carriers, errand: Errand, file: CaseFile) -> bool:
        """Ask the carrier about a parcel that the buyer says never came, unless somebody else tells of it."""
        order, now = file.custody.order, self._clock.now()
        told = errand.body.get("told", 0)
        parcel = next((p for p in order.parcels if p.parcel_id == errand.body.get("parcel_id")), None)
        if not file.case.live or parcel is None or len(parcel.events) != told:
            return True
        if not carriers.follows(parcel.carrier):
            return True
        journey = Journey(
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            since=parcel.shipped_at,
            origin=order.seller_country,
            destination=order.buyer_country,
            postcode=order.buyer_postcode,
        )
        try:
            seen = await carriers.scans(journey, now)
        except CarrierSilent:
            return False
        if seen is None and not parcel.events:
            # The analysis says what that means.
            seen = (TrackingEvent(now, Signal.UNKNOWN),)
        fresh = _fresh(seen or (), parcel.events)
        if fresh:
            command = RecordTracking(parcel_id=parcel.parcel_id, events=tuple(fresh))
            body = msgspec.json.encode(command)
            await self._submit(
                Envelope(
                    command=command,
                    actor=Actor(Role.CARRIER, parcel.carrier),
                    order_id=order.order_id,
                    key=f"watch:{order.order_id}:{parcel.parcel_id}:{sha256(body).hexdigest()[:16]}",
                    fingerprint=sha256(body).digest(),
                )
            )
        if not any(scan.signal is Signal.DELIVERED for scan in fresh):
            known = {**errand.body, "told": len(parcel.events) + len(fresh)}
            await self._outbox.put([self._again(errand, known)])
        return True

    async def _told(self, case: Case, leg: str, scans: Sequence[TrackingEvent], journey: Journey) -> bool:
        further = case.shipment is not None and case.shipment.tracking_number != journey.tracking_number
        parcel = f"{leg}:{journey.tracking_number}" if leg == "return" and further else leg
        for scan in scans:
            command = scan_command(leg, scan, journey.tracking_number)
            result = await self._submit(
                Envelope(
                    command=command,
                    actor=Actor(Role.CARRIER, journey.carrier),
                    order_id=case.order_id,
                    case_id=case.case_id,
                    key=f"watch:{case.case_id}:{parcel}:{scan.signal.value}:{scan.at.isoformat()}",
                    fingerprint=sha256(msgspec.json.encode(command)).digest(),
                )
            )
            if not isinstance(result, Done) or scan.signal is Signal.DELIVERED:
                return True
        return False


_SENDING = frozenset({State.AWAITING_SHIPMENT, State.RETURN_IN_TRANSIT})


def _journey(file: CaseFile, leg: str, number: str) -> Journey | None:
    """The way a case's parcel goes, while it is under way; a return's first one without a number."""
    case, order = file.case, file.custody.order
    back = leg == "return"
    if back:
        known = awaited(case) if case.state in _SENDING else ()
        shipment = next((parcel for parcel in known if number in {"", parcel.tracking_number}), None)
    else:
        shipment = case.replacement if case.state is State.REPLACEMENT_IN_TRANSIT else None
    if shipment is None:
        return None
    return Journey(
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        since=shipment.shipped_at,
        origin=order.buyer_country if back else order.seller_country,
        destination=order.seller_country if back else order.buyer_country,
        postcode="" if back else order.buyer_postcode,
    )


def _fresh(seen: Sequence[TrackingEvent], known: Container[TrackingEvent]) -> list[TrackingEvent]:
    """What was not recorded before, oldest first, each once: carriers repeat themselves in any order."""
    fresh = dict.fromkeys(scan for scan in seen if scan not in known)
    return sorted(fresh, key=lambda scan: scan.at)
