"""Hidden limits and suggestions on the pages: what a side sees, and that it never is the other's."""

import re

import pytest
from tests.interfaces.web.gallery import asked, countered, mediated
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import FERN, INES, LUMEN, NORA, YUKI, Town

from amends.domain.cases.model import Settled, State
from amends.domain.parties import Actor

CASE = "/cases/10-1.1"
PAGE = f"{CASE}/hidden-limit"
# What is new on every page: form tokens, keys of forms, when it was made.
_FRESH = re.compile(r'name="_(?:csrf_token|key)" value="[^"]*"|since=[\d.]+|data-since="[^"]*"')


async def as_bytes(hand: Hand, actor: Actor, path: str) -> str:
    """A page as somebody gets it, but for what is new on every page."""
    await hand.sign_in(actor)
    return _FRESH.sub("", (await hand.client.get(path)).text)


async def claimed(town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await asked(town, "10-1")


@pytest.mark.row("X6")
async def test_limits_are_entered_changed_and_taken_back(hand: Hand, town: Town) -> None:
    await claimed(town)
    await hand.sign_in(NORA)
    await hand.look(CASE)
    assert PAGE in hand.page.links
    await hand.look(PAGE)
    await hand.send("/enter", amount="12,50", expect=422)
    await hand.send("/enter", amount="5000", expect=422)
    assert hand.page.says("Enter at most €70.80.")
    await hand.send("/enter", amount="12.50")
    assert hand.page.says("Your limit is kept. Only you can see it.")
    assert hand.page.says("€12.50 You have entered a limit.")
    assert hand.page.says("You can change it 1 time until the other side makes a new offer.")
    await hand.send("/enter", amount="20")
    assert hand.page.says("€20.00 You have entered a limit.")
    assert [form.action for form in hand.page.forms if "hidden-limit" in form.action] == [f"{PAGE}/withdraw"]
    await hand.send("/withdraw")
    assert hand.page.says("Your limit is gone.")
    await hand.send("/enter", amount="21", expect=422)
    assert hand.page.says("You can change your limit again once the other side has made a new offer.")


@pytest.mark.row("X6")
async def test_limits_that_meet_lead_to_the_settled_case(hand: Hand, town: Town) -> None:
    await claimed(town)
    for actor, amount in ((NORA, "10.01"), (LUMEN, "17.33")):
        await hand.sign_in(actor)
        await hand.look(PAGE)
        await hand.send("/enter", amount=amount)
    assert hand.at == CASE
    assert hand.page.says("The hidden limits met: the case is settled halfway between them.")
    assert hand.page.says("refund of €13.67, the item is kept")
    settlement = (await town.case("10-1.1")).settlement
    assert settlement is not None
    assert settlement.by is Settled.BLIND
    await hand.sign_in(NORA)
    await hand.look(CASE)
    assert hand.page.says("The hidden limits met halfway")
    assert "17.33" not in hand.page.words
    await hand.look(PAGE)
    assert hand.page.says("The hidden limits met, and the case is settled.")


@pytest.mark.row("X6")
async def test_a_page_is_the_same_to_the_byte_whether_the_other_side_has_a_limit(
    hand: Hand, town: Town
) -> None:
    await claimed(town)
    paths = [(LUMEN, path) for path in (CASE, PAGE, "/inbox", "/cases", "/notifications")]
    paths += [(INES, "/cases")]
    before = [await as_bytes(hand, who, path) for who, path in paths]
    await hand.sign_in(NORA)
    await hand.look(PAGE)
    await hand.send("/enter", amount="42.42")
    assert [await as_bytes(hand, who, path) for who, path in paths] == before


@pytest.mark.row("X6")
async def test_the_page_is_for_the_two_sides_alone(hand: Hand, town: Town) -> None:
    await claimed(town)
    for stranger in (YUKI, FERN, INES):
        await hand.sign_in(stranger)
        await hand.look(PAGE, 404)
    await hand.sign_in(NORA)
    await hand.look("/cases/10-9.1/hidden-limit", 404)


@pytest.mark.row("X6")
async def test_once_a_mediator_decides_limits_are_closed(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await mediated(town, "10-1")
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    assert PAGE not in hand.page.links
    await hand.look(PAGE)
    assert hand.page.says("Hidden limits can be named while both sides are still negotiating.")
    assert (await town.case("10-1.1")).state is State.MEDIATING


@pytest.mark.row("C6")
async def test_the_buyer_is_shown_what_is_usual_where_the_amount_is_asked(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/lines/l1/claim?reason=quality.defective&n.l1=1&remedy=partial")
    assert hand.page.says("Goods that work with a flaw suggest 20 to 40 % of the price.")
    assert hand.page.says("€12.98 to €25.96suggested: €19.47")


@pytest.mark.row("C6")
async def test_the_seller_takes_what_is_usual_into_the_offer(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await countered(town, "10-1")
    await hand.sign_in(LUMEN)
    await hand.look(CASE)
    assert hand.page.says("Goods whose main use is impaired suggest 40 to 70 % of the price.")
    form = hand.page.form("/make_offer")
    await hand._arrive(await hand.client.post("/inbox/offers/10-1.1", data=form.fields), 200)
    await hand.send("/inbox/offers/10-1.1", severity="flaw", what="return")
    assert hand.page.says("refund of €19.47, the item is kept")
    assert hand.page.form("/make_offer").fields["amount"] == "19.47"


@pytest.mark.row("C6")
async def test_the_mediator_sees_what_is_usual_beside_the_recommended_decision(
    hand: Hand, town: Town
) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    await mediated(town, "10-1")
    await hand.sign_in(INES)
    await hand.look(CASE)
    assert hand.page.says("What is usual for a partial refund")
    assert hand.page.says("€6.49 to €12.98suggested: €9.74")
