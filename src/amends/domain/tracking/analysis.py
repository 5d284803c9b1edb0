"""What a parcel's trace says when the buyer has nothing: findings, each with its facts and its clause
(C18-22).

Pure: what other orders and the carrier know of the number comes in as `Background`. A finding that the terms'
``tracking.presumption`` names presumes that the goods never arrived; proof of delivery as
``tracking.rebuttal``
wants it outweighs that.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from amends.domain.orders import Order, Parcel, Signal, TrackingEvent, proves_handover
from amends.domain.policy.terms import Terms
from amends.domain.time import Calendars, deadline
from amends.domain.tracking.numbers import Pattern, candidates, normal

SIGNALS = (
    "invalid", "unknown", "shared", "wrong_direction", "origin_only", "before_order", "late_first_scan",
    "delivered_elsewhere", "stalled", "weight_mismatch",
)  # fmt: skip
"""Everything the analysis looks for, the strongest first."""


REBUTTAL = "delivered_to_postcode"
"""The word of ``tracking.rebuttal`` by which a delivery to the buyer's postcode outweighs a presumption."""


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """What is known beside the order: the forms of numbers, and other buyers' orders with the same number.

    ``unknown_to_carrier``: the carrier was asked and knows no such number.
    """

    patterns: Sequence[Pattern] = ()
    shared_with: int = 0
    unknown_to_carrier: bool = False


class TraceFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a trace: ``signal`` of `SIGNALS`, plain facts, and the clause it falls
    under.

    ``presumes``: by itself it means that the goods are missing until the seller proves delivery. ``since`` is
    the moment from which the trace said so.
    """

    signal: str
    clause: str
    presumes: bool
    since: datetime
    facts: dict[str, object] = {}


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """All that is wrong with one parcel's trace, and what follows.

    ``presumption``: missing (for the buyer), delivered (proven to the buyer's postcode), or open.
    """

    parcel_id: str
    findings: tuple[TraceFinding, ...]
    presumption: str
    clause: str


def analyse(
    order: Order,
    parcel: Parcel,
    *,
    terms: Terms,
    now: datetime,
    calendars: Calendars,
    background: Background = Background(),  # noqa: B008 - frozen
    reason: str = "not_received.overdue",
) -> Analysis:
    """Look at one parcel of an order at one moment. Nothing changes by it."""
    look = _Look(order, parcel, terms, now, calendars, background, reason)
    found = {finding.signal: finding for finding in look.findings()}
    findings = tuple(found[signal] for signal in SIGNALS if signal in found)
    presuming = [finding for finding in findings if finding.presumes]
    rebuttal = terms.get("tracking.rebuttal", reason)
    if REBUTTAL in rebuttal.value and delivered_to_postcode(order, parcel, sure=bool(presuming)):
        return Analysis(
            parcel_id=parcel.parcel_id, findings=findings, presumption="delivered", clause=rebuttal.clause
        )
    presumption = "missing" if presuming else "open"
    clause = presuming[0].clause if presuming else rebuttal.clause
    return Analysis(parcel_id=parcel.parcel_id, findings=findings, presumption=presumption, clause=clause)


def delivered_to_postcode(order: Order, parcel: Parcel, *, sure: bool = False) -> bool:
    """Whether it was scanned as delivered at the buyer's postcode.

    A scan without a postcode counts where nothing is wrong with the trace; against a presumption (``sure``)
    only the very postcode does.
    """
    wanted = _plain(order.buyer_postcode)
    for scan in parcel.events:
        if scan.signal is not Signal.DELIVERED:
            continue
        seen = _plain(scan.postcode)
        if seen and wanted and seen == wanted:
            return True
        if not sure and (not seen or not wanted):
            return True
    return False


def _plain(postcode: str) -> str:
    return postcode.replace(" ", "").replace("-", "").upper()


_WORDS_OF_THE_CARRIER = {
    Signal.INVALID: "invalid",
    Signal.UNKNOWN: "unknown",
    Signal.SHARED: "shared",
    Signal.WRONG_DIRECTION: "wrong_direction",
}


class _Look(msgspec.Struct, frozen=True):
    order: Order
    parcel: Parcel
    terms: Terms
    now: datetime
    calendars: Calendars
    background: Background
    reason: str

    def findings(self) -> Iterator[TraceFinding]:
        yield from self._told()
        yield from self._number()
        yield from self._way()
        yield from self._times()
        yield from self._weight()

    @property
    def scans(self) -> list[TrackingEvent]:
        """What was really seen: neither what the carrier says of the number nor a parcel announced."""
        return [scan for scan in self.parcel.events if proves_handover(scan.signal)]

    def _found(
        self,
        signal: str,
        since: datetime,
        parameter: str = "tracking.presumption",
        told: Mapping[str, object] = {},
        **facts: object,
    ) -> TraceFinding:
        presumes = signal in self.terms.words("tracking.presumption", self.reason)
        name = "tracking.presumption" if presumes else parameter
        return TraceFinding(
            signal=signal,
            clause=self.terms.get(name, self.reason).clause,
            presumes=presumes,
            since=since,
            facts={**told, **facts},
        )

    def _told(self) -> Iterator[TraceFinding]:
        for scan in self.parcel.events:
            word = _WORDS_OF_THE_CARRIER.get(scan.signal)
            if word:
                yield self._found(word, scan.at, at=scan.at.isoformat(), note=scan.note)

    def _number(self) -> Iterator[TraceFinding]:
        number = normal(self.parcel.tracking_number)
        told = self.parcel.tracking_number
        if number is None or (self.background.patterns and not candidates(number, self.background.patterns)):
            yield self._found("invalid", self.parcel.shipped_at, number=told)
        if self.background.unknown_to_carrier and not self.scans:
            yield self._found("unknown", self.parcel.shipped_at, number=told)
        if self.background.shared_with:
            orders = self.background.shared_with
            yield self._found("shared", self.parcel.shipped_at, number=told, orders=orders)

    def _way(self) -> Iterator[TraceFinding]:
        origin, goal = self.order.seller_country, self.order.buyer_country
        seen = [scan for scan in self.scans if scan.country]
        delivered = [scan for scan in seen if scan.signal is Signal.DELIVERED]
        if not (origin and goal and seen):
            return
        countries = [scan.country for scan in seen]
        wrong = [scan for scan in delivered if scan.country != goal]
        turned = origin != goal and _turned_back(countries, origin, goal)
        if wrong or turned:
            last = (wrong or seen)[-1]
            facts = {"at": last.at.isoformat(), "country": last.country, "expected": goal}
            yield self._found("wrong_direction", last.at, told=facts)
        if origin != goal and set(countries) == {origin} and not delivered:
            term = self.terms.get("tracking.origin_only_after", self.reason)
            since = deadline(self.parcel.shipped_at, term.value, self.calendars)
            if self.now >= since:
                facts = {"country": origin, "since": since.isoformat()}
                yield self._found("origin_only", since, "tracking.origin_only_after", told=facts)

    def _times(self) -> Iterator[TraceFinding]:
        scans = self.scans
        if not scans:
            yield from self._stalled(self.parcel.shipped_at)
            return
        first = min(scans, key=lambda scan: scan.at)
        if first.at < self.order.placed_at:
            placed_at = self.order.placed_at.isoformat()
            yield self._found("before_order", first.at, at=first.at.isoformat(), placed_at=placed_at)
        ship_by = self.order.ship_by or deadline(
            self.order.placed_at, self.terms.period("ship.handling"), self.calendars
        )
        if self._handed_over_late(first, ship_by):
            by = ship_by.isoformat()
            yield self._found(
                "late_first_scan", first.at, "ship.handling", at=first.at.isoformat(), ship_by=by
            )
        delivered = [scan for scan in scans if scan.signal is Signal.DELIVERED]
        wanted = _plain(self.order.buyer_postcode)
        elsewhere = [
            scan for scan in delivered if scan.postcode and wanted and _plain(scan.postcode) != wanted
        ]
        if elsewhere and len(elsewhere) == len(delivered):
            yield self._found(
                "delivered_elsewhere",
                elsewhere[-1].at,
                "tracking.rebuttal",
                at=elsewhere[-1].at.isoformat(),
                postcode=elsewhere[-1].postcode,
            )
        if not delivered:
            yield from self._stalled(max(scan.at for scan in scans))

    def _handed_over_late(self, first: TrackingEvent, ship_by: datetime) -> bool:
        """Whether the first scan shows that the seller was late.

        Carriers leave scans out: only the acceptance itself says when that was, another scan near the seller
        says so some time later, none elsewhere.
        """
        if first.signal is Signal.ACCEPTED:
            return first.at >= ship_by
        near = not first.country or first.country == self.order.seller_country
        if not near or not self.terms.has("tracking.first_scan_slack", self.reason):
            return False
        slack = self.terms.period("tracking.first_scan_slack", self.reason)
        delivered = first.signal in {Signal.DELIVERED, Signal.OUT_FOR_DELIVERY}
        return not delivered and first.at >= deadline(ship_by, slack, self.calendars)

    def _stalled(self, last: datetime) -> Iterator[TraceFinding]:
        since = deadline(last, self.terms.period("tracking.origin_only_after", self.reason), self.calendars)
        if self.now >= since:
            yield self._found("stalled", since, "tracking.origin_only_after", last_seen=last.isoformat())

    def _weight(self) -> Iterator[TraceFinding]:
        if not self.terms.has("tracking.weight_tolerance", self.reason):
            return
        lines = [
            line
            for line in self.order.lines
            if not self.parcel.line_ids or line.line_id in self.parcel.line_ids
        ]
        if not lines or not all(line.weight_g for line in lines):
            return
        expected = sum(line.weight_g * line.quantity for line in lines)
        weighed = [scan.weight_g for scan in self.scans if scan.weight_g]
        share = int(self.terms.get("tracking.weight_tolerance", self.reason).value)
        if weighed and (expected - max(weighed)) * 10_000 > expected * share:
            yield self._found(
                "weight_mismatch",
                min(scan.at for scan in self.scans if scan.weight_g),
                "tracking.weight_tolerance",
                weighed_g=max(weighed),
                expected_g=expected,
            )


def _turned_back(countries: list[str], origin: str, goal: str) -> bool:
    """It left the country of origin and came back to it, without having been in the buyer's country since."""
    left = next((n for n, country in enumerate(countries) if country != origin), None)
    if left is None:
        return False
    back = next((n for n in range(left, len(countries)) if countries[n] == origin), None)
    return back is not None and goal not in countries[back:]
