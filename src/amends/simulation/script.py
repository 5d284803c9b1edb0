"""A script tells one order: what was bought, where the parcel went, and who did what when.

Times are days before now. Commands come out of it as happenings; nothing is carried out here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from amends.application.intake import freeze, placing, scanning, sending
from amends.application.ports import AnyCommand, Envelope
from amends.application.replay import Happening
from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Finding, Inspection, Reception, Remedy
from amends.domain.custody.commands import CancelBySeller, ConfirmReceipt
from amends.domain.orders import Components, Method, Order, Parcel, Signal, TrackingEvent, Unit
from amends.domain.parties import Actor, Role
from amends.domain.policy.stack import Pack
from amends.domain.policy.terms import Terms
from amends.simulation.people import Cast, Person
from amends.simulation.phrases import PHRASES
from amends.simulation.purchases import Bought, lines_of, tenders_of
from amends.simulation.tracking_numbers import s10
from amends.simulation.voices import Aside, message, phrase, reading

MARKETPLACE = Actor(Role.OPERATOR, "marketplace")
CARRIERS = {
    "EU": "Post Meridian",
    "CN": "Silk Parcel",
    "HK": "Silk Parcel",
    "BR": "Correio Azul",
    "US": "Prairie Express",
}

_MORNING, _NIGHT = 8, 22
_APART = timedelta(minutes=7)


class Stage(msgspec.Struct, frozen=True):
    """Where a script plays: the people, the policy, the present, and the chance it draws from."""

    now: datetime
    cast: Cast
    packs: tuple[Pack, ...]
    random: Random
    order_ids: Iterator[str]


class Script:
    """The story of one order. Each call is what somebody did next, ``days`` before now."""

    def __init__(
        self,
        stage: Stage,
        placed: float,
        buyer: Person,
        seller: Person,
        *bought: Bought,
        currency: str = "EUR",
        methods: tuple[Method, ...] = (Method.CARD,),
        fault: str = "",
        promised: float | None = None,
        discount: int = 0,
        provider: str = "sandbox",
        checkout: str = "",
    ) -> None:
        """``promised``: by how many days ago it should have come (below zero: it should come yet).

        ``discount`` is in percent of the goods. ``fault`` makes refunds go wrong at the sandbox
        provider, which its payments go through unless another ``provider`` is named. Orders of one
        ``checkout`` were bought together.
        """
        self.stage = stage
        self.buyer, self.seller = buyer, seller
        self.happenings: list[Happening] = []
        self.asides: list[Aside] = []
        self.cases = 0
        self._last = stage.now - timedelta(days=1000)
        order_id = next(stage.order_ids)
        at = self._when(placed, buyer)
        lines = lines_of(bought, currency, discount, stage.random)
        self.order, terms = freeze(
            Order(
                order_id=order_id,
                buyer_id=buyer.id,
                seller_id=seller.id,
                currency=currency,
                placed_at=at,
                lines=lines,
                tenders=tenders_of(order_id, lines, methods, provider, fault),
                checkout_id=checkout,
                buyer_tier=buyer.tier,
                buyer_country=buyer.country,
                buyer_postcode=buyer.postcode,
                seller_country=seller.country,
                promised_by=None if promised is None else stage.now - timedelta(days=promised),
                shipping_method="standard",
            ),
            stage.packs,
        )
        self._terms = {one.terms_id: one for one in terms}
        self._parcel: Parcel | None = None
        self._tell(at, placing(self.order, stage.packs, MARKETPLACE))

    # What the scripts speak of

    @property
    def units(self) -> tuple[Unit, ...]:
        """Everything that was bought."""
        return tuple(Unit(line.line_id, n) for line in self.order.lines for n in range(line.quantity))

    @property
    def paid(self) -> int:
        """All of it, in minor units."""
        return sum(unit.paid for line in self.order.lines for unit in line.units)

    @property
    def goods(self) -> int:
        """What the goods cost without shipping, in minor units."""
        return sum(unit.goods for line in self.order.lines for unit in line.units)

    def share(self, percent: int, units: tuple[Unit, ...] = ()) -> int:
        """So many percent of the price of the goods, or of some units."""
        wanted = units or self.units
        price_of = {unit.key: self._cost(unit).goods for unit in wanted}
        return sum(price_of.values()) * percent // 100

    def cost(self, *units: Unit) -> int:
        """What the buyer paid for some units, shipping included."""
        return sum(self._cost(unit).paid for unit in units)

    def clause(self, parameter: str, reason: str = "") -> str:
        """The clause of this order's terms that sets a parameter."""
        return self._line_terms().get(parameter, reason).clause

    def finding(
        self, fact: str, parameter: str, evidence: str = "", reason: str = "", *, weight: str = "decisive"
    ) -> Finding:
        """A fact found under the clause that sets a parameter."""
        clause = self.clause(parameter, reason)
        return Finding(fact=fact, clause=clause, evidence=evidence, weight=weight)

    # The parcel

    def ship(self, days: float, *, tracked: bool = True, number: str = "", seen: bool = True) -> None:
        """The seller hands the parcel to a carrier, or says so without its being ``seen`` there."""
        at = self._when(days, self.seller)
        country = self.seller.country
        self._parcel = Parcel(
            "p1",
            at,
            CARRIERS.get(country, CARRIERS["EU"]),
            number or (s10(self.stage.random, country) if tracked else ""),
        )
        self._tell(at, sending(self.order.order_id, self._parcel, self.seller.actor))
        if tracked and seen:
            self._scan(at, Signal.ACCEPTED, country, "Accepted by the carrier")

    def scan(
        self,
        days: float,
        signal: Signal,
        note: str = "",
        *,
        abroad: bool = False,
        country: str = "",
        weight_g: int = 0,
        earlier: float = 0,
    ) -> None:
        """The carrier sees the parcel, in the seller's country, the buyer's (``abroad``) or another one.

        ``earlier``: by how many days the scan is older than its telling.
        """
        at = self._clock(self.stage.now - timedelta(days=days))
        where = country or (self.buyer.country if abroad else self.seller.country)
        seen = TrackingEvent(at - timedelta(days=earlier), signal, where, "", note, weight_g)
        self._seen(at, seen)

    def deliver(self, days: float, *, postcode: str = "") -> None:
        """The parcel crosses borders and is handed over, at the buyer's postcode or another one."""
        parcel = self._sent()
        if self.buyer.country != self.seller.country:
            way = (self.stage.now - parcel.shipped_at) / timedelta(days=1) - days
            self.scan(days + way * 0.45, Signal.CUSTOMS, "Cleared customs", abroad=True)
        at = self._when(days, self.buyer)
        self._scan(at, Signal.DELIVERED, self.buyer.country, "Handed over", postcode or self.buyer.postcode)

    def travel(self, shipped: float, delivered: float) -> None:
        """Shipped and delivered without incident."""
        self.ship(shipped)
        self.deliver(delivered)

    # The people

    def buys(self, days: float, command: AnyCommand) -> None:
        """The buyer does something."""
        self._act(days, self.buyer, command)

    def sells(self, days: float, command: AnyCommand) -> None:
        """The seller does something."""
        self._act(days, self.seller, command)

    def staff(self, days: float, person: Person, command: AnyCommand) -> None:
        """A mediator or operator does something."""
        self._act(days, person, command)

    def claim(
        self,
        days: float,
        reason: str,
        wanted: Remedy,
        story: str,
        *evidence: EvidenceItem,
        units: tuple[Unit, ...] = (),
        draft: bool = False,
    ) -> None:
        """The buyer asks for a remedy, for everything or for some units."""
        self.buys(
            days,
            c.OpenClaim(
                reason=reason,
                units=units or self.units,
                wanted=wanted,
                story=story,
                evidence=evidence,
                draft=draft,
            ),
        )

    def confirm(self, days: float) -> None:
        """The buyer has everything and is content."""
        self.buys(days, ConfirmReceipt())

    def says(
        self,
        days: float,
        person: Person,
        text: str = "",
        *,
        template: str = "",
        detail: str = "",
        internal: bool = False,
        photo: str = "",
    ) -> None:
        """Somebody writes about the case, or about the order while there is none; ``text`` may be a phrase.

        ``detail`` fills a ready-made message, ``photo`` says what a picture that comes along shows.
        """
        self.asides.append(
            message(
                self._clock(self.stage.now - timedelta(days=days)),
                self.order.order_id,
                person,
                case_id=f"{self.order.order_id}.{self.cases}" if self.cases else "",
                text=phrase(text, person) if text in PHRASES else text,
                template=template,
                values={"detail": detail} if detail else {},
                internal=internal,
                photo=photo,
            )
        )

    def reads(self, days: float, person: Person) -> None:
        """Somebody opens the messages."""
        at = self._clock(self.stage.now - timedelta(days=days))
        self.asides.append(reading(at, self.order.order_id, person))

    # The way back

    def instruct(
        self, days: float, note: str = "Please put the return number on the parcel.", label: str = "seller"
    ) -> None:
        """The seller says where the goods go."""
        self.sells(days, c.GiveInstructions(address=self.seller.address, note=note, label=label))

    def send_back(self, days: float, receipt: str = "counter receipt", *evidence: EvidenceItem) -> None:
        """The buyer hands the return to a carrier."""
        number = s10(self.stage.random, self.buyer.country)
        carrier = CARRIERS.get(self.buyer.country, CARRIERS["EU"])
        self.buys(
            days,
            c.ShipReturn(carrier=carrier, tracking_number=number, receipt=receipt, evidence=evidence),
        )

    def label(self, days: float, carrier: str, service: str, price: int, code: str = "") -> str:
        """A carrier is booked for the return: a prepaid label, and a code for a counter without a printer."""
        number = s10(self.stage.random, self.buyer.country)
        command = c.IssueLabel(
            carrier=carrier, service=service, tracking_number=number, price=price, code=code
        )
        self._for_case(self._clock(self.stage.now - timedelta(days=days)), MARKETPLACE, command)
        return number

    def pays(self, days: float, amount: int) -> None:
        """The marketplace takes what the buyer owes for an exchange."""
        at = self._when(days, self.buyer)
        command = c.RecordPayment(
            amount=amount, method=Method.CARD, reference=f"pay-{self.order.order_id}-exchange"
        )
        self._for_case(at, MARKETPLACE, command)

    def send_back_in_parcels(self, *days: float) -> tuple[str, ...]:
        """The buyer sends the pieces of the first line one by one; the numbers of the parcels."""
        carrier = CARRIERS.get(self.buyer.country, CARRIERS["EU"])
        numbers = []
        for index, when in enumerate(days):
            numbers.append(s10(self.stage.random, self.buyer.country))
            piece = (Unit(self.order.lines[0].line_id, index),)
            self.buys(
                when,
                c.ShipReturn(
                    carrier=carrier, tracking_number=numbers[-1], units=piece, receipt="counter receipt"
                ),
            )
        return tuple(numbers)

    def return_scan(
        self, days: float, signal: Signal, note: str = "", *, weight_g: int = 0, parcel: str = ""
    ) -> None:
        """The carrier sees the return, or one ``parcel`` of it, and weighs it at times."""
        at = self._clock(self.stage.now - timedelta(days=days))
        seen = c.RecordReturnScan(
            tracking_number=parcel, signal=signal, scanned_at=at, note=note, weight_g=weight_g
        )
        self._carry(at, seen)

    def replace(self, days: float) -> None:
        """The seller sends the replacement."""
        number = s10(self.stage.random, self.seller.country)
        carrier = CARRIERS.get(self.seller.country, CARRIERS["EU"])
        self.sells(days, c.ShipReplacement(carrier=carrier, tracking_number=number))

    def replacement_scan(self, days: float, signal: Signal, note: str = "") -> None:
        """The carrier sees the replacement."""
        at = self._clock(self.stage.now - timedelta(days=days))
        self._carry(at, c.RecordReplacementScan(signal=signal, scanned_at=at, note=note))

    def inspect(
        self,
        days: float,
        *,
        accepted: bool,
        ground: str = "",
        note: str = "",
        units: tuple[Unit, ...] = (),
        missing: int = 0,
        reception: Reception = Reception.RECEIVED,
        weight_g: int = 0,
        evidence: tuple[EvidenceItem, ...] = (),
    ) -> None:
        """The seller looks at what came back; the last ``missing`` pieces were not in the parcel."""
        there = len(units or self.units) - missing
        self.sells(
            days,
            c.InspectReturn(
                inspections=tuple(
                    Inspection(unit=unit, reception=reception, accepted=accepted, ground=ground, note=note)
                    if n < there
                    else Inspection(
                        unit=unit, reception=Reception.MISSING, accepted=False, ground="does_not_match_claim"
                    )
                    for n, unit in enumerate(units or self.units)
                ),
                weight_g=weight_g,
                evidence=evidence,
            ),
        )

    # Telling

    def _act(self, days: float, person: Person, command: AnyCommand) -> None:
        opens = isinstance(command, c.OpenClaim | c.OpenCancellation | CancelBySeller)
        on_order = opens or isinstance(command, ConfirmReceipt)
        envelope = Envelope(
            command=command,
            actor=person.actor,
            order_id=self.order.order_id,
            case_id="" if on_order else f"{self.order.order_id}.{self.cases}",
        )
        self.cases += opens
        self._tell(self._when(days, person), envelope)

    def _carry(self, at: datetime, command: AnyCommand) -> None:
        self._for_case(at, Actor(Role.CARRIER, "carrier-simulated"), command)

    def _for_case(self, at: datetime, actor: Actor, command: AnyCommand) -> None:
        case_id = f"{self.order.order_id}.{self.cases}"
        self._tell(at, Envelope(command=command, actor=actor, order_id=self.order.order_id, case_id=case_id))

    def _scan(self, at: datetime, signal: Signal, country: str, note: str, postcode: str = "") -> None:
        self._seen(at, TrackingEvent(at, signal, country, postcode, note))

    def _seen(self, at: datetime, scan: TrackingEvent) -> None:
        parcel = replace(self._sent(), events=(scan,))
        self._tell(at, scanning(self.order.order_id, parcel, Actor(Role.CARRIER, "carrier-simulated")))

    def _sent(self) -> Parcel:
        if self._parcel is None:
            raise ValueError(f"order {self.order.order_id} has not been shipped in its script")
        return self._parcel

    def _tell(self, at: datetime, envelope: Envelope) -> None:
        self.happenings.append(Happening(at=at, order_id=self.order.order_id, told=envelope))

    def _cost(self, unit: Unit) -> Components:
        line = self.order.line(unit.line_id)
        if line is None:
            raise LookupError(f"order {self.order.order_id} has no line {unit.line_id}")
        return line.units[unit.index]

    def _line_terms(self) -> Terms:
        return self._terms[self.order.lines[0].terms_id]

    # Time

    def _when(self, days: float, person: Person) -> datetime:
        """About so long ago, when the person is awake; the last day is told to the minute."""
        at = self.stage.now - timedelta(days=days)
        if days >= 1:
            at = _awake(at, person.zone) + timedelta(minutes=self.stage.random.randrange(-50, 50))
        return self._clock(at)

    def _clock(self, at: datetime) -> datetime:
        """A little after what was told before, whole seconds."""
        self._last = max(at, self._last + _APART).replace(microsecond=0)
        return self._last


def _awake(at: datetime, zone: str) -> datetime:
    """The nearest instant between morning and night in the zone."""
    local = at.astimezone(ZoneInfo(zone))
    if local.hour < _MORNING:
        early = timedelta(hours=_MORNING - local.hour)
        return at + early if local.hour >= 3 else at - timedelta(hours=local.hour + 24 - _NIGHT + 1)
    return at - timedelta(hours=1) * (local.hour - _NIGHT + 1) if local.hour >= _NIGHT else at
