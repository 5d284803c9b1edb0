"""The retail tasks of tau-bench, replayed: their shop's policy as a pack, their writes as API requests.

The data lies beside the repository and is never copied. Amounts are read as decimals and compared in cents.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from amends.domain.policy.stack import Pack
from tests.journeys.api.market import Market, kind
from tests.journeys.api.policies import load_pack, stacked

DATA = Path(__file__).parents[4] / "shared" / "data" / "tau_retail"
ABSENT = "the retail tasks are not beside the repository (../shared/data/tau_retail)"
IN_SCOPE = ("cancel_pending_order", "return_delivered_order_items", "exchange_delivered_order_items")
_METHODS = {"credit_card": "card", "paypal": "wallet", "gift_card": "voucher"}
_REASONS = {"no longer needed": "cancel.changed_mind", "ordered by mistake": "cancel.mistake"}
_PROBLEMS = frozenset({"remedy_closed", "window_closed", "unit_taken", "not_open_yet", "not_shipped"})

# What the shop's policy.md says of cancelling, returning and exchanging; the rest stays as by default.
POLICY = """
[pack]
id = "tau-retail"
version = 1
layer = "platform"
extends = "default"
title = "The shop of the retail tasks"
state = "published"
published_from = 2015-01-01T00:00:00Z

[[clause]]
id = "tau.cancel"
sets."cancel.free_period" = "365 d"
sets."cancel.payout_not_before" = "0 h"
sentence = "A pending order can be cancelled and is refunded in full."
citation = "policy.md, Cancel pending order"

[[clause]]
id = "tau.handling"
sets = { "ship.handling" = "365 d" }
default = "cancel_unshipped"
sentence = "Orders stay pending until they are processed."
citation = "policy.md, Domain basic"

[[clause]]
id = "tau.return"
sets = { "return.window" = "365 d" }
sentence = "A delivered order can be returned."
citation = "policy.md, Return delivered order"

[[clause]]
id = "tau.exchange"
sets = { "exchange.grounds" = ["no_reason.changed_mind"] }
sentence = "Items of a delivered order can be exchanged for another option of the same product."
citation = "policy.md, Exchange delivered order"
"""


def policy() -> tuple[Pack, ...]:
    """The default pack with the shop's on it."""
    return tuple(stacked(load_pack(POLICY, "tau-retail.toml")))


class Task(NamedTuple):
    """One task: its writes with the verdict of the task's own shop, and the orders expected after it."""

    name: str
    writes: tuple[Mapping[str, Any], ...]
    expected: Mapping[str, Any]


class Shop:
    """The data of the tasks, as the shop has it before every task."""

    def __init__(self) -> None:
        self.orders: dict[str, Any] = _read("orders.json")
        self.users: dict[str, Any] = _read("users.json")
        variants: dict[str, Any] = _read("products.json")
        self.prices = {
            item: variant["price"]
            for product in variants.values()
            for item, variant in product["variants"].items()
        }
        self.product_of = {
            item: product["product_id"] for product in variants.values() for item in product["variants"]
        }

    def balance(self, user: str, method: str) -> int | None:
        """What is on a gift card, in cents; None for what is no gift card."""
        found = self.users[user]["payment_methods"][method]
        return cents(found["balance"]) if found["source"] == "gift_card" else None


def tasks(name: str) -> Iterator[Task]:
    """The tasks of ``dev`` or ``train``."""
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line, parse_float=Decimal)
            writes = tuple(one for one in told["actions"] if one.get("write"))
            yield Task(told["id"], writes, told["expected"]["orders"])


def cents(amount: Decimal | int) -> int:
    """An amount of the data in cents; more decimals would be a mistake."""
    minor = Decimal(amount).scaleb(2)
    assert minor == minor.to_integral_value(), amount
    return int(minor)


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"), parse_float=Decimal)


