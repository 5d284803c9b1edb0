"""Reads the Online Retail table of the UCI repository: invoices and credit notes of a British wholesaler.

The file has one row an article of an invoice, invoices in order of time. It says nothing of payments or
parcels, so two things are taken for granted: an invoice was paid in full by bank transfer, and the goods
left when it was written. Only a few invoices are held at a time, besides what a credit note may still be
matched to: the open quantity of each line sold to a known customer.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from amends.adapters.imports.countries import ALPHA2
from amends.adapters.imports.tables import ORDER_ID, Row, instant, number, rows
from amends.adapters.imports.tally import Tally
from amends.domain.imports import Entry, Imported, Report, Returned, Severity, Summary
from amends.domain.money import allocate
from amends.domain.orders import Components, Line, Method, Order, Parcel, Tender

CURRENCY = "GBP"
SELLER_ID = "online-retail"
_ZONE = ZoneInfo("Europe/London")
_COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)

_SHIPPING_CODES = frozenset({"POST", "DOT", "C2"})
_FEE_CODES = frozenset({"M", "BANK CHARGES", "AMAZONFEE", "CRUK"})
_DISCOUNT_CODES = frozenset({"D"})
_CHARGE_CODES = _SHIPPING_CODES | _FEE_CODES | _DISCOUNT_CODES

# A claim names single pieces, so an order keeps each one's price. Above this a row is a pallet deal
# (or a typing error: one row of the file sells 74,215 jars and is taken back a quarter of an hour later).
PIECES_OF_A_LINE_MAX = 1000


# Two tills write at once, so an invoice's rows may lie before and after another's.
_WRITTEN_AT_ONCE = 8


class _Sale(msgspec.Struct, frozen=True):
    """One readable row. ``amount`` is quantity times price, rounded to pence once for the whole row."""

    code: str
    title: str
    quantity: int
    price: Decimal
    amount: int


class _Sold(msgspec.Struct):
    """What is left of a line that a credit note may take back."""

    order_id: str
    line_id: str
    left: int


class OnlineRetailReading:
    """One pass over the file (plain or ``.gz``): iterate once, then ask for the `summary`.

    ``total`` is how many rows the file has, for a progress bar.
    """

    def __init__(self, file: Path, pieces_max: int = PIECES_OF_A_LINE_MAX) -> None:
        """Raises `ImportRefused` when the file is missing or lacks a column."""
        self._path = file
        self._pieces_max = pieces_max
        self._tally = Tally(CURRENCY)
        self._sold: defaultdict[tuple[str, str], list[_Sold]] = defaultdict(list)
        self._seen: set[str] = set()
        self.total = sum(1 for _ in rows(file, _COLUMNS))

    def summary(self) -> Summary:
        """What was read so far."""
        return self._tally.summary()

    def __iter__(self) -> Iterator[Entry]:
        """Orders, matched returns, and reports of rows that became neither. Raises `ImportRefused`."""
        written: dict[str, list[Row]] = {}
        for place, row in enumerate(rows(self._path, _COLUMNS), start=1):
            self._tally.rows[self._path.name] += 1
            if row is None:
                yield self._report(f"row {place}", "row_malformed", "not as many fields as the header has")
                continue
            if row["InvoiceNo"] not in written and len(written) == _WRITTEN_AT_ONCE:
                yield from self._read(written.pop(next(iter(written))))
            written.setdefault(row["InvoiceNo"], []).append(row)
        for invoice in written.values():
            yield from self._read(invoice)

    def _read(self, invoice: list[Row]) -> Iterator[Entry]:
        self._tally.read += 1
        invoice_id = invoice[0]["InvoiceNo"]
        sales: list[_Sale] = []
        for row in invoice:
            sale = self._sale(row)
            if isinstance(sale, Report):
                yield sale
            else:
                sales.append(sale)
        at = instant(invoice[0]["InvoiceDate"], _ZONE)
        if not sales:
            return
        if at is None or not ORDER_ID.fullmatch(invoice_id):
            detail = f"dated {invoice[0]['InvoiceDate']!r}"
            yield self._skip(invoice_id, "invoice_unreadable", detail, sales)
        elif invoice_id.startswith("C"):
            yield from self._credit(invoice_id, _customer(invoice[0]), sales, at)
        elif invoice_id.startswith("A"):
            yield self._skip(invoice_id, "bad_debt_adjustment", "book-keeping, nothing was sold", sales)
        elif invoice_id in self._seen:
            yield self._skip(invoice_id, "invoice_repeated", "the rows that came first count", sales)
        else:
            self._seen.add(invoice_id)
            yield from self._sell(invoice[0], sales, at)

    def _sale(self, row: Row) -> _Sale | Report:
        """One row, or why it cannot be used."""
        quantity, price = number(row["Quantity"]), number(row["UnitPrice"])
        if quantity is None or price is None or quantity != int(quantity):
            detail = f"quantity {row['Quantity']!r}, price {row['UnitPrice']!r}"
            return self._report(row["InvoiceNo"], "row_unreadable", detail)
        exact = quantity * price * 100
        amount = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
        self._tally.fractions += (exact - amount) / 100
        self._tally.money("charged", "read", amount)
        title = row["Description"] if row["Description"] not in {"", "nan"} else row["StockCode"]
        return _Sale(row["StockCode"].upper(), title, int(quantity), price, amount)

    def _sell(self, head: Row, sales: list[_Sale], at: datetime) -> Iterator[Entry]:
        invoice_id, customer = head["InvoiceNo"], _customer(head)
        kept: list[_Sale] = []
        for sale in sales:
            reason, detail = self._unsaleable(sale)
            if reason:
                yield self._skip(invoice_id, reason, f"{sale.code}: {detail}", [sale])
            else:
                kept.append(sale)
        goods = [sale for sale in kept if sale.code not in _CHARGE_CODES]
        charges = [sale for sale in kept if sale.code in _CHARGE_CODES]
        if not kept:
            return
        if not goods:
            yield self._skip(invoice_id, "no_goods", "postage or fees alone are no order", kept)
            return
        paid = sum(sale.amount for sale in kept)
        if paid <= 0:
            yield self._skip(invoice_id, "nothing_paid", f"{paid} pence in all", kept)
            return
        order = _order(head, customer, goods, charges, at)
        self._remember(order, customer)
        self._tally.money("charged", "imported", sum(u.paid for line in order.lines for u in line.units))
        notes = _notes(self._path.name, head, customer, kept)
        yield self._tally.imported(Imported(order=order, source_id=invoice_id, reports=tuple(notes)))

    def _unsaleable(self, sale: _Sale) -> tuple[str, str]:
        """Why a row of an invoice is not sold goods; both empty if it is."""
        if sale.quantity <= 0:
            return "stock_adjustment", f"{sale.quantity} pieces outside a credit note"
        if sale.amount < 0:
            return "price_negative", f"price {sale.price}"
        if sale.quantity > self._pieces_max:
            return "quantity_too_high", f"{sale.quantity} pieces, {self._pieces_max} at most"
        return "", ""

    def _remember(self, order: Order, customer: str) -> None:
        if customer:
            for line in order.lines:
                self._sold[customer, line.sku].append(_Sold(order.order_id, line.line_id, line.quantity))

    def _credit(self, invoice_id: str, customer: str, sales: list[_Sale], at: datetime) -> Iterator[Entry]:
        for sale in sales:
            if sale.code in _CHARGE_CODES or sale.quantity >= 0:
                yield self._skip(invoice_id, "credit_of_charges", f"{sale.code}: {sale.title}", [sale])
            elif not customer:
                yield self._skip(invoice_id, "credit_without_customer", f"{sale.code}: nobody named", [sale])
            else:
                yield from self._take_back(invoice_id, customer, sale, at)

    def _take_back(self, invoice_id: str, customer: str, sale: _Sale, at: datetime) -> Iterator[Entry]:
        """Match the pieces to the latest purchases that still have some; report what is left over."""
        sold = self._sold.get((customer, sale.code), [])
        matched: list[tuple[_Sold, int]] = []
        wanted = -sale.quantity
        for line in reversed(sold):
            taken = min(wanted, line.left)
            if taken:
                line.left -= taken
                wanted -= taken
                matched.append((line, taken))
        parts = [taken for _, taken in matched] + ([wanted] if wanted else [])
        amounts = allocate(-sale.amount, parts)
        for (line, taken), amount in zip(matched, amounts, strict=False):
            self._tally.money("charged", "returned", -amount)
            yield self._tally.returned(
                Returned(
                    credit_id=invoice_id,
                    order_id=line.order_id,
                    line_id=line.line_id,
                    quantity=taken,
                    amount=amount,
                    at=at,
                )
            )
        if wanted:
            detail = f"{sale.code}: no earlier purchase of {wanted} of {-sale.quantity} pieces by {customer}"
            self._tally.money("charged", "skipped", -amounts[-1])
            yield self._report(invoice_id, "credit_unmatched", detail, -amounts[-1])

    def _skip(self, invoice_id: str, reason: str, detail: str, sales: list[_Sale]) -> Report:
        amount = sum(sale.amount for sale in sales)
        self._tally.money("charged", "skipped", amount)
        return self._report(invoice_id, reason, detail, amount)

    def _report(self, row_id: str, reason: str, detail: str, amount: int = 0) -> Report:
        return self._tally.reported(
            Report(
                file=self._path.name,
                row_id=row_id,
                reason=reason,
                detail=detail,
                severity=Severity.SKIPPED,
                amount=amount,
            )
        )


def _customer(row: Row) -> str:
    """The customer's number; the file writes it as a decimal, and leaves it out for some."""
    return row["CustomerID"].removesuffix(".0")


