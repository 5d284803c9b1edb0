"""The HTTP server bounds what it waits for, and gives control back when it was told to stop."""

import asyncio
import signal
import subprocess
import sys
from typing import Any

import pytest
from tests.serving import free_port, served

from amends.bootstrap import http_server


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message["more_body"]
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def stream(scope: Any, receive: Any, send: Any) -> None:
    """Sends a line, and waits until whoever listens is gone."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"line", "more_body": True})
    await receive()


def a_farewell() -> Any:
    """An application that says when it is up, and when it goes."""

    async def app(_: Any, receive: Any, send: Any) -> None:
        await receive()
        print("up", flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("going", flush=True)
        await send({"type": "lifespan.shutdown.complete"})

    return app


async def answer(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)


async def gone(reader: asyncio.StreamReader) -> bool:
    """Whether the server ended the connection without another word."""
    try:
        return await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionResetError:
        return True


async def test_a_head_without_end_is_refused() -> None:
    async with served(echo) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")
        line = b"x-filler: " + b"a" * 8000 + b"\r\n"
        for _ in range(http_server.HEAD_BYTES_MAX // len(line) + 2):
            writer.write(line)
            await asyncio.sleep(0)
        assert (await answer(reader)).startswith(b"HTTP/1.1 431 ")
        assert await gone(reader)
        writer.close()


async def test_a_large_body_is_no_large_head() -> None:
    async with served(echo) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        size = 4 * http_server.HEAD_BYTES_MAX
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size + b"b" * size)
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(len(str(size))) == str(size).encode()
        writer.close()


@pytest.mark.parametrize("earlier", [0, 1])
async def test_a_head_that_never_ends_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, earlier: int
) -> None:
    monkeypatch.setattr(http_server, "HEAD_S_MAX", 0.2)
    async with served(echo) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(earlier):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(1) == b"0"
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")
        assert await gone(reader)
        writer.close()


async def test_a_slow_body_is_waited_for_longer_than_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEAD_S_MAX", 0.1)
    async with served(echo) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\na")
        await asyncio.sleep(0.3)
        writer.write(b"b")
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
        writer.close()


@pytest.mark.parametrize(("accept", "waited_for"), [(b"text/event-stream", False), (b"*/*", True)])
async def test_a_page_that_listens_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, accept: bytes, waited_for: bool
) -> None:
    monkeypatch.setattr(http_server, "FAREWELL_S", 1)
    loop = asyncio.get_running_loop()
    async with served(stream) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\naccept: " + accept + b"\r\n\r\n")
        assert (await answer(reader)).startswith(b"HTTP/1.1 200 ")
        began = loop.time()
    assert (loop.time() - began >= 1) is waited_for
    writer.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_serves_goes_on_after_the_signal(number: signal.Signals) -> None:
    program = (
        "from amends.bootstrap.http_server import serve\n"
        f"serve('tests.bootstrap.test_http_server:a_farewell', '127.0.0.1', {free_port()}, 1)\n"
        "print('put away')\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    rest, _ = process.communicate(timeout=20)
    assert rest == "going\nput away\n"
    assert process.returncode == 0


class Wire(asyncio.Transport):
    """Keeps what reaches the network, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.sent.append(b"closed")


async def test_a_head_and_its_body_travel_together_and_what_comes_later_does_not_wait() -> None:
    wire = Wire()
    joined = http_server.JoinedWrites(wire, asyncio.get_running_loop())
    joined.write(b"head ")
    joined.write(b"body")
    await asyncio.sleep(0)
    joined.write(b"a later line")
    await asyncio.sleep(0)
    joined.write(b"the last")
    joined.close()
    await asyncio.sleep(0)
    assert wire.sent == [b"head body", b"a later line", b"the last", b"closed"]
