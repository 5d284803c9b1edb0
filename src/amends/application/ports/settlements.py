"""What a provider reports of a day, and where reports and their differences are kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, runtime_checkable

import msgspec

from amends.domain.reconciliation import Difference, Entry, Movement, State, Sums

EVERYTHING = frozenset({"capture", "refund", "payout", "chargeback"})
"""The purposes of transfers that go through a provider."""


@runtime_checkable
class Settlements(Protocol):
    """A provider that reports what it moved."""

    @property
    def covers(self) -> frozenset[str]:
        """The purposes of transfers that its report tells of; nothing else is expected in it."""

    @property
    def grace(self) -> timedelta:
        """How long after a day its report is whole."""

    async def report(self, since: datetime, until: datetime) -> Sequence[Movement]:
        """What moved in a time (half-open). Raises `ProviderSilent`."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One provider's day, reconciled: how many lines and transfers were compared, and the sums of each."""

    provider: str
    day: date
    at: datetime
    movements: int
    entries: int
    sums: tuple[Sums, ...] = ()
    open: int = 0
    waiting: int = 0


class DifferenceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which differences to list; empty fields do not narrow."""

    provider: str = ""
    day: date | None = None
    states: tuple[State, ...] = ()
    order_id: str = ""


class MoneyReads(Protocol):
    """The ledger as providers would know it."""

    async def entries(self, since: datetime, until: datetime) -> Sequence[Entry]:
        """Every step of transfers through a provider recorded in a time (half-open)."""

    async def entries_of(self, order_ids: Sequence[str]) -> Sequence[Entry]:
        """Every step of transfers through a provider of these orders; unknown ones have none."""

    async def paid_by(self, provider: str, references: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The orders whose tenders have one of the provider's ids of a payment, by that id."""


class SettlementBook(Protocol):
    """Reports as they came, and what became of their differences."""

    async def keep(self, movements: Sequence[Movement]) -> int:
        """Keep lines of a report; a known line changes nothing. How many were new."""

    async def movements(self, provider: str, since: datetime, until: datetime) -> Sequence[Movement]:
        """The lines of a time (half-open)."""

    async def movements_of(self, provider: str, references: Sequence[str]) -> Sequence[Movement]:
        """The lines with one of the references, of whatever day."""

    async def save(self, run: Run, differences: Sequence[Difference]) -> Sequence[Difference]:
        """Keep a day's result in place of an earlier one of that day; the open differences that are new.

        A difference that somebody has dealt with stays as it is while both amounts are the same.
        """

    async def runs(self, limit: int, provider: str = "", until: date | None = None) -> Sequence[Run]:
        """The days reconciled, newest first; up to and with ``until``."""

    async def unsettled(self, provider: str) -> Sequence[date]:
        """The days with differences that are open or wait, oldest first."""

    async def differences(self, wanted: DifferenceFilter, limit: int) -> Sequence[Difference]:
        """Differences, newest day first, those that need somebody first."""

    async def difference(self, difference_id: str) -> Difference | None:
        """The difference of that id."""

    async def change(self, changed: Difference, was: State) -> bool:
        """Replace a difference; false where it was no longer in the state ``was``."""
