"""The way of a parcel as a strip: where it was seen, when, and where it should be by now."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from amends.application.ports import CaseFile
from amends.domain.cases.events import ReturnLost, ReturnPartEnded, ReturnScanned
from amends.domain.cases.model import Ending, Shipment
from amends.domain.orders import Order, Parcel, Signal, TrackingEvent, proves_handover
from amends.domain.tracking.analysis import Analysis, TraceFinding
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Told
from amends.interfaces.web.parcel_words import contents
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

#: What is wrong with a trace, in words; the facts of the finding may be named.
FINDINGS: dict[str, str] = {
    "invalid": N_("This is no number of any carrier we know."),
    "unknown": N_("The carrier does not know this number."),
    "shared": N_("Other buyers’ orders have the same number."),
    "wrong_direction": N_("The parcel moved away from the buyer’s country."),
    "origin_only": N_("It was seen only in the country it was sent from."),
    "before_order": N_("It was scanned before the order was placed."),
    "late_first_scan": N_("It was first scanned after it had to be shipped."),
    "delivered_elsewhere": N_("It was delivered to another postcode."),
    "stalled": N_("It has not been seen for a long time."),
    "weight_mismatch": N_("It is much lighter than what was bought."),
}
#: The facts of a finding in words, where it has more than its number.
_FACTS: dict[str, str] = {
    "invalid": N_("Number: %(number)s"),
    "unknown": N_("Number: %(number)s"),
    "wrong_direction": N_("Last seen in %(country)s on %(at)s, on its way to %(expected)s."),
    "origin_only": N_("Seen only in %(country)s, by %(since)s."),
    "before_order": N_("First scan %(at)s, ordered %(placed_at)s."),
    "late_first_scan": N_("First scan %(at)s, to be shipped before %(ship_by)s."),
    "delivered_elsewhere": N_("Postcode %(postcode)s, %(at)s."),
    "stalled": N_("Last seen %(last_seen)s."),
    "weight_mismatch": N_("Weighed %(weighed_g)s g, the goods %(expected_g)s g."),
}
_MOMENTS = frozenset({"at", "since", "placed_at", "ship_by", "last_seen"})
PRESUMPTIONS: dict[str, tuple[str, str]] = {
    "missing": (N_("Presumed not received, until delivery is proven"), "bad"),
    "delivered": (N_("Delivery to the buyer’s postcode is proven"), "good"),
    "open": (N_("The trace alone decides nothing"), "plain"),
}
_WRONG = frozenset({Signal.LOST, Signal.RETURNED_TO_SENDER, Signal.FAILED_ATTEMPT})


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One place on the way. ``stand`` is done, now, ahead or wrong; ``found`` is what is wrong there."""

    title: str
    place: str
    at: datetime | None
    stand: str
    found: str = ""


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel's way; ``wrong``: something on it went wrong. ``holds`` is what is in it where there are
    several, ``claim`` where to get what the carrier wants to know of a parcel that has not arrived."""

    title: str
    number: str
    stops: tuple[Stop, ...]
    wrong: bool
    holds: str = ""
    claim: str = ""


class TraceCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the analysis of a trace says: a verdict with its tone, findings with their clauses; ``moments``
    are the findings as they belong into the timeline."""

    verdict: str
    tone: str
    clause: str
    findings: tuple[tuple[str, str, str, bool], ...]
    moments: tuple[Told, ...]
    strip: Strip


def strips_of_return(visit: Visit, file: CaseFile) -> tuple[Strip, ...]:
    """The ways of a return's parcels, once they were sent."""
    return tuple(_way_back(visit, file, n) for n in range(len(file.case.parcels)))


def _way_back(visit: Visit, file: CaseFile, n: int) -> Strip:
    case, order, say = file.case, file.custody.order, visit.words.say
    parcel = case.parcels[n]
    named = parcel.tracking_number if n else ""
    scans = [
        TrackingEvent(event.scanned_at, event.signal, note=event.note)
        for event in (link.recorded.event for link in file.timeline)
        if isinstance(event, ReturnScanned) and event.tracking_number == named
    ]
    if parcel.ending is Ending.LOST and not any(scan.signal is Signal.LOST for scan in scans):
        # Nobody said so: it was silent for too long.
        scans.append(TrackingEvent(_ended_at(file, parcel) or parcel.last_scan_at, Signal.LOST))
    handed = TrackingEvent(parcel.shipped_at, Signal.ACCEPTED, order.buyer_country)
    title = say(N_("The way back"))
    if len(case.parcels) > 1:
        title = say(N_("Parcel %(number)s of %(all)s"), number=n + 1, all=len(case.parcels))
    strip = _strip(
        visit, title, f"{parcel.carrier} {parcel.tracking_number}", [handed, *scans], order.seller_country
    )
    claim = f"/cases/{case.case_id}/return/carrier-claim.pdf?parcel={parcel.tracking_number}"
    return msgspec.structs.replace(
        strip,
        holds=contents(visit.words, file.custody, parcel.units) if parcel.units else "",
        claim=claim if parcel.delivered_at is None else "",
    )


def _ended_at(file: CaseFile, parcel: Shipment) -> datetime | None:
    """When it was decided that a silent parcel is lost."""
    for link in reversed(file.timeline):
        event = link.recorded.event
        if isinstance(event, ReturnLost):
            return link.recorded.at
        if isinstance(event, ReturnPartEnded) and event.tracking_number in {"", parcel.tracking_number}:
            return link.recorded.at
    return None


