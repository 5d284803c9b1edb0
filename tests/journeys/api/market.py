"""A marketplace to try the API on: every part real, kept in memory, with a clock that stands unless moved."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from amends.adapters import packs
from amends.adapters.calendars import CALENDARS
from amends.adapters.carriers.news import SignedNews
from amends.adapters.documents.child_process import ChildPapers
from amends.adapters.files.blobs import memory_blobs
from amends.adapters.files.examiner import ChildExaminer
from amends.adapters.memory.blind_limits import MemoryBlindLimits
from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.figures import MemoryFigures
from amends.adapters.memory.files import MemoryFiles
from amends.adapters.memory.help import MemoryHelpSearch
from amends.adapters.memory.holds import MemoryHolds
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.keys import MemoryApiKeys
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.support import MemorySupport
from amends.adapters.memory.whereabouts import MemoryWhereabouts
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Sandbox
from amends.adapters.payments.sandbox_disputes import SandboxDisputes
from amends.adapters.stock.sandbox import MemoryShelf, SandboxStock
from amends.application.blind_settlement import BlindSettlement
from amends.application.case_file import CaseFiles
from amends.application.case_paper import CasePapers
from amends.application.clock import SandboxClock, TimeMachine
from amends.application.errands import Errands
from amends.application.evidence import EvidenceRoom
from amends.application.exchanges import TOPIC as STOCK
from amends.application.exchanges import Exchanges
from amends.application.execute import execute
from amends.application.gather import Gatherer
from amends.application.help.centre import HelpCentre
from amends.application.keys import mint
from amends.application.lapses import Lapses
from amends.application.ports import Envelope, KeyRole, Letter, Result
from amends.application.ports.mail import Mailing
from amends.application.sightings import Sightings
from amends.application.standing_answers import StandingAnswers
from amends.application.support import Support, SupportHouse
from amends.domain.parties import Actor, Role
from amends.domain.policy.stack import Pack
from amends.domain.scene import Rules
from amends.interfaces.api.serve import create_app
from amends.interfaces.web.telling import Teller
from tests.interfaces.labs import lab_in_memory
from tests.interfaces.studios import shop_and_studio
from tests.interfaces.treasuries import buyers_in_memory, rebuttals_in_memory, treasury_in_memory
from tests.interfaces.web.carriers import shipping_in_memory
from tests.interfaces.web.house import open_house
from tests.interfaces.web.letters import Interpreter, Letters
from tests.interfaces.web.news import NEWS_SOURCES
from tests.interfaces.web.stock import sold

# A Monday, far from holidays of the calendars in use.
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROBLEM = "application/problem+json"


class _Post:
    """Mail that was sent, as (to, subject)."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def send(self, mailing: Mailing) -> None:
        self.sent.append((mailing.to, mailing.subject))


class _Addresses:
    async def address(self, person: Actor) -> str | None:
        return f"{person.id}@example.com"


