"""A carrier that exists in the sandbox only: it moves parcels by the sandbox's clock, some of them badly.

Everything about a parcel follows from the seed and its number, so there is nothing to keep and each answer is
the same for every process. Scans come out of order and more than once, as they do.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from amends.application.ports.carriers import Booking, Journey
from amends.domain.carriage import Consignment, Service
from amends.domain.orders import Signal, TrackingEvent

_FATES = ("well", "late", "customs", "elsewhere", "lost")
_WEIGHTS = (84, 8, 4, 2, 2)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class SandboxCarriers:
    """Keeps what `amends.application.ports.carriers.Carriers` promises, for every carrier of the services."""

    def __init__(self, services: Sequence[Service], seed: int = 2026) -> None:
        self._services = {(one.carrier, one.service): one for one in services}
        self._seed = seed

    async def book(self, key: str, carrier: str, service: str, parcel: Consignment) -> Booking:
        found = self._services.get((carrier, service))
        if found is None:
            raise LookupError(f"there is no service {service!r} of {carrier!r}")
        random = self._random("book", key)
        digits = [random.randrange(10) for _ in _S10_WEIGHTS]
        left = 11 - sum(digit * weight for digit, weight in zip(digits, _S10_WEIGHTS)) % 11
        check = {10: 0, 11: 5}.get(left, left)
        country = parcel.origin if len(parcel.origin) == 2 else "XX"
        number = f"RX{''.join(map(str, digits))}{check}{country}"
        code = f"{random.randrange(36**8):08d}"[-8:] if found.label_free else ""
        return Booking(tracking_number=number, code=f"{code[:4]}-{code[4:]}" if code else "")

    def follows(self, carrier: str) -> bool:  # noqa: ARG002
        # The sandbox's marketplace moves what it sends by itself.
        return False

    async def scans(self, journey: Journey, now: datetime) -> Sequence[TrackingEvent] | None:
        seen = [scan for scan in self.course(journey) if scan.at <= now]
        if not seen:
            return None if now - journey.since > timedelta(days=2) else ()
        random = self._random("told", f"{journey.tracking_number}{now.isoformat()}")
        told = [*seen, random.choice(seen)]
        random.shuffle(told)
        return told

    def fate(self, number: str) -> str:
        """What becomes of a parcel: well, late, customs (held there for long), elsewhere or lost."""
        return self._random("fate", number).choices(_FATES, _WEIGHTS)[0]

    def course(self, journey: Journey) -> list[TrackingEvent]:
        """All that will be seen of a parcel, oldest first."""
        random = self._random("course", journey.tracking_number)
        fate = self.fate(journey.tracking_number)
        abroad = journey.origin != journey.destination
        at = journey.since + timedelta(hours=random.uniform(3, 20))
        found = [TrackingEvent(at, Signal.ACCEPTED, journey.origin)]

        def go(days: tuple[float, float], signal: Signal, country: str, postcode: str = "") -> None:
            nonlocal at
            at += timedelta(days=random.uniform(*days))
            found.append(TrackingEvent(at, signal, country, postcode))

        go((0.4, 1.2), Signal.IN_TRANSIT, journey.origin)
        if fate == "lost":
            return found
        if fate == "late":
            at += timedelta(days=random.uniform(5, 12))
            go((0.1, 0.5), Signal.IN_TRANSIT, journey.origin)
        if abroad:
            go((1, 3), Signal.CUSTOMS, journey.destination)
            if fate == "customs":
                at += timedelta(days=random.uniform(8, 16))
            go((0.5, 1.5), Signal.IN_TRANSIT, journey.destination)
        go((0.5, 1.5), Signal.OUT_FOR_DELIVERY, journey.destination)
        if fate == "late":
            go((0.1, 0.3), Signal.FAILED_ATTEMPT, journey.destination)
            go((0.8, 1.2), Signal.OUT_FOR_DELIVERY, journey.destination)
        where = journey.postcode
        if fate == "elsewhere" and where:
            where = where[:-2] + f"{random.randrange(100):02d}"
        go((0.1, 0.4), Signal.DELIVERED, journey.destination, postcode=where)
        return found

    def _random(self, what: str, of: str) -> Random:
        digest = sha256(f"{self._seed}:{what}:{of}".encode()).digest()
        return Random(int.from_bytes(digest[:8], "big"))  # noqa: S311  play, not secrets
