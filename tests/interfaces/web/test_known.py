"""What is known about a buyer on the pages: told to who decides and to the buyer, contested, reviewed."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import FERN, INES, KAYA, LUMEN, NORA, YUKI, Town

from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Goods, Remedy
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Actor, Role

pytestmark = pytest.mark.row("P10")


async def stands_out(town: Town, buyer: Actor = NORA, orders: int = 10, returns: int = 5) -> None:
    """Orders, some of which the buyer sends back because they changed their mind."""
    ids = [f"10-s{number}" for number in range(orders)]
    for order_id in ids:
        await town.place(order_id, buyer=buyer)
        await town.ship(order_id)
    await town.wait(days=1)
    for order_id in ids:
        await town.scan(order_id, Signal.DELIVERED)
    for order_id in ids[:returns]:
        claim = c.OpenClaim(
            reason="no_reason.changed_mind", units=(Unit("l1", 0),), wanted=Remedy(5900, Goods.RETURN)
        )
        await town.do(claim, buyer, order_id)
        case_id = f"{order_id}.1"
        await town.do(c.AcceptOffer(), LUMEN, order_id, case_id)
        await town.do(c.GiveInstructions(address="Rua do Forno 3, Lisboa"), LUMEN, order_id, case_id)
        await town.do(
            c.ShipReturn(carrier="Swift Post", tracking_number="SW123456780"), buyer, order_id, case_id
        )


async def mediated(town: Town) -> str:
    """Another claim of the same buyer, before a mediator."""
    photo = EvidenceItem(Role.BUYER, "photo", "A crack", town.clock.now())
    claim = c.OpenClaim(
        reason="quality.defective", units=(Unit("l1", 0),), wanted=Remedy(2000), evidence=(photo,)
    )
    await town.do(claim, NORA, "10-s9")
    await town.do(c.DeclineOffer(note="It was fine."), LUMEN, "10-s9", "10-s9.1")
    await town.do(c.Escalate(), NORA, "10-s9", "10-s9.1")
    return "10-s9.1"


async def test_a_mediator_reads_it_beside_the_case_and_a_seller_nowhere(hand: Hand, town: Town) -> None:
    await stands_out(town)
    case_id = await mediated(town)
    await hand.sign_in(INES)
    await hand.look(f"/cases/{case_id}")
    assert hand.page.says("What stands out about the buyer")
    assert hand.page.says("Goods of 5 out of 10 orders were sent back (50%).")
    assert hand.page.says("The recommendation does not know of it.")
    await hand.look("/buyers/nora")
    assert hand.page.says("It takes at least 5.")
    assert "/cases/10-s0.1" in hand.page.links
    for nobody in (LUMEN, FERN, NORA):
        await hand.sign_in(nobody)
        await hand.look(f"/cases/{case_id}", 404 if nobody == FERN else 200)
        assert not hand.page.says("stands out")
        await hand.look("/buyers/nora", 404)
        await hand.look("/contests", 404)


async def test_the_buyer_reads_contests_and_a_person_removes_it(hand: Hand, town: Town) -> None:
    await stands_out(town)
    await hand.sign_in(NORA)
    await hand.look("/account/known")
    assert hand.page.says("You sent back goods of 5 out of 10 orders (50%).")
    await hand.send("/account/known/serial_returns", 422, reason=" ")
    assert hand.page.says("Say why this is wrong.")
    await hand.send("/account/known/serial_returns", reason="The sizes run small.")
    assert hand.page.says("You contested this")
    await hand.sign_in(KAYA)
    await hand.look("/mediation")
    await hand.look("/contests")
    assert hand.page.says("The sizes run small.")
    form = next(form.action for form in hand.page.forms if form.action.startswith("/contests/"))
    await hand.send(form, 422, note="")
    assert hand.page.says("Choose whether it stays or is removed.")
    await hand.send(form, verdict="removed", note="The shop's table of sizes was wrong.")
    assert hand.page.says("Nobody contests anything at the moment.")
    await hand.sign_in(NORA)
    await hand.look("/account/known")
    assert hand.page.says("Nothing stands out")
    assert hand.page.says("The shop's table of sizes was wrong.")


async def test_of_somebody_new_nothing_is_known(hand: Hand, town: Town) -> None:
    await town.wait(hours=1)
    await hand.sign_in(YUKI)
    await hand.look("/account/known")
    assert hand.page.says("Nothing stands out")
    await hand.sign_in(KAYA)
    await hand.look("/buyers/nobody-at-all", 404)
