"""What the application asks of carriers, and of who remembers their numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.domain.carriage import Consignment
from amends.domain.orders import TrackingEvent


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel announced to a carrier: its number, and a code for drop-off without paper (empty: none)."""

    tracking_number: str
    code: str = ""


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel to ask about: its number, its way, and when the sender says it was handed over."""

    carrier: str
    tracking_number: str
    since: datetime
    origin: str
    destination: str
    postcode: str = ""


class CarrierSilent(Exception):
    """The carrier did not answer: ask again later."""


class Carriers(Protocol):
    """The carriers that labels are bought of and that are asked where parcels are."""

    async def book(self, key: str, carrier: str, service: str, parcel: Consignment) -> Booking:
        """Announce a parcel; the same key again is the same booking. Raises `CarrierSilent`, `LookupError`
        for a
        carrier or service there is not."""

    def follows(self, carrier: str) -> bool:
        """Whether this carrier can be asked about parcels that the marketplace sent."""

    async def scans(self, journey: Journey, now: datetime) -> Sequence[TrackingEvent] | None:
        """Everything seen of a parcel so far, in any order; None for a number the carrier does not know.

        Raises `CarrierSilent`.
        """


class TrackingNumbers(Protocol):
    """Which orders' parcels go under a number."""

    async def shared_with(self, number: str, order_id: str, buyer_id: str) -> int:
        """How many other buyers' orders have a parcel of that number."""


class LabelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a label, already in words. ``lines`` are the address, ``notes`` what to do with it."""

    size: str
    authorisation: str
    carrier: str
    service: str
    tracking_number: str
    code: str
    lines: tuple[str, ...]
    sender: tuple[str, ...]
    notes: tuple[str, ...]
    words: dict[str, str]
    link: str = ""


class PaperFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A document of headings, pairs and rows, already in words: a packing list, a claim to a carrier."""

    title: str
    intro: str
    pairs: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    footer: str = ""
    lang: str = "en"


class PapersUnavailable(Exception):
    """The document could not be made; it may be later."""


class Papers(Protocol):
    """Makes PDF documents, away from whoever asks, and codes for screens."""

    def code(self, text: str) -> bytes:
        """A QR code as SVG, black on white with its quiet zone."""

    async def label(self, facts: LabelFacts) -> bytes:
        """A label of ``size`` ``a4`` or ``4x6`` with the number as a bar code. Raises `PapersUnavailable`."""

    async def paper(self, facts: PaperFacts) -> bytes:
        """A page or more. Raises `PapersUnavailable`."""
