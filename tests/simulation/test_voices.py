"""What people of the marketplace say and show: believable, in several languages, and never refused."""

import io
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image
from tests.simulation.markets import NOW, SEED, market_world
from tests.simulation.worlds import Nowhere

from amends.adapters.calendars import CALENDARS
from amends.adapters.files.blobs import memory_blobs
from amends.adapters.files.examiner import ChildExaminer
from amends.adapters.files.pictures import legibility, perceptual_hash
from amends.adapters.memory.files import MemoryFiles
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.messages import MemoryMessages
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.support import MemorySupport
from amends.adapters.packs import load
from amends.adapters.payments.memory_vault import MemoryVault
from amends.adapters.payments.sandbox import Sandbox
from amends.adapters.translation.detection import LangidDetector
from amends.application.counterfeits import Counterfeits
from amends.application.delivery import Delivery
from amends.application.errands import Chore, Errands, Submit
from amends.application.evidence import EvidenceRoom
from amends.application.messages import Messages
from amends.application.permissions import Caller
from amends.application.ports import Envelope, KeyRole, OrderFilter, Result
from amends.application.ports.accounts import Account
from amends.application.ports.files import StoredFile
from amends.application.ports.messages import TranslationFailed
from amends.application.ports.support import Level
from amends.application.reminders import Reminders
from amends.application.support import TOPIC, Support, SupportHouse
from amends.application.words import LANGUAGES
from amends.simulation.banks import banks
from amends.simulation.marketplace import SPAN, Populated, populate
from amends.simulation.people import people
from amends.simulation.phrases import PHRASES, PhraseBook
from amends.simulation.pictures import Drawn
from amends.simulation.voices import Voices

DESK = Caller(KeyRole.OPERATOR, "operator-support")


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A marketplace whose people have talked."""

    populated: Populated
    store: MemoryStore
    voices: Voices
    inbox: MemoryInbox
    drawn: list[Drawn]


@pytest.fixture(scope="module")
async def talk() -> Talk:
    store, inbox, drawn = MemoryStore(), MemoryInbox(), []
    world = market_world(store, store, NOW - SPAN)
    room = EvidenceRoom(MemoryFiles(), memory_blobs(), ChildExaminer(), store, world.clock)
    outbox, nowhere = MemoryOutbox(store), Nowhere()
    providers = {"sandbox": Sandbox(MemoryVault(), world.clock), **banks()}
    messages = Messages(
        MemoryMessages(outbox), store, world.clock, CALENDARS, LangidDetector(), PhraseBook(), room
    )
    reminders = Reminders(store, store, outbox, messages, world.clock, CALENDARS)
    support = Support(
        MemorySupport(outbox),
        store,
        world.clock,
        evidence=room,
        mail=nowhere,
        addresses=nowhere,
        account_of=_nobody,
        house=SupportHouse(base="", secret="a secret", address="support@amends.example"),
    )

    async def hang(one: Drawn) -> None:
        drawn.append(one)
        await room.hang(one.file, one.picture, one.thumb)

    def errands(observed: Submit) -> Errands:
        async def alone(envelope: Envelope) -> Result:
            return (await observed([envelope]))[0]

        chores: dict[str, Chore] = {
            "message.follow_up": reminders.follow_up,
            "message.silence": reminders.silence,
            TOPIC: support.deliver,
            **Counterfeits(store, alone, MemoryOutbox(store), CALENDARS).chores,
        }
        delivery = Delivery(inbox, nowhere, nowhere)
        return Errands(store, observed, providers, delivery, world.clock, chores=chores)

    voices = Voices(messages=messages, support=support, notices=inbox, hang=hang)
    populated = await populate(
        replace(world, errands=errands), load(), seed=SEED, now=NOW, hang=hang, voices=voices
    )
    return Talk(populated=populated, store=store, voices=voices, inbox=inbox, drawn=drawn)


async def _nobody(_: str) -> Account | None:
    return None


async def test_nothing_that_is_said_is_refused(talk: Talk) -> None:
    assert [one for one in talk.populated.not_done if one.command == "message"] == []


async def test_people_of_several_languages_talk_and_read_each_other(talk: Talk) -> None:
    texts = []
    for custody in (await talk.store.orders(OrderFilter(), "", 200)).orders:
        thread = await talk.voices.messages.thread(DESK, custody.order.order_id)
        assert thread is not None
        texts += [one for one in thread.messages if not one.template]
        for message in thread.messages:
            if not message.template and not message.internal:
                told = await talk.voices.messages.translated(message, "ru")
                assert told in {said["ru"] for said in PHRASES.values()}
    assert {one.language for one in texts} >= {"de", "pt", "es", "ar", "zh", "en"}
    assert any(one.internal for one in texts)
    assert any(one.files for one in texts)


async def test_support_has_a_chat_a_ticket_by_mail_and_one_handed_over(talk: Talk) -> None:
    waiting = await talk.voices.support.queue(DESK) or ()
    assert {(one.channel, one.level) for one in waiting} == {
        ("chat", Level.FIRST),
        ("mail", Level.FIRST),
        ("chat", Level.SENIOR),
    }
    closed = await talk.voices.support.queue(DESK, closed=True) or ()
    assert len(closed) == 1
    by_mail = next(one for one in waiting if one.channel == "mail")
    thread = await talk.voices.support.thread(DESK, by_mail.conversation_id)
    assert thread is not None
    assert len(thread.entries[0].files) == 1


async def test_old_notices_were_read_and_new_ones_were_not(talk: Talk) -> None:
    unread = {one.id: await talk.inbox.unread(one.actor) for one in people(SEED)}
    assert any(unread.values())
    assert max(unread.values()) < 30


async def test_evidence_is_of_every_kind_with_a_label_to_take_again_and_a_picture_used_twice(
    talk: Talk,
) -> None:
    files = [one.file for one in talk.drawn]
    assert {one.media_type for one in files} == {"image/jpeg", "video/mp4", "application/pdf"}
    hashes: dict[int, set[str]] = {}
    blurred = []
    for one in talk.drawn:
        if one.file.media_type == "image/jpeg":
            with Image.open(io.BytesIO(one.picture)) as image:
                blurred += _blurred(one.file, image)
                found = perceptual_hash(image)
            assert found is not None
            hashes.setdefault(found, set()).add(one.file.order_id)
    assert blurred == ["label-of-the-parcel-shaky.jpg"]
    shared = [len(orders) for orders in hashes.values() if len(orders) > 1]
    assert shared
    assert len(shared) < len(hashes) / 10, "a hint that is everywhere is none"


def _blurred(file: StoredFile, image: Image.Image) -> list[str]:
    return [file.name] if legibility(image, min(image.size)) else []


@pytest.mark.row("D5")
async def test_the_phrase_book_knows_every_sentence_in_every_language_and_no_other() -> None:
    translate: Callable[[str, str, str], Awaitable[str]] = PhraseBook().translate
    for said in PHRASES.values():
        assert said.keys() == LANGUAGES.keys()
        assert await translate(said["de"], "de", "zh") == said["zh"]
    with pytest.raises(TranslationFailed):
        await translate("Something else", "en", "de")
