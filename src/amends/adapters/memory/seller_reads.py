"""Reads about one seller over a store in memory."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from amends.adapters.cursors import Cursor, parse
from amends.adapters.memory.store import MemoryStore
from amends.application.ports.sellers import (
    LISTS,
    TASKS,
    HeldOrder,
    InboxFilter,
    InboxPage,
    InboxRow,
    MoneySum,
)
from amends.domain.cases import events as e
from amends.domain.cases.model import Case, State
from amends.domain.chain import Recorded
from amends.domain.custody.model import Custody, Stage
from amends.domain.ledger import available
from amends.domain.money import decimals
from amends.domain.parties import Role
from amends.domain.records import SELLERS_TURN, CaseTrace, given_to

_NEVER = datetime.max.replace(tzinfo=UTC)
_ASKED = frozenset({State.AWAITING_SELLER, State.CANCEL_REQUESTED})


class MemorySellerReads:
    """Keeps what `amends.application.ports.sellers.SellerReads` promises."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def inbox(self, wanted: InboxFilter, cursor: str, limit: int) -> InboxPage:
        """A page of the inbox."""
        closed = wanted.show == "closed"
        by = "opened" if closed else "due"
        after = parse(cursor, by) if cursor else None
        rows = [row for row in self._fitting(wanted) if _listed(row.case, wanted.show)]
        place: Callable[[InboxRow], tuple[datetime, str]] = _opened if closed else _due
        rows.sort(key=place, reverse=closed)
        if after is not None:
            last = (after.at or _NEVER, after.id)
            rows = [row for row in rows if (place(row) < last if closed else place(row) > last)]
        if len(rows) <= limit:
            return InboxPage(tuple(rows))
        end = rows[limit - 1].case
        at = end.opened_at if closed else end.waiting.until if end.waiting else None
        return InboxPage(tuple(rows[:limit]), str(Cursor(by, at, end.case_id)))

    async def counts(self, wanted: InboxFilter) -> Mapping[str, int]:
        """How many cases each list holds."""
        found = list(self._fitting(wanted))
        return {name: sum(_listed(row.case, name) for row in found) for name in LISTS if name != "closed"}

    async def rows(self, seller_id: str, case_ids: Sequence[str]) -> Sequence[InboxRow]:
        """Those of the cases that are the seller's."""
        own = {row.case.case_id: row for row in self._own(seller_id)}
        return [own[case_id] for case_id in dict.fromkeys(case_ids) if case_id in own]

    async def traces(self, seller_id: str, since: datetime, until: datetime) -> Sequence[CaseTrace]:
        """The cases opened in a time that reached the seller."""
        found = [
            _trace(row.case, [link.recorded for link in self._store.streams[row.case.case_id]])
            for row in self._own(seller_id)
            if since <= row.case.opened_at < until
        ]
        reached = [trace for trace in found if trace is not None]
        return sorted(reached, key=lambda trace: (trace.opened_at, trace.case_id), reverse=True)

    async def orders_placed(self, seller_id: str, since: datetime, until: datetime) -> int:
        """How many orders were placed with the seller in a time."""
        return sum(since <= custody.order.placed_at < until for custody in self._orders(seller_id))

    async def money(self, seller_id: str) -> Sequence[MoneySum]:
        """Where the money of the seller's orders is."""
        sums: dict[tuple[str, str], list[int]] = defaultdict(list)
        for custody in self._orders(seller_id):
            currency, books = custody.order.currency, custody.books
            if held := available(books):
                sums[currency, self._place(custody)].append(held)
            if books.seller:
                sums[currency, "due" if books.seller > 0 else "owed"].append(abs(books.seller))
        return [MoneySum(*key, len(amounts), sum(amounts)) for key, amounts in sorted(sums.items())]

    async def held(self, seller_id: str, limit: int) -> Sequence[HeldOrder]:
        """Orders with money on its way to the seller."""
        found = [one for one in self._orders(seller_id) if available(one.books) or one.books.seller]
        found.sort(key=lambda one: (one.waiting.until if one.waiting else _NEVER, one.order.order_id))
        return [HeldOrder(one, self._freezing(one)) for one in found[:limit]]

    def _place(self, custody: Custody) -> str:
        if self._freezing(custody):
            return "frozen"
        on_the_way = custody.stage in {Stage.AWAITING_SHIPMENT, Stage.AWAITING_DELIVERY}
        return "on_the_way" if on_the_way else "protected"

    def _freezing(self, custody: Custody) -> tuple[str, ...]:
        cases = self._store.cases_by_order[custody.order.order_id].values()
        return tuple(sorted(case.case_id for case in cases if case.live and case.state is not State.DRAFTING))

    def _orders(self, seller_id: str) -> list[Custody]:
        return [one for one in self._store.custodies.values() if one.order.seller_id == seller_id]

    def _own(self, seller_id: str) -> list[InboxRow]:
        return [
            InboxRow(case, custody)
            for custody in self._orders(seller_id)
            for case in self._store.cases_by_order[custody.order.order_id].values()
        ]

    def _fitting(self, wanted: InboxFilter) -> list[InboxRow]:
        own = self._own(wanted.seller_id)
        return [row for row in own if row.case.state is not State.DRAFTING and _fits(row, wanted)]


