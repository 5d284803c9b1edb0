"""Whether time tells of a hidden limit: two like cases, in one of which the other side has left one.

    python -m benchmarks.hidden_limits URL MARKETPLACE_KEY BUYER_KEY SELLER_KEY BUYER SELLER

asks a running server on this machine for both in turns, in a drawn order, and compares how long it took. The
keys are those of `amends keys`, for the buyer and the seller named last.
"""

import http.client
import json
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

PAIRS, WARMING = 600, 50
LIMIT = {"amount": 1900, "currency": "EUR"}


class Asker:
    """One connection; ``took`` is the time of an answer in milliseconds."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def ask(self, key: str, method: str, path: str, body: Any = None) -> float:
        """Ask once; raises `RuntimeError` for an answer that is no success."""
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        began = time.perf_counter()
        self._connection.request(method, f"/v1{path}", body=text, headers=headers)
        answer = self._connection.getresponse()
        said = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:300]!r}")
        return took


def prepared(asker: Asker, order_id: str, shop: str, ana: str, people: tuple[str, str]) -> None:
    """A delivered order with a claim that its seller has to answer."""
    buyer, seller = people
    placed = datetime.now(UTC) - timedelta(days=6)
    order = {
        "buyer_id": buyer, "seller_id": seller, "currency": "EUR", "placed_at": placed.isoformat(),
        "lines": [{"line_id": "L1", "title": "Lamp", "category": "home", "units": [{"item": 2890}]}],
        "tenders": [{"tender_id": "T1", "method": "card", "captured": 2890, "currency": "EUR"}],
    }  # fmt: skip
    shipped, there = placed + timedelta(days=1), placed + timedelta(days=3)
    parcel = {"shipped_at": shipped.isoformat(), "carrier": "dhl", "tracking_number": "RR123456785DE"}
    claim = {
        "kind": "claim", "reason": "quality.not_working", "units": [{"line_id": "L1", "index": 0}],
        "wanted": {"amount": 2000, "currency": "EUR", "goods": "keep"},
    }  # fmt: skip
    asker.ask(shop, "PUT", f"/orders/{order_id}", order)
    asker.ask(shop, "PUT", f"/orders/{order_id}/parcels/P1", parcel)
    scan = {"at": there.isoformat(), "signal": "delivered", "country": "DE"}
    asker.ask(shop, "POST", f"/orders/{order_id}/parcels/P1/events", {"events": [scan]})
    asker.ask(ana, "POST", f"/orders/{order_id}/cases", claim)


def main(url: str, shop: str, ana: str, lamps: str, *people: str) -> None:
    """Prepare both cases, ask for them in turns, and print what was seen."""
    asker, stamp = Asker(url), f"{time.time_ns():x}"
    secret, plain = f"HL-{stamp}-1", f"HL-{stamp}-2"
    for order_id in (secret, plain):
        prepared(asker, order_id, shop, ana, (people[0], people[1]))
    asker.ask(ana, "PUT", f"/cases/{secret}.1/blind-limit", LIMIT)
    mine = {**LIMIT, "amount": 100}
    for what, method, tail, body in (
        ("reading one's limit", "GET", "/blind-limit", None),
        ("entering a limit", "PUT", "/blind-limit", mine),
        ("reading the case", "GET", "", None),
    ):
        took: dict[str, list[float]] = {secret: [], plain: []}
        for n in range(WARMING + PAIRS):
            for order_id in random.sample([secret, plain], 2):
                one = asker.ask(lamps, method, f"/cases/{order_id}.1{tail}", body)
                if n >= WARMING:
                    took[order_id].append(one)
        slower = sum(a > b for a, b in zip(took[secret], took[plain], strict=True))
        medians = [statistics.median(took[one]) for one in (secret, plain)]
        print(
            f"{what}: median {medians[0]:.3f} ms where the other side has a limit, {medians[1]:.3f} ms where "
            f"it has none; slower with one in {slower} of {PAIRS} pairs"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
