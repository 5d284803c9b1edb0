"""What people of the simulated marketplace write in their own words, in every language of the pages.

A sandbox has no translation service; this is all it can translate.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from amends.application.ports.messages import TranslationFailed

PHRASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    tomllib.loads((files(__package__ or "") / "phrases.toml").read_text("utf-8"))
)
"""The same sentence in each language (ISO 639-1) by its name."""

_BY_TEXT = {text: said for said in PHRASES.values() for text in said.values()}


class PhraseBook:
    """Keeps what `amends.application.ports.messages.Translator` promises, for these phrases alone."""

    async def translate(self, text: str, source: str, target: str) -> str:  # noqa: ARG002  the port's signature
        """The text in another language. Raises `TranslationFailed` for what is not in the book."""
        said = _BY_TEXT.get(text)
        if said is None or target not in said:
            raise TranslationFailed("The sandbox translates only what its own people say.")
        return said[target]
