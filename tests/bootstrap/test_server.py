"""The web process: API and pages behind one door."""

import asyncio
import http.client
import socket
from contextlib import closing
from typing import Any

import uvicorn

from amends.bootstrap.http_server import settings_of
from amends.bootstrap.server import Server


async def page(scope: Any, _: Any, send: Any) -> None:
    """Says how it was asked."""
    body = f"{scope['method']} {scope['path']}".encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"x-page", b"yes")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def test_whatever_can_be_got_can_be_asked_for_its_head() -> None:
    door = Server()
    door._pages = page
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(**settings_of(door, "127.0.0.1", port) | {"lifespan": "off"}))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)

    def ask(method: str) -> tuple[int, str | None, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request(method, "/cases")
            answer = connection.getresponse()
            return answer.status, answer.headers["content-length"], answer.read()

    assert await asyncio.to_thread(ask, "HEAD") == (200, "10", b"")
    assert await asyncio.to_thread(ask, "GET") == (200, "10", b"GET /cases")
    server.should_exit = True
    await task
