"""Words as people search for them: without regard to case, accents and punctuation."""

import re
import unicodedata

QUERY_MAX = 100
_WORDS_MAX = 8
_GAP = re.compile(r"[^\w]+")


def folded(text: str) -> str:
    """The text in one case and without accents; apart from a space, only letters and digits of any script."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _GAP.sub(" ", "".join(char for char in plain if not unicodedata.combining(char))).strip()


def sought(query: str) -> tuple[str, ...]:
    """The words of a query, each to be found whole as typed; what goes beyond the limits is left out."""
    words = (folded(word) for word in query[:QUERY_MAX].split())
    return tuple(dict.fromkeys(word for word in words if word))[:_WORDS_MAX]
