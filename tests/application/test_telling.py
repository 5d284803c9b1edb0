"""Mail heeds quiet hours, the digest and what is declined; and each thing is said exactly once."""

from datetime import UTC, datetime, time, timedelta

import pytest
from tests.interfaces.web.letters import BASE, SECRET
from tests.interfaces.web.town import LUMEN, NORA, Town

from amends.application.message_drafts import Draft
from amends.application.notices import Notice
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.preferences import Preferences
from amends.application.preferences import DIGEST, NOW, OFF, decline_token, read_decline, when
from amends.application.words import Words
from amends.domain.parties import Role

BUYER = Caller(KeyRole.BUYER, NORA.id)
NIGHT = Preferences(quiet_from=time(22), quiet_until=time(7))


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.fixture
async def town() -> Town:
    made = Town()
    await made.place("10-1")
    await made.deliver("10-1")
    await made.errands.run()
    made.letters.postman.sent.clear()
    return made


async def write(town: Town, text: str = "Hello") -> None:
    await town.correspondence.messages.post(BUYER, "10-1", Draft(text=text), Words())


@pytest.mark.row("K4")
@pytest.mark.parametrize(
    ("now", "how", "until"),
    [
        (at(21, 59), NOW, None),
        (at(22), "later", at(7, day=3)),
        (at(23), "later", at(7, day=3)),
        (at(3), "later", at(7)),
        (at(6, 59), "later", at(7)),
        (at(7), NOW, None),
    ],
)
def test_quiet_hours_are_half_open_over_midnight(now: datetime, how: str, until: datetime | None) -> None:
    found = when("offer_made", NIGHT, "UTC", now)
    assert (found.how, found.at) == (how, until)


def test_no_reminder_waits_beyond_its_deadline() -> None:
    assert when("deadline_near", NIGHT, "UTC", at(23), by=at(6, day=3)).how == NOW
    assert when("deadline_near", NIGHT, "UTC", at(23), by=at(9, day=3)).how == "later"


def test_no_reminder_waits_in_the_digest_beyond_its_deadline() -> None:
    daily = Preferences(
        mail={"reminders": DIGEST}, digest_at=time(8), quiet_from=time(22), quiet_until=time(7)
    )
    assert when("deadline_near", daily, "UTC", at(12), by=at(8, 1, day=3)).how == DIGEST
    for end in (at(8, day=3), at(7, 30, day=3)):
        assert when("deadline_near", daily, "UTC", at(12), by=end).how == NOW
    # At night it still waits for the morning where that is in time.
    assert when("deadline_near", daily, "UTC", at(23), by=at(7, 30, day=3)).at == at(7, day=3)


def test_quiet_hours_are_those_of_the_readers_own_clock() -> None:
    # 22:00 in Berlin is 21:00 UTC in winter; the night of 28 to 29 March 2026 is an hour shorter.
    assert when("offer_made", NIGHT, "Europe/Berlin", at(21)).at == at(6, day=3)
    assert when("offer_made", NIGHT, "Europe/Berlin", at(22, day=28)).at == at(5, day=29)
    tokyo = Preferences(quiet_from=time(22), quiet_until=time(7), zone="Asia/Tokyo")
    assert when("offer_made", tokyo, "Europe/Berlin", at(13)).at == at(22)


