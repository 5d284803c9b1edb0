"""Freight: who bears the way back, reimbursed on a receipt or taken off the refund (B7, D282-292)."""

from amends.domain import refunds as sheet
from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Label, Outcome, Shipment, State
from amends.domain.cases.parcels import lost_parcels, named, parcel_of, receipt_shown, which_parcel
from amends.domain.ledger import Account, Stage, Transfer, post
from amends.domain.parties import Role, Waiting
from amends.domain.refusals import Refused

Events = list[e.Event]


def reimbursable(h: Hearing, case: Case) -> int:
    """What of the buyer's outlay is paid back with the return, in minor units.

    Only where the seller bears the way back, the label was the buyer's own and there is a receipt; at most
    the share of the goods' price that the terms name. More can be asked for in a case about the freight.
    """
    settled = case.settlement
    outlay = sum(parcel.freight for parcel in _bought(case))
    if settled is None or not outlay:
        return 0
    prepaid = case.instructions is not None and case.instructions.label in {"seller", "platform"}
    terms = h.terms_for(case.units)
    if (
        settled.remedy.freight_payer is not Role.SELLER
        or prepaid
        or not terms.has("freight.reimbursed_share")
    ):
        return 0
    price = sum(
        line.units[unit.index].goods
        for unit in case.units
        if (line := h.custody.order.line(unit.line_id)) is not None
    )
    most = price * int(h.term(case, "freight.reimbursed_share").value) // 10_000
    return max(0, min(outlay, most) - case.freight_repaid)


def _bought(case: Case) -> tuple[Shipment, ...]:
    """The parcels whose postage the buyer paid and has shown."""
    labels = {label.tracking_number for label in (case.label, *case.used_labels) if label is not None}
    if len(case.parcels) == 1:
        shown = receipt_shown(case) or case.parcels[0].receipt.strip()
        return case.parcels if not labels and shown else ()
    return tuple(p for p in case.parcels if p.receipt.strip() and p.tracking_number not in labels)


def reimburse(
    h: Hearing, case: Case, state: State, waiting: Waiting | None, *, covered: bool = False
) -> Events:
    """The buyer's outlay goes to the buyer's balance with the acceptance of the return, where any is due.

    The seller owes it, or the protection fund for a parcel it covers.
    """
    amount = reimbursable(h, case)
    if not amount:
        return []
    # The protection bears the postage of what a carrier lost, the seller that of what arrived.
    gone = amount if covered else sum(p.freight for p in _bought(case) if p in lost_parcels(case))
    parts = ((Account.COVER, min(amount, gone)), (Account.SELLER, amount - min(amount, gone)))
    books, moved = h.custody.books, []
    for payer, part in parts:
        if part:
            moved.append(sheet.freight(books, part, payer, case.case_id))
            books = post(books, moved[-1:])
    return [
        e.FreightReimbursed(
            state=state,
            waiting=waiting,
            amount=amount,
            clause=h.term(case, "freight.reimbursed_share").clause,
            covered=gone >= amount,
            transfers=tuple(moved),
        )
    ]


def repay(h: Hearing, case: Case, amount: int) -> Events:
    """The end of a case about the freight: the seller pays it, whatever was refunded for the goods."""
    amount = min(amount, h.most(case))
    if amount <= 0:
        return [e.CaseClosed(state=State.CLOSED, outcome=Outcome.DECLINED)]
    paid = e.FreightReimbursed(
        state=case.state,
        waiting=case.waiting,
        amount=amount,
        clause=h.term(case, "freight.payer").clause,
        transfers=(sheet.freight(h.custody.books, amount, Account.SELLER, case.case_id),),
    )
    return [paid, e.CaseClosed(state=State.CLOSED, outcome=Outcome.REIMBURSED)]


def add_receipt(h: Hearing, case: Case, command: c.AddFreightReceipt) -> Events | Refused:
    """What the way back cost, told after the parcel left: as long as the return is not settled."""
    if case.shipment is None:
        return Refused(kind="not_possible_now", detail="Nothing has been sent back yet.")
    parcel = parcel_of(case, command.tracking_number)
    if parcel is None:
        return which_parcel(case, command.tracking_number)
    if command.freight <= 0:
        return Refused(
            kind="invalid",
            detail="The freight must be above 0, in minor units.",
            facts={"freight": command.freight},
            pointer="/freight",
        )
    if not command.receipt.strip():
        return Refused(
            kind="invalid",
            detail="Freight is paid back on a receipt: say where it lies.",
            clause=h.term(case, "freight.payer").clause,
            pointer="/receipt",
        )
    return [
        e.FreightReceiptAdded(
            state=case.state,
            waiting=case.waiting,
            freight=command.freight,
            receipt=command.receipt,
            tracking_number=named(case, parcel),
        )
    ]


def may_label(case: Case) -> bool:
    """Whether a parcel of the return can still get a label: none has one that nobody has used."""
    return case.label is None or parcel_of(case, case.label.tracking_number) is not None


def issue_label(h: Hearing, case: Case, command: c.IssueLabel) -> Events | Refused:
    """A carrier was booked: the seller owes its price; a buyer who bears the way back is refunded less."""
    if case.label is not None and not may_label(case):
        return Refused(
            kind="not_possible_now",
            detail="This return has a label that has not been used yet.",
            facts={"tracking_number": case.label.tracking_number},
        )
    if command.price < 0 or not command.carrier.strip() or not command.tracking_number.strip():
        return Refused(
            kind="invalid",
            detail="A label has a carrier, a tracking number and a price of 0 or more, in minor units.",
            facts={"price": command.price},
            pointer="/price" if command.price < 0 else "/tracking_number",
        )
    payer = case.settlement.remedy.freight_payer if case.settlement else Role.BUYER
    price = command.price + withheld(case)
    if payer is Role.BUYER and case.settlement and price >= case.settlement.remedy.amount:
        return Refused(
            kind="invalid",
            detail="The label would cost the whole refund: keeping the goods, or another carrier, is better.",
            facts={"price": command.price, "refund": case.settlement.remedy.amount},
            clause=h.term(case, "freight.payer").clause,
            pointer="/price",
        )
    label = Label(
        carrier=command.carrier,
        service=command.service,
        tracking_number=command.tracking_number,
        price=command.price,
        payer=payer,
        at=h.now,
        code=command.code,
    )
    bought: tuple[Transfer, ...] = ()
    if command.price:
        bought = (
            Transfer(
                transfer_id=f"{case.case_id}-label-{len(case.used_labels) + (case.label is not None) + 1}",
                debit=Account.SELLER,
                credit=Account.CARRIER,
                amount=command.price,
                stage=Stage.POSTED,
                purpose="freight",
                case_id=case.case_id,
            ),
        )
    return [e.LabelIssued(state=case.state, waiting=case.waiting, label=label, transfers=bought)]


def withheld(case: Case) -> int:
    """What is taken off the refund for labels that the buyer bears, in minor units."""
    if case.label is None or case.replaced:
        return 0
    return sum(label.price for label in (case.label, *case.used_labels) if label.payer is Role.BUYER)
