"""The route strip: whatever a trace shows stands at a place of the way, and in the timeline."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.domain.marketplace import terms_for

from amends.adapters.calendars import CALENDARS
from amends.adapters.carriers.numbers import PATTERNS
from amends.application.words import Words
from amends.domain.tracking.analysis import SIGNALS, analyse
from amends.interfaces.web.route_strip import FINDINGS, trace_card
from amends.simulation.traces import traced


@pytest.mark.row("E8")
def test_each_finding_stands_at_a_stop_of_the_strip_and_in_the_timeline() -> None:
    terms = terms_for()
    visit = cast(Any, SimpleNamespace(words=Words("en", "UTC")))
    shown: set[str] = set()
    for one in traced(120, 7, PATTERNS, terms.terms_id):
        found = analyse(
            one.order, one.parcel, terms=terms, now=one.now, calendars=CALENDARS, background=one.background
        )
        card = trace_card(visit, one.order, one.parcel, found)
        marked = [stop for stop in card.strip.stops if stop.found]
        assert all(stop.stand == "wrong" and stop.at is not None for stop in marked)
        said = " ".join(stop.found for stop in marked)
        for finding in found.findings:
            assert FINDINGS[finding.signal] in said
            shown.add(finding.signal)
        assert [moment.title for moment in card.moments] == [FINDINGS[f.signal] for f in found.findings]
        told_only = not one.parcel.events
        assert (card.strip.stops[0].title == "Sent, says the seller") is told_only
    assert shown == set(SIGNALS)
