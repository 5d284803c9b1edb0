"""Words as people type them: told apart, and understood when they are nearly right, in any script.

PostgreSQL's own likeness of words (pg_trgm) knows the letters of the database's locale alone, which are those
of English in most containers.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from amends.application.ports.help import Sheet

_WORD = re.compile(r"\w+")
_NEAR = 0.7
# Shorter words are like too many others.
_LETTERS_MIN = 4
_IN_TITLE = 3


def words_of(text: str) -> list[str]:
    """The words of a text without case and accents, in their order."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that a mistyped one was meant to be; the word itself where none is like it."""
    if len(word) < _LETTERS_MIN:
        return word
    likely = sorted(one for one in set(known) if abs(len(one) - len(word)) <= len(word) // 2)
    near = get_close_matches(word, likely, 1, _NEAR)
    return near[0] if near else word


def by_signs(question: str, sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """Sheets for a question in a script without spaces, best first: those that share two signs in a row,
    or else single ones."""
    said = "".join(words_of(question))
    for size in (2, 1):
        parts = {said[at : at + size] for at in range(len(said) - size + 1)}
        ranks = Counter[str]()
        for one in sheets:
            title, text = "".join(words_of(one.title)), "".join(words_of(one.text))
            ranks[one.sheet_id] = _IN_TITLE * _shared(parts, title) + _shared(parts, text)
        if found := tuple(sheet_id for sheet_id, rank in ranks.most_common() if rank):
            return found
    return ()


def _shared(parts: Collection[str], text: str) -> int:
    return sum(part in text for part in parts)
