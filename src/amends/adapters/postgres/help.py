"""Searching the help centre in PostgreSQL: articles go along with the question, so none is out of date."""

from collections.abc import Mapping, Sequence

import structlog

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.adapters.spelling import by_signs, nearest, words_of
from amends.application.ports.help import Found, Sheet

_SQL = statements("help")
_log = structlog.get_logger()
# The dictionaries every PostgreSQL has; other languages are searched by their signs.
_DICTIONARIES: Mapping[str, str] = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "pt": "portuguese",
    "ru": "russian",
}


class PostgresHelpSearch:
    """Keeps what `amends.application.ports.help.HelpSearch` promises.

    Without the extension unaccent accents matter, and it says so.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tolerant: bool | None = None

    @reaching
    async def search(self, question: str, language: str, sheets: Sequence[Sheet]) -> Found:
        dictionary = _DICTIONARIES.get(language)
        if dictionary is None:
            return Found(by_signs(question, sheets))
        titles, texts = [one.title for one in sheets], [one.text for one in sheets]
        tolerant = await self._extended()
        said = await self._meant(question, dictionary, titles + texts)
        name = "unaccented_search" if tolerant else "plain_search"
        ids = [one.sheet_id for one in sheets]
        rows = await self._pool.fetch(_SQL[name], dictionary, said, ids, titles, texts)
        found = tuple(row["id"] for row in rows)
        return Found(found, said if found and said != question else "", tolerant)

    async def _meant(self, question: str, dictionary: str, texts: Sequence[str]) -> str:
        """The question with each word that no sheet has, in any of its forms, replaced by the nearest one."""
        asked, known = words_of(question), {word for text in texts for word in words_of(text)}
        strange = [word for word in dict.fromkeys(asked) if word not in known]
        if not strange:
            return question
        rows = await self._pool.fetch(_SQL["unknown"], strange, sorted(known), dictionary)
        unknown = {row["word"] for row in rows}
        meant = [nearest(word, known) if word in unknown else word for word in asked]
        return " ".join(meant) if meant != asked else question

    async def _extended(self) -> bool:
        if self._tolerant is None:
            self._tolerant = bool(await self._pool.fetch(_SQL["extensions"]))
            if not self._tolerant:
                _log.warning(
                    "help_search_exact",
                    missing=["unaccent"],
                    mend="run CREATE EXTENSION unaccent; until then accents have to be right",
                )
        return self._tolerant
