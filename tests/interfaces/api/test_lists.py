"""Lists in pages."""

from typing import Any

import pytest
from tests.journeys.api.market import Market, Person, claim_body


async def pages(person: Person, path: str, field: str) -> list[list[Any]]:
    """Every page of a list."""
    found, cursor = [], ""
    while True:
        page = await person.get(f"{path}&cursor={cursor}" if cursor else path)
        found.append(page[field])
        cursor = page["next"]
        if not cursor:
            return found


async def test_pages_hold_everything_once(market: Market) -> None:
    for n in range(7):
        await market.order(f"A-{n}")
        await market.advance(hours=1)
    found = await pages(market.ana, "/orders?limit=3", "orders")
    assert [len(page) for page in found] == [3, 3, 1]
    ids = [order["order_id"] for page in found for order in page]
    assert ids == [f"A-{n}" for n in reversed(range(7))]


@pytest.mark.row("K3")
async def test_cases_come_by_deadline_or_by_age_and_narrowed(market: Market) -> None:
    for n in range(4):
        await market.order(f"A-{n}")
        await market.ship(f"A-{n}")
        await market.scan(f"A-{n}")
        await market.advance(hours=1)
        await market.ana.post(f"/orders/A-{n}/cases", claim_body())
    await market.seller.post("/cases/A-0.1/offers", {"remedy": {"amount": 10}})
    await market.ana.post("/cases/A-3.1/withdrawal")
    due = [one["case_id"] for page in await pages(market.ana, "/cases?limit=2", "cases") for one in page]
    assert sorted(due) == ["A-0.1", "A-1.1", "A-2.1", "A-3.1"]
    assert due[-1] == "A-3.1"
    new = [one["case_id"] for one in (await market.ana.get("/cases?order=opened"))["cases"]]
    assert new == ["A-3.1", "A-2.1", "A-1.1", "A-0.1"]
    for query, expected in (
        ("waiting_on=buyer", ["A-0.1"]),
        ("state=closed", ["A-3.1"]),
        ("live=false", ["A-3.1"]),
        ("order_id=A-2", ["A-2.1"]),
        ("reason=fake.counterfeit", []),
        ("live=true&waiting_on=seller", ["A-1.1", "A-2.1"]),
    ):
        listed = (await market.shop.get(f"/cases?{query}"))["cases"]
        assert [one["case_id"] for one in listed] == expected, query


async def test_a_cursor_of_another_list_is_refused(market: Market) -> None:
    for n in range(2):
        await market.order(f"A-{n}")
    cursor = (await market.shop.get("/orders?limit=1"))["next"]
    problem = await market.shop.refused("GET", f"/cases?cursor={cursor}")
    assert problem["parameter"] == "cursor"
