"""Mail that comes in: to which conversation it belongs, and what becomes of its files."""

import secrets
from datetime import datetime

import msgspec

from amends.application.ports import Addresses, Clock
from amends.application.ports.messages import Detector
from amends.application.ports.support import Clash, Conversation, Entry, SupportBook
from amends.application.support import rules
from amends.application.support.conversations import ATTEMPTS
from amends.application.support.drawer import Drawer, stranger
from amends.application.support.house import SupportHouse
from amends.application.support.mail import Inbound, conversation_of, read_mail
from amends.application.words import choose
from amends.domain.messages import mask_cards
from amends.domain.parties import Actor
from amends.domain.refusals import Refused


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a mail: ``opened`` a conversation, ``added`` to one, ``known`` before, or ``ignored``.

    ``left_out`` names the files that were not taken.
    """

    outcome: str
    conversation_id: str = ""
    left_out: tuple[str, ...] = ()


class Intake:
    """Takes mails in, each of them once."""

    def __init__(
        self,
        book: SupportBook,
        clock: Clock,
        drawer: Drawer,
        addresses: Addresses,
        house: SupportHouse,
        detector: Detector | None = None,
    ) -> None:
        self._book = book
        self._clock = clock
        self._drawer = drawer
        self._addresses = addresses
        self._house = house
        self._detector = detector

    async def receive(self, raw: bytes) -> Taken | Refused:
        """Take a mail in. The same mail twice is taken once."""
        mail = read_mail(raw)
        if isinstance(mail, Refused):
            return mail
        if mail.automatic or self._is_ours(mail.sender):
            return Taken(outcome="ignored")
        known = await self._book.by_message([mail.message_id])
        if known is not None:
            return Taken(outcome="known", conversation_id=known.conversation_id)
        named = await self._named(mail)
        belongs = named is not None and mail.sender in await self._addresses_of(named)
        if named is not None and belongs:
            return await self._answered(named, mail)
        return await self._opened(mail, named)

    def _is_ours(self, sender: str) -> bool:
        local, _, domain = sender.partition("@")
        return f"{local.partition('+')[0]}@{domain}" == self._house.address.lower()

    def _language(self, mail: Inbound) -> str:
        """The language somebody writes in, where it is one that answers can be in."""
        return choose(self._detector.language(mail.text) if self._detector is not None else "").code

    async def _named(self, mail: Inbound) -> Conversation | None:
        """The conversation a mail says it belongs to: by the address it went to, or what it answers."""
        signed = conversation_of(mail.to, self._house.secret)
        if signed:
            return await self._book.find(signed)
        return await self._book.by_message(mail.answers)

    async def _addresses_of(self, conversation: Conversation) -> set[str]:
        known = {conversation.email.lower()}
        if conversation.person is not None:
            known.add((await self._addresses.address(conversation.person) or "").lower())
        return known - {""}

    async def _answered(self, to: Conversation, mail: Inbound) -> Taken | Refused:
        by = to.person or stranger(mail.sender)
        files, left_out = await self._drawer.take_all(mail.attachments, by)
        for _ in range(ATTEMPTS):
            entries = await self._book.entries(to.conversation_id)
            found = await self._book.find(to.conversation_id) or to
            refused = rules.refused(found, "said", False, len(entries))
            if refused is not None:
                return refused
            now = self._clock.now()
            changed = rules.changed(found, "said", False, "", now)
            entry = _entry(mail, to.person, files, now)
            try:
                added = await self._book.write(
                    changed, entry, since=len(entries), key=f"mail:{mail.message_id}"
                )
            except Clash:
                continue
            outcome = "known" if added.again else "added"
            return Taken(outcome=outcome, conversation_id=to.conversation_id, left_out=left_out)
        return Refused(
            kind="version_conflict", detail="The conversation is busy: send the mail again in a moment."
        )

    async def _opened(self, mail: Inbound, named: Conversation | None) -> Taken:
        now = self._clock.now()
        conversation = Conversation(
            conversation_id=secrets.token_hex(8),
            channel="mail",
            subject=rules.subject_of(mail.subject or mail.text),
            opened_at=now,
            updated_at=now,
            email=mail.sender,
            language=self._language(mail),
            waiting_since=now,
        )
        files, left_out = await self._drawer.take_all(mail.attachments, stranger(mail.sender))
        entries = [_entry(mail, None, files, now)]
        if named is not None:
            # Who forwards an answer must not speak for the person it was for.
            told = f"It answers conversation {named.conversation_id}, from another address."
            entries.append(Entry(kind="note", author=None, at=now, text=told))
        added = await self._book.open(conversation, entries, key=f"mail:{mail.message_id}")
        outcome = "known" if added.again else "opened"
        return Taken(outcome=outcome, conversation_id=added.conversation.conversation_id, left_out=left_out)


def _entry(mail: Inbound, author: Actor | None, files: tuple[str, ...], now: datetime) -> Entry:
    text = mask_cards(mail.text).text
    return Entry(kind="said", author=author, at=now, text=text, files=files, message_id=mail.message_id)
