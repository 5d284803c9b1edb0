"""Operators see the whole marketplace: figures with charts and tables, what needs a hand, what happened."""

import csv
import io

import pytest
from tests.interfaces.web import gallery
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import IDRIS, INES, KAYA, LUMEN, NORA, Town

from amends.domain.cases import commands as c
from amends.domain.custody import commands as oc
from amends.domain.parties import Actor

PAGES = ("/overview", "/analytics", "/journal", "/stuck-refunds")


@pytest.fixture
async def busy(town: Town) -> Town:
    """A town with a case in every kind of state."""
    await gallery.hang(town)
    return town


async def test_operators_land_on_the_overview(hand: Hand) -> None:
    await hand.sign_in(KAYA)
    assert hand.at == "/overview"
    assert hand.page.says("Open cases by state and age")


@pytest.mark.parametrize("who", [NORA, LUMEN, INES])
@pytest.mark.parametrize("path", [*PAGES, "/analytics.csv"])
async def test_nobody_else_has_these_pages(hand: Hand, who: Actor, path: str) -> None:
    await hand.sign_in(who)
    await hand.look(path, 404)


@pytest.mark.row("P13")
async def test_the_overview_has_a_table_beside_each_chart(hand: Hand, busy: Town) -> None:
    await hand.sign_in(KAYA)
    drawings = [given for tag, given in hand.page.tags if tag == "svg" and "viewbox" in given]
    tables = [given for tag, given in hand.page.tags if tag == "table"]
    charts = [given for tag, given in hand.page.tags if given.get("class", "").startswith("chart")]
    assert len(charts) >= 3
    assert len(tables) >= len(charts)
    assert len(drawings) >= len(charts)
    assert hand.page.says("Waiting for the seller")
    answer = await hand.client.get("/overview")
    assert 'fill="var(--chart-1)"' in answer.text
    assert "#a0000" not in answer.text
    # Light enough for a phone: charts are drawn with few elements.
    assert len([tag for tag, _ in hand.page.tags]) < 1500
    assert len(answer.content) < 100_000


@pytest.mark.row("P13")
@pytest.mark.parametrize("by", ["reason", "seller", "category", "lane", "outcome"])
async def test_closed_cases_are_told_by_what_is_chosen(hand: Hand, busy: Town, by: str) -> None:
    await hand.sign_in(KAYA)
    await hand.look(f"/analytics?by={by}")
    named = {
        "reason": "It arrived damaged",
        "seller": "Lumen & Clay",
        "category": "home/lighting",
        "lane": "PT → DE",
        "outcome": "Withdrawn",
    }
    assert hand.page.says(named[by])
    answer = await hand.client.get(f"/analytics.csv?by={by}")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head[:3] == [by, "currency", "cases"]
    closed = [
        case for cases in busy.store.cases_by_order.values() for case in cases.values() if case.closed_at
    ]
    assert sum(int(row[2]) for row in rows) == len(closed) > 0


async def test_the_log_tells_who_did_what_and_goes_back_page_by_page(hand: Hand, busy: Town) -> None:
    await hand.sign_in(KAYA)
    seen: list[str] = []
    path = "/journal"
    for _ in range(20):
        await hand.look(path)
        cells = [part for part in hand.page.links if part.startswith(("/cases/", "/orders/"))]
        seen += cells
        older = [link for link in hand.page.links if link.startswith("/journal?until=")]
        if not older:
            break
        path = older[0]
    written = sum(len(links) for links in busy.store.streams.values())
    assert len(seen) == written
    await hand.look("/journal?who=mediator:ines")
    assert hand.page.says("The mediator decided")
    assert not hand.page.says("Order placed")


