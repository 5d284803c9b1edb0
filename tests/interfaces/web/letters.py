"""Correspondence for tests: real and in memory; mail, translations and webhooks are looked at."""

from collections.abc import Callable, Collection, Mapping

from amends.adapters.calendars import CALENDARS
from amends.adapters.memory.calendar_feeds import MemoryCalendarFeeds
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.messages import MemoryMessages
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.preferences import MemoryPreferences
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.webhooks import MemoryWebhooks
from amends.adapters.translation.detection import LangidDetector
from amends.adapters.webhooks.guard import Guard
from amends.application.correspondence import Correspondence, Shelves, World
from amends.application.delivery import Readers, in_english
from amends.application.ports import Addresses, Clock, Mail, MailFailed
from amends.application.ports.mail import Mailing
from amends.application.ports.messages import Attachments, TranslationFailed
from amends.application.ports.webhooks import Reply
from amends.application.reminders import Operators, nobody
from amends.domain.parties import Actor

BASE = "http://town.example"
SECRET = "a secret that is long enough for anybody"


class Postman:
    """Mail that was sent; everybody has an address, unless ``addressed`` is off."""

    def __init__(self, *, addressed: bool = True) -> None:
        self.sent: list[Mailing] = []
        self.down = False
        self.addressed = addressed

    async def send(self, mailing: Mailing) -> None:
        if self.down:
            raise MailFailed("the mail server is away")
        self.sent.append(mailing)

    async def address(self, person: Actor) -> str | None:
        return f"{person.role.value}.{person.id}@example.com" if self.addressed else None

    def to(self, person: Actor) -> list[Mailing]:
        """What one person got."""
        return [one for one in self.sent if one.to == f"{person.role.value}.{person.id}@example.com"]


class Interpreter:
    """A translation service that knows a few sentences; ``down`` makes it fail."""

    def __init__(self, known: Mapping[tuple[str, str], str] | None = None) -> None:
        self.known = dict(known or {})
        self.asked: list[tuple[str, str, str]] = []
        self.down = False

    async def translate(self, text: str, source: str, target: str) -> str:
        self.asked.append((text, source, target))
        if self.down or (text, target) not in self.known:
            raise TranslationFailed("no such sentence")
        return self.known[text, target]


class Receiver:
    """The other end of webhooks: what was posted, and what is answered."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str], bytes]] = []
        self.reply = Reply(204)
        self._guard = Guard()

    def check(self, url: str) -> None:
        self._guard.check(url)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Reply:
        self.posted.append((url, headers, body))
        return self.reply


class Letters:
    """Correspondence over a store in memory."""

    def __init__(
        self,
        store: MemoryStore,
        clock: Clock,
        *,
        mail: Mail | None = None,
        addresses: Addresses | None = None,
        inbox: MemoryInbox | None = None,
        readers: Readers = in_english,
        attachments: Attachments | None = None,
        interpreter: Interpreter | None = None,
        addressed: bool = True,
        tell: Callable[[Collection[str]], None] = lambda _order_ids: None,
        operators: Operators = nobody,
    ) -> None:
        self.postman = Postman(addressed=addressed)
        self.receiver = Receiver()
        self.interpreter = interpreter
        self.inbox = inbox or MemoryInbox()
        outbox = MemoryOutbox(store)
        shelves = Shelves(
            messages=MemoryMessages(outbox, tell),
            outbox=outbox,
            notices=self.inbox,
            preferences=MemoryPreferences(),
            feeds=MemoryCalendarFeeds(),
            webhooks=MemoryWebhooks(outbox),
        )
        world = World(
            reader=store,
            store=store,
            clock=clock,
            calendars=CALENDARS,
            mail=mail or self.postman,
            addresses=addresses or self.postman,
            readers=readers,
            detector=LangidDetector(),
            sender=self.receiver,
            base_url=BASE,
            secret=SECRET,
            translator=interpreter,
            attachments=attachments,
            operators=operators,
        )
        self.correspondence = Correspondence(shelves, world)
