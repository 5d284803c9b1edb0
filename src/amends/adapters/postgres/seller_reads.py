"""Reads about one seller on PostgreSQL: the inbox page by page, the record, the money."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from amends.adapters.cursors import Cursor, parse
from amends.adapters.postgres import rows
from amends.adapters.postgres.pool import Pool, reaching
from amends.adapters.postgres.statements import statements
from amends.application.ports.sellers import (
    LISTS,
    TASKS,
    HeldOrder,
    InboxFilter,
    InboxPage,
    InboxRow,
    MoneySum,
)
from amends.domain.cases.model import Remedy, State
from amends.domain.money import CURRENCIES, decimals
from amends.domain.records import SELLERS_TURN, CaseTrace, given_to

_SQL = statements("sellers")
_remedy = msgspec.json.Decoder(Remedy).decode

# Amounts are filtered in major units; how many minor units that is depends on the currency.
_CASE = "convert_from(c.snapshot, 'UTF8')::jsonb"
_MINOR_UNITS = " ".join(
    f"when {_CASE} ->> 'currency' in ({', '.join(map(repr, named))}) then {10**n}"
    for n in (0, 3, 4)
    if (named := sorted(code for code in CURRENCIES if decimals(code) == n))
)
_AMOUNT = f"""coalesce({_CASE} #>> '{{settlement,remedy,amount}}', {_CASE} #>> '{{wanted,amount}}')::numeric
    / case {_MINOR_UNITS} else 100 end"""
_COUNTRY = "convert_from(o.snapshot, 'UTF8')::jsonb #>> '{order,buyer_country}'"
_TEXT = """(c.case_id || ' ' || c.buyer_id || ' ' ||
    jsonb_path_query_array(convert_from(o.snapshot, 'UTF8')::jsonb, '$.order.lines[*].title')::text)"""
_LIST = f"""case when c.state = 'closed' then 'closed' when c.waiting_on <> 'seller' then 'waiting' {
    " ".join(
        f"when c.state in ({', '.join(repr(state.value) for state in states)}) then '{name}'"
        for name, states in TASKS.items()
    )
} else 'other' end"""


class PostgresSellerReads:
    """Keeps what `amends.application.ports.sellers.SellerReads` promises."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @reaching
    async def inbox(self, wanted: InboxFilter, cursor: str, limit: int) -> InboxPage:
        """A page of the inbox."""
        by = "opened" if wanted.show == "closed" else "due"
        after = parse(cursor, by) if cursor else None
        conditions, values = _conditions(wanted)
        if wanted.show == "turn":
            conditions.append("c.waiting_on = 'seller'")
        else:
            values.append(wanted.show)
            conditions.append(f"{_LIST} = ${len(values)}")
        column, sign, direction = ("c.opened_at", "<", "desc") if by == "opened" else ("c.due_at", ">", "asc")
        if after is not None:
            values += [after.at or rows.NEVER, after.id]
            conditions.append(f"({column}, c.case_id) {sign} (${len(values) - 1}, ${len(values)})")
        found = await self._pool.fetch(
            # Only names and placeholders of our own are put in.
            f"""select c.snapshot, o.snapshot as order_snapshot
                  from cases c join orders o using (order_id)
                 where {" and ".join(conditions)}
                 order by {column} {direction}, c.case_id {direction}
                 limit {limit + 1}""",  # noqa: S608
            *values,
        )
        shown = tuple(_row(row) for row in found[:limit])
        if len(found) <= limit:
            return InboxPage(shown)
        last = shown[-1].case
        at = last.opened_at if by == "opened" else last.waiting.until if last.waiting else None
        return InboxPage(shown, str(Cursor(by, at, last.case_id)))

    @reaching
    async def counts(self, wanted: InboxFilter) -> Mapping[str, int]:
        """How many cases each list holds."""
        conditions, values = _conditions(wanted)
        found = await self._pool.fetch(
            f"""select {_LIST} as list, count(*) as cases
                  from cases c join orders o using (order_id)
                 where c.state <> 'closed' and {" and ".join(conditions)}
                 group by 1""",  # noqa: S608
            *values,
        )
        counted = dict.fromkeys((name for name in LISTS if name != "closed"), 0)
        counted |= {row["list"]: row["cases"] for row in found}
        counted["turn"] = sum(counted[name] for name in (*TASKS, "other"))
        return counted

    @reaching
    async def rows(self, seller_id: str, case_ids: Sequence[str]) -> Sequence[InboxRow]:
        """Those of the cases that are the seller's."""
        orders = [case_id.rpartition(".")[0] for case_id in case_ids]
        found = {
            row["case_id"]: _row(row)
            for row in await self._pool.fetch(_SQL["rows"], seller_id, orders, list(case_ids))
        }
        return [found[case_id] for case_id in dict.fromkeys(case_ids) if case_id in found]

    @reaching
    async def traces(self, seller_id: str, since: datetime, until: datetime) -> Sequence[CaseTrace]:
        """The cases opened in a time that reached the seller."""
        found = await self._pool.fetch(_SQL["traces"], seller_id, since, until, list(SELLERS_TURN))
        return [_trace(row) for row in found]

    @reaching
    async def orders_placed(self, seller_id: str, since: datetime, until: datetime) -> int:
        """How many orders were placed with the seller in a time."""
        return int(await self._pool.fetchval(_SQL["orders_placed"], seller_id, since, until))

    @reaching
    async def money(self, seller_id: str) -> Sequence[MoneySum]:
        """Where the money of the seller's orders is."""
        return [
            MoneySum(row["currency"], row["place"], row["orders"], row["amount"])
            for row in await self._pool.fetch(_SQL["money"], seller_id)
        ]

    @reaching
    async def held(self, seller_id: str, limit: int) -> Sequence[HeldOrder]:
        """Orders with money on its way to the seller."""
        return [
            HeldOrder(rows.custody_of(row["snapshot"]), tuple(row["case_ids"]))
            for row in await self._pool.fetch(_SQL["held"], seller_id, limit)
        ]


def _conditions(wanted: InboxFilter) -> tuple[list[str], list[Any]]:
    """The filters that are given; reading into a snapshot costs, so only then."""
    values: list[Any] = [wanted.seller_id]
    conditions = ["c.seller_id = $1", f"c.state <> '{State.DRAFTING.value}'"]

    def add(condition: str, value: Any) -> None:
        values.append(value)
        conditions.append(condition.replace("$?", f"${len(values)}"))

    if wanted.reason:
        add("(c.reason = $? or starts_with(c.reason, $? || '.'))", wanted.reason)
    if wanted.due_before is not None:
        add("c.due_at < $?", wanted.due_before)
    if wanted.least is not None:
        add(f"{_AMOUNT} >= $?", wanted.least)
    if wanted.most is not None:
        add(f"{_AMOUNT} <= $?", wanted.most)
    if wanted.country:
        add(f"{_COUNTRY} = $?", wanted.country)
    if wanted.text:
        add(f"position(lower($?) in lower({_TEXT})) > 0", wanted.text)
    return conditions, values


def _row(row: asyncpg.Record) -> InboxRow:
    return InboxRow(rows.case_of(row["snapshot"]), rows.custody_of(row["order_snapshot"]))


def _trace(row: asyncpg.Record) -> CaseTrace:
    return CaseTrace(
        case_id=row["case_id"],
        kind=row["kind"],
        reason=row["reason"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
        lapsed=bool(row["lapsed"]),
        escalated=bool(row["escalated"]),
        ruled="" if row["ruled"] is None else given_to(_remedy(row["ruled"])),
        sent_back=bool(row["sent_back"]),
        rejected=bool(row["rejected"]),
    )
