"""Tells languages apart on this machine, with py3langid: nothing is asked of anybody."""

from functools import cache
from importlib import import_module
from typing import Any

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
def _identifier() -> Any:
    # The model and numpy take a moment to load and room to stay, and most processes never need them.
    langid = import_module("py3langid.langid")
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
