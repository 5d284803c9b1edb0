"""Puts notices into people's accounts and sends them by mail."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import msgspec

from amends.application.letters import letters_of
from amends.application.mailing import sent
from amends.application.notices import Notice
from amends.application.ports import Addresses, Clock, Errand, Inbox, Letter, Mail
from amends.application.ports.mail import Link, Mailing
from amends.application.ports.notices import NoticeBook
from amends.application.ports.outbox import Outbox
from amends.application.ports.preferences import PreferenceBook
from amends.application.preferences import DIGEST, ESSENTIAL, NOW, OFF, category_of, decline_token, when
from amends.application.words import N_, Words
from amends.domain.parties import Actor, Role

Readers = Callable[[Sequence[Actor]], Awaitable[Mapping[Actor, Words]]]
"""How each of some people reads."""

Follower = Callable[[Notice, str, str], Awaitable[Sequence[Errand]]]
"""What else is to be done about a notice: (notice, order_id, case_id) to errands with stable ids."""

DIGEST_MAX = 50
RECONCILED, CONTESTED, REVIEWED = "reconciliation_differs", "signal_contested", "signal_reviewed"
# Notices of something beside orders and cases: the page they lead to, and what its link says.
_PAGES: Mapping[str, tuple[str, str]] = {
    RECONCILED: ("/reconciliation", N_("See the differences")),
    CONTESTED: ("/contests", N_("Look at it")),
    REVIEWED: ("/account/known", N_("Read what was decided")),
}
_MESSAGES = frozenset({"message_sent", "message_unanswered"})


async def in_english(people: Sequence[Actor]) -> Mapping[Actor, Words]:
    """Everybody reads English, with times in UTC."""
    return dict.fromkeys(people, Words())


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to heed people's wishes. ``base_url`` is where the pages are, without a last slash."""

    outbox: Outbox
    book: NoticeBook
    preferences: PreferenceBook
    clock: Clock
    base_url: str
    secret: str


class ToMail(msgspec.Struct, frozen=True):
    """The body of ``mail.later`` and ``mail.digest``: whose mail; one notice, or everything that waits."""

    role: Role
    id: str
    notice_id: str = ""


