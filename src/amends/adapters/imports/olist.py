"""Reads a folder of the Olist data set: Brazilian orders of 2016-2018 with payments, parcels and reviews.

A checkout with several sellers becomes one order a seller, its payments divided over them to the centavo.
Pieces of the same product at the same price and freight are one line with several units, because that is
how a buyer later claims "two of the three". The orders are streamed; the tables beside them are held.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from amends.adapters.imports.olist_tables import (
    ITEMS,
    ORDERS,
    PAYMENTS,
    PRODUCTS,
    REVIEWS,
    SELLERS,
    ZONE,
    Item,
    OlistTables,
    Payment,
)
from amends.adapters.imports.tables import ORDER_ID, Row, instant, rows
from amends.adapters.imports.tally import Tally
from amends.domain.imports import Entry, Imported, Report, Severity, Summary
from amends.domain.money import allocate
from amends.domain.orders import Components, Line, Method, Order, Parcel, Signal, Tender, TrackingEvent

CURRENCY = "BRL"
_COUNTRY = "BR"

_METHODS = {
    "credit_card": Method.CARD,
    "debit_card": Method.CARD,
    "boleto": Method.BANK_TRANSFER,
    "voucher": Method.VOUCHER,
}
# A payment of no stated kind is refunded by the way that works without knowing it, and takes longest.
_METHOD_UNKNOWN = Method.BANK_TRANSFER

_PLAIN_STATUSES = frozenset({"created", "approved", "invoiced", "processing", "shipped", "delivered"})
_STOPPED_STATUSES = frozenset({"canceled", "unavailable"})

_COLUMNS = (
    "order_id",
    "customer_id",
    "order_status",
    "order_purchase_timestamp",
    "order_delivered_carrier_date",
    "order_delivered_customer_date",
    "order_estimated_delivery_date",
)


class _Notes:
    """The warnings about one order while it is put together."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.reports: list[Report] = []

    def add(self, reason: str, detail: str, *, amount: int = 0, file: str = ORDERS, row_id: str = "") -> None:
        self.reports.append(
            Report(
                file=file,
                row_id=row_id or self.order_id,
                reason=reason,
                detail=detail,
                severity=Severity.WARNING,
                amount=amount,
            )
        )


