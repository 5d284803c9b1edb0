"""Mediation: what the facts say about a case, and the ruling they recommend.

The burden of proof decides: the reason names who must prove it and which evidence suffices. A party
that met its burden wins its point; one that did not, loses it.
"""

from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, Finding, Goods, Reception, Remedy, Ruling
from amends.domain.cases.negotiation import standing_request
from amends.domain.cases.returning import accepted_share
from amends.domain.orders import Signal
from amends.domain.parties import Role
from amends.domain.reasons import REASONS


def recommend(h: Hearing, case: Case, *, final: bool) -> Ruling:
    """The ruling the facts recommend, with a finding for each step of the reasoning.

    It takes effect by itself only when no mediator ruled in time (`mediation.backstop`).
    """
    findings = [*_burden(h, case)]
    for_buyer = _buyer_prevails(h, case, findings)
    # A contested return is about what had been settled, no more and no less.
    settled = case.settlement.remedy if case.contested and case.settlement else None
    asked = settled or standing_request(case)
    if for_buyer:
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
    verdict = "The buyer's request is granted." if for_buyer else "The request is not granted."
    return Ruling(
        mediator_id="",
        remedy=remedy,
        reasons=" ".join([*(finding.fact for finding in findings), verdict]),
        findings=tuple(findings),
        at=h.now,
        final=final,
    )


def _burden(h: Hearing, case: Case) -> list[Finding]:
    reason = REASONS[case.reason]
    clause = h.term(case, "mediation.backstop").clause
    return [
        Finding(
            fact=f"For the reason {reason.code} the {reason.who_proves.value} must prove the point.",
            clause=clause,
        )
    ]


def _buyer_prevails(h: Hearing, case: Case, findings: list[Finding]) -> bool:
    clause = h.term(case, "mediation.backstop").clause
    if case.contested:
        return _return_was_sound(h, case, findings)
    reason = REASONS[case.reason]
    prover = reason.who_proves
    if reason.family == "not_received":
        delivered = delivery_proven(h, case)
        fact = (
            "The carrier shows delivery to the buyer's postcode."
            if delivered
            else "Delivery has not been proven."
        )
        rebuttal = h.term(case, "tracking.rebuttal").clause
        findings.append(Finding(fact=fact, clause=rebuttal, evidence="tracking"))
        return not delivered
    shown = [item for item in case.evidence if item.by is prover and item.kind in reason.evidence]
    fact = (
        f"The {prover.value} showed: " + "; ".join(f"{item.kind} ({item.note})" for item in shown) + "."
        if shown
        else f"The {prover.value} showed none of what would suffice: {', '.join(reason.evidence)}."
    )
    findings.append(Finding(fact=fact, clause=clause, evidence=", ".join(item.kind for item in shown)))
    return bool(shown) if prover is Role.BUYER else not shown


def delivery_proven(h: Hearing, case: Case) -> bool:
    """Whether each parcel with the case's units was scanned as delivered, at the buyer's postcode where both
    are known."""
    order = h.custody.order
    parcels = [p for unit in case.units for p in order.parcels_of(unit.line_id)]
    return bool(parcels) and all(
        any(
            scan.signal is Signal.DELIVERED
            and (not scan.postcode or not order.buyer_postcode or scan.postcode == order.buyer_postcode)
            for scan in parcel.events
        )
        for parcel in parcels
    )


def _return_was_sound(h: Hearing, case: Case, findings: list[Finding]) -> bool:
    """A contested return: a rejection the seller must prove, a parcel without a scan the buyer."""
    clause = h.term(case, "inspect.reject_grounds").clause
    if not case.inspections:
        proven = any(item.by is Role.BUYER and item.kind in {"receipt", "tracking"} for item in case.evidence)
        fact = (
            "The buyer proved handing the parcel over."
            if proven
            else "Nothing shows that the parcel was sent."
        )
        findings.append(Finding(fact=fact, clause=h.term(case, "return.lost").clause, evidence="tracking"))
        return proven
    rejected = [i for i in case.inspections if not i.accepted]
    if not rejected:
        findings.append(Finding(fact="The return was accepted and settled.", clause=clause))
        return False
    never_came = all(i.reception in {Reception.MISSING, Reception.LOST} for i in rejected)
    shown = any(item.by is Role.SELLER and item.kind in {"photo", "video"} for item in case.evidence)
    if never_came and case.shipment is not None and case.shipment.delivered_at is not None:
        shown = shown and case.shipment.scans > 0
    fact = (
        "The seller documented why the return was rejected."
        if shown
        else "The seller rejected the return without showing why."
    )
    findings.append(Finding(fact=fact, clause=clause, evidence="photo" if shown else ""))
    return not shown
