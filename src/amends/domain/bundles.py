"""Bundles: several goods sold as one article, each part a line of its own with its share of the price.

So a part is claimed, sent back, refunded and exchanged like anything else, up to what it cost; whether it may
come back without the others is a term (`return.bundle_parts`).
"""

from collections.abc import Iterable, Sequence

import msgspec

from amends.domain.money import allocate
from amends.domain.orders import Bundle, Components, Line, Unit


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a bundle: ``pieces`` of it are in each, and ``price`` is what one costs by itself.

    Only how the prices of the parts compare counts: they may add up to more than the bundle costs. What a
    part does not say (category, traits) is as with the bundle.
    """

    part_id: str
    title: str
    price: int
    pieces: int = 1
    category: str = ""
    sku: str = ""
    variant: str = ""
    traits: tuple[str, ...] | None = None
    weight_g: int = 0
    volume_cm3: int = 0


def parted(line: Line, parts: Sequence[Part]) -> tuple[Line, ...]:
    """The bundle as a line a part. Each component of each bundle is divided by the parts' prices, by largest
    remainder, so that the parts of a bundle cost what it cost, to the cent.

    Without parts the line itself. Raises `ValueError` for a part of no pieces or a negative price.
    """
    if not parts:
        return (line,)
    if min(part.pieces for part in parts) < 1:
        raise ValueError("a part is in its bundle at least once")
    weights = [part.price for part in parts for _ in range(part.pieces)]
    shares = [_shares(unit, weights) for unit in line.units]
    lines, first = [], 0
    for part in parts:
        last = first + part.pieces
        lines.append(
            msgspec.structs.replace(
                line,
                line_id=part.part_id,
                title=part.title,
                category=part.category or line.category,
                units=tuple(share for of_one in shares for share in of_one[first:last]),
                sku=part.sku,
                variant=part.variant,
                traits=line.traits if part.traits is None else part.traits,
                weight_g=part.weight_g,
                volume_cm3=part.volume_cm3,
                bundle=Bundle(line.line_id, line.title, part.pieces),
            )
        )
        first = last
    return tuple(lines)


def _shares(unit: Components, weights: list[int]) -> list[Components]:
    items = allocate(unit.item, weights)
    # What is off or on top of a price goes by that price, so that no part is discounted below nothing.
    of_items = items if unit.item else weights
    divided = [allocate(amount, of_items) for amount in (unit.discount, unit.shipping, unit.tax, unit.fee)]
    return [Components(*parts) for parts in zip(items, *divided, strict=True)]


def of_bundles(lines: Iterable[Line], line_ids: Iterable[str]) -> tuple[str, ...]:
    """Line ids, where a bundle's own id stands for all of its parts."""
    parts: dict[str, list[str]] = {}
    for line in lines:
        if line.bundle is not None:
            parts.setdefault(line.bundle.bundle_id, []).append(line.line_id)
    return tuple(dict.fromkeys(part for name in line_ids for part in parts.get(name, [name])))


def rest_of(lines: Iterable[Line], units: Iterable[Unit]) -> tuple[Unit, ...]:
    """The units that were sold in the same bundles as ``units`` and are none of them."""
    known = {line.line_id: line for line in lines}
    chosen = tuple(units)
    opened = {
        (line.bundle.bundle_id, unit.index // line.bundle.pieces)
        for unit in chosen
        if (line := known.get(unit.line_id)) is not None and line.bundle is not None
    }
    return tuple(
        unit
        for line in known.values()
        if line.bundle is not None
        for index in range(line.quantity)
        if (line.bundle.bundle_id, index // line.bundle.pieces) in opened
        and (unit := Unit(line.line_id, index)) not in chosen
    )
