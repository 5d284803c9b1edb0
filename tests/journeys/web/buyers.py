"""A buyer in a real browser, with scripts and without."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.journeys.web.conftest import Street

SCRIPTS = {"with scripts": True, "without scripts": False}


@asynccontextmanager
async def visiting(chromium: Browser, street: Street, *, scripts: bool) -> AsyncIterator[Page]:
    """A page on the street, on a screen of ordinary size."""
    context = await chromium.new_context(java_script_enabled=scripts, base_url=street.url, locale="en-GB")
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


async def become(page: Page, name: str) -> None:
    """Sign in by pressing somebody's card."""
    await page.context.clear_cookies()
    await page.goto("/")
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("banner")).to_contain_text(name)


async def press(page: Page, name: str) -> None:
    """Press the button of that very name."""
    await page.get_by_role("button", name=name, exact=True).click()
