"""Searching the help centre."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Sheet(msgspec.Struct, frozen=True):
    """An article as it is searched, in its reader's language. ``title`` weighs more than ``text``."""

    sheet_id: str
    title: str
    text: str


class Found(msgspec.Struct, frozen=True):
    """Which sheets answer a question, best first.

    ``corrected`` is the question as it was understood, where a word of it is not in any sheet; else empty.
    ``tolerant``: whether accents may be left out.
    """

    sheet_ids: tuple[str, ...]
    corrected: str = ""
    tolerant: bool = True


class HelpSearch(Protocol):
    """Finds sheets by words, in any of the languages people read."""

    async def search(self, question: str, language: str, sheets: Sequence[Sheet]) -> Found:
        """The sheets that have words of ``question``, accents and endings aside; none for no words.

        ``language`` is ISO 639-1.
        """
