"""A season in a real browser, without scripts: written, approved by a second person, shown to buyers."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from amends.domain.parties import Actor, Role
from amends.interfaces.web.sessions import COOKIE
from tests.interfaces.web.town import START
from tests.journeys.web.buyers import become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser
OLGA = Actor(Role.OPERATOR, "olga")


@pytest.mark.row("C3", "P2")
async def test_a_season_is_written_approved_published_and_shown_to_buyers(
    chromium: Browser, street: Street
) -> None:
    async with visiting(chromium, street, scripts=False) as page:
        await become(page, "Kaya Berg")
        await page.goto("/seasons")
        await page.get_by_label("Name", exact=True).fill("Winter holidays")
        await page.get_by_label("Bought from").fill("2026-11-20")
        await page.get_by_label("Bought up to and with").fill("2026-12-31")
        await page.get_by_label("May come back until").fill("2027-01-31")
        await press(page, "Write a draft")
        here = page.url.partition("?")[0]
        await page.goto(f"{here}/clauses/season.winter-holidays")
        await page.get_by_label("Value of rule 1").fill("the end of January")
        await press(page, "Save the clause")
        await expect(page.get_by_label("Value of rule 1")).to_have_attribute("aria-invalid", "true")
        await page.get_by_label("Value of rule 1").fill("2027-02-07")
        await press(page, "Save the clause")
        await page.get_by_label("Why").first.fill("Presents are opened late.")
        await press(page, "Send it for review")
        await expect(page.get_by_text("somebody else has to approve it")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve it")).to_have_count(0)

        await page.context.clear_cookies()
        token = await street.town.token_of(OLGA)
        await page.context.add_cookies([{"name": COOKIE, "value": token, "url": street.url}])
        await page.goto(here)
        await press(page, "Approve it")
        await page.get_by_label("Day").fill((START + timedelta(days=1)).date().isoformat())
        await press(page, "Publish it")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Scheduled")

        await street.town.place("10-1")
        await street.town.wait(days=3)
        await street.town.place("10-2")
        await become(page, "Nora Lindqvist")
        for order_id, seen in (("10-1", 0), ("10-2", 1)):
            await street.town.deliver(order_id)
            await page.goto(f"/orders/{order_id}/lines/l1/why")
            rule = page.get_by_role("region", name="More time to return, until")
            await expect(rule).to_have_count(seen)
        await expect(rule).to_contain_text("7 Feb 2027")
        await expect(rule).to_contain_text("Winter holidays: what is bought from 2026-11-20")