def trace_card(visit: Visit, order: Order, parcel: Parcel, analysis: Analysis) -> TraceCard:
    """The analysis of a parcel to the buyer, for people."""
    say = visit.words.say
    told, tone = PRESUMPTIONS[analysis.presumption]
    sent = TrackingEvent(parcel.shipped_at, Signal.ACCEPTED, order.seller_country)
    strip = _strip(
        visit,
        say(N_("The way to the buyer")),
        f"{parcel.carrier} {parcel.tracking_number}".strip(),
        [sent, *parcel.events],
        order.buyer_country,
    )
    if strip.stops and not any(proves_handover(scan.signal) for scan in parcel.events):
        # No carrier has had it: that it left is the seller's word.
        told_only = msgspec.structs.replace(strip.stops[0], title=say(N_("Sent, says the seller")))
        strip = msgspec.structs.replace(strip, stops=(told_only, *strip.stops[1:]))
    strip = msgspec.structs.replace(strip, stops=_marked(visit, strip.stops, analysis.findings))
    findings = tuple(
        (say(FINDINGS[f.signal]), _facts(visit, f), f.clause, f.presumes) for f in analysis.findings
    )
    return TraceCard(
        verdict=say(told),
        tone=tone,
        clause=analysis.clause,
        findings=findings,
        moments=tuple(_moment(visit, finding) for finding in analysis.findings),
        strip=strip,
    )


_PLACES = ("at", "last_seen")


def _marked(visit: Visit, stops: Sequence[Stop], findings: Sequence[TraceFinding]) -> tuple[Stop, ...]:
    """The stops, with each finding at the one it is about: where it happened, or the last one before."""
    about: dict[int, list[str]] = {}
    for finding in findings:
        told = next((at for place in _PLACES if isinstance(at := finding.facts.get(place), str)), None)
        moment = datetime.fromisoformat(told) if told else finding.since
        before = [n for n, stop in enumerate(stops) if stop.at is not None and stop.at <= moment]
        about.setdefault(before[-1] if before else 0, []).append(visit.words.say(FINDINGS[finding.signal]))
    return tuple(
        msgspec.structs.replace(stop, stand="wrong", found=" ".join(about[n])) if n in about else stop
        for n, stop in enumerate(stops)
    )


def _moment(visit: Visit, finding: TraceFinding) -> Told:
    say = visit.words.say
    clause = say(N_("Clause %(clause)s"), clause=finding.clause)
    detail = " · ".join(part for part in (_facts(visit, finding), clause) if part)
    return Told(finding.since, say(FINDINGS[finding.signal]), detail)


def with_findings(timeline: Sequence[Told], traces: Iterable[TraceCard]) -> tuple[Told, ...]:
    """The timeline, newest first, with what the traces show where it happened."""
    moments = [moment for trace in traces for moment in trace.moments]
    return tuple(sorted((*moments, *timeline), key=lambda told: told.at, reverse=True))


def _facts(visit: Visit, finding: TraceFinding) -> str:
    """What a finding rests on; empty where the carrier's word alone says it, or nothing more is known."""
    words, facts = visit.words, finding.facts
    if "orders" in facts and isinstance(facts["orders"], int):
        return words.count("%(number)s other order", "%(number)s other orders", facts["orders"])
    told: dict[str, object] = {
        name: words.stamp(datetime.fromisoformat(str(value)))
        if name in _MOMENTS
        else words.number(value)
        if isinstance(value, int)
        else value
        for name, value in facts.items()
    }
    try:
        return words.say(_FACTS[finding.signal], **told)
    except KeyError:
        return ""


def _strip(visit: Visit, title: str, number: str, scans: Iterable[TrackingEvent], goal: str) -> Strip:
    seen = sorted((scan for scan in scans if proves_handover(scan.signal)), key=lambda scan: scan.at)
    arrived = any(scan.signal is Signal.DELIVERED for scan in seen)
    wrong = any(scan.signal in _WRONG for scan in seen)
    say = visit.words.say
    stops = [_stop(visit, scan) for scan in _told_apart(seen)]
    if stops and not arrived:
        stops[-1] = msgspec.structs.replace(stops[-1], stand="wrong" if wrong else "now")
        stops.append(
            Stop(title=say(vocabulary.SIGNALS[Signal.DELIVERED]), place=goal, at=None, stand="ahead")
        )
    return Strip(title=title, number=number, stops=tuple(stops), wrong=wrong)


def _stop(visit: Visit, scan: TrackingEvent) -> Stop:
    place = " ".join(part for part in (scan.postcode, scan.country) if part) or scan.note
    stand = "wrong" if scan.signal in _WRONG else "done"
    title = visit.words.say(vocabulary.SIGNALS[scan.signal])
    return Stop(title=title, place=place, at=scan.at, stand=stand)


_MOST = 6


def _told_apart(seen: Sequence[TrackingEvent]) -> list[TrackingEvent]:
    """The first, the last and the turns in between: at most six, or nobody reads them."""
    kept: list[TrackingEvent] = []
    for scan in seen:
        if kept and kept[-1].signal is scan.signal and kept[-1].country == scan.country:
            kept[-1] = scan if len(kept) > 1 else kept[0]
        else:
            kept.append(scan)
    return kept if len(kept) <= _MOST else [kept[0], *kept[-(_MOST - 1) :]]
