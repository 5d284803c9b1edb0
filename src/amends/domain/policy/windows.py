"""When things open and close for one line of an order: the dates people see, and the limits of every request.

Every window is half-open: at its closing instant it is closed.
"""

from datetime import date, datetime, timedelta

import msgspec

from amends.domain.custody.model import Custody
from amends.domain.orders import Line, Order, Parcel, Signal
from amends.domain.policy.terms import Terms
from amends.domain.reasons import Reason
from amends.domain.time import Calendars, deadline, start_of

_ABNORMAL = frozenset({
    Signal.INVALID, Signal.SHARED, Signal.WRONG_DIRECTION, Signal.UNKNOWN, Signal.LOST,
    Signal.RETURNED_TO_SENDER,
})  # fmt: skip
_DELIVERED_ELSEWHERE = frozenset({"not_received.shown_delivered", "not_received.wrong_address"})


class Window(msgspec.Struct, frozen=True):
    """From when until when something may be asked; None means: not yet known. ``clause`` set the end."""

    name: str
    opens_at: datetime | None
    closes_at: datetime | None
    clause: str

    def contains(self, at: datetime) -> bool:
        """Whether it is open at that instant."""
        if self.opens_at is None or at < self.opens_at:
            return False
        return self.closes_at is None or at < self.closes_at


def windows(custody: Custody, line: Line, terms: Terms, calendars: Calendars) -> tuple[Window, ...]:
    """The dates of a line as order pages show them.

    Their names: cancel.free_period, cancel.request_period, ship.handling, not_received, protection,
    return.window. Windows that begin with an event that has not happened have no dates yet.
    """
    order = custody.order
    return (
        _from_purchase("cancel.free_period", order, terms, calendars),
        _from_purchase("cancel.request_period", order, terms, calendars),
        ship_window(order, terms, calendars),
        not_received_window(order, line, "not_received.overdue", terms, calendars),
        protection_window(custody, line, terms, calendars),
        return_window(custody, line, "", terms, calendars),
    )


def ship_window(order: Order, terms: Terms, calendars: Calendars) -> Window:
    """Until when the seller ships: the order's own day, or the terms' ``ship.handling`` from the purchase."""
    if order.ship_by is None:
        return _from_purchase("ship.handling", order, terms, calendars)
    return Window("ship.handling", order.placed_at, order.ship_by, terms.get("ship.handling").clause)


def received_at(custody: Custody, line: Line) -> datetime | None:
    """When the buyer had the line: the carrier's delivery or the buyer's own word, whichever was first."""
    known = (custody.order.delivered_at(line.line_id), custody.confirmed_at)
    return min((at for at in known if at is not None), default=None)


def arrival_ends_at(
    order: Order, line: Line, reason: str, terms: Terms, calendars: Calendars
) -> datetime | None:
    """Until when goods may be reported missing, None before shipping.

    That is ``protection.delivery`` from shipping; an order promising a later day gives the buyer
    ``protection.after_delivery`` from that day, so that the promise can pass while there is still time.
    """
    shipped = order.shipped_at(line.line_id)
    if shipped is None:
        return None
    end = deadline(shipped, terms.period("protection.delivery", reason), calendars)
    if order.promised_by is None:
        return end
    return max(end, deadline(order.promised_by, terms.period("protection.after_delivery", reason), calendars))


def promised_at(order: Order, line: Line, terms: Terms, calendars: Calendars) -> datetime | None:
    """By when the goods should be there: the order's promise, else ``protection.delivery`` from shipping."""
    if order.promised_by is not None:
        return order.promised_by
    shipped = order.shipped_at(line.line_id)
    return None if shipped is None else deadline(shipped, terms.period("protection.delivery"), calendars)


def protection_window(custody: Custody, line: Line, terms: Terms, calendars: Calendars) -> Window:
    """How long the money for a line is held: from shipping until after its delivery or its non-arrival.

    After receipt it lasts as long as a return may be asked for, and no less than
    ``protection.after_delivery``.
    """
    shipped = custody.order.shipped_at(line.line_id)
    received = received_at(custody, line)
    if received is None:
        end = arrival_ends_at(custody.order, line, "", terms, calendars)
        return Window("protection", shipped, end, terms.get("protection.delivery").clause)
    after = terms.get("protection.after_delivery")
    end, clause = deadline(received, after.value, calendars), after.clause
    returnable = return_window(custody, line, "", terms, calendars)
    if returnable.closes_at is not None and returnable.closes_at > end:
        end, clause = returnable.closes_at, returnable.clause
    return Window("protection", shipped, end, clause)


