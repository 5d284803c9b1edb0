"""My orders: found by their words and lists; the page of one with terms, cases and refunds."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases import commands as c
from amends.domain.cases.model import Remedy
from amends.domain.orders import Unit
from tests.interfaces.web.baskets import LAMP, MUGS, WIG, basket
from tests.interfaces.web.town import LUMEN, NORA, YUKI, Town
from tests.journeys.web.buyers import SCRIPTS, become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


def _asked(reason: str, unit: Unit, amount: int) -> c.OpenClaim:
    return c.OpenClaim(reason=reason, units=(unit,), wanted=Remedy(amount), story="It is not right.")


async def _refunded(town: Town, order_id: str) -> None:
    """A delivered order with a partial refund on its way and another request with the seller."""
    await basket(town, order_id, (LAMP, MUGS))
    await town.deliver(order_id)
    await town.do(_asked("quality.defective", Unit("lamp", 0), 2500), NORA, order_id)
    await town.do(c.AcceptOffer(), LUMEN, order_id, f"{order_id}.1")
    await town.do(_asked("quality.leaking", Unit("mugs", 1), 900), NORA, order_id)
    await town.wait(days=2)


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        town = street.town
        await basket(town, "10-7", (WIG,))
        await basket(town, "10-8", (LAMP,), buyer=YUKI)
        await _refunded(town, "10-9-late")
        await become(page, "Nora Lindqvist")
        yield page


@pytest.mark.row("A2")
async def test_an_order_is_found_by_its_words_and_its_list(page: Page) -> None:
    headings = page.get_by_role("main").get_by_role("heading", level=2)
    await page.goto("/orders")
    await expect(headings).to_have_count(2)
    box = page.get_by_role("searchbox", name="Find an order")
    await box.fill("MUG tidé")
    await press(page, "Search")
    await expect(headings).to_have_count(1)
    await expect(headings).to_contain_text("Ceramic table lamp “Dune”")
    await page.get_by_role("searchbox", name="Find an order").fill("10-8")
    await press(page, "Search")
    await expect(page.get_by_text("No order fits")).to_be_visible()
    await page.goto("/orders")
    await page.get_by_role("navigation", name="Which orders").get_by_role("link", name="On the way").click()
    await expect(headings).to_have_text(["Wig “Ash”"])
    await page.get_by_role("navigation", name="Which orders").get_by_role("link", name="With a case").click()
    await expect(page.get_by_role("link", name="With a case")).to_have_attribute("aria-current", "page")
    await expect(headings).to_have_count(1)


@pytest.mark.row("A2", "H2")
async def test_the_order_shows_every_case_and_refund_on_it(page: Page) -> None:
    await page.goto("/orders/10-9-late")
    main = page.get_by_role("main")
    await expect(main.get_by_role("link", name="It has a defect").first).to_be_visible()
    await expect(main.get_by_text("Waiting for the seller").first).to_be_visible()
    refunds = page.get_by_role("region", name="Refunds")
    await expect(refunds).to_contain_text("€25.00")
    stages = refunds.get_by_role("list", name="Where it stands")
    await expect(stages).to_contain_text("Approved")
    await expect(stages.get_by_role("listitem").filter(has_text="On its way").locator("time")).to_be_visible()


@pytest.mark.row("A3", "P2")
async def test_each_bought_line_shows_the_terms_it_was_bought_under(page: Page) -> None:
    await page.goto("/orders/10-7")
    await page.get_by_text("Returns and refunds for this item").click()
    await expect(page.get_by_text("These terms were fixed when you bought it")).to_be_visible()
    await expect(page.get_by_text("Cannot be returned").first).to_be_visible()
    await expect(page.locator("details[open]").get_by_text("Clause").first).to_be_visible()


async def test_a_strangers_order_is_not_there(page: Page) -> None:
    answer = await page.goto("/orders/10-8")
    assert answer is not None
    assert answer.status == 404
