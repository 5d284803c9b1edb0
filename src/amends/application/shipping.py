"""Sending it back: what it costs, labels, where the parcel is, and what its trace says."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256

import msgspec

from amends.application.parcel_watch import ParcelWatch
from amends.application.ports import Clock, Envelope, Errand, Reader, Result
from amends.application.ports.carriers import (
    Carriers,
    CarrierSilent,
    Papers,
    TrackingNumbers,
)
from amends.application.ports.outbox import Outbox
from amends.domain.carriage import Comparison, Service, compare, consignment
from amends.domain.cases import commands as c
from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.orders import Parcel
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Rates
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.time import Calendars
from amends.domain.tracking.analysis import Analysis, Background, analyse
from amends.domain.tracking.numbers import Candidate, Pattern, candidates, normal

TOPIC = "parcel.watch"
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
        self._clock = clock
        self._calendars = calendars
        self._submit = submit
        self._patterns = tuple(patterns)
        self._numbers = numbers
        self._watch = ParcelWatch(reader, clock, submit, outbox, carriers)
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
        """Ask the carrier where a parcel is, and record what is new; a worker's chore."""
        return await self._watch.look(errand)
