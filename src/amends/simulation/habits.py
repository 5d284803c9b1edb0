"""How simulated people behave: drawn from what is known of them by hash, so that every run is the same."""

from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec


class Temper(StrEnum):
    """How a seller meets a request."""

    AGREES = "agrees"
    HAGGLES = "haggles"
    REFUSES = "refuses"
    SILENT = "silent"


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """Shares in percent of those who do something; what is left of 100 does not.

    Sellers by temper, the rest is silent. ``late``: buyers who claim for a late delivery. ``unhappy``: buyers
    who claim after a review of 1 or 2. ``shows``: claims with a photo. ``takes``/``escalates``: answers to a
    seller's offer, the rest is silent. ``rules``: cases a mediator decides in time. ``appeals``: rulings
    somebody disagrees with. ``ships``: buyers who send a return. ``lost``: returns that never arrive.
    ``rejects``: returns a refusing seller rejects. ``contests``: rejections the buyer contests.
    """

    agrees: int = 45
    haggles: int = 20
    refuses: int = 20
    late: int = 50
    unhappy: int = 100
    shows: int = 60
    takes: int = 45
    escalates: int = 35
    rules: int = 75
    appeals: int = 15
    ships: int = 85
    lost: int = 4
    rejects: int = 50
    contests: int = 60

    def temper(self, seller_id: str) -> Temper:
        """A seller's way, the same in every case."""
        drawn = percent("temper", seller_id)
        if drawn < self.agrees:
            return Temper.AGREES
        if drawn < self.agrees + self.haggles:
            return Temper.HAGGLES
        return Temper.REFUSES if drawn < self.agrees + self.haggles + self.refuses else Temper.SILENT


def percent(*words: str) -> int:
    """A number from 0 to 99 that is always the same for the same words."""
    return int.from_bytes(sha256("\n".join(words).encode()).digest()[:8]) % 100


def hours(least: int, most: int, *words: str) -> timedelta:
    """A delay from ``least`` to below ``most`` hours that is always the same for the same words."""
    minutes = int.from_bytes(sha256("\n".join(("hours", *words)).encode()).digest()[:8])
    return timedelta(minutes=least * 60 + minutes % ((most - least) * 60))
