"""The case file on paper: what stands in it, already in words, and who sets it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the timeline."""

    at: str
    what: str
    detail: str = ""


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence; ``picture`` is the name of its picture, empty where there is none to show."""

    title: str
    note: str
    picture: str = ""


class DossierFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document. ``words`` are its headings by name; ``at`` is the instant it is dated with.

    ``clauses`` are (id, sentence, source); ``seals`` are (what, hash). ``unreadable`` is said where the
    machine has no letters for a script that the text is written in.
    """

    title: str
    lang: str
    rtl: bool
    at: datetime
    words: dict[str, str]
    pairs: tuple[tuple[str, str], ...]
    story: str
    timeline: tuple[Line, ...]
    exhibits: tuple[Exhibit, ...]
    decisions: tuple[tuple[str, ...], ...]
    money: tuple[tuple[str, ...], ...]
    clauses: tuple[tuple[str, str, str], ...]
    seals: tuple[tuple[str, str], ...]
    unreadable: str
    footer: str


class Dossiers(Protocol):
    """Sets case files, away from whoever asks."""

    async def dossier(self, facts: DossierFacts, pictures: Mapping[str, bytes]) -> bytes:
        """A PDF; ``pictures`` are JPEG by name. Raises `PapersUnavailable` of the port of carriers."""
