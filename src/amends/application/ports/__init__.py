"""What the application asks of the world. Adapters keep these promises; contract tests check them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

import msgspec

from amends.application.ports.mail import Mailing
from amends.domain.cases.commands import CaseCommand, OpeningCommand
from amends.domain.cases.model import Case
from amends.domain.chain import Recorded
from amends.domain.custody.commands import AnyOrderCommand
from amends.domain.custody.model import Custody
from amends.domain.ledger import Transfer
from amends.domain.parties import Actor
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.scene import Scene

AnyCommand = AnyOrderCommand | OpeningCommand | CaseCommand


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A command on its way. ``case_id`` is empty for commands on the order itself.

    ``key`` with ``fingerprint`` (SHA-256 of the request) makes a retry answer as the first time did;
    the same key with another fingerprint is refused (key_reused). Keys are scoped by the actor.
    ``expected_seq`` is the version the sender saw (If-Match); None accepts any.
    ``currency`` is the one the sender's amounts are meant in; empty: the order's.
    ``terms`` are the terms a new order brings along.
    """

    command: AnyCommand
    actor: Actor
    order_id: str
    case_id: str = ""
    key: str = ""
    fingerprint: bytes = b""
    expected_seq: int | None = None
    currency: str = ""
    terms: tuple[Terms, ...] = ()


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out and is durable. ``case_id`` is the case it opened or touched.

    ``replayed``: the idempotency key was known and this is the first answer again.
    ``custody`` and ``case`` are as they stood when the batch was written.
    """

    order_id: str
    case_id: str = ""
    seq: int = 0
    replayed: bool = False
    custody: Custody | None = None
    case: Case | None = None
    recorded: tuple[Recorded, ...] = ()


Result = Done | Refused


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do in the world after commit: an outbox row.

    `amends.application.outbox.errands_of` makes them of recorded events and says what ``body`` (plain JSON)
    holds for each topic: refund.pay, refund.recall, payout.pay, case.answer, notice. ``errand_id`` is stable
    and unique for ever (writing a known one again changes nothing): the provider sees it as idempotency key.
    ``attempts`` counts the claims before this one: above zero, the world may already have been asked.
    """

    errand_id: str
    topic: str
    order_id: str
    case_id: str
    body: dict[str, object]
    due_at: datetime
    attempts: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept for an idempotency key."""

    key: str
    fingerprint: bytes
    order_id: str
    case_id: str
    seq: int
    at: datetime
    refused: Refused | None = None


class Link(msgspec.Struct, frozen=True):
    """A recorded event ready to be written: canonical body, and hash over the one before."""

    recorded: Recorded
    body: bytes
    digest: bytes


class Changes(msgspec.Struct, kw_only=True):
    """Everything one batch writes, in one transaction or not at all."""

    custodies: list[Custody] = []
    cases: list[Case] = []
    links: list[Link] = []
    errands: list[Errand] = []
    answers: list[Answer] = []
    terms: list[Terms] = []


class Batch(Protocol):
    """The orders of a batch, locked. ``heads`` is the last hash of each stream that exists."""

    @property
    def scenes(self) -> Mapping[str, Scene]: ...
    @property
    def heads(self) -> Mapping[str, bytes]: ...
    @property
    def answers(self) -> Mapping[str, Answer]: ...
    @property
    def terms(self) -> Mapping[str, Terms]: ...

    async def write(self, changes: Changes) -> None:
        """Write everything. Raises `WriteRefused` when the store's own guards say no."""


class WriteRefused(Exception):
    """The database refused the batch (a constraint); nothing of it was written."""


class WriteConflict(WriteRefused):
    """Somebody else was first (the same new order, the same key, a deadlock): the batch may pass if tried
    again."""


class StoreUnreachable(Exception):
    """The store did not answer, or the connection broke. What was not yet acknowledged may have been written
    or not."""


DuePlace = tuple[datetime, str]
"""Where a stream stands among all deadlines: since when it is due, and its name."""


class Due(NamedTuple):
    """A stream whose deadline has passed, since when, and the default that happens.

    ``case_id`` is empty for the order's own stream.
    """

    order_id: str
    case_id: str
    due_at: datetime
    default: str

    @property
    def stream(self) -> str:
        """The case, or the order itself."""
        return self.case_id or self.order_id

    @property
    def place(self) -> DuePlace:
        """Where it stands among all deadlines."""
        return self.due_at, self.stream


