"""The Olist orders as a past to be played: what each of them implies, and who acts on it.

An order that was canceled is cancelled by its buyer; one without stock by its seller; a parcel that never
arrived, came after the promised day, or got a review of 1 or 2 leads to a claim. One order implies one of
these at most, the first that fits.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from amends.application.intake import Reading, placing, scanning, sending
from amends.application.ports import Envelope, Result
from amends.application.replay import STEP, Happening, Progress, Replay, Replayed, View, World, outcome
from amends.domain.cases.commands import OpenCancellation, OpenClaim
from amends.domain.cases.model import EvidenceItem, Remedy
from amends.domain.custody.commands import CancelBySeller
from amends.domain.custody.events import UnitsCancelled
from amends.domain.imports import Imported
from amends.domain.orders import Order
from amends.domain.parties import Actor, Role
from amends.domain.policy.options import Option, free_units, options
from amends.domain.policy.stack import Pack
from amends.domain.refusals import Refused
from amends.domain.time import Calendars
from amends.simulation.answers import Answers
from amends.simulation.habits import Habits, Temper, hours, percent

MARKETPLACE = Actor(Role.OPERATOR, "olist")


class Implied(StrEnum):
    """What the record of an order implies under the policy."""

    CANCELED = "canceled"
    UNAVAILABLE = "unavailable"
    NEVER_SHIPPED = "never_shipped"
    NEVER_ARRIVED = "never_arrived"
    UNHAPPY = "unhappy"
    LATE = "late"
    NOTHING = "nothing"


_STORIES = {
    Implied.NEVER_ARRIVED: ("not_received.overdue",),
    Implied.UNHAPPY: (
        "not_as_described.color",
        "not_as_described.size",
        "not_as_described.material",
        "not_as_described.wrong_item",
        "quality.damaged_in_transit",
        "quality.defective",
    ),
    Implied.LATE: ("late.after_promise",),
}
_WISHES = {
    Implied.NEVER_ARRIVED: (("refund",),),
    Implied.UNHAPPY: (
        ("return", "refund", "partial"),
        ("refund", "partial", "return"),
        ("partial", "return"),
    ),
    Implied.LATE: (("partial", "return"), ("return", "partial")),
}


def implied(entry: Imported) -> Implied:
    """What an order's record implies."""
    order = entry.order
    shipped = bool(order.parcels)
    delivered = order.parcels[0].delivered_at if order.parcels else None
    if not shipped:
        stopped = {"canceled": Implied.CANCELED, "unavailable": Implied.UNAVAILABLE}
        return stopped.get(entry.status, Implied.NEVER_SHIPPED)
    if delivered is None:
        return Implied.NEVER_ARRIVED
    if entry.review is not None and entry.review.score <= 2:
        return Implied.UNHAPPY
    if order.promised_by is not None and delivered >= order.promised_by:
        return Implied.LATE
    return Implied.NOTHING


