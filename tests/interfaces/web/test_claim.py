"""A buyer asks: one question a page, everything open or closed before filing, nothing lost on the way."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.town import LUMEN, NORA, Components, Town

from amends.domain.cases.model import Goods, State
from amends.domain.parties import Role

CLAIM = "/orders/10-1/lines/l1/claim"


@pytest.fixture
async def buyer(hand: Hand, town: Town) -> Hand:
    await town.place("10-1")
    await town.deliver("10-1")
    return await hand.sign_in(NORA)


@pytest.mark.row("E1")
async def test_a_claim_is_opened_in_five_screens(buyer: Hand, town: Town) -> None:
    await buyer.look("/orders/10-1")
    assert "/orders/10-1/claim?line=l1" in buyer.page.links
    await buyer.look(CLAIM)
    await buyer.send("/claim", reason="quality.damaged_in_transit")
    await buyer.send("/claim", remedy="return")
    await buyer.send(
        "/claim",
        step="check",
        story="The base is cracked.",
        kind_1="photo",
        evidence_1="The crack",
        url_1="https://pictures.example/1",
    )
    assert buyer.page.says("Check your answers")
    assert buyer.page.says("The base is cracked.")
    await buyer.send("/claim", step="send")
    assert buyer.at == "/cases/10-1.1"
    assert buyer.page.says("Your request has been sent to the seller.")
    case = await town.case("10-1.1")
    assert case.state is State.AWAITING_SELLER
    assert (case.wanted.amount, case.wanted.goods) == (7080, Goods.RETURN)
    assert case.wanted.freight_payer is Role.SELLER
    assert [(item.kind, item.note) for item in case.evidence] == [("photo", "The crack")]


@pytest.mark.row("C7", "P4")
async def test_every_remedy_is_shown_open_or_closed_before_filing(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective")
    page = buyer.page
    for words in (
        "Send it back for a refund",
        "€70.80",
        "Return postage",
        "paid by the seller",
        "Ask by",
        "Money back",
        "Not open to you, and why",
        "Full refund, keep the item",
        "It has to be sent back for a full refund.",
        "Clause returnless.default",
    ):
        assert page.says(words), words
    assert page.form("/claim").choices["remedy"] == ["partial", "return", "exchange"]


@pytest.mark.row("C7")
async def test_a_change_of_mind_shows_that_the_buyer_pays_the_way_back(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?reason=no_reason.changed_mind")
    assert buyer.page.says("paid by you")


async def test_no_reason_chosen_is_asked_again(buyer: Hand) -> None:
    await buyer.look(CLAIM)
    await buyer.send("/claim", 422)
    assert buyer.page.says("There is a problem")
    assert "#f-reason" in buyer.page.links


async def test_no_remedy_chosen_is_asked_again(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective")
    await buyer.send("/claim", 422)
    assert buyer.page.says("Choose one of the remedies that are open.")


async def test_a_closed_remedy_cannot_be_had_by_its_address(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective&remedy=refund", 422)
    assert buyer.page.says("Choose one of the remedies that are open.")


async def test_what_was_typed_stands_there_after_an_error(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective&remedy=partial")
    await buyer.send("/claim", 422, step="check", amount="99999", story="It rattles.")
    assert buyer.page.says("Enter at most €70.80.")
    fields = buyer.page.form("/claim").fields
    assert (fields["amount"], fields["story"]) == ("99999", "It rattles.")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "Enter an amount."),
        ("many", "Enter an amount as a number"),
        ("0", "Enter an amount above zero."),
        ("-5", "Enter an amount as a number"),
        ("12,50", "Enter an amount as a number"),
    ],
)
async def test_an_amount_that_is_none_is_said_at_its_field(buyer: Hand, amount: str, said: str) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective&remedy=partial")
    await buyer.send("/claim", 422, step="check", amount=amount, story="It rattles.")
    assert buyer.page.says(said)
    wrong = [given for tag, given in buyer.page.tags if given.get("aria-invalid") == "true"]
    assert [given["id"] for given in wrong] == ["f-amount"]
    assert "f-amount-error" in wrong[0]["aria-describedby"]


async def test_the_answers_can_be_changed_before_sending(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective&remedy=return")
    await buyer.send("/claim", step="check", story="It rattles.")
    await buyer.send("/claim", step="details")
    assert buyer.page.form("/claim").fields["story"] == "It rattles."


@pytest.mark.row("E1")
async def test_a_draft_is_kept_resumed_and_sent(buyer: Hand, town: Town) -> None:
    await buyer.look(f"{CLAIM}?reason=quality.defective&remedy=partial")
    await buyer.send("/claim", step="draft", amount="20")
    assert buyer.at == "/cases/10-1.1"
    assert (await town.case("10-1.1")).state is State.DRAFTING
    resume = next(link for link in buyer.page.links if "draft=" in link)
    await buyer.look(resume)
    assert buyer.page.form("/claim").fields["amount"] == "20.00"
    await buyer.send("/claim", step="check", amount="25", story="It rattles when it is switched on.")
    await buyer.send("/claim", step="send")
    case = await town.case("10-1.1")
    assert (case.state, case.wanted.amount, case.story) == (
        State.AWAITING_SELLER,
        2500,
        "It rattles when it is switched on.",
    )


async def test_a_case_about_some_pieces_leaves_the_others_free(hand: Hand, town: Town) -> None:
    await town.place("10-1", "Mug", quantity=3, unit=Components(item=1200, shipping=100))
    await town.deliver("10-1")
    await hand.sign_in(NORA)
    await hand.look(CLAIM)
    await hand.send("/claim", reason="quality.defective")
    await hand.send("/claim", **{"n.l1": "2"})
    assert hand.page.says("€26.00")
    await hand.send("/claim", remedy="return")
    await hand.send("/claim", step="check", story="Two leak.")
    await hand.send("/claim", step="send")
    assert len((await town.case("10-1.1")).units) == 2
    await hand.look(f"{CLAIM}?reason=quality.defective")
    assert hand.page.says("€13.00")


@pytest.mark.parametrize("quantity", ["0", "4", "two", "-1", "1" * 60])
async def test_a_number_of_pieces_that_is_none_is_asked_again(hand: Hand, town: Town, quantity: str) -> None:
    await town.place("10-1", quantity=3)
    await town.deliver("10-1")
    await hand.sign_in(NORA)
    await hand.look(CLAIM)
    await hand.send("/claim", reason="quality.defective")
    await hand.send("/claim", 422, **{"n.l1": quantity})
    asked = "Choose at least one item." if quantity == "0" else "Enter a number from 0 to 3."
    assert hand.page.says(asked)
    wrong = [given for tag, given in hand.page.tags if given.get("aria-invalid") == "true"]
    assert [given["id"] for given in wrong] == ["f-n.l1"]


async def test_a_sentence_finds_the_reasons_that_come_nearest(buyer: Hand) -> None:
    await buyer.look(f"{CLAIM}?q=a+hole+in+the+seam")
    assert buyer.page.form("/claim").choices["reason"] == ["quality.assembly"]


@pytest.mark.row("A3", "P2")
async def test_the_order_shows_the_terms_of_every_line_with_their_clauses(buyer: Hand) -> None:
    await buyer.look("/orders/10-1")
    for words in ("Returns and refunds for this item", "Return it or report a problem", "Clause"):
        assert buyer.page.says(words), words
    # Where a rule of the marketplace's own comes from is for its staff.
    assert not buyer.page.says("Source:")


@pytest.mark.row("A2", "A5")
async def test_the_order_shows_where_its_money_is_and_until_when_it_is_protected(
    buyer: Hand, town: Town
) -> None:
    await buyer.look("/orders")
    assert buyer.page.says("Ceramic table lamp “Dune”")
    await buyer.look("/orders/10-1")
    assert buyer.page.says("Protected until")
    assert buyer.page.says("Held safely €70.80")
    assert buyer.page.says("Swift Post")


@pytest.mark.row("B1")
async def test_an_order_not_yet_shipped_is_cancelled_in_two_steps(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/cancellation")
    assert hand.page.says("Refund at most €70.80")
    await hand.send("/cancellation", 422, reason="")
    assert hand.page.says("Choose why you cancel.")
    await hand.send("/cancellation", reason="cancel.changed_mind")
    assert hand.page.says("Confirm the cancellation")
    await hand.send("/cancellation", step="confirm")
    case = await town.case("10-1.1")
    assert case.state is State.REFUND_APPROVED
    assert case.settlement is not None
    assert case.settlement.remedy.amount == 7080


@pytest.mark.row("B2")
async def test_after_the_free_period_the_seller_answers_the_cancellation(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await town.wait(days=2)
    await hand.sign_in(NORA)
    await hand.look("/orders/10-1/cancellation")
    await hand.send("/cancellation", reason="cancel.mistake")
    await hand.send("/cancellation", step="confirm")
    assert hand.page.says("The seller has until")
    await hand.sign_in(LUMEN)
    await hand.look("/cases/10-1.1")
    await hand.send("/accept_offer")
    assert (await town.case("10-1.1")).state is State.REFUND_APPROVED


async def test_what_is_shipped_cannot_be_cancelled_any_more(buyer: Hand) -> None:
    await buyer.look("/orders/10-1/cancellation")
    assert buyer.page.says("Everything has been shipped or cancelled already.")


@pytest.mark.row("B3")
async def test_a_seller_cancels_what_will_not_be_sent(hand: Hand, town: Town) -> None:
    await town.place("10-1")
    await hand.sign_in(LUMEN)
    await hand.look("/orders/10-1")
    await hand.send("/cancel-by-seller", 422)
    assert hand.page.says("Confirm that you want to cancel what is not shipped.")
    await hand.send("/cancel-by-seller", sure="yes", note="Broken in the kiln")
    assert hand.page.says("The order has been cancelled")
    assert (await town.case("10-1.1")).wanted.amount == 7080


@pytest.mark.row("A5")
async def test_a_content_buyer_releases_the_money(buyer: Hand) -> None:
    await buyer.look("/orders/10-1")
    await buyer.send("/receipt", 422)
    await buyer.send("/receipt", sure="yes")
    assert buyer.page.says("Released to the seller €70.80")
