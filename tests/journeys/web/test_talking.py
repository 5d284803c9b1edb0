"""Buyer and seller write to each other in a real browser, with scripts and without."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.interfaces.web.gallery import asked
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
async def browser(
    request: pytest.FixtureRequest, chromium: Browser, street: Street
) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(java_script_enabled=request.param, base_url=street.url)
    context.set_default_timeout(10_000)
    yield context
    await context.close()


async def become(context: BrowserContext, name: str) -> Page:
    await context.clear_cookies()
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("banner")).to_contain_text(name)
    return page


@pytest.mark.row("D1", "D2", "D4", "K4")
async def test_a_question_is_asked_answered_and_noticed(browser: BrowserContext, street: Street) -> None:
    await street.town.place("10-88231")
    await street.town.deliver("10-88231")

    page = await become(browser, "Nora Lindqvist")
    await page.goto("/orders/10-88231")
    await page.get_by_role("link", name="Messages").click()
    await page.locator("summary", has_text="Start from a ready-made message").click()
    await page.get_by_role("link", name="Where is my order?").click()
    await expect(page.get_by_label("Your message")).to_have_value("Hello, I am waiting for “Ceramic table lamp “Dune”” from order 10-88231. Could you tell me where it is?")  # fmt: skip  # noqa: E501
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Your message was sent.")
    await page.get_by_label("Your message").fill("My number is +49 151 23456789.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("#messages")).to_contain_text("My number is ••••••••.")
    await street.town.errands.run()

    page = await become(browser, "Lumen & Clay")
    await page.goto("/notifications")
    await expect(page.locator("#bell")).to_contain_text("unread")
    await page.get_by_role("button", name="New message about order 10-88231").first.click()
    await expect(page).to_have_url(f"{street.url}/orders/10-88231/messages")
    await expect(page.locator("#messages")).to_contain_text("I am waiting for")
    await page.get_by_label("Your message").fill("It left yesterday.")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Your message was sent.")

    page = await become(browser, "Nora Lindqvist")
    await page.goto("/orders/10-88231/messages")
    await expect(page.locator("#messages")).to_contain_text("It left yesterday.")
    await expect(page.locator("#messages")).to_contain_text("Read")


@pytest.mark.row("D1")
async def test_what_the_other_side_writes_appears_on_the_open_page(chromium: Browser, street: Street) -> None:
    await street.town.place("10-88231")
    await street.town.deliver("10-88231")
    hers = await chromium.new_context(base_url=street.url)
    theirs = await chromium.new_context(base_url=street.url)
    reading = await become(hers, "Nora Lindqvist")
    await reading.goto("/orders/10-88231/messages")
    await reading.get_by_label("Your message").fill("What I am typing stays.")
    writing = await become(theirs, "Lumen & Clay")
    await writing.goto("/orders/10-88231/messages")
    await writing.get_by_label("Your message").fill("Hello from the other side.")
    await writing.get_by_role("button", name="Send", exact=True).click()
    await expect(reading.locator("#messages")).to_contain_text("Hello from the other side.", timeout=3000)
    await expect(reading.get_by_label("Your message")).to_have_value("What I am typing stays.")
    await hers.close()
    await theirs.close()


@pytest.mark.row("K2", "K4", "P11")
async def test_deadlines_choices_and_webhooks_are_managed(browser: BrowserContext, street: Street) -> None:
    await street.town.place("10-88231")
    await street.town.deliver("10-88231")
    await asked(street.town, "10-88231")
    page = await become(browser, "Lumen & Clay")
    await page.goto("/deadlines")
    await expect(page.get_by_role("heading", name="Your turn: reply to the buyer")).to_be_visible()
    await page.get_by_role("button", name="Make a calendar address").click()
    await expect(page.get_by_text("/calendar/")).to_be_visible()
    await page.get_by_role("button", name="End the address").click()
    await expect(page.get_by_role("status").first).to_contain_text("leads nowhere now")
    await page.goto("/preferences")
    await page.get_by_role("group", name="Steps of an order").get_by_label("Once a day").check()
    await page.get_by_label("Quiet from").fill("22:00")
    await page.get_by_label("Quiet until").fill("07:00")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("Your choices are saved.")
    await expect(page.get_by_label("Quiet until")).to_have_value("07:00")
    await page.goto("/webhooks")
    await page.get_by_label("Address").fill("https://10.0.0.1/")
    await page.get_by_role("button", name="Add the endpoint").click()
    await expect(page.get_by_role("alert")).to_contain_text("Enter a public address")
    await page.get_by_label("Address").fill("https://hooks.shop.example/amends")
    await page.get_by_role("button", name="Add the endpoint").click()
    await expect(page.get_by_text("whsec_")).to_be_visible()
    await page.get_by_role("button", name="Send a test event").click()
    await expect(page.get_by_role("status").first).to_contain_text("A test event is on its way.")
    await street.town.errands.run()
    await page.reload()
    await expect(page.get_by_text("Delivered").first).to_be_visible()
