"""Sending it back: what it costs, labels, where the parcel is, and what its trace says."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec

from amends.application.ports import CaseFile, Clock, Done, Envelope, Errand, Reader, Result
from amends.application.ports.carriers import (
    Carriers,
    CarrierSilent,
    Journey,
    Papers,
    TrackingNumbers,
)
from amends.application.ports.outbox import Outbox
from amends.application.sightings import scan_command, scans_of
from amends.domain.carriage import Comparison, Service, compare, consignment
from amends.domain.cases import commands as c
from amends.domain.cases.model import Case, State
from amends.domain.cases.parcels import awaited
from amends.domain.custody.model import Custody
from amends.domain.orders import Parcel, Signal, TrackingEvent
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Rates
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.time import Calendars
from amends.domain.tracking.analysis import Analysis, Background, analyse
from amends.domain.tracking.numbers import Candidate, Pattern, candidates, normal

TOPIC = "parcel.watch"
EVERY = timedelta(hours=12)
PLATFORM = Actor(Role.OPERATOR, "labels")
LABELLED = frozenset({"seller", "platform"})

Submit = Callable[[Envelope], Awaitable[Result]]


class Shipping:
    """What pages, API and worker know of carriers. One a process."""

    def __init__(
        self,
        reader: Reader,
        clock: Clock,
        calendars: Calendars,
        submit: Submit,
        *,
        services: Sequence[Service],
        patterns: Sequence[Pattern],
        numbers: TrackingNumbers,
        papers: Papers,
        outbox: Outbox,
        carriers: Carriers | None = None,
        rates: Rates | None = None,
        illustrative: bool = False,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._calendars = calendars
        self._submit = submit
        self._patterns = tuple(patterns)
        self._numbers = numbers
        self._outbox = outbox
        self._carriers = carriers
        self._rates = rates
        self.services = tuple(services)
        self.papers = papers
        self.illustrative = illustrative

    def comparison(self, case: Case, custody: Custody) -> Comparison:
        """What sending the case's units back costs with each carrier."""
        order = custody.order
        value = sum(
            line.units[unit.index].goods
            for unit in case.units
            if (line := order.line(unit.line_id)) is not None
        )
        parcel = consignment(order, case.units)
        return compare(self.services, parcel, value=value, currency=order.currency, rates=self._rates)

    def candidates(self, number: str) -> tuple[Candidate, ...]:
        """The carriers a number may be of; none for what is no number."""
        plain = normal(number)
        return () if plain is None else candidates(plain, self._patterns)

    async def analysis(
        self, custody: Custody, parcel: Parcel, terms: Terms, reason: str = "not_received.overdue"
    ) -> Analysis:
        """What a parcel's trace says now."""
        order = custody.order
        number = normal(parcel.tracking_number)
        shared = 0
        if number is not None:
            shared = await self._numbers.shared_with(number, order.order_id, order.buyer_id)
        background = Background(patterns=self._patterns, shared_with=shared)
        return analyse(
            order,
            parcel,
            terms=terms,
            now=self._clock.now(),
            calendars=self._calendars,
            background=background,
            reason=reason,
        )

    async def book(self, case: Case, custody: Custody, carrier: str, service: str) -> Result:
        """Buy a label for the return and record it. Refused: not_possible_now, invalid, unavailable.

        The same label again is answered as the first time.
        """
        refusal = self._label_refused(case)
        if refusal is not None or self._carriers is None:
            return refusal or Refused(kind="unavailable", detail="No carrier is connected here.")
        compared = self.comparison(case, custody)
        quote = next((q for q in compared.quotes if (q.carrier, q.service) == (carrier, service)), None)
        if quote is None or not quote.tracked:
            return Refused(
                kind="invalid",
                detail="Choose one of the tracked services that take this parcel.",
                facts={"services": [f"{q.carrier} {q.service}" for q in compared.quotes if q.tracked]},
                pointer="/service",
            )
        # A further parcel of the return has a label of its own.
        key = f"label:{case.case_id}" + (f":{len(case.parcels) + 1}" if case.parcels else "")
        try:
            booking = await self._carriers.book(key, carrier, service, compared.consignment)
        except CarrierSilent:
            return Refused(kind="unavailable", detail="The carrier does not answer; try again in a moment.")
        command = c.IssueLabel(
            carrier=carrier,
            service=service,
            tracking_number=booking.tracking_number,
            price=quote.price,
            code=booking.code,
        )
        return await self._submit(
            Envelope(
                command=command,
                actor=PLATFORM,
                order_id=case.order_id,
                case_id=case.case_id,
                key=f"{key}:{carrier}:{service}",
                fingerprint=sha256(msgspec.json.encode(command)).digest(),
            )
        )

    def _label_refused(self, case: Case) -> Refused | None:
        if case.state is not State.AWAITING_SHIPMENT or case.instructions is None:
            return Refused(
                kind="not_possible_now",
                detail="A label is made once the return address is known and before the parcel has left.",
                facts={"state": case.state.value},
            )
        if case.instructions.label not in LABELLED:
            return Refused(
                kind="not_possible_now",
                detail="For this return the buyer buys the label.",
                facts={"label": case.instructions.label},
            )
        return None

    async def look(self, errand: Errand) -> bool:
        """Ask the carrier where a return or a replacement is, and record what is new; a worker's chore."""
        if self._carriers is None:
            return True
        file = await self._reader.case_file(errand.case_id)
        if file is None:
            return True
        leg = str(errand.body.get("leg", "return"))
        journey = _journey(file, leg, str(errand.body.get("number", "")))
        if journey is None:
            return True
        try:
            seen = await self._carriers.scans(journey, self._clock.now())
        except CarrierSilent:
            return False
        arrived = False
        if seen is not None:
            arrived = await self._told(file.case, leg, _fresh(file, leg, seen, journey), journey)
        if not arrived:
            again = msgspec.structs.replace(
                errand,
                errand_id=f"{errand.errand_id.partition('~')[0]}~{self._clock.now():%Y%m%d%H%M}",
                due_at=self._clock.now() + EVERY,
                attempts=0,
            )
            await self._outbox.put([again])
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


def _fresh(file: CaseFile, leg: str, seen: Sequence[TrackingEvent], journey: Journey) -> list[TrackingEvent]:
    """What was not recorded before, oldest first, each once: carriers repeat themselves in any order."""
    known = scans_of(file, leg, journey.tracking_number)
    fresh = dict.fromkeys(scan for scan in seen if scan not in known)
    return sorted(fresh, key=lambda scan: scan.at)
