"""Figures over all orders, for those who run the marketplace: one statement each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

import msgspec

from amends.application.ports import Link
from amends.domain.cases.model import Remedy
from amends.domain.cover import Paid
from amends.domain.parties import Actor

#: Where one band of ages ends and the next begins.
AGES = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14), timedelta(days=30))
#: What closed cases can be told apart by.
GROUPINGS = ("reason", "seller", "category", "lane", "outcome")


class OpenCases(NamedTuple):
    """How many live cases are in a state, by age: band ``age`` ends at ``AGES[age]``, the last one never."""

    state: str
    age: int
    cases: int


class DayCount(NamedTuple):
    """What happened on a day (UTC): ``what`` is opened, closed or lapsed (a deadline passed)."""

    day: date
    what: str
    number: int


class DayMoney(NamedTuple):
    """Minor units that reached the buyer on a day (UTC): ``what`` is refund, goodwill or chargeback."""

    day: date
    what: str
    currency: str
    amount: int


class Closing(NamedTuple):
    """Closed cases of a group in one currency; drafts given up are left out.

    ``asked`` and ``refunded`` are sums in minor units, ``borne`` what of it the marketplace's fund paid.
    ``hours`` is the median from opening to close, ``slowest`` the 90th percentile, both whole hours.
    A ``lane`` is ``PT>DE``: seller's country, buyer's country.
    """

    group: str
    currency: str
    cases: int
    granted: int
    asked: int
    refunded: int
    borne: int
    hours: int
    slowest: int


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A person's ruling, and what it was about; ``number`` counts the rulings of its case from 0.

    ``asked`` is what the buyer asked for and ``most`` what was paid for the units, in minor units.
    """

    case_id: str
    order_id: str
    number: int
    reason: str
    category: str
    currency: str
    asked: Remedy
    remedy: Remedy
    recommended: Remedy | None
    mediator_id: str
    at: datetime
    final: bool
    shown: tuple[str, ...] = ()


class Load(NamedTuple):
    """What a mediator has on the table: cases in mediation, and those decided later than they should be.

    ``mediator_id`` is empty for cases nobody has taken.
    """

    mediator_id: str
    cases: int
    late: int


class Tally(NamedTuple):
    """How much somebody is part of: a buyer's or seller's orders and cases, the cases a mediator took."""

    orders: int = 0
    cases: int = 0
    open_cases: int = 0


class Figures(Protocol):
    """Figures read from what is kept. Spans are half-open and in UTC."""

    async def open_cases(self, now: datetime) -> Sequence[OpenCases]:
        """Live cases that were sent, by state and age."""

    async def counts(self, since: datetime, until: datetime) -> Sequence[DayCount]:
        """Cases opened, cases closed and deadlines lapsed, by day; days without any are left out."""

    async def money(self, since: datetime, until: datetime) -> Sequence[DayMoney]:
        """Money that went back, by day and currency."""

    async def cover(self, since: datetime, until: datetime) -> Sequence[Paid]:
        """What the protection fund paid, by day, purpose, reason and currency."""

    async def closings(self, since: datetime, until: datetime, by: str) -> Sequence[Closing]:
        """Cases closed in the span by one of the `GROUPINGS`, the most frequent group first."""

    async def rulings(
        self, since: datetime, until: datetime, limit: int, reason: str = ""
    ) -> Sequence[Decided]:
        """The rulings people made in the span, newest first; ``reason`` narrows to one."""

    async def load(self) -> Sequence[Load]:
        """Who has how many cases in mediation."""

    async def journal(self, since: datetime, until: datetime, limit: int, actor: str = "") -> Sequence[Link]:
        """What happened on all orders, newest first; ``actor`` (``operator:kaya``) narrows to one."""

    async def tally(self, person: Actor) -> Tally:
        """How many orders and cases somebody is part of; none for operators."""
