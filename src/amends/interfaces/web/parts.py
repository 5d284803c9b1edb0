"""What the pages need from the rest of Amends. The bootstrap supplies it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.application.ports import Clock, Due, Envelope, Reader, Result
from amends.domain.parties import Actor, Role
from amends.domain.time import Calendars


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the pages can name. ``zone`` is the IANA zone their times are shown in.

    ``about`` is one sentence for the sign-in card of the sandbox; ``country`` is ISO 3166-1 alpha-2.
    """

    actor: Actor
    name: str
    about: str = ""
    zone: str = "UTC"
    country: str = ""


class Parts(Protocol):
    """The pages' whole view of the world. ``sandbox`` opens sign-in by card and the clock's page.

    ``secret`` signs sessions and form tokens (32 characters or more).
    """

    @property
    def reader(self) -> Reader: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def calendars(self) -> Calendars: ...

    @property
    def secret(self) -> str: ...

    @property
    def sandbox(self) -> bool: ...

    async def submit(self, envelope: Envelope) -> Result:
        """Hand a command to the gatherer and wait for its durable answer."""

    def demo_people(self) -> Sequence[Person]:
        """Who can be signed in as by a press of a button; empty outside the sandbox."""

    def person(self, role: Role, person_id: str) -> Person | None:
        """Somebody by role and id, where their name is known."""

    async def deadlines(self, until: datetime, limit: int) -> Sequence[Due]:
        """The streams whose deadlines pass by ``until``, nearest first."""

    async def advance(self, to: datetime) -> int:
        """Move the sandbox's clock to ``to`` and let every deadline on the way fire; how many fired."""
