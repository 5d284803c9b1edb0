"""What the way back cost, argued about on the pages: asked for, granted, and on the buyer's balance."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import CARRIER, LUMEN, NORA, Town

from amends.domain.cases import commands as c
from amends.domain.cases.model import Goods, Inspection, Outcome, Reception, Remedy
from amends.domain.ledger import Account, balance_of
from amends.domain.orders import Signal, Unit
from amends.domain.parties import Role

UNIT = Unit("l1", 0)
CASE = "10-1.1"


async def sent_back(town: Town) -> None:
    """A return that is over; the buyer paid EUR 6.90 for it and showed no receipt."""
    await town.place("10-1")
    await town.deliver("10-1")
    wanted = Remedy(7080, Goods.RETURN, freight_payer=Role.SELLER)
    claim = c.OpenClaim(reason="quality.damaged_in_transit", units=(UNIT,), wanted=wanted, story="Cracked.")
    await town.do(claim, NORA, "10-1")
    await town.do(c.AcceptOffer(), LUMEN, "10-1", CASE)
    await town.do(c.GiveInstructions(address="Lumen, Porto", label="buyer"), LUMEN, "10-1", CASE)
    sent = c.ShipReturn(carrier="dhl", tracking_number="RR123456785DE", freight=690)
    await town.do(sent, NORA, "10-1", CASE)
    scan = c.RecordReturnScan(signal=Signal.DELIVERED, scanned_at=town.clock.now())
    await town.do(scan, CARRIER, "10-1", CASE)
    fine = c.InspectReturn(inspections=(Inspection(UNIT, Reception.RECEIVED, accepted=True),))
    await town.do(fine, LUMEN, "10-1", CASE)
    await town.wait(days=10)
    assert (await town.case(CASE)).outcome is Outcome.REFUNDED


@pytest.mark.row("F5")
async def test_postage_that_was_not_paid_back_is_a_case_like_any_other(hand: Hand, town: Town) -> None:
    await sent_back(town)
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1/claim?reason=return.freight")
    await buyer.send("/claim", remedy="partial")
    assert buyer.page.says("Your postage back")
    assert buyer.page.says("6.90")
    await buyer.send("/claim", step="check", story="I had mislaid the receipt.", amount="6.90")
    await buyer.send("/claim", step="send")
    assert (await town.case("10-1.2")).wanted.amount == 690
    seller = await hand.sign_in(LUMEN)
    await seller.look("/cases/10-1.2")
    await seller.send("/accept_offer")
    case = await town.case("10-1.2")
    assert (case.outcome, case.freight_repaid) == (Outcome.REIMBURSED, 690)
    scene = await town.store.scene("10-1")
    assert scene is not None
    assert scene.custody is not None
    assert balance_of(scene.custody.books, Account.BALANCE) == 690
    await seller.look("/cases/10-1.2")
    assert seller.page.says("6.90")