class Replay:
    """Replays writes on a market; ``tally`` counts what was compared, ``wrong`` tells what did not agree."""

    def __init__(self, market: Market, shop: Shop) -> None:
        self.market = market
        self.shop = shop
        self.tally: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def task(self, task: Task) -> None:
        """Each write of a task within our scope, on an order of its own; the others are counted."""
        for write in task.writes:
            if write["name"] not in IN_SCOPE:
                self.tally[f"out of scope: {write['name']}"] += 1
                continue
            told = write["kwargs"]["order_id"]
            order_id = f"{task.name}-{told.removeprefix('#')}"
            await self.place(order_id, self.shop.orders[told])
            accepted, end = await getattr(self, write["name"])(
                order_id, self.shop.orders[told], write["kwargs"]
            )
            agreed = accepted == (write["oracle"] == "ok")
            self._count(task, write, "verdict", agreed=agreed)
            if agreed and accepted:
                wanted = _wanted(write["name"], task.expected[told], write["kwargs"])
                self._count(task, write, "end state", agreed=end == wanted, facts=f"{end} not {wanted}")
            elif agreed:
                # What was refused leaves the order as it was.
                self._count(task, write, "end state", agreed=end == {}, facts=str(end))

    def _count(
        self, task: Task, write: Mapping[str, Any], what: str, *, agreed: bool, facts: str = ""
    ) -> None:
        self.tally[f"{write['name']}: {what}"] += agreed
        if not agreed:
            self.wrong.append(f"{task.name} {write['kwargs']['order_id']} {write['name']}: {what} {facts}")

    async def place(self, order_id: str, order: Mapping[str, Any]) -> None:
        """Tell an order as the data has it: pending, processed, delivered or cancelled."""
        market, paid = self.market, order["payment_history"][0]
        body = {
            "buyer_id": "ana",
            "seller_id": "lamps",
            "currency": "USD",
            "placed_at": market.at(),
            "buyer_country": "",
            "lines": [
                {
                    "line_id": f"i{n}",
                    "title": item["name"],
                    "category": "retail",
                    "units": [{"item": cents(item["price"])}],
                }
                for n, item in enumerate(order["items"])
            ],
            "tenders": [
                {
                    "tender_id": paid["payment_method_id"],
                    "method": _METHODS[paid["payment_method_id"].rpartition("_")[0]],
                    "captured": cents(paid["amount"]),
                    "currency": "USD",
                }
            ],
        }
        await market.shop.put(f"/orders/{order_id}", body)
        if order["status"] in {"processed", "delivered"}:
            await market.ship(order_id)
        if order["status"] == "delivered":
            await market.scan(order_id)
        if order["status"] == "cancelled":
            await self.cancel_pending_order(order_id, order, {"reason": "no longer needed"})

    async def _open(self, order_id: str, body: object) -> Any:
        """The case, or None where the terms close what is asked."""
        answer = await self.market.ana.send("POST", f"/orders/{order_id}/cases", body)
        if answer.status_code == 201:
            return answer.json()["case"]
        assert kind(answer.json()) in _PROBLEMS, answer.text
        return None

    async def cancel_pending_order(
        self, order_id: str, order: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> tuple[bool, dict[str, object]]:
        """Cancel everything: accepted where it is at once."""
        case = await self._open(order_id, {"kind": "cancellation", "reason": _REASONS[asked["reason"]]})
        if case is None:
            return False, {}
        order_now = await self.market.ana.get(f"/orders/{order_id}")
        refunds = (await self.market.ana.get(f"/cases/{case['case_id']}/refunds"))["refunds"]
        paid = sorted((one["tender_id"], one["amount"]) for one in refunds)
        return True, {"status": order_now["stage"], "refunds": paid, "reason": case["reason"]}

    async def return_delivered_order_items(
        self, order_id: str, order: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> tuple[bool, dict[str, object]]:
        """Send items back for their price; the shop agrees, as its policy has no ground to refuse."""
        units = _units(order, asked["item_ids"])
        amount = sum(cents(order["items"][n]["price"]) for n in units)
        paid_by = order["payment_history"][0]["payment_method_id"]
        # Money goes back the way it came; the shop of the tasks may also put it on a gift card.
        self.tally["returns to a gift card that did not pay"] += (
            asked.get("payment_method_id", paid_by) != paid_by
        )
        wanted = {"amount": amount, "currency": "USD", "goods": "return"}
        return await self._claim(order_id, order, units, wanted, 0)

    async def exchange_delivered_order_items(
        self, order_id: str, order: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> tuple[bool, dict[str, object]]:
        """Exchange items for others of the same product; the shop names what that costs less."""
        units = _units(order, asked["item_ids"])
        pairs = list(zip(asked["item_ids"], asked["new_item_ids"], strict=True))
        old = sum(cents(order["items"][n]["price"]) for n in units)
        new = sum(cents(self.shop.prices[item]) for _, item in pairs)
        wanted = {
            "amount": 0,
            "goods": "return",
            "exchange_variant": ",".join(asked["new_item_ids"]),
            "difference": max(0, new - old),
        }
        known = self.shop.balance(order["user_id"], asked["payment_method_id"])
        if any(self.shop.product_of[one] != self.shop.product_of[other] for one, other in pairs):
            return False, {}
        refused = known is not None and known < new - old
        return await self._claim(order_id, order, units, wanted, new - old, refused=refused)

    async def _claim(
        self,
        order_id: str,
        order: Mapping[str, Any],
        units: list[int],
        wanted: dict[str, object],
        difference: int,
        *,
        refused: bool = False,
    ) -> tuple[bool, dict[str, object]]:
        asked = [{"line_id": f"i{n}", "index": 0} for n in units]
        body = {"kind": "claim", "reason": "no_reason.changed_mind", "units": asked, "wanted": wanted}
        case = await self._open(order_id, body)
        if case is None:
            return False, {}
        path = f"/cases/{case['case_id']}"
        if refused:
            # Only the shop knows what is on a gift card.
            await self.market.seller.post(f"{path}/refusal", {"note": "The gift card does not cover it."})
            closed = (await self.market.ana.post(f"{path}/withdrawal"))["case"]
            return False, {} if closed["outcome"] == "withdrawn" else closed
        if difference < 0:
            offer = {"remedy": {**wanted, "amount": case["wanted"]["amount"], "difference": difference}}
            await self.market.seller.post(f"{path}/offers", offer)
            settled = (await self.market.ana.post(f"{path}/acceptance", {}))["case"]
        else:
            settled = (await self.market.seller.post(f"{path}/acceptance", {}))["case"]
        remedy = settled["settlement"]["remedy"]
        items = sorted(order["items"][int(one["line_id"][1:])]["item_id"] for one in settled["units"])
        end: dict[str, object] = {"state": settled["state"], "goods": remedy["goods"], "items": items}
        if remedy.get("exchange_variant"):
            new = remedy["exchange_variant"].split(",")
            return True, {**end, "new": sorted(new), "difference": remedy.get("difference", 0)}
        return True, {**end, "amount": remedy["amount"]}


def _units(order: Mapping[str, Any], item_ids: list[str]) -> list[int]:
    """Which positions of the order are meant: the same item twice is two of them."""
    left = [item["item_id"] for item in order["items"]]
    found = []
    for item in item_ids:
        position = left.index(item)
        left[position] = ""
        found.append(position)
    return found


def _wanted(name: str, order: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, object]:
    """The end state the task expects, in our terms."""
    if name == "cancel_pending_order":
        assert order["status"] == "cancelled"
        refunds = [one for one in order["payment_history"] if one["transaction_type"] == "refund"]
        paid = sorted((one["payment_method_id"], cents(one["amount"])) for one in refunds)
        return {"status": "cancelled", "refunds": paid, "reason": _REASONS[order["cancel_reason"]]}
    end: dict[str, object] = {"state": "awaiting_instructions", "goods": "return"}
    if name == "return_delivered_order_items":
        assert order["status"] == "return requested"
        positions = _units(order, order["return_items"])
        amount = sum(cents(order["items"][n]["price"]) for n in positions)
        return {**end, "items": sorted(order["return_items"]), "amount": amount}
    assert order["status"] == "exchange requested"
    return {
        **end,
        "items": sorted(order["exchange_items"]),
        "new": sorted(order["exchange_new_items"]),
        "difference": cents(round(order["exchange_price_difference"], 2)),
    }
