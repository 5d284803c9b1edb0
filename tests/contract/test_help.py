"""Searching the help centre, in memory and in PostgreSQL."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from amends.adapters.memory.help import MemoryHelpSearch
from amends.adapters.postgres.help import PostgresHelpSearch
from amends.adapters.postgres.pool import open_pool
from amends.application.ports.help import HelpSearch, Sheet

SHEETS = (
    Sheet("back", "How a return works", "Ask for a refund on the page of the order."),
    Sheet("money", "Refunds and how long they take", "A refund to a card arrives in 3 to 15 working days."),
    Sheet("cafe", "Größe und Maße", "Überprüfen Sie das Café."),
)


@pytest.fixture(params=["memory", "postgres"])
async def help_search(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[HelpSearch]:
    if request.param == "memory":
        yield MemoryHelpSearch()
        return
    pool = await open_pool(database_url, 2)
    yield PostgresHelpSearch(pool)
    await pool.close()


@pytest.mark.row("J1")
async def test_words_in_any_form_are_found_and_titles_go_first(help_search: HelpSearch) -> None:
    found = await help_search.search("refund", "en", SHEETS)
    assert found.sheet_ids == ("money", "back")
    assert found.corrected == ""
    assert (await help_search.search("returning", "en", SHEETS)).sheet_ids == ("back",)


@pytest.mark.row("J1")
@pytest.mark.parametrize("typed", ["refnud", "reffund", "refudn", "refond"])
async def test_a_mistyped_word_is_understood_and_said(help_search: HelpSearch, typed: str) -> None:
    found = await help_search.search(f"my {typed}", "en", SHEETS)
    assert found.sheet_ids[0] == "money"
    assert found.corrected.startswith("my refund")


@pytest.mark.row("J1")
@pytest.mark.parametrize(
    ("language", "typed", "said"),
    [
        ("de", "Estattung", "erstattung"),
        ("es", "rembolso", "reembolso"),
        ("pt", "rembolço", "reembolso"),
        ("ru", "возрват", "возврат"),
        ("ar", "اسرتداد", "استرداد"),
        ("zh", "退款要多久", ""),
    ],
)
async def test_typos_are_understood_in_every_script(
    help_search: HelpSearch, language: str, typed: str, said: str
) -> None:
    sheets = (
        Sheet("money", "Erstattung, reembolso, возврат, استرداد, 退款和到账时间", "…"),
        Sheet("other", "Adresse, dirección, адрес, عنوان, 地址", "…"),
    )
    found = await help_search.search(typed, language, sheets)
    assert (found.sheet_ids, found.corrected) == (("money",), said)


async def test_accents_do_not_matter(help_search: HelpSearch) -> None:
    assert (await help_search.search("cafe", "de", SHEETS)).sheet_ids == ("cafe",)


@pytest.mark.parametrize(
    "typed", ["zzzqqq", "'; drop table orders; --", "a:* & !", "%", "\\", "", "<->", "x" * 200]
)
async def test_nothing_is_found_for_what_means_nothing(help_search: HelpSearch, typed: str) -> None:
    found = await help_search.search(typed, "en", SHEETS)
    assert isinstance(found.sheet_ids, tuple)
    assert "cafe" not in found.sheet_ids or typed == ""


async def test_without_the_extension_accents_matter_and_it_says_so(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("drop extension if exists unaccent")
    await connection.close()
    pool = await open_pool(database_url, 2)
    try:
        search = PostgresHelpSearch(pool)
        assert (await search.search("refnud", "en", SHEETS)).sheet_ids == ("money", "back")
        plain = await search.search("cafe", "de", SHEETS)
        assert (plain.sheet_ids, plain.tolerant) == ((), False)
    finally:
        await pool.execute("create extension unaccent")
        await pool.close()
