"""A decision on the page, for somebody who was not there; and one that waits for a second person."""

import pytest
from tests.interfaces.web import gallery
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import IDRIS, INES, LUMEN, NORA, Town

from amends.domain.cases import commands as c
from amends.domain.cases.model import EvidenceItem, Finding, Goods, Remedy, State
from amends.domain.orders import Components, Unit
from amends.domain.parties import Role


@pytest.mark.row("X1")
async def test_both_sides_read_who_showed_what_and_whether_the_rules_agree(hand: Hand, town: Town) -> None:
    await gallery.hang(town)
    for party in (NORA, LUMEN):
        await hand.sign_in(party)
        await hand.look("/cases/10-106.1")
        assert hand.page.says("Who showed what")
        assert hand.page.says("The seller showed: photo “Lamp before it was packed”.")
        assert hand.page.says("The rules recommended something else: refund of €70.80 once it is sent back.")


@pytest.mark.row("X1", "X9")
async def test_the_recommended_decision_says_what_would_have_changed_it(hand: Hand, town: Town) -> None:
    await gallery.hang(town)
    await town.wait(days=15)
    assert (await town.case("10-104.1")).rulings[0].mediator_id == ""
    await hand.sign_in(NORA)
    await hand.look("/cases/10-104.1")
    assert hand.page.says("It is what the rules recommend on what was shown.")
    assert hand.page.says("Decisive")
    assert hand.page.says("The buyer shows what is wrong with the goods")
    assert hand.page.says("Without the buyer's evidence the result would be: no refund.")


@pytest.mark.row("E4")
async def test_a_large_decision_is_shown_to_a_second_mediator_and_to_no_party(hand: Hand, town: Town) -> None:
    await town.place("10-big", unit=Components(item=150_000))
    await town.deliver("10-big")
    photo = EvidenceItem(Role.BUYER, "photo", "A crack", town.clock.now())
    wanted = Remedy(150_000, Goods.RETURN)
    claim = c.OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=wanted, evidence=(photo,))
    await town.do(claim, NORA, "10-big")
    case_id = "10-big.1"
    await town.do(c.DeclineOffer(note="No."), LUMEN, "10-big", case_id)
    await town.do(c.Escalate(), NORA, "10-big", case_id)
    finding = Finding("The base is cracked.", "mediation.burden.default", "A crack", weight="decisive")
    decided = c.Rule(
        remedy=wanted, reasons="The photo shows it.", findings=(finding,), otherwise="A receipt."
    )
    await town.do(decided, INES, "10-big", case_id)
    for party in (NORA, LUMEN):
        await hand.sign_in(party)
        await hand.look(f"/cases/{case_id}")
        assert not hand.page.says("second person")
        assert not hand.page.says("The base is cracked.")
    await hand.sign_in(INES)
    await hand.look(f"/cases/{case_id}")
    assert hand.page.says("Waits for a second person")
    assert not any(form.action.endswith("/confirm_ruling") for form in hand.page.forms)
    await hand.sign_in(IDRIS)
    await hand.look(f"/cases/{case_id}")
    await hand.send("/confirm_ruling", 422, agreed="no", note="")
    assert hand.page.says("Say what has to be looked at again.")
    await hand.send("/confirm_ruling", agreed="yes")
    assert (await town.case(case_id)).state is State.RULED
    assert hand.page.says("A second person agreed to it before it took effect.")
    assert hand.page.says("What would have changed it")
    assert hand.page.says("A receipt.")
