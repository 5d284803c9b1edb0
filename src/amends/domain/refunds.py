"""Refunds: the worksheet that computes one to the cent, and the transfers that carry it out.

How a refund falls on what was paid (`attributed`): goods before shipping. Up to what a unit's goods cost,
an amount falls on item, discount, tax and fee in proportion, by largest remainder; only what goes beyond
reaches its share of shipping. The rule looks at nothing but how much of a unit has been refunded in all,
so partial refunds in any order end at exactly what was paid, and no component is ever refunded twice.

The seller bears a refund, except the fee, which the platform earned and gives back.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from amends.domain.cases.model import Refund, RefundStage
from amends.domain.custody.model import Custody
from amends.domain.ledger import Account, Books, Stage, Transfer, available, left_on, payable, refundable
from amends.domain.money import allocate
from amends.domain.orders import Components, Tender, Unit
from amends.domain.policy.terms import Terms
from amends.domain.refusals import Refused
from amends.domain.time import Calendars, add_working_days, calendar_of, start_of


class Scope(StrEnum):
    """How much of the units a refund is about."""

    FULL = "full"  # everything paid for them, shipping included
    GOODS = "goods"  # everything but their share of shipping
    AMOUNT = "amount"  # a named amount, at most everything paid


class WorksheetRow(msgspec.Struct, frozen=True):
    """What one component of one unit contributes, in minor units; a discount is negative.

    ``component`` is item, discount, shipping, tax, fee or paid_in (what the buyer paid for an exchange);
    ``payer`` is the account that bears it.
    """

    unit: Unit
    component: str
    amount: int
    payer: Account


class Worksheet(msgspec.Struct, frozen=True, kw_only=True):
    """A refund to the cent. ``total`` is the sum of ``rows``, of ``units``, of ``payers`` and of ``split``.

    ``units`` is per unit key (for `amends.domain.ledger.mark_units`), ``payers`` per account, ``split`` per
    tender id; none has a zero. ``notes`` are codes: ``capped_at_captured`` where less money is left on the
    tenders than the units cost.
    """

    currency: str
    total: int
    rows: tuple[WorksheetRow, ...] = ()
    units: dict[str, int] = {}
    payers: dict[str, int] = {}
    split: dict[str, int] = {}
    notes: tuple[str, ...] = ()


def sound(components: Components) -> bool:
    """Whether a refund can be computed from them: nothing negative, no discount above the item's price."""
    parts = (components.item, components.discount, components.shipping, components.tax, components.fee)
    return min(parts) >= 0 and components.discount <= components.item


def attributed(components: Components, refunded: int) -> Components:
    """What ``refunded`` minor units, of all that was paid for a unit, consist of.

    Exact (``.paid`` of the answer is ``refunded``), monotone in every component, each off its proportional
    share of the goods by at most one minor unit. ``refunded`` lies in 0 ... ``components.paid``; components
    are `sound`.
    """
    goods = min(refunded, components.goods)
    net, levies = allocate(goods, [components.item - components.discount, components.tax + components.fee])
    tax, fee = allocate(levies, [components.tax, components.fee])
    discount = 0
    if components.goods:
        discount = allocate(components.discount, [components.goods - goods, goods])[1]
    return Components(item=net + discount, discount=discount, shipping=refunded - goods, tax=tax, fee=fee)


def max_refund(custody: Custody, units: Iterable[Unit], include_shipping: bool = True) -> int:
    """The most that can still be refunded for ``units``, in minor units; unknown units count for nothing."""
    ceiling = 0
    for unit in dict.fromkeys(units):
        components = _components(custody, unit)
        if components is not None and sound(components):
            goods, shipping = _left(components, custody.books.unit_refunded.get(unit.key, 0))
            ceiling += goods + (shipping if include_shipping else 0)
    return min(ceiling, refundable(custody.books))