class OlistCast:
    """Buyers, sellers, mediators and carriers of the Olist orders."""

    def __init__(
        self, entries: Iterable[Imported], packs: Sequence[Pack], calendars: Calendars, habits: Habits
    ) -> None:
        self._entries = tuple(entries)
        self._packs = packs
        self._calendars = calendars
        self._habits = habits
        self._answers = Answers(habits, calendars)
        self._cancelled: set[str] = set()
        self.implied: Counter[str] = Counter()
        self.unheard: Counter[str] = Counter()

    def beginning(self) -> Iterator[Happening]:
        """Purchases, parcels and scans as the file tells them, and what people will want."""
        for entry in self._entries:
            order = entry.order
            what = implied(entry)
            self.implied[what.value] += 1
            place = placing(order, self._packs, MARKETPLACE)
            yield Happening(at=order.placed_at, order_id=order.order_id, told=place)
            yield from self._journey(order)
            yield from self._wishes(entry, what)

    def after(self, envelope: Envelope, result: Result, now: datetime) -> Iterable[Happening]:
        """What people answer; an order that was cancelled is not handed over any more."""
        if isinstance(result, Refused):
            if isinstance(envelope.command, OpenClaim | OpenCancellation | CancelBySeller):
                self.unheard[result.kind] += 1
            return ()
        if any(isinstance(recorded.event, UnitsCancelled) for recorded in result.recorded):
            self._cancelled.add(result.order_id)
        return self._answers.after(result, now)

    def _journey(self, order: Order) -> Iterator[Happening]:
        for parcel in order.parcels:
            yield Happening(
                at=parcel.shipped_at,
                order_id=order.order_id,
                told=sending(order.order_id, parcel, MARKETPLACE),
                wanted=self._still_wanted(order.order_id),
            )
            for scan in parcel.events:
                yield Happening(
                    at=scan.at,
                    order_id=order.order_id,
                    told=scanning(order.order_id, parcel, MARKETPLACE),
                    wanted=self._still_wanted(order.order_id),
                )

    def _still_wanted(self, order_id: str) -> Callable[[], bool]:
        return lambda: order_id not in self._cancelled

    @property
    def overtaken(self) -> int:
        """Orders the record says were handed over, but that had been cancelled and refunded by then."""
        return sum(bool(e.order.parcels) and e.order.order_id in self._cancelled for e in self._entries)

    def _wishes(self, entry: Imported, what: Implied) -> Iterator[Happening]:
        order = entry.order
        match what:
            case Implied.CANCELED:
                yield self._cancellation(order)
            case Implied.UNAVAILABLE:
                yield from self._withdrawal(order)
            case Implied.NEVER_ARRIVED if order.promised_by is not None:
                yield from self._claims(order, what, order.promised_by + hours(1, 96, order.order_id))
            case Implied.UNHAPPY if entry.review is not None:
                if percent("unhappy", order.order_id) < self._habits.unhappy:
                    delivered = order.parcels[0].delivered_at or order.placed_at
                    yield from self._claims(order, what, max(entry.review.at, delivered + timedelta(hours=1)))
            case Implied.LATE if percent("late", order.order_id) < self._habits.late:
                delivered = order.parcels[0].delivered_at or order.placed_at
                yield from self._claims(order, what, delivered + hours(2, 96, order.order_id))
            case _:
                pass

    def _cancellation(self, order: Order) -> Happening:
        told = Envelope(
            command=OpenCancellation(reason="cancel.changed_mind"),
            actor=Actor(Role.BUYER, order.buyer_id),
            order_id=order.order_id,
        )
        at = order.placed_at + hours(1, 72, order.order_id)
        return Happening(at=at, order_id=order.order_id, told=told)

    def _withdrawal(self, order: Order) -> Iterator[Happening]:
        if self._habits.temper(order.seller_id) is not Temper.SILENT:
            told = Envelope(
                command=CancelBySeller(note="Out of stock."),
                actor=Actor(Role.SELLER, order.seller_id),
                order_id=order.order_id,
            )
            at = order.placed_at + hours(8, 72, order.order_id)
            yield Happening(at=at, order_id=order.order_id, told=told)

    def _claims(self, order: Order, what: Implied, at: datetime) -> Iterator[Happening]:
        """A claim for each line: the terms of one are not those of another."""
        for line in order.lines:
            act = self._claim(order, line.line_id, what)
            yield Happening(
                at=at, order_id=order.order_id, act=act, wanted=self._still_wanted(order.order_id)
            )

    def _claim(self, order: Order, line_id: str, what: Implied) -> Callable[[View], Envelope | None]:
        codes, wishes = _STORIES[what], _WISHES[what]
        name = f"{order.order_id}/{line_id}"
        code = codes[percent("story", name) % len(codes)]
        wish = wishes[percent("wish", name) % len(wishes)]
        shown = what is Implied.UNHAPPY and percent("shows", name) < self._habits.shows

        def act(view: View) -> Envelope | None:
            custody = view.scene.custody
            line = custody.order.line(line_id) if custody is not None else None
            if custody is None or line is None:
                return None
            units = free_units(custody, view.scene.cases.values(), line_id)
            if not units:
                self.unheard["unit_taken"] += 1
                return None
            found = options(
                custody,
                view.scene.cases,
                units,
                code,
                terms=view.terms[line.terms_id],
                now=view.now,
                calendars=self._calendars,
                severity="flaw" if what is Implied.UNHAPPY else "",
            )
            option = _chosen(found, wish)
            if option is None:
                self.unheard[next((o.why_closed for o in found if o.remedy in wish), "closed")] += 1
                return None
            photo = EvidenceItem(by=Role.BUYER, kind="photo", note="What arrived.", at=view.now)
            return Envelope(
                command=OpenClaim(
                    reason=code,
                    units=units,
                    wanted=_remedy(option),
                    evidence=(photo,) if shown else (),
                ),
                actor=Actor(Role.BUYER, order.buyer_id),
                order_id=order.order_id,
            )

        return act


def _chosen(found: Sequence[Option], wish: Sequence[str]) -> Option | None:
    by_name: Mapping[str, Option] = {option.remedy: option for option in found if option.open}
    return next((by_name[remedy] for remedy in wish if remedy in by_name), None)


def _remedy(option: Option) -> Remedy:
    amount = option.suggested[1] if option.suggested else option.amount
    return Remedy(amount=min(amount, option.amount), goods=option.goods, freight_payer=option.freight_payer)


class OlistReplay:
    """Plays a reading of Olist orders in a world of its own; `run` it, then ask for the `outcome`."""

    def __init__(
        self,
        reading: Reading,
        world: World,
        packs: Sequence[Pack],
        calendars: Calendars,
        habits: Habits | None = None,
        step: timedelta = STEP,
    ) -> None:
        """Reads everything. The clock must not be past the first purchase. Raises `ImportRefused`."""
        entries = tuple(entry for entry in reading if isinstance(entry, Imported))
        self._reading = reading
        self._world = world
        self._began = world.clock.now()
        self._cast = OlistCast(entries, packs, calendars, habits or Habits())
        self._replay = Replay(world, self._cast, step)

    async def run(self) -> AsyncIterator[Progress]:
        """Play to the end, saying how far it is."""
        async for progress in self._replay.run():
            yield progress

    async def outcome(self) -> Replayed:
        """What came of it, read back from the store."""
        return Replayed(
            summary=self._reading.summary(),
            implied={k: n for k, n in self._cast.implied.most_common() if k != Implied.NOTHING},
            unheard=dict(self._cast.unheard.most_common()),
            overtaken=self._cast.overtaken,
            played=await outcome(self._world, self._replay, self._began),
        )
