"""The catalogues hold what the code says: nothing forgotten, nothing left over, the same values in each."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from amends.application.words import COMPLETE, LANGUAGES, Words, catalogues, extraction, translations
from amends.application.words.languages import SOURCE

TRANSLATED = [code for code in LANGUAGES if code != SOURCE]


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extraction.messages()


def test_messages_are_found_wherever_they_are_said(template: Catalog) -> None:
    assert "Waiting for the seller" in template  # a table
    assert "There is a problem" in template  # a template
    assert "Refund of %(amount)s approved" in template  # a letter
    assert "Not yours to do" in template  # a problem of the API
    assert "A draft that is not sent in 30 days is discarded." in template  # a clause of a policy
    assert isinstance(template["%(number)s case"].id, tuple)  # with a plural
    assert len(template) > 800


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_as_make_words_writes_it(language: str, template: Catalog) -> None:
    kept = (catalogues.FOLDER / f"{language}.po").read_bytes()
    assert kept == extraction.updated(language, template), "run `make words`"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_message_is_untranslated_or_has_other_placeholders(language: str, template: Catalog) -> None:
    found = extraction.faults(language, template)
    if language not in COMPLETE:
        # What is translated so far must be right; what is not is said in English.
        found = [fault for fault in found if not fault.startswith(("untranslated", "not in the catalogue"))]
    assert found == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("", "untranslated"),
        ("%(amont)s zurück", "placeholders"),
        ("Erstattet", "placeholders"),
        ("%(amount)s, 5 % zurück", "a percent sign"),
        ("%(amount)s zurück", None),
    ],
)
def test_a_wrong_translation_is_found(
    said: str, fault: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = Catalog()
    template.add("%(amount)s back")
    found = _faults(template, {"%(amount)s back": said}, tmp_path, monkeypatch)
    assert [f.partition(":")[0].startswith(fault or "-") for f in found] == ([True] if fault else [])


def test_a_message_that_is_new_in_the_code_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = Catalog()
    template.add("Something new")
    assert _faults(template, {}, tmp_path, monkeypatch) == ["not in the catalogue: 'Something new'"]


def test_plural_forms_may_say_a_number_in_a_word_but_none_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = Catalog()
    template.add(("%(number)s day", "%(number)s days"))
    right = {("%(number)s day", "%(number)s days"): ("ein Tag", "%(number)s Tage")}
    assert _faults(template, right, tmp_path, monkeypatch) == []
    short = {("%(number)s day", "%(number)s days"): ("ein Tag", "")}
    assert len(_faults(template, short, tmp_path, monkeypatch)) == 1


def test_a_doubtful_translation_is_neither_said_nor_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = Catalog()
    template.add("Send")
    found = _faults(template, {"Send": "Senden"}, tmp_path, monkeypatch, fuzzy=True)
    assert [fault.partition(":")[0] for fault in found] == ["doubtful"]
    translations.cache_clear()
    try:
        assert Words("de").say("Send") == "Send"
    finally:
        translations.cache_clear()


def test_what_is_translated_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = ("%(number)s день", "%(number)s дня", "%(number)s дней")
    _write(tmp_path, "ru", {"Send %(amount)s": "Отправить %(amount)s", ("%(number)s day", "days"): days})
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    translations.cache_clear()
    try:
        words = Words("ru")
        assert words.say("Send %(amount)s", amount="5") == "Отправить 5"
        assert [words.count("%(number)s day", "days", n) for n in (1, 2, 5, 21)] == [
            "1 день",
            "2 дня",
            "5 дней",
            "21 день",
        ]
    finally:
        translations.cache_clear()


def _faults(
    template: Catalog,
    said: dict[object, object],
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    fuzzy: bool = False,
) -> list[str]:
    _write(folder, "de", said, fuzzy=fuzzy)
    patch.setattr(extraction, "FOLDER", folder)
    patch.setattr(catalogues, "FOLDER", folder)
    return extraction.faults("de", template)


def _write(folder: Path, language: str, said: dict[object, object], *, fuzzy: bool = False) -> None:
    catalogue = Catalog(locale=language)
    for message, text in said.items():
        catalogue.add(message, text, flags=["fuzzy"] if fuzzy else [])  # type: ignore[arg-type]
    with (folder / f"{language}.po").open("wb") as file:
        write_po(file, catalogue)
