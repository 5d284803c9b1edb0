"""Messages, notices, deadlines, preferences and webhooks, page by page, without a script."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from standardwebhooks.webhooks import Webhook
from tests.interfaces.web.gallery import asked, countered, mediated
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, YUKI, Town

from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.webhooks import Reply
from amends.domain.cases import commands as c
from amends.domain.parties import Actor


async def delivered(town: Town, order_id: str = "10-1") -> None:
    await town.place(order_id)
    await town.deliver(order_id)


async def say(hand: Hand, text: str, order_id: str = "10-1", **more: str) -> Hand:
    await hand.look(f"/orders/{order_id}/messages")
    return await hand.send("/messages", text=text, **more)


@pytest.mark.row("D1")
async def test_both_sides_read_and_write_and_a_mediator_after_escalation(hand: Hand, town: Town) -> None:
    await delivered(town)
    await asked(town, "10-1")
    await hand.sign_in(NORA)
    await say(hand, "Hello, the base is cracked.", case_id="10-1.1")
    assert hand.page.says("Your message was sent.")
    assert hand.page.form("/messages").fields["case_id"] == "10-1.1", "what it is about stays"
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("Hello, the base is cracked.")
    assert hand.page.says("Nora Lindqvist (buyer)")
    await hand.sign_in(INES)
    await hand.look("/orders/10-1/messages", expect=404)
    await hand.sign_in(FERN)
    await hand.look("/orders/10-1/messages", expect=404)
    await hand.sign_in(YUKI)
    await hand.look("/orders/10-1/messages", expect=404)
    await town.do(c.Escalate(), NORA, "10-1", "10-1.1")
    await hand.sign_in(INES)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("Hello, the base is cracked.")
    await say(hand, "I am looking at it.")
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("I am looking at it.")


@pytest.mark.row("D1")
async def test_parties_never_see_an_internal_note(hand: Hand, town: Town) -> None:
    await delivered(town)
    await mediated(town, "10-1")
    await hand.sign_in(INES)
    await say(hand, "The seller has done this before.", internal="yes")
    assert hand.page.says("The parties never see it.")
    await town.errands.run()
    for person in (NORA, LUMEN):
        await hand.sign_in(person)
        await hand.look("/orders/10-1/messages")
        assert not hand.page.says("done this before")
        assert "internal" not in hand.page.form("/messages").names
        page = await town.correspondence.notices.page(person, "", 100)
        assert all(entry.letter.event != "message_sent" for entry in page.entries)
    await hand.sign_in(KAYA)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("done this before")


async def test_a_party_cannot_smuggle_in_an_internal_note(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/messages")
    form = hand.page.form("/messages")
    answer = await hand.client.post(form.action, data={**form.fields, "text": "x", "internal": "yes"})
    assert answer.status_code == 422
    assert (await town.correspondence.messages.thread(_caller(KAYA), "10-1")).messages == ()


@pytest.mark.row("D1")
async def test_the_other_side_sees_that_it_was_read(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await say(hand, "Is it safe to use?")
    assert not hand.page.says("Read")
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("New")
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("Is it safe to use? Read")


@pytest.mark.row("D1")
async def test_numbers_of_cards_and_telephones_are_hidden(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await say(hand, "Call +49 151 23456789 or charge 4111 1111 1111 1111 for order 10-1, SW123456789PT")
    assert not hand.page.says("23456789 or")
    assert hand.page.says("•••• 1111")
    assert hand.page.says("SW123456789PT")
    assert hand.page.says("A telephone number was hidden")


@pytest.mark.row("D2")
async def test_contact_first_is_advised_and_never_required(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1")
    assert "/orders/10-1/messages" in hand.page.links
    assert hand.page.says("What can I ask for?")
    await say(hand, "Hello?")
    assert hand.page.says("never required")
    await town.wait(days=3)
    page = await town.correspondence.notices.page(NORA, "", 10)
    (told,) = [entry.letter for entry in page.entries if entry.letter.event == "silence_invites_dispute"]
    assert "You can open a request now" in told.text
    await hand.look("/orders/10-1")
    assert hand.page.says("The seller has not answered your message")
    (mail,) = [one for one in town.letters.postman.to(NORA) if one.subject.startswith("No answer yet")]
    assert mail.link is not None
    assert mail.link.url == "http://town.example/orders/10-1"


@pytest.mark.row("D2", "D4")
async def test_an_answer_ends_the_silence_and_a_reminder_goes_to_who_owes_one(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await say(hand, "Hello?")
    await town.wait(days=1, minutes=1)
    owed = await events(town, LUMEN)
    assert owed.count("message_unanswered") == 1
    await hand.sign_in(LUMEN)
    await say(hand, "Hello, sorry for the wait.")
    await town.wait(days=4)
    assert "silence_invites_dispute" not in await events(town, NORA)
    assert (await events(town, LUMEN)).count("message_unanswered") == 1
    assert "message_unanswered" in await events(town, NORA)


@pytest.mark.row("D4", "D5")
async def test_a_ready_made_message_is_read_in_each_readers_language(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("Start from a ready-made message")
    await hand.look("/orders/10-1/messages?template=where_is_it")
    assert "Dune" in hand.page.form("/messages").fields["text"]
    await hand.send("/messages")
    kept = (await town.correspondence.messages.thread(_caller(KAYA), "10-1")).messages[0]
    assert kept.template == "where_is_it"
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("I am waiting for")
    assert not any("where_is_it" in link for link in hand.page.links), "a buyer's message is no seller's"


@pytest.mark.row("D5")
async def test_free_text_is_translated_with_the_original_one_click_away(hand: Hand, town: Town) -> None:
    await delivered(town)
    german = "Hallo, wo bleibt mein Paket? Ich warte schon sehr lange darauf."
    interpreter = town.letters.interpreter
    assert interpreter is not None
    interpreter.known[german, "en"] = "Hello, where is my parcel? I have been waiting for a long time."
    await hand.sign_in(NORA)
    await say(hand, german)
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-1/messages")
    assert hand.page.says("where is my parcel?")
    assert hand.page.says("Translated from Deutsch. Show the original")
    assert hand.page.says(german)
    await hand.look("/orders/10-1/messages")
    assert len(interpreter.asked) == 1, "asked once, and never for the writer"


@pytest.mark.row("K4")
async def test_the_bell_counts_what_is_unread_and_a_notice_leads_to_its_case(hand: Hand, town: Town) -> None:
    await delivered(town)
    await asked(town, "10-1")
    await town.errands.run()
    await hand.sign_in(LUMEN)
    await hand.look("/notifications")
    assert hand.page.says("Case 10-1.1 was opened")
    unread = await town.correspondence.notices.unread(LUMEN)
    assert hand.page.says(f"{unread} unread")
    form = next(one for one in hand.page.forms if one.fields.get("to") == "/cases/10-1.1")
    await hand.client.post("/notifications/read", data=form.fields)
    assert await town.correspondence.notices.unread(LUMEN) == unread - 1
    await hand.sign_in(NORA)
    await hand.look("/notifications")
    assert await town.correspondence.notices.unread(NORA) > 0
    await hand.send("/notifications/read")
    assert hand.page.says("Everything is marked as read.")
    assert await town.correspondence.notices.unread(NORA) == 0
    await hand.sign_in(FERN)
    await hand.look("/notifications")
    assert hand.page.says("Nothing here")


async def test_reading_a_notice_never_leads_to_another_site(hand: Hand, town: Town) -> None:
    await delivered(town)
    await town.errands.run()
    await hand.sign_in(NORA)
    await hand.look("/notifications")
    fields = dict(next(one for one in hand.page.forms if "to" in one.fields).fields)
    for elsewhere in ("//evil.example", "https://evil.example", "/orders/..\\evil", "/sign-out"):
        answer = await hand.client.post("/notifications/read", data={**fields, "to": elsewhere})
        assert answer.headers["location"] == "/notifications"


@pytest.mark.row("K2")
async def test_all_deadlines_stand_on_one_page(hand: Hand, town: Town) -> None:
    await delivered(town)
    await asked(town, "10-1")
    await town.place("10-2")
    await delivered(town, "10-3")
    await hand.sign_in(LUMEN)
    await hand.look("/deadlines")
    assert hand.page.says("Your turn: reply to the buyer")
    assert hand.page.says("Ship the order")
    assert hand.page.says("Yours to do")
    await hand.sign_in(NORA)
    await hand.look("/deadlines")
    assert hand.page.says("Last chance to return it or report a problem")
    # What is in a case has the case's deadline, and nothing to lose besides.
    last = [one for one in await town.correspondence.deadlines.of(_caller(NORA)) if not one.case_id]
    assert {one.order_id for one in last} == {"10-2", "10-3"}
    assert hand.page.says("Nothing waits for you")
    await hand.sign_in(FERN)
    await hand.look("/deadlines")
    assert not hand.page.says("10-1")


@pytest.mark.row("K2")
async def test_a_private_calendar_is_read_by_its_address_and_ended(hand: Hand, town: Town) -> None:
    await delivered(town)
    await asked(town, "10-1")
    await hand.sign_in(LUMEN)
    await hand.look("/deadlines")
    await hand.send("/deadlines/calendar", do="open")
    address = next(word for word in hand.page.words.split() if "/calendar/" in word)
    path = address.removeprefix("http://town.example")
    hand.client.cookies.clear()
    answer = await hand.client.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    events = calendar.walk("VEVENT")
    case = await town.case("10-1.1")
    assert case.waiting is not None
    assert case.waiting.until in {event["DTSTART"].dt for event in events}
    assert len({event["UID"] for event in events}) == len(events) > 0
    assert [a for event in events for a in event.walk("VALARM")], "one's own turn has an alarm"
    assert (await hand.client.get("/calendar/guess.ics")).status_code == 404
    await hand.sign_in(LUMEN)
    await hand.look("/deadlines")
    await hand.send("/deadlines/calendar", do="close")
    assert (await hand.client.get(path)).status_code == 404


@pytest.mark.row("K2")
async def test_whoever_is_waited_on_is_reminded_once_before_the_deadline(hand: Hand, town: Town) -> None:
    await delivered(town)
    await asked(town, "10-1")
    case = await town.case("10-1.1")
    assert case.waiting is not None
    await town.advance(case.waiting.until - timedelta(hours=23))
    assert (await events(town, LUMEN)).count("deadline_near") == 1
    (mail,) = [one for one in town.letters.postman.to(LUMEN) if one.subject.startswith("Due soon")]
    assert "It is your turn until" in mail.text
    await town.wait(hours=20)
    assert (await events(town, LUMEN)).count("deadline_near") == 1
    assert "deadline_near" not in await events(town, NORA)


@pytest.mark.row("K2")
async def test_what_was_done_in_time_is_not_reminded_of(hand: Hand, town: Town) -> None:
    await delivered(town)
    await countered(town, "10-1")
    await town.wait(days=1)
    await town.do(c.AcceptOffer(), NORA, "10-1", "10-1.1")
    await town.wait(days=6)
    assert "deadline_near" not in await events(town, LUMEN)


@pytest.mark.row("K4")
async def test_one_page_holds_every_choice_and_mail_heeds_it(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(LUMEN)
    await hand.look("/preferences")
    await hand.send("/preferences", messages="off", reminders="digest")
    assert hand.page.says("Your choices are saved.")
    assert hand.page.form("/preferences").fields["messages"] == "off"
    before = len(town.letters.postman.to(LUMEN))
    await hand.sign_in(NORA)
    await say(hand, "Hello there")
    await town.errands.run()
    assert len(town.letters.postman.to(LUMEN)) == before
    assert "message_sent" in await events(town, LUMEN), "the account has it all the same"


async def test_choices_that_cannot_be_are_explained(hand: Hand, town: Town) -> None:
    await hand.sign_in(NORA)
    await hand.look("/preferences")
    await hand.send("/preferences", expect=422, quiet_from="22:00", digest_at="soon")
    assert hand.page.says("Give both hours, or none.")
    assert hand.page.says("Enter an hour such as 08:00.")


@pytest.mark.row("K4")
async def test_one_click_ends_a_kind_of_mail_without_signing_in(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await say(hand, "Hello there")
    await town.errands.run()
    (mail,) = [one for one in town.letters.postman.to(LUMEN) if one.subject.startswith("New message")]
    path = mail.unsubscribe.removeprefix("http://town.example")
    hand.client.cookies.clear()
    await hand.look(path)
    assert (await town.correspondence.preferences.get(LUMEN)).mail == {}, "looking ends nothing"
    answer = await hand.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code in {200, 201}
    assert (await town.correspondence.preferences.get(LUMEN)).mail == {"messages": "off"}
    forged = path[:-1] + ("0" if path[-1] != "0" else "1")
    assert (await hand.client.post(forged)).status_code == 404


@pytest.mark.row("P11")
async def test_an_endpoint_is_registered_tried_renewed_and_removed(hand: Hand, town: Town) -> None:
    await delivered(town)
    await hand.sign_in(LUMEN)
    await hand.look("/webhooks")
    await hand.send("/webhooks", expect=422, url="https://127.0.0.1/hook")
    assert hand.page.says("Enter a public address")
    await hand.send("/webhooks", url="https://hooks.shop.example/amends")
    secret = next(word for word in hand.page.words.split() if word.startswith("whsec_"))
    town.letters.receiver.reply = Reply(500)
    await asked(town, "10-1")
    await town.errands.run()
    url, headers, body = town.letters.receiver.posted[0]
    assert url == "https://hooks.shop.example/amends"
    opened = Webhook(secret).verify(body, headers)
    assert opened["data"]["case_id"] == "10-1.1"
    town.letters.receiver.reply = Reply(204)
    await town.wait(minutes=2)
    _, again, _ = town.letters.receiver.posted[1]
    assert again["webhook-id"] == headers["webhook-id"]
    (endpoint,) = await town.correspondence.webhooks.of(_caller(LUMEN))
    await hand.look(f"/webhooks/{endpoint.endpoint_id}")
    assert hand.page.says("Delivered")
    assert hand.page.says("2 attempts")
    await hand.sign_in(FERN)
    await hand.look(f"/webhooks/{endpoint.endpoint_id}", expect=404)
    await hand.sign_in(NORA)
    await hand.look("/webhooks", expect=404)


async def events(town: Town, person: Actor) -> list[str]:
    page = await town.correspondence.notices.page(person, "", 200)
    return [entry.letter.event for entry in page.entries]


def _caller(person: Actor) -> Caller:
    return Caller(KeyRole(person.role.value), person.id)
