"""The packs of law: every clause does what it says, and nothing a seller writes goes below a floor."""

from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.adapters.packs import LAWS, load, shipped
from amends.domain.money import Money
from amends.domain.policy import terms as terms_module
from amends.domain.policy.clauses import Clause, Conditions, Facts, Layer
from amends.domain.policy.parameters import PARAMETERS, Parameter, Value, at_least_as_kind
from amends.domain.policy.sellers import (
    FIELDS,
    Published,
    SellerPolicy,
    allowed_pack,
    mistakes,
    pack_of,
    undercut,
)
from amends.domain.policy.stack import Pack, breaches, check_stack
from amends.domain.policy.terms import Term, Terms, resolve
from amends.domain.reasons import REASONS
from amends.domain.time import Period

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
ALL = load(("default", *LAWS))
CLAUSES = {clause.id: (pack, clause) for pack in ALL if pack.pack_id in LAWS for clause in pack.clauses}
W, M = "no_reason.withdrawal", "not_as_described.color"


class Says(NamedTuple):
    """What a clause comes to on an order in its country that nothing else speaks of."""

    country: str
    parameter: str
    reason: str
    value: object


# One line a clause, by hand: a clause without one fails.
SAID = {
    "eu.withdrawal": Says("DE", "withdrawal.window", W, "14 calendar days"),
    "eu.withdrawal_function": Says("FR", "withdrawal.function", W, True),
    "eu.before_shipping": Says("IT", "cancel.free_period", "cancel.changed_mind", "30 calendar days"),
    "eu.withdrawal_refund": Says("ES", "refund.includes_shipping", W, True),
    "eu.withdrawal_refund_time": Says("PL", "refund.total_max", W, "14 d"),
    "eu.withdrawal_return": Says("SE", "return.ship_by", W, "14 calendar days"),
    "eu.withdrawal_condition": Says("NL", "condition.required", W, ("complete",)),
    "eu.withdrawal_exceptions": Says("GR", "unreturnable.categories", W, ()),
    "eu.delivery": Says("IE", "ship.handling", "", "7 d"),
    "eu.conformity": Says("PT", "guarantee.conformity", "", "730 d"),
    "uk.withdrawal": Says("GB", "withdrawal.window", W, "14 d"),
    "uk.before_shipping": Says("GB", "cancel.shipping_charge", "cancel.mistake", False),
    "uk.withdrawal_refund": Says("GB", "refund.includes_shipping", W, True),
    "uk.withdrawal_refund_time": Says("GB", "refund.total_max", W, "14 d"),
    "uk.withdrawal_return": Says("GB", "return.ship_by", W, "14 d"),
    "uk.withdrawal_condition": Says("GB", "condition.required", W, ("complete",)),
    "uk.withdrawal_exceptions": Says("GB", "unreturnable.categories", W, ()),
    "uk.reject": Says("GB", "return.window", "quality.leaking", "30 d"),
    "uk.reject_refund": Says("GB", "refund.total_max", M, "14 d"),
    "uk.delivery": Says("GB", "ship.handling", "", "7 d"),
    "uk.presumption": Says("GB", "guarantee.presumption", "", "182 d"),
    "cn.withdrawal": Says("CN", "withdrawal.window", W, "7 calendar days"),
    "cn.withdrawal_freight": Says("CN", "freight.payer", W, "buyer"),
    "cn.withdrawal_refund_time": Says("CN", "refund.total_max", W, "7 d"),
    "cn.withdrawal_restocking": Says("CN", "return.restocking", W, 0),
    "cn.withdrawal_exceptions": Says("CN", "unreturnable.categories", W, ()),
    "cn.withdrawal_condition": Says("CN", "condition.required", W, ("undamaged", "complete")),
    "br.withdrawal": Says("BR", "withdrawal.window", W, "7 d"),
    "br.withdrawal_refund": Says("BR", "freight.payer", W, "seller"),
    "br.defects": Says("BR", "return.window", "quality.defective", "90 d"),
    "br.before_shipping": Says("BR", "cancel.free_period", "cancel.found_cheaper", "7 d"),
    "in.redress": Says("IN", "negotiation.limit", M, "15 d"),
    "in.redress_by_us": Says("IN", "mediation.backstop", M, "14 d"),
    "in.acknowledge": Says("IN", "contact.follow_up", "", "1 d"),
    "in.cancelling": Says("IN", "cancel.shipping_charge", "cancel.mistake", False),
    "kr.withdrawal": Says("KR", "withdrawal.window", W, "7 calendar days"),
    "kr.withdrawal_freight": Says("KR", "freight.payer", W, "buyer"),
    "kr.misdescribed": Says("KR", "return.window", M, "92 d"),
    "kr.refund": Says("KR", "refund.initiate", M, "3 working days"),
    "kr.withdrawal_restocking": Says("KR", "return.restocking", W, 0),
    "au.choice": Says("AU", "exchange.grounds", M, ("quality", "not_as_described")),
    "au.freight": Says("AU", "freight.payer", M, "seller"),
    "au.no_exclusion": Says("AU", "unreturnable.except", M, ("not_as_described", "quality")),
    "au.refund": Says("AU", "refund.includes_shipping", M, True),
    "us.shipping": Says("US", "ship.handling", "", "7 d"),
    "us.refund": Says("US", "refund.total_max", "cancel.mistake", "7 working days"),
}


