"""The board of returns with its table, and the page of refunds: stages, arrival, and help when it is late."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from amends.adapters.payments.sandbox import Faults
from amends.application.ports import PaymentAnswer, ProviderSilent
from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, RefundStage, Remedy, State
from amends.domain.orders import Method, Unit
from amends.domain.parties import Role
from tests.interfaces.web.baskets import LAMP, MUGS, basket
from tests.interfaces.web.town import LUMEN, NORA, Town
from tests.journeys.web.buyers import SCRIPTS, become, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.fixture(params=SCRIPTS)
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    async with visiting(chromium, street, scripts=SCRIPTS[request.param]) as page:
        yield page


async def _returning(town: Town, order_id: str, title: str) -> None:
    """A return that is agreed and whose address is known."""
    await basket(town, order_id, (replace(LAMP, title=title),))
    await town.deliver(order_id)
    wanted = Remedy(7080, Goods.RETURN, freight_payer=Role.SELLER)
    claim = c.OpenClaim(
        reason="quality.damaged_in_transit", units=(Unit("lamp", 0),), wanted=wanted, story="It is cracked."
    )
    await town.do(claim, NORA, order_id)
    await town.do(c.AcceptOffer(), LUMEN, order_id, f"{order_id}.1")
    given = c.GiveInstructions(address="Rua das Flores 9", label="seller")
    await town.do(given, LUMEN, order_id, f"{order_id}.1")


@pytest.mark.row("K3", "F9")
async def test_all_returns_are_on_one_board_and_in_one_table(page: Page, street: Street) -> None:
    await _returning(street.town, "10-1", "Ceramic table lamp “Dune”")
    await _returning(street.town, "10-2", '=HYPERLINK("http://evil.example")')
    shipped = c.ShipReturn(carrier="Swift Post", tracking_number="RR123456785PT")
    await street.town.do(shipped, NORA, "10-2", "10-2.1")
    await basket(street.town, "10-3", (MUGS,))
    await street.town.deliver("10-3")
    kept = c.OpenClaim(
        reason="quality.leaking", units=(Unit("mugs", 0),), wanted=Remedy(900), story="It drips."
    )
    await street.town.do(kept, NORA, "10-3")

    await become(page, "Nora Lindqvist")
    await page.get_by_role("navigation", name="Main").first.get_by_role("link", name="Returns").click()
    cards = page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading", level=2))
    await expect(cards).to_have_count(2)
    # What waits for the buyer is on top, with what to do and until when.
    await expect(cards.first).to_contain_text("Ceramic table lamp “Dune”")
    await expect(cards.first).to_contain_text("left")
    await expect(cards.nth(1)).to_contain_text("RR123456785PT")

    link = page.get_by_role("link", name="Save as a table (CSV)")
    answer = await page.request.get(street.url + str(await link.get_attribute("href")))
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO((await answer.body()).decode("utf-8-sig"))))
    by_case = {row["Case"]: row for row in rows}
    assert set(by_case) == {"10-1.1", "10-2.1"}
    assert by_case["10-2.1"]["Item"].startswith("'=HYPERLINK(")
    assert by_case["10-2.1"]["Tracking number"] == "RR123456785PT"
    assert (by_case["10-1.1"]["Amount"], by_case["10-1.1"]["Currency"]) == ("70.80", "EUR")


async def _silent(key: str) -> PaymentAnswer:
    raise ProviderSilent(key)


async def _agreed(town: Town, order_id: str) -> None:
    """A partial refund both sides agreed on, to a wallet."""
    await basket(town, order_id, (LAMP,), method=Method.WALLET)
    await town.deliver(order_id)
    claim = c.OpenClaim(
        reason="quality.defective", units=(Unit("lamp", 0),), wanted=Remedy(2500), story="It flickers."
    )
    await town.do(claim, NORA, order_id)
    await town.do(c.AcceptOffer(), LUMEN, order_id, f"{order_id}.1")


@pytest.mark.row("H2", "H3")
async def test_a_refund_shows_its_stages_its_arrival_and_help_when_it_is_overdue(
    page: Page, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = street.town
    # The provider takes six days, and does not answer when it is asked to stop.
    monkeypatch.setattr(town.provider, "_faults", Faults(late_for=timedelta(days=6)))
    monkeypatch.setattr(town.provider, "recall", _silent)
    await _agreed(town, "10-1-late")
    await town.wait(minutes=5)
    await become(page, "Nora Lindqvist")
    await page.get_by_role("navigation", name="Main").first.get_by_role("link", name="Refunds").click()
    card = page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading", level=2))
    stages = card.get_by_role("list", name="Where it stands")
    await expect(card).to_contain_text("€25.00")
    await expect(card).to_contain_text("to your wallet")
    await expect(stages.get_by_role("listitem").filter(has_text="Approved").locator("time")).to_be_visible()

    while (await town.case("10-1-late.1")).state is State.REFUND_APPROVED:
        await town.wait(days=1)
    refund = (await town.case("10-1-late.1")).refunds[0]
    assert refund.eta_by is not None
    await page.reload()
    await expect(stages.locator("[aria-current=step]")).to_contain_text("On its way")
    await expect(card).to_contain_text("Expected:")

    await town.advance(refund.eta_by)
    await page.reload()
    await expect(card).to_contain_text("Overdue")
    await expect(card).to_contain_text("It should have been there by")
    await card.get_by_role("link", name="Get help with this refund").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("It has a defect")


@pytest.mark.row("H2")
async def test_a_refund_the_bank_has_confirmed_says_when(page: Page, street: Street) -> None:
    await _agreed(street.town, "10-1")
    await street.town.wait(days=7)
    assert (await street.town.case("10-1.1")).refunds[0].stage is RefundStage.CONFIRMED
    await become(page, "Nora Lindqvist")
    await page.goto("/my-refunds?show=done")
    stages = page.get_by_role("main").get_by_role("list", name="Where it stands")
    booked = stages.get_by_role("listitem").filter(has_text="Confirmed by the bank")
    await expect(booked.locator("time")).to_be_visible()
