"""Evidence by clicking in a real browser: with the script and without, by choosing and by dropping."""

from asyncio import StreamReader, StreamWriter, create_task, open_connection, start_server
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from amends.domain.cases.model import Case
from amends.domain.parties import Actor
from tests.adapters.files.hostile import HTML
from tests.adapters.files.pictures import encoded, label, pdf, phone_photo, scene
from tests.interfaces.web.gallery import asked
from tests.interfaces.web.town import LUMEN, NORA
from tests.journeys.web.conftest import Street, signed_in

pytestmark = pytest.mark.browser

CASE = "/cases/10-1.1"
PHONE = {"width": 320, "height": 640}
CRACK = {"name": "crack.jpg", "mimeType": "image/jpeg", "buffer": phone_photo()}
INVOICE = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": pdf()}
DISGUISED = {"name": "page.png", "mimeType": "image/png", "buffer": HTML}
BLURRED = {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": encoded(label(7), quality=85)}


class Line:
    """A line to the street that can be made to break on the way."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.url = ""
        #: How many bytes a connection carries from the browser before it breaks; None: as many as there are.
        self.lasts: int | None = None
        self.cuts = 0

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection, both ways."""
        answers, requests = await open_connection("127.0.0.1", self._to)
        back = create_task(self._pass_on(answers, writer, breaks=False))
        await self._pass_on(reader, requests, breaks=True)
        await back

    async def _pass_on(self, source: StreamReader, target: StreamWriter, *, breaks: bool) -> None:
        carried = 0
        with suppress(ConnectionError):
            while piece := await source.read(16 * 1024):
                carried += len(piece)
                if breaks and self.lasts is not None and carried > self.lasts:
                    self.cuts += 1
                    break
                target.write(piece)
                await target.drain()
        target.transport.abort()


@pytest.fixture
async def line(street: Street) -> AsyncIterator[Line]:
    made = Line(int(street.url.rpartition(":")[2]))
    server = await start_server(made.carry, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()


@asynccontextmanager
async def visiting(chromium: Browser, street: Street, who: Actor, *, script: bool) -> AsyncIterator[Page]:
    page = await signed_in(chromium, street, who, java_script_enabled=script, base_url=street.url)
    page.set_default_timeout(20_000)
    yield page
    await page.context.close()


async def prepared(street: Street) -> None:
    await street.town.place("10-1")
    await street.town.deliver("10-1")
    await asked(street.town, "10-1")


async def case_of(street: Street) -> Case:
    return await street.town.case("10-1.1")


async def unused(street: Street) -> int:
    """How many files were sent that no case holds yet."""
    return len(await street.town.files.stale(street.town.clock.now() + timedelta(days=1), 100))


@pytest.mark.row("D1", "X5")
@pytest.mark.parametrize("script", [False, True])
async def test_photos_and_a_paper_are_sent_and_seen_by_the_other_side(
    chromium: Browser, street: Street, script: bool
) -> None:
    await prepared(street)
    async with visiting(chromium, street, NORA, script=script) as page:
        await page.goto(CASE)
        await expect(page.get_by_text("To prove the reason")).to_be_visible()
        await page.locator("summary", has_text="Add evidence").click()
        form = page.locator("form[action$='/add_evidence']")
        await form.get_by_label("Photos, films or PDF").set_input_files([CRACK, INVOICE])
        await form.get_by_label("What it shows").fill("The crack, and the invoice")
        if script:
            await expect(form.get_by_role("checkbox")).to_have_count(2)
        await form.get_by_role("button", name="Add evidence").click()
        await expect(page.get_by_text("Your evidence has been added.")).to_be_visible()
        assert [item.file is not None for item in (await case_of(street)).evidence[-2:]] == [True, True]
    async with visiting(chromium, street, LUMEN, script=script) as page:
        await page.goto(CASE)
        picture = page.get_by_role("img", name="crack.jpg")
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_be_visible()
        if script:
            assert (
                await picture.evaluate("async one => { await one.decode(); return one.naturalWidth }") == 480
            )
        async with page.expect_download() as saving:
            await page.get_by_role("link", name="invoice.pdf").click()
        assert (await saving.value).suggested_filename == "invoice.pdf"


async def test_what_is_wrong_is_said_at_the_file_and_a_broken_line_is_tried_again(
    chromium: Browser, street: Street
) -> None:
    await prepared(street)
    async with visiting(chromium, street, NORA, script=True) as page:
        await page.goto(CASE)
        await page.locator("summary", has_text="Add evidence").click()
        form = page.locator("form[action$='/add_evidence']")
        chooser = form.get_by_label("Photos, films or PDF")
        await chooser.set_input_files([DISGUISED, BLURRED])
        await expect(
            form.locator("li").get_by_text("“page.png” is no picture, film or PDF we know")
        ).to_be_visible()
        await expect(form.locator("li").get_by_text("The picture is blurred")).to_be_visible()
        await form.get_by_role("button", name="Remove: page.png").click()

        async def cut(route: Route) -> None:
            await route.abort()

        await page.route("**/orders/*/files", cut)
        await chooser.set_input_files([CRACK])
        await expect(form.locator("li").get_by_text("The connection broke")).to_be_visible()
        assert (await Axe().run(page)).response["violations"] == []
        await page.unroute("**/orders/*/files")
        await form.get_by_role("button", name="Try again: crack.jpg").click()
        await expect(form.get_by_role("checkbox", name="crack.jpg")).to_be_checked()
        await form.get_by_role("button", name="Add evidence").click()
        await expect(page.get_by_text("Your evidence has been added.")).to_be_visible()
        assert [item.file.width for item in (await case_of(street)).evidence if item.file] == [1600, 640]


@pytest.mark.row("D1")
async def test_a_photo_of_the_phone_survives_a_connection_that_is_cut_on_the_way(
    chromium: Browser, street: Street, line: Line
) -> None:
    await prepared(street)
    page = await signed_in(
        chromium, street, NORA, base_url=line.url, viewport=PHONE, is_mobile=True, has_touch=True
    )
    await page.goto(CASE)
    await page.locator("summary", has_text="Add evidence").click()
    form = page.locator("form[action$='/add_evidence']")
    camera = form.locator("input[capture]")
    await expect(camera).to_have_attribute("accept", "image/*")
    await expect(camera).to_have_attribute("capture", "environment")
    async with page.expect_file_chooser() as choosing:
        await form.get_by_text("Take a photo").click()
    chooser = await choosing.value
    assert not chooser.is_multiple()
    line.lasts = 60_000
    photo = encoded(scene(2400, 1800, seed=21), quality=95)
    await chooser.set_files([{"name": "IMG_0021.jpg", "mimeType": "image/jpeg", "buffer": photo}])
    # Half-way the line is gone; nothing of it is kept, and the page says so.
    await expect(form.locator("li").get_by_text("The connection broke")).to_be_visible()
    assert line.cuts > 0
    assert await unused(street) == 0
    # It comes back, and the photo with it, without a press.
    line.lasts = None
    await page.context.set_offline(True)
    await page.context.set_offline(False)
    await expect(form.get_by_role("checkbox", name="IMG_0021.jpg")).to_be_checked()
    assert await unused(street) == 1

    # An answer that is lost: what is sent again is the same file, not another.
    async def lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/orders/*/files", lost)
    await form.get_by_label("Photos, films or PDF").set_input_files([CRACK])
    await expect(form.locator("li").get_by_text("The connection broke")).to_be_visible()
    assert await unused(street) == 2
    await page.unroute("**/orders/*/files")
    await form.get_by_role("button", name="Try again: crack.jpg").click()
    await expect(form.get_by_role("checkbox")).to_have_count(2)
    assert await unused(street) == 2
    await form.get_by_role("button", name="Add evidence").click()
    await expect(page.get_by_text("Your evidence has been added.")).to_be_visible()
    assert len([item for item in (await case_of(street)).evidence if item.file]) == 2


async def test_files_are_dropped_and_the_form_waits_for_them(chromium: Browser, street: Street) -> None:
    await prepared(street)
    async with visiting(chromium, street, NORA, script=True) as page:
        await page.goto(CASE)
        await page.locator("summary", has_text="Add evidence").click()
        form = page.locator("form[action$='/add_evidence']")
        data = await page.evaluate_handle(
            "bytes => { const all = new DataTransfer();"
            " all.items.add(new File([new Uint8Array(bytes)], 'dropped.jpg', {type: 'image/jpeg'}));"
            " return all }",
            list(phone_photo(8)),
        )
        # News of the case before anything is chosen leaves the field as it is.
        await page.locator("#live").dispatch_event("changed")
        await expect(form.get_by_text("Or drop files here.")).to_be_visible()
        await form.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": data})
        # News of the case take neither the file nor the press of the button away.
        await page.locator("#live").dispatch_event("changed")
        await expect(page.locator("#live-notice")).to_be_visible()
        await form.get_by_role("button", name="Add evidence").click()
        await expect(page.get_by_text("Your evidence has been added.")).to_be_visible()
        await expect(page.get_by_text("dropped.jpg").first).to_be_visible()
