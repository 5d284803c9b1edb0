"""Sending it back in a real browser: address, carriers, label, the way of the parcel, what a trace shows."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Inspection, Reception, Remedy
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role
from tests.adapters.files.pictures import encoded, label
from tests.interfaces.web.town import CARRIER, LUMEN, NORA, YUKI, Town
from tests.journeys.web.conftest import Street, signed_in

pytestmark = pytest.mark.browser

UNIT = Unit("l1", 0)
ADDRESS = "Lumen & Clay, Rua das Flores 3, 4050-262 Porto, PT"
RECEIPT = {"name": "receipt.jpg", "mimeType": "image/jpeg", "buffer": encoded(label(7), quality=85)}
PICTURES = os.environ.get("AMENDS_PICTURES", "")


async def agreed(town: Town, order_id: str, remedy: Remedy, label: str = "platform") -> str:
    """A return, or an exchange, that both sides agreed to; the case's id."""
    await town.place(order_id)
    await town.deliver(order_id)
    case_id = f"{order_id}.1"
    claim = c.OpenClaim(
        reason="quality.damaged_in_transit", units=(UNIT,), wanted=Remedy(100), story="Cracked."
    )
    await town.do(claim, NORA, order_id)
    await town.do(c.MakeOffer(remedy=remedy), LUMEN, order_id, case_id)
    await town.do(c.AcceptOffer(), NORA, order_id, case_id)
    if remedy.goods is Goods.RETURN:
        await town.do(c.GiveInstructions(address=ADDRESS, label=label), LUMEN, order_id, case_id)
    return case_id


async def picture(page: Page, name: str) -> None:
    """Keep what is seen, where somebody asked for pictures."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side."""
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    return bool(await page.evaluate(width))


