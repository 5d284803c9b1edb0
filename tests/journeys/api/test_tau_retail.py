"""The after-sales writes of the retail tasks: the same verdicts, the same end states, to the cent."""

from collections import Counter

import pytest

from tests.journeys.api.market import open_market
from tests.journeys.api.tau_retail import ABSENT, DATA, IN_SCOPE, Replay, Shop, policy, tasks

# Returns whose money the task sends to a gift card: here it goes back the way it came.
GIFTS_DEV, GIFTS_TRAIN = 1, 8

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=ABSENT)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.mark.parametrize("name", ["dev", "train"])
async def test_every_after_sales_write_agrees(shop: Shop, name: str) -> None:
    asked: Counter[str] = Counter(w["name"] for task in tasks(name) for w in task.writes)
    async with open_market(policy=policy()) as market:
        replay = Replay(market, shop)
        for task in tasks(name):
            await replay.task(task)
    assert replay.wrong == []
    for write in IN_SCOPE:
        assert replay.tally[f"{write}: verdict"] == replay.tally[f"{write}: end state"] == asked[write] > 0
    gifts = {"dev": GIFTS_DEV, "train": GIFTS_TRAIN}[name]
    assert replay.tally["returns to a gift card that did not pay"] == gifts
    outside = {name: count for name, count in asked.items() if name not in IN_SCOPE}
    assert {f"out of scope: {name}": count for name, count in outside.items()} == {
        name: count for name, count in replay.tally.items() if name.startswith("out of scope")
    }


async def test_the_status_of_an_order_decides_what_is_possible(shop: Shop) -> None:
    """policy.md: only pending orders are cancelled, only delivered ones returned or exchanged.

    What is on its way may be claimed back here already; no task asks for that.
    """
    seen: Counter[tuple[str, bool, bool]] = Counter()
    async with open_market(policy=policy()) as market:
        replay = Replay(market, shop)
        for told, order in list(shop.orders.items())[:100]:
            order_id = told.removeprefix("#")
            await replay.place(order_id, order)
            first = {"item_ids": [order["items"][0]["item_id"]]}
            returned, _ = await replay.return_delivered_order_items(order_id, order, first)
            cancelled, _ = await replay.cancel_pending_order(
                order_id, order, {"reason": "ordered by mistake"}
            )
            seen[order["status"], returned, cancelled] += 1
    assert set(seen) == {
        ("pending", False, True),
        ("processed", True, False),
        ("delivered", True, False),
        ("cancelled", False, False),
    }
