"""Reads about buyers, and contests, over a store in memory."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from amends.adapters.memory.store import MemoryStore
from amends.application.ports.buyers import Claim
from amends.domain.cases.model import Kind, State
from amends.domain.custody.model import Custody
from amends.domain.signals import Contest, Neighbour, Peers


class MemoryBuyerReads:
    """Keeps what `amends.application.ports.buyers.BuyerReads` promises."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def claims(self, buyer_id: str, since: datetime, until: datetime, limit: int) -> Sequence[Claim]:
        """A buyer's claims."""
        found = [one for one in self._claims(since, until) if one.case.buyer_id == buyer_id]
        found.sort(key=lambda one: (one.case.opened_at, one.case.case_id), reverse=True)
        return found[:limit]

    async def orders_placed(self, buyer_id: str, since: datetime, until: datetime) -> int:
        """How many orders a buyer placed."""
        return sum(one.order.buyer_id == buyer_id for one in self._orders(since, until))

    async def peers(self, since: datetime, until: datetime) -> Peers:
        """All buyers together."""
        orders = list(self._orders(since, until))
        claims = sum(1 for _ in self._claims(since, until))
        return Peers(len({one.order.buyer_id for one in orders}), len(orders), claims)

    async def neighbours(
        self, buyer_id: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[Neighbour]:
        """Other accounts at the same address."""
        orders = [one.order for one in self._orders(since, until) if one.order.address_key]
        mine = {order.address_key for order in orders if order.buyer_id == buyer_id}
        others = {order.buyer_id for order in orders if order.address_key in mine} - {buyer_id}
        placed = [one.order.buyer_id for one in self._orders(since, until)]
        claimed = [one.case.buyer_id for one in self._claims(since, until)]
        return [Neighbour(one, placed.count(one), claimed.count(one)) for one in sorted(others)[:limit]]

    def _orders(self, since: datetime, until: datetime) -> Iterator[Custody]:
        return (one for one in self._store.custodies.values() if since <= one.order.placed_at < until)

    def _claims(self, since: datetime, until: datetime) -> Iterator[Claim]:
        for custody in self._store.custodies.values():
            for case in self._store.cases_by_order[custody.order.order_id].values():
                told = case.kind is Kind.CLAIM and case.state is not State.DRAFTING
                if told and since <= case.opened_at < until:
                    yield Claim(case, custody)


class MemoryContests:
    """Keeps what `amends.application.ports.buyers.Contests` promises."""

    def __init__(self) -> None:
        self._kept: dict[str, Contest] = {}

    async def add(self, contest: Contest) -> bool:
        """Keep a new one."""
        same = (contest.buyer_id, contest.sign)
        if any((one.buyer_id, one.sign) == same and one.state == "open" for one in self._kept.values()):
            return False
        self._kept[contest.contest_id] = contest
        return True

    async def of(self, buyer_id: str) -> Sequence[Contest]:
        """A buyer's contests."""
        found = [one for one in self._kept.values() if one.buyer_id == buyer_id]
        return sorted(found, key=lambda one: (one.at, one.contest_id), reverse=True)

    async def get(self, contest_id: str) -> Contest | None:
        """One by its id."""
        return self._kept.get(contest_id)

    async def open(self, limit: int) -> Sequence[Contest]:
        """Those nobody has reviewed."""
        found = [one for one in self._kept.values() if one.state == "open"]
        return sorted(found, key=lambda one: (one.at, one.contest_id))[:limit]

    async def review(self, contest: Contest) -> bool:
        """Keep what a person made of it."""
        known = self._kept.get(contest.contest_id)
        if known is None or known.state != "open":
            return False
        self._kept[contest.contest_id] = contest
        return True
