"""What the API is given to work with; `amends.bootstrap` puts it together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from amends.application.ports import ApiKeys, Clock, Envelope, Reader, Result
from amends.domain.orders import Order
from amends.domain.parties import Actor
from amends.domain.time import Calendars


class Intake(Protocol):
    """Takes in a marketplace's orders: finds the terms of each line and writes them down with the order."""

    async def envelope(
        self, order: Order, actor: Actor, *, key: str = "", fingerprint: bytes = b"", expected_seq: int | None = None
    ) -> Envelope:
        """The command that places an order whose lines have no terms yet. Raises `LookupError` with the
        reason where no policy covers the order."""


class Parts(Protocol):
    """Everything the API needs from below."""

    @property
    def reader(self) -> Reader: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def calendars(self) -> Calendars: ...
    @property
    def keys(self) -> ApiKeys: ...
    @property
    def intake(self) -> Intake: ...
    @property
    def sandbox(self) -> bool:
        """Whether people may move the clock."""

    async def submit(self, envelope: Envelope) -> Result:
        """Carry out one command together with whatever else waits."""

    async def execute(self, envelopes: Sequence[Envelope]) -> Sequence[Result]:
        """Carry out many commands in one transaction; results in their order."""

    async def advance(self, to: datetime) -> int:
        """Move the sandbox's clock forward and let every deadline up to then fire; how many fired."""

    async def ready(self) -> bool:
        """Whether the database answers."""
