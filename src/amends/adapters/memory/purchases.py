"""A buyer's lists over the store in memory."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from amends.adapters.cursors import Cursor, parse
from amends.adapters.memory.store import MemoryStore
from amends.adapters.sifting import moments_of
from amends.application.ports import CasePage, OrderPage
from amends.application.ports.purchases import SIFTED_MAX, Moment, PurchaseFilter
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody

T = TypeVar("T")


class MemoryPurchases:
    """`amends.application.ports.purchases.Purchases` over dictionaries."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def orders(
        self, wanted: PurchaseFilter, keep: Callable[[Custody], bool], cursor: str, limit: int
    ) -> OrderPage:
        """A page of orders, newest first."""
        mine = [
            (custody.order.placed_at, custody.order.order_id, custody)
            for custody in self._store.custodies.values()
            if (custody.order.buyer_id if wanted.buyer_id else custody.order.seller_id)
            == (wanted.buyer_id or wanted.seller_id)
            and (not wanted.stages or custody.stage.value in wanted.stages)
        ]
        after = parse(cursor, "placed") if cursor else None
        kept, last = _sifted(
            mine, after, lambda one: (not wanted.with_cases or one.cases > 0) and keep(one), limit
        )
        return OrderPage(tuple(kept), str(Cursor("placed", *last)) if last else "")

    async def cases(self, buyer_id: str, keep: Callable[[Case], bool], cursor: str, limit: int) -> CasePage:
        """A page of a buyer's cases, newest first."""
        mine = [
            (case.opened_at, case.case_id, case)
            for cases in self._store.cases_by_order.values()
            for case in cases.values()
            if case.buyer_id == buyer_id
        ]
        kept, last = _sifted(mine, parse(cursor, "opened") if cursor else None, keep, limit)
        return CasePage(tuple(kept), str(Cursor("opened", *last)) if last else "")

    async def custodies(self, order_ids: Sequence[str]) -> Mapping[str, Custody]:
        """Orders by id."""
        known = self._store.custodies
        return {order_id: known[order_id] for order_id in order_ids if order_id in known}

    async def refund_moments(self, case_ids: Sequence[str]) -> Mapping[str, Sequence[Moment]]:
        """When the refunds of each case came to their stages."""
        return {
            case_id: [
                moment
                for link in self._store.streams.get(case_id, ())
                for moment in moments_of(link.recorded.event, link.recorded.at)
            ]
            for case_id in case_ids
        }


def _sifted(
    keyed: list[tuple[datetime, str, T]], after: Cursor | None, keep: Callable[[T], bool], limit: int
) -> tuple[list[T], tuple[datetime, str] | None]:
    keyed.sort(key=lambda one: one[:2], reverse=True)
    rest = [one for one in keyed if after is None or after.at is None or one[:2] < (after.at, after.id)]
    kept: list[T] = []
    for seen, (at, key, one) in enumerate(rest, 1):
        if keep(one):
            kept.append(one)
        if seen < len(rest) and (len(kept) == limit or seen == SIFTED_MAX):
            return kept, (at, key)
    return kept, None