def _opened(row: InboxRow) -> tuple[datetime, str]:
    return row.case.opened_at, row.case.case_id


def _due(row: InboxRow) -> tuple[datetime, str]:
    return (row.case.waiting.until if row.case.waiting else _NEVER), row.case.case_id


def _listed(case: Case, show: str) -> bool:
    mine = case.waiting is not None and case.waiting.on is Role.SELLER
    match show:
        case "closed":
            return not case.live
        case "waiting":
            return case.live and not mine
        case "turn":
            return mine
        case "other":
            return mine and not any(case.state in states for states in TASKS.values())
        case _:
            return mine and case.state in TASKS[show]


def _fits(row: InboxRow, wanted: InboxFilter) -> bool:
    case, order = row.case, row.custody.order
    remedy = case.settlement.remedy if case.settlement else case.wanted
    amount = Decimal(remedy.amount).scaleb(-decimals(case.currency))
    titles = " ".join(line.title for line in order.lines)
    return (
        (not wanted.reason or case.reason == wanted.reason or case.reason.startswith(f"{wanted.reason}."))
        and (wanted.due_before is None or _due(row)[0] < wanted.due_before)
        and (wanted.least is None or amount >= wanted.least)
        and (wanted.most is None or amount <= wanted.most)
        and wanted.country in ("", order.buyer_country)
        and wanted.text.lower() in f"{case.case_id} {case.buyer_id} {titles}".lower()
    )


def _trace(case: Case, events: Sequence[Recorded]) -> CaseTrace | None:
    """The case as a record counts it; None for one that never left the buyer."""
    states = [(one.from_state, one.event.state.value) for one in events]
    if all(to == "drafting" or (before, to) == ("drafting", "closed") for before, to in states):
        return None
    asked = [one.at for one in events if one.event.state in _ASKED]
    answered = [one.at for one in events if one.actor.role is Role.SELLER]
    rulings = [one.event.ruling for one in events if isinstance(one.event, e.CaseRuled)]
    kinds = Counter(type(one.event) for one in events)
    return CaseTrace(
        case_id=case.case_id,
        kind=case.kind.value,
        reason=case.reason,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        asked_at=min(asked, default=None),
        answered_at=min(answered, default=None),
        lapsed=any(
            one.actor.role is Role.CLOCK
            and one.from_state in SELLERS_TURN
            and one.event.state.value != one.from_state
            for one in events
        ),
        escalated=bool(kinds[e.CaseEscalated]),
        ruled=given_to(rulings[-1].remedy) if rulings else "",
        sent_back=bool(kinds[e.ReturnShipped]),
        rejected=any(
            isinstance(one.event, e.ReturnInspected) and one.event.state is State.REJECTED for one in events
        ),
    )
