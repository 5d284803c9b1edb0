"""What the application asks about carriers' own news: who reads them, whose parcel it is, what waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.domain.orders import TrackingEvent


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """One scan a carrier told of a number (as `amends.domain.tracking.numbers.normal` writes it)."""

    carrier: str
    number: str
    event: TrackingEvent


class NewsUnsigned(Exception):
    """Nobody of that name sends news here, or the signature is not theirs."""


class NewsUnreadable(Exception):
    """The news is signed, but not in the form agreed on; the message says what is wrong."""


class CarrierNews(Protocol):
    """Reads what carriers send by themselves."""

    def read(self, source: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Sighting]:
        """What a message says, once its signature is known to be right.

        ``headers`` have names in small letters; ``now`` is the real time, for signatures that carry one.
        Raises `NewsUnsigned`, `NewsUnreadable`.
        """


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose parcel goes under a number: an order's (``parcel_id``), or a case's (``leg`` return or
    replacement)."""

    order_id: str
    parcel_id: str = ""
    case_id: str = ""
    leg: str = ""


class Whereabouts(Protocol):
    """Who has a parcel of a number, and news of numbers nobody has (yet)."""

    async def bearers(self, number: str) -> Sequence[Bearer]:
        """Every parcel known under a number."""

    async def put_by(self, sightings: Sequence[Sighting], until: datetime) -> None:
        """Keep news until ``until`` in case the number becomes known; the same news again changes nothing.

        Of one number only the first `WAITING_MAX` are kept.
        """

    async def known_now(self, now: datetime, limit: int) -> Sequence[Sighting]:
        """News that waits and is not of the future, whose number somebody has by now."""

    async def drop(self, sightings: Sequence[Sighting]) -> None:
        """News that need not wait any more."""

    async def forget(self, now: datetime) -> int:
        """Delete what waited long enough; how many."""


WAITING_MAX = 40
