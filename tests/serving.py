"""An application behind a real port of this machine, served as it is served to people."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from amends.bootstrap.http_server import settings_of


def free_port() -> int:
    """A port of this machine that nobody listens on at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@asynccontextmanager
async def served(app: Any, lifespan: str = "off") -> AsyncIterator[int]:
    """Serves in this loop; gives the port. Who still listens at the end is waited for."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(**settings_of(app, "127.0.0.1", port) | {"lifespan": lifespan}))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # uvicorn has no event for it
        if serving.done():
            await serving
        await asyncio.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        await serving
