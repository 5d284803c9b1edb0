"""Searching the help centre in memory: whole words, and the nearest ones for those mistyped."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from amends.application.ports.help import Found, Sheet

_WORD = re.compile(r"\w+")
# As many letters have two words of one root in common; no language is known here.
_STEM = 5
_NEAR = 0.7


class MemoryHelpSearch:
    """Keeps what `amends.application.ports.help.HelpSearch` promises, but knows no language's own endings."""

    async def search(self, question: str, language: str, sheets: Sequence[Sheet]) -> Found:  # noqa: ARG002
        known = {word for one in sheets for word in _words(f"{one.title} {one.text}")}
        stems = {word[:_STEM] for word in known}
        asked, meant = _words(question), []
        for word in asked:
            near = [] if word[:_STEM] in stems else get_close_matches(word, sorted(known), 1, _NEAR)
            meant.append(near[0] if near else word)
        wanted = {word[:_STEM] for word in meant if len(word) > 2}
        ranks = Counter[str]()
        for one in sheets:
            title, text = ({word[:_STEM] for word in _words(part)} for part in (one.title, one.text))
            ranks[one.sheet_id] = 3 * len(wanted & title) + len(wanted & text)
        found = tuple(sheet_id for sheet_id, rank in ranks.most_common() if rank)
        return Found(found, " ".join(meant) if meant != asked and found else "")


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
