"""The tables beside the orders of an Olist folder, held by order id until their order comes by.

A row that cannot be used is reported when it is read, with its money counted as skipped.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from amends.adapters.imports.tables import Row, cents, instant, number, rows
from amends.adapters.imports.tally import Tally
from amends.domain.imports import Report, Review, Severity

ZONE = ZoneInfo("America/Sao_Paulo")

ORDERS = "olist_orders_dataset.csv"
ITEMS = "olist_order_items_dataset.csv"
PAYMENTS = "olist_order_payments_dataset.csv"
CUSTOMERS = "olist_customers_dataset.csv"
SELLERS = "olist_sellers_dataset.csv"
PRODUCTS = "olist_products_dataset.csv"
REVIEWS = "olist_order_reviews_dataset.csv"
CATEGORIES = "product_category_name_translation.csv"


class Item(msgspec.Struct, frozen=True):
    """One piece; amounts in centavos. ``ship_by`` is None where the file's date cannot be read."""

    number: int
    product_id: str
    seller_id: str
    ship_by: datetime | None
    price: int
    freight: int

    @property
    def charged(self) -> int:
        """What the piece cost with its freight."""
        return self.price + self.freight


class Payment(msgspec.Struct, frozen=True):
    """One payment row; ``value`` in centavos."""

    number: int
    kind: str
    value: int


class Customer(msgspec.Struct, frozen=True):
    """``person_id`` is the same for every order of a person, a customer id is not."""

    person_id: str
    postcode: str


class Product(msgspec.Struct, frozen=True):
    """``category`` in English where the file translates it."""

    category: str
    weight_g: int
    gap: str = ""