class Kept(msgspec.Struct, frozen=True):
    """An order as it is kept, for audits: snapshots, last hashes and events by stream, and the store's own
    balances.

    ``balances`` are in minor units by account, with captured, refunding, refunded, charged_back, goodwill and
    escrow_pending; empty while no money moved.
    """

    scene: Scene
    heads: Mapping[str, bytes]
    streams: Mapping[str, Sequence[Link]]
    balances: Mapping[str, int]


class Locking(Enum):
    """How a batch keeps others from its orders.

    It waits for those that another batch holds, or leaves them out, or locks nothing until it writes, and
    then writes only if nobody changed them since they were read.
    """

    WAIT = "wait"
    SKIP = "skip"
    OPTIMISTIC = "optimistic"


class Store(Protocol):
    """Where orders, cases, events, money and errands are kept."""

    def batch(
        self, order_ids: Sequence[str], keys: Sequence[str] = (), *, locking: Locking = Locking.WAIT
    ) -> AbstractAsyncContextManager[Batch]:
        """Load the orders, locked in id order; commit when the block ends, roll back if it raises.

        Orders that do not exist have no scene. An optimistic batch locks nothing: writing, done
        once, commits, or raises `WriteConflict` where an order is not as it was read. Entering may raise
        `WriteRefused` for ids that cannot be stored, and everything may raise `StoreUnreachable`.
        """

    async def due_orders(
        self, now: datetime, limit: int, after: DuePlace | None = None, ahead: int | None = None
    ) -> Sequence[Due]:
        """Streams (orders and cases) with ``due_at <= now`` in order of `Due.place`, at most ``limit``.

        Nothing is locked: who means to act on them opens a batch that leaves out what others hold
        (`Locking.SKIP`), so that workers do not queue up behind each other. ``after`` is the place behind
        which to begin. ``ahead`` passes over so many there, and wherever it is given also the streams whose
        order has something that was due before.
        """

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """The earliest due_at over orders, cases and unfinished errands (claimed ones too), or None.

        ``after``: only instants later than this.
        """

    def errands(self, now: datetime, limit: int) -> AbstractAsyncContextManager[Sequence[Errand]]:
        """Claim errands with ``due_at <= now`` by a lease, oldest first; no transaction stays open meanwhile.

        Entering takes up to ``limit`` rows that nobody holds (``for update skip locked``, in a transaction of
        its own), counts the attempt and stamps ``leased_until`` on the database's own real clock: a lease is
        about the life of a process, ``due_at`` is on the application's clock. Leaving gives back what was
        neither finished nor put off. A killed worker's errands come back when their lease has run out.
        """

    async def finish_errands(self, done: Sequence[str], later: Mapping[str, datetime]) -> None:
        """Mark errands done, or put them off until an instant of the application's clock. Ends the lease."""

    async def hasten_errands(self, errand_ids: Sequence[str], now: datetime) -> None:
        """Make unfinished errands due at ``now`` if they were due later: there is news to look up."""

    def events(self, stream: str) -> AsyncIterator[Link]:
        """The events of a stream, in order."""

    async def kept(self, after: str, limit: int) -> Sequence[Kept]:
        """Orders with ids greater than ``after``, by id, with all that is kept of each, as of one moment."""


class Among(msgspec.Struct, frozen=True, kw_only=True):
    """Orders, and what is about them, of which one of these is true: the number begins so, or it is of one of
    these buyers or sellers. Where nothing is given, nothing fits.
    """

    number: str = ""
    buyer_ids: tuple[str, ...] = ()
    seller_ids: tuple[str, ...] = ()


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases to list; empty fields do not narrow.

    ``order`` is ``due`` (nearest deadline first) or ``opened`` (newest first).
    """

    buyer_id: str = ""
    seller_id: str = ""
    mediator_id: str = ""
    order_id: str = ""
    states: tuple[str, ...] = ()
    waiting_on: str = ""
    reason: str = ""
    live: bool | None = None
    order: str = "due"
    among: Among | None = None


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders to list, newest first; empty fields do not narrow."""

    buyer_id: str = ""
    seller_id: str = ""
    stage: str = ""
    among: Among | None = None