class OlistReading:
    """One pass over an Olist folder: iterate once, then ask for the `summary`.

    ``total`` is how many orders the file has, for a progress bar.
    """

    def __init__(self, folder: Path) -> None:
        """Raises `ImportRefused` when the orders file is missing or lacks a column."""
        self._folder = folder
        self._tally = Tally(CURRENCY)
        self._tables = OlistTables(folder, self._tally)
        self.total = sum(1 for _ in rows(folder / ORDERS, _COLUMNS))

    def summary(self) -> Summary:
        """What was read so far."""
        return self._tally.summary()

    def __iter__(self) -> Iterator[Entry]:
        """Orders, and reports of rows that became none. Raises `ImportRefused`."""
        yield from self._tables.load()
        seen: set[str] = set()
        for place, row in self._tables.rows(ORDERS, *_COLUMNS):
            self._tally.read += 1
            if row is None:
                yield self._tables.malformed(ORDERS, place)
            elif row["order_id"] in seen:
                yield self._tables.skip(ORDERS, row["order_id"], "order_repeated", "the first row counts")
            else:
                seen.add(row["order_id"])
                yield from self._read_order(row)
        yield from self._read_orphans(seen)

    def _read_order(self, row: Row) -> Iterator[Entry]:
        source_id = row["order_id"]
        items = sorted(self._tables.items.pop(source_id, []), key=lambda item: item.number)
        payments = sorted(self._tables.payments.pop(source_id, []), key=lambda payment: payment.number)
        placed_at = instant(row["order_purchase_timestamp"], ZONE)
        reason, detail = "", ""
        if not ORDER_ID.fullmatch(f"{source_id}-{len(items)}"):
            reason, detail = "order_id_unusable", "longer than an order id may be, or with other characters"
        elif placed_at is None:
            reason, detail = "date_unreadable", f"purchased {row['order_purchase_timestamp']!r}"
        elif source_id in self._tables.unreadable:
            reason, detail = "order_with_unreadable_item", "an order is imported whole or not at all"
        elif not items:
            reason, detail = "no_items", f"status {row['order_status']}: nothing says what was bought"
        elif not row["customer_id"]:
            reason, detail = "no_customer", "nobody bought it"
        if reason or placed_at is None:
            yield self._skip_order(source_id, reason, detail, items, payments)
            return
        notes = _Notes(source_id)
        drafts = self._draft(row, placed_at, items, payments, notes)
        review = self._tables.reviews.pop(source_id, None)
        for order in drafts:
            charged = sum(unit.paid - unit.fee for line in order.lines for unit in line.units)
            self._tally.money("charged", "imported", charged)
            self._tally.money("paid", "imported", order.captured)
            yield self._tally.imported(
                Imported(
                    order=order,
                    source_id=source_id,
                    status=row["order_status"],
                    review=review,
                    # What is noticed about a checkout is told once, with its first order.
                    reports=tuple(notes.reports) if order is drafts[0] else (),
                )
            )

    def _skip_order(
        self, source_id: str, reason: str, detail: str, items: list[Item], payments: list[Payment]
    ) -> Report:
        paid = sum(payment.value for payment in payments)
        self._tally.money("paid", "skipped", paid)
        self._tally.money("charged", "skipped", sum(item.charged for item in items))
        self._tables.reviews.pop(source_id, None)
        return self._tables.skip(ORDERS, source_id, reason, detail, paid)

    def _read_orphans(self, seen: set[str]) -> Iterator[Report]:
        """Rows of the other tables whose order never came."""
        for order_id, items in self._tables.items.items():
            charged = sum(item.charged for item in items)
            self._tally.money("charged", "skipped", charged)
            yield self._tables.skip(ITEMS, order_id, "item_without_order", f"{len(items)} rows", charged)
        for order_id, payments in self._tables.payments.items():
            paid = sum(payment.value for payment in payments)
            self._tally.money("paid", "skipped", paid)
            yield self._tables.skip(
                PAYMENTS, order_id, "payment_without_order", f"{len(payments)} rows", paid
            )
        for order_id in self._tables.reviews:
            if order_id not in seen:
                yield self._tables.skip(REVIEWS, order_id, "review_without_order", "no such order")

    def _draft(
        self, row: Row, placed_at: datetime, items: list[Item], payments: list[Payment], notes: _Notes
    ) -> list[Order]:
        source_id = row["order_id"]
        _note_status(row, notes)
        buyer_id, postcode = self._buyer(row, notes)
        of_seller: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            of_seller[item.seller_id].append(item)
        shipped_at, delivered_at = _journey(row, placed_at, notes)
        promised_by = _promise(row, notes)
        shares = divide(payments, [sum(i.charged for i in own) for own in of_seller.values()])
        _note_payments(items, payments, notes)
        orders: list[Order] = []
        for place, (seller_id, own) in enumerate(of_seller.items()):
            if seller_id not in self._tables.sellers:
                notes.add("seller_missing", f"seller {seller_id} has no row", file=SELLERS, row_id=seller_id)
            order_id = source_id if len(of_seller) == 1 else f"{source_id}-{place + 1}"
            paid = [share[place] for share in shares]
            beyond = max(0, sum(paid) - sum(item.charged for item in own))
            orders.append(
                Order(
                    order_id=order_id,
                    checkout_id=source_id,
                    buyer_id=buyer_id,
                    seller_id=seller_id,
                    currency=CURRENCY,
                    placed_at=placed_at,
                    lines=_with_fee(self._lines(own, notes), beyond),
                    tenders=_tenders(order_id, payments, paid),
                    parcels=_parcels(order_id, shipped_at, delivered_at, postcode),
                    buyer_country=_COUNTRY,
                    buyer_postcode=postcode,
                    seller_country=_COUNTRY,
                    ship_by=_ship_by(own, notes),
                    promised_by=promised_by,
                )
            )
        return orders

    def _buyer(self, row: Row, notes: _Notes) -> tuple[str, str]:
        customer = self._tables.customers.get(row["customer_id"])
        if customer is None:
            notes.add("customer_missing", f"no row of customer {row['customer_id']}; the id is kept")
            return row["customer_id"], ""
        return customer.person_id, customer.postcode

    def _lines(self, items: list[Item], notes: _Notes) -> tuple[Line, ...]:
        alike: dict[tuple[str, int, int], list[Item]] = defaultdict(list)
        for item in items:
            alike[item.product_id, item.price, item.freight].append(item)
        lines: list[Line] = []
        for (product_id, price, freight), pieces in alike.items():
            product = self._tables.products.get(product_id)
            if product is None:
                notes.add("product_missing", f"no row of {product_id}", file=PRODUCTS, row_id=product_id)
            elif product.gap:
                notes.add("product_incomplete", product.gap, file=PRODUCTS, row_id=product_id)
            category = product.category if product else "uncategorised"
            lines.append(
                Line(
                    line_id=str(pieces[0].number),
                    # The set has no titles.
                    title=category.replace("_", " ").capitalize(),
                    category=category,
                    units=(Components(item=price, shipping=freight),) * len(pieces),
                    terms_id="",
                    sku=product_id,
                    weight_g=product.weight_g if product else 0,
                )
            )
        return tuple(lines)


