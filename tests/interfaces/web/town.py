"""A small invented town for the pages: people, orders, a clock, play money. Every part is real, in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from litestar import Litestar

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.packs import load
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Sandbox
from amends.application.clock import SandboxClock, TimeMachine
from amends.application.delivery import Delivery
from amends.application.errands import Errands
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.ports import AnyCommand, Done, Due, Envelope, Result
from amends.domain.cases.model import Case
from amends.domain.custody import commands as oc
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, TrackingEvent
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import facts_of
from amends.domain.policy.terms import Terms, resolve
from amends.domain.scene import Rules
from amends.interfaces.web.pages import create_pages
from amends.interfaces.web.parts import Person

START = datetime(2026, 11, 18, 14, 22, tzinfo=UTC)  # a Wednesday
NORA = Actor(Role.BUYER, "nora")
YUKI = Actor(Role.BUYER, "yuki")
LUMEN = Actor(Role.SELLER, "lumen")
FERN = Actor(Role.SELLER, "fern")
INES = Actor(Role.MEDIATOR, "ines")
IDRIS = Actor(Role.MEDIATOR, "idris")
KAYA = Actor(Role.OPERATOR, "kaya")
CARRIER = Actor(Role.CARRIER, "swift")
PROVIDER = Actor(Role.PROVIDER, "sandbox")

PEOPLE = (
    Person(
        actor=NORA,
        name="Nora Lindqvist",
        about="Bought a lamp that came with a crack.",
        zone="Europe/Berlin",
        country="DE",
    ),
    Person(
        actor=YUKI,
        name="Yuki Arai",
        about="Waits for a parcel that does not come.",
        zone="Asia/Tokyo",
        country="JP",
    ),
    Person(
        actor=LUMEN,
        name="Lumen & Clay",
        about="A small pottery that sells lamps.",
        zone="Europe/Lisbon",
        country="PT",
    ),
    Person(
        actor=FERN,
        name="Fern Outfitters",
        about="Jackets and rucksacks, many orders a day.",
        zone="America/New_York",
        country="US",
    ),
    Person(actor=INES, name="Ines Duarte", about="Decides what the two sides cannot.", zone="Europe/Lisbon"),
    Person(actor=IDRIS, name="Idris Okafor", about="Hears appeals.", zone="Africa/Lagos"),
    Person(actor=KAYA, name="Kaya Berg", about="Keeps the marketplace running.", zone="Europe/Berlin"),
)
LAMP = Components(item=6490, shipping=590)
_PACKS = load(("default",))


class _Nowhere:
    """Nobody has an address, so no mail is ever sent."""

    async def address(self, person: Actor) -> str | None:
        return None

    async def send(self, message_id: str, to: str, subject: str, text: str, at: datetime) -> None:
        raise AssertionError("nobody has an address")


class Town:
    """What the pages need, and what tests need to get somewhere quickly."""

    secret = "a secret that is long enough for anybody"
    sandbox = True
    calendars = CALENDARS

    def __init__(self) -> None:
        self.store = self.reader = MemoryStore()
        self.clock = SandboxClock(MemoryClockFace(), system=lambda: START)
        lapses = Lapses(self.store, self._execute, self.clock)
        delivery = Delivery(MemoryInbox(), _Nowhere(), _Nowhere())
        self.provider = Sandbox(MemoryVault(), self.clock)
        errands = Errands(self.store, self._execute, {"sandbox": self.provider}, delivery, self.clock)
        self._machine = TimeMachine(self.clock, self.store, lapses, errands)
        self.app = Litestar([create_pages(self)], openapi_config=None)

    async def _execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(self.store, envelopes, rules=Rules({}, CALENDARS), now=self.clock.now())

    # What the pages ask for

    async def submit(self, envelope: Envelope) -> Result:
        (result,) = await self._execute([envelope])
        return result

    def demo_people(self) -> Sequence[Person]:
        return PEOPLE

    def person(self, role: Role, person_id: str) -> Person | None:
        return next((p for p in PEOPLE if p.actor == Actor(role, person_id)), None)

    async def deadlines(self, until: datetime, limit: int) -> Sequence[Due]:
        return await self.store.due_orders(until, limit)

    async def advance(self, to: datetime) -> int:
        return len(await self._machine.advance(to))

    # What tests do

    async def do(
        self,
        command: AnyCommand,
        actor: Actor,
        order_id: str,
        case_id: str = "",
        terms: tuple[Terms, ...] = (),
    ) -> Done:
        result = await self.submit(
            Envelope(command=command, actor=actor, order_id=order_id, case_id=case_id, terms=terms)
        )
        assert isinstance(result, Done), result
        return result

    async def case(self, case_id: str) -> Case:
        file = await self.reader.case_file(case_id)
        assert file is not None
        return file.case

    async def wait(self, **delta: float) -> int:
        """Let time pass; how many deadlines fired."""
        return await self.advance(self.clock.now() + timedelta(**delta))

    async def place(
        self,
        order_id: str,
        title: str = "Ceramic table lamp “Dune”",
        *,
        buyer: Actor = NORA,
        seller: Actor = LUMEN,
        quantity: int = 1,
        unit: Components = LAMP,
        category: str = "home/lighting",
        variant: str = "Blue",
        currency: str = "EUR",
        country: str = "DE",
    ) -> Order:
        """Somebody buys something and pays for it."""
        line = Line("l1", title, category, (unit,) * quantity, "", variant=variant)
        order = Order(
            order_id=order_id,
            buyer_id=buyer.id,
            seller_id=seller.id,
            currency=currency,
            placed_at=self.clock.now(),
            lines=(line,),
            tenders=(Tender("t1", Method.CARD, unit.paid * quantity, provider_ref=f"pay-{order_id}"),),
            buyer_country=country,
            buyer_postcode="10115",
            seller_country="PT",
        )
        terms = resolve(_PACKS, facts_of(order, line))
        line = Line("l1", title, category, (unit,) * quantity, terms.terms_id, variant=variant)
        order = Order(**{name: getattr(order, name) for name in Order.__struct_fields__} | {"lines": (line,)})
        await self.provider.register_capture(f"pay-{order_id}", unit.paid * quantity, currency)
        await self.do(oc.PlaceOrder(order=order), KAYA, order_id, terms=(terms,))
        return order

    async def ship(self, order_id: str) -> None:
        parcel = Parcel("p1", self.clock.now(), "Swift Post", "SW123456789PT")
        await self.do(oc.RecordParcel(parcel=parcel), LUMEN if order_id.startswith("10") else FERN, order_id)

    async def scan(self, order_id: str, signal: Signal, country: str = "DE", note: str = "") -> None:
        event = TrackingEvent(self.clock.now(), signal, country, "10115", note)
        await self.do(oc.RecordTracking(parcel_id="p1", events=(event,)), CARRIER, order_id)

    async def deliver(self, order_id: str) -> None:
        """Ship, travel for three days, hand over."""
        await self.ship(order_id)
        await self.wait(days=2)
        await self.scan(order_id, Signal.IN_TRANSIT, "FR")
        await self.wait(days=1)
        await self.scan(order_id, Signal.DELIVERED)
