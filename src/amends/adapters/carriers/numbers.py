"""The forms of tracking numbers, as they come along."""

import tomllib
from pathlib import Path

import msgspec

from amends.domain.tracking.numbers import CHECKSUMS, Pattern


class _File(msgspec.Struct, forbid_unknown_fields=True):
    number: tuple[Pattern, ...]


def load(path: Path | None = None) -> tuple[Pattern, ...]:
    """The patterns of a file, or those that come along.

    Raises `msgspec.ValidationError`, or `ValueError` for an unknown checksum.
    """
    path = path or Path(__file__).with_name("numbers.toml")
    found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).number
    for pattern in found:
        if pattern.checksum and pattern.checksum not in CHECKSUMS:
            raise ValueError(f"{path.name}: {pattern.name} names the unknown checksum {pattern.checksum!r}")
    return found


PATTERNS = load()
