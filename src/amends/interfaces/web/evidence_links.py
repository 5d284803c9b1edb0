"""Addresses of files: signed for one person, and good for a short while."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from amends.domain.parties import Actor

#: Addresses made in the same quarter of an hour are equal, so that a picture is fetched once.
_ROUND_S = 900
LASTS = timedelta(seconds=2 * _ROUND_S)


def link(file_id: str, part: str, person: Actor, secret: str, now: datetime) -> str:
    """The address of a part of a file for a person, good for a quarter to half an hour after ``now``."""
    until = (int(now.timestamp()) // _ROUND_S + 2) * _ROUND_S
    return f"/files/{file_id}/{part}?until={until}&sig={_signature(file_id, part, person, until, secret)}"


def good(file_id: str, part: str, person: Actor, until: str, sig: str, secret: str, now: datetime) -> bool:
    """Whether an address was made by us for that person, and is not over: at ``until`` it is."""
    if not (until.isascii() and until.isdecimal() and len(until) < 15):
        return False
    wanted = _signature(file_id, part, person, int(until), secret)
    return hmac.compare_digest(wanted.encode(), sig.encode()) and now.timestamp() < int(until)


def _signature(file_id: str, part: str, person: Actor, until: int, secret: str) -> str:
    # The purpose is part of the key, so that no other thing signed with the secret passes for an address.
    key = hmac.new(secret.encode(), b"amends file 1", sha256).digest()
    text = f"{file_id}\n{part}\n{person.role.value}\n{person.id}\n{until}"
    return hmac.new(key, text.encode(), sha256).hexdigest()
