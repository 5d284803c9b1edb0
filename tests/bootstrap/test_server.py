"""The web process: API and pages behind one door."""

import asyncio
import http.client
from contextlib import closing
from typing import Any

from tests.serving import served

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

    def ask(port: int, method: str) -> tuple[int, str | None, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request(method, "/cases")
            answer = connection.getresponse()
            return answer.status, answer.headers["content-length"], answer.read()

    async with served(door) as port:
        assert await asyncio.to_thread(ask, port, "HEAD") == (200, "10", b"")
        assert await asyncio.to_thread(ask, port, "GET") == (200, "10", b"GET /cases")
