"""What a seller's pages and rules ask of the world: policies by version, the inbox, the record, the money."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.policy.sellers import Published
from amends.domain.records import CaseTrace

#: The seller's tasks by the states of a case that waits on the seller; any other such state is ``other``.
TASKS: Mapping[str, tuple[State, ...]] = {
    "answer": (State.AWAITING_SELLER, State.CANCEL_REQUESTED),
    "address": (State.AWAITING_INSTRUCTIONS,),
    "inspect": (State.INSPECTING,),
    "replace": (State.AWAITING_REPLACEMENT,),
}
#: Every list of the inbox. ``turn`` is all that waits on the seller, ``waiting`` what waits on others.
LISTS = ("turn", *TASKS, "other", "waiting", "closed")


class SellerPolicies(Protocol):
    """Sellers' policies: versions are only ever added."""

    async def publish(self, published: Published) -> None:
        """Keep a version. Raises `WriteConflict` where it is not the one after the last."""

    async def in_force(self, seller_id: str, at: datetime) -> Published | None:
        """The newest version published by ``at``, or None."""

    async def versions(self, seller_id: str, limit: int) -> Sequence[Published]:
        """A seller's versions, newest first."""

    async def newest(self, limit: int) -> Sequence[Published]:
        """The newest version of each seller, by the seller's id."""


class InboxFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which of a seller's cases to list, nearest deadline first (closed ones: newest first).

    ``show`` is one of `LISTS`. ``reason`` is a code or a branch. ``least`` and ``most`` bound the amount in
    major units, whatever its currency; ``country`` is the buyer's. ``text`` is looked for in the case's id,
    the buyer's id and the titles of what was bought. Empty fields do not narrow.
    """

    seller_id: str
    show: str = "turn"
    reason: str = ""
    due_before: datetime | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    country: str = ""
    text: str = ""


class InboxRow(msgspec.Struct, frozen=True):
    """A case with the order it is on."""

    case: Case
    custody: Custody


class InboxPage(msgspec.Struct, frozen=True):
    """One page of the inbox; ``next`` is the cursor of the following page, empty on the last."""

    rows: tuple[InboxRow, ...]
    next: str = ""


class MoneySum(msgspec.Struct, frozen=True):
    """Money of a seller's orders in one place, in minor units.

    ``place`` is on_the_way, protected (delivered, the buyer may still ask), frozen (by an open case), due
    (released, to be paid out) or owed (the seller owes it).
    """

    currency: str
    place: str
    orders: int
    amount: int


class HeldOrder(msgspec.Struct, frozen=True):
    """An order whose money has not reached the seller, and the open cases that freeze it."""

    custody: Custody
    case_ids: tuple[str, ...]


class SellerReads(Protocol):
    """Reads about one seller, one statement each. They see what is committed."""

    async def inbox(self, wanted: InboxFilter, cursor: str, limit: int) -> InboxPage:
        """A page of the inbox. Raises `ValueError` for a cursor that is none of ours."""

    async def counts(self, wanted: InboxFilter) -> Mapping[str, int]:
        """How many cases each list but ``closed`` holds under the same filters; ``show`` does not count."""

    async def rows(self, seller_id: str, case_ids: Sequence[str]) -> Sequence[InboxRow]:
        """Those of the cases that are the seller's, in the order asked."""

    async def traces(self, seller_id: str, since: datetime, until: datetime) -> Sequence[CaseTrace]:
        """The cases opened in a time (half-open) that reached the seller, newest first."""

    async def orders_placed(self, seller_id: str, since: datetime, until: datetime) -> int:
        """How many orders were placed with the seller in a time (half-open)."""

    async def money(self, seller_id: str) -> Sequence[MoneySum]:
        """Where the money of the seller's orders is, by currency and place."""

    async def held(self, seller_id: str, limit: int) -> Sequence[HeldOrder]:
        """Orders with money on its way to the seller, the one that is due first first."""
