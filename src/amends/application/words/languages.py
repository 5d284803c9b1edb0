"""The languages Amends speaks, and which of them somebody is spoken to in."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Language(NamedTuple):
    """``code`` is ISO 639-1, ``locale`` the CLDR's, ``name`` the language's own word for itself."""

    code: str
    locale: str
    name: str


#: What messages are written in; every other language has a catalogue.
SOURCE = "en"
LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        # English with days before months and a clock of 24 hours.
        Language("en", "en_GB", "English"),
        Language("zh", "zh_Hans", "简体中文"),
        Language("es", "es", "Español"),
        Language("ru", "ru", "Русский"),
        Language("de", "de", "Deutsch"),
        Language("pt", "pt", "Português"),
        Language("ar", "ar", "العربية"),
    )
}
#: Languages whose catalogues are finished: a message missing from one of them is a mistake from then on.
COMPLETE: tuple[str, ...] = ("zh", "es", "ru", "de", "pt", "ar")
DEFAULT_LOCALE = LANGUAGES[SOURCE].locale

# More than anybody's browser sends; a longer header is somebody's joke.
_HEADER_MAX = 500
_RANGE = re.compile(r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")


def choose(*wishes: str) -> Language:
    """The language of the first wish that is one of ours; English where none is.

    A wish is a code of `LANGUAGES` or empty.
    """
    return next((LANGUAGES[wish] for wish in wishes if wish in LANGUAGES), LANGUAGES[SOURCE])


def wanted(accept_language: str) -> str:
    """The code of the language an ``Accept-Language`` header (RFC 9110, 12.5.4) asks for; empty for none.

    Regions do not matter: whoever asks for ``pt-AO`` is better served by Portuguese than by English.
    """
    ranked = sorted(_ranges(accept_language[:_HEADER_MAX]), key=lambda pair: -pair[1])
    return next((code for code, weight in ranked if weight > 0 and code in LANGUAGES), "")


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is not None:
            yield found[1].lower(), float(found[2] or 1)
