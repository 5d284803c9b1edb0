"""Every clause of every pack that comes along decides something people would see.

The cases are drawn from the packs, so that a new clause cannot be forgotten: it fails until a scene of
`tests.domain.policy.outcomes` turns on it.
"""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace
from tests.domain.policy.outcomes import AROUND, World, probes_of

from amends.adapters.packs import LAWS, load, shipped
from amends.domain.money import Money
from amends.domain.policy.clauses import Clause, Conditions, Facts, Layer, convert
from amends.domain.policy.parameters import PARAMETERS, Parameter, Value, at_least_as_kind
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import resolve
from amends.domain.reasons import REASONS, covers
from amends.domain.time import Period

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
STACKS = {
    **dict.fromkeys(("default", *LAWS), load(("default", *LAWS))),
    "aliexpress": load(("default", "aliexpress", *LAWS)),
}
Setter = Value | Money


class Rule(NamedTuple):
    """One value that a clause of a pack sets."""

    pack: str
    clause: str
    parameter: str


EVERY = [
    Rule(name, clause.id, parameter)
    for name in STACKS
    for pack in STACKS[name]
    if pack.pack_id == name
    for clause in pack.clauses
    for parameter in clause.sets
]

SAYS_ONLY = {
    "mediation.burden.default": "who shows what is said by the reasons; decisions name this clause for it",
    "guarantee.conformity.default": "claims end with the time to return: how long the law goes on is shown",
    "eu.conformity": "as above; docs/fair-play.md lists it under what nothing here acts on",
    "uk.presumption": "as above",
    "cn.withdrawal_freight": "the law leaves the way back to the buyer: the least kind value bounds nothing",
    "kr.withdrawal_freight": "as above",
}
"""The clauses that decide nothing, and why they stand in their pack all the same: people read them."""


def found(rule: Rule) -> tuple[tuple[Pack, ...], Pack, Clause]:
    packs = STACKS[rule.pack]
    pack = next(one for one in packs if one.pack_id == rule.pack)
    return packs, pack, next(one for one in pack.clauses if one.id == rule.clause)


def meeting(when: Conditions, pack: Pack, value: Setter) -> tuple[Facts, tuple[str, ...], str]:
    """An order line, leaves of reasons, and a refund method that a clause's conditions are about."""
    known: dict[str, Any] = {"placed_at": when.placed_from or AT, "currency": "EUR", "price": 4000}
    for name in ("seller", "category", "shipping_method", "buyer_tier", "buyer_country", "seller_country",
                 "order", "seller_standing"):  # fmt: skip
        if getattr(when, name):
            known[name] = getattr(when, name)[0]
    known["traits"] = when.traits
    if when.price_below is not None:
        below = convert(Money(when.price_below.amount - 1, when.price_below.currency), "EUR", pack.rates)
        known["price"] = below
    if isinstance(value, Period) and value.pauses:
        # So long before a pause that clocks which start at once or after the delivery run into it.
        first = value.pauses[-1][0]
        known["placed_at"] = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=5)
    reasons = [next(code for code in REASONS if covers(prefix, code)) for prefix in when.reason]
    return Facts(**known), tuple(reasons) or ("",), when.method[0] if when.method else ""


def saying(packs: tuple[Pack, ...], rule: Rule, value: Setter | None) -> tuple[Pack, ...]:
    """The packs with another value in the clause, or with none of it."""

    def said(clause: Clause) -> Clause:
        others = {name: one for name, one in clause.sets.items() if name != rule.parameter}
        return replace(clause, sets=others if value is None else {**others, rule.parameter: value})

    return tuple(
        replace(
            pack,
            clauses=tuple(said(one) if one.id == rule.clause else one for one in pack.clauses),
            digest=f"{pack.digest}/{rule.parameter}={value}",
        )
        if pack.pack_id == rule.pack
        else pack
        for pack in packs
    )


def beside(packs: tuple[Pack, ...], sets: dict[str, Setter]) -> tuple[Pack, ...]:
    """The packs, and on top of the platform's one that says something else."""
    top = next(one for one in reversed(packs) if one.layer is Layer.PLATFORM)
    clauses = tuple(
        Clause(id=f"house.{name}", sets={name: value}, sentence="So.", citation="none",
               default=next(iter(PARAMETERS[name].outcomes), ""))
        for name, value in sets.items()
    )  # fmt: skip
    house = Pack(
        pack_id="house", version=1, layer=Layer.PLATFORM, title="House", digest=f"{sets}", file="house",
        clauses=clauses, state="published", published_from=datetime(2000, 1, 1, tzinfo=UTC),
        extends=top.pack_id,
    )  # fmt: skip
    return (*packs, house) if sets else packs


