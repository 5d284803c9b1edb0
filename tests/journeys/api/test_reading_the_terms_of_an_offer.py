"""What a product page reads before anybody buys: the terms of an offer, each value with its clause."""

import pytest

from tests.journeys.api.market import Market, kind

OFFER = "/v1/terms?seller=kiln&currency=EUR&category=home/lighting&price=6490&buyer_country=DE"


@pytest.mark.row("A3")
async def test_anybody_reads_the_terms_of_an_offer_with_the_clause_behind_each_value(market: Market) -> None:
    answer = await market.client.get(OFFER)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["currency"], view["returnable"]) == ("EUR", True)
    by_name = {term["name"]: term for term in view["terms"]}
    assert by_name["return.window"]["value"]["amount"] == 15
    assert by_name["return.window"]["clause"] == "return.window.default"
    assert by_name["return.window"]["sentence"]
    assert by_name["return.window"]["citation"]


@pytest.mark.row("A3", "C5")
async def test_what_is_never_taken_back_is_said_before_purchase(market: Market) -> None:
    answer = await market.client.get(OFFER.replace("home/lighting", "apparel/wigs"))
    assert answer.json()["returnable"] is False


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("currency=XXQ&seller=kiln", "currency"),
        ("currency=EUR&seller=kiln&traits=shiny", "traits"),
        ("currency=EUR&seller=kiln&colour=red", "colour"),
    ],
)
async def test_an_offer_that_cannot_be_is_refused(market: Market, query: str, parameter: str) -> None:
    answer = await market.client.get(f"/v1/terms?{query}")
    problem = answer.json()
    assert (answer.status_code, kind(problem), problem["parameter"]) == (422, "invalid", parameter)
