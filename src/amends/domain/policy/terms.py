"""Terms: what policy gives one order line, resolved at purchase and never touched by later policy."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from amends.domain.money import Money
from amends.domain.policy.clauses import Clause, Facts, Layer, Rates, convert
from amends.domain.policy.parameters import PARAMETERS, Value, at_least_as_kind
from amends.domain.policy.stack import Pack, depth, is_floor
from amends.domain.reasons import covers
from amends.domain.time import Period


class Term(NamedTuple):
    """A value in force and the clause that set it; ``default`` is what happens when a clock is over."""

    value: Any
    clause: str
    default: str = ""


class ClauseText(msgspec.Struct, frozen=True, omit_defaults=True):
    """A clause as people read it."""

    id: str
    sentence: str
    citation: str
    sure: str = "verified"


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value a clause sets, if the reason and refund method are among the given (none: whatever they are).

    ``floor`` bounds the others from the unkind side instead of competing with them. ``note`` says what had
    to be assumed.
    """

    value: Value
    clause: str
    reason: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    floor: bool = False
    default: str = ""
    note: str = ""

    def applies(self, reason: str, method: str) -> bool:
        """Whether the remaining conditions hold."""
        if self.reason and not any(covers(prefix, reason) for prefix in self.reason):
            return False
        return not self.method or method in self.method


