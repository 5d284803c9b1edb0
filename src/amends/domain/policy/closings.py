"""What a buyer loses, and when: the ends of the windows in which something may be asked about lines.

Windows are those of `amends.domain.policy.windows`; this gathers their ends as people are told of them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from amends.domain.custody.model import Custody, Stage
from amends.domain.orders import Line
from amends.domain.policy.terms import Terms
from amends.domain.policy.windows import Window, arrival_ends_at, reason_window, received_at, return_window
from amends.domain.reasons import REASONS, Reason
from amends.domain.time import Calendars

NOT_RECEIVED, RETURN, FREE_RETURN = "not_received", "return.window", "free_return.window"
WITHDRAWAL, FAULTS = "withdrawal.window", "return.faults"
# Ends that lie closer together than this are told as one, the first of them.
TOGETHER = timedelta(days=1)
_RETURN_PARAMETERS = ("return.window", "return.extension", "return.extension_until")
_OFFERS = {FREE_RETURN: "no_reason.free_return", WITHDRAWAL: "no_reason.withdrawal"}
_PROTECTED = frozenset({Stage.AWAITING_SHIPMENT, Stage.AWAITING_DELIVERY, Stage.PROTECTED})


class Closing(NamedTuple):
    """The end of a window for some lines; half-open, at ``at`` it is over. ``clause`` set it.

    ``what`` is not_received, return.window, free_return.window, withdrawal.window, or return.faults: how long
    faults may be reported where that is longer than anything else may be asked for.
    """

    what: str
    at: datetime
    clause: str
    line_ids: tuple[str, ...]


def line_closings(
    custody: Custody, line: Line, terms: Terms, calendars: Calendars
) -> tuple[tuple[str, datetime, str], ...]:
    """What ends for one line, as (what, when, clause); nothing before it is shipped."""
    if custody.order.shipped_at(line.line_id) is None:
        return ()
    if received_at(custody, line) is None:
        ends = arrival_ends_at(custody.order, line, "", terms, calendars)
        clause = terms.get("protection.delivery").clause
        return () if ends is None else ((NOT_RECEIVED, ends, clause),)
    general = return_window(custody, line, "", terms, calendars)
    found = [(RETURN, general)]
    for what, code in _OFFERS.items():
        if terms.get(f"{what.partition('.')[0]}.offered", code).value:
            found.append((what, reason_window(custody, line, REASONS[code], terms, calendars)))
    faults = max(
        (return_window(custody, line, reason.code, terms, calendars) for reason in _apart(terms)),
        key=_end,
        default=None,
    )
    if faults is not None and _end(faults) > _end(general):
        found.append((FAULTS, faults))
    return tuple((what, one.closes_at, one.clause) for what, one in found if one.closes_at is not None)


def closings(custody: Custody, terms: dict[str, Terms], calendars: Calendars) -> tuple[Closing, ...]:
    """What ends for an order's lines, soonest first; of ends of one kind close together, the first."""
    found: dict[str, list[tuple[datetime, str, str]]] = {}
    for line in custody.order.lines:
        for what, at, clause in line_closings(custody, line, terms[line.terms_id], calendars):
            kind = RETURN if what == FREE_RETURN else what
            found.setdefault(kind, []).append((at, clause, line.line_id))
    together = [one for what, ends in found.items() for one in _together(what, sorted(ends))]
    return tuple(sorted(together, key=lambda one: (one.at, one.what)))


def told_by_protection(custody: Custody, at: datetime) -> bool:
    """Whether the end of an order's protection, which has reminders of its own, is this very instant."""
    return custody.stage in _PROTECTED and custody.protection_ends_at == at


def _together(what: str, ends: Iterable[tuple[datetime, str, str]]) -> Iterator[Closing]:
    current: Closing | None = None
    for at, clause, line_id in ends:
        if current is not None and at - current.at < TOGETHER:
            line_ids = tuple(dict.fromkeys((*current.line_ids, line_id)))
            current = current._replace(line_ids=line_ids)
            continue
        if current is not None:
            yield current
        current = Closing(what, at, clause, (line_id,))
    if current is not None:
        yield current


def _end(window: Window) -> datetime:
    if window.closes_at is None:
        raise ValueError(f"{window.name} of goods that were received has no end")
    return window.closes_at


def _apart(terms: Terms) -> tuple[Reason, ...]:
    """The faults for which these terms may give another time than for everything else."""
    if not any(one.reason for name in _RETURN_PARAMETERS for one in terms.values.get(name, ())):
        return ()
    return _faults()


@lru_cache
def _faults() -> tuple[Reason, ...]:
    return tuple(one for one in REASONS.values() if one.fault and one.windows[0] == RETURN)
