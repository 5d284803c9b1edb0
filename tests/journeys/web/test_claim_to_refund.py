"""A claim from its opening to its refund, by clicking, in a real browser without any script."""

import pytest
from playwright.sync_api import Browser, Page, expect

from amends.domain.cases.commands import RecordReturnScan
from amends.domain.orders import Signal
from tests.interfaces.web.town import CARRIER, Town
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser, street: Street) -> Page:
    context = chromium.new_context(java_script_enabled=False, base_url=street.url)
    context.set_default_timeout(10_000)
    return context.new_page()


def _become(page: Page, name: str) -> None:
    page.goto("/")
    sign_out = page.get_by_role("button", name="Sign out")
    if sign_out.count():
        sign_out.click()
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("banner")).to_contain_text(name)


def _open(page: Page, title: str) -> None:
    page.get_by_role("link", name=title).first.click()


async def _prepare(town: Town) -> None:
    await town.place("10-88231")
    await town.deliver("10-88231")


@pytest.mark.row("L2", "E1", "D3", "F1", "F2", "G1", "H2")
def test_a_broken_lamp_is_sent_back_and_refunded(page: Page, street: Street) -> None:
    street.run(_prepare)

    _become(page, "Nora Lindqvist")
    _open(page, "Ceramic table lamp")
    page.get_by_role("link", name="What can I ask for?").click()
    page.get_by_text("It is damaged or does not work").click()
    page.get_by_label("It arrived damaged").check()
    page.get_by_role("button", name="See what I can ask for").click()
    expect(page.get_by_role("heading", name="Not open to you, and why")).to_be_visible()
    page.get_by_label("Send it back for a refund").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what happened")
    page.get_by_label("What happened?").fill("The base is cracked right through.")
    page.get_by_role("button", name="Check your answers").click()
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status")).to_contain_text("sent to the seller")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("The seller has until")

    _become(page, "Lumen & Clay")
    _open(page, "It arrived damaged")
    page.locator("summary", has_text="Make a counter-offer").click()
    page.get_by_label("Refund, the item is kept").check()
    page.get_by_label("Amount of the refund").fill("25")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.get_by_role("status")).to_contain_text("Your offer has been made.")

    _become(page, "Nora Lindqvist")
    page.goto("/cases?show=turn")
    _open(page, "It arrived damaged")
    expect(page.get_by_text("You can accept")).to_be_visible()
    page.locator("summary", has_text="Decline the offer").click()
    page.get_by_role("button", name="Decline", exact=True).click()

    _become(page, "Lumen & Clay")
    _open(page, "It arrived damaged")
    page.locator("summary", has_text="Accept: refund of €70.80 once it is sent back").click()
    expect(page.get_by_text("This is final")).to_be_visible()
    page.get_by_role("button", name="Accept, this is final").click()
    page.locator("summary", has_text="Say where to send it").click()
    page.get_by_label("Address to send it to").fill("Rua das Flores 9\n1200-195 Lisbon")
    page.get_by_label("I provide a label").check()
    page.get_by_role("button", name="Send to the buyer").click()

    _become(page, "Nora Lindqvist")
    page.goto("/cases")
    _open(page, "It arrived damaged")
    expect(page.get_by_text("Rua das Flores 9")).to_be_visible()
    page.locator("summary", has_text="I have sent it back").click()
    page.get_by_label("Carrier").fill("Swift Post")
    page.get_by_label("Tracking number").fill("RR123456785PT")
    page.get_by_role("button", name="Record the parcel").click()

    async def delivered(town: Town) -> None:
        await town.wait(days=2)
        scan = RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
        await town.do(scan, CARRIER, "10-88231", "10-88231.1")

    street.run(delivered)

    _become(page, "Lumen & Clay")
    _open(page, "It arrived damaged")
    page.locator("summary", has_text="Record what came back").click()
    page.get_by_label("How did it arrive?").select_option("received")
    page.get_by_label("Yes, accept").check()
    page.get_by_role("button", name="Record the inspection").click()

    _become(page, "Kaya Berg")
    page.get_by_role("link", name="Clock").click()
    page.get_by_role("button", name="1 week").click()

    _become(page, "Nora Lindqvist")
    page.goto("/cases?show=closed")
    _open(page, "It arrived damaged")
    expect(page.get_by_role("heading", name="Refunded in full")).to_be_visible()
    expect(page.get_by_text("Refunded so far")).to_be_visible()


@pytest.mark.row("E3", "E4", "E5")
def test_a_mediator_decides_and_the_buyer_appeals(page: Page, street: Street) -> None:
    street.run(_prepare)
    _become(page, "Nora Lindqvist")
    page.goto("/orders/10-88231/lines/l1/claim?reason=quality.defective&remedy=return")
    page.get_by_label("What happened?").fill("It flickers.")
    page.get_by_role("button", name="Check your answers").click()
    page.get_by_role("button", name="Send the request").click()
    page.locator("summary", has_text="Ask a mediator to decide").click()
    page.get_by_role("button", name="Ask a mediator to decide").click()

    _become(page, "Ines Duarte")
    _open(page, "It has a defect")
    page.locator("summary", has_text="Decide").click()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("heading", name="Decision")).to_be_visible()

    _become(page, "Nora Lindqvist")
    page.goto("/cases/10-88231.1")
    page.locator("summary", has_text="Appeal").click()
    page.get_by_label("Why is the decision wrong?").fill("Here is a film of it.")
    page.get_by_label("What it shows").fill("A minute of flicker")
    page.get_by_label("Kind of evidence").select_option("video")
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.get_by_role("status")).to_contain_text("Your appeal has been made.")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Another mediator has until")


def test_the_pages_work_by_keyboard_alone(page: Page, street: Street) -> None:
    street.run(_prepare)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to main content")).to_be_focused()
    page.get_by_role("button", name="Nora Lindqvist").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{street.url}/orders")
    page.goto("/orders/10-88231/lines/l1/claim")
    page.locator("summary", has_text="It is damaged or does not work").focus()
    page.keyboard.press("Enter")
    page.get_by_label("It leaks").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What can I ask for?")).to_be_visible()