class OlistTables:
    """Everything beside the orders. ``unreadable`` are orders an item of which cannot be read."""

    def __init__(self, folder: Path, tally: Tally) -> None:
        self.items: defaultdict[str, list[Item]] = defaultdict(list)
        self.payments: defaultdict[str, list[Payment]] = defaultdict(list)
        self.reviews: dict[str, Review] = {}
        self.customers: dict[str, Customer] = {}
        self.products: dict[str, Product] = {}
        self.sellers: set[str] = set()
        self.unreadable: set[str] = set()
        self._folder = folder
        self._tally = tally

    def load(self) -> Iterator[Report]:
        """Read every table but the orders. Raises `ImportRefused`."""
        yield from self._load_customers()
        yield from self._load_sellers()
        yield from self._load_products()
        yield from self._load_items()
        yield from self._load_payments()
        yield from self._load_reviews()

    def rows(self, file: str, *columns: str) -> Iterator[tuple[int, Row | None]]:
        """The counted rows of a table with their numbers (the first after the header is 1)."""
        for place, row in enumerate(rows(self._folder / file, columns), start=1):
            self._tally.rows[file] += 1
            yield place, row

    def skip(self, file: str, row_id: str, reason: str, detail: str, amount: int = 0) -> Report:
        """A counted report of a row that was skipped."""
        return self._tally.reported(
            Report(
                file=file,
                row_id=row_id,
                reason=reason,
                detail=detail,
                severity=Severity.SKIPPED,
                amount=amount,
            )
        )

    def malformed(self, file: str, place: int) -> Report:
        """The report of a row with too few or too many fields."""
        return self.skip(file, f"row {place}", "row_malformed", "not as many fields as the header has")

    def _load_customers(self) -> Iterator[Report]:
        wanted = ("customer_id", "customer_unique_id", "customer_zip_code_prefix")
        for place, row in self.rows(CUSTOMERS, *wanted):
            if row is None:
                yield self.malformed(CUSTOMERS, place)
            elif row["customer_id"] in self.customers:
                yield self.skip(CUSTOMERS, row["customer_id"], "customer_repeated", "the first row counts")
            elif row["customer_id"]:
                # A prefix is five digits; the file has lost leading zeros.
                prefix = row["customer_zip_code_prefix"]
                self.customers[row["customer_id"]] = Customer(
                    row["customer_unique_id"] or row["customer_id"], prefix.zfill(5) if prefix else ""
                )

    def _load_sellers(self) -> Iterator[Report]:
        for place, row in self.rows(SELLERS, "seller_id"):
            if row is None:
                yield self.malformed(SELLERS, place)
            elif row["seller_id"] in self.sellers:
                yield self.skip(SELLERS, row["seller_id"], "seller_repeated", "the first row counts")
            else:
                self.sellers.add(row["seller_id"])

    def _load_products(self) -> Iterator[Report]:
        english = yield from self._load_categories()
        for place, row in self.rows(PRODUCTS, "product_id", "product_category_name", "product_weight_g"):
            if row is None:
                yield self.malformed(PRODUCTS, place)
            elif row["product_id"] in self.products:
                yield self.skip(PRODUCTS, row["product_id"], "product_repeated", "the first row counts")
            else:
                name, weight = row["product_category_name"], number(row["product_weight_g"])
                gaps = [
                    "no category" if not name else "",
                    f"no English name of {name}" if name and name not in english else "",
                    "no weight" if not weight or weight < 0 else "",
                ]
                self.products[row["product_id"]] = Product(
                    category=english.get(name, name) or "uncategorised",
                    weight_g=max(0, int(weight or 0)),
                    gap=", ".join(gap for gap in gaps if gap),
                )

    def _load_categories(self) -> Generator[Report, None, dict[str, str]]:
        english: dict[str, str] = {}
        wanted = ("product_category_name", "product_category_name_english")
        for place, row in self.rows(CATEGORIES, *wanted):
            if row is None:
                yield self.malformed(CATEGORIES, place)
            else:
                english[row["product_category_name"]] = row["product_category_name_english"]
        return english

    def _load_items(self) -> Iterator[Report]:
        seen: set[tuple[str, str]] = set()
        wanted = (
            "order_id",
            "order_item_id",
            "product_id",
            "seller_id",
            "shipping_limit_date",
            "price",
            "freight_value",
        )
        for place, row in self.rows(ITEMS, *wanted):
            if row is None:
                yield self.malformed(ITEMS, place)
                continue
            order_id, row_id = row["order_id"], f"{row['order_id']}/{row['order_item_id']}"
            price, freight = cents(row["price"]), cents(row["freight_value"])
            charged = (price or 0) + (freight or 0)
            self._tally.money("charged", "read", charged)
            if (order_id, row["order_item_id"]) in seen:
                self._tally.money("charged", "skipped", charged)
                yield self.skip(ITEMS, row_id, "item_repeated", "the first row counts", charged)
                continue
            seen.add((order_id, row["order_item_id"]))
            fault = _item_fault(row, price, freight)
            if fault or price is None or freight is None:
                self.unreadable.add(order_id)
                self._tally.money("charged", "skipped", charged)
                yield self.skip(ITEMS, row_id, "item_unreadable", fault, charged)
                continue
            self.items[order_id].append(
                Item(
                    number=int(row["order_item_id"]),
                    product_id=row["product_id"],
                    seller_id=row["seller_id"],
                    ship_by=instant(row["shipping_limit_date"], ZONE),
                    price=price,
                    freight=freight,
                )
            )

    def _load_payments(self) -> Iterator[Report]:
        seen: set[tuple[str, str]] = set()
        wanted = ("order_id", "payment_sequential", "payment_type", "payment_value")
        for place, row in self.rows(PAYMENTS, *wanted):
            if row is None:
                yield self.malformed(PAYMENTS, place)
                continue
            order_id, row_id = row["order_id"], f"{row['order_id']}/{row['payment_sequential']}"
            value = cents(row["payment_value"])
            if value is None or value < 0 or not row["payment_sequential"].isdecimal():
                detail = f"value {row['payment_value']!r}, number {row['payment_sequential']!r}"
                self._tally.money("paid", "read", value or 0)
                self._tally.money("paid", "skipped", value or 0)
                yield self.skip(PAYMENTS, row_id, "payment_unreadable", detail, value or 0)
                continue
            self._tally.money("paid", "read", value)
            if (order_id, row["payment_sequential"]) in seen:
                self._tally.money("paid", "skipped", value)
                yield self.skip(PAYMENTS, row_id, "payment_repeated", "the first row counts", value)
                continue
            seen.add((order_id, row["payment_sequential"]))
            self.payments[order_id].append(
                Payment(int(row["payment_sequential"]), row["payment_type"], value)
            )

    def _load_reviews(self) -> Iterator[Report]:
        seen: set[str] = set()
        wanted = ("review_id", "order_id", "review_score", "review_creation_date", "review_answer_timestamp")
        for place, row in self.rows(REVIEWS, *wanted):
            if row is None:
                yield self.malformed(REVIEWS, place)
                continue
            at = instant(row["review_answer_timestamp"], ZONE) or instant(row["review_creation_date"], ZONE)
            if at is None or row["review_score"] not in {"1", "2", "3", "4", "5"}:
                detail = f"score {row['review_score']!r}, answered {row['review_answer_timestamp']!r}"
                yield self.skip(REVIEWS, row["review_id"], "review_unreadable", detail)
                continue
            if row["order_id"] in self.reviews or row["review_id"] in seen:
                yield self.skip(REVIEWS, row["review_id"], "review_repeated", "the first of an order counts")
                continue
            seen.add(row["review_id"])
            self.reviews[row["order_id"]] = Review(int(row["review_score"]), at)


def _item_fault(row: Row, price: int | None, freight: int | None) -> str:
    """Why an item row cannot be used; empty if it can."""
    faults = [
        f"price {row['price']!r}" if price is None or price < 0 else "",
        f"freight {row['freight_value']!r}" if freight is None or freight < 0 else "",
        f"item number {row['order_item_id']!r}" if not row["order_item_id"].isdecimal() else "",
        "no product" if not row["product_id"] else "",
        "no seller" if not row["seller_id"] else "",
    ]
    return ", ".join(fault for fault in faults if fault)