def _order(head: Row, customer: str, goods: list[_Sale], charges: list[_Sale], at: datetime) -> Order:
    invoice_id = head["InvoiceNo"]
    lines = _lines(goods, charges)
    return Order(
        order_id=invoice_id,
        checkout_id=invoice_id,
        buyer_id=customer or f"guest-{invoice_id}",
        seller_id=SELLER_ID,
        currency=CURRENCY,
        placed_at=at,
        lines=lines,
        tenders=(
            Tender(
                tender_id="t1",
                method=Method.BANK_TRANSFER,
                captured=sum(unit.paid for line in lines for unit in line.units),
                provider_ref=f"{invoice_id}-t1",
            ),
        ),
        parcels=(Parcel(parcel_id=f"{invoice_id}-p1", shipped_at=at),),
        buyer_country=ALPHA2.get(head["Country"], ""),
        seller_country="GB",
    )


def _lines(goods: list[_Sale], charges: list[_Sale]) -> tuple[Line, ...]:
    """A line for each article and price; what was charged besides is divided over the pieces by price."""
    alike: dict[tuple[str, Decimal], list[_Sale]] = defaultdict(list)
    for sale in goods:
        alike[sale.code, sale.price].append(sale)
    groups = list(alike.values())
    pieces = [
        piece
        for group in groups
        for piece in allocate(sum(sale.amount for sale in group), [1] * sum(sale.quantity for sale in group))
    ]
    shipping = allocate(sum(c.amount for c in charges if c.code in _SHIPPING_CODES), pieces)
    fees = allocate(sum(c.amount for c in charges if c.code in _FEE_CODES), pieces)
    discounts = allocate(sum(c.amount for c in charges if c.code in _DISCOUNT_CODES), pieces)
    units = [
        Components(item=item, discount=-discount, shipping=ship, fee=fee)
        for item, discount, ship, fee in zip(pieces, discounts, shipping, fees, strict=True)
    ]
    lines: list[Line] = []
    start = 0
    for place, group in enumerate(groups, start=1):
        quantity = sum(sale.quantity for sale in group)
        lines.append(
            Line(
                line_id=str(place),
                title=group[0].title,
                category="giftware",
                units=tuple(units[start : start + quantity]),
                terms_id="",
                sku=group[0].code,
                traits=("digital",) if group[0].code.startswith("GIFT_") else (),
            )
        )
        start += quantity
    return tuple(lines)


