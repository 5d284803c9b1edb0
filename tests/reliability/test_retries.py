"""Requests that are sent again and again have one effect; another body under the same key is refused.

`AMENDS_RETRIES=10000` sends as many as that.
"""

import asyncio
import os
import random
from collections import Counter as Tally
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reliability.counter import a_counter, at, claim_body, order_body
from tests.reliability.oracle import kept, wrongs

RETRIES = int(os.environ.get("AMENDS_RETRIES", "1000"))
TIMES = 10
AT_ONCE = 24

Body = dict[str, Any]
Sent = tuple[str, str, Body, str, Body]


def stages(order_id: str, now: datetime) -> list[Sent]:
    """Each request of an order's way to its refund: method, path, body, for whom; and another body."""
    order, case = f"/orders/{order_id}", f"/cases/{order_id}.1"
    parcel: Body = {"shipped_at": at(now, hours=-20), "carrier": "dhl", "tracking_number": "RR123456785DE"}
    scan = {"at": at(now, hours=-1), "signal": "delivered", "country": "DE", "postcode": "20457"}
    later = {**scan, "at": at(now, minutes=-30)}
    remedy: Body = {"remedy": {"amount": 4000, "currency": "EUR"}}
    return [
        ("PUT", order, order_body(now), "", order_body(now, buyer_id="eve")),
        ("PUT", f"{order}/parcels/P1", parcel, "", {**parcel, "carrier": "ups"}),
        ("POST", f"{order}/parcels/P1/events", {"events": [scan]}, "", {"events": [later]}),
        ("POST", f"{order}/cases", claim_body(), "buyer:ana", claim_body(story="Another story.")),
        ("POST", f"{case}/offers", remedy, "seller:lamps", {"remedy": {"amount": 4500, "currency": "EUR"}}),
        ("POST", f"{case}/acceptance", {}, "buyer:ana", {"offer_id": 2}),
    ]


@pytest.mark.timeout(900)
async def test_requests_sent_again_have_one_effect(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(5)
    tally: Tally[str] = Tally()
    room = asyncio.Semaphore(AT_ONCE)
    async with a_counter(database_url, tmp_path) as counter:
        ways = [stages(f"R{n:05}", counter.now) for n in range(max(1, RETRIES // (TIMES * 6)))]

        async def send(sent: Sent, key: str, *, other: bool) -> httpx.Response:
            async with room:
                method, path, body, act_as, changed = sent
                return await counter.send(method, path, changed if other else body, act_as=act_as, key=key)

        for stage in range(6):
            key = f"stage-{stage}"
            first = [await send(way[stage], f"{key}-{n}", other=False) for n, way in enumerate(ways[::2])]
            assert all(one.is_success for one in first), [one.text for one in first if not one.is_success]
            wishes = [(n, False) for n in range(len(ways)) for _ in range(TIMES)]
            chance.shuffle(wishes)
            order = {n: index for index, n in enumerate(range(0, len(ways), 2))}
            answers = await asyncio.gather(
                *(send(ways[n][stage], f"{key}-{order.get(n, f'x{n}')}", other=other) for n, other in wishes)
            )
            by_way: dict[int, set[bytes]] = {}
            for (n, _), answer in zip(wishes, answers, strict=True):
                assert answer.is_success, answer.text
                by_way.setdefault(n, set()).add(answer.content)
                tally["replayed" if answer.headers.get("idempotent-replayed") else "done"] += 1
            assert [n for n, contents in by_way.items() if len(contents) != 1] == []
            for n in range(0, len(ways), 2):
                reused = await send(ways[n][stage], f"{key}-{order[n]}", other=True)
                assert reused.status_code == 422, reused.text
                assert reused.json()["type"] == "/problems/key_reused"
                tally["key_reused"] += 1
        print(f"\n{dict(tally)}")
        # Half of the orders were done before everybody sent again; each other request had one effect.
        assert tally["done"] == 6 * (len(ways) - len(ways[::2]))
        lengths = set()
        for n in range(len(ways)):
            found = await kept(counter.engine.store, f"R{n:05}")
            assert wrongs(found) == []
            lengths.add(tuple(len(found.streams[stream]) for stream in sorted(found.streams)))
            assert found.balances["refunding"] == 4000
        # All went the same way, so an effect that came twice would show.
        assert len(lengths) == 1
