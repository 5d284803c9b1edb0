"""The session of a request: its cookie, and who stands at the door."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from litestar.connection import ASGIConnection

from amends.application.ports.accounts import SignedIn
from amends.application.sessions import Guest
from amends.interfaces.web.parts import Parts

COOKIE = "amends_session"
#: Under what a request's state holds who is signed in, once the door has looked.
STATE = "amends_signed_in"

T = TypeVar("T")
Connection = ASGIConnection[Any, Any, Any, Any]


def cookie_name(parts: Parts) -> str:
    """Outside the sandbox browsers hold it to this host and TLS (RFC 6265bis, 4.1.3.2)."""
    return COOKIE if parts.sandbox else f"__Host-{COOKIE}"


def token_of(connection: Connection, parts: Parts) -> str:
    """The session's token as the browser sent it; empty where it sent none."""
    return connection.cookies.get(cookie_name(parts), "")


def signed_in(connection: Connection) -> SignedIn | None:
    """Who is signed in, as the door found out."""
    found = connection.scope.get("state", {}).get(STATE)
    return found if isinstance(found, SignedIn) else None


def guest_of(connection: Connection, parts: Parts) -> Guest:
    """Who stands at the door. Of ``X-Forwarded-For`` only what our own proxies added is believed."""
    address = connection.client.host if connection.client else ""
    if parts.proxies:
        told = [part.strip() for part in connection.headers.get("x-forwarded-for", "").split(",")]
        address = told[-min(parts.proxies, len(told))] or address
    agent = connection.headers.get("user-agent", "")
    return Guest(address=address, user_agent=agent, token=token_of(connection, parts))


def sealed(value: object, secret: str, purpose: str) -> str:
    """A value for a cookie that nobody can change. Everybody can read it."""
    body = urlsafe_b64encode(msgspec.json.encode(value))
    return f"{body.decode()}.{_signature(body, secret, purpose)}"


def unsealed(cookie: str, kind: type[T], secret: str, purpose: str) -> T | None:
    """What was sealed for this purpose; None where it was not."""
    body, _, signature = cookie.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body.encode(), secret, purpose).encode()):
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(body), type=kind)
    except (msgspec.DecodeError, NotBase64):
        return None


def _signature(body: bytes, secret: str, purpose: str) -> str:
    # The purpose is part of the key, so that what was signed for one thing does not pass for another.
    key = hmac.new(secret.encode(), f"amends {purpose} 1".encode(), sha256).digest()
    return hmac.new(key, body, sha256).hexdigest()
