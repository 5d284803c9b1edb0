"""Counting while reading: rows, orders, reasons and money, so that a summary can prove nothing was lost."""

from collections import Counter
from decimal import Decimal

from amends.domain.imports import Imported, Report, Returned, Severity, Summary, Totals


class Tally:
    """What a reader has seen so far. ``money`` kinds are counted apart: what was paid, what was charged."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.rows: Counter[str] = Counter()
        self.read = 0
        self.fractions = Decimal(0)
        self._sources: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._money: dict[str, Counter[str]] = {}

    def money(self, kind: str, where: str, amount: int) -> None:
        """Count ``amount`` minor units of a ``kind`` as read, imported, returned or skipped."""
        self._money.setdefault(kind, Counter())[where] += amount

    def imported(self, entry: Imported) -> Imported:
        """Count an order and its warnings."""
        self._sources.add(entry.source_id)
        self._counts["orders"] += 1
        self._counts["units"] += sum(line.quantity for line in entry.order.lines)
        self._counts["parcels"] += len(entry.order.parcels)
        for report in entry.reports:
            self.reported(report)
        return entry

    def returned(self, entry: Returned) -> Returned:
        """Count a matched line of a credit note."""
        self._counts["returned"] += 1
        return entry

    def reported(self, report: Report) -> Report:
        """Count a report."""
        counter = self._skipped if report.severity is Severity.SKIPPED else self._warnings
        counter[report.reason] += 1
        return report

    def summary(self) -> Summary:
        """Everything counted so far."""
        return Summary(
            currency=self.currency,
            rows=dict(self.rows),
            read=self.read,
            imported=len(self._sources),
            orders=self._counts["orders"],
            units=self._counts["units"],
            parcels=self._counts["parcels"],
            returned=self._counts["returned"],
            skipped=dict(sorted(self._skipped.items())),
            warnings=dict(sorted(self._warnings.items())),
            money={kind: Totals(**where) for kind, where in self._money.items()},
            fractions=str(self.fractions),
        )