def divide(payments: Sequence[Payment], charges: Sequence[int]) -> list[list[int]]:
    """Each payment's share for each order of a checkout, by what the orders cost.

    Every row adds up to its payment. What is still to be paid is the weight, so that the orders too add up
    to their charges to the minor unit whenever the payments add up to the checkout; what is paid beyond
    the charges is divided by the charges.
    """
    open_charges = list(charges)
    shares: list[list[int]] = []
    for payment in payments:
        owed = min(payment.value, sum(open_charges))
        due = allocate(owed, open_charges)
        beyond = allocate(payment.value - owed, charges)
        open_charges = [left - part for left, part in zip(open_charges, due, strict=True)]
        shares.append([part + extra for part, extra in zip(due, beyond, strict=True)])
    return shares


def _with_fee(lines: tuple[Line, ...], beyond: int) -> tuple[Line, ...]:
    """What was paid beyond items and freight (the interest of instalments, mostly) is a fee on the pieces.

    Otherwise a full refund would leave it behind.
    """
    if not beyond:
        return lines
    fees = iter(allocate(beyond, [unit.paid for line in lines for unit in line.units]))
    return tuple(
        replace(line, units=tuple(replace(unit, fee=next(fees)) for unit in line.units)) for line in lines
    )


def _tenders(order_id: str, payments: Sequence[Payment], amounts: Sequence[int]) -> tuple[Tender, ...]:
    """A tender for each payment that has a share in the order."""
    return tuple(
        Tender(
            tender_id=f"t{payment.number}",
            method=_METHODS.get(payment.kind, _METHOD_UNKNOWN),
            captured=amount,
            provider_ref=f"{order_id}-t{payment.number}",
        )
        for payment, amount in zip(payments, amounts, strict=True)
        if amount
    )


def _parcels(
    order_id: str, shipped_at: datetime | None, delivered_at: datetime | None, postcode: str
) -> tuple[Parcel, ...]:
    if shipped_at is None:
        return ()
    scans = (TrackingEvent(delivered_at, Signal.DELIVERED, _COUNTRY, postcode),) if delivered_at else ()
    return (Parcel(parcel_id=f"{order_id}-p1", shipped_at=shipped_at, events=scans),)