class Delivery:
    """Puts letters into people's accounts and sends them by mail where they want that.

    The account's row decides: a letter that is there and mailed is never sent again. A crash between sending
    and remembering sends the same mail twice, with the same Message-ID.
    """

    def __init__(
        self,
        inbox: Inbox,
        mail: Mail,
        addresses: Addresses,
        readers: Readers = in_english,
        *,
        post: Post | None = None,
        followers: Sequence[Follower] = (),
    ) -> None:
        """Without ``post`` everything is mailed at once, without links."""
        self._inbox = inbox
        self._mail = mail
        self._addresses = addresses
        self._readers = readers
        self._post = post
        self._followers = followers

    async def deliver(self, notice: Notice, order_id: str, case_id: str) -> bool:
        """Deliver a notice; false when some mail did not go out and should be tried again."""
        readers = await self._readers(notice.to)
        letters = letters_of(notice, order_id, case_id, readers)
        to_mail = await self._inbox.put(letters)
        await self._follow(notice, order_id, case_id)
        by = notice.waiting.until if notice.waiting else None
        gone = []
        failed = False
        for letter in to_mail:
            if await self._put_off(letter, readers[letter.to], by):
                continue
            if await self._send(letter.to, partial(self._mailing, letter, readers)):
                gone.append(letter.notice_id)
            else:
                failed = True
        await self._inbox.mailed(gone)
        return not failed

    async def later(self, errand: Errand) -> bool:
        """Send one letter that was kept back; false where it should be tried again."""
        return await self._mail_waiting(msgspec.convert(errand.body, ToMail), 1)

    async def digest(self, errand: Errand) -> bool:
        """Send everything that waits for one person in one mail; false where it should be tried again."""
        return await self._mail_waiting(msgspec.convert(errand.body, ToMail), DIGEST_MAX)

    async def _mail_waiting(self, what: ToMail, most: int) -> bool:
        if self._post is None:
            return True
        person = Actor(what.role, what.id)
        now = self._post.clock.now()
        waiting = await self._post.book.unmailed(person, now, most, what.notice_id)
        if not waiting:
            return True
        readers = await self._readers([person])
        message_id = what.notice_id or f"digest:{waiting[0].notice_id}:{waiting[-1].notice_id}"

        def made(to: str) -> Mailing:
            if len(waiting) == 1:
                return self._mailing(waiting[0], readers, to)
            return _digest(self._post, waiting, message_id, to, readers[person], now)

        if not await self._send(person, made):
            return False
        await self._inbox.mailed([letter.notice_id for letter in waiting])
        # More than fits into one mail goes into the next.
        return len(waiting) < most or bool(what.notice_id)

    async def _follow(self, notice: Notice, order_id: str, case_id: str) -> None:
        if self._post is None:
            return
        for follower in self._followers:
            await self._post.outbox.put(await follower(notice, order_id, case_id))

    async def _put_off(self, letter: Letter, words: Words, by: datetime | None) -> bool:
        """Whether a letter is not for now: declined, for the digest, or kept back until the quiet is over."""
        if self._post is None:
            return False
        person = letter.to
        wishes = await self._post.preferences.get(person)
        wish = when(letter.event, wishes, str(words.zone), self._post.clock.now(), by)
        if wish.how == NOW or (wish.at is None and wish.how != OFF):
            return False
        if wish.at is None:
            await self._inbox.mailed([letter.notice_id])
            return True
        digest = wish.how == DIGEST
        body = ToMail(person.role, person.id, "" if digest else letter.notice_id)
        whose = f"{person.role.value}:{person.id}"
        errand = Errand(
            errand_id=f"digest:{whose}:{wish.at.isoformat()}" if digest else f"mail:{letter.notice_id}",
            topic="mail.digest" if digest else "mail.later",
            order_id="" if digest else letter.order_id,
            case_id="" if digest else letter.case_id,
            body=msgspec.to_builtins(body),
            due_at=wish.at,
        )
        await self._post.outbox.put([errand])
        return True

    async def _send(self, person: Actor, made: Callable[[str], Mailing]) -> bool:
        to = await self._addresses.address(person)
        if to is None:
            return True
        return await sent(self._mail, made(to))

    def _mailing(self, letter: Letter, readers: Mapping[Actor, Words], to: str) -> Mailing:
        words = readers[letter.to]
        plain = Mailing(
            message_id=letter.notice_id,
            to=to,
            subject=letter.subject,
            text=letter.text,
            at=letter.at,
            lang=words.lang,
            rtl=words.direction == "rtl",
        )
        if self._post is None:
            return plain
        category = category_of(letter.event)
        unsubscribe = ""
        if category != ESSENTIAL:
            token = decline_token(letter.to, category, self._post.secret)
            unsubscribe = f"{self._post.base_url}/unsubscribe/{token}"
        return msgspec.structs.replace(
            plain,
            link=Link(*_leads(letter, words, self._post.base_url)),
            footer=words.say(N_("You get this mail because it concerns an order or a case of yours.")),
            preferences=_choose(words, self._post.base_url),
            unsubscribe=unsubscribe,
        )


def address_of(letter: Letter) -> str:
    """The page a notice leads to."""
    if letter.event in _MESSAGES:
        return f"/orders/{letter.order_id}/messages"
    if letter.event in _PAGES:
        return _PAGES[letter.event][0]
    return f"/cases/{letter.case_id}" if letter.case_id else f"/orders/{letter.order_id}"


def _leads(letter: Letter, words: Words, base_url: str) -> tuple[str, str]:
    if letter.event in _MESSAGES:
        label = N_("Read and answer")
    elif letter.event in _PAGES:
        label = _PAGES[letter.event][1]
    elif letter.case_id:
        label = N_("Open the case")
    else:
        label = N_("Open the order")
    return words.say(label), base_url + address_of(letter)


def _choose(words: Words, base_url: str) -> Link:
    return Link(words.say(N_("Choose which mails you get")), f"{base_url}/preferences")


def _digest(
    post: Post | None, waiting: Sequence[Letter], message_id: str, to: str, words: Words, now: datetime
) -> Mailing:
    lines = [f"{letter.subject}\n{letter.text}" for letter in waiting]
    subject = words.count("%(number)s piece of news", "%(number)s pieces of news", len(waiting))
    base_url = post.base_url if post else ""
    return Mailing(
        message_id=message_id,
        to=to,
        subject=subject,
        text="\n\n".join(lines),
        at=now,
        lang=words.lang,
        rtl=words.direction == "rtl",
        link=Link(words.say(N_("See all your notices")), f"{base_url}/notifications"),
        footer=words.say(N_("You chose to get these once a day.")),
        preferences=_choose(words, base_url),
    )
