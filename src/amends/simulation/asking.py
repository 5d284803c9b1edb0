"""What people of the simulated marketplace ask of support, by chat and by mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from amends.application.ports.support import Conversation
from amends.application.support import Opening, Taken
from amends.domain.refusals import Refused
from amends.simulation.people import Person
from amends.simulation.pictures import draw, pictured
from amends.simulation.script import Script, Stage
from amends.simulation.voices import Aside, Voices, caller_of, caught_up, words_of


def asides(stage: Stage, scripts: Sequence[Script]) -> list[Aside]:
    """All of it, and that people read their notices until the day before yesterday."""
    cast = stage.cast
    theirs = {script.buyer.id: script.order.order_id for script in scripts}

    def ago(days: float) -> datetime:
        return stage.now - timedelta(days=days)

    waiting = _Chat(cast.berlin, theirs[cast.berlin.id])
    senior = _Chat(cast.kuwait, theirs[cast.kuwait.id])
    solved = _Chat(cast.boston, "")
    return [
        solved.asks(ago(20), "Can I change the address of an order that was shipped already?"),
        solved.answered(ago(19.9), cast.support, "We cannot, but the carrier can: see the tracking."),
        solved.closed(ago(19.8)),
        senior.asks(ago(1.6), "The invoice has another company's name, and customs wants the right one."),
        senior.answered(ago(1.4), cast.support, "Thank you, I have asked the seller for a corrected one."),
        senior.says(ago(0.5), "It has to be there by Thursday, or customs sends the parcel back."),
        senior.handed_over(ago(0.3), cast.support, "Customs set a date: Thursday. The seller is silent."),
        waiting.asks(
            ago(0.06),
            "The tracking says delivered, but my neighbour has no parcel for me either.",
            photo="My door and the empty stairs",
        ),
        Aside(ago(0.12), "", _mailed),
        caught_up(ago(2), cast.everybody),
    ]


class _Chat:
    """One conversation as it goes."""

    def __init__(self, person: Person, order_id: str) -> None:
        self._person = person
        self._order_id = order_id
        self._id = ""

    def asks(self, at: datetime, text: str, photo: str = "") -> Aside:
        async def say(voices: Voices) -> Refused | None:
            files: tuple[str, ...] = ()
            if photo:
                drawn = pictured("", self._person.actor, at, photo)
                await voices.hang(drawn)
                files = (drawn.file.file_id,)
            opening = Opening(text=text, order_id=self._order_id, files=files)
            made = await voices.support.open(caller_of(self._person), opening, words_of(self._person))
            if isinstance(made, Refused):
                return made
            self._id = made.conversation_id
            return None

        return Aside(at, self._order_id, say)

    def says(self, at: datetime, text: str) -> Aside:
        async def say(voices: Voices) -> Refused | None:
            return _refused(await voices.support.say(caller_of(self._person), self._id, text))

        return Aside(at, self._order_id, say)

    def answered(self, at: datetime, agent: Person, text: str) -> Aside:
        async def say(voices: Voices) -> Refused | None:
            return _refused(await voices.support.say(caller_of(agent), self._id, text))

        return Aside(at, self._order_id, say)

    def handed_over(self, at: datetime, agent: Person, reason: str) -> Aside:
        async def say(voices: Voices) -> Refused | None:
            return _refused(await voices.support.hand_over(caller_of(agent), self._id, reason))

        return Aside(at, self._order_id, say)

    def closed(self, at: datetime) -> Aside:
        async def say(voices: Voices) -> Refused | None:
            return _refused(await voices.support.close(caller_of(self._person), self._id))

        return Aside(at, self._order_id, say)


async def _mailed(voices: Voices) -> Refused | None:
    taken = await voices.support.receive(_letter())
    return None if isinstance(taken, Taken) else taken


def _letter() -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Ria Holmsund <ria.holmsund@mail.example>"
    mail["To"] = "support@amends.example"
    mail["Subject"] = "Wrong lamp in the parcel"
    mail["Message-ID"] = "<20.ria.holmsund@mail.example>"
    mail.set_content(
        "Hello,\n\nI bought a lamp as a guest, and another one was in the box. I have no account: how do I "
        "ask for the right one? A photo is attached.\n\nRia Holmsund\n"
    )
    picture, _ = draw("The lamp that came, and its box", "home/lighting/lamp")
    mail.add_attachment(picture, maintype="image", subtype="jpeg", filename="the-lamp.jpg")
    return mail.as_bytes()


def _refused(made: Conversation | Refused | None) -> Refused | None:
    if isinstance(made, Conversation):
        return None
    return made or Refused(kind="not_found", detail="There is no such conversation.")
