"""Everything people are told and tell each other, put together over one set of shelves."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from amends.application import closing_reminders
from amends.application.calendar_feed import CalendarFeed
from amends.application.closing_reminders import ClosingReminders
from amends.application.deadlines import Deadlines
from amends.application.delivery import Delivery, Post, Readers
from amends.application.errands import Chore
from amends.application.messages import Messages
from amends.application.nearing import PLAN
from amends.application.ports import Addresses, Clock, Inbox, Mail, Reader, Store
from amends.application.ports.calendar_feeds import CalendarFeeds
from amends.application.ports.messages import Attachments, Detector, MessageBook, Translator
from amends.application.ports.notices import NoticeBook
from amends.application.ports.outbox import Outbox
from amends.application.ports.preferences import PreferenceBook
from amends.application.ports.webhooks import WebhookBook, WebhookSender
from amends.application.reminders import REMIND, Operators, Reminders, nobody
from amends.application.webhooks import Webhooks
from amends.application.words import Words
from amends.domain.parties import Actor
from amends.domain.time import Calendars


class Account(Inbox, NoticeBook, Protocol):
    """The notices in people's accounts, for those who put them there and those who read them."""


class Shelves(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is kept."""

    messages: MessageBook
    outbox: Outbox
    notices: Account
    preferences: PreferenceBook
    feeds: CalendarFeeds
    webhooks: WebhookBook


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What it is about, and how it gets out. ``base_url`` is where the pages are, without a last slash."""

    reader: Reader
    store: Store
    clock: Clock
    calendars: Calendars
    mail: Mail
    addresses: Addresses
    readers: Readers
    detector: Detector
    sender: WebhookSender
    base_url: str
    secret: str
    translator: Translator | None = None
    attachments: Attachments | None = None
    operators: Operators = nobody


class Correspondence:
    """Messages, notices, mail, deadlines, calendars and webhooks of one process."""

    def __init__(self, shelves: Shelves, world: World) -> None:
        self.secret = world.secret
        self.detector = world.detector
        self.notices: NoticeBook = shelves.notices
        self.preferences = shelves.preferences
        self.messages = Messages(
            shelves.messages,
            world.reader,
            world.clock,
            world.calendars,
            world.detector,
            world.translator,
            world.attachments,
        )
        self.deadlines = Deadlines(world.reader, world.clock, world.calendars)
        self.webhooks = Webhooks(shelves.webhooks, world.sender, world.clock)
        self.reminders = Reminders(
            world.reader,
            world.store,
            shelves.outbox,
            self.messages,
            world.clock,
            world.calendars,
            world.operators,
        )
        self.closings = ClosingReminders(world.reader, shelves.outbox, world.clock, world.calendars)
        self.feed = CalendarFeed(shelves.feeds, self.deadlines, world.clock, self._words, world.base_url)
        self.delivery = Delivery(
            shelves.notices,
            world.mail,
            world.addresses,
            world.readers,
            post=Post(
                outbox=shelves.outbox,
                book=shelves.notices,
                preferences=shelves.preferences,
                clock=world.clock,
                base_url=world.base_url,
                secret=world.secret,
            ),
            followers=(self.reminders.follow, self.webhooks.follow),
        )
        self.readers = world.readers

    @property
    def chores(self) -> Mapping[str, Chore]:
        """Errands that are ours to do, by topic (`amends.application.errands.Errands`)."""
        return {
            "mail.later": self.delivery.later,
            "mail.digest": self.delivery.digest,
            PLAN: self.reminders.plan,
            REMIND: self.reminders.remind,
            closing_reminders.PLAN: self.closings.plan,
            closing_reminders.REMIND: self.closings.remind,
            "message.follow_up": self.reminders.follow_up,
            "message.silence": self.reminders.silence,
            "webhook.send": self.webhooks.send,
        }

    async def _words(self, person: Actor) -> Words:
        return (await self.readers([person]))[person]
