"""A seller's policy, the answers it gives by itself, the public record, and the statistics."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.test_seller_inbox import claims
from tests.interfaces.web.town import FERN, LUMEN, NORA, Town

from amends.domain.cases.commands import MakeOffer, OpenClaim
from amends.domain.cases.model import Goods, Remedy, Settled, State
from amends.domain.orders import Unit
from amends.domain.parties import Role
from amends.domain.policy.sellers import Address, Rule, SellerPolicy

BACK = Remedy(amount=7080, goods=Goods.RETURN, freight_payer=Role.SELLER)
ADDRESS = Address("Rua das Flores 9, 1200-195 Lisbon")


async def set_policy(town: Town, policy: SellerPolicy) -> None:
    found = await town.sellers.publish(LUMEN.id, policy, town.clock.now())
    assert found.__class__.__name__ == "Published", found


async def claim(town: Town, order_id: str, wanted: Remedy = BACK) -> str:
    await town.place(order_id)
    await town.deliver(order_id)
    command = OpenClaim(
        reason="quality.defective", units=(Unit("l1", 0),), wanted=wanted, story="It flickers."
    )
    return (await town.do(command, NORA, order_id)).case_id


@pytest.fixture
async def seller(hand: Hand) -> Hand:
    await hand.sign_in(LUMEN)
    return await hand.look("/policy")


@pytest.mark.row("A4")
async def test_a_policy_is_published_and_shown_to_buyers(seller: Hand, town: Town) -> None:
    await seller.send(
        "/policy",
        window_days="30",
        pays_way_back="yes",
        restocking="10",
        address_1=ADDRESS.text,
        do="publish",
    )
    assert seller.page.says("Your policy is published. It holds for orders placed from now on.")
    assert seller.page.says("Version 1, from")
    assert seller.page.form("/policy").fields["window_days"] == "30"
    await seller.sign_in(NORA)
    await seller.look(f"/sellers/{LUMEN.id}")
    assert seller.page.says("Lumen & Clay")
    assert seller.page.says("This seller gives 30 days after receipt to ask for a return or refund.")
    assert seller.page.says("This seller keeps back 10 % when the buyer changed their mind")
    assert not seller.page.says(ADDRESS.text)


@pytest.mark.row("A4")
async def test_a_policy_below_the_floor_is_refused_with_the_clause_it_breaks(
    seller: Hand, town: Town
) -> None:
    await seller.send("/policy", 422, window_days="10", restocking="40", do="publish")
    assert seller.page.says("Less kind than the marketplace allows")
    assert seller.page.says("Clause return.window.default")
    assert seller.page.says("Clause return.restocking.default")
    assert seller.page.says("The buyer has 15 days after receipt to ask for a return or refund")
    assert seller.page.form("/policy").fields["window_days"] == "10"
    assert list(await town.sellers.policies.versions(LUMEN.id, 9)) == []


@pytest.mark.row("A4")
async def test_a_policy_can_be_tried_on_a_product_before_it_is_published(seller: Hand, town: Town) -> None:
    await seller.send("/policy", window_days="25", sample_price="40", do="preview")
    assert seller.page.says("What this product would be sold under")
    assert seller.page.says("This seller gives 25 days after receipt")
    assert list(await town.sellers.policies.versions(LUMEN.id, 9)) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"window_days": "soon"}, "Enter a whole number of days, up to 365, or leave it empty."),
        ({"restocking": "101"}, "Enter a whole number of per cent, up to 100."),
        ({"keep_below": "much"}, "Enter an amount as a number, for example 25."),
        ({"keep_below": "5", "keep_below_currency": "XYZ"}, "Enter a currency by its three letters"),
        ({"rule_1": "Half", "does_1": "offer"}, "Enter a whole number of per cent, up to 100."),
        ({"sends_address": "yes"}, "This cannot be published; check what you typed here."),
        (
            {"address_1": "x", "country_1": "Germany"},
            "This cannot be published; check what you typed here.",
        ),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(seller: Hand, fields: dict[str, str], said: str) -> None:
    await seller.send("/policy", 422, do="publish", **fields)
    assert seller.page.says(said)
    assert seller.page.says("There is a problem")
    name = next(name for name in fields if name not in {"does_1", "address_1"})
    ids = {given.get("id", "") for _, given in seller.page.tags}
    assert {link.removeprefix("#") for link in seller.page.links if link.startswith("#f-")} <= ids, name


async def test_a_version_published_meanwhile_is_not_overwritten(seller: Hand, town: Town) -> None:
    await set_policy(town, SellerPolicy(window_days=20))
    await seller.send("/policy", 422, window_days="30", do="publish")
    assert seller.page.says("published another version meanwhile")
    assert len(await town.sellers.policies.versions(LUMEN.id, 9)) == 1


async def test_every_field_comes_back_as_it_was_published(seller: Hand, town: Town) -> None:
    whole = SellerPolicy(
        window_days=30,
        free_days=20,
        pays_way_back=True,
        restocking=500,
        addresses=(ADDRESS, Address("Hafenweg 3", "DE")),
        label="seller",
        sends_address=True,
        rules=(
            Rule(name="Small", reasons=("quality",), at_most=1500, currency="EUR"),
            Rule(name="Scratches", does="offer", share=2000),
        ),
    )
    await set_policy(town, whole)
    await seller.look("/policy")
    await seller.send("/policy", do="publish")
    versions = await town.sellers.policies.versions(LUMEN.id, 9)
    assert [one.policy for one in versions] == [whole]


@pytest.mark.row("A4", "P2")
async def test_an_order_keeps_the_policy_it_was_bought_under(seller: Hand, town: Town) -> None:
    await town.place("10-1")
    await set_policy(town, SellerPolicy(window_days=30))
    await town.place("10-2")
    await seller.sign_in(NORA)
    await seller.look("/orders/10-2")
    assert seller.page.says("This seller gives 30 days after receipt")
    await seller.look("/orders/10-1")
    assert not seller.page.says("This seller gives 30 days after receipt")


@pytest.mark.row("P9")
async def test_a_rule_accepts_a_small_request_by_itself_and_says_so(seller: Hand, town: Town) -> None:
    rule = Rule(name="Small breakages", reasons=("quality",), at_most=2000, currency="EUR")
    await set_policy(town, SellerPolicy(rules=(rule,), addresses=(ADDRESS,), sends_address=True))
    small = await claim(town, "10-1", Remedy(amount=1500))
    large = await claim(town, "10-2")
    await town.wait(minutes=1)
    settled = (await town.case(small)).settlement
    assert settled is not None
    assert (settled.by, settled.remedy.amount) == (Settled.AGREEMENT, 1500)
    assert (await town.case(large)).state is State.AWAITING_SELLER
    for actor in (LUMEN, NORA):
        await seller.sign_in(actor)
        await seller.look(f"/cases/{small}")
        assert seller.page.says("Sent automatically by the seller’s rule “Small breakages”.")


@pytest.mark.row("P9")
async def test_a_rule_offers_a_share_and_the_buyer_decides(seller: Hand, town: Town) -> None:
    await set_policy(town, SellerPolicy(rules=(Rule(name="Scratches", does="offer", share=2000),)))
    case_id = await claim(town, "10-1")
    await town.wait(minutes=1)
    case = await town.case(case_id)
    assert (case.state, case.offers[-1].remedy.amount) == (State.AWAITING_BUYER, 1416)
    await seller.sign_in(NORA)
    await seller.look(f"/cases/{case_id}")
    await seller.send("/accept_offer")
    assert (await town.case(case_id)).settlement is not None


@pytest.mark.row("P9")
async def test_an_agreed_return_gets_its_address_by_itself(seller: Hand, town: Town) -> None:
    await set_policy(
        town,
        SellerPolicy(rules=(Rule(name="All"),), addresses=(ADDRESS,), label="seller", sends_address=True),
    )
    case_id = await claim(town, "10-1")
    await town.wait(minutes=1)
    case = await town.case(case_id)
    assert case.state is State.AWAITING_SHIPMENT
    assert case.instructions is not None
    assert (case.instructions.address, case.instructions.label) == (ADDRESS.text, "seller")


async def test_a_seller_who_was_quicker_is_left_alone(seller: Hand, town: Town) -> None:
    await set_policy(town, SellerPolicy(rules=(Rule(name="All"),)))
    case_id = await claim(town, "10-1")
    await town.do(MakeOffer(remedy=Remedy(amount=1000)), LUMEN, "10-1", case_id)
    await town.wait(minutes=1)
    case = await town.case(case_id)
    assert (case.settlement, len(case.offers)) == (None, 2)


async def test_a_rule_taken_back_answers_no_more(seller: Hand, town: Town) -> None:
    await set_policy(town, SellerPolicy(rules=(Rule(name="All"),)))
    await town.wait(minutes=1)
    await set_policy(town, SellerPolicy())
    case_id = await claim(town, "10-1")
    await town.wait(minutes=1)
    assert (await town.case(case_id)).state is State.AWAITING_SELLER


@pytest.mark.row("A6")
async def test_buyers_see_the_record_and_how_it_is_counted(hand: Hand, town: Town) -> None:
    ids = await claims(town, 10)
    await town.wait(hours=4)
    for case_id in ids[:8]:
        await town.do(MakeOffer(remedy=Remedy(amount=1000)), LUMEN, case_id.removesuffix(".1"), case_id)
    await town.wait(days=5)
    await hand.sign_in(NORA)
    await hand.look(f"/cases/{ids[0]}")
    assert f"/sellers/{LUMEN.id}" in hand.page.links
    await hand.look(f"/orders/{ids[0].removesuffix('.1')}")
    assert f"/sellers/{LUMEN.id}" in hand.page.links
    await hand.look(f"/sellers/{LUMEN.id}")
    assert hand.page.says("2 of 10 cases in which a deadline of the seller passed.")
    assert hand.page.says("Left unanswered 20%")
    assert hand.page.says("0 of 10 cases were decided for the buyer by a mediator.")
    assert hand.page.says("Good record")
    assert hand.page.says("Shares are shown from 10 cases on.")


@pytest.mark.row("A6")
async def test_few_cases_make_no_rate(hand: Hand, town: Town) -> None:
    await claims(town, 3)
    await hand.sign_in(NORA)
    await hand.look(f"/sellers/{LUMEN.id}")
    assert hand.page.says("Left unanswered too few to say")
    assert hand.page.says("Few cases so far")
    await hand.look("/sellers/nobody", 404)


async def test_a_record_is_public(hand: Hand) -> None:
    answer = await hand.client.get(f"/sellers/{FERN.id}")
    assert answer.status_code == 200
    assert "Fern Outfitters" in answer.text


async def test_statistics_count_a_period_of_ones_choice(hand: Hand, town: Town) -> None:
    await claims(town, 2)
    await town.wait(days=10)
    await claims(town, 1, reason="not_as_described.color")
    await hand.sign_in(LUMEN)
    await town.wait(minutes=1)
    await hand.look("/statistics?days=30")
    assert hand.page.says("3 cases on 3 orders.")
    assert hand.page.says("It has a defect")
    await hand.look("/statistics?days=7")
    assert hand.page.says("1 cases on 1 orders.")
    assert not hand.page.says("It has a defect")
