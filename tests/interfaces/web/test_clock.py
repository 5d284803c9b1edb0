"""The sandbox's clock: what is due, moving time, what fired."""

from datetime import timedelta

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import KAYA, NORA, YUKI, Town

from amends.domain.cases.commands import OpenClaim
from amends.domain.cases.model import Goods, Remedy, State
from amends.domain.orders import Unit
from amends.domain.parties import Role


@pytest.fixture
async def due(town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    wanted = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)
    await town.do(OpenClaim(reason="quality.defective", units=(Unit("l1", 0),), wanted=wanted), NORA, "10-1")


@pytest.mark.row("X8")
async def test_a_jump_lands_on_the_next_deadline_and_tells_what_fired(
    hand: Hand, town: Town, due: None
) -> None:
    await hand.sign_in(KAYA)
    await hand.look("/clock")
    assert hand.page.says("10-1.1")
    began = town.clock.now()
    await hand.send("/clock", to="next")
    assert town.clock.now() == began + timedelta(days=5)
    assert hand.page.says("1 deadline fired")
    assert hand.page.says("Granted because the answer did not come in time")
    assert (await town.case("10-1.1")).state is State.AWAITING_INSTRUCTIONS


@pytest.mark.row("X8")
async def test_the_clock_moves_by_hours_and_days(hand: Hand, town: Town) -> None:
    await hand.sign_in(KAYA)
    began = town.clock.now()
    await hand.look("/clock")
    await hand.send("/clock", to="week")
    forms = [form for form in hand.page.forms if form.action == "/clock"]
    answer = await hand.client.post("/clock", data={**forms[1].fields, "amount": "36", "unit": "hours"})
    assert answer.status_code == 200
    assert town.clock.now() == began + timedelta(weeks=1, hours=36)


@pytest.mark.parametrize("amount", ["", "0", "367", "-1", "soon", "1.5"])
async def test_a_length_that_is_none_moves_nothing(hand: Hand, town: Town, amount: str) -> None:
    await hand.sign_in(KAYA)
    began = town.clock.now()
    await hand.look("/clock")
    forms = [form for form in hand.page.forms if form.action == "/clock"]
    answer = await hand.client.post("/clock", data={**forms[1].fields, "amount": amount, "unit": "days"})
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 366." in answer.text
    assert town.clock.now() == began


async def test_people_see_their_own_deadlines_only(hand: Hand, due: None) -> None:
    await hand.sign_in(YUKI)
    await hand.look("/clock")
    assert hand.page.says("Nothing is due.")
    await hand.send("/clock", to="week")
    assert not hand.page.says("10-1.1")
    await hand.sign_in(NORA)
    await hand.look("/clock")
    assert hand.page.says("10-1")