class CasePage(msgspec.Struct, frozen=True):
    """One page of cases; ``next`` is the cursor of the following page, empty on the last."""

    cases: tuple[Case, ...]
    next: str = ""


class OrderPage(msgspec.Struct, frozen=True):
    """One page of orders; ``next`` is the cursor of the following page, empty on the last."""

    orders: tuple[Custody, ...]
    next: str = ""


class CaseFile(msgspec.Struct, frozen=True):
    """A case with all that is needed to show it: order, timeline, and the terms of its lines by terms id."""

    case: Case
    custody: Custody
    timeline: tuple[Link, ...]
    terms: Mapping[str, Terms]

    @property
    def case_terms(self) -> Terms:
        """The terms of the case: those of its first unit's line."""
        order = self.custody.order
        line = order.line(self.case.units[0].line_id) if self.case.units else None
        return self.terms[(line or order.lines[0]).terms_id]


class Happened(NamedTuple):
    """An event as it is stored: ``actor`` as ``role:id``, ``body`` its JSON, ``digest`` its hash."""

    seq: int
    at: datetime
    actor: str
    from_state: str
    body: bytes
    digest: bytes


def happening(link: Link) -> Happened:
    """The event of a link as it is stored."""
    one = link.recorded
    actor = f"{one.actor.role.value}:{one.actor.id}"
    return Happened(one.seq, one.at, actor, one.from_state, link.body, link.digest)


class CaseSheet(msgspec.Struct, frozen=True):
    """A case for those who only look: ``terms`` are the ids of the terms of the order's lines, by line;
    ``events`` are there only where they were asked for.
    """

    case: Case
    terms: Mapping[str, str]
    events: tuple[Happened, ...] = ()


class Reader(Protocol):
    """Reads, one statement each. They see what is committed."""

    async def scene(self, order_id: str) -> Scene | None:
        """An order with its cases."""

    async def case_file(self, case_id: str) -> CaseFile | None:
        """A case, its order and its timeline."""

    async def case_sheet(self, case_id: str, *, timeline: bool = False) -> CaseSheet | None:
        """A case as it is shown most often; with everything that happened if ``timeline``."""

    async def cases(self, wanted: CaseFilter, cursor: str, limit: int) -> CasePage:
        """A page of cases. Raises `ValueError` for a cursor that is none of ours."""

    async def orders(self, wanted: OrderFilter, cursor: str, limit: int) -> OrderPage:
        """A page of orders. Raises `ValueError` for a cursor that is none of ours."""

    async def timeline(self, stream: str) -> Sequence[Link]:
        """The events of a case or an order, oldest first."""

    async def transfers(self, order_id: str) -> Sequence[tuple[datetime, Transfer]]:
        """The ledger of an order, oldest first."""

    async def terms_of(self, terms_ids: Sequence[str]) -> Mapping[str, Terms]:
        """Terms by id; unknown ids are left out."""


class PaymentAnswer(msgspec.Struct, frozen=True):
    """What a provider said: ``state`` is succeeded, pending, failed or unknown (no such request).

    Succeeded and failed are final for a key. ``why`` of a failure is the provider's code: ``declined``,
    ``amount_too_high``, ``unknown_tender``, ``currency_mismatch``, ``recalled``, ``try_again`` (a trouble of
    its own: another key may work), or one of its own.
    """

    state: str
    reference: str = ""
    why: str = ""


class ProviderSilent(Exception):
    """The provider did not answer (slow, cut off, 5xx): whether it acted is unknown, so look it up."""


@runtime_checkable
class Captures(Protocol):
    """A provider that has to be told what was captured: only one that plays with play money needs that."""

    async def register_capture(self, tender_ref: str, amount: int, currency: str, part: str = "") -> None:
        """``amount`` minor units were captured on the tender; the same ``part`` again changes nothing.

        Orders of one checkout that share a payment are parts of one capture.
        """


@runtime_checkable
class Confirmations(Protocol):
    """A provider's news: calls that came to an end. They may come twice, late and in any order."""

    async def confirmations(self, limit: int) -> Sequence[str]:
        """The keys there is news about; what the news are is looked up."""


class KeyReused(Exception):
    """The provider knows the key with another request: a mistake of ours, nothing was done."""


