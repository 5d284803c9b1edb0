"""Who is signed in: a signed cookie that names a role and an id, and runs out."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from amends.domain.parties import Actor

COOKIE = "amends_session"
LENGTH = timedelta(hours=12)


class Session(msgspec.Struct, frozen=True):
    """``until`` is the half-open end of the session by the wall clock, in seconds of the epoch."""

    actor: Actor
    until: int


def issue(actor: Actor, secret: str, now: datetime | None = None) -> str:
    """The cookie's value for a new session of `LENGTH`."""
    until = (now or datetime.now(UTC)) + LENGTH
    body = urlsafe_b64encode(msgspec.json.encode(Session(actor, int(until.timestamp()))))
    return f"{body.decode()}.{_signature(body, secret)}"


def read(cookie: str, secret: str, now: datetime | None = None) -> Actor | None:
    """Whom the cookie names; None where it is not ours, was changed or has run out."""
    body, _, signature = cookie.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body.encode(), secret).encode()):
        return None
    try:
        session = msgspec.json.decode(urlsafe_b64decode(body), type=Session)
    except (msgspec.DecodeError, NotBase64):
        return None
    return session.actor if (now or datetime.now(UTC)).timestamp() < session.until else None


def _signature(body: bytes, secret: str) -> str:
    # The purpose is part of the key, so that no other thing signed with the secret passes for a session.
    key = hmac.new(secret.encode(), b"amends session 1", sha256).digest()
    return hmac.new(key, body, sha256).hexdigest()
