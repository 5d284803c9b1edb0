"""Reading the Online Retail table: invoices, credit notes, and the pennies of both."""

import csv
import gzip
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from amends.adapters.imports.online_retail import OnlineRetailReading
from amends.domain.imports import Entry, Imported, ImportRefused, Report, Returned, Summary, Totals

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
DATA = Path(os.environ.get("AMENDS_DATA", Path(__file__).parents[4] / "shared" / "data"))
REAL = DATA / "uci_online_retail" / "online_retail.csv.gz"


def row(
    invoice: str = "536365",
    code: str = "85123A",
    quantity: int = 6,
    price: str = "2.55",
    *,
    at: str = "2010-12-01 08:26:00",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> str:
    return f"{invoice},{code},HANGING HEART,{quantity},{at},{price},{customer},{country}"


def read(folder: Path, *rows: str, pieces_max: int = 1000) -> tuple[list[Entry], Summary]:
    file = folder / "online_retail.csv.gz"
    file.write_bytes(gzip.compress("\n".join((HEADER, *rows, "")).encode()))
    reading = OnlineRetailReading(file, pieces_max)
    entries = list(reading)
    assert reading.total == len(rows)
    return entries, reading.summary()


def test_an_invoice_is_an_order_paid_in_full_and_sent_at_once(tmp_path: Path) -> None:
    (entry,), summary = read(tmp_path, row(), row(code="71053", price="3.39", at="2010-12-01 08:27:00"))
    assert isinstance(entry, Imported)
    order = entry.order
    assert (order.order_id, order.buyer_id, order.currency) == ("536365", "17850", "GBP")
    assert (order.buyer_country, order.seller_country) == ("GB", "GB")
    assert order.placed_at == order.parcels[0].shipped_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert [(line.sku, line.quantity) for line in order.lines] == [("85123A", 6), ("71053", 6)]
    assert order.captured == 6 * 255 + 6 * 339
    assert summary.money["charged"] == Totals(3564, 3564)


def test_summer_time_is_minded(tmp_path: Path) -> None:
    (entry,), _ = read(tmp_path, row(at="2011-07-01 08:26:00"))
    assert isinstance(entry, Imported)
    assert entry.order.placed_at == datetime(2011, 7, 1, 7, 26, tzinfo=UTC)


def test_postage_fees_and_discounts_become_shares_of_the_goods(tmp_path: Path) -> None:
    rows = [row(quantity=3, price="1.00"), row(code="POST", quantity=1, price="0.50")]
    rows += [row(code="BANK CHARGES", quantity=1, price="0.10")]
    (entry,), summary = read(tmp_path, *rows)
    assert isinstance(entry, Imported)
    (line,) = entry.order.lines
    assert [unit.item for unit in line.units] == [100, 100, 100]
    assert (sum(unit.shipping for unit in line.units), sum(unit.fee for unit in line.units)) == (50, 10)
    assert entry.order.captured == 360
    assert summary.warnings == {"fee_divided": 1}


def test_a_fraction_of_a_penny_is_rounded_once_a_row_and_told(tmp_path: Path) -> None:
    (entry,), summary = read(
        tmp_path, row(quantity=7, price="0.125"), row(code="PADS", quantity=1, price="0.001")
    )
    assert isinstance(entry, Imported)
    assert [sum(unit.item for unit in line.units) for line in entry.order.lines] == [88, 0]
    assert summary.warnings["fraction_of_a_penny"] == 2
    assert float(summary.fractions) == pytest.approx(0.875 + 0.001 - 0.88)
    assert summary.balanced


def test_a_credit_note_is_matched_to_the_latest_purchases_of_the_same_customer(tmp_path: Path) -> None:
    entries, summary = read(
        tmp_path,
        row("1", quantity=2, price="2.00"),
        row("2", quantity=3, price="2.00", at="2010-12-02 08:26:00"),
        row("C3", quantity=-4, price="2.00", at="2010-12-03 08:26:00"),
    )
    returned = [entry for entry in entries if isinstance(entry, Returned)]
    assert [(r.order_id, r.line_id, r.quantity, r.amount) for r in returned] == [
        ("2", "1", 3, 600),
        ("1", "1", 1, 200),
    ]
    assert summary.money["charged"] == Totals(read=200, imported=1000, returned=-800)


def test_what_was_taken_back_once_is_not_matched_again(tmp_path: Path) -> None:
    entries, summary = read(
        tmp_path,
        row("1", quantity=2),
        row("C2", quantity=-2),
        row("C3", quantity=-1),
        row("C4", code="22423", quantity=-1),
    )
    assert [e.credit_id for e in entries if isinstance(e, Returned)] == ["C2"]
    assert summary.skipped == {"credit_unmatched": 2}
    assert summary.balanced


def test_another_customers_purchase_is_no_match(tmp_path: Path) -> None:
    _, summary = read(tmp_path, row("1", quantity=2), row("C2", quantity=-2, customer="13047.0"))
    assert (summary.returned, summary.skipped) == (0, {"credit_unmatched": 1})


def test_a_guest_is_a_buyer_of_their_own(tmp_path: Path) -> None:
    (entry,), summary = read(tmp_path, row(customer=""))
    assert isinstance(entry, Imported)
    assert entry.order.buyer_id == "guest-536365"
    assert summary.warnings == {"customer_missing": 1}


def test_rows_of_two_invoices_written_at_once_stay_apart(tmp_path: Path) -> None:
    entries, summary = read(tmp_path, row("1"), row("2"), row("1", code="71053"))
    orders = {entry.order.order_id: entry.order for entry in entries if isinstance(entry, Imported)}
    assert {order_id: len(order.lines) for order_id, order in orders.items()} == {"1": 2, "2": 1}
    assert summary.read == 2


def test_the_same_row_twice_is_bought_twice(tmp_path: Path) -> None:
    (entry,), summary = read(tmp_path, row(), row())
    assert isinstance(entry, Imported)
    assert [line.quantity for line in entry.order.lines] == [12]
    assert summary.warnings == {"row_repeated": 1}


SKIPPED = {
    "stock_adjustment": [row(quantity=-10, price="0.0")],
    "quantity_too_high": [row(quantity=1001)],
    "price_negative": [row(price="-1.00")],
    "bad_debt_adjustment": [row("A1", "B", 1, "11062.06")],
    "no_goods": [row(code="POST", quantity=1)],
    "nothing_paid": [row(price="0.0")],
    "credit_of_charges": [row("C1", "D", -1, "27.50")],
    "credit_without_customer": [row("C1", quantity=-1, customer="")],
    "row_unreadable": [row(price="free")],
    "row_malformed": ["536365,85123A"],
    "invoice_unreadable": [row(at="1 Dec")],
}


@pytest.mark.parametrize("reason", SKIPPED)
def test_a_row_that_is_skipped_is_reported_with_its_money(tmp_path: Path, reason: str) -> None:
    entries, summary = read(tmp_path, *SKIPPED[reason])
    assert [entry.reason for entry in entries if isinstance(entry, Report)] == [reason]
    assert summary.skipped == {reason: 1}
    assert summary.balanced


def test_a_file_that_is_no_gzip_or_lacks_a_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "online_retail.csv.gz"
    file.write_bytes(b"no gzip")
    with pytest.raises(ImportRefused, match=r"online_retail\.csv\.gz"):
        OnlineRetailReading(file)
    file.write_bytes(gzip.compress(b"InvoiceNo,StockCode\n"))
    with pytest.raises(ImportRefused, match="no column Description"):
        OnlineRetailReading(file)


@pytest.mark.skipif(not REAL.is_file(), reason="AMENDS_DATA has no uci_online_retail folder")
def test_the_real_file_is_accounted_for_to_the_penny() -> None:
    reading = OnlineRetailReading(REAL)
    imported = returned = 0
    for entry in reading:
        if isinstance(entry, Imported):
            imported += entry.order.captured
        elif isinstance(entry, Returned):
            returned -= entry.amount
    summary = reading.summary()
    totals = summary.money["charged"]
    assert summary.balanced
    assert (totals.imported, totals.returned) == (imported, returned)
    with gzip.open(REAL, "rt", encoding="utf-8", newline="") as stream:
        exact = sum(Decimal(r["Quantity"]) * Decimal(r["UnitPrice"]) for r in csv.DictReader(stream))
    assert Decimal(totals.read) / 100 + Decimal(summary.fractions) == exact
