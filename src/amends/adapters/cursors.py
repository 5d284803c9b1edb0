"""Cursors of lists: where a page ended, opaque to whoever carries them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

import msgspec


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The last row of a page: by what the list is ordered, its value there (None: no deadline) and its id."""

    by: str
    at: datetime | None
    id: str

    def __str__(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self)).rstrip(b"=").decode()


_decode = msgspec.json.Decoder(Cursor).decode


def parse(text: str, by: str) -> Cursor:
    """The cursor of a list ordered ``by``. Raises `ValueError` for one that is none of ours."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        cursor = _decode(urlsafe_b64decode(padded))
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValueError("this cursor is none of ours") from error
    if cursor.by != by or (cursor.at is not None and cursor.at.tzinfo is None):
        raise ValueError("this cursor belongs to another list")
    return cursor
