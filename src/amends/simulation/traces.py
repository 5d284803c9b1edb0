"""Parcels with a known truth: what really became of them, and the imperfect trace that people get to see.

The truth is drawn first, the trace from it, with what carriers do besides: scans that are missing, postcodes
that are left out, parcels that travel by a third country, weights that sellers state roughly.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from amends.domain.orders import Components, Line, Order, Parcel, Signal, TrackingEvent
from amends.domain.tracking.analysis import Background
from amends.domain.tracking.numbers import Pattern
from amends.simulation.tracking_numbers import s10

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
FATES = (
    "arrived", "invalid", "unknown", "shared", "wrong_direction", "origin_only", "before_order",
    "late_first_scan", "delivered_elsewhere", "stalled", "weight_mismatch",
)  # fmt: skip
_WEIGHTS = (50, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5)
_COUNTRIES = ("CN", "DE", "BR", "US", "PT")
_HUBS = ("NL", "BE", "AE")


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel: what people see, when somebody looks, and what really happened to it (``fate``)."""

    fate: str
    order: Order
    parcel: Parcel
    background: Background
    now: datetime


def traced(number: int, seed: int, patterns: Sequence[Pattern], terms_id: str) -> Iterator[Traced]:
    """So many parcels, always the same for a seed."""
    random = Random(seed)  # noqa: S311  play, not secrets
    for n in range(number):
        fate = random.choices(FATES, _WEIGHTS)[0]
        yield _parcel(n, fate, random, patterns, terms_id)


def _parcel(n: int, fate: str, random: Random, patterns: Sequence[Pattern], terms_id: str) -> Traced:
    origin = random.choice(_COUNTRIES)
    goal = random.choice([c for c in _COUNTRIES if c != origin] if fate != "arrived" else _COUNTRIES)
    postcode = f"{random.randrange(10000, 99999)}"
    weight = random.randrange(200, 5000)
    line = Line("l1", "Goods", "home", (Components(item=4000),), terms_id, weight_g=weight)
    order = Order(
        order_id=f"t{n}",
        buyer_id=f"b{n}",
        seller_id="s",
        currency="EUR",
        placed_at=START,
        lines=(line,),
        buyer_country=goal,
        buyer_postcode=postcode,
        seller_country=origin,
    )
    shipped = START + timedelta(days=random.uniform(0.3, 5))
    scans = _scans(fate, random, order, shipped, weight)
    number = s10(random, origin)
    if fate == "invalid":
        number = random.choice(
            (number[:10] + str((int(number[10]) + 1) % 10) + number[11:], "ABC12", "11112222X")
        )
    kept = tuple(scan for scan in scans if scan.signal is Signal.DELIVERED or random.random() > 0.12)
    background = Background(
        patterns=patterns,
        # Now and then one parcel really is for two people of one household.
        shared_with=random.randrange(1, 4) if fate == "shared" else int(random.random() < 0.005),
        unknown_to_carrier=fate == "unknown",
    )
    parcel = Parcel("p1", shipped, "carrier", number, events=kept)
    return Traced(
        fate=fate, order=order, parcel=parcel, background=background, now=shipped + timedelta(days=34)
    )


def _scans(  # noqa: C901, PLR0912 - one arm a fate
    fate: str, random: Random, order: Order, shipped: datetime, weight: int
) -> list[TrackingEvent]:
    origin, goal = order.seller_country, order.buyer_country
    if fate == "unknown" or (fate == "invalid" and random.random() < 0.8):
        return []
    first = shipped + timedelta(hours=random.uniform(1, 30))
    if fate == "before_order":
        first = order.placed_at - timedelta(days=random.uniform(1, 20))
    elif fate == "late_first_scan":
        first = order.placed_at + timedelta(days=random.uniform(7.2, 12))
    # One seller in three states a weight that is off by more than a fifth; a box weighs what it weighs,
    # however little is in it. A parcel with too little in it has less than the clause asks for.
    truly, content = weight * random.lognormvariate(0.0, 0.22), 1.0
    if fate == "weight_mismatch":
        content = random.uniform(0.02, 0.55)
    weighed = max(1, round(truly * content + random.uniform(40, 160) + 0.03 * weight))
    found = [TrackingEvent(first, Signal.ACCEPTED, origin, weight_g=weighed)]
    at = first

    def go(days: float, signal: Signal, country: str, code: str = "") -> None:
        nonlocal at
        at += timedelta(days=days)
        found.append(TrackingEvent(at, signal, country, code, weight_g=weighed))

    go(random.uniform(0.5, 2), Signal.IN_TRANSIT, origin)
    if fate == "origin_only":
        go(random.uniform(1, 6), Signal.IN_TRANSIT, origin)
        return found
    if origin != goal and random.random() < 0.4:
        go(random.uniform(1, 3), Signal.IN_TRANSIT, random.choice(_HUBS))
    if fate == "wrong_direction":
        if random.random() < 0.5:
            go(random.uniform(1, 3), Signal.IN_TRANSIT, random.choice(_HUBS))
            go(random.uniform(2, 6), Signal.IN_TRANSIT, origin)
        else:
            go(random.uniform(2, 6), Signal.DELIVERED, random.choice([c for c in _COUNTRIES if c != goal]))
        return found
    if origin != goal:
        go(random.uniform(1, 5), Signal.CUSTOMS, goal)
    go(random.uniform(0.5, 2), Signal.IN_TRANSIT, goal)
    if fate == "stalled":
        return found
    go(random.uniform(0.3, 1.5), Signal.OUT_FOR_DELIVERY, goal)
    code = order.buyer_postcode
    if fate == "delivered_elsewhere":
        code = f"{random.randrange(10000, 99999)}"
    elif random.random() < 0.2:
        code = ""
    go(random.uniform(0.1, 0.4), Signal.DELIVERED, goal, code)
    return found
