"""Searching the help centre in memory: whole words, and the nearest ones for those mistyped."""

from collections import Counter
from collections.abc import Sequence

from amends.adapters.spelling import by_signs, nearest, words_of
from amends.application.ports.help import Found, Sheet

# As many letters have two words of one root in common; no language is known here.
_STEM = 5


class MemoryHelpSearch:
    """Keeps what `amends.application.ports.help.HelpSearch` promises, but knows no language's own endings."""

    async def search(self, question: str, language: str, sheets: Sequence[Sheet]) -> Found:
        if language == "zh":
            return Found(by_signs(question, sheets))
        known = {word for one in sheets for word in words_of(f"{one.title} {one.text}")}
        stems = {word[:_STEM] for word in known}
        asked = words_of(question)
        meant = [word if word[:_STEM] in stems else nearest(word, known) for word in asked]
        wanted = {word[:_STEM] for word in meant if len(word) > 2}
        ranks = Counter[str]()
        for one in sheets:
            title, text = ({word[:_STEM] for word in words_of(part)} for part in (one.title, one.text))
            ranks[one.sheet_id] = 3 * len(wanted & title) + len(wanted & text)
        found = tuple(sheet_id for sheet_id, rank in ranks.most_common() if rank)
        return Found(found, " ".join(meant) if meant != asked and found else "")
