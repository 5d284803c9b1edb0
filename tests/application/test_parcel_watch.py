"""The worker asks carriers itself where parcels are: each of a return, and those a buyer says never came."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from tests.application.shop import Shop
from tests.domain.cases.stages import BOTH, FIRST
from tests.domain.marketplace import BUYER, OPERATOR, SELLER, an_order

from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Faults
from amends.application.parcel_watch import EVERY, ParcelWatch
from amends.application.ports import AnyCommand, CaseFile, Done, Envelope, Errand, Result
from amends.application.ports.carriers import Booking, CarrierSilent, Journey
from amends.domain.carriage import Consignment
from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Remedy
from amends.domain.custody import commands as oc
from amends.domain.orders import Order, Parcel, Signal, TrackingEvent
from amends.domain.parties import Actor

ONE, TWO = "RP123456785PT", "RB473124829DE"


class Scripted:
    """A carrier that says what it is told to; ``known`` False: it has never heard of the number."""

    def __init__(self) -> None:
        self.seen: dict[str, list[TrackingEvent]] = {}
        self.known = True
        self.silent = False
        self.asked: list[Journey] = []

    async def book(self, key: str, carrier: str, service: str, parcel: Consignment) -> Booking:
        raise LookupError(f"{key} {carrier} {service} {parcel.weight_g}")

    def follows(self, carrier: str) -> bool:
        return carrier == "Swift Post"

    async def scans(self, journey: Journey, now: datetime) -> Sequence[TrackingEvent] | None:
        if self.silent:
            raise CarrierSilent("away")
        self.asked.append(journey)
        return self.seen.get(journey.tracking_number, []) if self.known else None


class Yard:
    """A shop in memory whose worker watches parcels."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.shop = Shop(self.store, MemoryVault(), MemoryInbox(), MemoryClockFace(), Faults())
        self.carrier = Scripted()
        clock, outbox = self.shop.clock, MemoryOutbox(self.store)
        self.watch = ParcelWatch(self.store, clock, self.submit, outbox, self.carrier)

    async def submit(self, envelope: Envelope) -> Result:
        return (await self.shop.submit([envelope]))[0]

    async def must(self, command: AnyCommand, actor: Actor, case_id: str = "") -> None:
        done = await self.submit(Envelope(command=command, actor=actor, order_id="o1", case_id=case_id))
        assert isinstance(done, Done), done

    async def sold(self, order: Order, carrier: str = "Swift Post") -> None:
        terms = self.shop.terms
        placed = Envelope(command=oc.PlaceOrder(order=order), actor=OPERATOR, order_id="o1", terms=terms)
        assert isinstance(await self.submit(placed), Done)
        parcel = Parcel("p1", self.shop.now, carrier, "RR123456785DE")
        await self.must(oc.RecordParcel(parcel=parcel), SELLER)

    def errands(self) -> list[Errand]:
        """What is to be watched, each errand once."""
        found = [one for one in self.store.outbox.values() if one.topic == "parcel.watch"]
        for one in found:
            del self.store.outbox[one.errand_id]
        return found

    async def look(self) -> int:
        """Do what is due; how many errands there were."""
        errands = self.errands()
        for errand in errands:
            assert await self.watch.look(errand)
        return len(errands)

    async def later(self, **delta: float) -> None:
        self.shop.now += timedelta(**delta)

    async def case(self) -> CaseFile:
        file = await self.store.case_file("o1.1")
        assert file is not None
        return file

    def scan(self, number: str, signal: Signal, country: str = "PT") -> None:
        self.carrier.seen.setdefault(number, []).append(TrackingEvent(self.shop.now, signal, country))


async def never_came(yard: Yard, **sold: str) -> None:
    await yard.sold(an_order(), **sold)
    await yard.later(days=58)
    claim = c.OpenClaim(reason="not_received.overdue", units=BOTH, wanted=Remedy(9000), story="Nothing came.")
    await yard.must(claim, BUYER)


@pytest.mark.row("E8")
async def test_a_parcel_that_never_came_is_asked_about_until_it_has_arrived() -> None:
    yard = Yard()
    await never_came(yard)
    yard.scan("RR123456785DE", Signal.ACCEPTED)
    assert await yard.look() == 1
    (again,) = yard.errands()
    assert again.due_at == yard.shop.now + EVERY
    await yard.later(hours=12)
    yard.scan("RR123456785DE", Signal.DELIVERED, "DE")
    assert await yard.watch.look(again)
    assert yard.errands() == []
    parcel = (await yard.case()).custody.order.parcels[0]
    assert [scan.signal for scan in parcel.events] == [Signal.ACCEPTED, Signal.DELIVERED]
    assert yard.carrier.asked[0].destination == ""  # the order names no country: the carrier knows it


@pytest.mark.row("E8")
async def test_a_number_its_carrier_does_not_know_is_recorded_as_that() -> None:
    yard = Yard()
    await never_came(yard)
    yard.carrier.known = False
    await yard.look()
    parcel = (await yard.case()).custody.order.parcels[0]
    assert [scan.signal for scan in parcel.events] == [Signal.UNKNOWN]


async def test_what_the_marketplace_tells_by_itself_is_not_asked_about() -> None:
    yard = Yard()
    await never_came(yard)
    told = TrackingEvent(yard.shop.now, Signal.IN_TRANSIT)
    await yard.must(oc.RecordTracking(parcel_id="p1", events=(told,)), OPERATOR)
    assert await yard.look() == 1
    assert (yard.carrier.asked, yard.errands()) == ([], [])


async def test_nobody_is_asked_about_parcels_of_carriers_without_an_account() -> None:
    yard = Yard()
    await never_came(yard, carrier="Some courier")
    assert await yard.look() == 1
    assert (yard.carrier.asked, yard.errands()) == ([], [])


async def test_a_carrier_that_does_not_answer_is_asked_again() -> None:
    yard = Yard()
    await never_came(yard)
    yard.carrier.silent = True
    (errand,) = yard.errands()
    assert not await yard.watch.look(errand)


@pytest.mark.row("F6", "F9")
async def test_each_parcel_of_a_return_is_asked_about_on_its_own() -> None:
    yard = Yard()
    await yard.sold(an_order())
    there = TrackingEvent(yard.shop.now, Signal.DELIVERED, "DE", "10115")
    await yard.must(oc.RecordTracking(parcel_id="p1", events=(there,)), OPERATOR)
    claim = c.OpenClaim(reason="quality.damaged_in_transit", units=BOTH, wanted=Remedy(9000, Goods.RETURN))
    await yard.must(claim, BUYER)
    await yard.must(c.AcceptOffer(), SELLER, "o1.1")
    await yard.must(c.GiveInstructions(address="Hamburg"), SELLER, "o1.1")
    first = c.ShipReturn(carrier="Swift Post", tracking_number=ONE, units=(FIRST,))
    await yard.must(first, BUYER, "o1.1")
    await yard.must(c.ShipReturn(carrier="Swift Post", tracking_number=TWO), BUYER, "o1.1")
    await yard.later(days=1)
    for number in (ONE, TWO):
        yard.scan(number, Signal.ACCEPTED)
    # The same scan of both: each is recorded with its own parcel.
    assert await yard.look() == 2
    await yard.later(hours=12)
    yard.scan(TWO, Signal.DELIVERED, "DE")
    assert await yard.look() == 2
    case = (await yard.case()).case
    assert [(parcel.scans, parcel.delivered_at is not None) for parcel in case.parcels] == [
        (1, False),
        (2, True),
    ]
    # What has arrived is not asked about any more.
    assert await yard.look() == 1
