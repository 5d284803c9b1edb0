"""A claim from its opening to its refund, by clicking, in a real browser without any script."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases.commands import RecordReturnScan
from amends.domain.orders import Signal
from tests.interfaces.web.town import CARRIER, Town
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(chromium: Browser, street: Street) -> AsyncIterator[Page]:
    context = await chromium.new_context(java_script_enabled=False, base_url=street.url)
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


async def _become(page: Page, name: str) -> None:
    await page.goto("/")
    sign_out = page.get_by_role("button", name="Sign out")
    if await sign_out.count():
        await sign_out.click()
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("banner")).to_contain_text(name)


async def _open(page: Page, title: str) -> None:
    await page.get_by_role("link", name=title).first.click()


async def _prepare(town: Town) -> None:
    await town.place("10-88231")
    await town.deliver("10-88231")


@pytest.mark.row("L2", "E1", "D3", "F1", "F2", "G1", "H2")
async def test_a_broken_lamp_is_sent_back_and_refunded(page: Page, street: Street) -> None:
    await _prepare(street.town)

    await _become(page, "Nora Lindqvist")
    await _open(page, "Ceramic table lamp")
    await page.get_by_role("link", name="What can I ask for?").click()
    await page.get_by_text("It is damaged or does not work").click()
    await page.get_by_label("It arrived damaged").check()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="Not open to you, and why")).to_be_visible()
    await page.get_by_label("Send it back for a refund").check()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Check your answers").click()
    await expect(page.get_by_role("alert")).to_contain_text("Say what happened")
    await page.get_by_label("What happened?").fill("The base is cracked right through.")
    await page.get_by_role("button", name="Check your answers").click()
    await page.get_by_role("button", name="Send the request").click()
    await expect(page.locator("#flash")).to_contain_text("sent to the seller")
    await expect(page.get_by_role("heading", level=2).first).to_contain_text("The seller has until")

    await _become(page, "Lumen & Clay")
    await _open(page, "It arrived damaged")
    await page.locator("summary", has_text="Make a counter-offer").click()
    await page.get_by_label("Refund, the item is kept").check()
    await page.get_by_label("Amount of the refund").fill("25")
    await page.get_by_role("button", name="Send the offer").click()
    await expect(page.locator("#flash")).to_contain_text("Your offer has been made.")

    await _become(page, "Nora Lindqvist")
    await page.goto("/cases?show=turn")
    await _open(page, "It arrived damaged")
    await expect(page.get_by_text("You can accept")).to_be_visible()
    await page.locator("summary", has_text="Decline the offer").click()
    await page.get_by_role("button", name="Decline", exact=True).click()
    await expect(page.locator("#flash")).to_contain_text("The offer has been declined.")

    await _become(page, "Lumen & Clay")
    await _open(page, "It arrived damaged")
    await page.locator("summary", has_text="Accept: refund of €70.80 once it is sent back").click()
    await expect(page.get_by_text("This is final: the offer becomes binding")).to_be_visible()
    await page.get_by_role("button", name="Accept, this is final").click()
    await page.locator("summary", has_text="Say where to send it").click()
    await page.get_by_label("Address to send it to").fill("Rua das Flores 9\n1200-195 Lisbon")
    await page.get_by_label("I provide a label").check()
    await page.get_by_role("button", name="Send to the buyer").click()
    await expect(page.locator("#flash")).to_contain_text("The buyer has been told where to send it.")

    await _become(page, "Nora Lindqvist")
    await page.goto("/cases")
    await _open(page, "It arrived damaged")
    await expect(page.get_by_text("Rua das Flores 9")).to_be_visible()
    await page.locator("summary", has_text="I have sent it back").click()
    await page.get_by_label("Carrier").fill("Swift Post")
    await page.get_by_label("Tracking number").fill("RR123456785PT")
    await page.get_by_role("button", name="Record the parcel").click()
    await expect(page.locator("#flash")).to_contain_text("Your return is on its way.")

    async def delivered(town: Town) -> None:
        await town.wait(days=2)
        scan = RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
        await town.do(scan, CARRIER, "10-88231", "10-88231.1")

    await delivered(street.town)

    await _become(page, "Lumen & Clay")
    await _open(page, "It arrived damaged")
    await page.locator("summary", has_text="Record what came back").click()
    await page.get_by_label("How did it arrive?").select_option("received")
    await page.get_by_label("Yes, accept").check()
    await page.get_by_role("button", name="Record the inspection").click()
    await expect(page.locator("#flash")).to_contain_text("Your inspection has been recorded.")

    await _become(page, "Kaya Berg")
    await page.get_by_role("link", name="Clock").click()
    await page.get_by_role("button", name="1 week").click()
    await expect(page.get_by_role("heading", name="fired")).to_be_visible()

    await _become(page, "Nora Lindqvist")
    await page.goto("/cases?show=closed")
    await _open(page, "It arrived damaged")
    await expect(page.get_by_role("heading", name="Refunded in full")).to_be_visible()
    await expect(page.get_by_text("Refunded so far")).to_be_visible()


@pytest.mark.row("E3", "E4", "E5")
async def test_a_mediator_decides_and_the_buyer_appeals(page: Page, street: Street) -> None:
    await _prepare(street.town)
    await _become(page, "Nora Lindqvist")
    await page.goto("/orders/10-88231/lines/l1/claim?reason=quality.defective&remedy=return")
    await page.get_by_label("What happened?").fill("It flickers.")
    await page.get_by_role("button", name="Check your answers").click()
    await page.get_by_role("button", name="Send the request").click()
    await page.locator("summary", has_text="Ask a mediator to decide").click()
    await page.get_by_role("button", name="Ask a mediator to decide").click()
    await expect(page.locator("#flash")).to_contain_text("A mediator will decide.")

    await _become(page, "Ines Duarte")
    await _open(page, "It has a defect")
    await page.locator("#do-rule summary", has_text="Decide").click()
    await page.get_by_role("button", name="Record the decision").click()
    await expect(page.get_by_role("heading", name="Decision", exact=True)).to_be_visible()

    await _become(page, "Nora Lindqvist")
    await page.goto("/cases/10-88231.1")
    await page.locator("summary", has_text="Appeal").click()
    await page.get_by_label("Why is the decision wrong?").fill("Here is a film of it.")
    await page.get_by_label("What it shows").fill("A minute of flicker")
    await page.get_by_label("Kind of evidence").select_option("video")
    await page.get_by_role("button", name="Send the appeal").click()
    await expect(page.locator("#flash")).to_contain_text("Your appeal has been made.")
    await expect(page.get_by_role("heading", level=2).first).to_contain_text("Another mediator has until")


async def test_the_pages_work_by_keyboard_alone(page: Page, street: Street) -> None:
    await _prepare(street.town)
    await page.goto("/")
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("Skip to main content")).to_be_focused()
    await page.get_by_role("button", name="Nora Lindqvist").focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{street.url}/orders")
    await page.goto("/orders/10-88231/lines/l1/claim")
    await page.locator("summary", has_text="It is damaged or does not work").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("It leaks").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What would you like?")).to_be_visible()
