"""Which language somebody is spoken to in."""

from datetime import timedelta

import pytest

from amends.application.words import LANGUAGES, choose, translations, wanted
from amends.application.words.speech import Words


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", ""),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR,fr;q=0.9,es;q=0.8,en;q=0.7", "es"),
        ("en;q=0.1, ru;q=0.9", "ru"),
        ("zh-Hant-TW", "zh"),
        ("pt-AO", "pt"),
        ("AR", "ar"),
        ("de;q=0, en", "en"),
        ("de;q=0", ""),
        ("fr", ""),
        ("*", ""),
        ("de;q=2", ""),
        (";;;,,,=q", ""),
        ("x" * 100_000 + ",de", ""),
        ("de ; q = 0.5 , ru;q=0.4", "de"),
    ],
)
def test_a_browser_says_which_languages_its_reader_knows(header: str, code: str) -> None:
    assert wanted(header) == code


def test_the_first_wish_that_is_one_of_ours_wins_and_english_where_none_is() -> None:
    assert choose("", "tlh", "de", "ru").code == "de"
    assert choose().code == "en"
    assert choose("", "__proto__").code == "en"


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_language_has_a_direction_plurals_and_amounts_of_its_own(language: object) -> None:
    assert isinstance(language, tuple)
    code, locale, name = language
    words = Words(locale)
    assert words.lang.partition("-")[0] == code
    assert words.direction == ("rtl" if code == "ar" else "ltr")
    assert name
    assert words.count("%(number)s day", "%(number)s days", 3)
    assert "1" in words.money(123456, "EUR")
    assert "duration" not in words.length(timedelta(days=2, hours=3, minutes=4))
    assert translations(code) is translations(code)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_an_amount_put_into_a_field_reads_back_the_same_in_every_language(
    language: object, currency: str
) -> None:
    assert isinstance(language, tuple)
    words = Words(language[1])
    for amount in (1, 99, 100, 123456):
        assert words.read_amount(words.amount_field(amount, currency), currency) == amount
        assert words.read_amount(words.money(amount, currency), currency) == amount


def test_digits_of_other_scripts_are_numbers_too() -> None:
    assert Words("ar").read_amount("٢٥٫٥٠", "EUR") == 2550
    assert Words("ar").read_amount("١٬٢٣٤٫٥٠", "EUR") == 123450
    assert Words("de").read_amount("١٢٣٤٫٥٠", "EUR") == 123450
    assert Words("de").read_amount("1.234,50", "EUR") == 123450
    assert Words("ru").read_amount("1 234,50", "EUR") == 123450