def worksheet(
    custody: Custody,
    units: Sequence[Unit],
    amount: int | None = None,
    scope: Scope | str = Scope.FULL,
    *,
    covered: bool = False,
) -> Worksheet | Refused:
    """Compute a refund for ``units``; nothing changes by it.

    Without ``amount``: everything left of the scope. An ``amount`` falls on the units in proportion to what
    is left of each, goods before shipping, by largest remainder; the last unit takes the residue.
    ``covered``: the marketplace's protection fund bears the seller's part. Where less is left on the tenders
    than the units cost, the worksheet is capped there and says so in its notes.

    Refused: unknown_line, quantity_too_high, invalid (no or repeated units, an amount missing or not above
    zero, components that are not `sound`), amount_too_high (facts: asked, most).
    """
    chosen = _chosen(custody, units)
    if isinstance(chosen, Refused):
        return chosen
    scope = Scope(scope)
    before = [custody.books.unit_refunded.get(unit.key, 0) for unit in units]
    left = [_left(components, refunded) for components, refunded in zip(chosen, before)]
    most_goods = sum(goods for goods, _ in left)
    most = most_goods if scope is Scope.GOODS else most_goods + sum(shipping for _, shipping in left)
    refusal = _amount_refused(amount, scope, most)
    if refusal is not None:
        return refusal
    asked = most if amount is None else amount
    total = min(asked, refundable(custody.books))
    goods = allocate(min(total, most_goods), [goods for goods, _ in left])
    shipping = allocate(max(0, total - most_goods), [shipping for _, shipping in left])
    shares = [g + s for g, s in zip(goods, shipping)]
    rows = tuple(
        row
        for unit, components, refunded, share in zip(units, chosen, before, shares)
        for row in _rows(unit, components, refunded, share, Account.COVER if covered else Account.SELLER)
    )
    return Worksheet(
        currency=custody.order.currency,
        total=total,
        rows=rows,
        units={unit.key: share for unit, share in zip(units, shares) if share},
        payers=_payers(rows),
        split=split(custody, total),
        notes=("capped_at_captured",) if total < asked else (),
    )


def together(custody: Custody, one: Worksheet, other: Worksheet) -> Worksheet:
    """Two worksheets about different units of one order as one refund; what is left suffices for both."""
    rows = (*one.rows, *other.rows)
    total = one.total + other.total
    return msgspec.structs.replace(
        one,
        total=total,
        rows=rows,
        units={**one.units, **other.units},
        payers=_payers(rows),
        split=split(custody, total),
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
    )


def with_paid_in(
    custody: Custody, sheet: Worksheet, parts: Sequence[tuple[Unit, int, Account]], tender_id: str
) -> Worksheet:
    """The worksheet with what the buyer paid for an exchange by ``tender_id`` on top.

    ``parts`` say for which unit how many minor units go back and who bears them. They go back the way they
    came where that tender has not been drawn on for anything else. They are no refund of a unit.
    """
    amount = sum(part for _, part, _ in parts)
    total = sheet.total + amount
    others = [t for t in custody.books.captured if t != tender_id]
    left = [max(0, left_on(custody.books, t)) for t in others]
    if sheet.total <= sum(left) and amount <= left_on(custody.books, tender_id):
        divided = dict(zip(others, allocate(sheet.total, left))) if sheet.total else {}
        divided[tender_id] = amount
    else:
        divided = split(custody, total)
    paid_in = (WorksheetRow(unit, "paid_in", part, payer) for unit, part, payer in parts if part)
    rows = (*sheet.rows, *paid_in)
    return msgspec.structs.replace(
        sheet,
        total=total,
        rows=rows,
        payers=_payers(rows),
        split={tender: part for tender, part in divided.items() if part},
    )


def split(custody: Custody, total: int) -> dict[str, int]:
    """Divide ``total`` (at most `amends.domain.ledger.refundable`) over the tenders by what is left on each.

    Per tender id, in minor units, without zeros, never more than is left on a tender.
    """
    ids = [tender.tender_id for tender in custody.order.tenders]
    ids += sorted(custody.books.captured.keys() - set(ids))
    left = [max(0, left_on(custody.books, tender_id)) for tender_id in ids]
    if not total:
        return {}
    return {tender_id: part for tender_id, part in zip(ids, allocate(total, left)) if part}


def refunds_of(
    case_id: str, sheet: Worksheet, tenders: Sequence[Tender], now: datetime, *, start: int = 1
) -> tuple[Refund, ...]:
    """One approved refund per tender of the split; ids are ``case_id-rN`` with N from ``start``."""
    methods = {tender.tender_id: tender.method.value for tender in tenders}
    return tuple(
        Refund(
            refund_id=f"{case_id}-r{number}",
            tender_id=tender_id,
            method=methods[tender_id],
            amount=amount,
            stage=RefundStage.APPROVED,
            at=now,
        )
        for number, (tender_id, amount) in enumerate(sheet.split.items(), start)
    )


def initiate(refund: Refund) -> Transfer:
    """The refund's own transfer, pending, escrow to tender; its id is the refund's.

    Post it when the refund is approved: from then on no other case can be promised the same money. It stays
    pending through retries at the provider, until `confirm` or `void`.
    """
    return Transfer(
        transfer_id=refund.refund_id,
        debit=Account.ESCROW,
        credit=Account.TENDER,
        amount=refund.amount,
        stage=Stage.PENDING,
        purpose="refund",
        tender_id=refund.tender_id,
        case_id=_case_of(refund),
    )


