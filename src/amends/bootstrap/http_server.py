"""The HTTP server: uvicorn with httptools, one thread that reads, decides and answers (decision 55).

What uvicorn leaves open is closed here: a request's head may not be without end, in bytes or in time.
"""

import asyncio
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES_MAX = 64 * 1024
HEAD_S_MAX = 30.0
# Longer than those who keep connections in front of us, so that it is them who end one.
KEEP_ALIVE_S = 75
# What was begun is ended, within reason.
FAREWELL_S = 5
BACKLOG = 1024

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class JoinedWrites(asyncio.Transport):
    """A connection that sends what is written in one turn of the loop, as a head and its body, as one piece.

    Each piece is a call of the system and a packet of its own (measured: docs/performance.md).
    """

    __slots__ = ("_loop", "_pieces", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(bytes(data))

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def _flush(self) -> None:
        if self._pieces:
            whole = b"".join(self._pieces)
            self._pieces.clear()
            self._transport.write(whole)


class BoundedHead(HttpToolsProtocol):
    """One connection. It is closed if a head is larger than `HEAD_BYTES_MAX` or not whole in `HEAD_S_MAX`."""

    _head_bytes = 0
    _in_head = True
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(JoinedWrites(transport, self.loop))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Nearly every head comes in one piece: there is nothing to wait for then.
        if not self._in_head:
            return
        self._wait()
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_is_there()
        super().on_headers_complete()

    def shutdown(self) -> None:
        super().shutdown()
        # A page that listens would do so for ever; it asks again, at whoever serves then.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            return
        if cycle.chunked_encoding and _listens(cycle.scope["headers"]):
            self.transport.close()

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_S_MAX, self.transport.close)

    def _head_is_there(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _listens(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept" and b"text/event-stream" in value for name, value in headers)


def settings_of(app: Any, host: str, port: int, workers: int = 1, *, factory: bool = False) -> dict[str, Any]:
    """How uvicorn is to serve ``app`` (an application, a factory of one, or the name of either)."""
    return {
        "app": app,
        "factory": factory,
        "host": host,
        "port": port,
        "workers": workers,
        "http": BoundedHead,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "log_level": "warning",
        # Whose word about the client's address counts is for whoever runs us to say, at the proxy.
        "proxy_headers": False,
        "server_header": False,
        "backlog": BACKLOG,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": FAREWELL_S,
    }


def serve(app: str, host: str, port: int, workers: int) -> None:
    """Serve the application that the factory named ``app`` makes until a signal stops it.

    Raises `SystemExit` where it cannot start; why is in the log.
    """
    with _signals_kept():
        uvicorn.run(**settings_of(app, host, port, workers, factory=True))


@contextmanager
def _signals_kept() -> Iterator[None]:
    """uvicorn gives back the signals it stopped for; whoever called it still has things to put away."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
