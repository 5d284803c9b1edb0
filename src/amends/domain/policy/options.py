"""What a buyer may ask for, and why not: every remedy for some units and a reason, open or closed.

Each answer names the clause it rests on. Sources: B7, B37-39, C18-36, D15, D197-199, D282-283, D421-434,
D481-483, A29, A53.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from amends.domain.cases.model import Case, Goods
from amends.domain.custody.model import Custody
from amends.domain.orders import Line, Unit
from amends.domain.parties import Role
from amends.domain.policy.arrivals import slowest_arrival
from amends.domain.policy.gates import gate
from amends.domain.policy.remedies import JUDGES
from amends.domain.policy.requests import Closed, Open, Request
from amends.domain.policy.terms import Terms
from amends.domain.policy.units import free_units, taken_units
from amends.domain.policy.windows import Window, windows
from amends.domain.reasons import REASONS, Reason
from amends.domain.time import Calendars, deadline

__all__ = ["REMEDIES", "Option", "free_units", "options", "taken_units", "windows"]

REMEDIES = ("refund", "partial", "return", "exchange", "cancellation")
_HOME = {
    "refund": "returnless.below",
    "partial": "partial.suggest.cosmetic",
    "return": "return.window",
    "exchange": "exchange.grounds",
    "cancellation": "cancel.request_period",
}
"""The parameter whose clause speaks of a remedy where nothing more special closes it."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy, open or closed, as the buyer sees it before filing.

    ``amount`` is the most that can be refunded, in minor units (0 when closed). ``deadline`` is until when it
    may be asked for. ``eta`` bounds the arrival by the slowest payment method if it were agreed now; for a
    return it counts from the acceptance of the goods, as if that were now. ``clause`` opens or closes it.
    ``suggested`` is a range of amounts. ``facts`` are plain JSON values behind the answer.

    ``why_closed``: not_for_reason, not_for_buyer, unit_taken, nothing_left, not_shipped, already_shipped,
    not_open_yet, window_closed, receipt_confirmed, not_late, not_offered, unreturnable, no_return_needed,
    return_required, not_exchangeable, no_earlier_return, bundle_whole.
    """

    remedy: str
    open: bool
    amount: int
    goods: Goods
    freight_payer: Role
    deadline: datetime | None
    eta: tuple[datetime, datetime] | None
    clause: str
    why_closed: str = ""
    facts: dict[str, object] = {}
    suggested: tuple[int, int] | None = None


def options(
    custody: Custody,
    cases: Iterable[Case] | Mapping[str, Case],
    units: tuple[Unit, ...],
    reason: str,
    *,
    terms: Terms,
    now: datetime,
    calendars: Calendars,
    severity: str = "",
    return_freight: int | None = None,
    beside: tuple[Unit, ...] = (),
    remedies: Iterable[str] = REMEDIES,
) -> tuple[Option, ...]:
    """Every remedy in the order of `REMEDIES`, or those named, for units of one line and a reason.

    ``severity`` (cosmetic, flaw, impaired, useless) picks the suggestion for a partial refund.
    ``return_freight`` is what sending the units back would cost, in minor units, where known. ``beside`` are
    units of other lines that the same claim is about, such as the other parts of a bundle. Raises
    `LookupError` for an unknown reason, line or unit, `ValueError` for no units or units of several lines.
    """
    request = Request(
        custody=custody,
        cases=tuple(cases.values() if isinstance(cases, Mapping) else cases),
        line=_line(custody, units),
        units=units,
        reason=_reason(reason),
        terms=terms,
        now=now,
        calendars=calendars,
        severity=severity,
        return_freight=return_freight,
        beside=beside,
    )
    barred, window = gate(request)
    return tuple(_option(request, remedy, barred, window) for remedy in remedies)


def _line(custody: Custody, units: tuple[Unit, ...]) -> Line:
    if len({unit.line_id for unit in units}) != 1 or len(set(units)) != len(units):
        raise ValueError("options are about one or more different units of one line")
    line = custody.order.line(units[0].line_id)
    if line is None:
        raise LookupError(f"order {custody.order.order_id} has no line {units[0].line_id!r}")
    if not all(0 <= unit.index < line.quantity for unit in units):
        raise LookupError(f"line {line.line_id} has {line.quantity} units, numbered from 0")
    return line


def _reason(code: str) -> Reason:
    found = REASONS.get(code)
    if found is None:
        raise LookupError(f"there is no reason {code!r}")
    return found


def _option(request: Request, remedy: str, barred: Closed | None, window: Window) -> Option:
    if remedy not in request.reason.remedies:
        found: Open | Closed = Closed("not_for_reason", request.clause(_HOME[remedy]))
    else:
        found = barred or JUDGES[remedy](request)
    if isinstance(found, Open):
        amount = request.refundable if found.amount is None else found.amount
        if amount > 0:
            return _opened(request, remedy, found, amount, window)
        facts: dict[str, object] = {"refunded": _refunded(request)}
        found = Closed("nothing_left", found.clause, facts)
    return Option(
        remedy=remedy,
        open=False,
        amount=0,
        goods=Goods.RETURN if remedy == "return" else Goods.KEEP,
        freight_payer=_freight_payer(request),
        deadline=window.closes_at,
        eta=None,
        clause=found.clause,
        why_closed=found.why,
        facts=found.facts,
    )


def _opened(request: Request, remedy: str, found: Open, amount: int, window: Window) -> Option:
    first, last = found.sent or (request.now, _initiated_by(request))
    methods = [tender.method.value for tender in request.custody.order.tenders]
    eta = slowest_arrival(methods, first, last, request.terms, request.calendars)
    return Option(
        remedy=remedy,
        open=True,
        amount=amount,
        goods=found.goods,
        freight_payer=_freight_payer(request),
        deadline=found.deadline or window.closes_at,
        eta=None if remedy == "exchange" else eta,
        clause=found.clause,
        facts={"window_clause": window.clause, **found.facts},
        suggested=found.suggested,
    )


def _initiated_by(request: Request) -> datetime:
    within = request.terms.period("refund.initiate", request.reason.code)
    return request.at_the_latest(deadline(request.now, within, request.calendars))


def _refunded(request: Request) -> int:
    return sum(request.custody.books.unit_refunded.get(unit.key, 0) for unit in request.units)


def _freight_payer(request: Request) -> Role:
    return Role(request.terms.get("freight.payer", request.reason.code).value)
