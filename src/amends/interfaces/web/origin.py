"""Only our own pages may send our forms: Fetch Metadata and Origin, besides the token in each form.

https://www.w3.org/TR/fetch-metadata/ and OWASP's cheat sheet on cross-site request forgery.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from amends.interfaces.web.words import N_

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# "none" is the person's own doing: an address typed, a bookmark, a form sent again after going back.
_OWN = frozenset({"same-origin", "none"})

#: Sent with every answer. The policy allows what we serve ourselves and nothing inline.
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard. Raises `PermissionDeniedException` for an unsafe request that another site caused."""
    if connection.scope.get("method") in _SAFE:
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in _OWN:
            raise PermissionDeniedException(N_("This form was sent by another site."))
        return
    origin = connection.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
        raise PermissionDeniedException(N_("This form was sent by another site."))


def protected(app: ASGIApp) -> ASGIApp:
    """A middleware: every answer carries `HEADERS`, static files and errors included."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableScopeHeaders.from_message(message)
                for name, value in HEADERS.items():
                    sent.setdefault(name, value)
            await send(message)

        await app(scope, receive, sending)

    return wrapped
