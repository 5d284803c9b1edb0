"""Where past days are played: a world on a clock of its own, and the voices of the simulated people in it."""

import io
from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace
from PIL import Image

from amends.adapters.calendars import CALENDARS
from amends.adapters.files.pictures import legibility, perceptual_hash
from amends.adapters.payments.sandbox import Sandbox
from amends.adapters.postgres.accounts import PostgresAccounts
from amends.adapters.postgres.inbox import PostgresInbox
from amends.adapters.postgres.messages import PostgresMessages
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.sandbox_shelf import PostgresShelf
from amends.adapters.postgres.sandbox_vault import PostgresVault
from amends.adapters.postgres.store import PostgresStore, TermsShelf
from amends.adapters.postgres.support import PostgresSupport
from amends.adapters.stock.sandbox import SandboxStock
from amends.adapters.translation.detection import LangidDetector
from amends.application.counterfeits import Counterfeits
from amends.application.delivery import Delivery, Readers, in_english
from amends.application.errands import Chore, Errands, Submit
from amends.application.evidence import EvidenceRoom
from amends.application.exchanges import TOPIC as STOCK
from amends.application.exchanges import Exchanges
from amends.application.execute import execute
from amends.application.lapses import Lapses
from amends.application.messages import Messages
from amends.application.ports import Envelope, Result
from amends.application.ports.mail import Mailing
from amends.application.reminders import Reminders
from amends.application.replay import ReplayClock, World
from amends.application.support import TOPIC, Support
from amends.bootstrap.engine import Engine
from amends.bootstrap.post import readers_of
from amends.bootstrap.stock import sold_in_the_sandbox
from amends.domain.parties import Actor
from amends.domain.scene import Rules
from amends.simulation.banks import banks
from amends.simulation.pictures import Drawn
from amends.simulation.voices import Voices


class Playhouse:
    """A world to play in, and the voices of its people. Nothing is mailed: it is all long ago."""

    def __init__(self, engine: Engine, clock: ReplayClock) -> None:
        pool = engine.pool
        readers = readers_of(PostgresAccounts(pool), engine.person)
        reader = PostgresReader(pool, TermsShelf())
        messages = Messages(
            PostgresMessages(pool), reader, clock, CALENDARS, LangidDetector(), None, engine.evidence
        )
        store = PostgresStore(pool, TermsShelf())
        reminders = Reminders(reader, store, PostgresOutbox(pool), messages, clock, CALENDARS)
        support = Support(
            PostgresSupport(pool),
            reader,
            clock,
            evidence=engine.evidence,
            mail=_Silence(),
            addresses=_Nowhere(),
            account_of=engine.accounts.roster.by_email,
            house=engine.support.house,
            readers=readers,
        )
        chores: dict[str, Chore] = {
            "message.follow_up": reminders.follow_up,
            "message.silence": reminders.silence,
            TOPIC: support.deliver,
        }
        self.world = world_of(pool, clock, readers, chores)
        self.voices = Voices(
            messages=messages,
            support=support,
            notices=engine.correspondence.notices,
            hang=partial(_hang, engine.evidence),
        )


def world_of(
    pool: Pool,
    clock: ReplayClock,
    readers: Readers = in_english,
    chores: Mapping[str, Chore] | None = None,
) -> World:
    """A world over a database that nobody else acts in, on a clock of its own; ``readers`` read notices."""
    shelf = TermsShelf()
    store = PostgresStore(pool, shelf)
    rules = Rules({}, CALENDARS)
    providers = {"sandbox": Sandbox(PostgresVault(pool), clock), **banks()}
    delivery = Delivery(PostgresInbox(pool), _Silence(), _Nowhere(), readers)

    async def submit(envelopes: Sequence[Envelope]) -> list[Result]:
        return await execute(store, envelopes, rules=rules, now=clock.now())

    reader = PostgresReader(pool, shelf)

    def errands(observed: Submit) -> Errands:
        async def alone(envelope: Envelope) -> Result:
            return (await observed([envelope]))[0]

        stock = SandboxStock(PostgresShelf(pool), clock, sold_in_the_sandbox)
        kept = Exchanges(reader, clock, CALENDARS, alone, stock)
        claims = Counterfeits(reader, alone, PostgresOutbox(pool), CALENDARS)
        done = {**claims.chores, STOCK: kept.keep, **(chores or {})}
        return Errands(store, observed, providers, delivery, clock, chores=done)

    return World(
        clock=clock,
        store=store,
        reader=reader,
        submit=submit,
        lapses=lambda observed: Lapses(store, observed, clock),
        errands=errands,
    )


async def _hang(room: EvidenceRoom, drawn: Drawn) -> None:
    """Keep a file, looked at as if somebody had sent it."""
    file = drawn.file
    if file.media_type == "image/jpeg":
        with Image.open(io.BytesIO(drawn.picture)) as image:
            image.load()
            file = replace(file, seen=legibility(image, min(image.size)), phash=perceptual_hash(image))
    await room.hang(file, drawn.picture, drawn.thumb)


class _Nowhere:
    """In a replay nobody has a mailbox: notices stay in the account."""

    async def address(self, person: Actor) -> str | None:  # noqa: ARG002 - the port's signature
        return None


class _Silence:
    """Nothing goes out."""

    async def send(self, mailing: Mailing) -> None:
        """Nothing."""
