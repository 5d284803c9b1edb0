"""Files that come with words: to the other side of an order, and to support."""

from base64 import encodebytes
from email import message_from_bytes
from email.policy import default
from html import unescape

import pytest
from tests.adapters.files.hostile import HTML
from tests.adapters.files.pictures import MAKER, encoded, exif, heic, pdf, phone_photo, scene
from tests.interfaces.web.gallery import asked
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.test_evidence import addresses, post_files
from tests.interfaces.web.test_help_and_support import letter
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, YUKI, Town

from amends.adapters.mail.message import message
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.domain.cases import commands as c
from amends.domain.evidence import Limits

THREAD = "/orders/10-1/messages"


@pytest.fixture
async def ready(town: Town) -> Town:
    await town.place("10-1")
    await town.deliver("10-1")
    return town


async def shown(hand: Hand, path: str) -> list[str]:
    """The files that a page shows and their reader gets."""
    page = await hand.client.get(path)
    found = addresses(page.text)
    for address in found:
        assert (await hand.client.get(address)).status_code == 200, address
    return found


@pytest.mark.row("D1")
async def test_a_message_carries_files_that_both_sides_and_later_the_mediator_see(
    ready: Town, hand: Hand
) -> None:
    await asked(ready, "10-1")
    await hand.sign_in(NORA)
    await hand.look(THREAD)
    answer = await post_files(
        hand, "/messages", ("crack.heic", heic(scene(seed=4))), ("bill.pdf", pdf()), text="See both."
    )
    assert answer.status_code == 303
    hers = await shown(hand, THREAD)
    assert len(hers) == 3, "a thumbnail and two to open"
    await hand.sign_in(LUMEN)
    theirs = await shown(hand, THREAD)
    assert len(theirs) == 3
    assert set(theirs).isdisjoint(hers), "an address is one person's own"
    for person in (FERN, YUKI, INES):
        await hand.sign_in(person)
        for address in hers + theirs:
            assert (await hand.client.get(address)).status_code == 404
    await ready.do(c.Escalate(), NORA, "10-1", "10-1.1")
    await hand.sign_in(INES)
    assert len(await shown(hand, THREAD)) == 3


@pytest.mark.row("D1")
async def test_a_message_of_files_alone_is_a_message_and_of_nothing_is_none(ready: Town, hand: Hand) -> None:
    await hand.sign_in(NORA)
    await hand.look(THREAD)
    assert (await post_files(hand, "/messages")).status_code == 422
    assert (await post_files(hand, "/messages", ("a.jpg", phone_photo()))).status_code == 303
    thread = await ready.correspondence.messages.thread(Caller(KeyRole.SELLER, LUMEN.id), "10-1")
    assert thread is not None
    assert [(one.text, len(one.files)) for one in thread.messages] == [("", 1)]


@pytest.mark.row("D1")
async def test_what_is_no_picture_keeps_the_message_from_going_and_loses_nothing(
    ready: Town, hand: Hand
) -> None:
    await hand.sign_in(NORA)
    await hand.look(THREAD)
    files = (("good.jpg", phone_photo()), ("page.png", HTML))
    answer = await post_files(hand, "/messages", *files, text="Both, please.")
    assert answer.status_code == 422
    assert "“page.png” is no picture" in unescape(answer.text)
    assert "Both, please." in answer.text
    assert "good.jpg" in answer.text, "what was taken stays taken"


@pytest.mark.row("D1")
async def test_nobody_attaches_what_another_sent(ready: Town, hand: Hand) -> None:
    await hand.sign_in(NORA)
    await hand.look(THREAD)
    await post_files(hand, "/messages", ("a.jpg", phone_photo()), text="Mine.")
    seller = Caller(KeyRole.SELLER, LUMEN.id)
    thread = await ready.correspondence.messages.thread(seller, "10-1")
    assert thread is not None
    (file_id,) = thread.messages[0].files
    await hand.sign_in(LUMEN)
    await hand.look(THREAD)
    form = hand.page.form("/messages")
    await hand.client.post(form.action, data={**form.fields, "text": "Mine too.", "file_id": file_id})
    thread = await ready.correspondence.messages.thread(seller, "10-1")
    assert thread is not None
    assert [one.files for one in thread.messages if one.author == LUMEN] == [()]


