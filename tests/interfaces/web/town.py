"""A small invented town for the pages: people, orders, a clock, play money. Every part is real, in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from litestar import Litestar
from tests.interfaces.labs import lab_in_memory
from tests.interfaces.studios import shop_and_studio
from tests.interfaces.treasuries import buyers_in_memory, rebuttals_in_memory, treasury_in_memory
from tests.interfaces.web.carriers import shipping_in_memory
from tests.interfaces.web.house import Letterbox, World, open_house
from tests.interfaces.web.letters import Interpreter, Letters
from tests.interfaces.web.news import NEWS_SOURCES
from tests.interfaces.web.stock import sold

from amends.adapters.calendars import CALENDARS
from amends.adapters.carriers.news import SignedNews
from amends.adapters.charts.child_process import ChildCharts
from amends.adapters.documents.child_process import ChildPapers
from amends.adapters.files.blobs import memory_blobs
from amends.adapters.files.examiner import ChildExaminer
from amends.adapters.memory.blind_limits import MemoryBlindLimits
from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.figures import MemoryFigures
from amends.adapters.memory.files import MemoryFiles
from amends.adapters.memory.help import MemoryHelpSearch
from amends.adapters.memory.holds import MemoryHolds
from amends.adapters.memory.keys import MemoryApiKeys
from amends.adapters.memory.news import MemoryNews
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.purchases import MemoryPurchases
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.support import MemorySupport
from amends.adapters.memory.whereabouts import MemoryWhereabouts
from amends.adapters.packs import load
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Sandbox
from amends.adapters.payments.sandbox_disputes import SandboxDisputes
from amends.adapters.stock.sandbox import MemoryShelf, SandboxStock
from amends.application.account_mail import TOPIC as ACCOUNT_MAIL
from amends.application.blind_settlement import BlindSettlement
from amends.application.case_file import CaseFiles
from amends.application.case_paper import CasePapers
from amends.application.clock import SandboxClock, TimeMachine
from amends.application.errands import Errands
from amends.application.evidence import EvidenceRoom
from amends.application.exchanges import TOPIC as STOCK
from amends.application.exchanges import Exchanges
from amends.application.execute import execute
from amends.application.help.centre import HelpCentre
from amends.application.lapses import Lapses
from amends.application.ports import AnyCommand, Done, Due, Envelope, Result
from amends.application.promises import Promises
from amends.application.sessions import Guest, Opened
from amends.application.sightings import Sightings
from amends.application.standing_answers import StandingAnswers
from amends.application.support import TOPIC as SUPPORT_MAIL
from amends.application.support import Support, SupportHouse
from amends.application.words import Words, choose
from amends.domain.cases.model import Case
from amends.domain.custody import commands as oc
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, TrackingEvent
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import facts_of
from amends.domain.policy.terms import Terms, resolve
from amends.domain.scene import Rules
from amends.interfaces.web.pages import create_pages
from amends.interfaces.web.parts import Person
from amends.interfaces.web.telling import Teller

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


class Town:
    """What the pages need, and what tests need to get somewhere quickly."""

    secret = "a secret that is long enough for anybody"
    sandbox = True
    calendars = CALENDARS

    def __init__(self) -> None:
        self.store = self.reader = MemoryStore()
        self.news = MemoryNews()
        self.figures = MemoryFigures(self.store)
        self.promises = Promises(self.figures)
        self.purchases = MemoryPurchases(self.store)
        self.embedders: tuple[str, ...] = ()
        self.charts = ChildCharts()
        self.clock = SandboxClock(MemoryClockFace(), system=lambda: START)
        lapses = Lapses(self.store, self._execute, self.clock)
        self.provider = Sandbox(MemoryVault(), self.clock)
        self.sellers, self.studio = shop_and_studio(self.store, self.clock, _PACKS)
        self.buyers = buyers_in_memory(self.store, self.sellers.book)
        self.lab = lab_in_memory(self.store, self.sellers.policies, self.sellers.book, self.clock)
        answers = StandingAnswers(self.sellers.policies, self.reader)
        self.world, self.letterbox, self.keys, self.proxies = World(), Letterbox(), MemoryApiKeys(), 0
        self.accounts = open_house(
            MemoryOutbox(self.store),
            self.clock.now,
            keys=self.keys,
            world=self.world,
            letterbox=self.letterbox,
        )
        self.files, self.blobs = MemoryFiles(), memory_blobs()
        self.evidence = EvidenceRoom(self.files, self.blobs, ChildExaminer(), self.reader, self.clock)
        self.letters = Letters(
            self.store,
            self.clock,
            readers=self._readers,
            attachments=self.evidence,
            interpreter=Interpreter(),
            tell=self.news.tell,
        )
        self.correspondence = self.letters.correspondence
        self.help = HelpCentre(MemoryHelpSearch(), self.sellers, self.clock)
        self.support = Support(
            MemorySupport(MemoryOutbox(self.store), self.news.tell),
            self.reader,
            self.clock,
            evidence=self.evidence,
            mail=self.letters.postman,
            addresses=self.letters.postman,
            account_of=self.accounts.roster.by_email,
            readers=self._readers,
            detector=self.correspondence.detector,
            house=SupportHouse(
                base="http://town.example",
                secret=self.secret,
                address="help@town.example",
                phones={"DE": "+49 30 5550100", "*": "+44 20 5550100"},
            ),
        )
        self.case_files = CaseFiles(
            self.reader, self.evidence, self.correspondence.messages, self.accounts.teams.behind_for
        )
        self.case_papers = CasePapers(self.case_files, ChildPapers(), Teller, self._name)
        self.stock_shelf = MemoryShelf()
        stock = SandboxStock(self.stock_shelf, self.clock, sold)
        self.carrier_news = SignedNews(NEWS_SOURCES)
        self.sightings = Sightings(self.store, self.clock, self.submit, MemoryWhereabouts(self.store))
        self.exchanges = Exchanges(self.store, self.clock, CALENDARS, self.submit, stock)
        self.shipping = shipping_in_memory(self.store, self.clock, self.submit)
        self.holds = MemoryHolds(self.store)
        self.bank = SandboxDisputes()
        desks = {"sandbox": self.bank, "stripe": self.bank}
        self.rebuttals = rebuttals_in_memory(self.store, self.clock, desks)
        self.counterfeits, self.disputes, self.reconciliation = treasury_in_memory(
            self.store, self.clock, self.submit, {"sandbox": self.provider}
        )
        self.errands = errands = Errands(
            self.store,
            self._execute,
            {"sandbox": self.provider},
            self.correspondence.delivery,
            self.clock,
            answers=answers,
            chores={
                ACCOUNT_MAIL: self.accounts.mail.deliver,
                SUPPORT_MAIL: self.support.deliver,
                STOCK: self.exchanges.keep,
                **self.counterfeits.chores,
                **self.rebuttals.chores,
                **self.correspondence.chores,
            },
        )
        self.limits = MemoryBlindLimits()
        self.blind = BlindSettlement(
            self.limits, self.reader, self.clock, CALENDARS, self.submit, self.secret
        )
        foresee = self.correspondence.reminders.foresee
        self._machine = TimeMachine(self.clock, self.store, lapses, errands, foresee=foresee)
        self.app = Litestar([create_pages(self)], openapi_config=None)

    async def _execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        results = await execute(self.store, envelopes, rules=Rules({}, CALENDARS), now=self.clock.now())
        self.news.tell({result.order_id for result in results if isinstance(result, Done)})
        return results

    async def _readers(self, people: Sequence[Actor]) -> dict[Actor, Words]:
        return {one: self._words(one) for one in people}

    def _words(self, one: Actor) -> Words:
        known = self.person(one.role, one.id)
        return Words(choose(known.language).locale, known.zone) if known else Words()

    def _name(self, role: Role, person_id: str) -> str:
        known = self.person(role, person_id)
        return known.name if known else person_id

    # What the pages ask for

    async def submit(self, envelope: Envelope) -> Result:
        return await self.evidence.through(envelope, self._submitted)

    async def _submitted(self, envelope: Envelope) -> Result:
        (result,) = await self._execute([envelope])
        return result

    async def execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await self._execute(envelopes)

    def demo_people(self) -> Sequence[Person]:
        return PEOPLE

    def person(self, role: Role, person_id: str) -> Person | None:
        return next((p for p in PEOPLE if p.actor == Actor(role, person_id)), None)

    async def deadlines(self, until: datetime, limit: int) -> Sequence[Due]:
        return await self.store.due_orders(until, limit)

    async def advance(self, to: datetime) -> int:
        return len(await self._machine.advance(to))

    # What tests do

    async def token_of(self, actor: Actor) -> str:
        """The token of a new session of somebody's."""
        entry = await self.accounts.doors.by_card(actor, actor.id, Guest())
        assert isinstance(entry, Opened)
        return entry.token

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
        sku: str = "",
    ) -> Order:
        """Somebody buys something and pays for it."""
        line = Line("l1", title, category, (unit,) * quantity, "", sku=sku, variant=variant)
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
        packs = await self.sellers.packs_for(seller.id, order.placed_at)
        terms = resolve(packs, facts_of(order, line))
        line = Line("l1", title, category, (unit,) * quantity, terms.terms_id, sku=sku, variant=variant)
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
