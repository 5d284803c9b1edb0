"""Mediation: what the facts say about a case, the ruling they recommend, and what would have changed it.

The burden of proof decides: the reason names who must prove it and which evidence suffices. A party
that met its burden wins its point; one that did not, loses it. Findings are codes with facts; the edges
put them into words (`amends.application.findings`).
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, EvidenceItem, Finding, Goods, Reception, Remedy, Ruling
from amends.domain.cases.negotiation import standing_request
from amends.domain.cases.returning import accepted_share
from amends.domain.cases.weights import SENT_SHORT, SENT_WHOLE, weight_findings, weights
from amends.domain.custody.model import Custody
from amends.domain.orders import Signal, TrackingEvent
from amends.domain.parties import Role
from amends.domain.reasons import REASONS
from amends.domain.tracking.analysis import delivered_to_postcode

#: Kinds of evidence a party can bring, as `EvidenceItem` names them.
KINDS = ("photo", "video", "receipt", "tracking", "statement", "document")
# The findings that decide for the buyer; the last finding of a recommendation is one that decides.
_FOR_BUYER = frozenset(
    {
        "delivery_not_proven",
        "shown_by_buyer",
        "not_shown_by_seller",
        "handover_proven",
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
    are known."""
    order = h.custody.order
    parcels = [p for unit in case.units for p in order.parcels_of(unit.line_id)]
    # Against a trace that is known to be wrong only the very postcode counts.
    return bool(parcels) and all(
        delivered_to_postcode(order, parcel, sure=any(s.signal in _ABNORMAL for s in parcel.events))
        for parcel in parcels
    )


_ABNORMAL = frozenset({Signal.INVALID, Signal.UNKNOWN, Signal.SHARED, Signal.WRONG_DIRECTION})


def _return_was_sound(h: Hearing, case: Case) -> Finding:
    """A contested return: a rejection the seller must prove, a parcel without a scan the buyer."""
    clause = h.term(case, "inspect.reject_grounds").clause
    if not case.inspections:
        proof = [i for i in case.evidence if i.by is Role.BUYER and i.kind in {"receipt", "tracking"}]
        return Finding(
            fact="",
            clause=h.term(case, "return.lost").clause,
            evidence=_notes(proof),
            code="handover_proven" if proof else "handover_not_proven",
        )
    rejected = [i for i in case.inspections if not i.accepted]
    if not rejected:
        return Finding(fact="", clause=clause, code="return_settled")
    never_came = all(i.reception in {Reception.MISSING, Reception.LOST} for i in rejected)
    pictures = [item for item in case.evidence if item.by is Role.SELLER and item.kind in {"photo", "video"}]
    shown = bool(pictures)
    if never_came and case.shipment is not None and case.shipment.delivered_at is not None:
        shown = shown and case.shipment.scans > 0
    if never_came:
        # What a carrier weighed is nobody's own word: it stands against pictures, and in for them.
        said = {finding.code for finding in _weighed(h, case)}
        shown = SENT_SHORT in said or (shown and SENT_WHOLE not in said)
    return Finding(
        fact="",
        clause=clause,
        evidence=_notes(pictures) if shown else "",
        code="rejection_documented" if shown else "rejection_undocumented",
    )