# Support


@pytest.mark.row("J2")
async def test_files_to_support_and_in_its_answer_are_between_the_two(town: Town, hand: Hand) -> None:
    await hand.sign_in(NORA)
    await hand.look("/support")
    answer = await post_files(hand, "/support", ("stairs.jpg", phone_photo()), text="No parcel here.")
    where = answer.headers["location"]
    hers = await shown(hand, where)
    assert len(hers) == 2
    name = where.partition("?")[0].rpartition("/")[2]
    await hand.sign_in(KAYA)
    desk = f"/desk/{name}"
    agents = await shown(hand, desk)
    assert len(agents) == 2
    await hand.look(desk)
    await post_files(hand, "/answer", ("form.pdf", pdf()), text="Please fill this in.")
    await town.wait(minutes=11)
    assert "1 file comes with it" in town.letters.postman.to(NORA)[-1].text
    await hand.sign_in(NORA)
    assert len(await shown(hand, where)) == 3
    for person in (YUKI, LUMEN, INES):
        await hand.sign_in(person)
        for address in hers + agents:
            assert (await hand.client.get(address)).status_code == 404


@pytest.mark.row("J2")
async def test_a_file_that_came_by_mail_is_drawn_anew_and_shown_on_the_desk_alone(
    town: Town, hand: Hand
) -> None:
    raw = letter().replace(
        b"Content-Type: application/x-msdownload\r\n"
        b"Content-Disposition: attachment; filename=run.exe\r\n\r\nMZ",
        b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=photo.jpg\r\n\r\n" + encodebytes(phone_photo()),
    )
    taken = await town.support.receive(raw)
    assert (taken.outcome, taken.left_out) == ("opened", ())
    await hand.sign_in(KAYA)
    found = await shown(hand, f"/desk/{taken.conversation_id}")
    assert len(found) == 2
    served = await hand.client.get(found[-1])
    assert MAKER.encode() not in served.content
    assert "sandbox" in served.headers["content-security-policy"]
    await hand.sign_in(NORA)
    assert {(await hand.client.get(one)).status_code for one in found} == {404}


@pytest.mark.row("J2")
async def test_an_answer_to_somebody_without_an_account_carries_its_files(town: Town, hand: Hand) -> None:
    taken = await town.support.receive(letter())
    await hand.sign_in(KAYA)
    await hand.look(f"/desk/{taken.conversation_id}")
    assert hand.page.says("files go with the mail")
    files = (("stairs.heic", heic(scene(seed=8), exif=exif())), ("form.pdf", pdf()))
    answer = await post_files(hand, "/answer", *files, text="Is it this one?")
    assert answer.status_code == 303
    assert len(await shown(hand, f"/desk/{taken.conversation_id}")) == 3
    await town.wait(minutes=1)
    (mail,) = [one for one in town.letters.postman.sent if one.attached]
    assert mail.text == "Is it this one?\n\n2 files are attached."
    assert [(one.name, one.media_type) for one in mail.attached] == [
        ("stairs.jpg", "image/jpeg"),
        ("form.pdf", "application/pdf"),
    ]
    assert mail.attached[1].data == pdf()
    assert MAKER.encode() not in mail.attached[0].data
    sent = message_from_bytes(message("help@town.example", mail).as_bytes(), policy=default)
    assert [part.get_filename() for part in sent.iter_attachments()] == ["stairs.jpg", "form.pdf"]
    assert sent.get_body(("html",)) is not None


