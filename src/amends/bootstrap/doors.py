"""What the command line finds behind its doors."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec

from amends.adapters.calendars import CALENDARS
from amends.adapters.imports.olist import OlistReading
from amends.adapters.imports.online_retail import OnlineRetailReading
from amends.adapters.packs import load
from amends.adapters.payments import paypal, stripe
from amends.adapters.postgres import embedded
from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.reach import explained
from amends.application.intake import Reading
from amends.application.keys import mint
from amends.application.lab.runs import Lab
from amends.application.people import COMMAND_LINE
from amends.application.ports import KeyRole
from amends.application.ports.accounts import Account
from amends.application.ports.people import PeopleFilter
from amends.application.replay import Play, ReplayClock
from amends.bootstrap import http_server
from amends.bootstrap.collector import settle
from amends.bootstrap.engine import PACKS, SEED, Engine, database_url, migrated, opened
from amends.bootstrap.listening import require_free
from amends.bootstrap.playhouse import Playhouse, world_of
from amends.bootstrap.server import WITH_WORKER
from amends.domain.cases.prove import Proof, prove
from amends.domain.parties import Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.drafts import check_text
from amends.domain.policy.terms import resolve
from amends.domain.reconciliation import Movement
from amends.domain.time import Calendars
from amends.interfaces.cli.imports import Taker
from amends.interfaces.cli.policy import PolicyVersion
from amends.interfaces.worker import Worker, stop_on_signal
from amends.settings import Settings
from amends.simulation.marketplace import SPAN, Populated, populate
from amends.simulation.olist import OlistReplay

FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


class Doors:
    """Opens for each command just what it needs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.calendars: Calendars = CALENDARS

    def engine(self) -> AbstractAsyncContextManager[Engine]:
        """This process's parts, over a migrated database."""
        return opened(self.settings)

    async def migrate(self, *, dry_run: bool) -> list[str]:
        """The migrations applied, or that would be."""
        return await migrated(await database_url(self.settings), dry_run=dry_run)

    async def proof(self, packs: tuple[str, ...], *, reopening: bool) -> Proof:
        """Explore every case under the packs' terms for an ordinary order, on top of the platform's."""
        facts = Facts(placed_at=datetime(2026, 3, 2, tzinfo=UTC), currency="USD")
        terms = resolve(load(dict.fromkeys((*PACKS, *packs))), facts)
        return await asyncio.to_thread(prove, terms, CALENDARS, reopening=reopening)

    @property
    def report_shapes(self) -> Mapping[str, Callable[[Sequence[Mapping[str, Any]]], list[Movement]]]:
        """Readers of providers' reports."""
        return {"stripe": stripe.movements, "paypal": paypal.movements}

    def olist(self, folder: Path) -> Reading:
        """A reading of an Olist folder. Raises `ImportRefused`."""
        return OlistReading(folder)

    def online_retail(self, file: Path) -> Reading:
        """A reading of the Online Retail table. Raises `ImportRefused`."""
        return OnlineRetailReading(file)

    @asynccontextmanager
    async def taker(self) -> AsyncIterator[Taker]:
        """Open the store for an import."""
        async with self.engine() as engine:
            yield Taker(await engine.policies.packs(), engine.execute)

    @asynccontextmanager
    async def play(self, reading: Reading, step: timedelta) -> AsyncIterator[Play]:
        """A world of its own for a replay: a database dropped afterwards, a clock of another year."""
        async with scratch(await database_url(self.settings)) as pool:
            world = world_of(pool, ReplayClock(FIRST_INSTANT))
            yield OlistReplay(reading, world, load(PACKS), CALENDARS, step=step)

    @asynccontextmanager
    async def lab(self) -> AsyncIterator[Lab]:
        """The lab over this installation's past."""
        async with self.engine() as engine:
            yield engine.lab

    async def check_policy(self, text: str, *, live: bool) -> str:
        """What a pack's text is, in a sentence. Raises `PackError`."""
        if live:
            async with self.engine() as engine:
                return check_text(text, await engine.policies.packs())
        return check_text(text, load(PACKS))

    async def policies(self) -> Sequence[PolicyVersion]:
        """Every version of every pack."""
        async with self.engine() as engine:
            shelf, now = await engine.policies.shelf(), engine.clock.now()
            live = {(pack.pack_id, pack.version) for pack in await engine.policies.in_force(now)}
            along = [
                PolicyVersion(
                    pack.pack_id,
                    pack.version,
                    "in_force" if (pack.pack_id, pack.version) in live else "superseded",
                    pack.published_from.isoformat() if pack.published_from else "",
                )
                for pack in engine.policies.shipped
            ]
            own = [
                PolicyVersion(
                    one.pack_id,
                    one.version,
                    shelf.stand(one, now).value,
                    one.since.isoformat() if one.since else "",
                )
                for one in shelf.revisions.values()
            ]
        return sorted([*along, *own])

    async def populate(self, progress: Callable[[int, int], None]) -> Populated:
        """Fill an empty sandbox with the simulated marketplace; one that has orders is left alone."""
        async with self.engine() as engine:
            now = engine.clock.now()
            stage = Playhouse(engine, ReplayClock(now - SPAN))
            return await populate(
                stage.world,
                engine.policies.shipped,
                seed=SEED,
                now=now,
                on_progress=progress,
                hang=stage.voices.hang,
                voices=stage.voices,
            )

    async def mint(self, role: KeyRole, party: str, name: str) -> str:
        """Make an API key; the token is not kept."""
        async with self.engine() as engine:
            token, record = mint(role, party, engine.clock.now(), name)
            await engine.keys.add(record)
            return token

    async def add_account(self, role: Role, email: str, name: str, party: str) -> str | None:
        """Make an account; the link by which its owner sets a password, None where there is one."""
        async with self.engine() as engine:
            return await engine.accounts.add_by_link(role, email, name, party)

    async def find_accounts(self, text: str) -> Sequence[Account]:
        """Accounts by a part of name, address or id."""
        async with self.engine() as engine:
            return (await engine.accounts.people.find(PeopleFilter(text=text))).accounts

    async def suspend_account(self, email: str, why: str) -> bool:
        """Shut somebody out; false where nobody has the address."""
        async with self.engine() as engine:
            found = await engine.accounts.roster.by_email(email)
            if found is None:
                return False
            await engine.accounts.people.suspend(COMMAND_LINE, found.account_id, why)
            return True

    async def restore_account(self, email: str) -> bool:
        """Let somebody in again; false where nobody has the address."""
        async with self.engine() as engine:
            found = await engine.accounts.roster.by_email(email)
            if found is None:
                return False
            await engine.accounts.people.restore(COMMAND_LINE, found.account_id)
            return True

    async def work(self) -> None:
        """Run a worker until a signal stops it."""
        async with self.engine() as engine:
            with stop_on_signal() as stop:
                worker = Worker(
                    engine.lapses,
                    engine.errands,
                    sandbox_clock=engine.sandbox_clock,
                    clear=engine.evidence.clear,
                    sweep=engine.sweep,
                )
                settle()
                await worker.run(stop)

    def require_address(self) -> None:
        """See that nobody else listens where we are to. Raises `AddressUnavailable`."""
        require_free(self.settings.host, self.settings.port)

    def serve(self, *, workers: int, with_worker: bool) -> None:
        """Serve API and pages until a signal stops it.

        Raises `AddressUnavailable`, `PostgresUnavailable` and `MigrationRefused` before anything is served.
        """
        self.require_address()
        asyncio.run(self.migrate(dry_run=False))
        os.environ["AMENDS_SANDBOX"] = "1" if self.settings.sandbox else "0"
        if with_worker:
            os.environ[WITH_WORKER] = "1"
        http_server.serve("amends.bootstrap.server:app", self.settings.host, self.settings.port, workers)

    def stop_database(self) -> None:
        """Stop the embedded PostgreSQL for everybody who uses it."""
        embedded.stop(self.settings.home)

    def in_sandbox(self) -> "Doors":
        """The same, with play money and a clock that can be moved."""
        return Doors(msgspec.structs.replace(self.settings, sandbox=True))


@asynccontextmanager
async def scratch(url: str) -> AsyncIterator[Pool]:
    """A migrated database of its own on the same server, dropped at the end."""
    name = f"amends_scratch_{secrets.token_hex(6)}"
    with explained(url):
        admin = await asyncpg.connect(url)
    try:
        with explained(url):
            await admin.execute(f'create database "{name}"')
        try:
            there = with_database(url, name)
            await migrated(there)
            pool = await open_pool(there)
            try:
                yield pool
            finally:
                await pool.close()
        finally:
            await admin.execute(f'drop database "{name}" with (force)')
    finally:
        await admin.close()


def with_database(url: str, name: str) -> str:
    """The same server's URL for another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))
