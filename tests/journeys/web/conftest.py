"""A real browser on a real server: the town of the pages behind a port of this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from amends.domain.parties import Actor
from amends.interfaces.web import sessions
from tests.interfaces.web.town import Town
from tests.serving import served

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


class Street:
    """A town and where it can be visited."""

    def __init__(self, town: Town, url: str) -> None:
        self.town = town
        self.url = url
        self.visitors: list[BrowserContext] = []
        #: The webhook endpoint of `LUMEN`, where there is one.
        self.endpoint_id = ""


@asynccontextmanager
async def open_street() -> AsyncIterator[Street]:
    """A new town on a free port, in this loop."""
    town = Town()
    async with served(town.app, lifespan="auto") as port:
        street = Street(town, f"http://127.0.0.1:{port}")
        yield street
        # The server waits for pages that are open and listen.
        for visitor in street.visitors:
            await visitor.close()


async def signed_in(browser: Browser, street: Street, actor: Actor | None, **context: Any) -> Page:
    """A new page of a browser of its own, of somebody who is signed in; of nobody for None."""
    opened = await browser.new_context(**context)
    street.visitors.append(opened)
    if actor is not None:
        token = await street.town.token_of(actor)
        await opened.add_cookies([{"name": sessions.COOKIE, "value": token, "url": street.url}])
    return await opened.new_page()


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street() as opened:
        yield opened


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium: Playwright's own download is not needed."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (apt-get install chromium)")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()
