"""Comma-separated tables: rows one at a time, and the values in them read exactly or not at all."""

import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TextIO, cast
from zoneinfo import ZoneInfo

from amends.domain.imports import ImportRefused

Row = dict[str, str]

ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def rows(path: Path, columns: Sequence[str]) -> Iterator[Row | None]:
    """Each row of a table (``.gz`` is unpacked) as a dict of stripped texts; None for a malformed row.

    A row is malformed when it has more or fewer fields than the header. Raises `ImportRefused` for a file
    that is missing, has no such column, or is no CSV.
    """
    try:
        with _open(path) as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            missing = [column for column in columns if column not in header]
            if missing:
                raise ImportRefused(f"{path.name} has no column {', '.join(missing)}")
            places = [(column, header.index(column)) for column in columns]
            for fields in reader:
                if len(fields) == len(header):
                    yield {column: fields[place].strip() for column, place in places}
                elif fields:
                    yield None
    except FileNotFoundError as error:
        raise ImportRefused(f"{path.name} is missing from {path.parent.name}") from error
    except (csv.Error, UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise ImportRefused(f"{path.name} cannot be read: {error}") from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def number(text: str) -> Decimal | None:
    """The plain decimal number in ``text``, exactly; None for anything else (``NaN``, ``1e3``, ``1,5``)."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def cents(text: str) -> int | None:
    """An amount of two decimals in minor units; None if it is no number or is finer than the minor unit."""
    value = number(text)
    if value is None or value * 100 != int(value * 100):
        return None
    return int(value * 100)


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """``YYYY-MM-DD HH:MM:SS`` on the clocks of ``zone`` as UTC; None if it is no such time.

    An hour that comes twice in autumn is the first of the two; one that spring leaves out counts as if the
    clocks had not moved yet.
    """
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
