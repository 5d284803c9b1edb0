"""Mediation: what the facts say about a case, the ruling they recommend, and what would have changed it.

The burden of proof decides: the reason names who must prove it and which evidence suffices. A party
that met its burden wins its point; one that did not, loses it. Findings are codes with facts; the edges
put them into words (`amends.application.findings`).
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Ending, EvidenceItem, Finding, Goods, Reception, Remedy, Ruling
from amends.domain.cases.negotiation import standing_request
from amends.domain.cases.parcels import (
    accepted_units,
    delivered_elsewhere,
    handed_over,
    missing,
    posted,
    proven,
    several_parcels,
    share_of,
    unclear,
    units_in,
)
from amends.domain.cases.returning import accepted_share
from amends.domain.cases.weights import SENT_SHORT, SENT_WHOLE, weight_findings, weights
from amends.domain.custody.model import Custody
from amends.domain.orders import Signal, TrackingEvent
from amends.domain.parties import Role
from amends.domain.reasons import REASONS
from amends.domain.tracking.analysis import REBUTTAL, delivered_to_postcode

#: Kinds of evidence a party can bring, as `EvidenceItem` names them.
KINDS = ("photo", "video", "receipt", "tracking", "statement", "document")
# The findings that decide for the buyer; the last finding of a recommendation is one that decides.
_FOR_BUYER = frozenset(
    {
        "delivery_not_proven",
        "shown_by_buyer",
        "not_shown_by_seller",
        "handover_proven",
        "return_not_taken",
        "return_delivered_elsewhere",
        "rejection_undocumented",
    }
)


class Turning(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that, had it been otherwise, would have led to another recommendation.

    ``code``: evidence_from_buyer or evidence_from_seller (any one of ``kinds`` would have done),
    without_buyers_evidence, without_sellers_evidence, with_delivery_scan, without_delivery_scan.
    ``remedy`` is what would have been recommended then.
    """

    code: str
    remedy: Remedy
    kinds: tuple[str, ...] = ()


def recommend(h: Hearing, case: Case, *, final: bool) -> Ruling:
    """The ruling the facts recommend, with a finding for each step of the reasoning; no words of its own.

    It takes effect by itself only when no mediator ruled in time (`mediation.backstop`).
    """
    findings = (
        replace(_burden(h, case), weight="background"),
        *(replace(one, weight="supporting") for one in _weighed(h, case)),
        replace(_decisive(h, case), weight="decisive"),
    )
    # A contested return is about what had been settled, no more and no less.
    settled = case.settlement.remedy if case.contested and case.settlement else None
    asked = settled or standing_request(case)
    if findings[-1].code in _FOR_BUYER:
        goods = Goods.KEEP if case.contested else asked.goods
        variant = "" if case.contested else asked.exchange_variant
        remedy = Remedy(
            amount=min(asked.amount, h.most(case)),
            goods=goods,
            exchange_variant=variant,
            freight_payer=asked.freight_payer,
        )
    else:
        # Contesting the rejection of some units costs nobody the units that were accepted.
        remedy = Remedy(amount=min(accepted_share(h, case), h.most(case)))
    if case.contested and case.settlement and several_parcels(case):
        remedy = replace(remedy, amount=min(_granted(h, case), h.most(case)))
    return Ruling(mediator_id="", remedy=remedy, reasons="", findings=findings, at=h.now, final=final)


def grants(ruling: Ruling) -> bool:
    """Whether a recommended ruling is for the buyer."""
    return ruling.findings[-1].code in _FOR_BUYER


def turnings(h: Hearing, case: Case) -> tuple[Turning, ...]:
    """What would have changed the recommendation: each is tried out, and kept if it leads elsewhere."""
    base = recommend(h, case, final=False).remedy
    found: dict[tuple[str, Remedy], list[str]] = {}
    for code, kind, hearing, supposed in _suppositions(h, case):
        remedy = recommend(hearing, supposed, final=False).remedy
        if remedy != base:
            found.setdefault((code, remedy), []).append(kind)
    return tuple(
        Turning(code=code, remedy=remedy, kinds=tuple(kind for kind in kinds if kind))
        for (code, remedy), kinds in found.items()
    )


