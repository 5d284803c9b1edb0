"""The audit: everything that is kept must follow from the events, and the events must be those that were
recorded."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

import msgspec

from amends.application.ports import Kept, Link, Store
from amends.application.ports.settlements import DifferenceFilter, Run, SettlementBook
from amends.domain.cases.evolve import evolve as evolve_case
from amends.domain.cases.model import Case
from amends.domain.chain import GENESIS, digest_of
from amends.domain.custody.events import PayoutHeld, PayoutHoldKept, PayoutHoldReleased, PayoutInitiated
from amends.domain.custody.evolve import evolve as evolve_custody
from amends.domain.custody.holding import IN_FORCE
from amends.domain.custody.model import Custody, Hold
from amends.domain.ledger import Books, balances_of, check
from amends.domain.reconciliation import Difference, State, unexplained

_PAGE = 200
_DIFFERENCES_MAX = 100_000


class Fault(msgspec.Struct, frozen=True):
    """What does not fit: ``what`` is gap, chain, head, snapshot, state, fold, balances, paid_though_held,
    unexplained (a reconciled day), one_person (wrote money off) or a violated rule of the ledger."""

    stream: str
    what: str
    detail: str = ""


class Audit(msgspec.Struct, kw_only=True):
    """What was looked at, and the faults found; none means that the store is sound."""

    orders: int = 0
    cases: int = 0
    events: int = 0
    days: int = 0
    faults: list[Fault] = []


async def audit(store: Store, reports: SettlementBook | None = None) -> Audit:
    """Replay every stream, verify the hash chains, compare snapshots and balances, and hold the reconciled
    days to their differences. Reads only.
    """
    found = Audit()
    if reports is not None:
        await _reports(reports, found)
    after = ""
    while page := await store.kept(after, _PAGE):
        for kept in page:
            found.orders += 1
            found.cases += len(kept.scene.cases)
            found.events += sum(len(links) for links in kept.streams.values())
            found.faults += faults_of(kept)
            if kept.scene.custody is not None:
                after = kept.scene.custody.order.order_id
    return found


async def _reports(reports: SettlementBook, found: Audit) -> None:
    """Reconciled days, newest first."""
    until, seen = None, set()
    while runs := await reports.runs(_PAGE, until=until):
        fresh = [run for run in runs if (run.provider, run.day) not in seen]
        seen = {(run.provider, run.day) for run in runs}
        for run in fresh:
            found.days += 1
            wanted = DifferenceFilter(provider=run.provider, day=run.day)
            differences = await reports.differences(wanted, _DIFFERENCES_MAX)
            found.faults += day_faults(run, differences)
        # A page may end in the middle of a day.
        last = runs[-1].day
        until = last if fresh else last - timedelta(days=1)


def day_faults(run: Run, differences: Sequence[Difference]) -> Iterator[Fault]:
    """What does not fit in one provider's reconciled day."""
    stream = f"{run.provider}/{run.day.isoformat()}"
    for one in run.sums:
        if rest := unexplained(one, differences):
            yield Fault(stream, "unexplained", f"{rest} minor units of {one.currency}")
    for difference in differences:
        alone = difference.by == difference.agreed_by or not difference.agreed_by
        if difference.how == "written_off" and difference.state is State.RESOLVED and alone:
            yield Fault(stream, "one_person", difference.difference_id)


def faults_of(kept: Kept) -> list[Fault]:
    """What does not fit in one order and its cases."""
    custody = kept.scene.custody
    if custody is None:
        return []
    order_id = custody.order.order_id
    faults: list[Fault] = []
    for stream, links in kept.streams.items():
        faults += _chain_faults(stream, links, kept.heads[stream])
        snapshot = custody if stream == order_id else kept.scene.cases[stream]
        faults += _fold_faults(stream, links, snapshot)
    faults += _held_faults(order_id, kept.streams[order_id])
    faults += (Fault(order_id, rule) for rule in check(custody.books))
    faults += _balance_faults(order_id, custody.books, kept.balances)
    return faults


def _chain_faults(stream: str, links: Sequence[Link], head: bytes) -> Iterator[Fault]:
    if [link.recorded.seq for link in links] != list(range(1, len(links) + 1)):
        yield Fault(stream, "gap", f"{[link.recorded.seq for link in links]}")
    previous = GENESIS
    for link in links:
        if digest_of(previous, link.recorded, link.body) != link.digest:
            yield Fault(stream, "chain", f"event {link.recorded.seq}")
        previous = link.digest
    if previous != head:
        yield Fault(stream, "head")
    for before, after in pairwise(links):
        if after.recorded.from_state != before.recorded.event.state.value:
            yield Fault(
                stream, "state", f"event {after.recorded.seq} does not begin where the one before ended"
            )


def _fold_faults(stream: str, links: Sequence[Link], snapshot: Custody | Case) -> Iterator[Fault]:
    try:
        folded = _fold_order(links) if isinstance(snapshot, Custody) else _fold_case(links)
    except (ValueError, KeyError, TypeError) as error:
        yield Fault(stream, "fold", str(error))
        return
    if folded != snapshot:
        differing = [
            name
            for name in snapshot.__struct_fields__
            if getattr(folded, name, None) != getattr(snapshot, name)
        ]
        yield Fault(stream, "snapshot", ", ".join(differing))


def _held_faults(order_id: str, links: Sequence[Link]) -> Iterator[Fault]:
    """Payouts that left although something held them."""
    holds: dict[str, Hold] = {}
    for link in links:
        event, at = link.recorded.event, link.recorded.at
        if isinstance(event, PayoutHeld | PayoutHoldKept | PayoutHoldReleased):
            holds[event.hold.hold_id] = event.hold
        held = any(one.state in IN_FORCE and at < one.until for one in holds.values())
        if held and isinstance(event, PayoutInitiated):
            yield Fault(order_id, "paid_though_held", f"event {link.recorded.seq}")


def _fold_order(links: Sequence[Link]) -> Custody | None:
    custody: Custody | None = None
    for link in links:
        custody = evolve_custody(custody, link.recorded)
    return custody


def _fold_case(links: Sequence[Link]) -> Case | None:
    case: Case | None = None
    for link in links:
        case = evolve_case(case, link.recorded)
    return case


def _balance_faults(order_id: str, books: Books, balances: Mapping[str, int]) -> Iterator[Fault]:
    for name, amount in balances_of(books).items():
        if balances.get(name, 0) != amount:
            yield Fault(order_id, "balances", f"{name}: {amount} in the books, {balances.get(name, 0)} kept")
