"""The web process: API and pages on one port, over one engine, as one ASGI application."""

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar

from amends.bootstrap.collector import settle
from amends.bootstrap.engine import Engine, opened
from amends.interfaces.api.serve import create_app
from amends.interfaces.web.pages import create_pages, error_pages
from amends.interfaces.worker import Worker
from amends.settings import from_environment

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]

BODY_BYTES_MAX = 1024 * 1024
WITH_WORKER = "AMENDS_WITH_WORKER"
_API = ("/v1/", "/problems/")


class Server:
    """Opens the engine when the server starts, and gives each request to the API or to the pages."""

    def __init__(self) -> None:
        self._api: Asgi | None = None
        self._pages: Asgi | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path = str(scope["path"])
        app = self._api if path.startswith(_API) or path in {"/v1", "/problems"} else self._pages
        if app is None:
            raise RuntimeError("a request came before the server had started")
        if scope["method"] == "HEAD":
            # What can be got can be asked for its head; the HTTP server leaves the body out.
            scope = {**scope, "method": "GET"}
        await app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            try:
                engine = await stack.enter_async_context(opened(from_environment()))
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                raise
            self._api, self._pages = create_app(engine), pages_of(engine)
            settle()
            if os.environ.get(WITH_WORKER):
                await stack.enter_async_context(_Working(engine))
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def pages_of(engine: Engine) -> Litestar:
    """The pages as an application of their own."""
    return Litestar(
        [create_pages(engine)],
        exception_handlers=error_pages(engine),
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=None,
        logging_config=None,
    )


class _Working:
    """A worker inside the web process, for a single-process start."""

    def __init__(self, engine: Engine) -> None:
        self._worker = Worker(
            engine.lapses,
            engine.errands,
            sandbox_clock=engine.sandbox_clock,
            clear=engine.evidence.clear,
            sweep=engine.sweep,
        )
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._worker.run(self._stop))

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        if self._task is not None:
            await self._task


def app() -> Server:
    """The application, for the HTTP server, which makes one in each of its processes."""
    return Server()