def _suppositions(h: Hearing, case: Case) -> Iterator[tuple[str, str, Hearing, Case]]:
    for role in (Role.BUYER, Role.SELLER):
        for kind in KINDS:
            item = EvidenceItem(by=role, kind=kind, note="", at=h.now)
            yield f"evidence_from_{role.value}", kind, h, replace(case, evidence=(*case.evidence, item))
        others = tuple(item for item in case.evidence if item.by is not role)
        if others != case.evidence:
            yield f"without_{role.value}s_evidence", "", h, replace(case, evidence=others)
    scanned = delivery_proven(h, case)
    code = "without_delivery_scan" if scanned else "with_delivery_scan"
    yield code, "", replace(h, custody=_supposed_scans(h, delivered=not scanned)), case


def _supposed_scans(h: Hearing, *, delivered: bool) -> Custody:
    order = h.custody.order
    scan = TrackingEvent(h.now, Signal.DELIVERED, order.buyer_country, order.buyer_postcode)
    parcels = tuple(
        replace(
            parcel,
            events=(*parcel.events, scan)
            if delivered
            else tuple(event for event in parcel.events if event.signal is not Signal.DELIVERED),
        )
        for parcel in order.parcels
    )
    return replace(h.custody, order=replace(order, parcels=parcels))


def _burden_clause(h: Hearing, case: Case) -> str:
    """The clause that says who has to show what; terms from before it name the one behind the ruling."""
    known = h.terms_for(case.units).has("mediation.burden", case.reason)
    return h.term(case, "mediation.burden" if known else "mediation.backstop").clause


def _burden(h: Hearing, case: Case) -> Finding:
    reason = REASONS[case.reason]
    return Finding(
        fact="",
        clause=_burden_clause(h, case),
        code=f"burden_on_{reason.who_proves.value}",
        facts={"kinds": tuple(reason.evidence)},
    )


def _decisive(h: Hearing, case: Case) -> Finding:
    if case.contested:
        return _return_was_sound(h, case)
    reason = REASONS[case.reason]
    prover = reason.who_proves
    if reason.family == "not_received":
        code = "delivery_proven" if delivery_proven(h, case) else "delivery_not_proven"
        return Finding(
            fact="",
            clause=h.term(case, "tracking.rebuttal").clause,
            evidence=", ".join(_tracking_numbers(h, case)),
            code=code,
        )
    shown = [item for item in case.evidence if item.by is prover and item.kind in reason.evidence]
    return Finding(
        fact="",
        clause=_burden_clause(h, case),
        evidence=_notes(shown),
        code=f"shown_by_{prover.value}" if shown else f"not_shown_by_{prover.value}",
        facts={"kinds": tuple(dict.fromkeys(item.kind for item in shown)) or tuple(reason.evidence)},
    )


def _weighed(h: Hearing, case: Case) -> tuple[Finding, ...]:
    """What the weights of a contested return say."""
    terms = h.terms_for(case.units)
    if not case.contested or not terms.has("tracking.weight_tolerance", case.reason):
        return ()
    return weight_findings(weights(h.custody.order, case), h.term(case, "tracking.weight_tolerance"))


def _notes(items: list[EvidenceItem]) -> str:
    return "; ".join(item.note for item in items if item.note)


def _tracking_numbers(h: Hearing, case: Case) -> list[str]:
    order = h.custody.order
    parcels = [parcel for unit in case.units for parcel in order.parcels_of(unit.line_id)]
    return list(dict.fromkeys(parcel.tracking_number for parcel in parcels if parcel.tracking_number))


def delivery_proven(h: Hearing, case: Case) -> bool:
    """Whether each parcel with the case's units was scanned as delivered, at the buyer's postcode where both
    are known, and the terms take that for a proof."""
    if REBUTTAL not in h.term(case, "tracking.rebuttal").value:
        return False
    order = h.custody.order
    parcels = [p for unit in case.units for p in order.parcels_of(unit.line_id)]
    # Against a trace that is known to be wrong only the very postcode counts.
    return bool(parcels) and all(
        delivered_to_postcode(order, parcel, sure=any(s.signal in _ABNORMAL for s in parcel.events))
        for parcel in parcels
    )


