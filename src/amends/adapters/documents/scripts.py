"""Scripts a machine has letters for: what comes along with typst, and the families its system adds.

Libertinus Serif, which typst brings, has Latin, Greek, Cyrillic and Hebrew. Other scripts want a font of the
system's; that of each family is told by its name (https://notofonts.github.io/ and what systems bring).
"""

import unicodedata
from collections.abc import Collection

_EVERYWHERE = ("LATIN", "GREEK", "CYRILLIC", "HEBREW")
_CJK = ("cjk", "source han", "pingfang", "hiragino", "wenquanyi", "ipa", "yu gothic", "simsun", "ms gothic")
_FAMILIES: dict[str, tuple[str, ...]] = {
    "CJK": (*_CJK, "microsoft yahei", "noto sans sc", "noto sans tc"),
    "HIRAGANA": (*_CJK, "noto sans jp"),
    "KATAKANA": (*_CJK, "noto sans jp"),
    "HANGUL": ("cjk", "source han", "noto sans kr", "malgun", "nanum", "apple sd"),
    "ARABIC": ("arabic", "dejavu sans", "amiri", "arial", "tahoma", "geeza", "segoe ui"),
    "ARMENIAN": ("armenian", "dejavu sans", "dejavu serif"),
    "GEORGIAN": ("georgian", "dejavu sans", "dejavu serif"),
}


def unwritable(text: str, families: Collection[str]) -> frozenset[str]:
    """The scripts in a text that none of the font families is known to have."""
    known = [family.lower() for family in families if "mono" not in family.lower()]
    found = {_script(sign) for sign in set(text) if sign.isalpha()} - set(_EVERYWHERE)
    return frozenset(
        script
        for script in found
        if not any(part in family for part in _FAMILIES.get(script, (script.lower(),)) for family in known)
    )


def _script(sign: str) -> str:
    """The first word of a letter's name: its script, as far as fonts go."""
    name = unicodedata.name(sign, "UNNAMED").split(" ")[0].split("-")[0]
    # Fullwidth forms and marks such as ª are drawn by every font that has the plain letter's script.
    return {"FEMININE": "LATIN", "MASCULINE": "LATIN", "MICRO": "GREEK", "MODIFIER": "LATIN", "FULLWIDTH": "CJK", "HALFWIDTH": "CJK", "IDEOGRAPHIC": "CJK", "KANGXI": "CJK"}.get(name, name)  # fmt: skip  # noqa: E501
