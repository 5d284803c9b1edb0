"""Tracking numbers: which carriers a number can be of, by its form and its check digit.

Forms overlap (a dozen carriers use twelve digits), so the answer is a list of candidates. UPU S10 is the form
of posts all over the world; the other check digits are those carriers print on their labels.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import msgspec

_NUMBER = re.compile(r"[A-Z0-9]{8,40}")
_S10 = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """One form of one carrier's numbers. ``regex`` has the group ``serial``, and ``check`` where it is
    checked.

    ``checksum`` names a rule of `CHECKSUMS`; empty where the form has none. ``countries`` are where the
    carrier
    hands parcels in, ISO 3166-1 alpha-2; none: anywhere, or the number says it (group ``country``).
    """

    carrier: str
    name: str
    regex: str
    checksum: str = ""
    countries: tuple[str, ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier the number may be of. ``checked``: a check digit fits, so that chance is no explanation."""

    carrier: str
    name: str
    checked: bool
    country: str = ""


def normal(text: str) -> str | None:
    """The number without spaces and dashes in capitals, or None where it cannot be one: 8 to 40
    characters.
    """
    number = re.sub(r"[\s-]", "", text).upper()
    return number if _NUMBER.fullmatch(number) else None


def candidates(number: str, patterns: Sequence[Pattern]) -> tuple[Candidate, ...]:
    """Every carrier whose form and check digit fit, those with a check digit first; empty: no number
    known.
    """
    found = []
    for pattern in patterns:
        match = _compiled(pattern.regex).fullmatch(number)
        if match is None:
            continue
        groups = match.groupdict()
        if pattern.checksum and not CHECKSUMS[pattern.checksum](groups["serial"], groups["check"]):
            continue
        found.append(
            Candidate(
                carrier=pattern.carrier,
                name=pattern.name,
                checked=bool(pattern.checksum),
                country=groups.get("country") or "",
            )
        )
    return tuple(sorted(found, key=lambda one: not one.checked))


def mistyped(number: str) -> bool:
    """Whether it has the form of a post's number (UPU S10) but its check digit does not fit."""
    return bool(_S10.fullmatch(number)) and not s10(number[2:10], number[10])


def check_digit(number: str) -> str:
    """The check digit that a post's number (UPU S10) should have, at its eleventh place."""
    return next(digit for digit in "0123456789" if s10(number[2:10], digit))


@lru_cache(maxsize=512)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


def s10(serial: str, check: str) -> bool:
    """UPU S10: weights 8 6 4 2 3 5 9 7, eleven less the rest by eleven; ten is 0, eleven is 5."""
    rest = 11 - sum(w * int(digit) for w, digit in zip(_S10_WEIGHTS, serial, strict=True)) % 11
    return int(check) == {10: 0, 11: 5}.get(rest, rest)


def _value(character: str) -> int:
    return int(character) if character.isdigit() else (ord(character) - 63) % 10


def _mod10(odd: int, even: int) -> Callable[[str, str], bool]:
    """The rest to the next ten; characters in turn times ``odd`` (the first) and ``even``."""

    def fits(serial: str, check: str) -> bool:
        total = sum(_value(one) * (even if n % 2 else odd) for n, one in enumerate(serial))
        return int(check) == -total % 10

    return fits


def _mod10_from_the_right(serial: str, check: str) -> bool:
    total = sum(_value(one) * (1 if n % 2 else 3) for n, one in enumerate(reversed(serial)))
    return int(check) == -total % 10


def _mod7(serial: str, check: str) -> bool:
    return int(serial) % 7 == int(check)


def _fedex12(serial: str, check: str) -> bool:
    weights = (3, 1, 7) * 4
    return sum(w * int(one) for w, one in zip(weights, serial)) % 11 % 10 == int(check)


CHECKSUMS: Mapping[str, Callable[[str, str], bool]] = {
    "s10": s10,
    "mod10_1_2": _mod10(1, 2),
    "mod10_right": _mod10_from_the_right,
    "mod7": _mod7,
    "fedex12": _fedex12,
}
"""The rules of check digits by the names that pattern data use."""
