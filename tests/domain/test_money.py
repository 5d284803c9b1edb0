"""Amounts are divided to the last minor unit, fairly, in every currency."""

from itertools import pairwise

import pytest
from babel.core import get_global
from babel.numbers import get_territory_currencies
from hypothesis import given
from hypothesis import strategies as st

from amends.domain.money import CURRENCIES, allocate, decimals, is_currency

totals = st.one_of(st.integers(0, 20), st.integers(0, 10**12))
weights = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 10**9)), min_size=1, max_size=12)


@pytest.mark.row("P3")
@given(totals, weights)
def test_the_parts_add_up_exactly(total: int, by: list[int]) -> None:
    assert sum(allocate(total, by)) == total


@given(totals, weights.filter(any))
def test_no_part_is_off_its_exact_share_by_a_whole_unit(total: int, by: list[int]) -> None:
    whole = sum(by)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(allocate(total, by), by))


@given(totals, weights.filter(any))
def test_a_larger_weight_never_gets_less(total: int, by: list[int]) -> None:
    parts = allocate(total, by)
    ranked = sorted(zip(by, parts))
    assert all(heavier >= lighter for (light, lighter), (heavy, heavier) in pairwise(ranked) if heavy > light)


@given(totals, weights.filter(any))
def test_a_part_without_weight_gets_nothing(total: int, by: list[int]) -> None:
    assert all(part == 0 for part, weight in zip(allocate(total, by), by) if weight == 0)


@given(weights, st.data())
def test_a_part_never_exceeds_its_weight_while_the_total_does_not(by: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(by)))
    assert all(0 <= part <= weight for part, weight in zip(allocate(total, by), by))


@given(st.integers(0, 5000), st.integers(0, 5000).map(lambda n: n + 1), st.integers(0, 5000))
def test_of_two_parts_none_shrinks_when_the_total_grows(total: int, one: int, other: int) -> None:
    before, after = allocate(total, [one, other]), allocate(total + 1, [one, other])
    assert all(0 <= later - earlier <= 1 for earlier, later in zip(before, after))


@given(totals, weights)
def test_a_negative_total_is_divided_as_its_opposite(total: int, by: list[int]) -> None:
    assert allocate(-total, by) == [-part for part in allocate(total, by)]


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("total", "by", "parts"),
    [
        (100, [1, 1, 1], [33, 33, 34]),
        (2, [1, 1, 1], [0, 1, 1]),
        (1, [1, 1], [0, 1]),
        (10, [3, 3, 1], [4, 4, 2]),
        (5, [0, 0], [2, 3]),
        (0, [7, 0], [0, 0]),
        (7, [1, 0, 1, 0], [3, 0, 4, 0]),
    ],
)
def test_the_largest_remainder_gets_the_rest_and_the_last_part_the_residue(
    total: int, by: list[int], parts: list[int]
) -> None:
    assert allocate(total, by) == parts


def test_there_must_be_something_to_divide_over() -> None:
    with pytest.raises(ValueError, match="weights are empty"):
        allocate(5, [])


@pytest.mark.parametrize("total", [5, -5, 0])
def test_weights_are_not_negative(total: int) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        allocate(total, [3, -1])


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("currency", "places"),
    [("JPY", 0), ("KRW", 0), ("ISK", 0), ("UGX", 0), ("EUR", 2), ("HUF", 2), ("MGA", 2), ("KWD", 3),
     ("TND", 3), ("IQD", 3), ("CLF", 4), ("UYW", 4)],
)  # fmt: skip
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, places: int) -> None:
    assert decimals(currency) == places
    assert is_currency(currency)


def test_every_currency_that_is_legal_tender_somewhere_is_known() -> None:
    """CLDR knows what is tender where today; for the money of a few islands ISO 4217 has no code."""
    territories = get_global("territory_currencies")
    tender = {code for territory in territories for code in get_territory_currencies(territory)}
    assert len(tender) > 140
    assert tender - CURRENCIES <= {"FOK", "GGP", "IMP", "JEP", "KID", "TVD"}


@pytest.mark.parametrize("code", ["", "eur", "XXX", "XTS", "XAU", "EURO", "ZZZ", "DEM"])
def test_what_is_no_currency_to_pay_with_is_not_one(code: str) -> None:
    assert not is_currency(code)