def facts(country: str, **more: object) -> Facts:
    known: dict[str, object] = {"placed_at": AT, "currency": "EUR", "price": 4000, "seller": "lamps"}
    return Facts(**{**known, "buyer_country": country, **more})  # type: ignore[arg-type]


@pytest.mark.row("P12")
def test_every_clause_of_every_law_has_its_line() -> None:
    assert set(SAID) == set(CLAUSES)
    assert set(shipped()) == {"default", "aliexpress", *LAWS}


@pytest.mark.row("P12")
@pytest.mark.parametrize("clause_id", SAID)
def test_a_clause_comes_to_what_its_law_says(clause_id: str) -> None:
    country, parameter, reason, value = SAID[clause_id]
    terms = resolve(ALL, facts(country))
    found = terms.get(parameter, reason).value
    assert (str(found) if isinstance(found, Period) else found) == value
    assert clause_id in {one.clause for one in terms.explain(parameter, reason)}
    assert clause_id not in resolve(ALL, facts("NG")).clauses


@pytest.mark.row("P12")
@pytest.mark.parametrize("clause_id", sorted(CLAUSES))
def test_nothing_above_goes_below_a_clause_of_law(clause_id: str) -> None:
    pack, clause = CLAUSES[clause_id]
    country = clause.when.buyer_country[0]
    harsh = [
        Clause(id=f"harsh.{name}", sets={name: worst(PARAMETERS[name])}, sentence="Less.", citation="none",
               default=clause.default)
        for name in clause.sets
    ]  # fmt: skip
    rival = Pack(
        pack_id="rival", version=1, layer=Layer.NEGOTIATED, title="Harsh", digest=clause_id, file="rival",
        clauses=tuple(harsh), state="published", published_from=AT,
    )  # fmt: skip
    reasons = [code for code in REASONS if not clause.when.reason or covered(code, clause.when)]
    terms = resolve((*ALL, rival), facts(country))
    assert clause.citation
    assert clause.sentence.endswith(".")
    for name in clause.sets:
        for reason in reasons:
            assert_above_floors(terms, name, reason)
            floor = clause.sets[name]
            assert not isinstance(floor, Money)
            if not at_least_as_kind(PARAMETERS[name], worst(PARAMETERS[name]), floor):
                assert terms.get(name, reason).clause.startswith(f"{pack.pack_id}."), name


def covered(code: str, when: Conditions) -> bool:
    return any(code == prefix or code.startswith(f"{prefix}.") for prefix in when.reason)


def worst(parameter: Parameter) -> Value:
    """A value no law can be content with."""
    more = parameter.kinder == "more"
    match parameter.type:
        case "period":
            return Period(0 if more else 5000, "days")
        case "flag":
            return not more
        case "word":
            return parameter.allowed[0 if more else -1]
        case "words":
            return () if more else ("packaging", "tags", "custom", "underwear", "hazardous", "nothing")
        case _:
            return 0 if more else 10_000


def assert_above_floors(terms: Terms, name: str, reason: str) -> None:
    if not terms.has(name, reason):
        return
    won = terms.get(name, reason).value
    for one in terms.values[name]:
        if one.floor and one.applies(reason, ""):
            assert at_least_as_kind(PARAMETERS[name], won, one.value), (name, reason, won, one)


def test_the_laws_stand_on_the_default_and_under_the_marketplace() -> None:
    check_stack(ALL)
    check_stack(load(("default", "aliexpress", *LAWS)))
    countries = [country for pack, clause in CLAUSES.values() for country in clause.when.buyer_country]
    owners = {country: {pack.pack_id for pack, c in CLAUSES.values() if country in c.when.buyer_country}
              for country in countries}  # fmt: skip
    assert all(len(owner) == 1 for owner in owners.values())


CODES = st.sampled_from([*REASONS, "no_reason", "quality", "not_as_described"])
POLICIES = st.builds(
    SellerPolicy,
    window_days=st.none() | st.integers(1, 365),
    free_days=st.integers(0, 365),
    pays_way_back=st.booleans(),
    exchanges=st.lists(CODES, max_size=4, unique=True).map(tuple),
    keep_below=st.none() | st.builds(Money, st.integers(1, 10**7), st.sampled_from(["EUR", "JPY", "KWD"])),
    restocking=st.integers(0, 10_000),
)
BUYERS = st.builds(
    facts,
    st.sampled_from(["DE", "FR", "GB", "CN", "BR", "IN", "KR", "AU", "US", "NG", ""]),
    price=st.integers(0, 10**7),
    currency=st.sampled_from(["EUR", "USD", "JPY", "XXX"]),
    category=st.sampled_from(["", "apparel/underwear", "kitchen"]),
    buyer_tier=st.sampled_from(["standard", "platinum", "diamond"]),
    seller_standing=st.sampled_from(["", "new", "good", "strained"]),
    traits=st.sampled_from([(), ("custom",), ("perishable", "branded")]),
)


