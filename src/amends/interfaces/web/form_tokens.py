"""Tokens of forms: the one in the form and the one in the cookie are the same.

A browser without the cookie gets it with the page it opens. What a page asks for by itself in the background
must not bring another one: it may come after the page that is opened meanwhile, whose forms would be refused.
"""

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware.csrf import CSRFMiddleware, generate_csrf_token
from litestar.types import Receive, Scope, Send
from litestar.utils.scope.state import ScopeState


class FormTokens(CSRFMiddleware):
    """Litestar's check, giving the cookie only to whoever opens a page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] in self.config.safe_methods:
            headers = Headers.from_scope(scope)
            # https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header: asked for by a script.
            if headers.get("sec-fetch-dest") == "empty" and self.config.cookie_name not in headers.get(
                "cookie", ""
            ):
                ScopeState.from_scope(scope).csrf_token = generate_csrf_token(secret=self.config.secret)
                await self.app(scope, receive, send)
                return
        await super().__call__(scope, receive, send)
