"""What must hold of an order whatever happened to it, computed from what is kept and not by the rules."""

from collections import Counter
from collections.abc import Iterator

from amends.application.audit import faults_of
from amends.application.ports import Kept, Store
from amends.domain.cases.model import State
from amends.domain.ledger import Account, Stage, Transfer

# What goes back to the buyer. The protection fund's freight is no refund.
_BACK = frozenset({"refund", "goodwill", "chargeback"})


async def kept(store: Store, order_id: str) -> Kept:
    """All that is kept of one order."""
    # No id has a tilde, and it sorts after every character of ids.
    (found,) = [
        one
        for one in await store.kept(order_id[:-1], 1000)
        if one.scene.custody is not None and one.scene.custody.order.order_id == order_id
    ]
    return found


def wrongs(order: Kept) -> list[str]:
    """What does not hold; nothing, or something is broken."""
    return [
        *(f"{one.stream}: {one.what} {one.detail}" for one in faults_of(order)),
        *_money_wrongs(order),
        *_unit_wrongs(order),
        *_waiting_wrongs(order),
    ]


def journal(order: Kept) -> list[Transfer]:
    """Every transfer of an order as its events say, oldest first."""
    custody = order.scene.custody
    assert custody is not None
    return [
        transfer
        for link in order.streams[custody.order.order_id]
        for transfer in link.recorded.event.transfers
    ]


def _money_wrongs(order: Kept) -> Iterator[str]:
    """Once more from the journal: nobody is paid back more than was captured, no account is overdrawn."""
    captured = returned = 0
    pending: dict[str, Transfer] = {}
    balances: Counter[Account] = Counter()
    by_tender: Counter[str] = Counter()
    for move in journal(order):
        if move.stage is Stage.VOIDED:
            pending.pop(move.transfer_id)
        elif move.stage is Stage.PENDING:
            pending[move.transfer_id] = move
        else:
            pending.pop(move.transfer_id, None)
            balances[move.debit] -= move.amount
            balances[move.credit] += move.amount
            captured += move.amount if move.purpose == "capture" else 0
            sign = -1 if move.debit is Account.CHARGEBACK else 1
            returned += sign * move.amount if move.purpose in _BACK else 0
            by_tender[move.tender_id] += move.amount if move.purpose == "refund" else 0
        promised = sum(one.amount for one in pending.values() if one.purpose in _BACK)
        if returned + promised > captured:
            yield f"{returned} paid back and {promised} promised of {captured} captured"
        leaving = sum(one.amount for one in pending.values() if one.debit is Account.ESCROW)
        if balances[Account.ESCROW] < leaving:
            yield f"escrow holds {balances[Account.ESCROW]} and {leaving} is about to leave it"
    custody = order.scene.custody
    assert custody is not None
    for tender in custody.order.tenders:
        if by_tender[tender.tender_id] > tender.captured:
            yield f"{by_tender[tender.tender_id]} refunded of tender {tender.tender_id}"
    if (
        order.balances
        and order.balances["refunding"] + order.balances["refunded"] > order.balances["captured"]
    ):
        yield f"the database itself has {order.balances}"


def _unit_wrongs(order: Kept) -> Iterator[str]:
    """No unit in two live cases, and none refunded beyond what was paid for it."""
    live = [case for case in order.scene.cases.values() if case.live and case.state is not State.DRAFTING]
    for unit, cases in Counter(unit.key for case in live for unit in case.units).items():
        if cases > 1:
            yield f"unit {unit} is in {cases} live cases"
    custody = order.scene.custody
    assert custody is not None
    paid = {
        f"{line.line_id}#{n}": one.paid for line in custody.order.lines for n, one in enumerate(line.units)
    }
    for key, amount in custody.books.unit_refunded.items():
        if amount > paid[key]:
            yield f"{amount} refunded for unit {key}, which cost {paid[key]}"


def _waiting_wrongs(order: Kept) -> Iterator[str]:
    """A case that lives waits on somebody until some instant; one that has ended waits on nobody."""
    for case in order.scene.cases.values():
        if case.live is (case.waiting is None):
            yield f"{case.case_id} is {case.state.value} and waits on {case.waiting}"
