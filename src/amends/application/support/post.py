"""Mail that goes out from support: an agent's words, to whoever did not read them in the chat."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from amends.application.delivery import Readers
from amends.application.mailing import sent
from amends.application.ports import Addresses, Errand, Mail
from amends.application.ports.mail import Link, Mailing
from amends.application.ports.support import Conversation, Entry, SupportBook
from amends.application.support.drawer import Drawer
from amends.application.support.house import SupportHouse
from amends.application.support.mail import plus_address
from amends.application.words import LANGUAGES, N_, Words
from amends.domain.parties import Actor

TOPIC = "support.mail"
# Whoever still sits at the chat has read it by then, and gets no mail about it.
CHAT_PATIENCE = timedelta(minutes=10)
_REFERENCES_MAX = 10


class SupportMailBody(msgspec.Struct, frozen=True):
    """The body of a ``support.mail`` errand: which entry to send."""

    conversation_id: str
    seq: int


class Post:
    """Sends what agents write, so that answers find their way back."""

    def __init__(
        self,
        book: SupportBook,
        mail: Mail,
        addresses: Addresses,
        readers: Readers,
        house: SupportHouse,
        drawer: Drawer,
    ) -> None:
        self._book = book
        self._drawer = drawer
        self._mail = mail
        self._addresses = addresses
        self._readers = readers
        self._house = house

    def new_message_id(self) -> str:
        """A Message-ID for what is about to be written, without brackets."""
        return f"{secrets.token_hex(16)}@{self._house.address.partition('@')[2] or 'amends.invalid'}"

    async def language_of(self, person: Actor) -> str:
        """The language somebody reads."""
        return (await self._readers([person]))[person].locale.language

    def errand(self, to: Conversation, written: Entry) -> Errand:
        """What the outbox has to do about an agent's words."""
        patience = CHAT_PATIENCE if to.channel == "chat" else timedelta()
        return Errand(
            errand_id=f"support:{to.conversation_id}:{written.seq}",
            topic=TOPIC,
            order_id=to.order_id,
            case_id=to.case_id,
            body=msgspec.to_builtins(SupportMailBody(to.conversation_id, written.seq)),
            due_at=written.at + patience,
        )

    async def deliver(self, errand: Errand) -> bool:
        """Send an agent's words by mail; false where it did not go out and should be tried again."""
        body = msgspec.convert(errand.body, SupportMailBody)
        found = await self._book.find(body.conversation_id)
        if found is None or (found.channel == "chat" and found.through >= body.seq):
            return True
        entries = await self._book.entries(body.conversation_id)
        entry = next((one for one in entries if one.seq == body.seq), None)
        to = found.email or (await self._addresses.address(found.person) if found.person else None)
        if entry is None or not to:
            return True
        mailing = self._mailing(errand.errand_id, found, entry, entries, to)
        if found.person is None and entry.author is not None:
            attached = await self._drawer.attached(entry.files, entry.author)
            mailing = msgspec.structs.replace(mailing, attached=attached)
        return await sent(self._mail, mailing)

    def _mailing(
        self, message_id: str, about: Conversation, entry: Entry, entries: Sequence[Entry], to: str
    ) -> Mailing:
        language = LANGUAGES.get(about.language)
        words = Words(language.locale) if language else Words()
        earlier = [
            one.message_id for one in entries if one.seq < entry.seq and one.message_id and not one.internal
        ]
        text = entry.text
        if entry.files:
            told = _told_of_files(about, len(entry.files), words)
            text = f"{text}\n\n{told}" if text else told
        link = None
        if about.person is not None:
            address = f"{self._house.base}/support/{about.conversation_id}"
            link = Link(words.say(N_("Read the conversation")), address)
        first = entry.seq == 1
        footer = (
            N_("Support wrote to you. Your answer reaches us.")
            if first
            else N_("You get this because you wrote to support. Your answer reaches us.")
        )
        return Mailing(
            message_id=message_id,
            to=to,
            subject=about.subject if first else words.say(N_("Re: %(subject)s"), subject=about.subject),
            text=text,
            at=entry.at,
            lang=words.lang,
            rtl=words.direction == "rtl",
            link=link,
            footer=words.say(footer),
            reply_to=self._reply_to(about),
            header_id=entry.message_id,
            references=tuple(one for one in earlier if one.isascii())[-_REFERENCES_MAX:],
        )

    def _reply_to(self, conversation: Conversation) -> str:
        if not self._house.address:
            return ""
        return plus_address(self._house.address, conversation.conversation_id, self._house.secret)


def _told_of_files(about: Conversation, count: int, words: Words) -> str:
    """Where somebody finds the files: on the page, or, without an account, with the mail itself."""
    if about.person is None:
        return words.count("%(number)s file is attached.", "%(number)s files are attached.", count)
    return words.count(
        "%(number)s file comes with it: open the conversation to see it.",
        "%(number)s files come with it: open the conversation to see them.",
        count,
    )
