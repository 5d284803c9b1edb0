"""A claim about several items, one question a page, kept as a draft and sent."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases.model import Goods, State
from tests.interfaces.web.baskets import basket
from tests.journeys.web.buyers import SCRIPTS, become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        await basket(street.town, "10-1")
        await street.town.deliver("10-1")
        await become(page, "Nora Lindqvist")
        await page.goto("/orders/10-1")
        await page.get_by_role("link", name="What can I ask for?").first.click()
        yield page


async def _reason(page: Page, words: str, leaf: str) -> None:
    """Find a reason by one's own words."""
    box = page.get_by_role("searchbox", name="Search in your own words")
    await box.fill(words)
    await box.press("Enter")
    await expect(page.get_by_label(leaf)).to_be_visible()
    await page.get_by_label(leaf).check()
    await press(page, "Go on")


@pytest.mark.row("E1", "C7", "C6")
async def test_a_return_of_several_items_is_opened_in_five_screens(page: Page, street: Street) -> None:
    screens = [await page.get_by_role("heading", level=1).inner_text()]

    async def arrived(heading: str) -> None:
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        screens.append(heading)

    await _reason(page, "smashed", "It arrived damaged")
    await arrived("Which items is it about?")
    await expect(page.get_by_label("Ceramic table lamp")).to_be_checked()
    await page.get_by_label("Mug “Tide”").fill("2")
    await press(page, "See what I can ask for")
    await arrived("What would you like?")
    back = page.locator(".pick", has=page.get_by_label("Send it back for a refund"))
    await expect(back).to_contain_text("€108.80")
    await expect(back).to_contain_text("paid by the seller")
    await expect(back).to_contain_text("Ask by")
    await expect(back).to_contain_text("Money back")
    closed = page.get_by_role("region", name="Not open to you, and why")
    await expect(closed).to_contain_text("It has to be sent back for a full refund.")
    await expect(closed).to_contain_text("Clause returnless.default")
    await page.get_by_label("Send it back for a refund").check()
    await press(page, "Go on")
    await arrived("Tell the seller what happened")
    await page.get_by_label("What happened?").fill("The parcel fell: the lamp and two mugs are in pieces.")
    await press(page, "Check your answers")
    await arrived("Check your answers")
    await expect(page.get_by_text("Mug “Tide” (2 pieces)")).to_be_visible()
    await press(page, "Send the request")
    await expect(page.get_by_role("heading", level=2).first).to_contain_text("The seller has until")
    assert len(screens) <= 5
    case = await street.town.case("10-1.1")
    assert case.state is State.AWAITING_SELLER
    assert (case.wanted.amount, case.wanted.goods) == (10880, Goods.RETURN)
    assert [unit.key for unit in case.units] == ["lamp#0", "mugs#0", "mugs#1"]


@pytest.mark.row("E1", "C6")
async def test_a_draft_keeps_all_its_evidence_and_goes_on_where_it_stopped(
    page: Page, street: Street
) -> None:
    await _reason(page, "stopped", "It has a defect")
    await press(page, "See what I can ask for")
    await expect(page.get_by_label("Exchange it")).to_be_visible()
    await page.get_by_label("Part of the money back").check()
    await press(page, "Go on")
    # How bad it is says what is usual; what was paid is the most.
    usual = page.locator("details", has_text="What is usual?")
    await expect(usual).to_contain_text("€12.98 to €25.96")
    await page.get_by_label("How much do you ask for?").fill("70.81")
    await press(page, "Check your answers")
    await expect(page.get_by_role("alert")).to_contain_text("€70.80")
    await page.get_by_label("How much do you ask for?").fill("20")
    await page.get_by_label("What it shows").fill("The switch hangs loose")
    await press(page, "Add more words or another link")
    await page.get_by_label("What it shows").nth(1).fill("The cable is torn")
    await press(page, "Save for later")
    assert [item.note for item in (await street.town.case("10-1.1")).evidence] == [
        "The switch hangs loose",
        "The cable is torn",
    ]

    # The story is what was missing: there the draft goes on.
    await page.get_by_role("link", name="Change the draft").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tell the seller what happened")
    await expect(page.get_by_label("How much do you ask for?")).to_have_value("20.00")
    await expect(page.get_by_label("What it shows").nth(1)).to_have_value("The cable is torn")
    await page.get_by_label("What happened?").fill("It went dark after a day.")
    await press(page, "Check your answers")
    await press(page, "Save for later")

    # Nothing is missing now: the draft goes on at the check.
    await page.get_by_role("link", name="Change the draft").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    await page.get_by_role("button", name="Change You ask for").click()
    await page.get_by_label("Send it back for a refund").check()
    await press(page, "Go on")
    await expect(page.get_by_text("It went dark after a day.")).to_be_visible()
    await press(page, "Send the request")
    await expect(page.get_by_role("status").first).to_contain_text("sent to the seller")
    case = await street.town.case("10-1.1")
    assert (case.state, case.wanted.amount) == (State.AWAITING_SELLER, 7080)
    assert [item.note for item in case.evidence] == ["The switch hangs loose", "The cable is torn"]


async def test_words_nobody_uses_find_no_reason_and_lead_back_to_all(page: Page) -> None:
    box = page.get_by_role("searchbox", name="Search in your own words")
    await box.fill("zeppelin")
    await box.press("Enter")
    await expect(page.get_by_text("No reason has these words.")).to_be_visible()
    await page.get_by_role("link", name="Show all reasons").click()
    await expect(page.get_by_text("It is damaged or does not work")).to_be_visible()
