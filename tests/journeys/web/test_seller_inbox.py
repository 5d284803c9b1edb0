"""A seller's morning, by clicking in a real browser, with scripts and without: answer, bulk, inspect."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases.commands import (
    AcceptOffer,
    GiveInstructions,
    OpenClaim,
    RecordReturnScan,
    ShipReturn,
)
from amends.domain.cases.model import Goods, Outcome, RefundStage, Remedy, State
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role
from tests.interfaces.web.town import CARRIER, LUMEN, NORA, Town
from tests.journeys.web.buyers import become
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser

BACK = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)


@pytest.fixture(params=[False, True], ids=["no script", "scripts"])
async def page(request: pytest.FixtureRequest, chromium: Browser, street: Street) -> AsyncIterator[Page]:
    context = await chromium.new_context(java_script_enabled=request.param, base_url=street.url)
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


async def _lumen(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Lumen & Clay").click()
    await expect(page.get_by_role("banner")).to_contain_text("Lumen & Clay")


async def _claims(town: Town, count: int) -> list[str]:
    order_ids = [f"10-{number}" for number in range(1, count + 1)]
    for order_id in order_ids:
        await town.place(order_id)
        await town.ship(order_id)
    await town.wait(days=3)
    for order_id in order_ids:
        await town.scan(order_id, Signal.DELIVERED)
        claim = OpenClaim(
            reason="quality.defective", units=(Unit("l1", 0),), wanted=BACK, story="It flickers."
        )
        await town.do(claim, NORA, order_id)
    return [f"{order_id}.1" for order_id in order_ids]


@pytest.mark.row("P9")
async def test_one_answer_to_several_cases(page: Page, street: Street) -> None:
    ids = await _claims(street.town, 3)
    await _lumen(page)
    await page.goto("/inbox")
    await expect(page.get_by_role("link", name="To answer (3)")).to_be_visible()
    for case_id in ids[:2]:
        await page.get_by_label(f"Choose case {case_id}").check()
    await page.get_by_label("Answer", exact=True).select_option("offer")
    await page.get_by_label("Share, per cent").fill("20")
    await page.get_by_role("button", name="Look at it first").click()
    await expect(page.get_by_role("heading", name="2 cases will be answered")).to_be_visible()
    await expect(page.get_by_text("All together costs you €28.32 now.")).to_be_visible()
    await page.get_by_role("button", name="Answer these 2 cases").click()
    await expect(page.get_by_role("status")).to_contain_text("2 cases answered")
    await page.get_by_role("link", name="Back to the inbox").click()
    await expect(page.get_by_role("link", name="To answer (1)")).to_be_visible()
    states = [(await street.town.case(case_id)).state for case_id in ids]
    assert states == [State.AWAITING_BUYER, State.AWAITING_BUYER, State.AWAITING_SELLER]


@pytest.mark.row("D3")
async def test_a_counter_offer_shows_its_cost_first(page: Page, street: Street) -> None:
    (case_id,) = await _claims(street.town, 1)
    await _lumen(page)
    await page.goto("/inbox")
    await page.get_by_role("link", name="Ceramic table lamp").first.click()
    await page.locator("summary", has_text="Make a counter-offer").click()
    form = page.locator("#do-make_offer")
    await form.get_by_label("Refund, the item is kept").check()
    await form.get_by_label("Amount of the refund").fill("30")
    await form.get_by_role("button", name="See what it costs").click()
    await expect(page.get_by_role("heading", name="What this offer costs you")).to_be_visible()
    await expect(page.get_by_text("nothing, the buyer keeps it")).to_be_visible()
    await page.get_by_label("Or a share of it, per cent").fill("50")
    await page.get_by_role("button", name="See what it costs").click()
    await expect(page.locator("dl").first).to_contain_text("€35.40")
    await page.get_by_role("button", name="Send the offer").click()
    await expect(page.get_by_role("status").first).to_contain_text("Your offer has been made.")
    assert (await street.town.case(case_id)).offers[-1].remedy.amount == 3540


@pytest.mark.row("G1", "G2")
async def test_a_return_is_rejected_on_an_allowed_ground(page: Page, street: Street) -> None:
    (case_id,) = await _claims(street.town, 1)
    town = street.town
    await town.do(AcceptOffer(), LUMEN, "10-1", case_id)
    await town.do(GiveInstructions(address="Rua das Flores 9, Lisbon"), LUMEN, "10-1", case_id)
    sent = ShipReturn(carrier="Swift Post", tracking_number="RR123456785PT")
    await town.do(sent, NORA, "10-1", case_id)
    scan = RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
    await town.do(scan, CARRIER, "10-1", case_id)
    await _lumen(page)
    await page.goto("/inbox?show=inspect")
    await page.get_by_role("link", name="Ceramic table lamp").first.click()
    await page.locator("summary", has_text="Record what came back").click()
    await page.get_by_label("How did it arrive?").select_option("damaged")
    await page.get_by_label("No, reject").check()
    grounds = page.get_by_label("on which ground?")
    await expect(grounds.locator("option")).to_have_count(4)
    await grounds.select_option("not_original_condition")
    await page.get_by_label("What you saw").fill("The shade is torn.")
    await page.get_by_role("button", name="Record the inspection").click()
    await expect(page.locator("#flash")).to_contain_text("Your inspection has been recorded.")
    case = await town.case(case_id)
    assert (case.state, case.inspections[0].ground) == (State.REJECTED, "not_original_condition")

    # The buyer does not agree: a mediator sees what both saw.
    await page.goto("about:blank")  # what listens to news of the case ends first
    await become(page, "Nora Lindqvist")
    await page.goto(f"/cases/{case_id}")
    await expect(page.get_by_role("main")).to_contain_text("The shade is torn.")
    contest = page.locator("#do-contest_rejection")
    if not await contest.get_by_label("Why is the rejection wrong?").is_visible():
        await contest.locator("summary").first.click()
    await contest.get_by_label("Why is the rejection wrong?").fill("It was whole when I sent it.")
    await contest.get_by_label("What it shows").fill("The shade before packing")
    await contest.get_by_role("button").last.click()
    await expect(page.locator("#flash")).to_contain_text("A mediator will decide about the rejection.")
    case = await town.case(case_id)
    assert (case.state, case.contested) == (State.MEDIATING, True)
    await page.goto("about:blank")  # what listens to news of the case ends first
    await become(page, "Ines Duarte")
    await page.goto(f"/cases/{case_id}")
    sides = page.get_by_role("region", name="Both sides")
    for said in ("The shade is torn.", "It was whole when I sent it.", "The shade before packing"):
        await expect(sides).to_contain_text(said)


@pytest.mark.row("G1", "G3")
async def test_what_came_back_is_accepted_for_several_at_once(page: Page, street: Street) -> None:
    ids = await _claims(street.town, 2)
    town = street.town
    for case_id in ids:
        order_id = case_id.removesuffix(".1")
        await town.do(AcceptOffer(), LUMEN, order_id, case_id)
        await town.do(GiveInstructions(address="Rua das Flores 9, Lisbon"), LUMEN, order_id, case_id)
        number = ("RR123456785PT", "RR987654326PT")[ids.index(case_id)]
        await town.do(ShipReturn(carrier="Swift Post", tracking_number=number), NORA, order_id, case_id)
        scan = RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
        await town.do(scan, CARRIER, order_id, case_id)
    await _lumen(page)
    await page.goto("/inbox?show=inspect")
    for case_id in ids:
        await page.get_by_label(f"Choose case {case_id}").check()
    await page.get_by_label("Answer", exact=True).select_option("accept_return")
    await page.get_by_role("button", name="Look at it first").click()
    await page.get_by_role("button", name="Answer these 2 cases").click()
    await expect(page.get_by_role("status")).to_contain_text("2 cases answered")
    # Accepted on a Saturday, and on its way before the week has begun.
    await town.wait(days=1)
    stages = {refund.stage for case_id in ids for refund in (await town.case(case_id)).refunds}
    assert stages <= {RefundStage.INITIATED, RefundStage.CONFIRMED}
    assert stages
    await become(page, "Nora Lindqvist")
    await page.goto(f"/cases/{ids[0]}")
    await expect(page.get_by_role("region", name="Where the money is")).to_contain_text("€70.80 to card")
    await town.wait(days=6)
    assert {(await town.case(case_id)).outcome for case_id in ids} == {Outcome.REFUNDED}


@pytest.mark.row("A4")
async def test_a_policy_is_written_tried_and_published(page: Page, street: Street) -> None:
    await _lumen(page)
    await page.goto("/policy")
    await page.get_by_label("Days to ask for a return or refund").fill("10")
    await page.get_by_role("button", name="Publish this policy").click()
    await expect(page.get_by_role("alert")).to_contain_text("clause return.window.default")
    await page.get_by_label("Days to ask for a return or refund").fill("30")
    await page.get_by_role("button", name="Show the terms").click()
    await expect(page.get_by_role("heading", name="What this product would be sold under")).to_be_visible()
    await page.get_by_role("button", name="Publish this policy").click()
    await expect(page.get_by_role("status")).to_contain_text("Your policy is published.")
    await page.get_by_role("link", name="What buyers see").click()
    await expect(page.get_by_text("This seller gives 30 days after receipt")).to_be_visible()
