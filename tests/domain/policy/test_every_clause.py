"""Every clause of every pack that comes along does something: generated, so that a new one is tried too."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import amends
from amends.adapters.packs import LAWS, load
from amends.domain.money import Money
from amends.domain.policy.clauses import Clause, Conditions, Facts, convert
from amends.domain.policy.parameters import PARAMETERS
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms, resolve
from amends.domain.reasons import REASONS, covers

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
STACKS = {
    **dict.fromkeys(("default", *LAWS), load(("default", *LAWS))),
    "aliexpress": load(("default", "aliexpress", *LAWS)),
}
EVERY = [
    (pack.pack_id, clause.id)
    for packs in (STACKS["default"], STACKS["aliexpress"])
    for pack in packs
    if STACKS[pack.pack_id] is packs
    for clause in pack.clauses
]


def meeting(when: Conditions, pack: Pack) -> tuple[Facts, str, str]:
    """An order line, a reason and a refund method that a clause's conditions are about."""
    known: dict[str, Any] = {"placed_at": when.placed_from or AT, "currency": "EUR", "price": 4000}
    for name in ("seller", "category", "shipping_method", "buyer_tier", "buyer_country", "seller_country",
                 "order", "seller_standing"):  # fmt: skip
        if getattr(when, name):
            known[name] = getattr(when, name)[0]
    known["traits"] = when.traits
    if when.price_below is not None:
        below = convert(Money(when.price_below.amount - 1, when.price_below.currency), "EUR", pack.rates)
        known["price"] = below
    prefix = when.reason[0] if when.reason else ""
    reason = next((code for code in REASONS if prefix and covers(prefix, code)), "")
    return Facts(**known), reason, when.method[0] if when.method else ""


def found(pack_id: str, clause_id: str) -> tuple[tuple[Pack, ...], Pack, Clause]:
    packs = STACKS[pack_id]
    pack = next(one for one in packs if one.pack_id == pack_id)
    return packs, pack, next(one for one in pack.clauses if one.id == clause_id)


def without(packs: tuple[Pack, ...], pack: Pack, clause: Clause) -> tuple[Pack, ...]:
    left = replace(
        pack, clauses=tuple(one for one in pack.clauses if one is not clause), digest=f"{pack.digest}-"
    )
    return tuple(left if one is pack else one for one in packs)


def bears_on(terms: Terms, name: str, reason: str, method: str) -> list[str]:
    return [one.clause for one in terms.explain(name, reason, method)]


@pytest.mark.row("P12")
@pytest.mark.parametrize(("pack_id", "clause_id"), EVERY)
def test_a_clause_bears_on_an_order_and_is_missed_without(pack_id: str, clause_id: str) -> None:
    packs, pack, clause = found(pack_id, clause_id)
    facts, reason, method = meeting(clause.when, pack)
    terms = resolve(packs, facts)
    assert terms.clauses[clause_id].sentence == clause.sentence
    assert clause.citation
    for name in clause.sets:
        assert clause_id in bears_on(terms, name, reason, method), name
    left = resolve(without(packs, pack, clause), facts)
    assert clause_id not in left.clauses
    for name in clause.sets:
        # It won, or it is a floor for what did: without it, something else is said, or nothing.
        weighed = next(one for one in terms.explain(name, reason, method) if one.clause == clause_id)
        assert weighed.won or weighed.why in {"floor_kept", "outranked"}, name
        if weighed.won:
            assert not left.has(name, reason, method) or left.get(name, reason, method).clause != clause_id


def test_every_clause_wins_somewhere_or_is_a_floor() -> None:
    idle = []
    for pack_id, clause_id in EVERY:
        packs, pack, clause = found(pack_id, clause_id)
        facts, reason, method = meeting(clause.when, pack)
        terms = resolve(packs, facts)
        won = any(terms.get(name, reason, method).clause == clause_id for name in clause.sets)
        floor = any(
            one.clause == clause_id and one.floor for name in clause.sets for one in terms.values[name]
        )
        if not won and not floor:
            idle.append(clause_id)
    assert idle == []


def test_every_parameter_is_read_by_some_rule() -> None:
    """A value nothing reads would be a promise nobody keeps."""
    root = Path(amends.__file__).parent
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in root.rglob("*.py")
        if path.name != "parameters.py"
        and "node_modules" not in path.parts
        and "simulation" not in path.parts
    )
    families = ("refund.eta.", "partial.suggest.")
    unread = [
        name
        for name in PARAMETERS
        if f'"{name}"' not in source and not any(name.startswith(f) and f'f"{f}' in source for f in families)
    ]
    assert unread == []
