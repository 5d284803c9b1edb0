"""Tracking numbers of simulated parcels, in the form of the Universal Postal Union's standard S10."""

from random import Random

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def s10(random: Random, country: str) -> str:
    """A number a checker accepts: service ``RS``, eight digits, their check digit, the country of origin."""
    digits = [random.randrange(10) for _ in _WEIGHTS]
    left = 11 - sum(digit * weight for digit, weight in zip(digits, _WEIGHTS)) % 11
    check = {10: 0, 11: 5}.get(left, left)
    return f"RS{''.join(map(str, digits))}{check}{country}"
