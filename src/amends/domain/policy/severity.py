"""What a partial refund with the goods kept usually comes to, by how bad the flaw is (C6, B7).

The bands are shares of what was paid for the goods themselves and lie in the terms (``partial.suggest.*``).
"""

from collections.abc import Iterable

import msgspec

from amends.domain.orders import Order, Unit
from amends.domain.policy.parameters import SEVERITIES
from amends.domain.policy.terms import Terms
from amends.domain.reasons import Reason


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What one severity suggests: from ``low`` to ``high``, ``amount`` in the middle, all in minor units.

    ``severity`` is one of `SEVERITIES`; ``clause`` is the id of the clause that sets the band.
    """

    severity: str
    low: int
    high: int
    amount: int
    clause: str


def weighed_by_severity(reason: Reason) -> bool:
    """Whether how bad it is bears on a partial refund: not on what is late, or on postage."""
    return "partial" in reason.remedies and reason.family != "late" and reason.code != "return.freight"


def suggestions(terms: Terms, reason: Reason, price: int, left: int) -> tuple[Suggestion, ...]:
    """A suggestion for each severity, mildest first; none where severity has no bearing.

    ``price`` is what was paid for the goods without shipping, ``left`` the most that can still be refunded.
    """
    if not weighed_by_severity(reason):
        return ()
    return tuple(_suggestion(terms, reason, severity, price, left) for severity in SEVERITIES)


def _suggestion(terms: Terms, reason: Reason, severity: str, price: int, left: int) -> Suggestion:
    term = terms.get(f"partial.suggest.{severity}", reason.code)
    low, high = (min(price * share // 10_000, left) for share in term.value)
    return Suggestion(severity=severity, low=low, high=high, amount=(low + high + 1) // 2, clause=term.clause)


def price_of(order: Order, units: Iterable[Unit]) -> int:
    """What was paid for units of an order themselves, without shipping, in minor units."""
    lines = {line.line_id: line for line in order.lines}
    return sum(lines[unit.line_id].units[unit.index].goods for unit in units)
