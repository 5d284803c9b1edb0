"""Why either side should trust the outcome: hidden limits, records, contests, figures, a tried draft."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.application.test_lab import HASTY, HEAD
from tests.interfaces.web import gallery
from tests.interfaces.web.test_known import stands_out
from tests.journeys.web.buyers import become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=False) as page:
        yield page


@pytest.mark.row("X6", "A6")
async def test_two_sides_settle_without_showing_their_limits(page: Page, street: Street) -> None:
    town = street.town
    await town.place("10-1")
    await town.deliver("10-1")
    await gallery.asked(town, "10-1")
    for name, amount in (("Nora", "10.01"), ("Lumen & Clay", "17.33")):
        await become(page, name)
        await page.goto("/cases/10-1.1")
        await page.locator("a[href$='/hidden-limit']").first.click()
        await page.get_by_role("textbox").last.fill(amount)
        await page.locator("form[action$='/enter'] button").click()
    await expect(page.get_by_text("The hidden limits met", exact=False).first).to_be_visible()
    await become(page, "Nora")
    await page.goto("/cases/10-1.1")
    await expect(page.get_by_text("refund of €13.67", exact=False).first).to_be_visible()
    assert "17.33" not in await page.content()
    # What the seller's record says is a press away.
    await page.locator("a[href='/sellers/lumen']").first.click()
    await expect(page.get_by_text("Few cases so far").first).to_be_visible()


@pytest.mark.row("P10", "P13", "X7")
async def test_what_is_known_is_contested_and_the_figures_are_there_for_who_answers_for_them(
    page: Page, street: Street
) -> None:
    await stands_out(street.town)
    await become(page, "Nora")
    await page.goto("/account/known")
    form = page.locator("form[action='/account/known/serial_returns']")
    await page.locator("details", has=form).locator("summary").first.click()
    await form.locator("textarea").fill("The sizes run small.")
    await form.locator("button").click()
    await expect(page.get_by_text("You contested this")).to_be_visible()
    await street.town.wait(hours=1)
    await become(page, "Kaya Berg")
    await page.goto("/notifications")
    await expect(page.get_by_text("A buyer contests what is known about them").first).to_be_visible()
    await page.goto("/contests")
    await page.get_by_label("Remove it", exact=False).check()
    await page.get_by_label("Why").fill("The shop's table of sizes was wrong.")
    await press(page, "Decide")
    await expect(page.get_by_text("Nobody contests anything at the moment.")).to_be_visible()
    for path, said in (("/analytics?by=reason", "Analytics"), ("/mediation", "How cases are decided")):
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_have_text(said)


@pytest.mark.row("X2")
async def test_a_draft_is_tried_on_the_past(page: Page, street: Street) -> None:
    await gallery.hang(street.town)
    await become(page, "Kaya Berg")
    await page.goto("/lab")
    await page.locator("textarea[name=draft]").fill(HEAD + HASTY)
    await page.locator("form[action='/lab'] button").last.click()
    for _ in range(50):
        await page.reload()
        if await page.get_by_text("Who gains and who bears it").count():
            break
    await expect(page.get_by_text("Who gains and who bears it")).to_be_visible()
    await page.locator("a[href*='/cases/']").first.click()
    await expect(page.get_by_text("Under the draft").first).to_be_visible()
