"""The audit: everything that is kept must follow from the events, and the events must be those that were
recorded."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from amends.application.ports import Kept, Link, Store
from amends.domain.cases.evolve import evolve as evolve_case
from amends.domain.cases.model import Case
from amends.domain.chain import GENESIS, digest_of
from amends.domain.custody.evolve import evolve as evolve_custody
from amends.domain.custody.model import Custody
from amends.domain.ledger import Books, balances_of, check

_PAGE = 200


class Fault(msgspec.Struct, frozen=True):
    """What does not fit: ``what`` is gap, chain, head, snapshot, state, fold, balances or a violated rule of
    the ledger."""

    stream: str
    what: str
    detail: str = ""


class Audit(msgspec.Struct, kw_only=True):
    """What was looked at, and the faults found; none means that the store is sound."""

    orders: int = 0
    cases: int = 0
    events: int = 0
    faults: list[Fault] = []


async def audit(store: Store) -> Audit:
    """Replay every stream, verify the hash chains, and compare snapshots and balances. Reads only."""
    found = Audit()
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
