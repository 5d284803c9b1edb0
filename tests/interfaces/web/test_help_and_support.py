"""The help centre, guided help and support, page by page, without a script."""

from datetime import timedelta

import pytest
from tests.interfaces.web.gallery import asked
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import KAYA, LUMEN, NORA, YUKI, Town

from amends.application.help.articles import ARTICLES, FAQ
from amends.application.help.figures import Figures
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.support.answers import ANSWERS
from amends.application.words import Words


async def delivered(town: Town, order_id: str = "10-1") -> None:
    await town.place(order_id)
    await town.deliver(order_id)


async def chat(hand: Hand, text: str = "My refund is missing.") -> str:
    """Somebody writes to support; the address of the conversation."""
    await hand.sign_in(NORA)
    await hand.look("/support")
    await hand.send("/support", text=text)
    return hand.at


# Reading


@pytest.mark.row("J1")
async def test_every_number_of_every_article_comes_from_the_policy(town: Town) -> None:
    figures = Figures(await town.help.terms(), Words())
    texts = [text for one in ARTICLES.values() for text in one.texts]
    texts += [text for one in FAQ for text in (one.question, one.answer)]
    texts += [text for _, text in ANSWERS.values()]
    for text in texts:
        # Digits of its own would stay when the policy changes.
        assert not any(sign.isdigit() for sign in text), text
        assert "%(" not in text % figures
    assert figures["return.window"] == "15 days"
    assert figures["refund.eta.card"] == "3 to 15 working days"
    assert set(ARTICLES) >= {other for one in ARTICLES.values() for other in one.related}
    assert set(ARTICLES) >= {one.article for one in FAQ}


@pytest.mark.row("J1")
async def test_anybody_reads_and_searches_even_with_a_typo(hand: Hand) -> None:
    await hand.look("/help?q=refnud")
    assert hand.page.says("we looked for “refund”")
    assert "/help/articles/refunds" in hand.page.links
    await hand.look("/help/articles/refunds")
    assert hand.page.says("Card: 3 to 15 working days.")
    await hand.look("/help?q=zzzzzz")
    assert hand.page.says("Nothing found")
    await hand.look("/help/articles/none", expect=404)


@pytest.mark.row("J1")
@pytest.mark.parametrize(
    ("way", "title", "link"),
    [
        (
            "topic=wrong&detail=quality.not_working",
            "You can ask for this now",
            "/orders/10-1/claim?line=l1&reason=quality.not_working",
        ),
        ("topic=cancel", "It has been shipped already", "/help/guide?order=10-1&topic=unwanted"),
        ("topic=money", "No refund is open on this order", "/support?order=10-1#write"),
        ("topic=late", "This is not open to you now", "/support?order=10-1#write"),
        ("topic=other", "Ask support", "/support?order=10-1#write"),
    ],
)
async def test_a_few_questions_end_in_the_right_action(
    hand: Hand, town: Town, way: str, title: str, link: str
) -> None:
    await delivered(town)
    await hand.sign_in(NORA)
    await hand.look("/help/guide")
    assert "/help/guide?order=10-1" in hand.page.links
    await hand.look(f"/help/guide?order=10-1&{way}")
    assert hand.page.says(title)
    assert link in hand.page.links


@pytest.mark.row("J1")
async def test_an_open_case_about_the_item_is_the_right_action(hand: Hand, town: Town) -> None:
    await delivered(town)
    await asked(town, "10-1")
    await hand.sign_in(NORA)
    await hand.look("/help/guide?order=10-1&topic=wrong&detail=quality.not_working")
    assert hand.page.says("You have a case about this already")
    assert "/cases/10-1.1" in hand.page.links
    await hand.sign_in(YUKI)
    await hand.look("/help/guide?order=10-1", expect=404)


# Talking


@pytest.mark.row("J2")
async def test_a_question_is_taken_answered_and_handed_over(hand: Hand, town: Town) -> None:
    where = await chat(hand)
    name = where.rpartition("/")[2]
    await hand.sign_in(KAYA)
    await hand.look("/desk")
    assert hand.page.says("My refund is missing.")
    await hand.look(f"/desk/{name}?answer=refund_on_its_way")
    assert (
        hand.page.form("/answer")
        .fields["text"]
        .startswith("Your refund has been started. To a card it takes 3 to 15")
    )
    await hand.send("/answer")
    await hand.send("/note", note="She has asked before.")
    await hand.send("/hand-over", 422)
    await hand.send("/hand-over", reason="The bank has no such payment.")
    assert hand.page.says("Senior support")
    await hand.look("/desk?show=senior")
    assert f"/desk/{name}" in hand.page.links
    await hand.look("/desk?show=first")
    assert f"/desk/{name}" not in hand.page.links
    await hand.sign_in(NORA)
    await hand.look(where)
    assert hand.page.says("Your refund has been started.")
    assert not hand.page.says("asked before")
    assert not hand.page.says("no such payment")


@pytest.mark.row("J2")
async def test_conversations_are_between_one_person_and_support(hand: Hand, town: Town) -> None:
    where = await chat(hand)
    for actor in (LUMEN, YUKI):
        await hand.sign_in(actor)
        await hand.look(where, expect=404)
        await hand.look("/desk", expect=404)
        await hand.look(f"/desk/{where.rpartition('/')[2]}", expect=404)
    caller = Caller(KeyRole.BUYER, "yuki")
    assert await town.support.say(caller, where.rpartition("/")[2], "Hello") is None


async def test_an_order_that_is_not_ones_own_cannot_be_named(hand: Hand, town: Town) -> None:
    await town.place("20-1", buyer=YUKI)
    await hand.sign_in(NORA)
    await hand.look("/support?order=20-1")
    await hand.send("/support", 422, text="Tell me of it.")
    assert hand.page.says("You have no order of that number.")


