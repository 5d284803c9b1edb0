"""What people are told, in their language. Whatever is said to people goes through here."""

from amends.application.words.catalogues import N_, translations
from amends.application.words.languages import COMPLETE, DEFAULT_LOCALE, LANGUAGES, Language, choose, wanted
from amends.application.words.speech import Words

__all__ = [
    "COMPLETE",
    "DEFAULT_LOCALE",
    "LANGUAGES",
    "N_",
    "Language",
    "Words",
    "choose",
    "translations",
    "wanted",
]
