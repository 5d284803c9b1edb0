"""Withdrawing from a contract in a real browser, with scripts and without."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from amends.adapters.memory.seller_policies import MemorySellerPolicies
from amends.adapters.memory.seller_reads import MemorySellerReads
from amends.adapters.packs import LAWS, load
from amends.application.policies import PolicyBook
from amends.application.sellers import Sellers
from amends.domain.cases.model import State
from tests.journeys.web.buyers import SCRIPTS, become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    town = street.town
    town.sellers = Sellers(
        MemorySellerPolicies(), MemorySellerReads(town.store), PolicyBook(load(("default", *LAWS)))
    )
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        yield page


async def _no_violations(page: Page, scripts: str) -> None:
    if not SCRIPTS[scripts]:
        # The checker is a script itself.
        return
    answer: dict[str, Any] = (await Axe().run(page)).response
    assert answer["violations"] == []


@pytest.mark.row("P12")
async def test_two_buttons_withdraw_and_the_receipt_can_be_kept(
    page: Page, street: Street, request: pytest.FixtureRequest
) -> None:
    await street.town.place("10-1")
    await street.town.deliver("10-1")
    await become(page, "Nora Lindqvist")
    await page.goto("/orders/10-1")
    await page.get_by_role("link", name="Withdraw from contract here").click()
    await expect(page.get_by_text("You need no reason, and nobody has to agree.")).to_be_visible()
    await _no_violations(page, request.node.callspec.params["page"])
    await press(page, "Confirm withdrawal")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt of your withdrawal")
    await _no_violations(page, request.node.callspec.params["page"])
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Keep the receipt").click()
    saved = (await (await saving.value).path()).read_text()
    assert "I withdraw from the contract on order 10-1" in saved
    assert (await street.town.case("10-1.1")).state is State.AWAITING_INSTRUCTIONS


@pytest.mark.row("P12")
async def test_why_a_rule_applies_is_one_step_from_the_order(page: Page, street: Street) -> None:
    await street.town.place("10-1")
    await become(page, "Nora Lindqvist")
    await page.goto("/orders/10-1")
    await page.get_by_text("Returns and refunds for this item").first.click()
    await page.get_by_role("link", name="Why does this apply?").first.click()
    await page.get_by_label("For which reason?").select_option("no_reason.withdrawal")
    await press(page, "Show")
    right = page.get_by_role("region", name="Time to withdraw")
    await expect(right).to_contain_text("14 days")
    await expect(right).to_contain_text("Directive 2011/83/EU")


@pytest.mark.row("C3")
async def test_more_time_is_offered_and_accepted(page: Page, street: Street) -> None:
    await street.town.place("10-1")
    await street.town.deliver("10-1")
    await become(page, "Lumen & Clay")
    await page.goto("/orders/10-1")
    await page.get_by_text("Offer more time to return").click()
    await page.get_by_label("Last day").fill("2026-12-31")
    await press(page, "Offer more time")
    await expect(page.get_by_role("heading", name="More time to return, until")).to_be_visible()
    await become(page, "Nora Lindqvist")
    await page.goto("/orders/10-1")
    await press(page, "Accept more time")
    await expect(page.get_by_text("More time to return was agreed, until 31 Dec 2026")).to_be_visible()


@pytest.mark.row("L1")
async def test_guarantees_are_one_step_from_the_order(page: Page, street: Street) -> None:
    await street.town.place("10-1")
    await become(page, "Nora Lindqvist")
    await page.goto("/orders/10-1")
    await page.get_by_text("Returns and refunds for this item").first.click()
    await page.get_by_role("link", name="Our guarantees").first.click()
    genuine = page.get_by_role("region", name="It is genuine")
    await genuine.get_by_text("Which rules say so?").click()
    await expect(genuine).to_contain_text("the seller’s record is marked".replace("’", "'"))