@pytest.mark.row("J2")
async def test_who_left_gets_the_answer_by_mail_and_who_stayed_does_not(hand: Hand, town: Town) -> None:
    where = await chat(hand)
    name = where.rpartition("/")[2]
    agent = Caller(KeyRole.OPERATOR, "kaya")
    await town.support.say(agent, name, "It left yesterday.")
    await hand.look(where)
    await town.support.say(agent, name, "It should arrive on Monday.")
    await town.wait(minutes=11)
    (mail,) = town.letters.postman.to(NORA)
    assert mail.text == "It should arrive on Monday."
    assert mail.reply_to.startswith(f"help+{name}.")
    assert mail.reply_to.endswith("@town.example")


async def test_a_closed_conversation_opens_again_when_its_person_writes(hand: Hand, town: Town) -> None:
    where = await chat(hand)
    await hand.send(where, do="close")
    assert hand.page.says("Closed. Writing opens it again.")
    await hand.send(where, text="One more thing.")
    assert hand.page.says("We have it and will answer here.")


@pytest.mark.row("J2")
async def test_numbers_to_call_begin_with_the_readers_country(hand: Hand) -> None:
    await hand.look("/support")
    assert hand.page.says("Everywhere else")
    await hand.sign_in(NORA)
    await hand.look("/support")
    assert [link for link in hand.page.links if link.startswith("tel:")] == [
        "tel:+49305550100",
        "tel:+44205550100",
    ]
    assert "mailto:help@town.example" in hand.page.links


# By mail


def letter(sender: str = "someone@mail.example", to: str = "help@town.example", **more: str) -> bytes:
    """A mail with an attachment."""
    given = {name.replace("_", "-"): value for name, value in more.items()}
    headers = {"Message-ID": "<first@mail.example>", "Subject": "Broken lamp", **given}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: Some One <{sender}>\r\nTo: {to}\r\n{lines}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe lamp is broken.\r\n\r\n"
        "On Monday support wrote:\r\n> What is wrong?\r\n"
        "--b\r\nContent-Type: application/x-msdownload\r\n"
        "Content-Disposition: attachment; filename=run.exe\r\n\r\nMZ\r\n--b--\r\n"
    ).encode()


@pytest.mark.row("J2")
async def test_a_mail_opens_a_conversation_and_the_answer_threads(hand: Hand, town: Town) -> None:
    first = await town.support.receive(letter())
    assert (first.outcome, first.left_out) == ("opened", ("run.exe",))
    again = await town.support.receive(letter())
    assert (again.outcome, again.conversation_id) == ("known", first.conversation_id)
    await hand.sign_in(KAYA)
    await hand.look(f"/desk/{first.conversation_id}")
    assert hand.page.says("The lamp is broken.")
    assert not hand.page.says("What is wrong?")
    assert hand.page.says("Anybody can write any sender")
    await hand.send("/answer", text="Which order is it?")
    await town.errands.run()
    mail = town.letters.postman.sent[-1]
    assert (mail.to, mail.subject, mail.references) == (
        "someone@mail.example",
        "Re: Broken lamp",
        ("first@mail.example",),
    )
    by_address = await town.support.receive(letter(to=mail.reply_to, Message_ID="<second@mail.example>"))
    by_thread = await town.support.receive(
        letter(Message_ID="<third@mail.example>", In_Reply_To=f"<{mail.header_id}>")
    )
    for taken in (by_address, by_thread):
        assert (taken.outcome, taken.conversation_id) == ("added", first.conversation_id)


@pytest.mark.row("J2")
async def test_nobody_speaks_for_another_by_mail(town: Town) -> None:
    first = await town.support.receive(letter())
    await town.support.say(Caller(KeyRole.OPERATOR, "kaya"), first.conversation_id, "Which order?")
    await town.errands.run()
    signed = town.letters.postman.sent[-1].reply_to
    other = await town.support.receive(letter("thief@mail.example", signed, Message_ID="<x@mail.example>"))
    forged = signed.replace(first.conversation_id, "0" * 16)
    guessed = await town.support.receive(letter(to=forged, Message_ID="<y@mail.example>"))
    assert (other.outcome, guessed.outcome) == ("opened", "opened")
    assert len({first.conversation_id, other.conversation_id, guessed.conversation_id}) == 3


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: nobody\r\n\r\nx",
        b"From: a@b.example, c@d.example\r\n\r\nx",
        b"From: a@b.example\r\n" + b"X: y\r\n" * 20_000 + b"\r\nx",
        b"From: a@b.example\r\n" + b"Content-Type: text/plain\r\n\r\n" * 100,
    ],
)
async def test_what_is_no_mail_is_refused(town: Town, raw: bytes) -> None:
    assert (await town.support.receive(raw)).kind == "invalid"


@pytest.mark.row("J2")
@pytest.mark.parametrize("header", ["Auto_Submitted: auto-replied", "Precedence: bulk", "Return_Path: <>"])
async def test_machines_are_not_answered(town: Town, header: str) -> None:
    name, value = header.split(": ")
    assert (await town.support.receive(letter(**{name: value}))).outcome == "ignored"


async def test_no_header_can_be_smuggled_in(town: Town) -> None:
    folded = "=?utf-8?q?Hello=0D=0ABcc:_a@b.example?="
    taken = await town.support.receive(letter(Subject=folded, References="<a@b>\r\n <c@d>"))
    thread = await town.support.thread(Caller(KeyRole.OPERATOR, "kaya"), taken.conversation_id)
    assert thread is not None
    assert "\n" not in thread.conversation.subject
    assert "\r" not in thread.conversation.subject
    assert town.clock.now() - thread.conversation.opened_at == timedelta()
