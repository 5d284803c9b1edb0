"""Purchases for tests of money: orders in custody with frozen components, paid by one or several tenders."""

from datetime import UTC, datetime

import msgspec
from hypothesis import strategies as st

from amends.domain.custody.model import Custody, Stage
from amends.domain.ledger import Account, Books, Transfer, post
from amends.domain.ledger import Stage as TransferStage
from amends.domain.orders import Components, Line, Method, Order, Tender, Unit

PLACED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def capture(tender: Tender) -> Transfer:
    """The tender's money, captured into escrow."""
    return Transfer(
        transfer_id=f"capture-{tender.tender_id}",
        debit=Account.TENDER,
        credit=Account.ESCROW,
        amount=tender.captured,
        stage=TransferStage.POSTED,
        purpose="capture",
        tender_id=tender.tender_id,
    )


def purchase(
    units: list[list[Components]], paid: list[int] | None = None, *, currency: str = "EUR"
) -> Custody:
    """An order with a line per list of units, paid by one tender per number of ``paid`` (all by one)."""
    lines = tuple(
        Line(f"L{number}", "A blue kettle", "kitchen", tuple(line), "T1")
        for number, line in enumerate(units, 1)
    )
    if paid is None:
        paid = [sum(unit.paid for line in units for unit in line)]
    methods = (Method.CARD, Method.WALLET, Method.VOUCHER)
    tenders = tuple(
        Tender(f"t{number}", methods[(number - 1) % 3], amount) for number, amount in enumerate(paid, 1)
    )
    order = Order(
        order_id="O-1",
        buyer_id="mira-example",
        seller_id="kettle-works",
        currency=currency,
        placed_at=PLACED_AT,
        lines=lines,
        tenders=tenders,
    )
    return Custody(
        order=order,
        stage=Stage.PROTECTED,
        seq=1,
        books=post(Books(), [capture(tender) for tender in tenders if tender.captured]),
    )


def units_of(custody: Custody) -> list[Unit]:
    """Every unit of the order."""
    return [Unit(line.line_id, index) for line in custody.order.lines for index in range(line.quantity)]


def components_of(custody: Custody, unit: Unit) -> Components:
    """What the unit cost."""
    line = custody.order.line(unit.line_id)
    assert line is not None
    return line.units[unit.index]


def with_books(custody: Custody, books: Books) -> Custody:
    """The same order with other books."""
    return msgspec.structs.replace(custody, books=books)


@st.composite
def components(draw: st.DrawFn) -> Components:
    """What a unit may cost: small amounts, where rounding shows, as often as large ones; free units too."""
    cents = st.one_of(st.integers(0, 12), st.integers(0, 250_000))
    item = draw(cents)
    discount = draw(st.integers(0, item))
    return Components(item=item, discount=discount, shipping=draw(cents), tax=draw(cents), fee=draw(cents))


@st.composite
def purchases(draw: st.DrawFn, *, fully_paid: bool = True) -> Custody:
    """An order of up to three lines of up to three units, paid by up to three tenders, in any currency."""
    units = draw(st.lists(st.lists(components(), min_size=1, max_size=3), min_size=1, max_size=3))
    total = sum(unit.paid for line in units for unit in line)
    if not fully_paid:
        total = draw(st.integers(0, total))
    cuts = sorted(draw(st.lists(st.integers(0, total), max_size=2)))
    paid = [high - low for low, high in zip([0, *cuts], [*cuts, total])]
    return purchase(units, paid, currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])))
