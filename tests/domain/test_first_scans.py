"""A seller is late by the first scan only where that scan can tell."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.domain.marketplace import CALENDARS, PLACED, an_order, terms_for

from amends.domain.orders import Parcel, Signal, TrackingEvent
from amends.domain.tracking.analysis import analyse

SHIP_BY = PLACED + timedelta(days=3)


@pytest.mark.row("E8")
@pytest.mark.parametrize(
    ("signal", "country", "after", "late"),
    [
        (Signal.ACCEPTED, "PT", timedelta(microseconds=-1), False),
        (Signal.ACCEPTED, "PT", timedelta(0), True),
        (Signal.IN_TRANSIT, "PT", timedelta(days=2, microseconds=-1), False),
        (Signal.IN_TRANSIT, "PT", timedelta(days=2), True),
        (Signal.IN_TRANSIT, "DE", timedelta(days=9), False),  # the scans before were left out
        (Signal.DELIVERED, "PT", timedelta(days=9), False),
        (Signal.ANNOUNCED, "PT", timedelta(days=9), False),  # the carrier has the data, not the parcel
    ],
)
def test_a_late_first_scan(signal: Signal, country: str, after: timedelta, late: bool) -> None:
    scan = TrackingEvent(SHIP_BY + after, signal, country)
    parcel = Parcel("p1", PLACED + timedelta(days=1), "post", "RR123456785DE", events=(scan,))
    order = replace(an_order(), ship_by=SHIP_BY, seller_country="PT", buyer_country="DE", parcels=(parcel,))
    terms = terms_for()
    found = analyse(order, parcel, terms=terms, now=SHIP_BY + timedelta(days=10), calendars=CALENDARS)
    assert ("late_first_scan" in {finding.signal for finding in found.findings}) is late


@pytest.mark.row("F6")
def test_a_printed_label_proves_no_handover() -> None:
    told = TrackingEvent(PLACED - timedelta(days=1), Signal.ANNOUNCED, "PT")
    parcel = Parcel("p1", PLACED, "post", "RR123456785DE", events=(told,))
    order = replace(an_order(), seller_country="PT", buyer_country="DE", parcels=(parcel,))
    found = analyse(order, parcel, terms=terms_for(), now=PLACED + timedelta(days=30), calendars=CALENDARS)
    assert {finding.signal for finding in found.findings} == {"stalled"}