class MarketParts:
    """What the API needs from below."""

    def __init__(self, policy: Sequence[Pack]) -> None:
        self.store = self.reader = MemoryStore()
        self.figures = MemoryFigures(self.store)
        self.keys = MemoryApiKeys()
        self.calendars = CALENDARS
        self.sandbox = True
        self.clock = SandboxClock(MemoryClockFace(), system=lambda: START)
        self.accounts = open_house(MemoryOutbox(self.store), self.clock.now, keys=self.keys)
        self.vault = MemoryVault()
        self.inbox = MemoryInbox()
        self.post = _Post()
        lapses = Lapses(self.store, self.execute, self.clock)
        self.files = MemoryFiles()
        self.evidence = EvidenceRoom(self.files, memory_blobs(), ChildExaminer(), self.reader, self.clock)
        self.letters = Letters(
            self.store,
            self.clock,
            mail=self.post,
            addresses=_Addresses(),
            inbox=self.inbox,
            interpreter=Interpreter(),
            attachments=self.evidence,
        )
        self.correspondence = self.letters.correspondence
        provider = Sandbox(self.vault, self.clock)
        self.sellers, self.studio = shop_and_studio(self.store, self.clock, policy)
        self.buyers = buyers_in_memory(self.store, self.sellers.book)
        self.lab = lab_in_memory(self.store, self.sellers.policies, self.sellers.book, self.clock)
        answers = StandingAnswers(self.sellers.policies, self.reader)
        self.stock_shelf = MemoryShelf()
        self.stock = SandboxStock(self.stock_shelf, self.clock, sold)
        self.carrier_news = SignedNews(NEWS_SOURCES)
        self.sightings = Sightings(self.store, self.clock, self.submit, MemoryWhereabouts(self.store))
        self.exchanges = Exchanges(self.store, self.clock, CALENDARS, self.submit, self.stock)
        self.shipping = shipping_in_memory(self.store, self.clock, self.submit)
        self.holds = MemoryHolds(self.store)
        self.bank = SandboxDisputes()
        desks = {"sandbox": self.bank, "stripe": self.bank}
        self.rebuttals = rebuttals_in_memory(self.store, self.clock, desks)
        self.counterfeits, self.disputes, self.reconciliation = treasury_in_memory(
            self.store, self.clock, self.submit, {"sandbox": provider}
        )
        errands = Errands(
            self.store,
            self.execute,
            {"sandbox": provider},
            self.correspondence.delivery,
            self.clock,
            answers=answers,
            chores={
                **self.correspondence.chores,
                **self.counterfeits.chores,
                **self.rebuttals.chores,
                STOCK: self.exchanges.keep,
            },
        )
        foresee = self.correspondence.reminders.foresee
        self.machine = TimeMachine(self.clock, self.store, lapses, errands, foresee=foresee)
        self.case_files = CaseFiles(
            self.reader, self.evidence, self.correspondence.messages, self.accounts.teams.behind_for
        )
        self.case_papers = CasePapers(self.case_files, ChildPapers(), Teller, lambda _role, one: one)
        self.help = HelpCentre(MemoryHelpSearch(), self.sellers, self.clock)
        self.support = Support(
            MemorySupport(MemoryOutbox(self.store)),
            self.reader,
            self.clock,
            evidence=self.evidence,
            mail=self.letters.postman,
            addresses=_Addresses(),
            account_of=self.accounts.roster.by_email,
            house=SupportHouse(
                base="https://amends.example", secret="long " * 8, address="help@amends.example"
            ),
        )
        self._gatherer = Gatherer(self.execute)
        self.limits = MemoryBlindLimits()
        self.blind = BlindSettlement(
            self.limits,
            self.reader,
            self.clock,
            self.calendars,
            self.submit,
            "a secret of the house, kept long",
        )
        self.up = True

    async def submit(self, envelope: Envelope) -> Result:
        return await self.evidence.through(envelope, self._gatherer.submit)

    async def execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        return await execute(self.store, envelopes, rules=Rules({}, self.calendars), now=self.clock.now())

    async def advance(self, to: datetime) -> int:
        return len(await self.machine.advance(to))

    async def ready(self) -> bool:
        return self.up


class Person:
    """Somebody with an API key."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self.token = token

    async def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
            return await self._client.request(method, f"/v1{path}", content=body, headers=sent)
        if body is None:
            return await self._client.request(method, f"/v1{path}", headers=sent)
        return await self._client.request(method, f"/v1{path}", json=body, headers=sent)

    async def get(self, path: str) -> Any:
        """What is there."""
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: object = None, **headers: str) -> Any:
        """Create something."""
        answer = await self.send("POST", path, body, _dashed(headers))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def put(self, path: str, body: object, **headers: str) -> Any:
        """Tell something."""
        answer = await self.send("PUT", path, body, _dashed(headers))
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The problem that this meets."""
        answer = await self.send(method, path, body, _dashed(headers))
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == PROBLEM
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["type"].startswith("/problems/")
        return problem


def kind(problem: Mapping[str, Any]) -> str:
    """The kind of a problem."""
    return str(problem["type"]).removeprefix("/problems/")


