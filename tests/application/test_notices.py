"""People are told once of each change that concerns them, in their account and by mail."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import pytest
from tests.application.shop import AddressBook, Shop, a_shop
from tests.domain.marketplace import BUYER, PLACED, SELLER

from amends.adapters.payments.sandbox import Faults
from amends.application.delivery import Delivery
from amends.application.errands import MAIL_TRIES
from amends.application.letter_words import WORDS
from amends.application.notices import RECIPIENTS, notice_of
from amends.application.ports import Letter
from amends.application.ports.mail import Mailing
from amends.application.words import Words
from amends.domain.cases.events import CaseEvent
from amends.domain.custody.events import OrderEvent
from amends.domain.parties import Actor, Role


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Shop]:
    async with a_shop(request.param, database_url, Faults(late_for=timedelta(hours=2))) as shop:
        yield shop


async def told(shop: Shop, person: Actor) -> dict[str, Letter]:
    return {letter.event: letter for letter in await shop.inbox.of(person, 100)}


async def test_each_stage_of_a_refund_is_told_with_amount_method_arrival_and_clause(shop: Shop) -> None:
    await shop.cancel("o1", "card-late")
    await shop.advance(days=2)
    letters = await told(shop, BUYER)
    for event, subject in (
        ("refund_approved", "Refund of €90.00 approved"),
        ("refund_initiated", "Refund of €90.00 on its way"),
        ("refund_confirmed", "Refund of €90.00 confirmed"),
    ):
        letter = letters[event]
        assert letter.subject == subject
        assert "€90.00 by card" in letter.text
        assert "Clause: " in letter.text
        mailed = [(to, text) for _, to, about, text in shop.mail.sent if about == subject]
        assert (f"{BUYER.id}@example.com", letter.text) in mailed
    assert "to arrive between " in letters["refund_initiated"].text
    assert letters["refund_approved"].at < letters["refund_initiated"].at < letters["refund_confirmed"].at


async def test_nobody_is_told_what_they_did_themselves(shop: Shop) -> None:
    await shop.place("o1")
    await shop.deliver("o1")
    await shop.errands.run()
    assert "parcel_recorded" in await told(shop, BUYER)
    assert await told(shop, SELLER) == {}


async def test_only_those_concerned_are_told(shop: Shop) -> None:
    await shop.cancel("o1")
    await shop.advance(days=2)
    everyone = {letter[1] for letter in shop.mail.sent}
    assert everyone == {f"{BUYER.id}@example.com", f"{SELLER.id}@example.com"}
    assert await told(shop, Actor(Role.BUYER, "somebody-else")) == {}
    assert await told(shop, Actor(Role.SELLER, BUYER.id)) == {}


async def test_an_errand_that_comes_twice_is_one_notice_and_one_mail(shop: Shop) -> None:
    case_id = await shop.cancel("o1")
    await shop.advance(days=2)
    before = (await shop.inbox.of(BUYER, 100), list(shop.mail.sent))
    custody, case = await shop.custody("o1"), await shop.case(case_id)
    again = 0
    async for link in shop.store.events(case_id):
        notice = notice_of(custody, case, link.recorded)
        if notice is not None:
            assert await shop.delivery.deliver(notice, "o1", case_id)
            again += 1
    assert again >= 3
    assert (await shop.inbox.of(BUYER, 100), shop.mail.sent) == before
    ids = [message_id for message_id, *_ in shop.mail.sent]
    assert len(ids) == len(set(ids))


async def test_mail_that_fails_is_sent_later_and_the_account_has_it_at_once(shop: Shop) -> None:
    shop.mail.down = True
    await shop.cancel("o1")
    await shop.errands.run()
    assert "refund_approved" in await told(shop, BUYER)
    assert shop.mail.sent == []
    shop.mail.down = False
    await shop.advance(minutes=2)
    ids = [message_id for message_id, *_ in shop.mail.sent]
    assert ids
    assert len(ids) == len(set(ids))


async def test_mail_that_always_fails_is_given_up(shop: Shop) -> None:
    shop.mail.down = True
    await shop.place("o1")
    await shop.deliver("o1")
    for _ in range(MAIL_TRIES):
        await shop.errands.run()
        shop.now += timedelta(hours=6)
    shop.mail.down = False
    await shop.errands.run()
    assert shop.mail.sent == []


async def test_what_cannot_be_mailed_stays_in_the_account(shop: Shop) -> None:
    class Hostile:
        async def address(self, person: Actor) -> str | None:
            return None if person.role is Role.SELLER else "x@example.com\r\nBcc: y@example.com"

    class Strict:
        async def send(self, mailing: Mailing) -> None:
            raise ValueError("no mail address")

    shop.errands._delivery = Delivery(shop.inbox, Strict(), Hostile())
    await shop.cancel("o1")
    await shop.errands.run()
    due = await shop.store.next_due()
    assert "refund_approved" in await told(shop, BUYER)
    assert "refund_approved" in await told(shop, SELLER)
    # Nothing is tried again: what waits is the case's own deadline.
    assert due is not None
    assert due >= PLACED + timedelta(hours=24)


async def test_each_person_is_told_in_their_own_language_and_time(shop: Shop) -> None:
    async def readers(people: Sequence[Actor]) -> Mapping[Actor, Words]:
        return {person: Words("ar") if person == SELLER else Words("de", "Asia/Tokyo") for person in people}

    shop.errands._delivery = Delivery(shop.inbox, shop.mail, AddressBook(), readers)
    await shop.cancel("o1", "card-late")
    await shop.advance(days=2)
    for person in (BUYER, SELLER):
        letter = (await told(shop, person))["refund_approved"]
        words = (await readers([person]))[person]
        assert letter.subject == words.say(WORDS["refund_approved"].subject, amount=words.money(9000, "EUR"))
        assert "90,00\xa0€" in letter.text or "90.00\xa0€" in letter.text
    assert "UTC+9" in (await told(shop, BUYER))["refund_initiated"].text


def test_every_notice_is_of_a_known_event_and_has_words() -> None:
    tags = {event.__struct_config__.tag for event in (*CaseEvent.__args__, *OrderEvent.__args__)}
    # A withdrawal under the law is told by a letter of its own, whatever event it led to.
    assert set(RECIPIENTS) - tags == {"withdrawal_received"}
    assert set(RECIPIENTS) == set(WORDS)
    for words in WORDS.values():
        facts = {"case": "c", "order": "o", "amount": "a", "moment": "m"}
        assert (words.subject % facts) != "" != (words.text % facts)