def confirm(refund: Refund) -> Transfer:
    """The provider has sent the money: the pending transfer is posted."""
    return msgspec.structs.replace(initiate(refund), stage=Stage.POSTED)


def void(refund: Refund) -> Transfer:
    """The money will not go this way: the pending transfer is voided."""
    return msgspec.structs.replace(initiate(refund), stage=Stage.VOIDED)


def to_balance(refund: Refund) -> Transfer:
    """The refund goes to the buyer's balance instead, at once; post it together with `void`, after it.

    It still counts against the tender it stands for.
    """
    return msgspec.structs.replace(
        initiate(refund),
        transfer_id=f"{refund.refund_id}-balance",
        credit=Account.BALANCE,
        stage=Stage.POSTED,
    )


def eta(method: str, initiated_at: datetime, terms: Terms, calendars: Calendars) -> tuple[datetime, datetime]:
    """Between which instants a refund by ``method`` initiated then arrives, in UTC.

    ``refund.eta.<method>`` gives the least and most working days, counted from the UTC day of initiation on
    the bank calendar that ``refund.calendar`` names (none: Monday to Friday). The second instant ends the
    last day: from then on the refund is overdue.
    """
    least, most = terms.get(f"refund.eta.{method}").value
    bank = terms.get("refund.calendar").value if terms.has("refund.calendar") else ""
    calendar = calendar_of(bank, calendars)
    day = initiated_at.astimezone(UTC).date()
    begin = start_of(add_working_days(day, least, calendar), "UTC")
    end = start_of(add_working_days(day, most, calendar) + timedelta(days=1), "UTC")
    return max(begin, initiated_at), end


def eta_clause(method: str, terms: Terms) -> str:
    """The clause behind `eta`; empty where the terms know nothing of the method."""
    name = f"refund.eta.{method}"
    return terms.get(name).clause if terms.has(name) else ""


def funding(books: Books, amount: int, case_id: str, *, by_platform: int = 0) -> tuple[Transfer, ...]:
    """What must come back into escrow before ``amount`` can leave it: nothing before the release.

    After it, the fee part (``by_platform``, from `Worksheet.payers`) comes back from the platform as far as
    it earned it, the rest from the seller, who may owe it.
    """
    short = max(0, amount - available(books))
    platform = min(short, by_platform, max(0, books.platform))
    transfers = []
    for account, part in ((Account.PLATFORM, platform), (Account.SELLER, short - platform)):
        if part:
            stem = f"{case_id}-clawback-{account.value}"
            transfers.append(
                _numbered(books, stem, (account, Account.ESCROW), part, purpose="clawback", case_id=case_id)
            )
    return tuple(transfers)


def cover(books: Books, sheet: Worksheet, case_id: str) -> tuple[Transfer, ...]:
    """The protection fund's part of a covered worksheet, paid into escrow so that the seller is not charged.

    Post it before asking for `funding`.
    """
    amount = sheet.payers.get(Account.COVER.value, 0)
    if not amount:
        return ()
    return (
        _numbered(
            books,
            f"{case_id}-cover",
            (Account.COVER, Account.ESCROW),
            amount,
            purpose="cover",
            case_id=case_id,
        ),
    )


def compensation(books: Books, amount: int, case_id: str) -> Transfer:
    """The protection fund makes good a seller's loss that was already charged to the seller."""
    return _numbered(
        books,
        f"{case_id}-compensation",
        (Account.COVER, Account.SELLER),
        amount,
        purpose="compensation",
        case_id=case_id,
    )


def freight(books: Books, amount: int, payer: Account, case_id: str) -> Transfer:
    """The buyer's outlay for the way back, put on the buyer's balance; ``payer`` is SELLER or COVER."""
    return _numbered(
        books, f"{case_id}-freight", (payer, Account.BALANCE), amount, purpose="freight", case_id=case_id
    )


