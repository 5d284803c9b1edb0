"""What the pages are drawn from: small values in the reader's words."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from amends.interfaces.web.parcel_words import Left


class Badge(msgspec.Struct, frozen=True):
    """A status: ``tone`` is turn, them, good, bad or plain."""

    text: str
    tone: str = "plain"


class Countdown(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline: ``left`` relative, ``headline`` absolute, ``part`` of the time that is left in per cent."""

    left: str
    headline: str
    otherwise: str
    at: datetime
    part: int
    mine: bool
    late: bool


class Step(msgspec.Struct, frozen=True):
    """``stand`` is done, now or ahead."""

    title: str
    stand: str


class Pair(msgspec.Struct, frozen=True):
    """A label and its value; ``strong`` for a sum."""

    label: str
    value: str
    strong: bool = False


class OfferCard(msgspec.Struct, frozen=True, kw_only=True):
    badge: Badge
    who: str
    title: str
    amount: str
    note: str
    freight: str
    at: datetime
    open: bool


class Told(msgspec.Struct, frozen=True):
    """One moment of the timeline; ``member`` of the seller's team is behind it, for those who may know."""

    at: datetime
    title: str
    detail: str
    member: str = ""


class EvidenceCard(msgspec.Struct, frozen=True):
    kind: str
    title: str
    note: str
    who: str
    at: datetime
    url: str
    by: str = ""
    file_id: str = ""
    step: str = ""


class RulingCard(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    remedy: str
    reasons: str
    findings: tuple[tuple[str, str, str, str], ...]
    at: datetime
    final: bool
    accepted: str
    shown: tuple[str, ...] = ()
    advice: str = ""
    turnings: tuple[str, ...] = ()
    followed: bool = True
    otherwise: str = ""
    confirmed: str = ""


class SheetRow(msgspec.Struct, frozen=True):
    """What one component of one unit contributes, and who bears it."""

    component: str
    amount: str
    payer: str


class Sheet(msgspec.Struct, frozen=True):
    """A refund to the cent: rows by component, and its sum."""

    rows: tuple[SheetRow, ...]
    total: str


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """A form the reader may send. ``typed`` is what stands in its fields, ``errors`` what is wrong."""

    name: str
    label: str
    button: str
    hint: str
    mandatory: bool
    main: bool
    open: bool
    typed: Mapping[str, str]
    errors: Mapping[str, str]


Choices = tuple[tuple[str, str], ...]


class Lists(msgspec.Struct, frozen=True, kw_only=True):
    """What the fields of the forms offer: (value, words)."""

    remedies: Choices
    rulings: Choices
    kinds: Choices
    clauses: Choices
    labels: Choices
    signals: Choices
    receptions: Choices
    grounds: Choices
    refunds: Choices
    mediators: Choices
    findings: int
    weights: tuple[tuple[str, str], ...]
    symbol: str
    left: tuple[Left, ...]
    parcels: Choices
    inspected: tuple[str, ...]
