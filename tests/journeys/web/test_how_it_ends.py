"""How things end by silence, by a word or by taking it back, in a real browser, with scripts and without."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases.commands import OpenClaim
from amends.domain.cases.model import Goods, Outcome, Remedy, State
from amends.domain.custody.model import Stage
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role
from tests.interfaces.web.house import QUICK
from tests.interfaces.web.town import NORA, Town
from tests.journeys.web.buyers import SCRIPTS, become, press, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser

MAIL, PASSWORD = "nora@mail.example", "a lantern on the sill"
WANTED = Remedy(amount=3000, goods=Goods.KEEP)


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        yield page


async def _asked(town: Town, *order_ids: str) -> None:
    for order_id in order_ids:
        await town.place(order_id)
        await town.ship(order_id)
    await town.wait(days=3)
    claim = OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=WANTED, story="It flickers.")
    for order_id in order_ids:
        await town.scan(order_id, Signal.DELIVERED)
        await town.do(claim, NORA, order_id)


@pytest.mark.row("A1", "E2", "E3", "E7")
async def test_silence_grants_a_request_and_the_buyer_escalates_or_takes_one_back(
    page: Page, street: Street
) -> None:
    town = street.town
    await town.accounts.roster.add(
        Role.BUYER, party_id="nora", email=MAIL, name="Nora", password=await QUICK.hashed(PASSWORD)
    )
    await _asked(town, "10-1", "10-2", "10-3")
    # With a password; a wrong one is refused in words that tell nobody which part was wrong.
    await page.goto("/cases/10-1.1")
    for typed in ("not that one", PASSWORD):
        await page.get_by_label("Mail address").fill(MAIL)
        await page.get_by_label("Password", exact=True).fill(typed)
        await press(page, "Sign in")
        if typed != PASSWORD:
            await expect(page.get_by_role("alert")).to_be_visible()
    # Whose turn, until when both ways, what happens otherwise, where the money is, by which rule.
    await expect(page).to_have_url(re.compile("/cases/10-1.1$"))
    turn = page.locator("main section").filter(has=page.get_by_role("heading", level=2)).first
    await expect(turn).to_contain_text(re.compile(r"The seller has until \w+, \d+ \w+ 2026"))
    await expect(turn).to_contain_text("5 days left")
    await expect(turn).to_contain_text("you automatically get: refund of €30.00, the item is kept.")
    await expect(turn.get_by_role("link", name="Which rule says so?")).to_be_visible()
    money = page.locator("section").filter(has=page.get_by_role("heading", name="Where the money is"))
    await expect(money).to_contain_text("Held safely for this order")
    await expect(page.get_by_role("heading", name="Why this deadline?")).to_be_visible()

    await page.goto("/cases/10-2.1")
    await page.locator("summary", has_text="Withdraw this case").click()
    await page.get_by_label("Yes").check()
    await press(page, "Withdraw this case")
    await expect(page.locator("#flash")).to_contain_text("The case has been withdrawn.")
    assert (await town.case("10-2.1")).outcome is Outcome.WITHDRAWN

    await page.goto("/cases/10-3.1")
    await page.locator("summary", has_text="Ask a mediator to decide").click()
    await press(page, "Ask a mediator to decide")
    await expect(page.locator("#flash")).to_contain_text("A mediator will decide.")
    assert (await town.case("10-3.1")).state is State.MEDIATING

    await town.wait(days=6)
    await page.goto("/cases/10-1.1")
    await expect(page.get_by_role("heading", level=2).first).not_to_contain_text("The seller has until")
    assert (await town.case("10-1.1")).settlement is not None


def _cents(text: str) -> int:
    number = re.sub(r"[^\d.]", "", text)
    return round(float(number) * 100) * (-1 if "-" in text or "−" in text else 1)


@pytest.mark.row("B3", "H4")
async def test_what_a_seller_cancels_or_never_ships_is_refunded_in_full(page: Page, street: Street) -> None:
    town = street.town
    for order_id in ("10-1", "10-2"):
        await town.place(order_id)
    await become(page, "Lumen & Clay")
    await page.goto("/orders/10-1")
    await page.locator("summary", has_text="Cancel what is not shipped").click()
    await page.get_by_label("Yes, cancel and refund").check()
    await press(page, "Cancel and refund")
    await expect(page.locator("#flash")).to_contain_text("The order has been cancelled")
    assert town.store.custodies["10-1"].stage is Stage.CANCELLED

    await become(page, "Nora Lindqvist")
    await page.goto("/orders/10-2")
    await expect(page.locator("main")).to_contain_text("If it is not shipped by then, it is cancelled")
    await town.wait(days=8)
    for order_id in ("10-1", "10-2"):
        await page.goto(f"/orders/{order_id}")
        await expect(page.locator("main")).to_contain_text("Cancelled")
        await page.goto(f"/cases/{order_id}.1")
        await expect(page.locator("main")).to_contain_text("€70.80")
        # Each part of the sum and who pays it: they add up to the refund.
        await page.locator("summary", has_text="How the refund is made up").click()
        sheet = page.locator("details", has_text="How the refund is made up").locator("dd")
        *parts, total = [_cents(text) for text in await sheet.all_inner_texts()]
        assert len(parts) >= 2
        assert sum(parts) == total == 7080