def another(parameter: Parameter, value: Setter) -> Setter:
    """A value that is not this one, by far enough to be seen."""
    other: Setter = ""
    match value:
        case bool():
            other = not value
        case Money():
            other = Money(value.amount // 4 or 20_000, value.currency)
        case Period():
            other = replace(value, amount=value.amount * 3 // 2 + 1 if value.amount else 45, pauses=())
        case int():
            other = (value // 2 or 2_000) if parameter.type == "percent" else value + 1
        case tuple() if parameter.type == "percents":
            other = tuple(int(share) // 2 for share in value)
        case tuple() if parameter.type == "working_days":
            other = tuple(int(days) + 2 for days in value)
        case tuple():
            other = () if value else (parameter.allowed or ("home",))
        case _ if parameter.type == "date":
            other = "2027-06-30"
        case _:
            other = next((word for word in parameter.allowed if word != value), "")
    return other


def worst(parameter: Parameter) -> Setter:
    """A value no law can be content with."""
    more = parameter.kinder == "more"
    match parameter.type:
        case "period":
            return Period(0 if more else 60, "days")
        case "flag":
            return not more
        case "word":
            return parameter.allowed[0 if more else -1]
        case "words":
            return () if more else (*parameter.allowed, "underwear", "home")
        case _:
            return 0 if more else 9_000


def rivals(rule: Rule) -> list[tuple[tuple[Pack, ...], tuple[Pack, ...]]]:
    """The packs with the clause and without it: as they come, and under a harsh marketplace for a floor."""
    packs, pack, clause = found(rule)
    facts, reasons, method = meeting(clause.when, pack, clause.sets[rule.parameter])
    around = AROUND.get(rule.parameter, {})
    as_they_come = beside(packs, around)
    silent = saying(as_they_come, rule, None)
    if not resolve(silent, facts).has(rule.parameter, reasons[0], method):
        # Nobody else says anything: another word of the same clause stands against it.
        value = clause.sets[rule.parameter]
        return [(as_they_come, saying(as_they_come, rule, another(PARAMETERS[rule.parameter], value)))]
    pairs = [(as_they_come, silent)]
    if pack.extends:
        # What it says it says whatever becomes of the pack below.
        below = tuple(
            Rule(other.pack_id, one.id, rule.parameter)
            for other in packs
            if other.pack_id == pack.extends
            for one in other.clauses
            if rule.parameter in one.sets
        )
        moved = as_they_come
        for one in below:
            value = clause.sets[rule.parameter]
            moved = saying(moved, one, another(PARAMETERS[rule.parameter], value))
        pairs.append((moved, saying(moved, rule, None)))
    if pack.layer is Layer.JURISDICTION:
        harsh = beside(packs, {**around, rule.parameter: worst(PARAMETERS[rule.parameter])})
        pairs.append((harsh, saying(harsh, rule, None)))
    return pairs


def decides(rule: Rule) -> bool:
    """Whether some scene ends otherwise without the clause."""
    _, pack, clause = found(rule)
    facts, reasons, method = meeting(clause.when, pack, clause.sets[rule.parameter])
    for (spoken, unspoken), reason in product(rivals(rule), reasons):
        one, other = resolve(spoken, facts), resolve(unspoken, facts)
        said = one.get(rule.parameter, reason, method), other.get(rule.parameter, reason, method)
        if said[0].value == said[1].value:
            continue
        for probe in probes_of(rule.parameter):
            first = probe(World(one, facts, reason, method, spoken))
            if first != probe(World(other, facts, reason, method, unspoken)):
                return True
    return False


@pytest.mark.row("P12")
@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: f"{rule.clause}:{rule.parameter}")
def test_a_clause_decides_what_people_see(rule: Rule) -> None:
    packs, pack, clause = found(rule)
    facts, reasons, method = meeting(clause.when, pack, clause.sets[rule.parameter])
    terms = resolve(packs, facts)
    assert terms.clauses[clause.id].sentence == clause.sentence
    for reason in reasons:
        assert clause.id in {one.clause for one in terms.explain(rule.parameter, reason, method)}
    assert decides(rule) is (clause.id not in SAYS_ONLY)


def test_every_pack_that_comes_along_and_every_rule_is_tried() -> None:
    assert set(STACKS) == set(shipped())
    assert {rule.parameter for rule in EVERY} == set(PARAMETERS)
    assert set(SAYS_ONLY) <= {rule.clause for rule in EVERY}
    # What a law leaves at the least kind value could not decide anything, whatever a marketplace says.
    for clause_id in ("cn.withdrawal_freight", "kr.withdrawal_freight"):
        _, _, clause = found(next(rule for rule in EVERY if rule.clause == clause_id))
        (value,) = clause.sets.values()
        assert not isinstance(value, Money)
        assert at_least_as_kind(PARAMETERS["freight.payer"], "buyer", value)
