"""When to try again: later each time, up to a cap, and not everybody at once."""

from datetime import timedelta
from hashlib import sha256

_DOUBLINGS_MAX = 32


def delay(name: str, attempts: int, first: timedelta, cap: timedelta) -> timedelta:
    """How long to wait after ``attempts`` tries (0 or more): ``first``, doubled each time, at most ``cap``.

    Up to a quarter is taken off, by the hash of ``name`` and ``attempts``: spread out, yet the same in every
    replay.
    """
    whole = min(cap, first * (1 << min(attempts, _DOUBLINGS_MAX)))
    share = int.from_bytes(sha256(f"{name}/{attempts}".encode()).digest()[:4], "big") / 2**32
    return whole * (1 - share / 4)
