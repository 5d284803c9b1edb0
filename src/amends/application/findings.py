"""Findings of the rules in words: message ids of gettext; the kinds of evidence come as a list in words."""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from amends.application.words import N_
from amends.domain.cases.model import Case, Finding, Ruling
from amends.domain.mediation import grants

#: By code; ``%(kinds)s`` is a list such as ``photo or video``.
FINDINGS: Mapping[str, str] = {
    "burden_on_buyer": N_("The buyer has to prove the point. One of these suffices: %(kinds)s."),
    "burden_on_seller": N_("The seller has to prove the point. One of these suffices: %(kinds)s."),
    "shown_by_buyer": N_("The buyer showed what suffices: %(kinds)s."),
    "shown_by_seller": N_("The seller showed what suffices: %(kinds)s."),
    "not_shown_by_buyer": N_("The buyer showed none of it."),
    "not_shown_by_seller": N_("The seller showed none of it."),
    "delivery_proven": N_("The carrier's scan proves delivery to the buyer."),
    "delivery_not_proven": N_("No scan of the carrier proves delivery to the buyer."),
    "handover_proven": N_("The buyer proved handing the parcel to the carrier."),
    "handover_not_proven": N_("Nothing shows that the parcel was handed to the carrier."),
    "return_settled": N_("The return was accepted and settled."),
    "rejection_documented": N_("The seller documented why the return was rejected."),
    "rejection_undocumented": N_("The seller rejected the return without showing why."),
}
#: What a recommended ruling comes to, for the buyer or not.
VERDICTS = {True: N_("The request is granted."), False: N_("The request is not granted.")}

#: By the code of a `amends.domain.mediation.Turning`; ``%(remedy)s`` is what would have been recommended.
TURNINGS: Mapping[str, str] = {
    "evidence_from_buyer": N_("One of these from the buyer would have led to: %(remedy)s. (%(kinds)s)"),
    "evidence_from_seller": N_("One of these from the seller would have led to: %(remedy)s. (%(kinds)s)"),
    "without_buyers_evidence": N_("Without the buyer's evidence the result would be: %(remedy)s."),
    "without_sellers_evidence": N_("Without the seller's evidence the result would be: %(remedy)s."),
    "with_delivery_scan": N_("With a scan of delivery to the buyer the result would be: %(remedy)s."),
    "without_delivery_scan": N_("Without the scan of delivery the result would be: %(remedy)s."),
}

Say = Callable[..., str]
Listing = Callable[[Iterable[str]], str]


def fact(finding: Finding, say: Say, listing: Listing) -> str:
    """What was found: a person's own words, or the sentence of the code. ``listing`` joins evidence kinds."""
    if finding.fact or finding.code not in FINDINGS:
        return finding.fact
    return say(FINDINGS[finding.code], kinds=listing(finding.facts.get("kinds", ())))


def reasons(ruling: Ruling, say: Say, listing: Listing) -> str:
    """The reasons of a ruling: a person's own words, or the findings and the verdict of the rules."""
    if ruling.reasons:
        return ruling.reasons
    told = [fact(finding, say, listing) for finding in ruling.findings]
    return " ".join([*told, say(VERDICTS[grants(ruling)])])


def _english(message: str, **values: object) -> str:
    return message % values if values else message


def _listed(kinds: Iterable[str]) -> str:
    *others, last = tuple(kinds) or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def written(ruling: Ruling) -> Ruling:
    """The ruling with every finding and its reasons in English, for readers that know no other."""
    return replace(
        ruling,
        reasons=reasons(ruling, _english, _listed),
        findings=tuple(replace(each, fact=fact(each, _english, _listed)) for each in ruling.findings),
    )


def in_words(case: Case) -> Case:
    """The case with the rulings of the rules in English; what people wrote stays as it is."""
    if all(ruling.mediator_id for ruling in case.rulings):
        return case
    return replace(case, rulings=tuple(written(ruling) for ruling in case.rulings))