def _note_status(row: Row, notes: _Notes) -> None:
    status = row["order_status"]
    if status in _STOPPED_STATUSES:
        notes.add(f"status_{status}", "imported: the money was taken, so it has to go somewhere")
    elif status not in _PLAIN_STATUSES:
        notes.add("status_unknown", f"status {status!r}")


def _note_payments(items: list[Item], payments: list[Payment], notes: _Notes) -> None:
    """Whatever is odd about how a checkout was paid."""
    if not payments:
        notes.add("no_payments", "no tender: nothing can be refunded")
        return
    for payment in payments:
        row_id = f"{notes.order_id}/{payment.number}"
        if payment.value == 0:
            notes.add("payment_zero", f"a {payment.kind} of nothing", file=PAYMENTS, row_id=row_id)
        if payment.kind not in _METHODS:
            detail = f"{payment.kind!r} is imported as {_METHOD_UNKNOWN}"
            notes.add("payment_kind_unknown", detail, amount=payment.value, file=PAYMENTS, row_id=row_id)
    difference = sum(payment.value for payment in payments) - sum(item.charged for item in items)
    if difference:
        direction = "more" if difference > 0 else "less"
        detail = f"paid {abs(difference)} centavos {direction} than items and freight cost"
        notes.add("payments_differ", detail, amount=difference, file=PAYMENTS)


def _journey(row: Row, placed_at: datetime, notes: _Notes) -> tuple[datetime | None, datetime | None]:
    """When the parcel left and arrived, in an order that can have happened: a delivery proves a handover."""
    shipped_at = _optional(row, "order_delivered_carrier_date", notes)
    delivered_at = _optional(row, "order_delivered_customer_date", notes)
    if row["order_status"] == "delivered" and delivered_at is None:
        notes.add("delivered_without_date", "imported as under way")
    if delivered_at is not None and delivered_at < placed_at:
        notes.add("delivered_before_purchase", "imported as under way: the date cannot be right")
        delivered_at = None
    if shipped_at is not None and shipped_at < placed_at:
        notes.add("handed_over_before_purchase", f"{_gap(shipped_at, placed_at)}; imported as at purchase")
        shipped_at = placed_at
    if delivered_at is not None and shipped_at is None:
        notes.add("delivered_without_handover", "imported as handed over when it was delivered")
        shipped_at = delivered_at
    if delivered_at is not None and shipped_at is not None and delivered_at < shipped_at:
        notes.add(
            "delivered_before_handover",
            f"{_gap(delivered_at, shipped_at)}; imported as handed over when it was delivered",
        )
        shipped_at = delivered_at
    return shipped_at, delivered_at


def _promise(row: Row, notes: _Notes) -> datetime | None:
    """The end of the promised day: the file gives a date with midnight for a time."""
    promised = _optional(row, "order_estimated_delivery_date", notes)
    if promised is None:
        return None
    local = promised.astimezone(ZONE)
    # In the night the clocks go forward there is no midnight, and the day starts at one.
    if row["order_estimated_delivery_date"].endswith(" 00:00:00"):
        text = f"{(local + timedelta(days=1)).date().isoformat()} 00:00:00"
        return instant(text, ZONE)
    return promised


def _ship_by(items: list[Item], notes: _Notes) -> datetime | None:
    """The latest of the items' dates: the seller may send it all in one parcel."""
    dates = [item.ship_by for item in items if item.ship_by is not None]
    if len(dates) < len(items):
        notes.add("date_unreadable", "shipping limit of an item", file=ITEMS)
    return max(dates) if dates else None


def _optional(row: Row, column: str, notes: _Notes) -> datetime | None:
    at = instant(row[column], ZONE)
    if at is None and row[column]:
        notes.add("date_unreadable", f"{column} {row[column]!r}")
    return at


def _gap(earlier: datetime, later: datetime) -> str:
    return f"{(later - earlier).total_seconds() / 3600:.1f} h too early"
