"""Reading an Olist folder: nothing is dropped in silence, and no centavo is lost."""

import itertools
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.imports import olist_folder
from tests.adapters.imports.olist_folder import DELIVERED, ITEM, PAYMENT

from amends.adapters.imports.olist import OlistReading, divide
from amends.adapters.imports.olist_tables import Payment
from amends.domain.imports import Imported, ImportRefused, Report, Summary, Totals
from amends.domain.orders import Components, Method, Signal

REAL = Path(os.environ.get("AMENDS_DATA", Path(__file__).parents[4] / "shared" / "data")) / "olist"


def read(folder: Path) -> tuple[list[Imported], list[Report], Summary]:
    reading = OlistReading(folder)
    entries = list(reading)
    imported = [entry for entry in entries if isinstance(entry, Imported)]
    return imported, [entry for entry in entries if isinstance(entry, Report)], reading.summary()


def test_a_delivered_order_keeps_its_money_times_and_places(tmp_path: Path) -> None:
    review = "r1,o1,2,,Chegou quebrado,2017-07-27 00:00:00,2017-07-28 10:00:00"
    (entry,), skipped, summary = read(olist_folder.write(tmp_path, reviews=[review]))
    order = entry.order
    assert skipped == []
    assert (order.order_id, order.checkout_id, order.buyer_id, order.seller_id) == (
        "o1",
        "o1",
        "person1",
        "s1",
    )
    assert order.placed_at == datetime(2017, 7, 10, 0, 57, 5, tzinfo=UTC)
    assert order.ship_by == datetime(2017, 7, 14, 1, 10, 13, tzinfo=UTC)
    assert order.lines[0].units == (Components(item=10000, shipping=1050),)
    assert (order.lines[0].category, order.lines[0].weight_g, order.lines[0].terms_id) == (
        "health_beauty",
        600,
        "",
    )
    assert [(t.method, t.captured) for t in order.tenders] == [(Method.CARD, 11050)]
    assert order.parcels[0].shipped_at == datetime(2017, 7, 11, 17, 58, 4, tzinfo=UTC)
    assert order.parcels[0].events[0].signal is Signal.DELIVERED
    assert order.delivered_at("1") == datetime(2017, 7, 26, 13, 57, 55, tzinfo=UTC)
    assert (order.buyer_country, order.seller_country, order.buyer_postcode) == ("BR", "BR", "04571")
    assert entry.review is not None
    assert (entry.review.score, entry.status) == (2, "delivered")
    assert summary.balanced
    assert summary.money["paid"] == Totals(11050, 11050)


def test_the_promised_day_counts_to_its_end(tmp_path: Path) -> None:
    (entry,), _, _ = read(olist_folder.write(tmp_path))
    assert entry.order.promised_by == datetime(2017, 8, 2, 3, 0, tzinfo=UTC)


def test_a_promised_day_that_begins_without_midnight_counts_to_its_end(tmp_path: Path) -> None:
    # Sao Paulo went to summer time at midnight of 15 October 2017.
    orders = [DELIVERED.replace("2017-08-01", "2017-10-15")]
    (entry,), _, _ = read(olist_folder.write(tmp_path, orders=orders))
    assert entry.order.promised_by == datetime(2017, 10, 16, 2, 0, tzinfo=UTC)


def test_pieces_alike_are_one_line_and_others_are_not(tmp_path: Path) -> None:
    items = [ITEM, ITEM.replace("o1,1", "o1,2"), "o1,3,p1,s1,2017-07-15 00:00:00,90.00,10.50"]
    (entry,), _, _ = read(olist_folder.write(tmp_path, items=items))
    assert [(line.line_id, line.quantity) for line in entry.order.lines] == [("1", 2), ("3", 1)]
    assert entry.order.ship_by == datetime(2017, 7, 15, 3, 0, tzinfo=UTC)


