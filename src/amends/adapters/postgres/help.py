"""Searching the help centre in PostgreSQL: articles go along with the question, so none is out of date."""

from collections.abc import Mapping, Sequence

import structlog

from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.help import Found, Sheet

_SQL = statements("help")
_log = structlog.get_logger()
_WANTED = frozenset({"pg_trgm", "unaccent"})
# The dictionaries every PostgreSQL has; what is missing is split into words and no more.
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

    Without the extensions pg_trgm and unaccent it finds words as they are written, and says so.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._tolerant: bool | None = None

    @reaching
    async def search(self, question: str, language: str, sheets: Sequence[Sheet]) -> Found:
        dictionary = _DICTIONARIES.get(language, "simple")
        titles, texts = [one.title for one in sheets], [one.text for one in sheets]
        tolerant, said = await self._extended(), question
        if tolerant:
            row = await self._pool.fetchrow(_SQL["corrected"], question, titles + texts, dictionary)
            if row is not None and row["changed"]:
                said = row["said"]
        name = "unaccented_search" if tolerant else "plain_search"
        ids = [one.sheet_id for one in sheets]
        rows = await self._pool.fetch(_SQL[name], dictionary, said, ids, titles, texts)
        found = tuple(row["id"] for row in rows)
        return Found(found, said if found and said != question else "", tolerant)

    async def _extended(self) -> bool:
        if self._tolerant is None:
            there = {row["extname"] for row in await self._pool.fetch(_SQL["extensions"])}
            self._tolerant = there >= _WANTED
            if not self._tolerant:
                _log.warning(
                    "help_search_exact",
                    missing=sorted(_WANTED - there),
                    mend="run CREATE EXTENSION for each; until then mistyped words are not found",
                )
        return self._tolerant
