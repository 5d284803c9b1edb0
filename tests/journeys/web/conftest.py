"""A real browser on a real server: the town of the pages behind a port of this machine."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.sync_api import Browser, sync_playwright

from tests.interfaces.web.town import Town

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
T = TypeVar("T")


class Street:
    """A town on a port. Its store lives in the server's loop, so what tests do to it runs there: `run`."""

    def __init__(self) -> None:
        self.town = Town()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.loop = asyncio.new_event_loop()
        self._server = Server(
            self.town.app, port=self.port, interface=Interfaces.ASGI, log_enabled=False, websockets=False
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            threading.Event().wait(0.05)
        raise RuntimeError("the server does not answer")

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._server.serve())

    def run(self, doing: Callable[[Town], Coroutine[Any, Any, T]]) -> T:
        """Do something in the town, and wait for it."""
        return asyncio.run_coroutine_threadsafe(doing(self.town), self.loop).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(10)
        self.loop.close()


@pytest.fixture
def street() -> Iterator[Street]:
    opened = Street()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium: Playwright's own download is not needed."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (apt-get install chromium)")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
