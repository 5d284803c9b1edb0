"""Bundles: what each part of an article cost, and what belongs together."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from amends.domain.bundles import Part, of_bundles, parted, rest_of
from amends.domain.orders import Bundle, Components, Line, Unit
from amends.domain.refunds import sound

amounts = st.integers(0, 10_000)
some_parts = st.lists(st.tuples(amounts, st.integers(1, 4)), min_size=1, max_size=5)


@st.composite
def prices(draw: st.DrawFn) -> Components:
    item = draw(amounts)
    return Components(item, draw(st.integers(0, item)), draw(amounts), draw(amounts), draw(amounts))


def bundle(*units: Components) -> Line:
    return Line("set", "Tea set", "home/kitchen", units, "", traits=("branded",))


def parts(told: list[tuple[int, int]]) -> list[Part]:
    return [
        Part(part_id=f"p{n}", title=f"Part {n}", price=price, pieces=pieces)
        for n, (price, pieces) in enumerate(told)
    ]


@given(st.lists(prices(), min_size=1, max_size=3), some_parts)
def test_the_parts_of_each_bundle_cost_what_it_cost_and_can_be_refunded(
    units: list[Components], told: list[tuple[int, int]]
) -> None:
    lines = parted(bundle(*units), parts(told))
    for n, whole in enumerate(units):
        own = [
            unit
            for line, (_, pieces) in zip(lines, told, strict=True)
            for unit in line.units[n * pieces : (n + 1) * pieces]
        ]
        assert all(sound(unit) for unit in own)
        for name in ("item", "discount", "shipping", "tax", "fee"):
            assert sum(getattr(unit, name) for unit in own) == getattr(whole, name)


def test_parts_share_a_price_as_their_own_prices_compare() -> None:
    price = Components(item=9000, discount=900, shipping=450)
    pot, cup = parted(bundle(price), parts([(8000, 1), (2000, 2)]))
    assert pot.units == (Components(item=6000, discount=600, shipping=300),)
    assert cup.units == (Components(item=1500, discount=150, shipping=75),) * 2
    assert (cup.bundle, cup.traits) == (Bundle("set", "Tea set", 2), ("branded",))


def test_a_bundle_stands_for_its_parts_and_a_part_for_the_bundle_it_came_in() -> None:
    price = Components(item=900)
    lines = (
        *parted(bundle(price, price), parts([(1, 1), (1, 2)])),
        Line("lamp", "Lamp", "home/lamps", (price,), ""),
    )
    assert of_bundles(lines, ["set", "lamp", "p1"]) == ("p0", "p1", "lamp")
    assert rest_of(lines, [Unit("p1", 3)]) == (Unit("p0", 1), Unit("p1", 2))
    assert rest_of(lines, [Unit("lamp", 0)]) == ()


def test_a_part_is_in_its_bundle_at_least_once() -> None:
    with pytest.raises(ValueError, match="at least once"):
        parted(bundle(Components(item=900)), parts([(1, 0)]))
