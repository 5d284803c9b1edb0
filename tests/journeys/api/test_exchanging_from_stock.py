"""Exchanges out of the marketplace's stock: chosen, kept while the goods come back, sent, or sold out."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from amends.adapters.stock.sandbox import Hold
from amends.application.ports.stock import Article, Held, StockSilent, Variant
from tests.interfaces.web.stock import LAMP_SKU, SHADE_SKU
from tests.journeys.api.market import Market
from tests.journeys.api.test_sending_it_back import TRACKED, verdict

LAMP = Article(seller_id="lamps", sku=LAMP_SKU, currency="EUR")
UNIT = {"item": 6490, "discount": 0, "shipping": 490, "tax": 0}


async def agreed(market: Market, variant: str = "black", **wanted: Any) -> None:
    """An exchange of the first lamp, agreed on."""
    lines = [
        {
            "line_id": "L1",
            "title": "Desk lamp",
            "category": "home/lighting",
            "units": [UNIT, UNIT],
            "sku": LAMP_SKU,
            "variant": "sand",
        }
    ]
    tender = {"tender_id": "T1", "method": "card", "captured": 13960, "currency": "EUR", "provider_ref": "p"}
    await market.delivered(lines=lines, tenders=[tender])
    remedy = {"amount": 0, "goods": "return", "exchange_variant": variant, **wanted}
    await market.claim(wanted={**remedy, "freight_payer": "seller"})
    await market.seller.post("/cases/A-1.1/acceptance", {})
    await market.advance(minutes=1)


SHADE = Article(seller_id="lamps", sku=SHADE_SKU, currency="EUR")


async def agreed_set(market: Market, sku: str = SHADE_SKU) -> None:
    """An exchange of a lamp and two shades, of one order and one case, for black ones."""
    lines = [
        {
            "line_id": "L1",
            "title": "Desk lamp",
            "category": "home/lighting",
            "units": [UNIT],
            "sku": LAMP_SKU,
        },
        {
            "line_id": "L2",
            "title": "Shade",
            "category": "home/lighting",
            "units": [SHADED, SHADED],
            "sku": sku,
        },
    ]
    tender = {"tender_id": "T1", "method": "card", "captured": 9980, "currency": "EUR", "provider_ref": "p"}
    await market.delivered(lines=lines, tenders=[tender])
    units = [{"line_id": "L1", "index": 0}, {"line_id": "L2", "index": 0}, {"line_id": "L2", "index": 1}]
    remedy = {"amount": 0, "goods": "return", "exchange_variant": "black", "freight_payer": "seller"}
    await market.claim(units=units, wanted=remedy)
    await market.seller.post("/cases/A-1.1/acceptance", {})
    await market.advance(minutes=1)


SHADED = {"item": 1500, "discount": 0, "shipping": 0, "tax": 0}


async def there(market: Market, article: Article) -> int:
    """How many black ones of an article can be had."""
    return {one.variant: one.available for one in await market.parts.stock.variants(article)}["black"]


@pytest.mark.row("I1")
async def test_several_articles_are_kept_together_and_let_go_together(market: Market) -> None:
    lamps, shades = (market.parts.stock.level(article, "black") for article in (LAMP, SHADE))
    await agreed_set(market)
    assert (await case_of(market))["reservation"]["variant"] == "black"
    assert (await there(market, LAMP), await there(market, SHADE)) == (lamps - 1, shades - 2)
    # Nothing is sent back in time: the case is over, and all of them are for sale again.
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.advance(days=11)
    assert (await case_of(market))["state"] == "closed"
    assert (await there(market, LAMP), await there(market, SHADE)) == (lamps, shades)


@pytest.mark.row("I1")
async def test_where_one_article_of_several_is_sold_out_none_is_kept_and_money_comes(market: Market) -> None:
    left = market.parts.stock.level(SHADE, "black")
    gone = Hold(
        key="somebody",
        seller_id="lamps",
        sku=SHADE_SKU,
        variant="black",
        quantity=left - 1,
        until=market.now + timedelta(days=900),
    )
    assert await market.parts.stock_shelf.keep(gone, left, market.now)
    before = await there(market, LAMP)
    await agreed_set(market)
    case = await case_of(market)
    assert (case["reservation"], case["settlement"]["remedy"]["exchange_variant"]) == (None, "")
    assert await there(market, LAMP) == before


@pytest.mark.row("I1")
async def test_without_a_stock_number_of_each_article_nothing_is_kept_and_the_exchange_goes_on(
    market: Market,
) -> None:
    before = await there(market, LAMP)
    await agreed_set(market, sku="")
    case = await case_of(market)
    assert (case["state"], case["reservation"]) == ("awaiting_instructions", None)
    assert case["settlement"]["remedy"]["exchange_variant"] == "black"
    assert await there(market, LAMP) == before


async def case_of(market: Market) -> Any:
    return (await market.ana.get("/cases/A-1.1"))["case"]


async def in_stock(market: Market, variant: str = "black") -> int:
    told = await market.ana.get("/orders/A-1/lines/L1/replacements")
    return int(next(one["available"] for one in told["replacements"] if one["variant"] == variant))


async def somebody_buys(market: Market, variant: str = "black") -> None:
    """All that is left of it."""
    left = {one.variant: one.available for one in await market.parts.stock.variants(LAMP)}[variant]
    gone = Hold(
        key="somebody",
        seller_id="lamps",
        sku=LAMP_SKU,
        variant=variant,
        quantity=left,
        until=market.now + timedelta(days=900),
    )
    assert await market.parts.stock_shelf.keep(gone, market.parts.stock.level(LAMP, variant), market.now)


async def sent_back(market: Market) -> None:
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.ana.post("/cases/A-1.1/shipment", TRACKED)


async def accepted(market: Market) -> None:
    await market.carrier.post(
        "/cases/A-1.1/shipment/events", {"signal": "delivered", "scanned_at": market.at()}
    )
    await market.seller.post("/cases/A-1.1/inspection", {"inspections": [verdict(0)]})
    await market.advance(minutes=1)


@pytest.mark.row("I1")
async def test_the_variants_are_told_with_their_price_and_how_many_there_are(market: Market) -> None:
    await agreed(market)
    told = await market.ana.get("/orders/A-1/lines/L1/replacements?pieces=2")
    assert (told["known"], told["pieces"], told["currency"]) == (True, 2, "EUR")
    brass = next(one for one in told["replacements"] if one["variant"] == "brass")
    assert (brass["price"], brass["difference"]) == (7290, 1600)
    assert brass["enough"] is (brass["available"] >= 2)
    assert (await market.bo.refused("GET", "/orders/A-1/lines/L1/replacements"))["status"] == 404


@pytest.mark.row("I1")
async def test_one_is_kept_while_the_goods_come_back_and_gone_once_it_is_sent(market: Market) -> None:
    level = market.parts.stock.level(LAMP, "black")
    await agreed(market)
    kept = (await case_of(market))["reservation"]
    assert kept["variant"] == "black"
    assert await in_stock(market) == level - 1
    await sent_back(market)
    await market.advance(days=12)
    await market.carrier.post(
        "/cases/A-1.1/shipment/events", {"signal": "in_transit", "scanned_at": market.at()}
    )
    await market.advance(days=11)
    # It moves: three weeks after the agreement it is kept all the same.
    assert await in_stock(market) == level - 1
    await accepted(market)
    await market.seller.post("/cases/A-1.1/replacement", {**TRACKED, "tracking_number": "RR123456785DE"})
    await market.advance(days=100)
    assert await in_stock(market) == level - 1


@pytest.mark.row("I1")
async def test_a_return_that_is_lost_lets_the_replacement_go(market: Market) -> None:
    await agreed(market)
    await sent_back(market)
    assert await in_stock(market) == market.parts.stock.level(LAMP, "black") - 1
    for signal in ("in_transit", "lost"):
        scan = {"signal": signal, "scanned_at": market.at()}
        await market.carrier.post("/cases/A-1.1/shipment/events", scan)
    await market.advance(minutes=1)
    # It was scanned, so protection pays.
    assert (await case_of(market))["state"] in {"refund_initiated", "closed"}
    assert await in_stock(market) == market.parts.stock.level(LAMP, "black")


@pytest.mark.row("I1")
async def test_sold_out_after_its_time_is_over_is_paid_for_with_the_clause(market: Market) -> None:
    await agreed(market)
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.advance(days=9)
    await market.ana.post("/cases/A-1.1/shipment", TRACKED)
    reserved = (await case_of(market))["reservation"]["until"]
    await market.advance(days=16)
    # Shipped on the ninth day, more than half of the time was left; nobody has seen the parcel since.
    assert reserved < market.at()
    await somebody_buys(market)
    await accepted(market)
    told = [one["event"] for one in (await market.ana.get("/cases/A-1.1/timeline"))["events"]]
    (sold_out,) = [one for one in told if one["type"] == "variant_sold_out"]
    assert (sold_out["variant"], sold_out["clause"]) == ("black", "exchange.reserve.default")
    await market.advance(days=10)
    answer = await market.ana.get("/cases/A-1.1")
    assert (answer["case"]["outcome"], answer["money"]["confirmed"]) == ("refunded", 6980)
    (kept,) = await market.parts.store.kept("", 10)
    assert (kept.balances["captured"], kept.balances["refunded"]) == (13960, 6980)


class _Silent:
    """A stock that does not answer until it is told to."""

    def __init__(self, market: Market) -> None:
        self.stock, self.silent = market.parts.stock, True
        self.now: Callable[[], datetime] = lambda: market.now

    async def variants(self, article: Article) -> Sequence[Variant]:
        if self.silent:
            raise StockSilent
        return await self.stock.variants(article)

    async def hold(self, key: str, article: Article, variant: str, quantity: int, until: Any) -> Held | None:
        if self.silent:
            raise StockSilent
        return await self.stock.hold(key, article, variant, quantity, until)

    async def take(self, key: str) -> None:
        await self.stock.take(key)

    async def release(self, key: str) -> None:
        await self.stock.release(key)


@pytest.mark.row("I1")
async def test_a_stock_that_is_silent_is_asked_again_and_sells_nothing_out(market: Market) -> None:
    silent = _Silent(market)
    market.parts.exchanges._stock = silent  # type: ignore[assignment]
    await agreed(market)
    assert (await market.ana.get("/orders/A-1/lines/L1/replacements"))["known"] is False
    case = await case_of(market)
    assert (case["state"], case["reservation"]) == ("awaiting_instructions", None)
    silent.silent = False
    await market.advance(hours=1)
    assert (await case_of(market))["reservation"]["variant"] == "black"


@pytest.mark.row("I1")
async def test_what_was_agreed_in_words_of_their_own_is_never_sold_out(market: Market) -> None:
    await agreed(market, "the one in the shop window")
    case = await case_of(market)
    assert (case["state"], case["reservation"]) == ("awaiting_instructions", None)
    assert case["settlement"]["remedy"]["exchange_variant"] == "the one in the shop window"


@pytest.mark.row("I1")
async def test_a_marketplace_may_tell_by_itself_what_its_stock_says(market: Market) -> None:
    market.parts.exchanges._stock = None
    await agreed(market)
    told = {"variant": "black", "until": market.at(days=21), "reference": "hold-4711"}
    case = (await market.shop.post("/cases/A-1.1/replacement/reservation", told))["case"]
    assert case["reservation"]["reference"] == "hold-4711"
    problem = await market.seller.refused("POST", "/cases/A-1.1/replacement/sold-out", {"variant": "black"})
    assert problem["status"] == 403
    case = (await market.shop.post("/cases/A-1.1/replacement/sold-out", {"variant": "black"}))["case"]
    assert (case["state"], case["settlement"]["remedy"]["exchange_variant"]) == ("awaiting_instructions", "")


class _Sparing(_Silent):
    """A stock that keeps nothing for longer than a day at a time."""

    async def hold(self, key: str, article: Article, variant: str, quantity: int, until: Any) -> Held | None:
        return await self.stock.hold(
            key, article, variant, quantity, min(until, self.now() + timedelta(days=1))
        )


@pytest.mark.row("I1")
async def test_what_is_kept_for_a_day_at_a_time_is_asked_for_again_until_its_time_is_over(
    market: Market,
) -> None:
    sparing = _Sparing(market)
    sparing.silent = False
    market.parts.exchanges._stock = sparing
    await agreed(market)
    level = market.parts.stock.level(LAMP, "black")
    await market.seller.post("/cases/A-1.1/instructions", {"address": "1 Harbour Road, Hamburg"})
    await market.advance(days=9)
    assert await in_stock(market) == level - 1
    await market.ana.post("/cases/A-1.1/shipment", TRACKED)
    await market.advance(days=19)
    assert await in_stock(market) == level - 1
    case = await case_of(market)
    assert (case["state"], case["reservation"]["until"] > market.at()) == ("return_in_transit", True)
