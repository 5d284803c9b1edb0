"""What closes a request as a whole: who asks, units taken, shipped or not, and the windows."""

from datetime import datetime

from amends.domain.parties import Role
from amends.domain.policy.requests import Closed, Request
from amends.domain.policy.units import taken_units
from amends.domain.policy.windows import Window, promised_at, reason_window, received_at, ship_window
from amends.domain.time import deadline


def gate(request: Request) -> tuple[Closed | None, Window]:
    """Why nothing at all may be asked, if so, and the window of the request."""
    window = _window(request)
    closed = _not_theirs(request) or _taken(request)
    if closed is None:
        closed = _cancelling(request) if request.reason.family == "cancel" else _claiming(request, window)
    return closed, window


def _not_theirs(request: Request) -> Closed | None:
    if request.reason.who_asks is Role.BUYER:
        return None
    return Closed(
        "not_for_buyer", request.clause("ship.handling"), {"who_asks": request.reason.who_asks.value}
    )


def _taken(request: Request) -> Closed | None:
    after_return = request.reason.family == "return"
    cases = [case for case in request.cases if case.live] if after_return else request.cases
    taken = taken_units(request.custody, cases)
    mine = [unit for unit in request.units if unit in taken]
    if not mine:
        return None
    by = sorted({taken[unit] for unit in mine} - {""})
    facts: dict[str, object] = {"units": [unit.key for unit in mine], "cases": by}
    return Closed("unit_taken", request.clause("return.window"), facts)


def _cancelling(request: Request) -> Closed | None:
    order = request.custody.order
    shipped = order.shipped_at(request.line.line_id)
    if shipped is not None:
        facts: dict[str, object] = {"shipped_at": shipped.isoformat()}
        return Closed("already_shipped", request.clause("cancel.request_period"), facts)
    ship = ship_window(order, request.terms, request.calendars)
    if ship.closes_at is not None and request.now >= ship.closes_at:
        return None
    if request.reason.code == "cancel.not_shipped_in_time":
        return _not_open(ship.closes_at, ship.clause)
    asked = request.terms.get("cancel.request_period", request.reason.code)
    closes = deadline(order.placed_at, asked.value, request.calendars)
    free = request.terms.get("cancel.free_period", request.reason.code)
    if request.now < max(closes, deadline(order.placed_at, free.value, request.calendars)):
        return None
    return Closed("window_closed", asked.clause, {"closed_at": closes.isoformat()})


def _claiming(request: Request, window: Window) -> Closed | None:
    if request.custody.order.shipped_at(request.line.line_id) is None:
        return Closed("not_shipped", request.clause("ship.handling"))
    closed = _claim_barred(request)
    if closed is not None:
        return closed
    if window.opens_at is None or request.now < window.opens_at:
        return _not_open(window.opens_at, _opening_clause(request, window))
    if window.closes_at is not None and request.now >= window.closes_at:
        return Closed("window_closed", window.clause, {"closed_at": window.closes_at.isoformat()})
    return None


def _claim_barred(request: Request) -> Closed | None:
    """What bars a claim whatever the date."""
    code, family = request.reason.code, request.reason.family
    confirmed = request.custody.confirmed_at
    if family == "not_received" and confirmed is not None:
        facts: dict[str, object] = {"confirmed_at": confirmed.isoformat()}
        return Closed("receipt_confirmed", request.clause("protection.delivery"), facts)
    if family == "late":
        return _not_late(request)
    if family == "return" and request.earlier_return is None:
        return Closed("no_earlier_return", request.clause("return.claim_window"))
    for offer in ("free_return", "withdrawal"):
        if code == f"no_reason.{offer}" and not request.flag(f"{offer}.offered"):
            return Closed("not_offered", request.clause(f"{offer}.offered"))
    return None


def _not_late(request: Request) -> Closed | None:
    if not request.flag("guarantee.late"):
        return Closed("not_offered", request.clause("guarantee.late"))
    promised = promised_at(request.custody.order, request.line, request.terms, request.calendars)
    came = received_at(request.custody, request.line)
    # A delivery at the promised instant is late, as every deadline is half-open.
    if promised is not None and came is not None and came >= promised:
        return None
    facts: dict[str, object] = {
        "promised_by": promised.isoformat() if promised else None,
        "received_at": came.isoformat() if came else None,
    }
    return Closed("not_late", request.clause("guarantee.late"), facts)


def _not_open(opens_at: datetime | None, clause: str) -> Closed:
    return Closed("not_open_yet", clause, {"opens_at": opens_at.isoformat() if opens_at else None})


def _opening_clause(request: Request, window: Window) -> str:
    return request.clause("not_received.open_from") if window.name == "not_received" else window.clause


def _window(request: Request) -> Window:
    if request.reason.family == "cancel":
        term = request.terms.get("cancel.request_period", request.reason.code)
        placed = request.custody.order.placed_at
        return Window("cancel", placed, deadline(placed, term.value, request.calendars), term.clause)
    if request.reason.family == "return":
        term = request.terms.get("return.claim_window", request.reason.code)
        earlier = request.earlier_return
        closed_at = earlier.closed_at if earlier else None
        closes = None if closed_at is None else deadline(closed_at, term.value, request.calendars)
        return Window("return.claim_window", closed_at, closes, term.clause)
    return reason_window(request.custody, request.line, request.reason, request.terms, request.calendars)
