"""Files that came with a request are closed when it ends, whatever became of it."""

from litestar.datastructures import UploadFile
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Empty, HTTPRequestEvent, Receive, ReceiveMessage, Scope, Send
from litestar.utils.scope.state import ScopeState


def uploads_closed(app: ASGIApp) -> ASGIApp:
    """A middleware, to stand before the first that reads the form.

    Litestar closes what a handler was given; a form that the check of its token or a guard turns away
    has been read by then and would leave its temporary files to the collector.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, _ended(receive) if _has_parts(scope) else receive, send)
        finally:
            form = ScopeState.from_scope(scope).form
            for value in () if form is Empty else form.values():
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, UploadFile):
                        await one.close()

    return wrapped


def _has_parts(scope: Scope) -> bool:
    if scope["type"] != ScopeType.HTTP:
        return False
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return kind.lower().startswith(b"multipart/")


def _ended(receive: Receive) -> Receive:
    """What is received, with an end where the line was cut.

    Of a form that ends too early the parser closes the files; of one whose line is gone it does not.
    """
    more = True

    async def heard() -> ReceiveMessage:
        nonlocal more
        message = await receive()
        if message["type"] == "http.request":
            more = message["more_body"]
        elif more:
            more = False
            return HTTPRequestEvent(type="http.request", body=b"", more_body=False)
        return message

    return heard