def return_window(custody: Custody, line: Line, reason: str, terms: Terms, calendars: Calendars) -> Window:
    """From shipping until ``return.window`` after receipt, or the latest extension of it.

    While nobody knows of a receipt it lasts as long as the goods may be reported missing.
    """
    shipped = custody.order.shipped_at(line.line_id)
    term = terms.get("return.window", reason)
    received = received_at(custody, line)
    if received is None:
        end = arrival_ends_at(custody.order, line, reason, terms, calendars)
        return Window("return.window", shipped, end, term.clause)
    ends = [(deadline(received, term.value, calendars), term.clause)]
    extension = terms.get("return.extension", reason)
    ends.append((deadline(received, extension.value, calendars), extension.clause))
    until = terms.get("return.extension_until", reason)
    if until.value:
        day_after = date.fromisoformat(until.value) + timedelta(days=1)
        ends.append((start_of(day_after, term.value.zone), until.clause))
    closes, clause = max(ends, key=lambda end: end[0])
    return Window("return.window", shipped or received, closes, clause)


def not_received_window(order: Order, line: Line, reason: str, terms: Terms, calendars: Calendars) -> Window:
    """When goods may be reported missing: from the first of the terms' openings until the non-arrival ends.

    Sources: C18-20, A55. An order that promises no day opens ``protection.remind_before`` before the end.
    """
    closes = arrival_ends_at(order, line, reason, terms, calendars)
    clause = terms.get("protection.delivery", reason).clause
    if closes is None:
        return Window("not_received", None, None, clause)
    openings = []
    rules = terms.words("not_received.open_from", reason)
    if "promise_passed" in rules:
        ahead = deadline(closes, terms.period("protection.remind_before", reason), calendars) - closes
        openings.append(order.promised_by or closes - ahead)
    if "after_shipping" in rules:
        period = terms.period("not_received.open_after_shipping", reason)
        openings += [
            deadline(parcel.shipped_at, period, calendars) for parcel in order.parcels_of(line.line_id)
        ]
    if "tracking_abnormal" in rules:
        abnormal = [
            abnormal_at(parcel, order, reason, terms, calendars) for parcel in order.parcels_of(line.line_id)
        ]
        openings += [at for at in abnormal if at is not None]
    if reason in _DELIVERED_ELSEWHERE:
        delivered = order.delivered_at(line.line_id)
        openings += [delivered] if delivered is not None else []
    return Window("not_received", min(openings, default=None), closes, clause)


def abnormal_at(
    parcel: Parcel, order: Order, reason: str, terms: Terms, calendars: Calendars
) -> datetime | None:
    """Since when a parcel's trace looks wrong, None while it looks right.

    Wrong are: no number at all, a scan that says so, and scans in the seller's country only for
    ``tracking.origin_only_after`` from shipping (a date that may lie ahead). Source: C18.
    """
    found = [event.at for event in parcel.events if event.signal in _ABNORMAL]
    if not parcel.tracking_number:
        found.append(parcel.shipped_at)
    countries = {event.country for event in parcel.events if event.country}
    stuck = order.buyer_country != order.seller_country and countries == {order.seller_country}
    if stuck and parcel.delivered_at is None:
        period = terms.period("tracking.origin_only_after", reason)
        found.append(deadline(parcel.shipped_at, period, calendars))
    return min(found, default=None)


def reason_window(custody: Custody, line: Line, reason: Reason, terms: Terms, calendars: Calendars) -> Window:
    """The window of a claim for a reason; those about an earlier return are bounded in `options`."""
    if reason.family == "not_received":
        return not_received_window(custody.order, line, reason.code, terms, calendars)
    name = reason.windows[0]
    if name not in ("free_return.window", "withdrawal.window"):
        return return_window(custody, line, reason.code, terms, calendars)
    term = terms.get(name, reason.code)
    received = received_at(custody, line)
    closes = None if received is None else deadline(received, term.value, calendars)
    return Window(name, custody.order.placed_at, closes, term.clause)


def _from_purchase(name: str, order: Order, terms: Terms, calendars: Calendars) -> Window:
    term = terms.get(name)
    return Window(name, order.placed_at, deadline(order.placed_at, term.value, calendars), term.clause)
