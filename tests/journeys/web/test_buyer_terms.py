"""Returns and refunds of an offer on a shop's own page, before anything is bought."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.web.buyers import SCRIPTS, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser

OFFER = {
    "seller": "lumen",
    "category": "home/lighting",
    "price": "6490",
    "currency": "EUR",
    "buyer_country": "DE",
}


@asynccontextmanager
async def shop_with(frame: str) -> AsyncIterator[int]:
    """A shop of another origin with one product page that frames an address; its port."""
    page = f'<!doctype html><title>Lamp</title><h1>A lamp</h1><iframe title="Returns" src="{frame}"></iframe>'

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n{page}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.row("A3")
@pytest.mark.parametrize("scripts", SCRIPTS)
async def test_a_product_page_shows_the_terms_before_purchase(
    chromium: Browser, street: Street, scripts: str
) -> None:
    frame = f"{street.url}/embed/terms?{urlencode(OFFER)}"
    async with (
        shop_with(frame) as port,
        visiting(chromium, street, scripts=SCRIPTS[scripts]) as page,
    ):
        street.town.embedders = (f"http://localhost:{port}",)
        await page.goto(f"http://localhost:{port}/lamp")
        terms = page.frame_locator("iframe")
        await expect(terms.get_by_role("heading", name="Returns and refunds")).to_be_visible()
        rows = [" ".join(row.split()) for row in await terms.locator("dl > div").all_inner_texts()]
        assert "Send it back 15 days after it arrives" in rows
        assert "Postage, change of mind Paid by you" in rows
        assert "Postage, something wrong Paid by the seller" in rows
        assert "Money back on a card 3 to 15 working days" in rows
        await terms.get_by_text("Which rules say so?").click()
        await expect(terms.get_by_text("Clause return.window.default")).to_be_visible()


@pytest.mark.row("A3")
async def test_no_other_site_may_frame_it(chromium: Browser, street: Street) -> None:
    frame = f"{street.url}/embed/terms?{urlencode(OFFER)}"
    async with shop_with(frame) as port, visiting(chromium, street, scripts=True) as page:
        street.town.embedders = ("https://shop.example",)
        await page.goto(f"http://localhost:{port}/lamp")
        await expect(page.get_by_role("heading", name="A lamp")).to_be_visible()
        await page.wait_for_load_state("networkidle")
        assert await page.frame_locator("iframe").get_by_text("Returns and refunds").count() == 0


@pytest.mark.row("A3", "C5")
async def test_what_cannot_be_returned_says_so_before_purchase(chromium: Browser, street: Street) -> None:
    async with visiting(chromium, street, scripts=False) as page:
        await page.goto(f"/embed/terms?{urlencode({**OFFER, 'category': 'apparel/wigs'})}")
        await expect(page.get_by_text("cannot be returned for a change of mind")).to_be_visible()
        await expect(page.get_by_text("Refund or exchange without sending it back")).to_be_visible()
