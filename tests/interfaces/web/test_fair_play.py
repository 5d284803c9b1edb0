"""Fair play on pages: withdrawing in two steps, the receipt, and why a rule applies."""

import pytest
from msgspec.structs import replace
from tests.interfaces.web.baskets import LAMP, MUGS, basket
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import LUMEN, NORA, Town

from amends.adapters.memory.seller_policies import MemorySellerPolicies
from amends.adapters.memory.seller_reads import MemorySellerReads
from amends.adapters.packs import LAWS, load
from amends.application.policies import PolicyBook
from amends.application.sellers import Sellers
from amends.domain.cases.model import Settled, State
from amends.domain.policy.stack import Pack


@pytest.fixture(autouse=True)
def laws(town: Town) -> None:
    packs = load(("default", *LAWS))
    town.sellers = Sellers(MemorySellerPolicies(), MemorySellerReads(town.store), PolicyBook(packs))


@pytest.mark.row("P12")
async def test_a_buyer_withdraws_in_two_steps_and_keeps_the_receipt(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1")
    assert "/orders/10-1/withdrawal" in buyer.page.links
    await buyer.look("/orders/10-1/withdrawal")
    assert buyer.page.says("Withdraw from contract here")
    assert buyer.page.says("You get back €70.80.")
    assert buyer.page.says("Clause eu.withdrawal")
    await buyer.send("/withdrawal", step="confirm")
    assert buyer.at == "/orders/10-1/withdrawal/10-1.1"
    assert buyer.page.says("We have received your statement")
    assert buyer.page.says("I withdraw from the contract on order 10-1")
    case = await town.case("10-1.1")
    assert case.state is State.AWAITING_INSTRUCTIONS
    assert case.settlement is not None
    assert (case.settlement.by, case.settlement.clause) == (Settled.POLICY, "eu.withdrawal")
    await buyer.look("/orders/10-1/withdrawal")
    assert buyer.page.says("There is nothing on this order that you can withdraw from by law.")
    assert "/orders/10-1/withdrawal/10-1.1" in buyer.page.links
    kept = await buyer.client.get("/orders/10-1/withdrawal/10-1.1/receipt.txt")
    assert kept.headers["content-disposition"].startswith("attachment")
    assert case.opened_at.isoformat() in kept.text


@pytest.mark.row("P12")
async def test_some_pieces_may_be_kept_and_what_is_not_shipped_is_cancelled(hand: Hand, town: Town) -> None:
    await basket(town, "10-1", (LAMP, MUGS))
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1/withdrawal")
    await buyer.send("/withdrawal", 422, step="confirm", **{"n.mugs": "9", "n.lamp": "0"})
    assert buyer.page.says("Enter a number from 0 to 3.")
    await buyer.send("/withdrawal", step="confirm", **{"n.mugs": "2", "n.lamp": "0"})
    case = await town.case("10-1.1")
    assert [unit.key for unit in case.units] == ["mugs#0", "mugs#1"]
    assert buyer.page.says("Nothing has to be sent back.")


async def test_where_no_law_gives_it_there_is_no_button(hand: Hand, town: Town) -> None:
    await town.place("10-1", country="US")
    await town.deliver("10-1")
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1")
    assert "/orders/10-1/withdrawal" not in buyer.page.links
    await buyer.look("/orders/10-1/withdrawal")
    assert buyer.page.says("There is nothing on this order that you can withdraw from by law.")
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-1/withdrawal", 404)


@pytest.mark.row("P12", "A3")
async def test_why_shows_what_won_and_what_lost(hand: Hand, town: Town) -> None:
    await town.place("10-1", country="GB")
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1")
    assert "/orders/10-1/lines/l1/why" in buyer.page.links
    await buyer.look("/orders/10-1/lines/l1/why?reason=quality.defective")
    assert buyer.page.says("30 days It is a floor: no other rule may be less kind to the buyer.")
    assert buyer.page.says("Consumer Rights Act 2015 s. 22(3)")
    assert buyer.page.says("source not verified")
    assert buyer.page.says("1 clause lost")
    await buyer.look("/orders/10-1/lines/l9/why", 404)


@pytest.mark.row("C3")
async def test_more_time_is_offered_and_accepted_on_the_order(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.deliver("10-1")
    seller = await hand.sign_in(LUMEN)
    await seller.look("/orders/10-1")
    await seller.send("/extension", 422, until="2001-01-01")
    await seller.send("/extension", until="2026-12-31", note="Happy holidays.")
    assert seller.page.says("It waits for the buyer’s answer.")
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1")
    assert buyer.page.says("More time to return, until 31 Dec 2026")
    await buyer.send("/extension-answer", answer="accept")
    assert buyer.page.says("More time to return was agreed, until 31 Dec 2026")
    assert buyer.page.says("until Friday, 1 January 2027")


@pytest.mark.row("L1")
async def test_guarantees_are_explained_with_their_clauses(hand: Hand) -> None:
    await hand.look("/guarantees")
    for words in ("It arrives, or you get your money back", "It comes on time", "It is genuine"):
        assert hand.page.says(words)
    assert hand.page.says("Clause guarantee.counterfeit.default")
    await hand.sign_in(NORA)
    await hand.look("/guarantees")
    assert hand.page.says("How a claim goes")


@pytest.mark.row("P12")
@pytest.mark.parametrize("law", [True, False])
async def test_the_two_buttons_are_there_where_the_law_asks_for_them_whatever_the_marketplace_says(
    hand: Hand, town: Town, law: bool
) -> None:
    def plain(pack: Pack) -> Pack:
        clauses = [
            replace(one, sets={**one.sets, "withdrawal.function": False})
            if one.id == "withdrawal.default"
            else one
            for one in pack.clauses
            if law or one.id != "eu.withdrawal_function"
        ]
        return replace(pack, clauses=tuple(clauses), digest=f"{pack.digest} {law}")

    packs = tuple(plain(pack) for pack in load(("default", *LAWS)))
    town.sellers = Sellers(MemorySellerPolicies(), MemorySellerReads(town.store), PolicyBook(packs))
    await town.place("10-1")
    await town.deliver("10-1")
    buyer = await hand.sign_in(NORA)
    await buyer.look("/orders/10-1")
    assert ("/orders/10-1/withdrawal" in buyer.page.links) is law
    await buyer.look("/orders/10-1/withdrawal")
    assert buyer.page.says("Confirm withdrawal") is law
    # The right itself is the same: without the buttons it is a reason for a claim.
    await buyer.look("/orders/10-1/claim?line=lamp")
    assert buyer.page.says("I withdraw from the contract")
