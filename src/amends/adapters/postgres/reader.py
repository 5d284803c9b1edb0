"""Reads on PostgreSQL: one statement each, every list by an index, page by page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres import rows
from amends.adapters.postgres.case_sheets import CaseSheets
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.adapters.postgres.store import TermsShelf
from amends.application.ports import (
    Among,
    CaseFile,
    CaseFilter,
    CasePage,
    CaseSheet,
    Link,
    OrderFilter,
    OrderPage,
)
from amends.domain.cases.model import Case, State
from amends.domain.custody.model import Custody
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.policy.terms import Terms
from amends.domain.scene import Scene

_SQL = statements("read")
_CLOSED = State.CLOSED.value
_WILD = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class PostgresReader:
    """`amends.application.ports.Reader` on a pool of connections."""

    def __init__(self, pool: Pool, shelf: TermsShelf | None = None) -> None:
        self._pool = pool
        self._shelf = shelf or TermsShelf()
        self._sheets = CaseSheets(pool)

    @reaching
    async def scene(self, order_id: str) -> Scene | None:
        """An order with its cases."""
        custody: Custody | None = None
        cases: dict[str, Case] = {}
        for part, found_id, snapshot in await self._pool.fetch(_SQL["scene"], order_id):
            if part == "o":
                custody = rows.custody_of(snapshot)
            else:
                cases[found_id] = rows.case_of(snapshot)
        if custody is None:
            return None
        return Scene(custody, {case_id: cases[case_id] for case_id in sorted(cases, key=_age)})

    @reaching
    async def case_file(self, case_id: str) -> CaseFile | None:
        """A case, its order and its timeline."""
        order_id = case_id.rpartition(".")[0]
        custody: Custody | None = None
        case: Case | None = None
        timeline: list[Link] = []
        for row in await self._pool.fetch(_SQL["case_file"], order_id, case_id):
            part = row["part"]
            if part == "e":
                timeline.append(rows.link_of(row, case_id, order_id))
            elif part == "o":
                custody = rows.custody_of(row["body"])
            else:
                case = rows.case_of(row["body"])
        if custody is None or case is None:
            return None
        terms = await self.terms_of([line.terms_id for line in custody.order.lines])
        return CaseFile(case, custody, tuple(timeline), terms)

    @reaching
    async def case_sheet(self, case_id: str, *, timeline: bool = False) -> CaseSheet | None:
        """A case for those who only look."""
        return await self._sheets.get(case_id, timeline=timeline)

    @reaching
    async def cases(self, wanted: CaseFilter, cursor: str, limit: int) -> CasePage:
        """A page of cases."""
        after = parse(cursor, wanted.order) if cursor else None
        where = _Where()
        for column in ("buyer_id", "seller_id", "mediator_id", "order_id", "waiting_on", "reason"):
            value = getattr(wanted, column)
            if value:
                where.add(f"{column} = {{}}", value)
        if wanted.states:
            where.add("state = any ({}::text[])", list(wanted.states))
        if wanted.live is not None:
            where.add(f"state {'<>' if wanted.live else '='} {{}}", _CLOSED)
        where.among(wanted.among)
        by_age = wanted.order == "opened"
        column, direction = ("opened_at", "desc") if by_age else ("due_at", "asc")
        where.after(column, "case_id", direction, after)
        order = f"{column} {direction}, case_id {direction}"
        found = await self._pool.fetch(
            # Only names and placeholders of our own are put in.
            f"select snapshot from cases{where} order by {order} limit {limit + 1}",  # noqa: S608
            *where.values,
        )
        cases = tuple(rows.case_of(row["snapshot"]) for row in found[:limit])
        more = str(_case_cursor(cases[-1], wanted.order)) if len(found) > limit else ""
        return CasePage(cases, more)

    @reaching
    async def orders(self, wanted: OrderFilter, cursor: str, limit: int) -> OrderPage:
        """A page of orders."""
        after = parse(cursor, "placed") if cursor else None
        where = _Where()
        for column in ("buyer_id", "seller_id", "stage"):
            value = getattr(wanted, column)
            if value:
                where.add(f"{column} = {{}}", value)
        where.among(wanted.among)
        where.after("placed_at", "order_id", "desc", after)
        found = await self._pool.fetch(
            f"select snapshot from orders{where} order by placed_at desc, order_id desc limit {limit + 1}",  # noqa: S608
            *where.values,
        )
        orders = tuple(rows.custody_of(row["snapshot"]) for row in found[:limit])
        more = ""
        if len(found) > limit:
            last = orders[-1].order
            more = str(Cursor("placed", last.placed_at, last.order_id))
        return OrderPage(orders, more)

    @reaching
    async def timeline(self, stream: str) -> Sequence[Link]:
        """The events of a case or an order, oldest first."""
        found = await self._pool.fetch(_SQL["timeline"], stream)
        return [rows.link_of(row, row["stream"], row["order_id"]) for row in found]

    @reaching
    async def transfers(self, order_id: str) -> Sequence[tuple[datetime, Transfer]]:
        """The ledger of an order, oldest first."""
        return [
            (
                row["at"],
                Transfer(
                    transfer_id=row["transfer_id"],
                    debit=Account(row["debit"]),
                    credit=Account(row["credit"]),
                    amount=row["amount"],
                    stage=Stage(row["stage"]),
                    purpose=row["purpose"],
                    tender_id=row["tender_id"],
                    case_id=row["case_id"],
                ),
            )
            for row in await self._pool.fetch(_SQL["transfers"], order_id)
        ]

    @reaching
    async def terms_of(self, terms_ids: Sequence[str]) -> Mapping[str, Terms]:
        """Terms by id; unknown ids are left out."""
        return await self._shelf.fetch(self._pool, terms_ids)


def _age(case_id: str) -> int:
    return int(case_id.rpartition(".")[2])


def _case_cursor(case: Case, order: str) -> Cursor:
    if order == "opened":
        return Cursor(order, case.opened_at, case.case_id)
    return Cursor(order, case.waiting.until if case.waiting else None, case.case_id)


class _Where:
    """The conditions of a list, with their values."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._conditions: list[str] = []

    def add(self, condition: str, *values: Any) -> None:
        places = (f"${len(self.values) + n}" for n in range(1, len(values) + 1))
        self._conditions.append(condition.format(*places))
        self.values += values

    def after(self, column: str, key: str, direction: str, cursor: Cursor | None) -> None:
        if cursor is not None:
            sign = ">" if direction == "asc" else "<"
            self.add(f"({column}, {key}) {sign} ({{}}, {{}})", cursor.at or rows.NEVER, cursor.id)

    def among(self, wanted: Among | None) -> None:
        if wanted is not None:
            self.add(
                "(({} <> '' and order_id like {}) or buyer_id = any ({}::text[])"
                " or seller_id = any ({}::text[]))",
                wanted.number,
                wanted.number.translate(_WILD) + "%",
                list(wanted.buyer_ids),
                list(wanted.seller_ids),
            )

    def __str__(self) -> str:
        return f" where {' and '.join(self._conditions)}" if self._conditions else ""