@pytest.mark.row("J2")
async def test_files_that_no_mail_carries_are_told_to_the_agent(
    town: Town, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.application.support.rules.ATTACHED_BYTES_MAX", 10_000)
    taken = await town.support.receive(letter())
    await hand.sign_in(KAYA)
    await hand.look(f"/desk/{taken.conversation_id}")
    answer = await post_files(hand, "/answer", ("a.jpg", phone_photo()), text="This one?")
    assert answer.status_code == 422
    assert "send at most 10 MB at once" in answer.text
    assert "This one?" in answer.text
    assert "a.jpg" in answer.text, "what was taken stays taken"


@pytest.mark.row("J2")
async def test_who_writes_in_a_language_of_ours_is_answered_in_it(town: Town) -> None:
    told = "Guten Tag, mein Paket ist seit zwei Wochen nicht angekommen. Was kann ich jetzt tun?"
    taken = await town.support.receive(letter().replace(b"The lamp is broken.", told.encode()))
    agent = Caller(KeyRole.OPERATOR, KAYA.id)
    await town.support.say(agent, taken.conversation_id, "Wir sehen nach.")
    await town.wait(minutes=1)
    assert (town.letters.postman.sent[-1].lang, town.letters.postman.sent[-1].subject[:4]) == ("de", "AW: ")


async def test_pictures_sent_to_support_are_no_hint_for_mediators(town: Town) -> None:
    """What is between a person and support must not show on somebody's case as "looks like"."""
    drawer, room = town.support.drawer, town.evidence
    data = encoded(scene(seed=77))
    with drawer.scratch() as source:
        source.write(data)
        file = await drawer.take(Caller(KeyRole.BUYER, NORA.id), source, "same.jpg")
    await drawer.show([file.file_id], NORA)
    with room.scratch() as source:
        source.write(data)
        other = await room.take(source, name="same.jpg", order_id="10-9", by=YUKI, limits=Limits())
    assert list(await room.alike(other)) == []


@pytest.mark.row("J2")
async def test_support_finds_the_order_attaches_it_and_reopens_the_case_from_there(
    ready: Town, hand: Hand
) -> None:
    await asked(ready, "10-1")
    await ready.do(c.Withdraw(), NORA, "10-1", "10-1.1")
    taken = await ready.support.receive(letter())
    await hand.sign_in(KAYA)
    desk = f"/desk/{taken.conversation_id}"
    await hand.look(desk)
    await hand.send("/about", 422, about="99-9")
    assert hand.page.says("There is no such order or case.")
    await hand.send("/about", about="10-1.1")
    assert "/cases/10-1.1" in hand.page.links
    found = await ready.support.thread(Caller(KeyRole.OPERATOR, "kaya"), taken.conversation_id)
    assert found is not None
    assert (found.conversation.order_id, found.conversation.case_id) == ("10-1", "10-1.1")


@pytest.mark.row("J2")
async def test_support_writes_first_and_the_answer_comes_back_to_the_same_conversation(
    ready: Town, hand: Hand
) -> None:
    await hand.sign_in(KAYA)
    await hand.look("/desk/write?order=10-1&to=seller")
    await hand.send("/desk/write", 422, text="", subject="")
    await hand.send("/desk/write", subject="The invoice", text="Could you send it again?", to="seller")
    name = hand.at.rpartition("/")[2]
    await ready.errands.run()
    mail = ready.letters.postman.to(LUMEN)[-1]
    assert (mail.subject, mail.text) == ("The invoice", "Could you send it again?")
    again = await ready.support.receive(
        letter(sender=mail.to, to=mail.reply_to, Message_ID="<back@mail.example>")
    )
    assert (again.outcome, again.conversation_id) == ("added", name)
    await hand.sign_in(LUMEN)
    await hand.look(f"/support/{name}")
    assert hand.page.says("Could you send it again?")
    await hand.sign_in(NORA)
    await hand.look(f"/support/{name}", expect=404)
    await hand.look("/desk/write", expect=404)
