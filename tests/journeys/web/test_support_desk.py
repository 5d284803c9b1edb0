"""Files that go with words, and support that finds the case and opens it again, in a real browser."""

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases import commands as c
from amends.domain.cases.model import State
from amends.domain.parties import Actor
from tests.adapters.files.pictures import heic, scene
from tests.interfaces.web.gallery import asked
from tests.interfaces.web.town import KAYA, LUMEN, NORA
from tests.journeys.web.conftest import Street, signed_in

pytestmark = pytest.mark.browser

PHONE = {"name": "IMG_0420.HEIC", "mimeType": "", "buffer": heic(scene(seed=42))}


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def page_of(chromium: Browser, street: Street, actor: Actor, scripts: bool) -> Page:
    page = await signed_in(chromium, street, actor, java_script_enabled=scripts, base_url=street.url)
    page.set_default_timeout(15_000)
    return page


async def attach(page: Page, scripts: bool) -> None:
    """Choose a photo as a phone took it."""
    await page.get_by_label("Photos, films or PDF").set_input_files([PHONE])
    if scripts:
        await expect(page.get_by_role("checkbox", name="IMG_0420.HEIC")).to_be_checked()


async def see(page: Page, scripts: bool) -> None:
    picture = page.get_by_role("img", name="IMG_0420.HEIC")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_be_visible()
    if scripts:
        wide = await picture.evaluate("async one => { await one.decode(); return one.naturalWidth }")
        assert wide == 480


@pytest.mark.row("D1", "D5")
async def test_a_photo_goes_with_a_message_and_the_words_are_translated(
    chromium: Browser, street: Street, scripts: bool
) -> None:
    town = street.town
    await town.place("10-1")
    await town.deliver("10-1")
    german = "Schauen Sie bitte: So kam die Lampe bei mir an, mit einem Riss im Fuß."
    assert town.letters.interpreter is not None
    town.letters.interpreter.known[german, "en"] = "Please look: the lamp came with a crack in its foot."
    hers = await page_of(chromium, street, NORA, scripts)
    await hers.goto("/orders/10-1/messages")
    await hers.get_by_label("Your message").fill(german)
    await attach(hers, scripts)
    await hers.get_by_role("button", name="Send", exact=True).click()
    await expect(hers.locator("#messages")).to_contain_text(german)
    await see(hers, scripts)
    theirs = await page_of(chromium, street, LUMEN, scripts)
    await theirs.goto("/orders/10-1/messages")
    await expect(theirs.get_by_text("the lamp came with a crack")).to_be_visible()
    await expect(theirs.get_by_text(german)).to_be_hidden()
    await theirs.get_by_text("Show the original").click()
    await expect(theirs.get_by_text(german)).to_be_visible()
    await see(theirs, scripts)


@pytest.mark.row("J2", "E6")
async def test_a_ticket_with_a_photo_leads_to_its_case_which_is_opened_again(
    chromium: Browser, street: Street, scripts: bool
) -> None:
    town = street.town
    await town.place("10-1")
    await town.deliver("10-1")
    await asked(town, "10-1")
    await town.do(c.Withdraw(), NORA, "10-1", "10-1.1")
    hers = await page_of(chromium, street, NORA, scripts)
    await hers.goto("/support")
    await hers.get_by_label("What can we do for you?").fill("I found the test protocol after all.")
    await attach(hers, scripts)
    await hers.get_by_role("button", name="Send", exact=True).click()
    await see(hers, scripts)

    desk = await page_of(chromium, street, KAYA, scripts)
    await desk.goto("/desk")
    await desk.get_by_role("link", name="I found the test protocol").click()
    await see(desk, scripts)
    await desk.get_by_label("Number of the order or case").fill("10-1.1")
    await desk.get_by_role("button", name="Attach it").click()
    await expect(desk.locator("#flash")).to_contain_text("attached to this conversation")
    await desk.get_by_role("link", name="Reopen the case").click()
    form = desk.locator("form[action$='/reopen']")
    if not await form.get_by_label("Which new facts are there?").is_visible():
        await desk.locator("summary", has_text="Reopen").click()
    await form.get_by_label("Which new facts are there?").fill("The buyer found the test protocol.")
    await form.get_by_role("button").click()
    await expect(desk.get_by_text("The case has been reopened.")).to_be_visible()
    assert (await town.case("10-1.1")).state is State.MEDIATING
    await hers.goto("/cases/10-1.1")
    await expect(hers.get_by_text("“The buyer found the test protocol.”")).to_be_attached()
