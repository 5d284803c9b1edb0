"""Every kind of mail that people get, in a language: what tests check, and what people look at."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from tests.adapters.files.pictures import pdf
from tests.interfaces.web.house import Letterbox, open_house
from tests.interfaces.web.letters import Letters
from tests.interfaces.web.town import INES, KAYA, LUMEN, NORA, Town

from amends.adapters.memory.clock_face import MemoryClockFace
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.application.clock import SandboxClock
from amends.application.closing_reminders import TOLD
from amends.application.letter_words import NEAR, OTHER_WORDS, WORDS
from amends.application.notices import Notice
from amends.application.permissions import Caller
from amends.application.ports import Errand, KeyRole
from amends.application.ports.files import StoredFile
from amends.application.ports.mail import Mailing
from amends.application.ports.preferences import Preferences
from amends.application.ports.support import Conversation
from amends.application.preferences import DIGEST
from amends.application.support import Opening, Writing
from amends.application.words import LANGUAGES, Words
from amends.domain.cases.lifecycle import LIFECYCLE, ORDERS
from amends.domain.cases.model import Refund, RefundStage
from amends.domain.cases.turns import UNANSWERED
from amends.domain.parties import Actor, Role, Waiting

AT = datetime(2026, 11, 18, 14, 22, tzinfo=UTC)
UNTIL = AT + timedelta(days=2)
ORDER, CASE = "AM-204471", "AM-204471.1"
PEOPLE = {Role.BUYER: NORA, Role.SELLER: LUMEN, Role.MEDIATOR: INES, Role.OPERATOR: KAYA}
REFUND = Refund(
    refund_id=f"{CASE}-r1",
    tender_id="t1",
    method="card",
    amount=130400,
    stage=RefundStage.INITIATED,
    at=AT,
    eta_from=AT + timedelta(days=3),
    eta_by=AT + timedelta(days=15),
)


async def every_mail(code: str) -> dict[str, Mailing]:
    """Each kind of mail by its name, in a language."""
    words = Words(LANGUAGES[code].locale, "Europe/Berlin")
    return {**await _notices(words), **await _of_accounts(code), **await _of_support(words)}


async def _notices(words: Words) -> dict[str, Mailing]:
    async def readers(people: Sequence[Actor]) -> Mapping[Actor, Words]:
        return dict.fromkeys(people, words)

    store = MemoryStore()
    clock = SandboxClock(MemoryClockFace(), system=lambda: AT)
    letters = Letters(store, clock, readers=readers)
    delivery, sent = letters.correspondence.delivery, letters.postman.sent
    found = {}
    for name, notice in _kinds().items():
        await delivery.deliver(notice, ORDER, CASE if notice.state or "case" in name else "")
        found |= {f"{name} to {one.to.partition('.')[0]}": one for one in sent}
        sent.clear()
    await letters.correspondence.preferences.put(NORA, Preferences(mail={"messages": DIGEST}))
    for seq in range(3):
        await delivery.deliver(_notice("message_sent", NORA, seq=10 + seq), ORDER, "")
    body = {"role": "buyer", "id": NORA.id}
    gathered = Errand(errand_id="d", topic="mail.digest", order_id="", case_id="", body=body, due_at=AT)
    await delivery.digest(gathered)
    return {**found, "digest": sent[-1]}


def _kinds() -> dict[str, Notice]:
    kinds = {}
    waiting = Waiting(Role.SELLER, UNTIL, "grant_request", "negotiation.seller_response.default")
    for event in WORDS:
        kinds[f"{event} (case)"] = _notice(event, NORA, LUMEN, waiting=waiting, clause=waiting.clause)
    for event in OTHER_WORDS:
        kinds[f"{event} (order)"] = _notice(event, NORA)
    for event in TOLD.values():
        ends = Waiting(Role.BUYER, UNTIL, "", "return.window.default")
        goods = ("Table lamp “Dune”", "Wool blanket, 140 × 200 cm")
        kinds[f"{event} (order)"] = _notice(event, NORA, waiting=ends, goods=goods, clause=ends.clause)
    for on in Role:
        awaited = replace(waiting, on=on, default="escalate")
        kinds[f"offer_made while {on.value} is awaited (case)"] = _notice(
            "offer_made", *PEOPLE.values(), waiting=awaited
        )
    for state, standing in LIFECYCLE.items():
        waiting = Waiting(standing.on[0], UNTIL, standing.default, f"{standing.clock}.default")
        if standing.default not in UNANSWERED:
            people = [PEOPLE[role] for role in standing.on if role in PEOPLE]
            kinds[f"{NEAR} {state.value}"] = _notice(
                NEAR, *people, waiting=waiting, state=state.value, clause=waiting.clause
            )
    for stage, order in ORDERS.items():
        if order.default and order.default not in UNANSWERED:
            waiting = Waiting(order.on, UNTIL, order.default, f"{order.clock}.default")
            kinds[f"{NEAR} {stage.value} (order)"] = _notice(NEAR, NORA, LUMEN, waiting=waiting)
    ruled = Waiting(Role.SELLER, UNTIL, "ruling_stands", "ruling.reply.default")
    kinds["case_ruled for both (case)"] = _notice("case_ruled", NORA, LUMEN, waiting=ruled)
    return {name: replace(one, stream=f"{one.stream}/{name}") for name, one in kinds.items()}


def _notice(event: str, *to: Actor, seq: int = 3, **more: object) -> Notice:
    refunds = (REFUND,) if event.startswith("refund_") else ()
    fields = {"event": event, "seq": seq, "stream": CASE, "at": AT, "currency": "EUR", "refunds": refunds}
    return Notice(to=to, **fields, **more)  # type: ignore[arg-type]


async def _of_accounts(code: str) -> dict[str, Mailing]:
    store, letterbox = MemoryStore(), Letterbox()
    outbox = MemoryOutbox(store)
    house = open_house(outbox, lambda: AT, letterbox=letterbox)
    account = await house.roster.add(Role.SELLER, party_id="lumen", email="lumen@mail.example")
    assert account is not None
    await house.roster.set_language(account, code)
    for kind, email in (("reset", "lumen"), ("changed", "lumen"), ("invitation", "new")):
        await house.mail.post(
            kind, f"{email}@mail.example", team="Lumen & Clay", role="seller", language=code
        )
    for errand in list(store.outbox.values()):
        await house.mail.deliver(errand)
    return {f"account {one.message_id.split(':')[1]}": one for one in letterbox.mailings}


async def _of_support(words: Words) -> dict[str, Mailing]:
    town = Town()
    agent, buyer = Caller(KeyRole.OPERATOR, KAYA.id), Caller(KeyRole.BUYER, NORA.id)
    chat = await town.support.open(buyer, Opening(text="Hello, a question."), words)
    first = Writing(text="A word of ours.", subject="The invoice", email="some.one@mail.example")
    mail = await town.support.write_to(agent, first, words)
    for one in (chat, mail):
        assert isinstance(one, Conversation)
        # A file is between support and one person.
        with town.support.drawer.scratch() as source:
            source.write(pdf())
            file = await town.support.drawer.take(agent, source, "form.pdf")
        assert isinstance(file, StoredFile)
        said = await town.support.say(agent, one.conversation_id, "An answer.", files=(file.file_id,))
        assert isinstance(said, Conversation)
    await town.wait(minutes=11)
    return {f"support {n}": one for n, one in enumerate(town.letters.postman.sent)}