class Market:
    """The people of the marketplace and what they do most."""

    def __init__(self, parts: MarketParts, client: httpx.AsyncClient) -> None:
        self.parts = parts
        self.client = client
        self._told: dict[str, dict[str, Any]] = {}
        self._people: dict[tuple[KeyRole, str], Person] = {}

    async def person(self, role: KeyRole, party_id: str) -> Person:
        known = self._people.get((role, party_id))
        if known is None:
            token, record = mint(role, party_id, START)
            await self.parts.keys.add(record)
            known = self._people[role, party_id] = Person(self.client, token)
        return known

    async def meet(self) -> "Market":
        self.shop = await self.person(KeyRole.MARKETPLACE, "market")
        self.ana = await self.person(KeyRole.BUYER, "ana")
        self.bo = await self.person(KeyRole.BUYER, "bo")
        self.seller = await self.person(KeyRole.SELLER, "lamps")
        self.rival = await self.person(KeyRole.SELLER, "rival")
        self.mediator = await self.person(KeyRole.MEDIATOR, "mara")
        self.second_mediator = await self.person(KeyRole.MEDIATOR, "milo")
        self.operator = await self.person(KeyRole.OPERATOR, "olga")
        self.carrier = await self.person(KeyRole.CARRIER, "dhl")
        self.provider = await self.person(KeyRole.PROVIDER, "sandbox")
        return self

    @property
    def now(self) -> datetime:
        return self.parts.clock.now()

    def at(self, **delta: float) -> str:
        """An instant from now, as it is written."""
        return (self.now + timedelta(**delta)).isoformat()

    async def advance(self, **delta: float) -> int:
        """Move the clock through the API; how many deadlines fired."""
        body = {"to": self.at(**delta)}
        return int((await self.operator.post("/sandbox/clock", body))["fired"])

    async def order(self, order_id: str = "A-1", **changes: Any) -> str:
        """An order of two lamps at EUR 25.00 (22.00 + tax 3.00) with EUR 4.90 shipping each, all captured."""
        self._told[order_id] = order_body(self.now, **changes)
        answer = await self.shop.send("PUT", f"/orders/{order_id}", self._told[order_id])
        assert answer.status_code == 201, answer.text
        return order_id

    def told_again(self, order_id: str = "A-1", **changes: Any) -> dict[str, Any]:
        """What was told of an order when it was new, with changes."""
        return {**self._told[order_id], **changes}

    async def ship(self, order_id: str = "A-1", parcel_id: str = "P1", **changes: Any) -> None:
        body = {"shipped_at": self.at(), "carrier": "dhl", "tracking_number": "RR123456785DE", **changes}
        await self.shop.put(f"/orders/{order_id}/parcels/{parcel_id}", body)

    async def scan(
        self, order_id: str = "A-1", signal: str = "delivered", parcel_id: str = "P1", **more: str
    ) -> None:
        body = {"events": [{"at": self.at(), "signal": signal, "country": "DE", "postcode": "20457", **more}]}
        await self.shop.post(f"/orders/{order_id}/parcels/{parcel_id}/events", body)

    async def delivered(self, order_id: str = "A-1", **changes: Any) -> str:
        """An order that was shipped after a day and delivered after two more."""
        await self.order(order_id, **changes)
        await self.advance(days=1)
        await self.ship(order_id)
        await self.advance(days=2)
        await self.scan(order_id)
        return order_id

    async def claim(self, order_id: str = "A-1", **changes: Any) -> Any:
        """A claim of the buyer about the first lamp."""
        return await self.ana.post(f"/orders/{order_id}/cases", claim_body(**changes))

    async def letters(self, role: Role, party_id: str) -> Sequence[Letter]:
        """The notices somebody has got."""
        return await self.parts.inbox.of(Actor(role, party_id), 100)


def order_body(now: datetime, **changes: Any) -> dict[str, Any]:
    """Two lamps of one line, on a card and a voucher."""
    unit = {"item": 2400, "discount": 200, "shipping": 490, "tax": 300}
    return {
        "buyer_id": "ana",
        "seller_id": "lamps",
        "currency": "EUR",
        "placed_at": now.isoformat(),
        "buyer_country": "DE",
        "buyer_postcode": "20457",
        "seller_country": "DE",
        "lines": [
            {"line_id": "L1", "title": "Desk lamp", "category": "home/lighting", "units": [unit, unit]}
        ],
        "tenders": [
            {
                "tender_id": "T1",
                "method": "card",
                "captured": 4980,
                "currency": "EUR",
                "provider_ref": "pay-1",
            },
            {
                "tender_id": "T2",
                "method": "wallet",
                "captured": 1000,
                "currency": "EUR",
                "provider_ref": "pay-2",
            },
        ],
        **changes,
    }


def claim_body(**changes: Any) -> dict[str, Any]:
    """The first lamp does not work."""
    return {
        "kind": "claim",
        "reason": "quality.not_working",
        "units": [{"line_id": "L1", "index": 0}],
        "wanted": {"amount": 2000, "currency": "EUR", "goods": "keep"},
        "story": "It does not switch on.",
        "evidence": [{"kind": "video", "note": "Pressing the button"}],
        **changes,
    }


def photo(note: str = "See the photo") -> dict[str, str]:
    """A photo as evidence."""
    return {"kind": "photo", "note": note}


@asynccontextmanager
async def open_market(*, policy: Sequence[Pack] = (), fast_lane: bool = True) -> AsyncIterator[Market]:
    """A marketplace under a policy (none: the default pack)."""
    parts = MarketParts(policy or packs.load())
    transport = httpx.ASGITransport(app=create_app(parts, fast_lane=fast_lane), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://amends.test") as client:
        yield await Market(parts, client).meet()


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
