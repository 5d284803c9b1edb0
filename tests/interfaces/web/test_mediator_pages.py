"""What mediators see: the queue with what they may take, and the workbench of a case."""

import pytest
from tests.interfaces.web import gallery
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import IDRIS, INES, KAYA, NORA, Town

ID = "10-1.1"


@pytest.fixture
async def mediated(town: Town) -> Town:
    await town.place("10-1")
    await town.deliver("10-1")
    await gallery.mediated(town, "10-1")
    return town


async def test_a_case_is_taken_from_the_queue(hand: Hand, mediated: Town) -> None:
    await hand.sign_in(INES)
    assert hand.page.says("nobody has it yet")
    await hand.send(f"{ID}/take_case")
    assert (await mediated.case(ID)).mediator_id == "ines"
    await hand.look("/cases?show=mine")
    assert hand.page.says("Mediator: yours")
    await hand.sign_in(IDRIS)
    assert hand.page.says("Ines Duarte")
    # What another one has is not offered to be taken by the way; the case page says whose it is.
    assert not [form for form in hand.page.forms if form.action.endswith("take_case")]


async def test_the_queue_is_narrowed_by_reason(hand: Hand, mediated: Town) -> None:
    await hand.sign_in(INES)
    await hand.look("/cases?reason=quality.damaged_in_transit")
    assert f"/cases/{ID}" in hand.page.links
    await hand.look("/cases?reason=not_received.overdue")
    assert f"/cases/{ID}" not in hand.page.links
    await hand.look("/cases?reason=none-such")
    assert f"/cases/{ID}" in hand.page.links


@pytest.mark.row("X1")
async def test_the_workbench_says_what_would_have_changed_the_recommendation(
    hand: Hand, mediated: Town
) -> None:
    await hand.sign_in(INES)
    await hand.look(f"/cases/{ID}")
    assert hand.page.says("The buyer showed what suffices: photo")
    assert hand.page.says("Without the buyer's evidence the result would be: no refund.")
    assert hand.page.says("Swift Post SW123456789PT")
    assert hand.page.says("Nobody has decided a case for this reason in the last year.")
    # Codes of reasons and roles are for machines.
    assert not hand.page.says("quality.damaged_in_transit")
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{ID}")
    assert not hand.page.says("What would have changed it")


@pytest.mark.row("X9")
async def test_like_cases_are_shown_with_how_they_were_decided(hand: Hand, mediated: Town) -> None:
    await mediated.place("10-2")
    await mediated.deliver("10-2")
    await gallery.ruled(mediated, "10-2")
    await hand.sign_in(IDRIS)
    await hand.look(f"/cases/{ID}")
    assert "/cases/10-2.1" in hand.page.links
    assert hand.page.says("Asked for €70.80: granted in part, €40.00")


async def test_an_operator_gives_the_case_to_somebody_and_takes_it_back(hand: Hand, mediated: Town) -> None:
    await hand.sign_in(KAYA)
    await hand.look(f"/cases/{ID}")
    await hand.send("/assign_case", mediator_id="idris")
    assert (await mediated.case(ID)).mediator_id == "idris"
    await hand.look("/mediation")
    assert hand.page.says("Idris Okafor 1 0")
    await hand.sign_in(IDRIS)
    await hand.look(f"/cases/{ID}")
    await hand.send("/assign_case")
    assert (await mediated.case(ID)).mediator_id == ""
    assert hand.page.says("The case went back to the mediators' queue")


@pytest.mark.row("E5")
async def test_who_ruled_is_not_offered_the_appeal_nor_given_it(hand: Hand, mediated: Town) -> None:
    await hand.sign_in(INES)
    await hand.look(f"/cases/{ID}")
    await hand.send("/rule")
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{ID}")
    await hand.send("/appeal", note="It is worth more.", kind="document", evidence="A dealer's estimate")
    await hand.sign_in(INES)
    assert not [form for form in hand.page.forms if form.action.endswith("take_case")]
    await hand.look(f"/cases/{ID}")
    offered = {form.action.rpartition("/")[2] for form in hand.page.forms if ID in form.action}
    assert not offered & {"rule", "take_case", "request_evidence"}
    assert hand.page.says("Appeal being decided")
    assert not hand.page.says("Your turn")
    await hand.sign_in(KAYA)
    await hand.look(f"/cases/{ID}")
    await hand.send("/assign_case", 422, mediator_id="ines")
    assert (await mediated.case(ID)).mediator_id == ""
    await hand.send("/assign_case", mediator_id="idris")
    assert (await mediated.case(ID)).mediator_id == "idris"
