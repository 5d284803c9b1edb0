"""Everything somebody has to watch, in one list: their turns, the other side's, and the ends of windows."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from amends.application.permissions import Caller, sees_case
from amends.application.ports import CaseFilter, Clock, KeyRole, OrderFilter, Reader
from amends.domain.cases.model import Case
from amends.domain.cases.turns import due_of
from amends.domain.custody.model import Custody, Stage
from amends.domain.orders import Line
from amends.domain.parties import Role
from amends.domain.policy.closings import NOT_RECEIVED, RETURN, line_closings
from amends.domain.policy.terms import Terms
from amends.domain.policy.units import askable_units
from amends.domain.policy.windows import received_at, windows
from amends.domain.time import Calendars

_PAGE = 200
_CASES_MAX = 1000
_ORDERS_MAX = 400
_RELEASED = frozenset({Stage.PAID_OUT, Stage.RELEASED})
_OVER = _RELEASED | {Stage.CANCELLED}
# No window is as long as that, not even one that was agreed on.
_LOOKED_BACK = timedelta(days=400)
# What a seller has to do, and what a buyer may still do, about an order; what comes after receipt is added.
_SELLERS = frozenset({"ship.handling"})
_BUYERS = frozenset({"cancel.free_period", "cancel.request_period", "not_received", "protection"})
# What ends with the protection of a line is one thing to people.
_WITH_PROTECTION = {RETURN: "protection.return", NOT_RECEIVED: "protection.not_received"}
_AT_ONCE, _ASKED_FOR = "cancel.free_period", "cancel.request_period"
_UNSHIPPED = frozenset({_AT_ONCE, _ASKED_FOR, "ship.handling"})
_UNTIL_CONFIRMED = frozenset({"not_received", "protection"})


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """One instant somebody has to know of; half-open, at ``at`` it is too late.

    ``what`` is the name of a window (`amends.domain.policy.windows.windows`, `amends.domain.policy.closings`)
    or of a case's state. ``mine``: it is the ``reader``'s to do, or to lose. ``default`` is what happens
    then, ``clause`` says so. ``title`` is the goods' own.
    """

    at: datetime
    what: str
    order_id: str
    case_id: str = ""
    line_id: str = ""
    on: Role | None = None
    mine: bool = False
    reader: Role
    default: str = ""
    clause: str = ""
    title: str = ""
    reason: str = ""

    @property
    def deadline_id(self) -> str:
        """Stable while the deadline is: a calendar knows it again when it moves."""
        return ":".join(part for part in (self.case_id or self.order_id, self.line_id, self.what) if part)


class Deadlines:
    """Collects people's deadlines from their cases and orders."""

    def __init__(self, reader: Reader, clock: Clock, calendars: Calendars) -> None:
        self._reader = reader
        self._clock = clock
        self._calendars = calendars

    async def of(self, caller: Caller) -> tuple[Deadline, ...]:
        """A person's deadlines that are still to come, nearest first."""
        now = self._clock.now()
        cases, orders = await asyncio.gather(self._cases(caller), self._orders(caller))
        known = {custody.order.order_id: custody for custody in orders}
        found = [
            _of_case(case, caller, known.get(case.order_id))
            for case in cases
            if case.waiting is not None and case.live
        ]
        about: dict[str, list[Case]] = {}
        for case in cases:
            about.setdefault(case.order_id, []).append(case)
        ids = {line.terms_id for custody in orders for line in custody.order.lines}
        terms = await self._reader.terms_of(sorted(ids)) if ids else {}
        for custody in orders:
            lines = custody.order.lines
            if caller.role is KeyRole.BUYER:
                # Goods in a case have its deadlines.
                cases_of = about.get(custody.order.order_id, ())
                lines = tuple(line for line in lines if askable_units(custody, cases_of, line.line_id))
                found += self._closing(custody, lines, terms)
            if custody.stage not in _RELEASED:
                found += self._of_order(custody, lines, caller, terms)
        return tuple(
            sorted((one for one in found if one.at > now), key=lambda one: (one.at, one.deadline_id))
        )

    async def _cases(self, caller: Caller) -> list[Case]:
        wanted = CaseFilter(
            buyer_id=caller.id if caller.role is KeyRole.BUYER else "",
            seller_id=caller.id if caller.role is KeyRole.SELLER else "",
            mediator_id=caller.id if caller.role is KeyRole.MEDIATOR else "",
            waiting_on="operator" if caller.role is KeyRole.OPERATOR else "",
            # A buyer's closed cases say what can no longer be asked for.
            live=None if caller.role is KeyRole.BUYER else True,
        )
        if caller.role not in {KeyRole.BUYER, KeyRole.SELLER, KeyRole.MEDIATOR, KeyRole.OPERATOR}:
            return []
        found: list[Case] = []
        cursor = ""
        while len(found) < _CASES_MAX:
            page = await self._reader.cases(wanted, cursor, _PAGE)
            found += [case for case in page.cases if sees_case(caller, case)]
            cursor = page.next
            if not cursor:
                break
        return found

    async def _orders(self, caller: Caller) -> list[Custody]:
        if caller.role not in {KeyRole.BUYER, KeyRole.SELLER}:
            return []
        buyer, seller = (caller.id, "") if caller.role is KeyRole.BUYER else ("", caller.id)
        found: list[Custody] = []
        cursor = ""
        while len(found) < _ORDERS_MAX:
            page = await self._reader.orders(OrderFilter(buyer_id=buyer, seller_id=seller), cursor, _PAGE)
            found += [
                custody
                for custody in page.orders
                if custody.stage not in _OVER or (buyer and self._lately_received(custody))
            ]
            cursor = page.next
            if not cursor:
                break
        return found

    def _lately_received(self, custody: Custody) -> bool:
        """Whether something may still be asked about an order whose money was released."""
        if custody.stage not in _RELEASED:
            return False
        since = self._clock.now() - _LOOKED_BACK
        received = (received_at(custody, line) for line in custody.order.lines)
        return any(at is not None and at > since for at in received)

    def _closing(
        self, custody: Custody, lines: Iterable[Line], terms: Mapping[str, Terms]
    ) -> Iterator[Deadline]:
        """The ends of a buyer's windows after receipt."""
        for line in lines:
            for what, at, clause in line_closings(custody, line, terms[line.terms_id], self._calendars):
                if what != NOT_RECEIVED:
                    yield Deadline(
                        at=at,
                        what=what,
                        order_id=custody.order.order_id,
                        line_id=line.line_id,
                        on=Role.BUYER,
                        reader=Role.BUYER,
                        clause=clause,
                        title=line.title,
                    )

    def _of_order(
        self, custody: Custody, lines: Iterable[Line], caller: Caller, terms: Mapping[str, Terms]
    ) -> Iterator[Deadline]:
        wanted = _BUYERS if caller.role is KeyRole.BUYER else _SELLERS
        for line in lines:
            shipped = custody.order.shipped_at(line.line_id) is not None
            dates = windows(custody, line, terms[line.terms_id], self._calendars)
            ends = {window.name: window.closes_at for window in dates}
            for window in dates:
                if window.name not in wanted or window.closes_at is None:
                    continue
                if window.name == _ASKED_FOR and (ends[_AT_ONCE] or window.closes_at) > window.closes_at:
                    continue  # nobody has to ask as long as it is done at once
                if custody.confirmed_at is not None and window.name in _UNTIL_CONFIRMED:
                    continue
                if (window.name in _UNSHIPPED) == shipped:
                    continue
                yield Deadline(
                    at=window.closes_at,
                    what=window.name,
                    order_id=custody.order.order_id,
                    line_id=line.line_id,
                    on=Role.SELLER if window.name == "ship.handling" else Role.BUYER,
                    mine=window.name == "ship.handling",
                    reader=caller.domain_role,
                    clause=window.clause,
                    title=line.title,
                )


def together(found: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """Deadlines as people read them: what ends with the protection of a line stands there once."""
    protection = {_where(one) for one in found if one.what == "protection"}
    joined = protection & {_where(one) for one in found if one.what in _WITH_PROTECTION}
    told = []
    for one in found:
        if _where(one) not in joined:
            told.append(one)
        elif one.what != "protection":
            told.append(replace(one, what=_WITH_PROTECTION.get(one.what, one.what)))
    return tuple(told)


def _where(one: Deadline) -> tuple[str, str, datetime]:
    return one.order_id, one.line_id, one.at


def _of_case(case: Case, caller: Caller, custody: Custody | None) -> Deadline:
    waiting = case.waiting
    if waiting is None:
        raise ValueError(f"case {case.case_id} waits for nothing")
    line = custody.order.line(case.units[0].line_id) if custody is not None and case.units else None
    return Deadline(
        at=waiting.until,
        what=case.state.value,
        order_id=case.order_id,
        case_id=case.case_id,
        on=waiting.on,
        mine=caller.domain_role in due_of(case),
        reader=caller.domain_role,
        default=waiting.default,
        clause=waiting.clause,
        title=line.title if line else "",
        reason=case.reason,
    )
