"""How the pages speak: the words of `amends.application.words`."""

from amends.application.words import DEFAULT_LOCALE, LANGUAGES, N_, Words, choose, translations, wanted

__all__ = ["DEFAULT_LOCALE", "LANGUAGES", "N_", "Words", "choose", "translations", "wanted"]
