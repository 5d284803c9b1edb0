"""A buyer's lists on PostgreSQL: rows by an index in chunks, sifted until a page is full."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.adapters.sifting import MOVES, moments_of
from amends.application.ports import CasePage, OrderPage
from amends.application.ports.purchases import SIFTED_MAX, Moment, PurchaseFilter
from amends.domain.cases.model import Case
from amends.domain.custody.model import Custody

_SQL = statements("purchases")
_CHUNK = 200

T = TypeVar("T")


class PostgresPurchases:
    """`amends.application.ports.purchases.Purchases` on a pool of connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def orders(
        self, wanted: PurchaseFilter, keep: Callable[[Custody], bool], cursor: str, limit: int
    ) -> OrderPage:
        """A page of orders, newest first."""
        name = "purchases_of_buyer" if wanted.buyer_id else "purchases_of_seller"
        party, stages = wanted.buyer_id or wanted.seller_id, list(wanted.stages)
        kept, more = await self._sifted(
            _SQL[name],
            (party, stages),
            parse(cursor, "placed") if cursor else None,
            lambda row: rows.custody_of(row["snapshot"]),
            lambda custody: (not wanted.with_cases or custody.cases > 0) and keep(custody),
            limit,
        )
        return OrderPage(tuple(kept), _next("placed", more))

    @reaching
    async def cases(self, buyer_id: str, keep: Callable[[Case], bool], cursor: str, limit: int) -> CasePage:
        """A page of a buyer's cases, newest first."""
        after = parse(cursor, "opened") if cursor else None
        kept, more = await self._sifted(
            _SQL["cases_of_buyer"],
            (buyer_id,),
            after,
            lambda row: rows.case_of(row["snapshot"]),
            keep,
            limit,
        )
        return CasePage(tuple(kept), _next("opened", more))

    async def _sifted(
        self,
        statement: str,
        given: tuple[Any, ...],
        after: Cursor | None,
        read: Callable[[Any], T],
        keep: Callable[[T], bool],
        limit: int,
    ) -> tuple[list[T], tuple[datetime, str] | None]:
        """What is kept, and the last row seen where there may be more."""
        last: tuple[datetime, str] = (after.at or rows.NEVER, after.id) if after else (rows.NEVER, "")
        kept: list[T] = []
        seen = 0
        while seen < SIFTED_MAX:
            found = await self._pool.fetch(statement, *given, *last, _CHUNK)
            for row in found:
                if len(kept) == limit:
                    return kept, last
                one = read(row)
                last, seen = (row[1], row[0]), seen + 1
                if keep(one):
                    kept.append(one)
            if len(found) < _CHUNK:
                return kept, None
        return kept, last

    @reaching
    async def custodies(self, order_ids: Sequence[str]) -> Mapping[str, Custody]:
        """Orders by id."""
        found = await self._pool.fetch(_SQL["custodies"], list(order_ids))
        return {row["order_id"]: rows.custody_of(row["snapshot"]) for row in found}

    @reaching
    async def refund_moments(self, case_ids: Sequence[str]) -> Mapping[str, Sequence[Moment]]:
        """When the refunds of each case came to their stages."""
        found: dict[str, list[Moment]] = {case_id: [] for case_id in case_ids}
        for row in await self._pool.fetch(_SQL["refund_moments"], list(case_ids), list(MOVES)):
            recorded = rows.link_of(row, row["stream"], row["order_id"]).recorded
            found[recorded.stream] += moments_of(recorded.event, recorded.at)
        return found


def _next(by: str, last: tuple[datetime, str] | None) -> str:
    return str(Cursor(by, *last)) if last else ""
