"""Where the money of a case is, how its refund is made up, and how far each refund has come."""

from amends.domain.cases.dues import held
from amends.domain.cases.model import Refund, State
from amends.domain.ledger import available
from amends.domain.refunds import attributed, worksheet
from amends.domain.refusals import Refused
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Pair, Sheet, SheetRow
from amends.interfaces.web.reading import Reading
from amends.interfaces.web.standing import aim
from amends.interfaces.web.words import N_


def money(r: Reading) -> tuple[Pair, ...]:
    case, books = r.case, r.custody.books
    paid = sum(
        line.units[unit.index].paid
        for unit in case.units
        if (line := r.custody.order.line(unit.line_id)) is not None
    )
    decided = case.settlement is not None or case.state is State.RULED
    pairs = [
        Pair(r.say(N_("Paid for what this is about")), r.cash(paid)),
        Pair(r.say(N_("Agreed or decided") if decided else N_("Asked for")), r.cash(aim(case).amount)),
    ]
    if put_down := held(case):
        pairs.append(Pair(r.say(N_("Put down until the item is back")), r.cash(put_down)))
    # Every cent in one place: what the protection put in stays the seller's once the buyer has theirs.
    moved = [
        (N_("Paid by buyer protection"), -books.cover),
        (N_("Refund on its way"), sum(books.refunding.values())),
        (N_("Refunded so far"), sum(books.refunded.values())),
        (N_("Released to the seller"), books.seller + books.bank),
    ]
    pairs += [Pair(r.say(label), r.cash(amount)) for label, amount in moved if amount]
    pairs.append(Pair(r.say(N_("Held safely for this order")), r.cash(available(books)), strong=True))
    return tuple(pairs)


def sheet(r: Reading) -> Sheet | None:
    """The refund by component: as paid once there is one, as it would be before."""
    refunded = r.custody.books.unit_refunded
    if r.case.refunds and any(unit.key in refunded for unit in r.case.units):
        sums: dict[str, int] = {}
        for unit in r.case.units:
            line = r.custody.order.line(unit.line_id)
            if line is None:
                continue
            share = attributed(line.units[unit.index], refunded.get(unit.key, 0))
            for name in vocabulary.COMPONENTS:
                sign = -1 if name == "discount" else 1
                sums[name] = sums.get(name, 0) + sign * getattr(share, name)
        rows = tuple(_row(r, name, amount, "") for name, amount in sums.items() if amount)
        return Sheet(rows, r.cash(sum(sums.values())))
    remedy = aim(r.case)
    if not remedy.amount or not r.case.live:
        return None
    worked = worksheet(r.custody, r.case.units, min(remedy.amount, r.most), "amount")
    if isinstance(worked, Refused):
        return None
    by: dict[tuple[str, str], int] = {}
    for row in worked.rows:
        by[row.component, row.payer.value] = by.get((row.component, row.payer.value), 0) + row.amount
    rows = tuple(_row(r, name, amount, payer) for (name, payer), amount in by.items() if amount)
    return Sheet(rows, r.cash(worked.total))


def _row(r: Reading, component: str, amount: int, payer: str) -> SheetRow:
    paid_by = r.say(N_("borne by %(payer)s"), payer=r.say(vocabulary.PAYERS[payer])) if payer else ""
    return SheetRow(r.say(vocabulary.COMPONENTS[component]), r.cash(amount), paid_by)


def refund(r: Reading, refund: Refund) -> Pair:
    method = r.say(vocabulary.METHODS.get(refund.method, refund.method))
    stage = r.say(vocabulary.REFUND_STAGES[refund.stage])
    label = r.say(N_("%(amount)s to %(method)s"), amount=r.cash(refund.amount), method=method)
    if refund.eta_by is not None and refund.stage.value == "initiated":
        stage = r.say(N_("%(stage)s, by %(day)s"), stage=stage, day=r.visit.words.day(refund.eta_by))
    return Pair(label, stage)