def _notes(file: str, head: Row, customer: str, sales: list[_Sale]) -> Iterator[Report]:
    """Warnings about an invoice that was imported."""
    found: list[tuple[str, str, int]] = []
    if not customer:
        found.append(("customer_missing", "imported as a guest of its own", sum(s.amount for s in sales)))
    if head["Country"] not in ALPHA2:
        found.append(("country_unknown", f"{head['Country']!r} is no one country", 0))
    for sale in sales:
        if sale.price * 100 != int(sale.price * 100):
            detail = f"{sale.code}: {sale.quantity} at {sale.price} is {sale.amount} pence for the row"
            found.append(("fraction_of_a_penny", detail, sale.amount))
        if sale.price == 0:
            found.append(("price_zero", f"{sale.code}: {sale.quantity} pieces for nothing", 0))
        if sale.code in _FEE_CODES:
            found.append(("fee_divided", f"{sale.code}: divided over the goods as a fee", sale.amount))
    repeated = len(sales) - len({(s.code, s.price, s.quantity) for s in sales})
    if repeated:
        found.append(("row_repeated", f"{repeated} rows like another: scanned twice, so bought twice", 0))
    for reason, detail, amount in found:
        yield Report(
            file=file,
            row_id=head["InvoiceNo"],
            reason=reason,
            detail=detail,
            severity=Severity.WARNING,
            amount=amount,
        )
