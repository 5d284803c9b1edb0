"""Packs as they stand on each other: which clause outranks which, and which stacks contradict themselves."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from amends.domain.money import Money
from amends.domain.policy.clauses import Clause, Layer, Rates, convert
from amends.domain.policy.parameters import PARAMETERS, Parameter, Value, at_least_as_kind

State = Literal["draft", "published", "superseded"]


class Problem(msgspec.Struct, frozen=True):
    """One mistake in a pack: where, what, and how to mend it."""

    file: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}. {self.mend}"


class PackError(ValueError):
    """A pack, or a stack of packs, that cannot be used; ``problems`` has every mistake found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class NoSuchPack(LookupError):
    """A pack of that name does not come with Amends."""


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a pack; immutable once published: ``digest`` is the SHA-256 of its text.

    ``extends`` names a pack of the same layer that this one overrides; its clauses win over that one's.
    """

    pack_id: str
    version: int
    layer: Layer
    title: str
    digest: str
    file: str
    clauses: tuple[Clause, ...]
    state: State = "draft"
    published_from: datetime | None = None
    extends: str = ""
    rates: Rates | None = None

    def published_at(self, at: datetime) -> bool:
        """Whether orders placed ``at`` may fall under this version."""
        return self.state != "draft" and self.published_from is not None and self.published_from <= at


def check_stack(packs: Sequence[Pack]) -> None:
    """Whether these packs can stand on each other: `PackError` for ties and for broken floors and bounds."""
    problems = [*conflicts(packs), *_broken_floors(packs), *_lost_bases(packs)]
    if problems:
        raise PackError(problems)


def depth(pack: Pack, packs: Iterable[Pack]) -> int:
    """How many packs ``pack`` extends, one after the other."""
    by_id = {other.pack_id: other for other in packs}
    steps, current = 0, pack
    while current.extends in by_id and steps < len(by_id):
        current = by_id[current.extends]
        steps += 1
    return steps


def is_floor(pack: Pack, clause: Clause) -> bool:
    """Whether a clause bounds the layers above it: all of a jurisdiction's, and those that say so."""
    return clause.floor or pack.layer is Layer.JURISDICTION


def conflicts(packs: Sequence[Pack]) -> Iterator[Problem]:
    """Pairs of clauses of equal rank that set the same parameter and can apply to the same order."""
    for name, placed in _by_parameter(packs).items():
        if PARAMETERS[name].gathers:
            continue
        for n, (pack, clause) in enumerate(placed):
            if pack.layer is Layer.JURISDICTION:
                continue  # of two floors the kinder counts
            for other_pack, other in placed[:n]:
                if pack.pack_id == other_pack.pack_id and pack.version != other_pack.version:
                    continue  # never in force together
                tied = _rank(pack, clause, packs) == _rank(other_pack, other, packs)
                if tied and clause.when.can_meet(other.when):
                    yield Problem(
                        pack.file,
                        clause.line,
                        f"clauses {clause.id} and {other.id} ({other_pack.file}:{other.line}) rank equally, "
                        f"can both apply and both set {name}",
                        "Narrow one's conditions, or give one a priority",
                    )


def _rank(pack: Pack, clause: Clause, packs: Iterable[Pack]) -> tuple[int, int, int, int]:
    return pack.layer, depth(pack, packs), clause.priority, clause.when.specificity


def _by_parameter(packs: Iterable[Pack]) -> dict[str, list[tuple[Pack, Clause]]]:
    placed: dict[str, list[tuple[Pack, Clause]]] = {}
    for pack in packs:
        for clause in pack.clauses:
            for name in clause.sets:
                placed.setdefault(name, []).append((pack, clause))
    return placed


class Breach(NamedTuple):
    """A clause that undercuts one below it: ``why`` says it breaks the floor or lies outside the bounds."""

    pack: Pack
    clause: Clause
    lower: Pack
    floor: Clause
    parameter: str
    why: str


def breaches(packs: Sequence[Pack]) -> Iterator[Breach]:
    """Every clause of these packs that undercuts a floor, or a seller's that leaves the bounds set for it."""
    rates = next((pack.rates for pack in packs if pack.rates is not None), None)
    for name, placed in _by_parameter(packs).items():
        parameter = PARAMETERS[name]
        if parameter.gathers:
            continue
        for lower, floor in placed:
            for pack, clause in placed:
                if pack.layer <= max(lower.layer, Layer.JURISDICTION) or not clause.when.can_meet(floor.when):
                    continue
                if _yields(clause, lower, floor):
                    continue
                value = clause.sets[name]
                if is_floor(lower, floor) and not _kind(parameter, value, floor.sets[name], rates):
                    why = "breaks the floor"
                elif pack.layer is Layer.SELLER and not _within(parameter, value, floor, rates):
                    why = "lies outside the bounds"
                else:
                    continue
                yield Breach(pack, clause, lower, floor, name, why)


def _yields(clause: Clause, lower: Pack, floor: Clause) -> bool:
    """Whether a clause that names no reason simply gives way to a law's floor for some reasons.

    Terms keep to the floor for those reasons all the same; only a clause about them can mean to break it.
    """
    return lower.layer is Layer.JURISDICTION and bool(floor.when.reason) and not clause.when.reason


def _broken_floors(packs: Sequence[Pack]) -> Iterator[Problem]:
    for pack, clause, lower, floor, name, why in breaches(packs):
        yield Problem(
            pack.file,
            clause.line,
            f"clause {clause.id} {why} of {floor.id} ({lower.file}:{floor.line}) in {name}",
            "Set a value at least as kind to the buyer, or conditions that never meet it",
        )


def _within(parameter: Parameter, value: Value | Money, setter: Clause, rates: Rates | None) -> bool:
    if setter.bounds is None:
        return True
    least, most = setter.bounds
    if parameter.kinder == "less":
        least, most = most, least
    return _kind(parameter, value, least, rates) and _kind(parameter, most, value, rates)


def _kind(parameter: Parameter, value: Value | Money, floor: Value | Money, rates: Rates | None) -> bool:
    if isinstance(value, Money) and isinstance(floor, Money):
        turned = convert(value, floor.currency, rates)
        return turned is not None and at_least_as_kind(parameter, turned, floor.amount)
    if isinstance(value, Money) or isinstance(floor, Money):
        return False
    return at_least_as_kind(parameter, value, floor)


def _lost_bases(packs: Sequence[Pack]) -> Iterator[Problem]:
    layers = {pack.pack_id: pack.layer for pack in packs}
    for pack in packs:
        if pack.extends and layers.get(pack.extends) is not pack.layer:
            what = f"pack {pack.pack_id} extends {pack.extends}, which is not in its layer"
            yield Problem(pack.file, 1, what, "Load that pack too, or name another")