async def test_refunds_that_failed_are_listed_with_their_cases(hand: Hand, busy: Town) -> None:
    await hand.sign_in(KAYA)
    await hand.look("/stuck-refunds")
    (stuck,) = [link for link in hand.page.links if link.startswith("/cases/10-")]
    assert (await busy.case(stuck.removeprefix("/cases/"))).state.value == "refund_method_needed"
    # Why, when it was tried, what to do, and what happens if nobody does anything.
    assert " to card failed on " in hand.page.words
    assert hand.page.says(": card closed.")
    assert hand.page.says("The buyer was asked where the money should go.")
    assert hand.page.says("balance")


@pytest.mark.row("X7", "X9")
async def test_like_cases_decided_differently_are_shown(hand: Hand, town: Town) -> None:
    for order_id in ("10-1", "10-2"):
        await town.place(order_id)
        await town.deliver(order_id)
        await gallery.mediated(town, order_id)
    for order_id, mediator, amount in (("10-1", INES, "70.80"), ("10-2", IDRIS, "10.00")):
        await hand.sign_in(mediator)
        await hand.look(f"/cases/{order_id}.1")
        await hand.send("/rule", what="return" if amount == "70.80" else "keep", amount=amount)
    await hand.sign_in(KAYA)
    await hand.look("/mediation")
    assert hand.page.says("It arrived damaged")
    assert "/cases/10-1.1" in hand.page.links
    assert "/cases/10-2.1" in hand.page.links
    assert hand.page.says("Ines Duarte")
    assert hand.page.says("As recommended, to the cent 50%")
    assert hand.page.says("For the same side 100%")
    await hand.sign_in(NORA)
    await hand.look("/mediation", 404)


@pytest.mark.row("X7")
async def test_an_appeal_that_changed_the_ruling_is_counted(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await gallery.ruled(town, "10-1")
    proof = gallery.EvidenceItem(NORA.role, "document", "A report", town.clock.now())
    await town.do(c.Appeal(note="Look again.", evidence=(proof,)), NORA, "10-1", "10-1.1")
    await hand.sign_in(IDRIS)
    await hand.look("/cases/10-1.1")
    await hand.send("/rule", what="nothing", amount="")
    await hand.look("/mediation")
    assert hand.page.says("Appeals decided 1")
    assert hand.page.says("Changed on appeal 100%")


@pytest.mark.row("P6")
async def test_goodwill_above_the_limit_needs_somebody_else(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await hand.sign_in(KAYA)
    await hand.look("/orders/10-1")
    await hand.look("/orders/10-1/money")
    await hand.send("/goodwill", 422, amount="12", reason="")
    assert hand.page.says("Say why it is given.")
    await hand.send("/goodwill", amount="12", reason="Our answer came late.")
    assert hand.page.says("Given €12.00")
    await hand.send("/goodwill", amount="40", reason="It was our mistake.")
    assert hand.page.says("Waits for a second person €40.00")
    assert not [form for form in hand.page.forms if form.action.endswith("/agree")]
    scene = await town.reader.scene("10-1")
    assert scene is not None
    assert scene.custody is not None
    (waits,) = [one for one in scene.custody.goodwills if one.state == "proposed"]
    await town.do(
        oc.AnswerGoodwill(goodwill_id=waits.goodwill_id, agreed=True), Actor(KAYA.role, "omar"), "10-1"
    )
    await hand.look("/orders/10-1/money")
    assert hand.page.says("Given €40.00")
    assert hand.page.says("At most €18.80 can still go back to the buyer")


@pytest.mark.row("P5")
async def test_a_dispute_of_the_bank_is_recorded_and_ended(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await hand.sign_in(KAYA)
    await hand.look("/orders/10-1/money")
    await hand.send("/dispute", 422, dispute_id="dp_1", disputed="100")
    assert hand.page.says("Enter at most €70.80.")
    await hand.send("/dispute", dispute_id="dp_1", disputed="70.80", why="fraudulent")
    assert hand.page.says("At most €0.00 can still go back to the buyer")
    await hand.send("/won")
    assert hand.page.says("Won €70.80")
    assert hand.page.says("At most €70.80 can still go back to the buyer")
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/money", 404)
