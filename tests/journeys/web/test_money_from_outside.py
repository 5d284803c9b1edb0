"""Held payouts, disputes of the bank, goodwill, reconciling: in a real browser, with scripts and without."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from amends.application.ports.disputes import DisputeNews
from amends.domain.custody import commands as oc
from amends.domain.custody.model import Stage
from amends.domain.reconciliation import Movement
from tests.interfaces.web.test_money_from_outside import claim
from tests.interfaces.web.town import KAYA, NORA, YUKI
from tests.journeys.web.buyers import SCRIPTS, become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        yield page


@pytest.mark.row("E9", "H5")
async def test_a_payout_held_for_a_counterfeit_is_seen_by_the_seller_and_released(
    page: Page, street: Street
) -> None:
    town = street.town
    await town.place("10-1")
    await town.deliver("10-1")
    await town.place("10-2", buyer=YUKI)
    await town.do(claim(town, "fake.counterfeit", 7080), NORA, "10-1")
    await town.wait(hours=1)
    await become(page, "Lumen & Clay")
    await page.goto("/orders/10-2")
    await expect(page.get_by_role("heading", name="The payout of this order")).to_be_visible()
    held = page.get_by_role("region", name="The payout of this order")
    await held.get_by_text("Which rule says so?").click()
    await expect(held).to_contain_text("payouts of the seller's orders of the same goods wait")
    await become(page, "Kaya Berg")
    await page.goto("/cases/10-1.1")
    await page.get_by_role("link", name="The seller’s other orders of these goods").click()
    await page.get_by_label("What is to be done").select_option("release")
    await page.get_by_label("Why").fill("The maker says that they are genuine.")
    await press(page, "Do this for the ticked orders")
    await expect(page.get_by_text("Released", exact=True)).to_be_visible()
    assert (await town.reader.scene("10-2")).custody.holds[0].state == "released"  # type: ignore[union-attr]


@pytest.mark.row("P5", "P6")
async def test_a_dispute_ends_on_the_page_and_goodwill_waits_for_two(page: Page, street: Street) -> None:
    town = street.town
    await town.place("10-1")
    await town.deliver("10-1")
    opened = oc.OpenChargeback(dispute_id="dp_1", tender_id="t1", amount=3000, reason="fraudulent")
    await town.do(opened, KAYA, "10-1")
    await become(page, "Kaya Berg")
    await page.goto("/orders/10-1/money")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Evidence for the bank (ZIP)").click()
    assert (await (await saving.value).path()).read_bytes().startswith(b"PK")
    await press(page, "The bank decided for us")
    await expect(page.get_by_text("Won", exact=True)).to_be_visible()
    await page.get_by_label("Credit for the buyer").fill("50")
    await page.get_by_role("region", name="Goodwill").get_by_label("Why").fill("Our mistake.")
    await press(page, "Give goodwill")
    await expect(page.get_by_text("Somebody else has to agree.")).to_be_visible()
    scene = await town.reader.scene("10-1")
    assert scene is not None
    assert scene.custody is not None
    assert (scene.custody.books.goodwill, scene.custody.stage) == (0, Stage.PROTECTED)


@pytest.mark.row("H5", "P5")
async def test_what_differs_and_what_found_no_place_is_dealt_with(page: Page, street: Street) -> None:
    town = street.town
    yesterday = town.clock.now() - timedelta(days=1)
    line = Movement(
        provider="sandbox",
        line_id="sb_1",
        kind="refund",
        reference="nobody-asked",
        amount=-1200,
        currency="EUR",
        at=yesterday,
    )
    await town.reconciliation.take("sandbox", [line])
    news = DisputeNews(
        provider="stripe",
        event_id="evt_1",
        dispute_id="dp_9",
        payments=("pi_unknown",),
        amount=500,
        currency="EUR",
        reason="",
        status="open",
        at=yesterday,
    )
    await town.disputes.hear(news)
    await become(page, "Kaya Berg")
    await page.goto("/reconciliation")
    await expect(page.get_by_role("heading", name="Missing here")).to_be_visible()
    await page.get_by_text("Deal with it").click()
    await page.get_by_label("Put right").check()
    await page.get_by_label("Why").first.fill("The provider took it back.")
    await press(page, "Save")
    await expect(page.get_by_text("Dealt with", exact=True)).to_be_visible()
    await page.goto("/reconciliation")
    await expect(page.get_by_text("Nothing needs anybody")).to_be_visible()
    await page.get_by_text("Put it aside").first.click()
    await page.get_by_label("How it was dealt with").fill("A payment of another shop.")
    await page.get_by_role("button", name="Put it aside").click()
    await expect(page.get_by_text("Disputes that found no place")).to_have_count(0)
