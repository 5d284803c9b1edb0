"""Webhooks reach a real server once, with the name's own host, and follow nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest

from amends.adapters.webhooks.guard import Guard
from amends.adapters.webhooks.sender import HttpWebhookSender


class Server:
    """A small HTTP server that answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        self.pause_s = 0.0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        self.requests.append(head + await reader.readexactly(length))
        await asyncio.sleep(self.pause_s)
        writer.write(self.answer)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    yield made
    listening.close()
    await listening.wait_closed()


def sender(timeout_s: float = 5.0) -> HttpWebhookSender:
    async def here(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    return HttpWebhookSender(Guard(["127.0.0.0/8"], here), timeout_s=timeout_s)


@pytest.mark.row("P11")
async def test_the_body_arrives_as_it_is_under_the_name_that_was_asked_for(server: Server) -> None:
    url = f"http://hooks.shop.example:{server.port}/in?a=1"
    reply = await sender().post(url, {"webhook-id": "msg_1"}, b'{"a": 1}')
    assert (reply.status, reply.why) == (204, "")
    (request,) = server.requests
    assert request.startswith(b"POST /in?a=1 HTTP/1.1\r\n")
    assert f"host: hooks.shop.example:{server.port}".encode() in request.lower()
    assert b"webhook-id: msg_1" in request
    assert request.endswith(b'\r\n\r\n{"a": 1}')


@pytest.mark.row("P11")
@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary", b"308 Permanent"])
async def test_a_redirect_is_not_followed(server: Server, status: bytes) -> None:
    there = f"http://127.0.0.1:{server.port}/inside".encode()
    server.answer = b"HTTP/1.1 " + status + b"\r\nLocation: " + there + b"\r\nContent-Length: 0\r\n\r\n"
    reply = await sender().post(f"http://hooks.shop.example:{server.port}/", {}, b"x")
    assert (reply.status, reply.why) == (int(status[:3]), "redirected")
    assert len(server.requests) == 1


async def test_an_endless_answer_is_cut_off(server: Server) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 200_000
    assert (await sender().post(f"http://hooks.shop.example:{server.port}/", {}, b"x")).status == 200


async def test_a_slow_or_broken_answer_is_a_reply(server: Server) -> None:
    server.pause_s = 1.0
    reply = await sender(0.1).post(f"http://hooks.shop.example:{server.port}/", {}, b"x")
    assert (reply.status, reply.why) == (0, "timeout")
    server.pause_s, server.answer = 0.0, b"nonsense\r\n\r\n"
    reply = await sender().post(f"http://hooks.shop.example:{server.port}/", {}, b"x")
    assert (reply.status, reply.why) == (0, "unreachable")