def test_a_checkout_with_two_sellers_is_two_orders_paid_to_the_centavo(tmp_path: Path) -> None:
    items = [ITEM, "o1,2,p2,s2,2017-07-13 22:10:13,33.33,0.00"]
    payments = ["o1,1,voucher,1,50.01", "o1,2,credit_card,1,93.82"]
    orders, _, summary = read(olist_folder.write(tmp_path, items=items, payments=payments))
    assert [(e.order.order_id, e.order.seller_id) for e in orders] == [("o1-1", "s1"), ("o1-2", "s2")]
    assert {e.order.checkout_id for e in orders} == {"o1"}
    by_tender = [[t.captured for t in e.order.tenders] for e in orders]
    assert [sum(row) for row in zip(*by_tender, strict=True)] == [5001, 9382]
    assert [sum(row) for row in by_tender] == [11050, 3333]
    assert (summary.imported, summary.orders, summary.balanced) == (1, 2, True)


@given(
    values=st.lists(st.integers(0, 10**7), min_size=1, max_size=6),
    charges=st.lists(st.integers(0, 10**7), min_size=1, max_size=5),
)
def test_shares_always_add_up_to_each_payment(values: list[int], charges: list[int]) -> None:
    shares = divide([Payment(i, "voucher", value) for i, value in enumerate(values)], charges)
    assert [sum(share) for share in shares] == values
    assert min(min(share) for share in shares) >= 0


@given(charges=st.lists(st.integers(1, 10**6), min_size=1, max_size=5), cuts=st.lists(st.integers(0, 10**6)))
def test_each_order_is_paid_what_it_cost_when_the_checkout_is(charges: list[int], cuts: list[int]) -> None:
    total = sum(charges)
    bounds = [0, *sorted(cut % (total + 1) for cut in cuts), total]
    values = [end - start for start, end in itertools.pairwise(bounds)]
    shares = divide([Payment(i, "voucher", value) for i, value in enumerate(values)], charges)
    assert [sum(column) for column in zip(*shares, strict=True)] == charges


SKIPPED: dict[str, dict[str, list[str]]] = {
    "no_items": {"items": []},
    "date_unreadable": {"orders": [DELIVERED.replace("2017-07-09 21:57:05", "09/07/2017")]},
    "no_customer": {"orders": [DELIVERED.replace("c1", "")]},
    "order_repeated": {"orders": [DELIVERED, DELIVERED]},
    "order_id_unusable": {"orders": [DELIVERED.replace("o1", "o 1")]},
    "item_unreadable": {"items": [ITEM.replace("100.00", "1e2")]},
    "order_with_unreadable_item": {"items": [ITEM.replace("s1", "")]},
    "item_repeated": {"items": [ITEM, ITEM]},
    "item_without_order": {"items": [ITEM, ITEM.replace("o1", "o9")]},
    "payment_unreadable": {"payments": [PAYMENT, "o1,2,voucher,1,5.005"]},
    "payment_repeated": {"payments": [PAYMENT, PAYMENT]},
    "payment_without_order": {"payments": [PAYMENT, "o9,1,voucher,1,5.00"]},
    "row_malformed": {"orders": [DELIVERED, "o2,c1"]},
    "review_unreadable": {"reviews": ["r1,o1,6,,,2017-07-27 00:00:00,2017-07-28 10:00:00"]},
    "review_repeated": {"reviews": ["r1,o1,5,,,2017-07-27 00:00:00,2017-07-28 10:00:00"] * 2},
    "review_without_order": {"reviews": ["r1,o9,5,,,2017-07-27 00:00:00,2017-07-28 10:00:00"]},
    "customer_repeated": {"customers": ["c1,person1,1,x,SP", "c1,person2,1,x,SP"]},
    "seller_repeated": {"sellers": ["s1,1,x,SP", "s1,1,x,SP"]},
    "product_repeated": {"products": ["p1,beleza_saude,1", "p1,beleza_saude,1"]},
}


@pytest.mark.parametrize("reason", SKIPPED)
def test_a_row_that_is_skipped_is_reported_with_its_money(tmp_path: Path, reason: str) -> None:
    _, skipped, summary = read(olist_folder.write(tmp_path, **SKIPPED[reason]))
    assert [report.reason for report in skipped].count(reason) == 1
    assert all(report.row_id and report.file and report.detail for report in skipped)
    assert summary.skipped[reason] == 1
    assert summary.balanced


