"""Search words, and cells of tables that nothing calculates."""

import pytest

from amends.interfaces.web.csv_table import harmless
from amends.interfaces.web.searching import folded, sought


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Café-Crème", "cafe creme"), ("STRASSE", "strasse"), ("  10-9/late ", "10 9 late"), ("Лампа", "лампа")],
)
def test_words_are_compared_without_case_accents_and_punctuation(text: str, plain: str) -> None:
    assert folded(text) == plain


def test_a_query_is_cut_to_its_limits() -> None:
    assert sought("mug MUG 10-8 !") == ("mug", "10 8")
    assert len(sought("a b c d e f g h i j k l")) == 8
    assert sought("x" * 500) == ("x" * 100,)


@pytest.mark.row("K3")
@pytest.mark.parametrize("cell", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "\r=1"])
def test_nothing_in_a_table_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Lamp", "70.80", "10-1.1", "", "a=b"])
def test_ordinary_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
