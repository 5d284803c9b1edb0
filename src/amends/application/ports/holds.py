"""Payouts that are held, over all orders."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from amends.domain.custody.holding import IN_FORCE, LAPSED
from amends.domain.custody.model import Custody, Hold, Stage
from amends.domain.ledger import available, payable

Standing = Literal["in_force", "ended"]


class HoldFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which holds to list: those in force at ``now``, or those that ended; empty fields do not narrow."""

    now: datetime
    standing: Standing = "in_force"
    seller_id: str = ""


class HeldPayout(msgspec.Struct, frozen=True, kw_only=True):
    """A hold with its order. ``amount`` is what the seller waits for at most, in minor units."""

    order_id: str
    seller_id: str
    title: str
    stage: Stage
    amount: int
    currency: str
    placed_at: datetime
    hold: Hold


class HoldPage(msgspec.Struct, frozen=True):
    """A page of them; ``next`` is the cursor of the page after it, empty at the end."""

    holds: tuple[HeldPayout, ...]
    next: str


class Holds(Protocol):
    """Every hold there is."""

    async def holds(self, wanted: HoldFilter, cursor: str, limit: int) -> HoldPage:
        """A page of holds: those in force by which ends first, ended ones by which ended last.

        Raises `ValueError` for a cursor of another list.
        """


def held_payout(custody: Custody, hold: Hold, now: datetime) -> HeldPayout:
    """A hold as it is listed."""
    order, books = custody.order, custody.books
    if hold.state in IN_FORCE and now >= hold.until:
        # Its time is over; the event that says so comes when the payout would leave.
        hold = msgspec.structs.replace(hold, state="released", note=LAPSED)
    return HeldPayout(
        order_id=order.order_id,
        seller_id=order.seller_id,
        title=order.lines[0].title,
        stage=custody.stage,
        amount=max(0, available(books) + payable(books)),
        currency=order.currency,
        placed_at=order.placed_at,
        hold=hold,
    )
