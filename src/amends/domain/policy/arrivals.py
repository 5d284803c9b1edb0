"""When refunded money arrives if something is agreed now: by the slowest of an order's payment methods."""

from collections.abc import Iterable
from datetime import datetime

from amends.domain.policy.terms import Terms
from amends.domain.refunds import eta
from amends.domain.time import Calendars


def slowest_arrival(
    methods: Iterable[str], first_sent: datetime, last_sent: datetime, terms: Terms, calendars: Calendars
) -> tuple[datetime, datetime] | None:
    """When all of it should be there, sent between the two instants; None without a payment method."""
    spans = [
        (eta(method, first_sent, terms, calendars)[0], eta(method, last_sent, terms, calendars)[1])
        for method in sorted(set(methods))
    ]
    if not spans:
        return None
    return max(first for first, _ in spans), max(last for _, last in spans)
