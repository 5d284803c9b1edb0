"""Who acts, and what waits on whom."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """In what capacity somebody acts or is waited on."""

    BUYER = "buyer"
    SELLER = "seller"
    MEDIATOR = "mediator"
    OPERATOR = "operator"
    CARRIER = "carrier"
    PROVIDER = "provider"
    CLOCK = "clock"


class Actor(msgspec.Struct, frozen=True):
    """Somebody acting in a role; ``id`` is the buyer's, seller's or staff member's id."""

    role: Role
    id: str = ""


CLOCK = Actor(Role.CLOCK, "clock")


class Waiting(msgspec.Struct, frozen=True):
    """Whose turn it is, until when, what happens at that instant if nothing does, and who says so.

    ``until`` is half-open: an action at the exact instant is late. ``default`` names a row of the
    lifecycle table. ``clause`` is the id of the policy clause that set the clock.
    """

    on: Role
    until: datetime
    default: str
    clause: str
