"""Sellers' policies: what they set, what they may not, and which rule answers."""

from datetime import UTC, datetime

import pytest

from amends.adapters.packs import load
from amends.domain.money import Money
from amends.domain.policy.clauses import Facts
from amends.domain.policy.packs import load_pack
from amends.domain.policy.sellers import (
    FIELDS,
    Address,
    Published,
    Rule,
    SellerPolicy,
    mistakes,
    pack_of,
    undercut,
)
from amends.domain.policy.stack import check_stack
from amends.domain.policy.terms import resolve

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
DEFAULT = load(("default",))
LAW = load_pack(
    """
[pack]
id = "law"
version = 1
layer = "jurisdiction"
title = "A law"
state = "published"
published_from = 2020-01-01T00:00:00Z
[[clause]]
id = "law.window"
sets = { "return.window" = "20 d" }
when = { buyer_country = ["DE"] }
sentence = "Here the buyer has 20 days."
citation = "an invented law"
""",
    "law.toml",
)
FULL = SellerPolicy(
    window_days=30,
    free_days=20,
    pays_way_back=True,
    exchanges=("no_reason.wrong_size_ordered",),
    keep_below=Money(2000, "EUR"),
    restocking=1000,
)


def published(policy: SellerPolicy, seller: str = "lamps") -> Published:
    return Published(seller_id=seller, version=3, published_at=AT, policy=policy)


def facts(seller: str = "lamps") -> Facts:
    return Facts(placed_at=AT, currency="EUR", seller=seller, price=4000)


def test_a_policy_becomes_clauses_that_stand_on_the_platforms() -> None:
    own = pack_of(published(FULL), DEFAULT)
    check_stack([*DEFAULT, own])
    terms = resolve([*DEFAULT, own], facts())
    assert terms.get("return.window").value.amount == 30
    assert terms.get("free_return.offered").value is True
    assert terms.get("free_return.window").value.amount == 20
    assert terms.get("freight.payer", "no_reason.changed_mind").value == "seller"
    assert terms.get("returnless.below").value == 2000
    assert terms.get("return.restocking").value == 1000
    grounds = terms.words("exchange.grounds")
    assert {"no_reason.wrong_size_ordered", "quality.defective"} <= set(grounds)
    assert "lamps@3" in ",".join(terms.packs)
    assert "version 3" in terms.clause("seller.return.window").citation


def test_a_policy_holds_for_its_seller_alone() -> None:
    own = pack_of(published(FULL), DEFAULT)
    assert resolve([*DEFAULT, own], facts("rival")).get("return.window").value.amount == 15


def test_an_empty_policy_leaves_everything_to_the_platform() -> None:
    own = pack_of(published(SellerPolicy()), DEFAULT)
    assert own.clauses == ()
    assert undercut(published(SellerPolicy()), DEFAULT) == []


@pytest.mark.parametrize(
    ("policy", "clause", "field"),
    [
        (SellerPolicy(window_days=14), "return.window.default", "window_days"),
        (SellerPolicy(window_days=31), "return.window.default", "window_days"),
        (SellerPolicy(restocking=1501), "return.restocking.default", "restocking"),
    ],
)
def test_what_leaves_the_bounds_is_told_with_its_clause(
    policy: SellerPolicy, clause: str, field: str
) -> None:
    (breach,) = undercut(published(policy), DEFAULT)
    assert (breach.floor.id, FIELDS[breach.parameter]) == (clause, field)


def test_a_law_is_a_floor_for_sellers_too() -> None:
    (breach,) = undercut(published(SellerPolicy(window_days=19)), [*DEFAULT, LAW])
    assert (breach.floor.id, breach.why) == ("law.window", "breaks the floor")
    assert undercut(published(SellerPolicy(window_days=20)), [*DEFAULT, LAW]) == []


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        (SellerPolicy(window_days=0), "/window_days"),
        (SellerPolicy(free_days=366), "/free_days"),
        (SellerPolicy(restocking=-1), "/restocking"),
        (SellerPolicy(keep_below=Money(0, "EUR")), "/keep_below"),
        (SellerPolicy(keep_below=Money(1, "ABC")), "/keep_below"),
        (SellerPolicy(label="nobody"), "/label"),
        (SellerPolicy(exchanges=("no.such",)), "/exchanges/0"),
        (SellerPolicy(addresses=(Address(" "),)), "/addresses/0/text"),
        (SellerPolicy(addresses=(Address("x", "Germany"),)), "/addresses/0/country"),
        (SellerPolicy(addresses=(Address("x"), Address("y"))), "/addresses/1/country"),
        (SellerPolicy(sends_address=True), "/sends_address"),
        (SellerPolicy(rules=(Rule(name=""),)), "/rules/0/name"),
        (SellerPolicy(rules=(Rule(name="x", does="offer"),)), "/rules/0/share"),
        (SellerPolicy(rules=(Rule(name="x", at_most=5),)), "/rules/0/currency"),
        (SellerPolicy(rules=(Rule(name="x", at_most=-5, currency="EUR"),)), "/rules/0/at_most"),
        (SellerPolicy(rules=(Rule(name="x", reasons=("no.such",)),)), "/rules/0/reasons/0"),
        (SellerPolicy(rules=(Rule(name="x"),) * 21), "/rules"),
    ],
)
def test_each_mistake_is_told_where_it_is(policy: SellerPolicy, pointer: str) -> None:
    assert [one.pointer for one in mistakes(policy)] == [pointer]


def test_a_sound_policy_has_no_mistakes() -> None:
    sound = SellerPolicy(
        addresses=(Address("Lisbon"), Address("Hamburg", "DE")),
        sends_address=True,
        rules=(Rule(name="Small", reasons=("quality",), at_most=1500, currency="EUR"),),
    )
    assert list(mistakes(sound)) == []
    assert (sound.address("DE"), sound.address("FR")) == ("Hamburg", "Lisbon")
    assert SellerPolicy().address("DE") == ""
