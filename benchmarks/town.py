"""The town the benchmarks live in: a fresh embedded PostgreSQL with as many open cases as wanted.

Every order has been delivered and has one claim that waits for the seller: `order-00000000.1` and so on. They
come the way all data comes, as commands to `execute`.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec

from amends.adapters.calendars import CALENDARS
from amends.adapters.packs import load
from amends.adapters.postgres import embedded
from amends.adapters.postgres.cluster import Cluster
from amends.adapters.postgres.migrate import migrate
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.execute import execute
from amends.application.ports import Done, Envelope
from amends.domain.cases.commands import OpenClaim
from amends.domain.cases.model import EvidenceItem, Goods, Remedy
from amends.domain.custody.commands import PlaceOrder
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, TrackingEvent, Unit
from amends.domain.parties import Actor, Role
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import Terms, resolve
from amends.domain.scene import Rules

SELLERS, BUYERS = 500, 20_000
OPERATOR = Actor(Role.OPERATOR, "operator-bench")
RULES = Rules({}, CALENDARS)
_ORDERS_A_BATCH = 250


class Town(msgspec.Struct, frozen=True):
    """Where the server of a benchmark is, what is in it, and the instant at which it was filled."""

    home: Path
    url: str
    cases: int
    now: datetime

    @property
    def programs(self) -> Path:
        """The folder with pgbench."""
        return Cluster(self.home).programs


@contextmanager
def town(cases: int, told: Callable[[int], None] = lambda _: None) -> Iterator[Town]:
    """A town of its own, gone afterwards; ``told`` hears how many cases are there."""
    folder = Path(tempfile.mkdtemp(prefix="amends-bench-"))
    folder.chmod(0o711)
    home = folder / "home"
    try:
        now = datetime.now(UTC).replace(microsecond=0)
        url = asyncio.run(_fill(home, cases, now, told))
        yield Town(home, url, cases, now)
    finally:
        embedded.stop(home)
        shutil.rmtree(folder, ignore_errors=True)


async def _fill(home: Path, cases: int, now: datetime, told: Callable[[int], None]) -> str:
    url = await embedded.ensure_running(home)
    connection = await asyncpg.connect(url)
    await migrate(connection)
    pool = await open_pool(url)
    store = PostgresStore(pool)
    starts = iter(range(0, cases, _ORDERS_A_BATCH))
    there = 0

    async def settle() -> None:
        nonlocal there
        for start in starts:
            numbers = range(start, min(start + _ORDERS_A_BATCH, cases))
            envelopes = [envelope for n in numbers for envelope in claimed_order(n, now)]
            results = await execute(store, envelopes, rules=RULES, now=now)
            refused = [result for result in results if not isinstance(result, Done)]
            if refused:
                raise RuntimeError(f"the town cannot be filled: {refused[0]}")
            there += len(numbers)
            told(there)

    await asyncio.gather(settle(), settle())
    await pool.close()
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    await connection.close()
    return url


def order_id(number: int) -> str:
    """The id of the order of that number."""
    return f"order-{number:08}"


def claimed_order(number: int, now: datetime) -> tuple[Envelope, Envelope]:
    """A delivered order of two lamps, and the claim on one of them."""
    placed = now - timedelta(days=5)
    facts = Facts(category="home", currency="EUR", buyer_tier="standard", placed_at=placed)
    terms = _TERMS.get(placed) or _TERMS.setdefault(placed, resolve(load(("default",)), facts))
    unit = Components(item=4000, shipping=500)
    scan = TrackingEvent(now - timedelta(hours=2), Signal.DELIVERED, "DE", "10115")
    buyer = Actor(Role.BUYER, f"buyer-{number % BUYERS}")
    order = Order(
        order_id=order_id(number),
        buyer_id=buyer.id,
        seller_id=f"seller-{number % SELLERS}",
        currency="EUR",
        placed_at=placed,
        lines=(Line("l1", "Table lamp Dune", "home", (unit, unit), terms.terms_id),),
        tenders=(Tender("t1", Method.CARD, 2 * unit.paid),),
        parcels=(Parcel("p1", placed + timedelta(days=1), "Swift Post", "SW123456789", events=(scan,)),),
        buyer_country="DE",
        buyer_postcode="10115",
    )
    claim = OpenClaim(
        reason="not_as_described.size",
        units=(Unit("l1", 0),),
        wanted=Remedy(4000, Goods.RETURN),
        story="The lamp is smaller than the pictures and the table of sizes told: it lights no desk.",
        evidence=(EvidenceItem(Role.BUYER, "photo", "The lamp beside a ruler", now),),
    )
    return (
        Envelope(command=PlaceOrder(order=order), actor=OPERATOR, order_id=order.order_id, terms=(terms,)),
        Envelope(command=claim, actor=buyer, order_id=order.order_id),
    )


_TERMS: dict[datetime, Terms] = {}