def test_every_country_of_a_law_has_all_of_its_floors() -> None:
    """One country stands for all of its law in the searches below."""
    for law in LAWS:
        own = {clause.id: clause for pack, clause in CLAUSES.values() if pack.pack_id == law}
        countries = {country for clause in own.values() for country in clause.when.buyer_country}
        found = {country: {name for name in resolve(ALL, facts(country)).clauses if name in own}
                 for country in countries}  # fmt: skip
        assert all(one == set(own) for one in found.values()), law


COUNTRIES = ("DE", "GB", "CN", "BR", "IN", "KR", "AU", "US", "NG")


def below_floors(own: Pack, buyer: Facts) -> list[tuple[str, str, str]]:
    """Where the terms a seller's pack gives are less kind than a floor, as (country, reason, parameter)."""
    found = []
    for country in COUNTRIES:
        terms = resolve((*ALL, own), msgspec.structs.replace(buyer, buyer_country=country))
        for reason, name in product(("", *REASONS), FIELDS):
            if not terms.has(name, reason):
                continue
            won = terms.get(name, reason).value
            floors = [one for one in terms.values[name] if one.floor and one.applies(reason, "")]
            if not all(at_least_as_kind(PARAMETERS[name], won, one.value) for one in floors):
                found.append((country, reason, name))
    return found


@pytest.mark.row("P12", "A4")
@settings(max_examples=40, deadline=None)
@given(policy=POLICIES, buyer=BUYERS)
def test_no_seller_policy_takes_a_buyer_below_a_floor(policy: SellerPolicy, buyer: Facts) -> None:
    """Whatever the policy, even one that publishing would refuse: in every country, for every reason."""
    own = Published(seller_id="lamps", version=1, published_at=AT, policy=policy)
    # There is nothing else that a seller could set.
    assert {name for clause in pack_of(own, ALL).clauses for name in clause.sets} <= set(FIELDS)
    assert below_floors(pack_of(own, ALL), buyer) == []
    assert undercut_by(allowed_pack(own, ALL)) == []


def undercut_by(own: Pack) -> list[str]:
    return [breach.parameter for breach in breaches((*ALL, own)) if breach.pack is own]


@pytest.mark.parametrize(
    ("policy", "name"),
    [(SellerPolicy(window_days=1), "return.window"), (SellerPolicy(restocking=9000), "return.restocking")],
)
def test_the_search_for_broken_floors_finds_one(
    policy: SellerPolicy, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were floors not kept when terms are read, the property above would not hold."""
    own = Published(seller_id="lamps", version=1, published_at=AT, policy=policy)
    assert below_floors(pack_of(own, ALL), facts("DE")) == []
    assert name in undercut_by(pack_of(own, ALL))

    def the_highest(found: Terms, wanted: str, reason: str, method: str) -> Term:
        first = next(one for one in found.values[wanted] if one.applies(reason, method))
        return Term(first.value, first.clause)

    monkeypatch.setattr(terms_module, "_term", the_highest)
    monkeypatch.setattr(terms_module, "_ANSWERS", {})
    assert name in {one[2] for one in below_floors(pack_of(own, ALL), facts("DE"))}


@pytest.mark.row("P12", "A4")
@settings(max_examples=100, deadline=None)
@given(policy=POLICIES, buyer=BUYERS, reason=st.sampled_from(["", *REASONS]))
def test_what_a_seller_may_publish_is_as_kind_as_the_platform(
    policy: SellerPolicy, buyer: Facts, reason: str
) -> None:
    """But for the few bounds the platform leaves to sellers."""
    own = Published(seller_id="lamps", version=1, published_at=AT, policy=policy)
    if any(mistakes(policy)) or undercut(own, ALL):
        return
    terms = resolve((*ALL, pack_of(own, ALL)), buyer)
    plain = resolve(ALL, buyer)
    for name in FIELDS:
        if not plain.has(name, reason):
            continue
        value, before = terms.get(name, reason).value, plain.get(name, reason).value
        if name == "return.restocking":
            assert value <= max(1500, before)
        elif name in ("return.window", "free_return.window"):
            assert at_least_as_kind(PARAMETERS[name], value, Period(1, "days"))
            assert name != "return.window" or at_least_as_kind(PARAMETERS[name], value, Period(15, "days"))
        elif name != "returnless.below":
            assert at_least_as_kind(PARAMETERS[name], value, before), name


def test_a_law_for_some_reasons_leaves_sellers_their_general_terms() -> None:
    """A shorter window stays publishable; for the reasons of the law its floor holds all the same."""
    own = Published(seller_id="lamps", version=1, published_at=AT, policy=SellerPolicy(window_days=20))
    assert undercut(own, ALL) == []
    terms = resolve((*ALL, pack_of(own, ALL)), facts("GB"))
    assert terms.get("return.window", "quality.leaking").clause == "uk.reject"
    assert terms.get("return.window", "no_reason.changed_mind").value.amount == 20