class Explained(msgspec.Struct, frozen=True):
    """One clause that bears on a parameter: the value it sets, whether it won, and why or why not."""

    clause: str
    value: Value
    won: bool
    why: str
    sentence: str
    citation: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Every parameter's candidates, highest ranked first, with the texts of all clauses named.

    ``terms_id`` is the first 24 hex digits of the SHA-256 of everything else as canonical JSON, so equal
    terms are stored once. ``packs`` are the versions they come from. Money is in minor units of ``currency``.
    """

    terms_id: str
    packs: tuple[str, ...]
    currency: str
    values: dict[str, tuple[Candidate, ...]]
    clauses: dict[str, ClauseText]

    def get(self, name: str, reason: str = "", method: str = "") -> Term:
        """The value of a parameter for a reason and refund method; `KeyError` where no clause sets it."""
        key = (self.terms_id, name, reason, method)
        term = _ANSWERS.get(key)
        if term is None:
            term = _term(self, name, reason, method)
            if len(_ANSWERS) >= _ANSWERS_MAX:
                _ANSWERS.clear()
            _ANSWERS[key] = term
        return term

    def has(self, name: str, reason: str = "", method: str = "") -> bool:
        """Whether some clause sets the parameter for that reason and method."""
        return any(candidate.applies(reason, method) for candidate in self.values.get(name, ()))

    def period(self, name: str, reason: str = "", method: str = "") -> Period:
        """A period; `TypeError` if the parameter is none."""
        value = self.get(name, reason, method).value
        if not isinstance(value, Period):
            raise TypeError(f"{name} is no period")
        return value

    def words(self, name: str, reason: str = "", method: str = "") -> tuple[str, ...]:
        """A list of words; `TypeError` if the parameter is none."""
        value: tuple[str, ...] = self.get(name, reason, method).value
        if not isinstance(value, tuple):
            raise TypeError(f"{name} is no list of words")
        return value

    def clause(self, clause_id: str) -> ClauseText:
        """The text of a clause these terms name; `KeyError` for any other."""
        text = self.clauses.get(clause_id)
        if text is None:
            raise KeyError(f"terms {self.terms_id} name no clause {clause_id!r}")
        return text

    def explain(self, name: str, reason: str = "", method: str = "") -> list[Explained]:
        """The clause that won and those it beat, highest ranked first."""
        won = self.get(name, reason, method)
        shown = []
        for candidate in self.values[name]:
            if not candidate.applies(reason, method):
                continue
            text = self.clauses[candidate.clause]
            is_won = candidate.clause == won.clause
            why = _why(candidate, is_won=is_won)
            shown.append(
                Explained(candidate.clause, candidate.value, is_won, why, text.sentence, text.citation)
            )
        return shown


_ANSWERS: dict[tuple[str, str, str, str], Term] = {}
_ANSWERS_MAX = 200_000


def _why(candidate: Candidate, *, is_won: bool) -> str:
    if candidate.note:
        return candidate.note
    if is_won:
        return "floor" if candidate.floor else "highest_rank"
    return "floor_kept" if candidate.floor else "outranked"


def _term(terms: Terms, name: str, reason: str, method: str) -> Term:
    candidates = terms.values.get(name)
    if candidates is None:
        what = "no clause of these terms sets it" if name in PARAMETERS else "there is no such parameter"
        raise KeyError(f"{name}: {what} (terms {terms.terms_id})")
    applying = [candidate for candidate in candidates if candidate.applies(reason, method)]
    if not applying:
        raise KeyError(f"{name}: no clause for reason {reason!r}, method {method!r} ({terms.terms_id})")
    best = next((candidate for candidate in applying if not candidate.floor), applying[0])
    parameter = PARAMETERS[name]
    for candidate in applying:
        if candidate.floor and not at_least_as_kind(parameter, best.value, candidate.value):
            best = candidate
    return Term(best.value, best.clause, best.default)


def in_force(packs: Sequence[Pack], at: datetime) -> tuple[Pack, ...]:
    """Of each pack the newest version that orders placed ``at`` fall under."""
    newest: dict[str, Pack] = {}
    for pack in packs:
        known = newest.get(pack.pack_id)
        if pack.published_at(at) and (known is None or pack.version > known.version):
            newest[pack.pack_id] = pack
    return tuple(newest.values())


def resolve(packs: Sequence[Pack], facts: Facts) -> Terms:
    """The terms of one order line under the packs in force when it was placed.

    Amounts of money are converted to the order's currency at the rates of the clause's own pack, or of the
    nearest pack below, half up to the whole minor unit. An amount whose currency has no rate counts as zero:
    no limit is granted on a guess. Raises `LookupError` when no pack of the platform is in force: what the
    law alone asks for answers only some of the questions that an order raises.
    """
    stack = _Stack(in_force(packs, facts.placed_at))
    if all(pack.layer is not Layer.PLATFORM for pack in stack.packs):
        raise LookupError(f"no pack of the platform is in force at {facts.placed_at.isoformat()}")
    applying = tuple(
        n for n, placed in enumerate(_ladder(stack)) if placed.clause.when.hold(facts, placed.rates)
    )
    return _resolved(stack, applying, facts.currency, facts.seller_country, facts.buyer_country)


def extend(terms: Terms, name: str, value: Value, text: ClauseText, reason: Sequence[str] = ()) -> Terms:
    """The same terms with one value made kinder to the buyer, by an agreement after purchase.

    The agreement bounds the value like a floor, so it can only favour the buyer; `KeyError` for an unknown
    parameter.
    """
    if name not in PARAMETERS:
        raise KeyError(f"{name}: there is no such parameter")
    known = terms.values.get(name, ())
    default = known[0].default if known else ""
    agreed = Candidate(value, text.id, tuple(reason), floor=True, default=default)
    return _seal(
        terms.packs,
        terms.currency,
        {**terms.values, name: (agreed, *known)},
        {**terms.clauses, text.id: text},
    )


class _Placed(NamedTuple):
    pack: Pack
    clause: Clause
    rates: Rates | None


class _Stack:
    """Packs as the key of a memo: hashed by their texts, equal by everything."""

    __slots__ = ("_hash", "packs")

    def __init__(self, packs: tuple[Pack, ...]) -> None:
        self.packs = packs
        self._hash = hash(tuple(pack.digest for pack in packs))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Stack) and self.packs == other.packs


@lru_cache(maxsize=256)
def _ladder(stack: _Stack) -> tuple[_Placed, ...]:
    """All clauses, highest ranked first: by layer, extension, priority, specificity, then id."""
    packs = stack.packs
    ranked = [
        (
            (-pack.layer, -depth(pack, packs), -clause.priority, -clause.when.specificity, clause.id),
            _Placed(pack, clause, _rates(pack, packs)),
        )
        for pack in packs
        for clause in pack.clauses
    ]
    return tuple(placed for _, placed in sorted(ranked, key=lambda pair: pair[0]))


def _rates(pack: Pack, packs: tuple[Pack, ...]) -> Rates | None:
    below = sorted(packs, key=lambda other: (other.layer, depth(other, packs)), reverse=True)
    own = [other for other in below if (other.layer, depth(other, packs)) <= (pack.layer, depth(pack, packs))]
    return next((other.rates for other in (pack, *own) if other.rates is not None), None)


@lru_cache(maxsize=4096)
def _resolved(
    stack: _Stack, applying: tuple[int, ...], currency: str, seller_country: str, buyer_country: str
) -> Terms:
    ladder = _ladder(stack)
    countries = {"seller": seller_country, "buyer": buyer_country}
    values: dict[str, tuple[Candidate, ...]] = {}
    clauses: dict[str, ClauseText] = {}
    for n in applying:
        placed = ladder[n]
        clause = placed.clause
        clauses[clause.id] = ClauseText(clause.id, clause.sentence, clause.citation, clause.sure)
        for name in clause.sets:
            candidate = _candidate(placed, name, currency, countries)
            values[name] = (*values.get(name, ()), candidate)
    # A law of other countries says nothing here, and terms that do not rest on it do not name it.
    bearing = {ladder[n].pack.pack_id for n in applying}
    versions = tuple(
        sorted(
            f"{pack.pack_id}@{pack.version}"
            for pack in stack.packs
            if pack.layer is not Layer.JURISDICTION or pack.pack_id in bearing
        )
    )
    return _seal(versions, currency, values, clauses)


def _candidate(placed: _Placed, name: str, currency: str, countries: dict[str, str]) -> Candidate:
    clause, parameter = placed.clause, PARAMETERS[name]
    raw, note = clause.sets[name], ""
    value: Value
    if isinstance(raw, Money):
        converted = convert(raw, currency, placed.rates)
        value = 0 if converted is None else converted
        note = f"no rate from {raw.currency} to {currency}: counted as zero" if converted is None else ""
    elif isinstance(raw, Period) and raw.calendar in countries:
        value = msgspec.structs.replace(raw, calendar=countries[raw.calendar])
    else:
        value = raw
    return Candidate(
        value,
        clause.id,
        reason=clause.when.reason,
        method=clause.when.method,
        floor=parameter.gathers or is_floor(placed.pack, clause),
        default=clause.default if parameter.outcomes else "",
        note=note,
    )


def _seal(
    packs: tuple[str, ...],
    currency: str,
    values: dict[str, tuple[Candidate, ...]],
    clauses: dict[str, ClauseText],
) -> Terms:
    content = msgspec.json.encode((packs, currency, values, clauses), order="deterministic")
    terms_id = hashlib.sha256(content).hexdigest()[:24]
    return Terms(terms_id=terms_id, packs=packs, currency=currency, values=values, clauses=clauses)
