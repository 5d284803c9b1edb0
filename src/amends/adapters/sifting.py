"""What the adapters of a buyer's lists share: which events move a refund, and what they say of it."""

from datetime import datetime

import msgspec

from amends.application.ports.purchases import Moment
from amends.domain.cases.events import (
    RefundApproved,
    RefundConfirmed,
    RefundFailed,
    RefundInitiated,
    RefundRedirected,
)

_MANY = (RefundApproved, RefundInitiated, RefundRedirected)
_ONE = (RefundConfirmed, RefundFailed)
MOVES: tuple[str, ...] = tuple(str(kind.__struct_config__.tag) for kind in (*_MANY, *_ONE))
"""The names of the events that move a refund to another stage."""


def moments_of(event: msgspec.Struct, at: datetime) -> list[Moment]:
    """The refunds an event moved; none for any other event."""
    name = str(event.__struct_config__.tag)
    if isinstance(event, _MANY):
        return [Moment(name, refund.refund_id, at) for refund in event.refunds]
    return [Moment(name, event.refund.refund_id, at)] if isinstance(event, _ONE) else []
