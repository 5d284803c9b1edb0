"""Somebody looks for help, or writes and is answered, in a real browser, with scripts and without."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from amends.domain.parties import Actor
from tests.interfaces.web.town import KAYA, NORA
from tests.journeys.web.conftest import Street, signed_in

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def page_of(chromium: Browser, street: Street, actor: Actor | None, scripts: bool) -> Page:
    page = await signed_in(chromium, street, actor, java_script_enabled=scripts, base_url=street.url)
    context: BrowserContext = page.context
    context.set_default_timeout(10_000)
    return page


@pytest.mark.row("J1")
async def test_a_typo_finds_the_article_and_questions_lead_to_the_claim(
    chromium: Browser, street: Street, scripts: bool
) -> None:
    await street.town.place("10-1")
    await street.town.deliver("10-1")
    page = await page_of(chromium, street, NORA, scripts)
    await page.goto("/orders")
    await page.get_by_role("contentinfo").get_by_role("link", name="Help", exact=True).click()
    await page.get_by_label("Search the help centre").fill("refnud")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="Refunds and how long they take").click()
    await expect(page.get_by_role("article")).to_contain_text("Card: 3 to 15 working days.")
    await page.get_by_role("link", name="Help with an order").click()
    await page.get_by_role("link", name="Ceramic table lamp").click()
    await page.get_by_role("link", name="Something is wrong with it").click()
    await page.get_by_role("link", name="It has a defect").click()
    await expect(page.get_by_role("heading", name="You can ask for this now")).to_be_visible()
    await page.get_by_role("link", name="Ask for it").click()
    await expect(page).to_have_url(f"{street.url}/orders/10-1/claim?line=l1&reason=quality.defective")


@pytest.mark.row("J2")
async def test_a_chat_is_answered_and_handed_over(chromium: Browser, street: Street, scripts: bool) -> None:
    hers = await page_of(chromium, street, NORA, scripts)
    await hers.goto("/support")
    await hers.get_by_label("What can we do for you?").fill("The parcel went to my neighbour.")
    await hers.get_by_role("button", name="Send", exact=True).click()
    await expect(hers.get_by_role("status").first).to_contain_text("Your message is with support.")

    theirs = await page_of(chromium, street, KAYA, scripts)
    await theirs.goto("/desk")
    await theirs.get_by_role("link", name="The parcel went to my neighbour.").click()
    await theirs.get_by_role("button", name="Take it").click()
    # The page before has the same form: what is written there would be lost.
    await expect(theirs.locator("#flash")).to_contain_text("You look after this conversation now.")
    await theirs.get_by_label("Your answer").fill("Which number is the order?")
    await theirs.get_by_role("button", name="Send the answer").click()
    await expect(theirs.locator("#flash")).to_contain_text("Your answer was sent.")
    if not scripts:
        await hers.reload()
    await expect(hers.locator("#conversation")).to_contain_text("Which number is the order?", timeout=5000)

    await theirs.get_by_label("What they have to know").fill("The address was changed after paying.")
    await theirs.get_by_role("button", name="Hand over").click()
    await expect(theirs.locator("#flash")).to_contain_text("waits for senior support now")
    await theirs.goto("/desk?show=senior")
    await expect(theirs.locator("#queue")).to_contain_text("The parcel went to my neighbour.")
    await expect(theirs.locator("#queue")).to_contain_text("nobody yet")
    await hers.reload()
    await expect(hers.locator("#conversation")).not_to_contain_text("after paying")
