"""Packs: what loads, what is refused and how the refusal says where and why."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from amends.domain.money import Money
from amends.domain.policy.clauses import Conditions, Layer
from amends.domain.policy.packs import Pack, PackError, check_stack, load_pack
from amends.domain.time import Period

HEAD = """[pack]
id = "{name}"
version = 1
layer = "{layer}"
title = "A pack"
state = "published"
published_from = 2026-01-01T00:00:00Z
{more}
"""


def pack(*clauses: str, name: str = "test", layer: str = "platform", more: str = "", file: str = "") -> Pack:
    return load_pack(
        HEAD.format(name=name, layer=layer, more=more) + "\n".join(clauses), file or f"{name}.toml"
    )


def clause(sets: str, *rest: str, name: str = "a") -> str:
    return "\n".join(
        [
            "[[clause]]",
            f'id = "{name}"',
            f"sets = {{ {sets} }}",
            *rest,
            'sentence = "So it is."',
            'citation = "ours"',
        ]
    )


def problems_of(make: Callable[[], object]) -> list[tuple[int, str, str]]:
    with pytest.raises(PackError) as caught:
        make()
    return [(problem.line, problem.what, problem.mend) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("sets", "value"),
    [
        ('"return.window" = "15 d"', Period(15, "days")),
        ('"withdrawal.window" = "14 calendar days"', Period(14, "days", "calendar")),
        ('"fast_refund.limit" = "USD 25.00"', Money(2500, "USD")),
        ('"fast_refund.limit" = "JPY 2500"', Money(2500, "JPY")),
        ('"guarantee.late_partial" = "12.5 %"', 1250),
        ('"partial.suggest.flaw" = "20-40 %"', (2000, 4000)),
        ('"refund.eta.card" = "3-15 working days"', (3, 15)),
        ('"reopen.max" = 1', 1),
        ('"free_return.offered" = true', True),
        ('"freight.payer" = "seller"', "seller"),
        ('"exchange.grounds" = ["quality", "late"]', ("quality", "late")),
        ('"return.extension_until" = "2027-01-31"', "2027-01-31"),
        ('"return.extension_until" = ""', ""),
    ],
)
def test_each_type_of_value_is_read(sets: str, value: object) -> None:
    assert list(pack(clause(sets)).clauses[0].sets.values()) == [value]


@pytest.mark.parametrize(
    ("sets", "what"),
    [
        ('"return.window" = "15 %"', "is no period"),
        ('"return.window" = 15', "not text in quotes"),
        ('"fast_refund.limit" = "25 d"', "is not an amount"),
        ('"fast_refund.limit" = "JPY 25.50"', "more decimals than JPY"),
        ('"guarantee.late_partial" = "10-20 %"', "not a percentage"),
        ('"partial.suggest.flaw" = "20 %"', "not a range of percentages"),
        ('"partial.suggest.flaw" = "40-20 %"', "does not rise"),
        ('"partial.suggest.flaw" = "40-101 %"', "does not rise within 100 %"),
        ('"refund.eta.card" = "3-15 d"', "working days"),
        ('"refund.eta.card" = "15-3 working days"', "working days"),
        ('"reopen.max" = "1"', "not a whole number"),
        ('"reopen.max" = true', "not a whole number"),
        ('"reopen.max" = -1', "not a whole number"),
        ('"free_return.offered" = "yes"', "neither true nor false"),
        ('"freight.payer" = "carrier"', "'carrier' is not one of buyer, seller"),
        ('"exchange.grounds" = "quality"', "not a list"),
        ('"inspect.reject_grounds" = ["mood"]', "'mood' is not one of"),
        ('"return.extension_until" = "31.1.2027"', "Invalid isoformat"),
    ],
)
def test_a_wrong_unit_is_refused_with_its_line(sets: str, what: str) -> None:
    [(line, told, mend)] = problems_of(lambda: pack(clause(sets)))
    assert line == 11
    assert what in told
    assert mend.startswith("Write ")


def test_the_message_says_file_line_what_and_how_to_mend() -> None:
    with pytest.raises(PackError) as caught:
        pack(clause('"return.windwo" = "15 d"'), file="shop.toml")
    assert str(caught.value).startswith(
        "shop.toml:11: clause a sets return.windwo, which is no parameter. Known here are return.window,"
    )


def test_every_mistake_is_told_at_once() -> None:
    wrong = problems_of(
        lambda: pack(
            clause('"no.such" = 1', name="a"), clause('"return.window" = "x"', name="b"), clause("", name="c")
        )
    )
    assert [line for line, _, _ in wrong] == [11, 16, 19]
    assert "clause c has no sets" in wrong[2][1]


def test_a_clock_needs_a_default_outcome_that_it_knows() -> None:
    clock = '"ruling.reply" = "7 d"'
    [(line, what, mend)] = problems_of(lambda: pack(clause(clock)))
    assert (line, mend) == (9, 'Write default = "ruling_stands"')
    assert "says not what happens when the clock runs out" in what
    [(line, what, _)] = problems_of(lambda: pack(clause(clock, 'default = "escalate"')))
    assert line == 12
    assert "has the default 'escalate'" in what
    assert pack(clause(clock, 'default = "ruling_stands"')).clauses[0].default == "ruling_stands"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[pack\n", 1, "not TOML"),
        ('[pack]\nid = "x"\nid = "y"\n', 3, "not TOML"),
        ("", 1, "there is no [pack] table"),
        ('[pack]\nid = "x"\nversion = 1\ntitle = "X"\nlayer = "moon"\n', 1, "layer 'moon' is unknown"),
        ('[pack]\nlayer = "seller"\n', 1, "[pack] has no id, version, title"),
        (
            '[pack]\nid = "x"\nversion = 1\ntitle = "X"\nlayer = "seller"\nstate = "live"\n',
            1,
            "state 'live' is unknown",
        ),
        (
            '[pack]\nid = "x"\nversion = 1\ntitle = "X"\nlayer = "seller"\nstate = "published"\n',
            1,
            "published_from is missing",
        ),
        (
            '[pack]\nid = "x"\nversion = 1\ntitle = "X"\nlayer = "seller"\ncolour = "red"\n',
            1,
            "unknown keys: colour",
        ),
        (
            (
                '[pack]\nid = "x"\nversion = 1\ntitle = "X"\nlayer = "seller"\n'
                '[rates]\nbase = "EUR"\nUSD = "-1"\n'
            ),
            6,
            "the rate of USD is '-1'",
        ),
    ],
)
def test_a_file_that_is_no_pack_is_refused(text: str, line: int, what: str) -> None:
    told = problems_of(lambda: load_pack(text, "x.toml"))
    assert any(where == line and what in said for where, said, _ in told), told


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ('when = { colour = ["red"] }', "Object contains unknown field"),
        ('when = { reason = ["quality.bad"] }', "reason 'quality.bad' is unknown"),
        ('when = { price_from = "10 d" }', "price_from is not an amount"),
        ('zone = "Moon/Base"', "its zone or pauses are wrong"),
        ('pauses = [["2026-02-20", "2026-02-01"]]', "a pause ends before it begins"),
        ('sure = "maybe"', "is sure 'maybe'"),
        ("bounds = [1]", "has bounds for other than one parameter's least and most"),
        ("colour = 1", "unknown keys: colour"),
    ],
)
def test_wrong_conditions_and_keys_are_refused(rest: str, what: str) -> None:
    told = problems_of(lambda: pack(clause('"return.window" = "15 d"', rest)))
    assert any(what in said for _, said, _ in told), told


def test_two_clauses_of_one_id_are_refused() -> None:
    told = problems_of(lambda: pack(clause('"return.window" = "15 d"'), clause('"reopen.max" = 1')))
    assert told == [(14, "clause a stands at line 9 already", "Give it another id")]


def test_zone_calendar_and_pauses_reach_the_period() -> None:
    read = pack(
        clause('"inspect.contest" = "3 working days"', 'default = "rejection_stands"', 'calendar = "CN"',
               'pauses = [["2026-02-15", "2026-02-23"]]'),
        more='zone = "Asia/Shanghai"',
    )  # fmt: skip
    assert read.clauses[0].sets["inspect.contest"] == Period(
        3, "working_days", "calendar", "Asia/Shanghai", "CN", ((date(2026, 2, 15), date(2026, 2, 23)),)
    )


def test_equal_clauses_that_can_meet_are_refused_and_a_priority_settles_it() -> None:
    one = clause('"return.window" = "15 d"', 'when = { category = ["shoes"] }', name="one")
    two = clause('"return.window" = "20 d"', 'when = { buyer_tier = ["diamond"] }', name="two")
    [(line, what, mend)] = problems_of(lambda: pack(one, two))
    assert line == 15
    assert what == "clauses two and one (test.toml:9) rank equally, can both apply and both set return.window"
    assert "priority" in mend
    pack(one, two.replace('id = "two"', 'id = "two"\npriority = 1'))


@pytest.mark.parametrize(
    ("one", "two", "meet"),
    [
        ("category = ['shoes']", "category = ['hats']", False),
        ("category = ['shoes']", "category = ['shoes', 'hats']", True),
        ("seller = ['a']", "seller = ['b']", False),
        ("reason = ['quality']", "reason = ['late']", False),
        ("method = ['card']", "method = ['wallet']", False),
        ("traits = ['custom']", "traits = ['digital']", True),
        ("price_below = 'USD 10.00'", "price_from = 'USD 10.00'", False),
        ("price_below = 'USD 10.00'", "price_from = 'USD 9.99'", True),
        ("price_below = 'USD 10.00'", "price_from = 'EUR 10.00'", True),
        ("placed_before = 2026-06-01T00:00:00Z", "placed_from = 2026-06-01T00:00:00Z", False),
        ("placed_before = 2026-06-02T00:00:00Z", "placed_from = 2026-06-01T00:00:00Z", True),
    ],
)
def test_clauses_that_can_never_meet_may_stand_side_by_side(one: str, two: str, *, meet: bool) -> None:
    clauses = (
        clause('"return.window" = "15 d"', f"when = {{ {one} }}", name="one"),
        clause('"return.window" = "20 d"', f"when = {{ {two} }}", name="two"),
    )
    if meet:
        assert "rank equally" in problems_of(lambda: pack(*clauses))[0][1]
    else:
        assert len(pack(*clauses).clauses) == 2


def test_a_narrower_clause_outranks_a_wider_one() -> None:
    read = pack(
        clause('"return.window" = "15 d"', name="all"),
        clause('"return.window" = "16 d"', 'when = { reason = ["quality"] }', name="branch"),
        clause('"return.window" = "17 d"', 'when = { reason = ["quality.leaking"] }', name="leaf"),
        clause(
            '"return.window" = "18 d"',
            'when = { category = ["a/b"], reason = ["quality.leaking"] }',
            name="both",
        ),
    )
    assert [c.when.specificity for c in read.clauses] == [0, 1, 2, 4]


LAW = clause('"return.window" = "20 d"', 'when = { buyer_country = ["BR"] }', name="law")


@pytest.mark.parametrize("layer", ["category", "seller", "promotion", "negotiated"])
def test_a_floor_may_not_be_broken_by_a_lower_layer(layer: str) -> None:
    law = pack(LAW, name="law", layer="jurisdiction")
    mean = pack(clause('"return.window" = "19 d"', name="mean"), name="mean", layer=layer)
    [(line, what, _)] = problems_of(lambda: check_stack([law, mean]))
    assert line == 9
    assert what == "clause mean breaks the floor of law (law.toml:9) in return.window"
    check_stack([law, pack(clause('"return.window" = "20 d"', name="kind"), name="kind", layer=layer)])


def test_a_clause_that_never_meets_a_floor_does_not_break_it() -> None:
    law = pack(LAW, name="law", layer="jurisdiction")
    here = clause('"return.window" = "15 d"', 'when = { buyer_country = ["US"] }', name="here")
    check_stack([law, pack(here, name="here", layer="seller")])


def test_the_platform_may_stand_below_a_floor() -> None:
    check_stack([pack(clause('"return.window" = "15 d"')), pack(LAW, name="law", layer="jurisdiction")])


def test_two_laws_never_tie() -> None:
    laws = [
        pack(clause(f'"return.window" = "{n} d"', name=f"law{n}"), name=f"law{n}", layer="jurisdiction")
        for n in (14, 30)
    ]
    check_stack(laws)


@pytest.mark.parametrize(
    ("parameter", "floor", "kind", "mean"),
    [
        ("ship.handling", "7 d", "6 d", "8 d"),
        ("returnless.below", "USD 10.00", "USD 11.00", "USD 9.99"),
        ("guarantee.late_partial", "10 %", "11 %", "9 %"),
        ("refund.eta.card", "3-15 working days", "2-15 working days", "3-16 working days"),
        ("withdrawal.window", "14 calendar days", "15 calendar days", "16 d"),
    ],
)
def test_kinder_depends_on_the_parameter(parameter: str, floor: str, kind: str, mean: str) -> None:
    default = 'default = "cancel_unshipped"' if parameter == "ship.handling" else ""

    def one(value: str, layer: str) -> Pack:
        return pack(clause(f'"{parameter}" = "{value}"', default, name=layer), name=layer, layer=layer)

    law = one(floor, "jurisdiction")
    check_stack([law, one(kind, "seller")])
    assert "breaks the floor" in problems_of(lambda: check_stack([law, one(mean, "seller")]))[0][1]


@pytest.mark.row("C2")
@pytest.mark.parametrize(("days", "good"), [(14, False), (15, True), (30, True), (31, False)])
def test_a_seller_stays_within_the_platforms_bounds(days: int, *, good: bool) -> None:
    platform = pack(clause('"return.window" = "15 d"', 'bounds = ["15 d", "30 d"]', name="p"))
    seller = pack(
        clause(f'"return.window" = "{days} d"', name="s"),
        name="s",
        layer="seller",
        more='seller = "kettle-works"',
    )
    if good:
        check_stack([platform, seller])
    else:
        assert "lies outside the bounds" in problems_of(lambda: check_stack([platform, seller]))[0][1]
    promotion = pack(clause(f'"return.window" = "{days} d"', name="x"), name="x", layer="promotion")
    check_stack([platform, promotion])


def test_a_sellers_pack_is_about_that_seller_and_an_agreement_about_that_order() -> None:
    seller = pack(clause('"return.window" = "20 d"'), layer="seller", more='seller = "kettle-works"')
    assert seller.clauses[0].when == Conditions(seller=("kettle-works",))
    agreed = pack(clause('"return.extension" = "40 d"'), layer="negotiated", more='order = "O-1"')
    assert agreed.clauses[0].when == Conditions(order=("O-1",))
    assert agreed.layer is Layer.NEGOTIATED


def test_a_pack_extends_only_one_of_its_layer() -> None:
    lost = pack(clause('"return.window" = "20 d"'), name="lost", more='extends = "default"')
    assert "extends default, which is not in its layer" in problems_of(lambda: check_stack([lost]))[0][1]


def test_a_draft_is_in_force_at_no_time() -> None:
    read = pack(clause('"return.window" = "20 d"'))
    assert read.published_at(datetime(2026, 1, 1, tzinfo=UTC))
    assert not read.published_at(datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))
    draft = load_pack('[pack]\nid = "d"\nversion = 1\nlayer = "seller"\ntitle = "D"\n', "d.toml")
    assert not draft.published_at(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_mistake_on_a_row_of_its_own_is_told_with_that_row() -> None:
    rows = ['[[clause]]', 'id = "a"', 'sets."return.window" = "15 d"', 'sets."reopen.window" = "x"',
            'sentence = "s"', 'citation = "c"']  # fmt: skip
    head = '[pack]\nid = "x"\nversion = 1\nlayer = "platform"\ntitle = "t"\n'
    with pytest.raises(PackError) as raised:
        load_pack(head + "\n".join(rows), "x.toml")
    (problem,) = raised.value.problems
    assert problem.line == 9
