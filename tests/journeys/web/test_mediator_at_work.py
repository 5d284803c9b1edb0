"""A mediator at work in a real browser, with scripts and without: take, ask, rule, and hear an appeal."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from amends.domain.cases.model import State
from tests.interfaces.web import gallery
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser

CASE = "10-1.1"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    context = await chromium.new_context(java_script_enabled=request.param, base_url=street.url)
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def disputed(street: Street) -> Street:
    """A case in the queue that nobody has taken."""
    await street.town.place("10-1")
    await street.town.deliver("10-1")
    await gallery.mediated(street.town, "10-1")
    return street


async def _become(page: Page, name: str) -> None:
    await page.context.clear_cookies()
    await page.goto("/")
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("banner")).to_contain_text(name)


class Clicks:
    """Counts what is pressed."""

    def __init__(self) -> None:
        self.made = 0

    async def on(self, target: Locator) -> None:
        self.made += 1
        await target.click()


@pytest.mark.row("E4", "X9", "X1")
async def test_a_ruling_takes_three_clicks_from_the_queue(page: Page, disputed: Street) -> None:
    await _become(page, "Ines Duarte")
    clicks = Clicks()
    await clicks.on(page.get_by_role("link", name="Ceramic table lamp"))
    await expect(page.get_by_role("heading", name="What the rules recommend")).to_be_visible()
    await expect(page.get_by_text("What would have changed it")).to_be_visible()
    sides = page.get_by_role("region", name="Both sides")
    await expect(sides).to_contain_text("Nora Lindqvist")
    await expect(sides).to_contain_text("Crack through the base")
    await expect(sides).to_contain_text("Lamp before it was packed")
    await clicks.on(page.get_by_text("Decide", exact=True))
    await clicks.on(page.get_by_role("button", name="Record the decision"))
    await expect(page.get_by_text("Your decision has been")).to_be_visible()
    case = await disputed.town.case(CASE)
    assert clicks.made <= 3
    assert (case.state, case.rulings[0].mediator_id) == (State.RULED, "ines")
    # What people read has no codes in it.
    assert "quality." not in case.rulings[0].reasons
    assert case.rulings[0].findings[0].fact.startswith("The buyer has to prove the point.")


@pytest.mark.row("E4")
async def test_evidence_is_asked_for_and_the_case_comes_back(page: Page, disputed: Street) -> None:
    await _become(page, "Ines Duarte")
    await page.get_by_role("button", name=f"Take case {CASE}").click()
    await expect(page.get_by_text("The case is yours.")).to_be_visible()
    await page.locator("#do-request_evidence > summary").click()
    await page.get_by_label("The seller", exact=True).check()
    await page.get_by_label("What do you need?").fill("Photo of the packaging\nReceipt of the carrier")
    await page.get_by_role("button", name="Ask for evidence").click()
    await expect(page.get_by_role("region", name="Both sides")).to_contain_text("Receipt of the carrier")
    await page.goto("/cases?show=waiting")
    await expect(page.get_by_role("link", name="Ceramic table lamp")).to_be_visible()
    assert (await disputed.town.case(CASE)).state is State.AWAITING_EVIDENCE
    # The seller lets the date pass; what is there decides.
    await disputed.town.wait(days=3, hours=1)
    assert (await disputed.town.case(CASE)).state in {State.MEDIATING, State.MEDIATING_LATE}


@pytest.mark.row("E5")
async def test_an_appeal_is_heard_by_another_mediator(page: Page, disputed: Street) -> None:
    await _become(page, "Ines Duarte")
    await page.goto(f"/cases/{CASE}")
    await page.get_by_text("Decide", exact=True).click()
    await page.get_by_role("button", name="Record the decision").click()
    await expect(page.locator("#flash")).to_contain_text("Your decision has been recorded.")
    await _become(page, "Lumen & Clay")
    await page.goto(f"/cases/{CASE}")
    await page.locator("#do-appeal > summary").click()
    form = page.locator(f'form[action="/cases/{CASE}/appeal"]')
    await form.get_by_label("Why is the decision wrong?").fill("The carrier broke it.")
    await form.get_by_label("What it shows").fill("The carrier's own report of the damage")
    await form.get_by_role("button", name="Send the appeal").click()
    await expect(page.locator("#flash")).to_contain_text("Your appeal has been made.")
    assert (await disputed.town.case(CASE)).state is State.APPEALED
    # Who made the decision is not offered to decide on it again.
    await _become(page, "Ines Duarte")
    await page.goto(f"/cases/{CASE}")
    await expect(page.get_by_role("button", name="Record the decision")).to_have_count(0)
    await expect(page.get_by_role("button", name="Take this case")).to_have_count(0)
    await _become(page, "Idris Okafor")
    await expect(page.get_by_text("Appeal", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Ceramic table lamp").click()
    await page.get_by_text("Decide", exact=True).click()
    form = page.locator(f'form[action="/cases/{CASE}/rule"]')
    await form.get_by_label("No refund").check()
    await form.get_by_role("button", name="Record the decision").click()
    await expect(page.locator("#flash")).to_contain_text("Your decision has been recorded.")
    case = await disputed.town.case(CASE)
    assert [ruling.mediator_id for ruling in case.rulings] == ["ines", "idris"]
    assert case.rulings[-1].final
