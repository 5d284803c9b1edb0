"""What carries words out of this process: mail, translation, webhooks; and how each reader reads."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from amends.adapters.mail.addresses import InventedAddresses
from amends.adapters.mail.folder import MailFolder
from amends.adapters.mail.smtp import SmtpMail
from amends.adapters.postgres.accounts import PostgresAccounts
from amends.adapters.postgres.calendar_feeds import PostgresCalendarFeeds
from amends.adapters.postgres.inbox import PostgresInbox
from amends.adapters.postgres.messages import PostgresMessages
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.pool import Pool
from amends.adapters.postgres.preferences import PostgresPreferences
from amends.adapters.postgres.webhooks import PostgresWebhooks
from amends.adapters.translation.detection import LangidDetector
from amends.adapters.translation.libre import LibreTranslate
from amends.adapters.webhooks.guard import Guard
from amends.adapters.webhooks.sender import HttpWebhookSender
from amends.application.correspondence import Correspondence, Shelves, World
from amends.application.ports import Clock, Mail, Reader, Store
from amends.application.ports.accounts import AccountStore
from amends.application.ports.messages import Attachments, Translator
from amends.application.words import Words, choose
from amends.application.zones import zone_of
from amends.bootstrap.people import operators_of
from amends.domain.parties import Actor, Role
from amends.domain.time import Calendars
from amends.interfaces.web.parts import Person
from amends.settings import Settings
from amends.simulation.phrases import PhraseBook

_SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_SMTP_TLS = {"smtp": "starttls", "smtps": "implicit", "smtp+plain": "none"}

Known = Callable[[Role, str], Person | None]


def mail_of(settings: Settings) -> Mail:
    """The mail server that was set up; without one, a folder that people can look into."""
    if not settings.smtp_url:
        return MailFolder(settings.home / "mail")
    url = urlsplit(settings.smtp_url)
    return SmtpMail(
        url.hostname or "",
        url.port or _SMTP_PORTS[url.scheme],
        settings.mail_from,
        username=unquote(url.username or ""),
        password=unquote(url.password or ""),
        tls=_SMTP_TLS[url.scheme],
    )


class AccountAddresses:
    """The address of somebody's account; in the sandbox, an invented one for whoever has none."""

    def __init__(self, accounts: AccountStore, *, sandbox: bool) -> None:
        self._accounts = accounts
        self._invented = InventedAddresses() if sandbox else None

    async def address(self, person: Actor) -> str | None:
        """The address of the first of a party's accounts, its owner's."""
        team = await self._accounts.of_party(person.role, person.id)
        found = next((one.email for one in team if one.email and one.suspended_at is None), None)
        if found is None and self._invented is not None:
            return await self._invented.address(person)
        return found


def addresses_of(settings: Settings, pool: Pool) -> AccountAddresses:
    """Where people want their mail."""
    return AccountAddresses(PostgresAccounts(pool), sandbox=settings.sandbox)


def readers_of(
    accounts: AccountStore, known: Known
) -> Callable[[Sequence[Actor]], Awaitable[Mapping[Actor, Words]]]:
    """How each of some people reads: what their account says, or what is known of them otherwise."""

    async def readers(people: Sequence[Actor]) -> Mapping[Actor, Words]:
        found = {}
        for person in people:
            team = await accounts.of_party(person.role, person.id)
            account = team[0] if team else None
            other = known(person.role, person.id)
            language = choose(account.language if account else "", other.language if other else "")
            country = (account.country if account else "") or (other.country if other else "")
            zone = (account.zone if account else "") or (other.zone if other else "") or zone_of(country)
            found[person] = Words(language.locale, zone)
        return found

    return readers


def correspondence_of(
    settings: Settings,
    pool: Pool,
    *,
    inbox: PostgresInbox,
    mail: Mail,
    reader: Reader,
    store: Store,
    clock: Clock,
    calendars: Calendars,
    known: Known,
    attachments: Attachments,
    secret: str,
) -> Correspondence:
    """Everything people are told and tell each other, over one database."""
    outbox = PostgresOutbox(pool)
    accounts = PostgresAccounts(pool)
    shelves = Shelves(
        messages=PostgresMessages(pool),
        outbox=outbox,
        notices=inbox,
        preferences=PostgresPreferences(pool),
        feeds=PostgresCalendarFeeds(pool),
        webhooks=PostgresWebhooks(pool),
    )
    translator: Translator | None = PhraseBook() if settings.sandbox else None
    if settings.translation_url:
        translator = LibreTranslate(settings.translation_url, settings.translation_key)
    world = World(
        reader=reader,
        store=store,
        clock=clock,
        calendars=calendars,
        mail=mail,
        addresses=AccountAddresses(accounts, sandbox=settings.sandbox),
        readers=readers_of(accounts, known),
        detector=LangidDetector(),
        sender=HttpWebhookSender(Guard(settings.webhooks_inside)),
        base_url=settings.address,
        secret=secret,
        translator=translator,
        attachments=attachments,
        operators=operators_of(pool),
    )
    return Correspondence(shelves, world)