class Payments(Protocol):
    """A payment provider. Every call carries our key; the same key never acts twice.

    The same key with another body raises `KeyReused`. All raise `ProviderSilent` when no answer came.
    """

    async def refund(self, key: str, tender_ref: str, amount: int, currency: str) -> PaymentAnswer:
        """Send ``amount`` minor units back to the tender."""

    async def pay_out(self, key: str, destination: str, amount: int, currency: str) -> PaymentAnswer:
        """Pay a seller, or a buyer's bank account."""

    async def look_up(self, key: str) -> PaymentAnswer:
        """What became of a request."""

    async def recall(self, key: str) -> PaymentAnswer:
        """Stop a refund that has not arrived; the answer is its state then.

        ``failed`` with why ``recalled``: stopped, and a late request with this key will not act either;
        ``succeeded``: too late, the money has arrived; ``pending``: ask again.
        """


class ClockSetting(msgspec.Struct, frozen=True):
    """How the sandbox's clock is set: ahead of the machine's by ``offset``, or still at ``held_at``."""

    offset: timedelta = timedelta()
    held_at: datetime | None = None


class ClockFace(Protocol):
    """Where the setting is kept, for all processes that share the sandbox."""

    async def read(self) -> ClockSetting:
        """The setting now."""

    async def write(self, setting: ClockSetting) -> None:
        """Replace the setting and tell everybody."""

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Nobody else moves the clock inside the block; waits for its turn."""

    def changes(self) -> AsyncIterator[ClockSetting]:
        """The setting at once, and again each time somebody replaced it."""


class Clock(Protocol):
    """What time it is; the sandbox's clock can be moved forward."""

    def now(self) -> datetime:
        """An aware UTC instant."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One notice to one person, rendered. ``notice_id`` is unique per event and person."""

    notice_id: str
    to: Actor
    order_id: str
    case_id: str
    event: str
    subject: str
    text: str
    at: datetime


class Inbox(Protocol):
    """The notices in people's accounts."""

    async def put(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        """Keep the letters; returns those not mailed yet. A known ``notice_id`` changes nothing."""

    async def mailed(self, notice_ids: Sequence[str]) -> None:
        """Remember that these went out by mail (or that nobody wants them by mail)."""

    async def of(self, person: Actor, limit: int) -> Sequence[Letter]:
        """A person's notices, newest first."""


class MailFailed(Exception):
    """The mail did not go out; it may later."""


class Mail(Protocol):
    """Sends mail. The same ``message_id`` again is the same mail: readers show it once."""

    async def send(self, mailing: Mailing) -> None:
        """Send to one address. Raises `MailFailed`, or `ValueError` for what is no address."""


class Addresses(Protocol):
    """Where people want their mail."""

    async def address(self, person: Actor) -> str | None:
        """The mail address, or None for somebody who has none or wants none."""


class KeyRole(StrEnum):
    """What an API key may be: a party, staff, a machine of the trade, or the marketplace itself."""

    MARKETPLACE = "marketplace"
    BUYER = "buyer"
    SELLER = "seller"
    MEDIATOR = "mediator"
    OPERATOR = "operator"
    CARRIER = "carrier"
    PROVIDER = "provider"


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept: never the key itself but its SHA-256 ``digest``, and whose it is.

    ``scopes`` narrow what the role may do (`amends.application.scopes`); None: everything it may. ``key_id``
    names the key where people see it; ``made_by`` is the account that made it, empty for the command line.
    """

    digest: bytes
    role: KeyRole
    party_id: str
    name: str = ""
    created_at: datetime
    revoked_at: datetime | None = None
    key_id: str = ""
    scopes: tuple[str, ...] | None = None
    made_by: str = ""
    used_at: datetime | None = None


class ApiKeys(Protocol):
    """The API keys in being."""

    async def find(self, digest: bytes) -> ApiKey | None:
        """The key of that digest, unless it was revoked or its maker is suspended."""

    async def add(self, key: ApiKey) -> bool:
        """Keep a new key; false where there is one of its ``key_id``."""

    async def revoke(self, digest: bytes, at: datetime) -> bool:
        """End a key; False where none of that digest was in being."""

    async def of(self, role: KeyRole, party_id: str) -> Sequence[ApiKey]:
        """A party's keys in being, newest first."""

    async def used(self, digest: bytes, at: datetime) -> None:
        """Remember that a key was used."""