def release(custody: Custody) -> tuple[Transfer, ...]:
    """The protection is over: the fees earned go to the platform, everything else in escrow to the seller.

    A fee is earned as far as it was not refunded. What is pending out of escrow stays there.
    """
    books, order_id = custody.books, custody.order.order_id
    held = max(0, available(books))
    earned = sum(
        _fee_kept(components, books.unit_refunded.get(Unit(line.line_id, index).key, 0))
        for line in custody.order.lines
        for index, components in enumerate(line.units)
    )
    commission = min(held, max(0, earned - books.platform))
    transfers = []
    if commission:
        stem = f"{order_id}-commission"
        transfers.append(
            _numbered(books, stem, (Account.ESCROW, Account.PLATFORM), commission, purpose="commission")
        )
    if held > commission:
        stem = f"{order_id}-release"
        transfers.append(
            _numbered(books, stem, (Account.ESCROW, Account.SELLER), held - commission, purpose="release")
        )
    return tuple(transfers)


def payout(custody: Custody) -> Transfer | None:
    """What the seller is owed, pending to the seller's bank; None where nothing is."""
    amount = payable(custody.books)
    if amount <= 0:
        return None
    stem = f"{custody.order.order_id}-payout"
    transfer = _numbered(custody.books, stem, (Account.SELLER, Account.BANK), amount, purpose="payout")
    return msgspec.structs.replace(transfer, stage=Stage.PENDING)


def _numbered(
    books: Books, stem: str, route: tuple[Account, Account], amount: int, *, purpose: str, case_id: str = ""
) -> Transfer:
    """A posted transfer under the first number of ``stem`` that these books have not seen."""
    number = 1
    while f"{stem}-{number}" in books.pending or f"{stem}-{number}" in books.posted:
        number += 1
    return Transfer(
        transfer_id=f"{stem}-{number}",
        debit=route[0],
        credit=route[1],
        amount=amount,
        stage=Stage.POSTED,
        purpose=purpose,
        case_id=case_id,
    )


def _case_of(refund: Refund) -> str:
    return refund.refund_id.rpartition("-r")[0]


def _components(custody: Custody, unit: Unit) -> Components | None:
    line = custody.order.line(unit.line_id)
    if line is None or not 0 <= unit.index < line.quantity:
        return None
    return line.units[unit.index]


def _chosen(custody: Custody, units: Sequence[Unit]) -> list[Components] | Refused:
    if not units or len(set(units)) != len(units):
        return Refused(
            kind="invalid", detail="Name every unit once.", facts={"units": [u.key for u in units]}
        )
    chosen = []
    for unit in units:
        line = custody.order.line(unit.line_id)
        if line is None:
            return Refused(
                kind="unknown_line", detail="The order has no such line.", facts={"line_id": unit.line_id}
            )
        components = _components(custody, unit)
        if components is None:
            return Refused(
                kind="quantity_too_high",
                detail="The line has fewer units.",
                facts={"line_id": unit.line_id, "index": unit.index, "quantity": line.quantity},
            )
        if not sound(components):
            return Refused(
                kind="invalid",
                detail="The prices of this unit do not allow a refund to be computed.",
                facts={"unit": unit.key},
            )
        chosen.append(components)
    return chosen


def _amount_refused(amount: int | None, scope: Scope, most: int) -> Refused | None:
    if amount is None:
        if scope is Scope.AMOUNT:
            return Refused(kind="invalid", detail="Name the amount.", pointer="/amount")
        return None
    if amount <= 0:
        return Refused(
            kind="invalid",
            detail="The amount must be above zero.",
            facts={"asked": amount},
            pointer="/amount",
        )
    if amount > most:
        return Refused(
            kind="amount_too_high",
            detail="More than can still be refunded for these units.",
            facts={"asked": amount, "most": most},
            pointer="/amount",
        )
    return None


def _left(components: Components, refunded: int) -> tuple[int, int]:
    """What is left of a unit's goods and of its shipping, goods having been refunded first."""
    goods = max(0, components.goods - refunded)
    return goods, max(0, components.paid - refunded - goods)


def _rows(
    unit: Unit, components: Components, refunded: int, share: int, payer: Account
) -> Iterable[WorksheetRow]:
    before, after = attributed(components, refunded), attributed(components, refunded + share)
    for name, sign in (("item", 1), ("discount", -1), ("shipping", 1), ("tax", 1), ("fee", 1)):
        if getattr(components, name):
            amount = sign * (getattr(after, name) - getattr(before, name))
            yield WorksheetRow(unit, name, amount, Account.PLATFORM if name == "fee" else payer)


def _payers(rows: Iterable[WorksheetRow]) -> dict[str, int]:
    payers: dict[str, int] = {}
    for row in rows:
        payers[row.payer.value] = payers.get(row.payer.value, 0) + row.amount
    return {payer: amount for payer, amount in payers.items() if amount}


def _fee_kept(components: Components, refunded: int) -> int:
    if not sound(components):
        return 0
    return components.fee - attributed(components, min(refunded, components.paid)).fee