_ABNORMAL = frozenset({Signal.INVALID, Signal.UNKNOWN, Signal.SHARED, Signal.WRONG_DIRECTION})


def _granted(h: Hearing, case: Case) -> int:
    """What of the agreed amount a return in several parcels earns, piece by piece, in minor units.

    Pieces that were accepted; rejected without showing why; lost and handed over; brought to the seller, who
    did not take them. Nothing for what the buyer kept.
    """
    accepted = set(accepted_units(case))
    shown = _rejection_shown(h, case) or case.rejection_stands
    rejected = set() if shown else {i.unit for i in case.inspections if not i.accepted}
    back = missing(case, Ending.CAME_BACK)
    not_taken = {unit for parcel in back if parcel.offered for unit in units_in(case, parcel)}
    elsewhere = {unit for parcel in delivered_elsewhere(case) for unit in units_in(case, parcel)}
    return share_of(h, case, accepted | rejected | elsewhere | not_taken | set(handed_over(case)))


def _went_astray(h: Hearing, case: Case) -> Finding:
    """A parcel that did not arrive: the buyer shows that it was handed over, the carrier that the seller was
    there to take it."""
    clause = h.term(case, "return.lost").clause
    back = missing(case, Ending.CAME_BACK)
    if back and not any(not proven(case, one) for one in missing(case, Ending.LOST)):
        # Who does not take a parcel that is brought to the door cannot say that nothing came.
        code = "return_not_taken" if all(parcel.offered for parcel in back) else "return_never_offered"
        return Finding(fact="", clause=clause, evidence=", ".join(p.tracking_number for p in back), code=code)
    proof = posted(case)
    return Finding(
        fact="",
        clause=clause,
        evidence=_notes(proof),
        code="handover_proven" if proof else "handover_not_proven",
    )


def _return_was_sound(h: Hearing, case: Case) -> Finding:
    """A contested return: a rejection the seller must prove, a parcel without a scan the buyer."""
    clause = h.term(case, "inspect.reject_grounds").clause
    rejected = [i for i in case.inspections if not i.accepted and not case.rejection_stands]
    if not rejected and (not case.inspections or unclear(h, case)):
        return _went_astray(h, case)
    if not rejected:
        return Finding(fact="", clause=clause, code="return_settled")
    elsewhere = {unit for one in delivered_elsewhere(case) for unit in units_in(case, one)}
    if all(i.unit in elsewhere for i in rejected):
        to = ", ".join(parcel.delivered_to for parcel in delivered_elsewhere(case))
        code = "return_delivered_elsewhere"
        lost = h.term(case, "return.lost").clause
        return Finding(fact="", clause=lost, code=code, facts={"postcode": to})
    shown = _rejection_shown(h, case)
    return Finding(
        fact="",
        clause=clause,
        evidence=_notes(_pictures(case)) if shown else "",
        code="rejection_documented" if shown else "rejection_undocumented",
    )


def _pictures(case: Case) -> list[EvidenceItem]:
    return [item for item in case.evidence if item.by is Role.SELLER and item.kind in {"photo", "video"}]


def _rejection_shown(h: Hearing, case: Case) -> bool:
    """Whether the seller has shown why units were rejected."""
    rejected = [i for i in case.inspections if not i.accepted]
    shown = bool(_pictures(case))
    if not rejected or not all(i.reception in {Reception.MISSING, Reception.LOST} for i in rejected):
        return shown
    arrived = [parcel for parcel in case.parcels if parcel.delivered_at is not None]
    if arrived:
        shown = shown and any(parcel.scans > 0 for parcel in arrived)
    # What a carrier weighed is nobody's own word: it stands against pictures, and in for them.
    said = {finding.code for finding in _weighed(h, case)}
    return SENT_SHORT in said or (shown and SENT_WHOLE not in said)
