"""Cancelling: at once and refunded, or by asking the seller; when the money leaves and arrives."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases.model import RefundStage, State
from amends.domain.orders import Tier
from tests.interfaces.web.baskets import LAMP, MUGS, WIG, basket
from tests.journeys.web.buyers import SCRIPTS, become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        yield page


async def _ask(page: Page, order_id: str, reason: str = "Changed my mind") -> None:
    await become(page, "Nora Lindqvist")
    await page.goto(f"/orders/{order_id}")
    await page.get_by_role("link", name="Cancel what is not shipped").click()
    await page.get_by_label(reason).check()


@pytest.mark.row("B1", "B4")
async def test_in_the_free_period_it_is_cancelled_at_once_and_paid_a_day_later(
    page: Page, street: Street
) -> None:
    await basket(street.town, "10-1", (LAMP, MUGS))
    await _ask(page, "10-1")
    await page.get_by_label("Mug “Tide”").fill("1")
    await press(page, "Go on")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Confirm the cancellation")
    sums = page.get_by_role("region", name="What it comes to")
    await expect(sums).to_contain_text("At once, nobody has to agree")
    await expect(sums).to_contain_text("€89.80")
    await expect(sums).to_contain_text("from Thursday, 19 November 2026")
    await expect(sums).to_contain_text("Money back")
    await page.get_by_text("Which rules say so?").click()
    await expect(sums).to_contain_text("no earlier than 24 hours after cancelling")
    await press(page, "Yes, cancel and refund")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Changed my mind")
    case = await street.town.case("10-1.1")
    assert case.state is State.REFUND_APPROVED
    assert [unit.key for unit in case.units] == ["lamp#0", "mugs#0"]
    await street.town.wait(hours=23)
    assert (await street.town.case("10-1.1")).refunds[0].stage is RefundStage.APPROVED
    await street.town.wait(hours=2)
    assert (await street.town.case("10-1.1")).refunds[0].stage is not RefundStage.APPROVED


@pytest.mark.row("B5")
async def test_a_diamond_member_is_refunded_at_once(page: Page, street: Street) -> None:
    await basket(street.town, "10-1", (WIG,), tier=Tier.DIAMOND)
    await _ask(page, "10-1")
    await expect(page.get_by_role("region", name="What it comes to")).to_contain_text("Paid at once")
    await press(page, "Go on")
    await press(page, "Yes, cancel and refund")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Changed my mind")
    await street.town.wait(minutes=5)
    assert (await street.town.case("10-1.1")).refunds[0].stage is not RefundStage.APPROVED


@pytest.mark.row("B2")
async def test_after_the_free_period_the_seller_is_asked(page: Page, street: Street) -> None:
    await basket(street.town, "10-1", (LAMP,))
    await street.town.wait(days=2)
    await _ask(page, "10-1", "Found it cheaper elsewhere")
    sums = page.get_by_role("region", name="What it comes to")
    await expect(sums).to_contain_text("The seller answers by")
    await press(page, "Go on")
    await press(page, "Ask the seller to cancel")
    await expect(page.get_by_role("heading", level=2).first).to_contain_text("The seller has until")
    assert (await street.town.case("10-1.1")).state is State.CANCEL_REQUESTED
    await street.town.wait(days=4)
    case = await street.town.case("10-1.1")
    assert case.settlement is not None


async def test_what_has_been_shipped_leads_back_to_the_order(page: Page, street: Street) -> None:
    await basket(street.town, "10-1", (LAMP,))
    await street.town.ship("10-1")
    await become(page, "Nora Lindqvist")
    await page.goto("/orders/10-1/cancellation")
    await expect(page.get_by_text("Everything has been shipped or cancelled already.")).to_be_visible()
    await page.get_by_role("link", name="Back to the order").click()
    await expect(page.get_by_role("link", name="What can I ask for?")).to_be_visible()