@pytest.mark.row("F1", "F3", "F4")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
async def test_the_buyer_compares_carriers_and_gets_a_label(
    chromium: Browser, street: Street, width: int, scheme: str
) -> None:
    remedy = Remedy(7080, Goods.RETURN, freight_payer=Role.SELLER)
    case_id = await agreed(street.town, "10-501", remedy)
    page = await signed_in(
        chromium,
        street,
        NORA,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        base_url=street.url,
    )
    await page.goto(f"/cases/{case_id}")
    await page.get_by_role("link", name="Address, carriers and label").click()
    main = page.get_by_role("main")
    await expect(main).to_contain_text("RMA-10-501.1")
    await expect(main).to_contain_text("Fragile parts wrapped one by one")
    await expect(main).to_contain_text("Recommended")
    await expect(main).to_contain_text("not tracked")
    assert await fits(page)
    await picture(page, f"return-{width}-{scheme}")
    await page.get_by_role("button", name=re.compile("Get this label.*DHL, parcel")).click()
    await expect(page.get_by_role("heading", name="Your label is ready")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Label 4 × 6 inches (PDF)").click()
    found = await (await download.value).path()
    assert Path(found).read_bytes().startswith(b"%PDF")
    assert await fits(page)
    await picture(page, f"label-{width}-{scheme}")
    case = await street.town.case(case_id)
    assert case.label is not None
    assert case.label.carrier == "dhl"
    # Without a printer: the code on the screen, for the scanner at the counter.
    square = page.get_by_role("img", name=f"QR code of the drop-off code {case.label.code}")
    await square.scroll_into_view_if_needed()
    assert await square.evaluate("async one => { await one.decode(); return one.naturalWidth }") > 100
    drawn = await page.request.get(f"/cases/{case_id}/return/code.svg")
    assert await drawn.body() == street.town.shipping.papers.code(case.label.code)


@pytest.mark.row("F6")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
async def test_the_way_back_is_shown_to_both(
    chromium: Browser, street: Street, width: int, scheme: str
) -> None:
    town = street.town
    case_id = await agreed(town, "10-502", Remedy(7080, Goods.RETURN, freight_payer=Role.SELLER), "buyer")
    sent = c.ShipReturn(carrier="dhl", tracking_number="RR123456785DE", receipt="17", freight=690)
    await town.do(sent, NORA, "10-502", case_id)
    for days, signal in ((1, Signal.IN_TRANSIT), (2, Signal.CUSTOMS)):
        await town.wait(days=days)
        scan = c.RecordReturnScan(signal=signal, scanned_at=town.clock.now(), note="PT")
        await town.do(scan, CARRIER, "10-502", case_id)
    for person in (NORA, LUMEN):
        page = await signed_in(
            chromium,
            street,
            person,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            base_url=street.url,
        )
        await page.goto(f"/cases/{case_id}")
        strip = page.locator("figure.route")
        await expect(strip).to_contain_text("RR123456785DE")
        await expect(strip.locator("li")).to_have_count(4)
        assert await fits(page)
        await picture(page, f"way-{person.id}-{width}-{scheme}")


@pytest.mark.row("F2", "F6", "F9", "P8", "G1")
async def test_two_parcels_of_one_return_are_told_apart_and_inspected_piece_by_piece(
    chromium: Browser, street: Street
) -> None:
    town = street.town
    await town.place("10-507", quantity=2)
    await town.deliver("10-507")
    wanted = Remedy(14160, Goods.RETURN, freight_payer=Role.SELLER)
    both = (UNIT, Unit("l1", 1))
    claim = c.OpenClaim(reason="quality.damaged_in_transit", units=both, wanted=wanted, story="Cracked.")
    await town.do(claim, NORA, "10-507")
    await town.do(c.AcceptOffer(), LUMEN, "10-507", "10-507.1")
    await town.do(c.GiveInstructions(address=ADDRESS, label="buyer"), LUMEN, "10-507", "10-507.1")
    look = {"viewport": {"width": 320, "height": 800}, "base_url": street.url}
    page = await signed_in(chromium, street, NORA, color_scheme="dark", **look)
    await page.goto("/cases/10-507.1")
    deed = page.locator("#do-ship_return")
    for pieces, number in (("1", "RR123456785DE"), ("1", "RB473124829DE")):
        if not await deed.get_by_label("Carrier").is_visible():
            await deed.locator("summary").first.click()
        await picture(page, f"parcels-form-{number}")
        if await deed.get_by_label("Ceramic table lamp").count():
            await deed.get_by_label("Ceramic table lamp").fill(pieces)
        await deed.get_by_label("Carrier").fill("dhl")
        await deed.get_by_label("Tracking number").fill(number)
        await deed.get_by_role("button", name="Record the parcel").click()
        await expect(page.get_by_role("status").first).to_be_visible()
    strips = page.locator("figure.route")
    await expect(strips).to_have_count(2)
    await expect(strips.nth(1)).to_contain_text("Parcel 2 of 2")
    await expect(strips.nth(0).get_by_role("link", name="Claim to the carrier")).to_be_visible()
    assert await fits(page)
    await picture(page, "parcels-buyer")
    for number, signal in (("RB473124829DE", Signal.LOST), ("RR123456785DE", Signal.DELIVERED)):
        await town.wait(days=1)
        scan = c.RecordReturnScan(tracking_number=number, signal=signal, scanned_at=town.clock.now())
        await town.do(scan, CARRIER, "10-507", "10-507.1")
    await page.reload()
    await expect(page.get_by_role("main")).to_contain_text("A parcel of the return counts as lost")

    page = await signed_in(chromium, street, LUMEN, color_scheme="light", **look)
    await page.goto("/cases/10-507.1")
    deed = page.locator("#do-inspect_return")
    if not await deed.get_by_label("How did it arrive?").is_visible():
        await deed.locator("summary").first.click()
    # Only the piece that came.
    await expect(deed.get_by_role("group", name=re.compile("piece 1"))).to_be_visible()
    await expect(deed.get_by_role("group", name=re.compile("piece 2"))).to_have_count(0)
    await deed.get_by_label("How did it arrive?").select_option("received")
    await deed.get_by_label("Yes, accept").check()
    await picture(page, "parcels-inspection")
    await deed.get_by_role("button", name="Record the inspection").click()
    case = await town.case("10-507.1")
    assert (case.state, sum(refund.amount for refund in case.refunds)) == ("refund_initiated", 14160)
    # Every cent in one place: the lost piece is the protection's, so its price stays the seller's.
    money = page.get_by_role("region", name="Where the money is")
    for said in ("Paid by buyer protection €70.80", "Refund on its way €141.60", "for this order €70.80"):
        await expect(money).to_contain_text(re.compile(said.replace(" €", r"\s*€")))
    await picture(page, "parcels-settled")


@pytest.mark.row("C4", "F5")
async def test_who_changes_their_mind_reads_the_condition_and_pays_the_way_back(
    chromium: Browser, street: Street
) -> None:
    town = street.town
    await town.place("10-508")
    await town.deliver("10-508")
    look = {"viewport": {"width": 320, "height": 800}, "base_url": street.url}
    page = await signed_in(chromium, street, NORA, **look)
    await page.goto("/orders/10-508/claim?reason=no_reason.changed_mind")
    back = page.locator(".pick", has=page.get_by_label("Send it back for a refund"))
    await expect(back).to_contain_text("paid by you")
    await expect(back).to_contain_text("unused, unworn, unwashed, undamaged, complete and with their tags")
    await expect(back).to_contain_text("packaging alone never decides")
    assert await fits(page)
    await picture(page, "condition")
    await page.get_by_label("Send it back for a refund").check()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("What happened?").fill("It does not go with the room.")
    await page.get_by_role("button", name="Check your answers").last.click()
    await page.get_by_role("button", name="Send the request").click()
    await expect(page.get_by_role("status").first).to_contain_text("sent to the seller")
    await town.do(c.AcceptOffer(), LUMEN, "10-508", "10-508.1")
    await town.do(c.GiveInstructions(address=ADDRESS, label="buyer"), LUMEN, "10-508", "10-508.1")
    await page.goto("/cases/10-508.1/return")
    await expect(page.get_by_role("region", name="Where it goes")).to_contain_text("You pay it.")


@pytest.mark.row("F5", "F7")
async def test_a_proven_return_brings_the_postage_back_on_its_receipt(
    chromium: Browser, street: Street
) -> None:
    town = street.town
    case_id = await agreed(town, "10-509", Remedy(7080, Goods.RETURN, freight_payer=Role.SELLER), "buyer")
    page = await signed_in(
        chromium, street, NORA, viewport={"width": 320, "height": 800}, base_url=street.url
    )
    await page.goto(f"/cases/{case_id}/return")
    await expect(page.get_by_role("main")).to_contain_text("what you lay out comes back to your balance")
    await page.goto(f"/cases/{case_id}")
    deed = page.locator("#do-ship_return")
    if not await deed.get_by_label("Carrier").is_visible():
        await deed.locator("summary").first.click()
    await deed.get_by_label("Carrier").fill("dhl")
    await deed.get_by_label("Tracking number").fill("RR123456785DE")
    await deed.get_by_label("Postage you paid").fill("6.90")
    await deed.get_by_label("Number or link of the receipt").fill("17")
    await deed.get_by_label("Receipt of the parcel or its label").set_input_files([RECEIPT])
    # Nobody could read it: that is said before it is sent, when a better one can still be taken.
    await expect(deed).to_contain_text("The picture is blurred")
    await deed.get_by_role("button", name="Record the parcel").click()
    await expect(page.get_by_text("with the return parcel")).to_be_visible()
    await expect(page.get_by_role("list", name="Evidence that is needed")).to_contain_text("Proof of return")
    await picture(page, "proof")
    scan = c.RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
    await town.do(scan, CARRIER, "10-509", case_id)
    fine = c.InspectReturn(inspections=(Inspection(UNIT, Reception.RECEIVED, accepted=True),))
    await town.do(fine, LUMEN, "10-509", case_id)
    await page.reload()
    await expect(page.get_by_role("main")).to_contain_text("€6.90")
    assert (await town.case(case_id)).freight_repaid == 690


@pytest.mark.row("E8")
async def test_a_trace_that_is_wrong_is_explained_to_both_sides(chromium: Browser, street: Street) -> None:
    town = street.town
    for order_id in ("10-503", "10-504"):
        await town.place(order_id, buyer=NORA if order_id == "10-503" else YUKI)
        await town.ship(order_id)
    await town.wait(days=58)
    claim = c.OpenClaim(
        reason="not_received.overdue", units=(UNIT,), wanted=Remedy(7080), story="Nothing came."
    )
    await town.do(claim, NORA, "10-503")
    page = await signed_in(
        chromium, street, NORA, viewport={"width": 1280, "height": 800}, base_url=street.url
    )
    await page.goto("/cases/10-503.1")
    main = page.get_by_role("main")
    await expect(main).to_contain_text("Presumed not received, until delivery is proven")
    await expect(main).to_contain_text("Other buyers’ orders have the same number.")
    await expect(main).to_contain_text("This is no number of any carrier we know.")
    await expect(main).to_contain_text("tracking.presumption.default")
    await picture(page, "trace")


@pytest.mark.row("I1")
async def test_a_dearer_replacement_is_paid_for_on_the_page(chromium: Browser, street: Street) -> None:
    remedy = Remedy(7080, Goods.KEEP, "Large", Role.SELLER, 900)
    case_id = await agreed(street.town, "10-505", remedy)
    page = await signed_in(
        chromium,
        street,
        NORA,
        viewport={"width": 1280, "height": 800},
        java_script_enabled=False,
        base_url=street.url,
    )
    await page.goto(f"/cases/{case_id}")
    await picture(page, "exchange")
    await page.get_by_role("button", name="Pay €9.00 with play money").click()
    await expect(page.get_by_role("status").first).to_contain_text("The payment has been recorded.")
    case = await street.town.case(case_id)
    assert (case.state, case.paid_in) == ("awaiting_replacement", 900)
