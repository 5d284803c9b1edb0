"""Letters: what every machine can set, what only some can, and that it is said."""

import typst

from amends.adapters.documents.scripts import unwritable

BARE = sorted({font.family for font in typst.Fonts(include_system_fonts=False).fonts()})


def test_latin_greek_and_cyrillic_come_along() -> None:
    assert "Libertinus Serif" in BARE
    assert (
        unwritable("Grüße, příliš žluťoučký, Ελλάδα, Лампа треснула. 1 234,50 € “–” ✓", BARE) == frozenset()
    )


def test_other_scripts_want_a_font_of_the_system() -> None:
    assert unwritable("灯坏了 المصباح 고장", BARE) == {"CJK", "ARABIC", "HANGUL"}
    assert unwritable("灯坏了 المصباح 고장", [*BARE, "Noto Sans CJK SC", "Noto Naskh Arabic"]) == frozenset()
    assert unwritable("โคมไฟ", BARE) == {"THAI"}
    assert unwritable("โคมไฟ", [*BARE, "Noto Sans Thai"]) == frozenset()
