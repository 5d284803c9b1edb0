"""What signals about buyers ask of the world: their claims, their peers, who shares an address, contests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody
from amends.domain.signals import Contest, Neighbour, Peers


class Claim(msgspec.Struct, frozen=True):
    """A buyer's claim with the order it is on."""

    case: Case
    custody: Custody


class BuyerReads(Protocol):
    """Reads about buyers. All times are half-open; drafts count for nothing."""

    async def claims(self, buyer_id: str, since: datetime, until: datetime, limit: int) -> Sequence[Claim]:
        """A buyer's claims opened in a time, newest first."""

    async def orders_placed(self, buyer_id: str, since: datetime, until: datetime) -> int:
        """How many orders a buyer placed in a time."""

    async def peers(self, since: datetime, until: datetime) -> Peers:
        """All buyers of a time together, this one included. Withdrawn claims count: they only raise what is
        usual.
        """

    async def neighbours(
        self, buyer_id: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[Neighbour]:
        """Other accounts with an order of that time to an address this buyer ordered to in it, by id.

        Addresses are the same where the marketplace told the same ``address_key`` for both.
        """


class Contests(Protocol):
    """What buyers said against signals. Nothing is ever deleted."""

    async def add(self, contest: Contest) -> bool:
        """Keep a new one; false where one about the same sign of that buyer is still open."""

    async def of(self, buyer_id: str) -> Sequence[Contest]:
        """A buyer's contests, newest first."""

    async def get(self, contest_id: str) -> Contest | None:
        """One by its id."""

    async def open(self, limit: int) -> Sequence[Contest]:
        """Those nobody has reviewed, oldest first."""

    async def review(self, contest: Contest) -> bool:
        """Keep what a person made of it; false where somebody has reviewed it before."""
