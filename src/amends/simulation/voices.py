"""What people of the simulated marketplace say: to each other, and to support."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from amends.application.message_drafts import Draft
from amends.application.messages import Messages
from amends.application.permissions import Caller
from amends.application.ports import KeyRole
from amends.application.ports.messages import Message
from amends.application.ports.notices import NoticeBook
from amends.application.support import Support
from amends.application.words import Words, choose
from amends.domain.refusals import Refused
from amends.simulation.people import Person
from amends.simulation.phrases import PHRASES
from amends.simulation.pictures import Drawn, pictured

# The language that people of a country write; English elsewhere.
_LANGUAGES: Mapping[str, str] = {"DE": "de", "BR": "pt", "PT": "pt", "ES": "es", "KW": "ar", "CN": "zh"}


class Voices(msgspec.Struct, frozen=True, kw_only=True):
    """What people speak by, on the clock of the play. ``hang`` keeps a picture that is drawn for them."""

    messages: Messages
    support: Support
    notices: NoticeBook
    hang: Callable[[Drawn], Awaitable[None]]


class Aside(msgspec.Struct, frozen=True):
    """Something said at an instant: what came of it is a refusal where it could not be said."""

    at: datetime
    order_id: str
    say: Callable[[Voices], Awaitable[Refused | None]]


def caller_of(person: Person) -> Caller:
    """Somebody of the play at a door."""
    return Caller(KeyRole(person.role.value), person.id)


def words_of(person: Person) -> Words:
    """How somebody of the play writes."""
    return Words(choose(_LANGUAGES.get(person.country, "")).locale, person.zone)


def phrase(name: str, person: Person) -> str:
    """A phrase in somebody's own language."""
    return PHRASES[name][words_of(person).locale.language]


def message(
    at: datetime,
    order_id: str,
    by: Person,
    *,
    case_id: str = "",
    text: str = "",
    template: str = "",
    values: Mapping[str, str] | None = None,
    internal: bool = False,
    photo: str = "",
) -> Aside:
    """A message about an order; ``photo`` says what a picture that comes with it shows."""

    async def say(voices: Voices) -> Refused | None:
        files: tuple[str, ...] = ()
        if photo:
            drawn = pictured(order_id, by.actor, at, photo)
            await voices.hang(drawn)
            files = (drawn.file.file_id,)
        draft = Draft(
            text=text,
            case_id=case_id,
            template=template,
            values=values or {},
            files=files,
            internal=internal,
        )
        said = await voices.messages.post(caller_of(by), order_id, draft, words_of(by))
        if isinstance(said, Message):
            return None
        return said or Refused(kind="not_found", detail=f"There is no order {order_id} for {by.id}.")

    return Aside(at, order_id, say)


def reading(at: datetime, order_id: str, by: Person) -> Aside:
    """Somebody opens the messages of an order."""

    async def say(voices: Voices) -> Refused | None:
        await voices.messages.read(caller_of(by), order_id, 2**31)
        return None

    return Aside(at, order_id, say)


def caught_up(at: datetime, people: tuple[Person, ...]) -> Aside:
    """Everybody reads what they were told up to then."""

    async def say(voices: Voices) -> Refused | None:
        for person in people:
            await voices.notices.read(person.actor, None, at)
        return None

    return Aside(at, "", say)
