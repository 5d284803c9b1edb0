"""Tells languages apart on this machine, with py3langid: nothing is asked of anybody."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

# Fewer letters than this could be anything.
_LETTERS_MIN = 12
_SURE = 0.80


class LangidDetector:
    """Keeps what `amends.application.ports.messages.Detector` promises."""

    def language(self, text: str) -> str:
        """ISO 639-1 of the text, or empty where it is too short or too mixed to tell."""
        # A word of Chinese is as long as a letter of others.
        if sum(2 + 4 * (ord(one) > 0x2E80) for one in text if one.isalpha()) < 2 * _LETTERS_MIN:
            return ""
        language, sureness = _identifier().classify(text[:2000])
        return str(language) if sureness >= _SURE else ""


@cache
def _identifier() -> LanguageIdentifier:
    # The model takes a moment to load, and most processes never need it.
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
