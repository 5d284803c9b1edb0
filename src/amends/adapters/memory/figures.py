"""Figures counted from a store in memory."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from math import ceil

from amends.adapters.decided import decided
from amends.adapters.memory.store import MemoryStore
from amends.application.ports import Link
from amends.application.ports.figures import (
    AGES,
    GROUPINGS,
    Closing,
    DayCount,
    DayMoney,
    Decided,
    Load,
    OpenCases,
    Tally,
)
from amends.domain.cases.model import Case, Outcome, State
from amends.domain.cover import Paid
from amends.domain.custody.model import Custody
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.parties import Actor, Role

_IN_MEDIATION = frozenset({State.MEDIATING, State.MEDIATING_LATE, State.AWAITING_EVIDENCE, State.APPEALED})
_BACK = frozenset({"refund", "goodwill", "chargeback"})


class MemoryFigures:
    """`amends.application.ports.figures.Figures` over a `MemoryStore`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def open_cases(self, now: datetime) -> Sequence[OpenCases]:
        """Live cases by state and age."""
        counted = Counter(
            (case.state.value, sum(now - case.opened_at >= age for age in AGES))
            for case in self._cases()
            if case.live and case.state is not State.DRAFTING
        )
        return [OpenCases(state, age, number) for (state, age), number in sorted(counted.items())]

    async def counts(self, since: datetime, until: datetime) -> Sequence[DayCount]:
        """Cases opened and closed and deadlines lapsed, by day."""
        happened: list[tuple[date, str]] = []
        for case in self._cases():
            if since <= case.opened_at < until and case.state is not State.DRAFTING:
                happened.append((_day(case.opened_at), "opened"))
            if case.closed_at is not None and since <= case.closed_at < until:
                happened.append((_day(case.closed_at), "closed"))
        lapses = {
            (link.recorded.order_id, link.recorded.at)
            for links in self._store.streams.values()
            for link in links
            if link.recorded.actor.role is Role.CLOCK and since <= link.recorded.at < until
        }
        happened += [(_day(at), "lapsed") for _, at in lapses]
        return [DayCount(*key, number) for key, number in sorted(Counter(happened).items())]

    async def money(self, since: datetime, until: datetime) -> Sequence[DayMoney]:
        """Money that went back, by day and currency."""
        sums: Counter[tuple[date, str, str]] = Counter()
        for order_id, at, transfer in self._posted():
            if since <= at < until and transfer.purpose in _BACK and transfer.debit is not Account.CHARGEBACK:
                currency = self._custody(order_id).order.currency
                sums[_day(at), transfer.purpose, currency] += transfer.amount
        return [DayMoney(*key, amount) for key, amount in sorted(sums.items())]

    async def cover(self, since: datetime, until: datetime) -> Sequence[Paid]:
        """What the protection fund paid, by day, purpose, reason and currency."""
        sums: Counter[tuple[date, str, str, str]] = Counter()
        numbers: Counter[tuple[date, str, str, str]] = Counter()
        reasons = {case.case_id: case.reason for case in self._cases()}
        for order_id, at, transfer in self._posted():
            if since <= at < until and transfer.debit is Account.COVER:
                currency = self._custody(order_id).order.currency
                key = (_day(at), transfer.purpose, reasons.get(transfer.case_id, ""), currency)
                sums[key] += transfer.amount
                numbers[key] += 1
        return [
            Paid(
                day=key[0],
                purpose=key[1],
                reason=key[2],
                currency=key[3],
                amount=amount,
                payments=numbers[key],
            )
            for key, amount in sorted(sums.items())
        ]

    async def closings(self, since: datetime, until: datetime, by: str) -> Sequence[Closing]:
        """Cases closed in the span, grouped. Raises `ValueError` for a grouping that is none."""
        if by not in GROUPINGS:
            raise ValueError(f"{by!r} is none of {GROUPINGS}")
        refunded: Counter[str] = Counter()
        borne: Counter[str] = Counter()
        for _, _, transfer in self._posted():
            refunded[transfer.case_id] += transfer.amount if transfer.purpose == "refund" else 0
            borne[transfer.case_id] += transfer.amount if transfer.debit is Account.COVER else 0
        groups: dict[tuple[str, str], list[tuple[Case, float]]] = defaultdict(list)
        for case in self._cases():
            closed = case.closed_at
            if closed is None or not since <= closed < until or case.outcome is Outcome.DISCARDED:
                continue
            hours = (closed - case.opened_at).total_seconds() / 3600
            groups[self._group(case, by), case.currency].append((case, hours))
        found = [
            Closing(
                group,
                currency,
                len(members),
                sum(refunded[case.case_id] > 0 for case, _ in members),
                sum(case.wanted.amount for case, _ in members),
                sum(refunded[case.case_id] for case, _ in members),
                sum(borne[case.case_id] for case, _ in members),
                _percentile([hours for _, hours in members], 0.5),
                _percentile([hours for _, hours in members], 0.9),
            )
            for (group, currency), members in groups.items()
        ]
        return sorted(found, key=lambda one: (-one.cases, one.group, one.currency))

    async def rulings(
        self, since: datetime, until: datetime, limit: int, reason: str = ""
    ) -> Sequence[Decided]:
        """The rulings people made in the span, newest first."""
        found = [
            one
            for case in self._cases()
            if reason in {"", case.reason}
            for one in decided(case, self._custody(case.order_id))
            if since <= one.at < until
        ]
        return sorted(found, key=lambda one: (one.at, one.case_id), reverse=True)[:limit]

    async def load(self) -> Sequence[Load]:
        """Who has how many cases in mediation."""
        cases = [case for case in self._cases() if case.state in _IN_MEDIATION]
        counted = Counter(case.mediator_id for case in cases)
        late = Counter(case.mediator_id for case in cases if case.state is State.MEDIATING_LATE)
        return sorted(
            (Load(who, number, late[who]) for who, number in counted.items()),
            key=lambda one: (-one.cases, one.mediator_id),
        )

    async def journal(self, since: datetime, until: datetime, limit: int, actor: str = "") -> Sequence[Link]:
        """What happened on all orders, newest first."""
        role, _, person = actor.partition(":")
        found = [
            link
            for links in self._store.streams.values()
            for link in links
            if since <= link.recorded.at < until
            and (not actor or (link.recorded.actor.role.value, link.recorded.actor.id) == (role, person))
        ]
        found.sort(key=lambda link: (link.recorded.at, link.recorded.stream, link.recorded.seq), reverse=True)
        return found[:limit]

    async def tally(self, person: Actor) -> Tally:
        """How many orders and cases somebody is part of."""
        place = f"{person.role.value}_id"
        orders = [one.order for one in self._store.custodies.values()]
        cases = [one for one in self._cases() if getattr(one, place, "") == person.id]
        return Tally(
            sum(getattr(order, place, "") == person.id for order in orders),
            len(cases),
            sum(one.live for one in cases),
        )

    def _custody(self, order_id: str) -> Custody:
        return self._store.custodies[order_id]

    def _posted(self) -> Iterator[tuple[str, datetime, Transfer]]:
        for order_id, entries in self._store.ledger.items():
            for at, transfer in entries:
                if transfer.stage is Stage.POSTED:
                    yield order_id, at, transfer

    def _cases(self) -> Iterator[Case]:
        for cases in self._store.cases_by_order.values():
            yield from cases.values()

    def _group(self, case: Case, by: str) -> str:
        order = self._custody(case.order_id).order
        match by:
            case "reason":
                return case.reason
            case "seller":
                return case.seller_id
            case "outcome":
                return case.outcome.value if case.outcome else ""
            case "lane":
                return f"{order.seller_country}>{order.buyer_country}"
            case _:
                line = order.line(case.units[0].line_id) if case.units else None
                return line.category if line else ""


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _percentile(values: list[float], part: float) -> int:
    """The smallest value that at least this part of the values does not exceed, as whole hours."""
    ordered = sorted(values)
    return int(ordered[max(0, ceil(part * len(ordered)) - 1)])
