"""What a file of orders turns into: orders, credit notes, and a report for every row that is not plain.

Nothing is dropped in silence: a row is imported, or reported with a reason, and the money of a file is
the money imported plus the money skipped, to the minor unit.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from amends.domain.orders import Order


class Severity(StrEnum):
    """``skipped``: the row did not become (part of) an order. ``warning``: it did, but it is not plain."""

    SKIPPED = "skipped"
    WARNING = "warning"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One thing noticed about one row. ``row_id`` names it in its ``file``; ``reason`` is a stable code.

    ``amount`` is the money concerned in minor units: what was skipped, or by how much it differs.
    """

    file: str
    row_id: str
    reason: str
    detail: str
    severity: Severity
    amount: int = 0


class Review(msgspec.Struct, frozen=True):
    """What the buyer thought: ``score`` from 1 (worst) to 5, given ``at``."""

    score: int
    at: datetime


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """One order as the file tells it: its lines have no terms yet (``terms_id`` is empty).

    ``source_id`` is the order's id in the file, ``status`` its status there in the file's own words.
    """

    order: Order
    source_id: str
    status: str = ""
    review: Review | None = None
    reports: tuple[Report, ...] = ()


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces a shop took back (a line of a credit note), matched to the line they were bought on.

    ``amount`` in minor units is what was credited, positive.
    """

    credit_id: str
    order_id: str
    line_id: str
    quantity: int
    amount: int
    at: datetime


Entry = Imported | Returned | Report


class Totals(msgspec.Struct, frozen=True):
    """Money of one kind in minor units: what the file holds, and where each part of it went."""

    read: int = 0
    imported: int = 0
    returned: int = 0
    skipped: int = 0

    @property
    def missing(self) -> int:
        """What is not accounted for: 0, or the reader is wrong."""
        return self.read - self.imported - self.returned - self.skipped


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A whole reading in numbers.

    ``rows`` counts the rows of each file. Of ``read`` source orders ``imported`` became ``orders`` (one a
    seller), the others are among ``skipped``, which counts reports by reason, as ``warnings`` does.
    ``money`` has totals by kind; ``fractions`` is what rounding to the minor unit took off, in exact units
    of the currency.
    """

    currency: str
    rows: dict[str, int]
    read: int
    imported: int
    orders: int
    units: int
    parcels: int
    returned: int
    skipped: dict[str, int]
    warnings: dict[str, int]
    money: dict[str, Totals]
    fractions: str = "0"

    @property
    def balanced(self) -> bool:
        """Whether every minor unit in the file is accounted for."""
        return all(totals.missing == 0 for totals in self.money.values())


class ImportRefused(Exception):
    """A file that cannot be read at all: it is missing, or lacks a column. The message names both."""
