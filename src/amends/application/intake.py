"""Takes orders in: freezes each line's terms, then tells the order, its parcels and scans, hundreds at once.

Used by imports, the bulk endpoints of the API, and the simulation. What is told again changes nothing.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from amends.application.ports import Done, Envelope, Result
from amends.domain.custody.commands import PlaceOrder, RecordParcel, RecordTracking
from amends.domain.custody.model import Custody
from amends.domain.imports import Entry, Summary
from amends.domain.orders import Order, Parcel
from amends.domain.parties import Actor
from amends.domain.policy.clauses import facts_of
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms, resolve
from amends.domain.refusals import Refused

Submit = Callable[[Sequence[Envelope]], Awaitable[Sequence[Result]]]
"""`amends.application.execute.execute` with everything but the commands bound."""

BATCH = 500


class Reading(Protocol):
    """One pass over a file of orders: iterate once, then ask for the summary.

    ``total`` is how many rows or orders there are, for a progress bar.
    """

    total: int

    def __iter__(self) -> Iterator[Entry]:
        """Orders, credit notes, and reports of what became neither. Raises `ImportRefused`."""

    def summary(self) -> Summary:
        """What was read so far."""


class NotTaken(msgspec.Struct, frozen=True):
    """An order, or a part of one, that was refused: ``step`` is the command's tag (place_order, ...)."""

    order_id: str
    step: str
    refused: Refused


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the orders told, counted by order.

    Each is ``placed`` (new), ``changed`` (known, with something new), ``unchanged``, or among the orders of
    ``not_taken``. ``captured`` is the money of the new ones by currency, in minor units.
    """

    placed: int = 0
    changed: int = 0
    unchanged: int = 0
    captured: dict[str, int] = {}
    not_taken: tuple[NotTaken, ...] = ()

    @property
    def told(self) -> int:
        """How many orders were told in all."""
        return self.placed + self.changed + self.unchanged + len({one.order_id for one in self.not_taken})


async def intake(
    orders: Iterable[Order],
    packs: Sequence[Pack],
    submit: Submit,
    *,
    actor: Actor,
    batch: int = BATCH,
    on_progress: Callable[[int], None] | None = None,
) -> Intake:
    """Tell ``orders``; one that is refused never stops the others.

    ``batch`` is how many commands make a transaction; an order's commands are never torn apart.
    ``on_progress`` hears how many more orders are done. Raises what ``submit`` raises when the store cannot
    be reached: all batches before are durable, and telling everything again is harmless.
    """
    count = _Count()
    waiting: list[tuple[Order, list[Envelope]]] = []
    for order in orders:
        envelopes = _envelopes(order, packs, actor)
        if isinstance(envelopes, Refused):
            count.not_taken.append(NotTaken(order.order_id, "place_order", envelopes))
            _tell(on_progress, 1)
            continue
        if waiting and sum(len(told) for _, told in waiting) + len(envelopes) > batch:
            await _send(waiting, submit, count)
            _tell(on_progress, len(waiting))
            waiting = []
        waiting.append((order, envelopes))
    await _send(waiting, submit, count)
    _tell(on_progress, len(waiting))
    return count.intake()


def freeze(order: Order, packs: Sequence[Pack], seller_standing: str = "") -> tuple[Order, tuple[Terms, ...]]:
    """The order with the terms each line was bought under; equal terms come once.

    ``seller_standing`` is what the seller's record came to at the purchase.

    Raises `LookupError` when no pack was in force at the purchase.
    """
    frozen: dict[str, Terms] = {}
    lines = []
    for line in order.lines:
        terms = resolve(packs, facts_of(order, line, seller_standing))
        frozen[terms.terms_id] = terms
        lines.append(replace(line, terms_id=terms.terms_id))
    return replace(order, lines=tuple(lines)), tuple(frozen.values())


def placing(order: Order, packs: Sequence[Pack], actor: Actor) -> Envelope:
    """The command that places ``order`` without its parcels, with its terms. Raises `LookupError`."""
    frozen, terms = freeze(replace(order, parcels=()), packs)
    return Envelope(command=PlaceOrder(order=frozen), actor=actor, order_id=order.order_id, terms=terms)


def sending(order_id: str, parcel: Parcel, actor: Actor) -> Envelope:
    """The command that says a parcel left; its scans are told apart, by `scanning`."""
    return Envelope(command=RecordParcel(parcel=replace(parcel, events=())), actor=actor, order_id=order_id)


def scanning(order_id: str, parcel: Parcel, actor: Actor) -> Envelope:
    """The command that tells a parcel's scans."""
    command = RecordTracking(parcel_id=parcel.parcel_id, events=parcel.events)
    return Envelope(command=command, actor=actor, order_id=order_id)


class _Count:
    """What became of the orders so far."""

    def __init__(self) -> None:
        self.placed = self.changed = self.unchanged = 0
        self.captured: dict[str, int] = {}
        self.not_taken: list[NotTaken] = []

    def intake(self) -> Intake:
        return Intake(
            placed=self.placed,
            changed=self.changed,
            unchanged=self.unchanged,
            captured=dict(self.captured),
            not_taken=tuple(self.not_taken),
        )


def _envelopes(order: Order, packs: Sequence[Pack], actor: Actor) -> list[Envelope] | Refused:
    try:
        place = placing(order, packs, actor)
    except LookupError as error:
        return Refused(kind="invalid", detail=f"The order has no terms: {error}.", pointer="/placed_at")
    return [place, *_parcel_envelopes(order, actor)]


def _parcel_envelopes(order: Order, actor: Actor) -> Iterator[Envelope]:
    for parcel in order.parcels:
        yield sending(order.order_id, parcel, actor)
        if parcel.events:
            yield scanning(order.order_id, parcel, actor)


async def _send(waiting: Sequence[tuple[Order, list[Envelope]]], submit: Submit, count: _Count) -> None:
    envelopes = [envelope for _, told in waiting for envelope in told]
    if not envelopes:
        return
    results = iter(await submit(envelopes))
    for order, told in waiting:
        _settle(order, told, [next(results) for _ in told], count)


def _settle(order: Order, told: Sequence[Envelope], results: Sequence[Result], count: _Count) -> None:
    place = results[0]
    for envelope, result in zip(told, results, strict=True):
        if isinstance(result, Refused):
            step = str(envelope.command.__struct_config__.tag)
            count.not_taken.append(NotTaken(order.order_id, step, result))
            if result is place and _unknown(results[1:]):
                # Parcels of an order that is not there: one refusal says it all.
                return
    if any(isinstance(result, Refused) for result in results):
        return
    recorded = [event for result in results if isinstance(result, Done) for event in result.recorded]
    if not recorded:
        count.unchanged += 1
    elif recorded[0].stream == order.order_id and recorded[0].seq == 1:
        count.placed += 1
        custody = place.custody if isinstance(place, Done) else None
        _add(count, custody)
    else:
        count.changed += 1


def _add(count: _Count, custody: Custody | None) -> None:
    if custody is not None:
        currency = custody.order.currency
        count.captured[currency] = count.captured.get(currency, 0) + sum(custody.books.captured.values())


def _unknown(results: Sequence[Result]) -> bool:
    return all(isinstance(result, Refused) and result.kind == "not_found" for result in results)


def _tell(on_progress: Callable[[int], None] | None, orders: int) -> None:
    if on_progress is not None and orders:
        on_progress(orders)
