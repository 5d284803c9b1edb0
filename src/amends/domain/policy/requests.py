"""A request before it is a case: what a buyer would ask for, with everything needed to judge it."""

from datetime import datetime

import msgspec

from amends.domain.cases.model import Case, Goods
from amends.domain.custody.model import Custody
from amends.domain.orders import Line, Unit
from amends.domain.policy.terms import Terms
from amends.domain.reasons import Reason
from amends.domain.time import Calendars, deadline


class Closed(msgspec.Struct, frozen=True):
    """Why something is not open: a code of `Option.why_closed`, the clause, and plain facts."""

    why: str
    clause: str
    facts: dict[str, object] = {}


class Open(msgspec.Struct, frozen=True):
    """That something is open: no ``amount`` is all that is refundable; the money leaves within ``sent``."""

    clause: str
    goods: Goods = Goods.KEEP
    amount: int | None = None
    deadline: datetime | None = None
    facts: dict[str, object] = {}
    suggested: tuple[int, int] | None = None
    sent: tuple[datetime, datetime] | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, with everything needed to judge it; ``beside`` are units of other lines in the same
    claim.
    """

    custody: Custody
    cases: tuple[Case, ...]
    line: Line
    units: tuple[Unit, ...]
    reason: Reason
    terms: Terms
    now: datetime
    calendars: Calendars
    severity: str
    return_freight: int | None
    beside: tuple[Unit, ...] = ()

    def clause(self, name: str) -> str:
        """The clause that sets a parameter for this reason."""
        return self.terms.get(name, self.reason.code).clause

    def at_the_latest(self, sent: datetime) -> datetime:
        """When a refund leaves that is meant for ``sent``: within ``refund.total_max`` from now (B102)."""
        if not self.terms.has("refund.total_max", self.reason.code):
            return sent
        most = self.terms.period("refund.total_max", self.reason.code)
        return min(sent, deadline(self.now, most, self.calendars))

    def flag(self, name: str) -> bool:
        """A yes or no of the terms."""
        return bool(self.terms.get(name, self.reason.code).value)

    def words(self, name: str) -> tuple[str, ...]:
        """A list of the terms."""
        return self.terms.words(name, self.reason.code)

    def number(self, name: str) -> int:
        """An amount, share or count of the terms."""
        return int(self.terms.get(name, self.reason.code).value)

    def left(self, *, with_shipping: bool) -> int:
        """What is still refundable: each unit's price, with its shipping or without, less its refunds."""
        refunded = self.custody.books.unit_refunded
        total = 0
        for unit in self.units:
            cost = self.line.units[unit.index]
            most = cost.paid if with_shipping else cost.goods
            total += max(0, most - refunded.get(unit.key, 0))
        return total

    @property
    def price(self) -> int:
        """What was paid for the units themselves, without shipping."""
        return sum(self.line.units[unit.index].goods for unit in self.units)

    @property
    def refundable(self) -> int:
        """The most that can be refunded for this reason."""
        return self.left(with_shipping=self.flag("refund.includes_shipping"))

    @property
    def earlier_return(self) -> Case | None:
        """The last closed claim about these units in which goods were sent back."""
        found = [
            case
            for case in self.cases
            if case.closed_at is not None and case.shipment is not None and set(self.units) <= set(case.units)
        ]
        return max(found, key=lambda case: case.opened_at, default=None)