def test_the_digest_comes_at_its_hour_on_the_night_the_clocks_change() -> None:
    daily = Preferences(mail={"cases": DIGEST}, digest_at=time(2, 30))
    # 2026: on 29 March 02:30 does not exist in Berlin, and on 25 October it comes twice.
    spring = when("offer_made", daily, "Europe/Berlin", at(12, day=28)).at
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    autumn = when("offer_made", daily, "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)).at
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_essential_mail_cannot_be_declined_or_gathered() -> None:
    for wish in (OFF, DIGEST):
        everything = Preferences(mail=dict.fromkeys(("essential", "cases", "orders", "messages"), wish))
        assert when("refund_confirmed", everything, "UTC", at(12)).how == NOW
        assert when("case_ruled", everything, "UTC", at(12)).how == NOW
        assert when("offer_made", everything, "UTC", at(12)).how == wish


@pytest.mark.row("K4")
async def test_mail_of_the_night_goes_out_once_in_the_morning(town: Town) -> None:
    await town.correspondence.preferences.put(
        LUMEN, Preferences(quiet_from=time(0), quiet_until=time(23, 59))
    )
    await write(town)
    await town.errands.run()
    assert town.letters.postman.sent == []
    assert await town.correspondence.notices.unread(LUMEN) == 1
    await town.wait(days=1)
    subjects = [one.subject for one in town.letters.postman.to(LUMEN)]
    assert subjects.count("New message about order 10-1") == 1


@pytest.mark.row("K4")
async def test_a_digest_gathers_a_day_into_one_mail(town: Town) -> None:
    await town.correspondence.preferences.put(LUMEN, Preferences(mail={"messages": DIGEST}))
    for text in ("One", "Two", "Three"):
        await write(town, text)
    await town.errands.run()
    assert town.letters.postman.sent == []
    await town.wait(hours=20)
    (mail,) = town.letters.postman.to(LUMEN)
    assert mail.subject == "3 pieces of news"
    assert mail.text.count("New message about order 10-1") == 3
    assert mail.link is not None
    assert mail.link.url == f"{BASE}/notifications"
    sent = len(town.letters.postman.sent)
    await town.errands.run()
    assert len(town.letters.postman.sent) == sent


async def test_a_mail_that_fails_in_the_morning_is_tried_again_and_sent_once(town: Town) -> None:
    await town.correspondence.preferences.put(LUMEN, Preferences(mail={"messages": DIGEST}))
    await write(town)
    town.letters.postman.down = True
    await town.wait(hours=20)
    town.letters.postman.down = False
    await town.wait(hours=3)
    subjects = [one.subject for one in town.letters.postman.to(LUMEN)]
    assert subjects.count("New message about order 10-1") == 1


@pytest.mark.row("K4")
async def test_the_same_errand_twice_tells_everybody_once(town: Town) -> None:
    await write(town)
    await town.errands.run()
    notice = Notice(
        event="message_sent",
        seq=1,
        stream="10-1/messages",
        at=town.clock.now(),
        to=(LUMEN,),
        currency="EUR",
    )
    for _ in range(3):
        assert await town.correspondence.delivery.deliver(notice, "10-1", "")
    assert len(town.letters.postman.to(LUMEN)) == 1
    assert await town.correspondence.notices.unread(LUMEN) == 1


def test_a_link_to_decline_says_who_and_what_and_cannot_be_changed() -> None:
    token = decline_token(NORA, "messages", SECRET)
    wish = read_decline(token, SECRET)
    assert wish is not None
    assert (wish.person, wish.category) == (NORA, "messages")
    assert read_decline(token, SECRET + "x") is None
    body, _, signature = token.partition(".")
    other = decline_token(LUMEN, "messages", SECRET).partition(".")[0]
    for broken in ("", ".", f"{other}.{signature}", f"{body}.{signature[:-1]}", f"{body}.ä", "ä.b"):
        assert read_decline(broken, SECRET) is None
    assert read_decline(decline_token(NORA, "essential", SECRET), SECRET) is None


@pytest.mark.row("H2")
async def test_mail_is_in_its_readers_language(town: Town) -> None:
    async def german(people):  # type: ignore[no-untyped-def]
        return dict.fromkeys(people, Words("de", "Europe/Berlin"))

    town.correspondence.delivery._readers = german
    await write(town)
    await town.errands.run()
    (mail,) = town.letters.postman.to(LUMEN)
    assert mail.lang == "de"
    assert LUMEN.role is Role.SELLER


async def test_a_reminder_leaves_half_of_a_short_time(town: Town) -> None:
    reminders = town.correspondence.reminders
    now = town.clock.now()
    planned = await reminders._planned("10-1", "", now + timedelta(hours=10), now)
    assert planned.due_at == now + timedelta(hours=5)
    planned = await reminders._planned("10-1", "", now + timedelta(days=10), now)
    assert planned.due_at == now + timedelta(days=9)


@pytest.mark.row("K2")
async def test_a_deadline_nobody_was_told_of_is_found_and_reminded_of_once(town: Town) -> None:
    await town.place("10-7")
    await town.wait(days=6, hours=1)
    reminders = town.correspondence.reminders
    for _ in range(3):
        await reminders.sweep()
        await town.wait(hours=6)
    page = await town.correspondence.notices.page(LUMEN, "", 50)
    told = [entry.letter for entry in page.entries if entry.letter.event == "deadline_near"]
    assert [letter.order_id for letter in told] == ["10-7"]
