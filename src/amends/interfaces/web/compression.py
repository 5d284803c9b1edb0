"""Answers travel compressed, unless that could tell another site what stands in them.

Pages carry the reader's own words and form tokens beside text of the address (a search, a filter). Whoever
could make a browser ask for such a page again and again and see how long the answers are, could guess at what
stands in it (BREACH, https://www.breachattack.com). So a page is compressed only where the browser says that
it was asked for by ourselves or by the reader (https://www.w3.org/TR/fetch-metadata/); where it says nothing,
it is not. Streams of news and files that are compressed already stay as they are.
"""

from litestar.config.compression import CompressionConfig
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

_OWN = frozenset({"same-origin", "none"})
_AS_THEY_ARE = ["^/live/", "^/files/", r"\.(pdf|zip|woff2)$"]
# Twice as fast as the highest level, and larger by a hundredth.
_LEVEL = 5
_BYTES_MIN = 1000


def compressed(app: ASGIApp) -> ASGIApp:
    """A middleware: gzip where the client takes it, and nobody else can learn from the length."""
    config = CompressionConfig(
        "gzip", gzip_compress_level=_LEVEL, minimum_size=_BYTES_MIN, exclude=_AS_THEY_ARE
    )
    compressing = CompressionMiddleware(app, config)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] == ScopeType.HTTP and (
            scope["path"].startswith("/static/")
            or Headers.from_scope(scope).get("sec-fetch-site", "") in _OWN
        )
        await (compressing if own else app)(scope, receive, send)

    return wrapped
