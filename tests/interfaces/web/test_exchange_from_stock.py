"""An exchange on the pages: what is in stock is offered, kept meanwhile, and told when it is gone."""

import pytest
from tests.interfaces.web.hand import Hand
from tests.interfaces.web.stock import LAMP_SKU
from tests.interfaces.web.town import LUMEN, NORA, Town

from amends.application.ports.stock import Article
from amends.domain.cases.commands import AcceptOffer, RecordSoldOut
from amends.domain.parties import Actor, Role

LAMP = Article(seller_id=LUMEN.id, sku=LAMP_SKU, currency="EUR")
ASK = "/orders/10-1/claim?reason=not_as_described.size&remedy=exchange"


@pytest.fixture
async def buyer(hand: Hand, town: Town) -> Hand:
    await town.place("10-1", sku=LAMP_SKU)
    await town.deliver("10-1")
    return await hand.sign_in(NORA)


@pytest.mark.row("I1")
async def test_the_buyer_chooses_among_what_is_in_stock_and_sees_it_kept(buyer: Hand, town: Town) -> None:
    await buyer.look(ASK)
    page = buyer.page
    assert page.form("/claim").choices["variant"] == ["sand", "black", "brass", "linen"]
    assert page.says("sold out")
    assert page.says("€8.00 more")
    # Whoever sends what cannot be chosen is told.
    await buyer.send("/claim", 422, step="check", story="Too small.", variant="linen")
    assert buyer.page.says("That is sold out. Choose one that is in stock, or something else.")
    await buyer.send("/claim", step="check", story="Too small.", variant="brass")
    await buyer.send("/claim", step="send")
    wanted = (await town.case("10-1.1")).wanted
    assert (wanted.exchange_variant, wanted.difference) == ("brass", 800)
    await town.do(AcceptOffer(), LUMEN, "10-1", "10-1.1")
    await town.errands.run()
    await buyer.look("/cases/10-1.1")
    for words in ("Replacement", "brass", "Set aside", "The replacement is set aside"):
        assert buyer.page.says(words), words


@pytest.mark.row("I1")
async def test_a_replacement_that_is_sold_out_is_told_with_the_money_instead(buyer: Hand, town: Town) -> None:
    await buyer.look(ASK)
    await buyer.send("/claim", step="check", story="Too small.", variant="black")
    await buyer.send("/claim", step="send")
    await town.do(AcceptOffer(), LUMEN, "10-1", "10-1.1")
    await town.do(RecordSoldOut(variant="black"), Actor(Role.OPERATOR, "stock"), "10-1", "10-1.1")
    await buyer.look("/cases/10-1.1")
    assert buyer.page.says("The replacement is sold out: the money is paid back instead")


@pytest.mark.row("I1")
async def test_the_seller_sees_what_is_in_stock_while_making_an_offer(buyer: Hand, town: Town) -> None:
    await buyer.look(ASK)
    await buyer.send("/claim", step="check", story="Too small.", variant="black")
    await buyer.send("/claim", step="send")
    await buyer.sign_in(LUMEN)
    await buyer.look("/cases/10-1.1")
    assert buyer.page.says("For an exchange: in stock are black (3) and brass (5).")
