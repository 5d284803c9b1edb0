"""Reminders of windows that close: until when a buyer may return, withdraw, report faults or a loss.

Such an end is on nobody's clock: nothing happens then but that it is too late. So whatever moves it (a
parcel, its delivery, the buyer's word, more time) has it looked at anew. Ends that the reminders of the
protection tell of are not told twice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from amends.application.nearing import stamp
from amends.application.notices import Notice, told
from amends.application.ports import Clock, Errand, Reader
from amends.application.ports.outbox import Outbox
from amends.domain.cases.model import Case
from amends.domain.chain import Recorded
from amends.domain.custody import events as custody_events
from amends.domain.custody.model import Custody, Stage
from amends.domain.orders import Signal
from amends.domain.parties import Actor, Role, Waiting
from amends.domain.policy.closings import (
    FAULTS,
    NOT_RECEIVED,
    RETURN,
    WITHDRAWAL,
    Closing,
    closings,
    told_by_protection,
)
from amends.domain.policy.terms import Terms
from amends.domain.policy.units import askable_units
from amends.domain.time import Calendars, deadline

PLAN, REMIND = "closing.plan", "closing.remind"
LEAD = "return.remind_before"
# Where terms that were frozen earlier say nothing.
REMIND_BEFORE = timedelta(days=3)
TOLD: Mapping[str, str] = {
    RETURN: "return_window_near",
    WITHDRAWAL: "withdrawal_window_near",
    FAULTS: "fault_window_near",
    NOT_RECEIVED: "arrival_window_near",
}
"""The event of each kind's reminder."""


class Looking(msgspec.Struct, frozen=True):
    """The body of ``closing.plan``: whose windows to look at."""

    order_id: str


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """The body of ``closing.remind``: which window of an order ends, and when."""

    order_id: str
    what: str
    until: datetime


def looking(custody: Custody, one: Recorded) -> Errand | None:
    """The errand that plans reminders anew after an event that moves the end of a window."""
    match one.event:
        case custody_events.ParcelRecorded(parcel=parcel):
            # Goods of one line are missing as long as they are protected.
            moved = len(custody.order.lines) > 1 or parcel.delivered_at is not None
        case custody_events.TrackingRecorded(scans=scans):
            moved = any(scan.signal is Signal.DELIVERED for scan in scans)
        case custody_events.ReceiptConfirmed():
            moved = True
        case custody_events.ExtensionAnswered(terms=terms):
            moved = bool(terms)
        case _:
            moved = False
    if not moved:
        return None
    return Errand(
        errand_id=f"closing:{one.stream}:{one.seq}",
        topic=PLAN,
        order_id=one.order_id,
        case_id="",
        body=msgspec.to_builtins(Looking(one.order_id)),
        due_at=one.at,
    )


class ClosingReminders:
    """Plans reminders of ends of windows and, when they are due, makes notices of those still true."""

    def __init__(self, reader: Reader, outbox: Outbox, clock: Clock, calendars: Calendars) -> None:
        self._reader = reader
        self._outbox = outbox
        self._clock = clock
        self._calendars = calendars

    async def plan(self, errand: Errand) -> bool:
        """Plan the reminders of everything that ends for an order."""
        order_id = msgspec.convert(errand.body, Looking).order_id
        found = await self._closings(order_id)
        now = self._clock.now()
        planned = [
            self._planned(found.custody, one, found.terms, now)
            for one in (found.ends if found else ())
            if found and one.at > now and not told_by_protection(found.custody, one.at)
        ]
        await self._outbox.put([one for one in planned if one is not None])
        return True

    async def remind(self, errand: Errand) -> bool:
        """Tell the buyer, if the window still ends then and there is something left to ask for."""
        ending = msgspec.convert(errand.body, Ending)
        found = await self._closings(ending.order_id)
        now = self._clock.now()
        if found is None or now >= ending.until or told_by_protection(found.custody, ending.until):
            return True
        for one in found.ends:
            free = found.free(one)
            if (one.what, one.at) == (ending.what, ending.until) and free:
                await self._outbox.put([_notice(found.custody, one, free, now)])
        return True

    def _planned(
        self, custody: Custody, closing: Closing, terms: Mapping[str, Terms], now: datetime
    ) -> Errand | None:
        line = custody.order.line(closing.line_ids[0])
        lead = self._lead(closing.at, terms[line.terms_id]) if line else REMIND_BEFORE
        if lead <= timedelta():
            return None  # the terms want no reminder
        order_id = custody.order.order_id
        body = Ending(order_id=order_id, what=closing.what, until=closing.at)
        return Errand(
            errand_id=f"closing:{order_id}:{closing.what}:{stamp(closing.at)}",
            topic=REMIND,
            order_id=order_id,
            case_id="",
            body=msgspec.to_builtins(body),
            # Not before half of the time is over.
            due_at=closing.at - min(lead, (closing.at - now) / 2),
        )

    def _lead(self, until: datetime, terms: Terms) -> timedelta:
        if not terms.has(LEAD):
            return REMIND_BEFORE
        return deadline(until, terms.period(LEAD), self._calendars) - until

    async def _closings(self, order_id: str) -> "_Found | None":
        scene = await self._reader.scene(order_id)
        if scene is None or scene.custody is None or scene.custody.stage is Stage.CANCELLED:
            return None
        custody = scene.custody
        ids = sorted({line.terms_id for line in custody.order.lines})
        terms = dict(await self._reader.terms_of(ids))
        return _Found(custody, scene.cases, terms, closings(custody, terms, self._calendars))


class _Found(msgspec.Struct, frozen=True):
    custody: Custody
    cases: Mapping[str, Case]
    terms: dict[str, Terms]
    ends: tuple[Closing, ...]

    def free(self, closing: Closing) -> tuple[str, ...]:
        """The goods about which something may still be asked."""
        lines = (self.custody.order.line(line_id) for line_id in closing.line_ids)
        cases = self.cases.values()
        return tuple(
            line.title for line in lines if line and askable_units(self.custody, cases, line.line_id)
        )


def _notice(custody: Custody, closing: Closing, goods: tuple[str, ...], now: datetime) -> Errand:
    order = custody.order
    notice = Notice(
        event=TOLD[closing.what],
        seq=0,
        stream=f"{order.order_id}/{closing.what}/{stamp(closing.at)}",
        at=now,
        to=(Actor(Role.BUYER, order.buyer_id),),
        currency=order.currency,
        clause=closing.clause,
        waiting=Waiting(Role.BUYER, closing.at, "", closing.clause),
        goods=goods,
        buyer_country=order.buyer_country,
        seller_country=order.seller_country,
    )
    return told(notice, order.order_id)
