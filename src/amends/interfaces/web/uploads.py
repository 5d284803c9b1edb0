"""Files that came with a request are closed when it ends, whatever became of it."""

from litestar.datastructures import UploadFile
from litestar.types import ASGIApp, Empty, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState


def uploads_closed(app: ASGIApp) -> ASGIApp:
    """A middleware, to stand before the first that reads the form.

    Litestar closes what a handler was given; a form that the check of its token or a guard turns away
    has been read by then and would leave its temporary files to the collector.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            form = ScopeState.from_scope(scope).form
            for value in () if form is Empty else form.values():
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, UploadFile):
                        await one.close()

    return wrapped