WARNED: dict[str, dict[str, list[str]]] = {
    "payments_differ": {"payments": [PAYMENT.replace("110.50", "110.49")]},
    "no_payments": {"payments": []},
    "payment_zero": {"payments": [PAYMENT, "o1,2,voucher,1,0.0"]},
    "payment_kind_unknown": {"payments": [PAYMENT.replace("credit_card", "not_defined")]},
    "customer_missing": {"customers": []},
    "seller_missing": {"sellers": []},
    "product_missing": {"products": []},
    "product_incomplete": {"products": ["p1,,"]},
    "status_canceled": {"orders": [DELIVERED.replace("delivered", "canceled")]},
    "status_unavailable": {"orders": [DELIVERED.replace("delivered", "unavailable")]},
    "status_unknown": {"orders": [DELIVERED.replace("delivered", "mislaid")]},
    "delivered_without_date": {"orders": [DELIVERED.replace("2017-07-26 10:57:55", "")]},
    "delivered_before_handover": {"orders": [DELIVERED.replace("2017-07-26", "2017-07-10")]},
    "delivered_without_handover": {"orders": [DELIVERED.replace("2017-07-11 14:58:04", "")]},
    "handed_over_before_purchase": {"orders": [DELIVERED.replace("2017-07-11", "2017-07-01")]},
    "delivered_before_purchase": {"orders": [DELIVERED.replace("2017-07-26", "2017-07-01")]},
    "date_unreadable": {"orders": [DELIVERED.replace("2017-07-26 10:57:55", "2017-02-30 10:00:00")]},
}


@pytest.mark.parametrize("reason", WARNED)
def test_an_order_that_is_not_plain_is_imported_with_a_warning(tmp_path: Path, reason: str) -> None:
    (entry,), skipped, summary = read(olist_folder.write(tmp_path, **WARNED[reason]))
    assert skipped == []
    assert reason in [report.reason for report in entry.reports]
    assert summary.warnings[reason] == 1
    assert summary.balanced
    times = [entry.order.placed_at, *(p.shipped_at for p in entry.order.parcels)]
    times += [scan.at for p in entry.order.parcels for scan in p.events]
    assert times == sorted(times)


def test_what_payments_differ_by_is_stated(tmp_path: Path) -> None:
    (entry,), _, _ = read(olist_folder.write(tmp_path, payments=[PAYMENT.replace("110.50", "120.00")]))
    (report,) = entry.reports
    assert (report.amount, entry.order.captured) == (950, 12000)
    assert entry.order.lines[0].units == (Components(item=10000, shipping=1050, fee=950),)


def test_a_payment_of_nothing_is_no_tender(tmp_path: Path) -> None:
    (entry,), _, _ = read(olist_folder.write(tmp_path, payments=[PAYMENT, "o1,2,voucher,1,0.00"]))
    assert [tender.captured for tender in entry.order.tenders] == [11050]


def test_a_folder_without_a_table_or_a_column_is_refused(tmp_path: Path) -> None:
    olist_folder.write(tmp_path)
    items = tmp_path / "olist_order_items_dataset.csv"
    items.write_text(items.read_text().replace("seller_id", "shop_id"))
    with pytest.raises(ImportRefused, match=r"olist_order_items_dataset\.csv has no column seller_id"):
        read(tmp_path)
    items.unlink()
    with pytest.raises(ImportRefused, match=r"olist_order_items_dataset\.csv is missing"):
        read(tmp_path)


@pytest.mark.skipif(not REAL.is_dir(), reason="AMENDS_DATA has no olist folder")
def test_the_real_folder_is_accounted_for_to_the_centavo() -> None:
    entries, skipped, summary = read(REAL)
    assert summary.balanced
    assert summary.read == summary.rows["olist_orders_dataset.csv"]
    sources = {entry.source_id for entry in entries}
    lost = {report.row_id for report in skipped if report.file == "olist_orders_dataset.csv"}
    assert len(sources) + len(lost) == summary.read
    assert sum(entry.order.captured for entry in entries) == summary.money["paid"].imported
    assert summary.units == summary.rows["olist_order_items_dataset.csv"]
