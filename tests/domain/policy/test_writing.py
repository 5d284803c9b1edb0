"""Packs written by hand and by form: the same text, the same clauses, and every mistake by its line."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amends.adapters.packs import LAWS, shipped, texts
from amends.domain.money import Money
from amends.domain.policy.changes import changes, lines, shown
from amends.domain.policy.packs import load_pack
from amends.domain.policy.stack import PackError, Problem
from amends.domain.policy.writing import blocks, literal, rows_of, table_of, with_clause, without_clause
from amends.domain.time import Period
from amends.interfaces.web.operator.clause_form import ClauseForm

HEAD = '[pack]\nid = "x"\nversion = 1\nlayer = "promotion"\ntitle = "t"\n'
WINDOW = '"return.window" = "20 d"'
CLAUSE = '[[clause]]\nid = "a"\nsets = { "return.window" = "20 d" }\nsentence = "s"\ncitation = "c"\n'


@pytest.mark.parametrize("name", shipped())
def test_every_clause_that_comes_along_goes_through_the_form_unchanged(name: str) -> None:
    text = texts([name])[name]
    written = text
    for block in blocks(text):
        table = table_of(written, block.clause)
        assert table is not None
        form = ClauseForm.of_values(ClauseForm.of_table(table).typed)
        written = with_clause(written, form.table(block.clause), block.clause)
    assert changes(load_pack(text, name), load_pack(written, name)) == ()


def test_one_clause_is_changed_and_the_rest_of_the_text_is_not() -> None:
    text = texts(["default"])["default"]
    table = table_of(text, "return.window.default")
    assert table is not None
    table["sets"] = {"return.window": "20 d"}
    after = with_clause(text, table, "return.window.default")
    assert [(row.sign, row.text) for row in lines(text, after) if row.sign in "+-"] == [
        ("-", 'sets = { "return.window" = "15 d" }'),
        ("+", 'sets = { "return.window" = "20 d" }'),
    ]
    (change,) = changes(load_pack(text, "f"), load_pack(after, "f"))
    assert (change.clause, change.kind) == ("return.window.default", "changed")
    assert change.differs == (("return.window", "15 d", "20 d"),)
    gone = without_clause(after, "return.window.default")
    assert rows_of(gone, "return.window.default") == ""
    assert [one.kind for one in changes(load_pack(text, "f"), load_pack(gone, "f"))] == ["removed"]
    assert without_clause(gone, "return.window.default") == gone


@given(st.text(max_size=60))
@example("a\u2028b\x85c\x1cd \x7f \\ \" ' [[clause]] #")
@settings(max_examples=60, deadline=None)
def test_any_text_can_stand_in_a_clause(text: str) -> None:
    said = text or "x"
    table = {"id": "b", "sets": {"return.window": "20 d"}, "sentence": said, "citation": "c"}
    written = HEAD + CLAUSE
    try:
        written = with_clause(written, table)
        found = table_of(written, "b")
    except (ValueError, UnicodeEncodeError):
        # Half of a pair of surrogates is no text in TOML.
        assert any("\ud800" <= sign <= "\udfff" for sign in said)
        return
    assert found is not None
    assert found["sentence"] == said


def test_values_are_shown_as_packs_write_them() -> None:
    assert shown("return.window", Period(3, "days")) == "3 d"
    assert shown("inspect.clock", Period(3, "working_days", "calendar", calendar="seller")).endswith(
        "(calendar seller)"
    )
    assert shown("fast_refund.limit", Money(2500, "USD")) == "USD 25.00"
    assert shown("fast_refund.limit", Money(2500, "JPY")) == "JPY 2500"
    assert shown("partial.suggest.flaw", (2000, 4000)) == "20-40 %"
    assert shown("refund.eta.card", (3, 15)) == "3-15 working days"
    assert shown("return.restocking", 1250) == "12.5 %"
    assert shown("return.lost", value=True) == "true"


_KEYS = (
    "id", "sets", "sentence", "citation", "sure", "when", "default", "floor", "priority", "bounds", "zone",
    "calendar", "pauses",
)  # fmt: skip
_VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 2**40), st.text(string.ascii_letters + " -.%", max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ("return.window", "reason", "fast_refund.limit", "price_from", "placed_from", "evidence.files", "a")
    ), inner, max_size=2)),
    max_leaves=4,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=5), st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_clause_is_read_or_refused_with_its_line(
    values: dict[str, object],
    head: bool,
) -> None:
    table: dict[str, object] = {
        "id": "a",
        "sets": {"return.window": "20 d"},
        "sentence": "s",
        "citation": "c",
    }
    rows = [f"{key} = {literal(value)}" for key, value in {**table, **values}.items()]
    text = (HEAD if head else "") + "[[clause]]\n" + "\n".join(rows)
    problems: tuple[Problem, ...] = ()
    try:
        load_pack(text, "f.toml")
    except PackError as error:
        problems = error.problems
    assert all(1 <= one.line <= len(text.splitlines()) for one in problems)
    assert problems or head


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("pack = 5", 1, "there is no [pack] table"),
        ("clause = 5\n" + HEAD, 1, "clause is no list of tables"),
        (HEAD + CLAUSE.replace('{ "return.window" = "20 d" }', '"x"'), 8, "sets is not a table"),
        (HEAD + CLAUSE + 'priority = "high"', 11, "priority is not a whole number"),
        (HEAD + CLAUSE + "when = { reason = 5 }", 11, "reason is not a list of texts"),
        (HEAD.replace('"t"', "5") + CLAUSE, 1, "title is not text"),
        (HEAD + CLAUSE.replace("20 d", "99999999999999999999 d"), 8, "longer than twenty years"),
        (HEAD + CLAUSE.replace(WINDOW, '"fast_refund.limit" = "ABC 5.00"'), 8, "no currency"),
        (HEAD + CLAUSE.replace(WINDOW, '"evidence.files" = 99999999'), 8, "size that makes"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_told_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(PackError) as raised:
        load_pack(text, "f.toml")
    assert [one.line for one in raised.value.problems if what in one.what] == [line]


def test_laws_come_along() -> None:
    assert set(LAWS) < set(shipped())
