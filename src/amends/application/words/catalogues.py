"""Catalogues of messages, one .po file a language; what is missing in one is said in English."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from amends.application.words.languages import SOURCE

FOLDER = Path(__file__).parent / "locales"


def N_(message: str) -> str:  # noqa: N802  # the name extractors of messages know
    """Mark a message for the catalogues where it is written; it is translated where it is said."""
    return message


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language by its code, read once a process. Without one, messages stay English.

    It is compiled when it is read, so that no compiled file can be older than its source.
    """
    file = FOLDER / f"{language}.po"
    if language == SOURCE or not file.exists():
        return NullTranslations()
    with file.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
