"""Every page in every kind of state: no violations, no sideways scrolling, nothing from elsewhere."""

import gzip
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Request

from amends.domain.parties import Actor
from amends.interfaces.web import sessions
from amends.interfaces.web.rendering import STATIC
from tests.interfaces.web.gallery import SCENES, hang
from tests.interfaces.web.town import INES, KAYA, LUMEN, NORA, YUKI
from tests.journeys.web.conftest import Street, open_street

pytestmark = pytest.mark.browser

CLAIM = "/orders/10-claim/lines/l1/claim"
PAGES: dict[str, tuple[Actor | None, str]] = {
    "sign-in": (None, "/"),
    "orders": (NORA, "/orders"),
    "order": (NORA, "/orders/10-103"),
    "order in yen": (YUKI, "/orders/20-1"),
    "order of a seller": (LUMEN, "/orders/10-new"),
    "cancellation": (NORA, "/orders/10-new/cancellation"),
    "cancellation closed": (NORA, "/orders/10-103/cancellation"),
    "claim: reason": (NORA, CLAIM),
    "claim: reason missing": (NORA, f"{CLAIM}?asked=reason"),
    "claim: remedies": (NORA, f"{CLAIM}?reason=quality.defective"),
    "claim: none open": (NORA, f"{CLAIM}?reason=late.after_promise"),
    "claim: details": (NORA, f"{CLAIM}?reason=quality.defective&remedy=partial"),
    "cases of a buyer": (NORA, "/cases"),
    "cases of a seller": (LUMEN, "/cases"),
    "queue": (INES, "/cases"),
    "closed cases": (NORA, "/cases?show=closed"),
    "clock": (KAYA, "/clock"),
    "not found": (NORA, "/nowhere"),
    **{
        f"case {scene.__name__} for {actor.id}": (actor, f"/cases/10-{number}.1")
        for number, scene in enumerate(SCENES, 101)
        for actor in (NORA, LUMEN)
        if (scene.__name__, actor) != ("draft", LUMEN)
    },
    "case mediated for kaya": (KAYA, "/cases/10-104.1"),
    "case stuck for kaya": (KAYA, "/cases/10-112.1"),
    "case withdrawn for kaya": (KAYA, "/cases/10-114.1"),
    "case mediated for ines": (INES, "/cases/10-104.1"),
    "case ruled for ines": (INES, "/cases/10-106.1"),
}
MODES: dict[str, tuple[int, Literal["light", "dark"], str]] = {
    "light 1280": (1280, "light", "ltr"),
    "dark 320": (320, "dark", "ltr"),
    "light 320 right to left": (320, "light", "rtl"),
    "dark 1280 right to left": (1280, "dark", "rtl"),
}


@pytest.fixture(scope="module")
async def gallery() -> AsyncIterator[Street]:
    async with open_street() as opened:
        await hang(opened.town)
        yield opened


async def _visit(page: Page, street: Street, actor: Actor | None, path: str) -> None:
    await page.context.clear_cookies()
    if actor is not None:
        value = sessions.issue(actor, street.town.secret)
        await page.context.add_cookies([{"name": sessions.COOKIE, "value": value, "url": street.url}])
    await page.goto(street.url + path)


async def _violations(page: Page) -> list[str]:
    answer: dict[str, Any] = (await Axe().run(page)).response
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("mode", MODES)
async def test_no_page_has_an_axe_violation_or_scrolls_sideways(
    chromium: Browser, gallery: Street, mode: str
) -> None:
    width, scheme, direction = MODES[mode]
    context = await chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = await context.new_page()
    found: list[str] = []
    for name, (actor, path) in PAGES.items():
        await _visit(page, gallery, actor, path)
        await page.evaluate(
            "direction => {document.documentElement.dir = direction;"
            " document.querySelectorAll('details').forEach(each => {each.open = true})}",
            direction,
        )
        found += [f"{name}: {said}" for said in await _violations(page)]
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: {wide} px wide")
    await context.close()
    assert found == []


async def test_forms_sent_back_with_errors_have_no_violations(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context(viewport={"width": 320, "height": 900}, color_scheme="dark")
    page = await context.new_page()
    await _visit(page, gallery, LUMEN, "/cases/10-102.1")
    await page.locator("summary", has_text="Make a counter-offer").click()
    await page.get_by_role("button", name="Send the offer").click()
    assert await page.get_by_role("alert").is_visible()
    assert await _violations(page) == []
    # The summary leads to the field, which lies in a form that stands open.
    href = await page.get_by_role("alert").get_by_role("link").first.get_attribute("href")
    assert await page.locator(str(href)).is_visible()
    await _visit(page, gallery, NORA, f"{CLAIM}?reason=quality.defective&remedy=partial")
    await page.get_by_role("button", name="Check your answers").click()
    assert await page.get_by_role("alert").is_visible()
    assert await _violations(page) == []
    await context.close()


async def test_pages_load_nothing_from_elsewhere_and_no_script(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    asked: list[Request] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # a method of list has no attributes
    page.on("console", lambda message: troubles.append(message.text))
    for actor, path in PAGES.values():
        await _visit(page, gallery, actor, path)
    home = urlsplit(gallery.url).netloc
    assert {urlsplit(request.url).netloc for request in asked} == {home}
    assert {request.resource_type for request in asked} <= {
        "document",
        "stylesheet",
        "font",
        "image",
        "other",
    }
    # What the content security policy blocks is told on the console.
    assert [text for text in troubles if "Content Security Policy" in text] == []
    await context.close()


async def test_a_case_is_readable_in_forced_colours(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await _visit(page, gallery, NORA, "/cases/10-103.1")
    assert await _violations(page) == []
    await context.close()


async def test_colours_follow_the_device_unless_somebody_chose(chromium: Browser, gallery: Street) -> None:
    context = await chromium.new_context(color_scheme="dark", java_script_enabled=True)
    page = await context.new_page()
    ground = "getComputedStyle(document.body).backgroundColor"
    await page.goto(gallery.url)
    dark = await page.evaluate(ground)
    await page.get_by_role("button", name="Light").click()
    light = await page.evaluate(ground)
    assert dark != light
    await page.get_by_role("button", name="As my device").click()
    assert await page.evaluate(ground) == dark
    await context.close()


def test_the_style_sheet_stays_small() -> None:
    assert len(gzip.compress((STATIC / "app.css").read_bytes(), 9)) <= 15 * 1024
