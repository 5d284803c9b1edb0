"""The engine: one process's parts over one PostgreSQL, opened and closed together."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import asyncpg
import structlog

from amends.adapters.calendars import CALENDARS
from amends.adapters.charts.child_process import ChildCharts
from amends.adapters.documents.child_process import ChildPapers
from amends.adapters.files.blobs import open_blobs
from amends.adapters.files.examiner import ChildExaminer
from amends.adapters.packs import LAWS, load, texts
from amends.adapters.payments.sandbox import Sandbox
from amends.adapters.postgres import embedded, migrate
from amends.adapters.postgres.blind_limits import PostgresBlindLimits
from amends.adapters.postgres.buyers import PostgresBuyerReads, PostgresContests
from amends.adapters.postgres.clock_face import PostgresClockFace
from amends.adapters.postgres.figures import PostgresFigures
from amends.adapters.postgres.files import PostgresFiles
from amends.adapters.postgres.help import PostgresHelpSearch
from amends.adapters.postgres.holds import PostgresHolds
from amends.adapters.postgres.inbox import PostgresInbox
from amends.adapters.postgres.keys import PostgresApiKeys
from amends.adapters.postgres.news import PostgresNews
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.policy_steps import PostgresPolicySteps
from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.purchases import PostgresPurchases
from amends.adapters.postgres.reach import explained, require_version
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.sandbox_vault import PostgresVault
from amends.adapters.postgres.seller_policies import PostgresSellerPolicies
from amends.adapters.postgres.seller_reads import PostgresSellerReads
from amends.adapters.postgres.store import PostgresStore, TermsShelf
from amends.adapters.postgres.support import PostgresSupport
from amends.application.account_mail import TOPIC as ACCOUNT_MAIL
from amends.application.blind_settlement import BlindSettlement
from amends.application.buyers import Buyers
from amends.application.case_file import CaseFiles
from amends.application.case_paper import CasePapers
from amends.application.clock import SandboxClock, SystemClock, TimeMachine
from amends.application.counterfeits import Counterfeits
from amends.application.errands import Errands
from amends.application.evidence import EvidenceRoom
from amends.application.exchanges import TOPIC as STOCK
from amends.application.execute import execute
from amends.application.gather import Gatherer
from amends.application.help.centre import HelpCentre
from amends.application.lapses import Fired, Lapses
from amends.application.policies import PolicyBook
from amends.application.ports import Clock, Done, Due, Envelope, Payments, Result
from amends.application.promises import Promises
from amends.application.sellers import Sellers
from amends.application.shipping import TOPIC as WATCH
from amends.application.standing_answers import StandingAnswers
from amends.application.studio import Studio
from amends.application.support import TOPIC as SUPPORT_MAIL
from amends.application.support import Support, SupportHouse
from amends.bootstrap.carriers import shipping_of, sightings_of
from amends.bootstrap.lab import lab_of
from amends.bootstrap.money import disputes_of, rebuttals_of, reconciliation_of
from amends.bootstrap.people import accounts_of, furnish, operators_of
from amends.bootstrap.post import addresses_of, correspondence_of, mail_of
from amends.bootstrap.stock import exchanges_of
from amends.domain.parties import Actor, Role
from amends.domain.scene import Rules
from amends.domain.time import Calendars
from amends.interfaces.web.parts import Person
from amends.interfaces.web.telling import Teller
from amends.settings import Settings
from amends.simulation.banks import banks
from amends.simulation.people import people

_log = structlog.get_logger()

# The law of each buyer's country is a floor under the platform's own terms.
PACKS = ("default", *LAWS)
# The simulated marketplace is the same on every machine.
SEED = 2026


class ClockFixed(Exception):
    """The clock can be moved in the sandbox only."""


class Engine:
    """What one process works with; `opened` makes it. It is the parts of the API, the pages and the CLI."""

    def __init__(self, settings: Settings, pool: Pool, secret: str, url: str) -> None:
        self.settings = settings
        self.pool = pool
        self.secret = secret
        self.sandbox = settings.sandbox
        self.calendars: Calendars = CALENDARS
        steps = PostgresPolicySteps(pool)
        self.policies = PolicyBook(load(PACKS), steps, texts(PACKS))
        shelf = TermsShelf()
        self.store = PostgresStore(pool, shelf)
        self.reader = PostgresReader(pool, shelf)
        self.news = PostgresNews(url, pool)
        self.keys = PostgresApiKeys(pool)
        self.inbox = PostgresInbox(pool)
        self.figures, self.holds = PostgresFigures(pool), PostgresHolds(pool)
        self.promises = Promises(self.figures)
        self.purchases = PostgresPurchases(pool)
        self.embedders, self.proxies = settings.embedders, settings.proxies
        self.charts = ChildCharts()
        self.sandbox_clock = SandboxClock(PostgresClockFace(pool)) if self.sandbox else None
        self.clock: Clock = self.sandbox_clock or SystemClock()
        self._rules = Rules({}, CALENDARS)
        self.evidence = EvidenceRoom(
            PostgresFiles(pool),
            open_blobs(settings.files, settings.home / "files"),
            ChildExaminer(settings.home / "incoming"),
            self.reader,
            self.clock,
        )
        seller_policies = PostgresSellerPolicies(pool)
        self.sellers = Sellers(seller_policies, PostgresSellerReads(pool), self.policies)
        self.buyers = Buyers(
            PostgresBuyerReads(pool),
            PostgresContests(pool),
            self.policies,
            PostgresOutbox(pool),
            operators_of(pool),
        )
        self.studio = Studio(self.policies, steps, self.clock, seller_policies)
        answers = StandingAnswers(self.sellers.policies, self.reader)
        mail = mail_of(settings)
        self.accounts = accounts_of(settings, pool, self.keys, mail, self.clock, secret)
        self._people = {(one.actor.role, one.actor.id): one for one in self.demo_people()}
        self.correspondence = correspondence_of(
            settings,
            pool,
            inbox=self.inbox,
            mail=mail,
            reader=self.reader,
            store=self.store,
            clock=self.clock,
            calendars=CALENDARS,
            known=self.person,
            attachments=self.evidence,
            secret=secret,
        )
        self.case_files = CaseFiles(
            self.reader, self.evidence, self.correspondence.messages, self.accounts.teams.behind_for
        )
        self.case_papers = CasePapers(self.case_files, ChildPapers(), Teller, self._name)
        self.help = HelpCentre(PostgresHelpSearch(pool), self.sellers, self.clock)
        self.support = Support(
            PostgresSupport(pool),
            self.reader,
            self.clock,
            evidence=self.evidence,
            mail=mail,
            addresses=addresses_of(settings, pool),
            account_of=self.accounts.roster.by_email,
            readers=self.correspondence.readers,
            detector=self.correspondence.detector,
            house=SupportHouse(
                base=settings.address,
                secret=secret,
                address=settings.support_mail,
                phones=settings.support_phones,
            ),
        )
        providers: dict[str, Payments] = {}
        if self.sandbox:
            providers = {"sandbox": Sandbox(PostgresVault(pool), self.clock), **banks()}
        self.lapses = Lapses(self.store, self._execute_free, self.clock)
        self.shipping = shipping_of(
            pool, self.reader, self.clock, CALENDARS, self.submit, self.policies.shipped, settings
        )
        self.reconciliation = reconciliation_of(settings, providers, pool, self.clock)
        self.disputes = disputes_of(settings, pool, self.reader, self.submit, self.clock)
        self.rebuttals = rebuttals_of(
            settings, pool, self.reader, self.clock, self.case_files, self.case_papers
        )
        self.counterfeits = Counterfeits(self.reader, self.submit, PostgresOutbox(pool), CALENDARS)
        self.carrier_news, self.sightings = sightings_of(settings, pool, self.reader, self.clock, self.submit)
        self.exchanges = exchanges_of(settings, pool, self.reader, self.clock, CALENDARS, self.submit)
        self.errands = Errands(
            self.store,
            self.execute,
            providers,
            self.correspondence.delivery,
            self.clock,
            answers=answers,
            chores={
                ACCOUNT_MAIL: self.accounts.mail.deliver,
                WATCH: self.shipping.look,
                STOCK: self.exchanges.keep,
                SUPPORT_MAIL: self.support.deliver,
                **self.counterfeits.chores,
                **self.rebuttals.chores,
                **self.correspondence.chores,
            },
        )
        self.lab = lab_of(pool, url, PACKS, self.clock)
        self._gatherer = Gatherer(self.execute)
        self.blind = BlindSettlement(
            PostgresBlindLimits(pool), self.reader, self.clock, CALENDARS, self.submit, secret
        )

    async def execute(self, envelopes: Sequence[Envelope]) -> list[Result]:
        """Carry out many commands in one transaction; results in their order."""
        return self._told(await execute(self.store, envelopes, rules=self._rules, now=self.clock.now()))

    async def _execute_free(self, envelopes: Sequence[Envelope]) -> list[Result]:
        """The same for orders nobody holds: a deadline waits for nobody, the next round comes soon."""
        now = self.clock.now()
        return self._told(await execute(self.store, envelopes, rules=self._rules, now=now, skip_locked=True))

    def _told(self, results: list[Result]) -> list[Result]:
        """Tell the pages that are open what changed."""
        changed = {result.order_id for result in results if isinstance(result, Done) and not result.replayed}
        if changed:
            self.news.tell(changed)
        return results

    async def submit(self, envelope: Envelope) -> Result:
        """Carry out one command together with whatever else waits."""
        return await self.evidence.through(envelope, self._gatherer.submit)

    async def fire(
        self, to: datetime, on_progress: Callable[[datetime, int], None] | None = None
    ) -> list[Fired]:
        """Move the sandbox's clock to ``to``; what fired. Raises `ClockFixed`, `MovedBackError`."""
        return await self._machine().advance(to, on_progress)

    async def sweep(self) -> int:
        """What is looked at once a minute: reminders, hidden limits to destroy, disputes that wait for their
        order, claims of counterfeits nobody looked at, days to reconcile.
        """
        await self.blind.clear()
        await self.sightings.sweep()
        more = await self.correspondence.reminders.sweep()
        await self.disputes.sweep()
        await self.counterfeits.catch_up(self.clock.now())
        await self.reconciliation.sweep()
        return more

    async def follow_clock(self) -> None:
        """See every change of the sandbox's clock until cancelled, whatever happens to the connection."""
        if self.sandbox_clock is None:
            return
        while True:
            try:
                await self.sandbox_clock.follow()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("clock_lost", error=repr(error))
            await asyncio.sleep(1)

    async def start_clock(self) -> None:
        """Read the sandbox's clock; one that a process left standing when it died runs on."""
        if self.sandbox_clock is not None:
            await self._machine().recover()

    def _machine(self) -> TimeMachine:
        if self.sandbox_clock is None:
            raise ClockFixed("the clock can be moved in the sandbox only (AMENDS_SANDBOX=1)")
        foresee = self.correspondence.reminders.foresee
        return TimeMachine(self.sandbox_clock, self.store, self.lapses, self.errands, foresee=foresee)

    async def advance(self, to: datetime) -> int:
        """Move the sandbox's clock to ``to``; how many deadlines fired on the way."""
        return len(await self.fire(to))

    async def deadlines(self, until: datetime, limit: int) -> Sequence[Due]:
        """The streams whose deadlines pass by ``until``, nearest first."""
        return await self.store.due_orders(until, limit)

    async def ready(self) -> bool:
        """Whether the database answers."""
        try:
            return bool(await self.pool.fetchval("select true"))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    def demo_people(self) -> Sequence[Person]:
        """Who can be signed in as by a press of a button; nobody outside the sandbox."""
        if not self.sandbox:
            return ()
        return tuple(
            Person(
                actor=Actor(one.role, one.id),
                name=one.name,
                about=one.about,
                zone=one.zone,
                country=one.country,
            )
            for one in people(SEED)
        )

    def person(self, role: Role, person_id: str) -> Person | None:
        """Somebody by role and id, where their name is known."""
        return self._people.get((role, person_id))

    def _name(self, role: Role, person_id: str) -> str:
        known = self.person(role, person_id)
        return known.name if known else person_id

    async def close(self) -> None:
        """Finish what was begun."""
        await self._gatherer.close()
        self.charts.close()
        await self.lab.close()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Engine]:
    """The engine of this process. Raises `PostgresUnavailable`, `MigrationRefused`."""
    url = await database_url(settings)
    await migrated(url)
    async with AsyncExitStack() as stack:
        with explained(url):
            pool = await open_pool(url)
        stack.push_async_callback(pool.close)
        engine = Engine(settings, pool, secret_of(settings), url)
        stack.push_async_callback(engine.close)
        await stack.enter_async_context(engine.news.running())
        await engine.start_clock()
        # A published text that this version cannot read must not be found out by the first order.
        await engine.policies.packs()
        if engine.sandbox:
            await furnish(engine.accounts, people(SEED))
        stack.push_async_callback(_cancelled, asyncio.create_task(engine.follow_clock()))
        yield engine


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def database_url(settings: Settings) -> str:
    """Where PostgreSQL is: your own, or the embedded one, started if need be."""
    return settings.database_url or await embedded.ensure_running(settings.home)


async def migrated(url: str, *, dry_run: bool = False) -> list[str]:
    """Apply what is pending; their names. Raises `PostgresUnavailable`, `MigrationRefused`."""
    with explained(url):
        connection = await asyncpg.connect(url)
        try:
            require_version(connection, url)
            return await migrate.migrate(connection, dry_run)
        finally:
            await connection.close()


def secret_of(settings: Settings) -> str:
    """What signs sessions: given, or made once and kept where only this user can read it."""
    if settings.secret:
        return settings.secret
    file = settings.home / "secret"
    with suppress(FileNotFoundError):
        return file.read_text().strip()
    settings.home.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_urlsafe(48)
    draft = Path(f"{file}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(fresh)
    # Of several processes that start at once, the first one's secret is everybody's.
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    return file.read_text().strip()
