"""Findings of the rules in words: message ids of gettext; the kinds of evidence come as a list in words."""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from amends.application.words import N_
from amends.domain.cases.model import Case, Finding, Ruling
from amends.domain.mediation import Turning, grants
from amends.domain.parties import Role

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
    "return_not_taken": N_("The carrier brought the return to the seller, who did not take it."),
    "return_delivered_elsewhere": N_(
        "The carrier delivered the return at %(postcode)s, which is not where it was sent."
    ),
    "return_never_offered": N_("The return came back to the buyer without having been at the seller's."),
    "return_light_on_the_way": N_(
        "The carrier weighed %(carrier_g)s g, the goods should weigh %(declared_g)s g: too little was sent."
    ),
    "return_weight_as_sent": N_(
        "The carrier weighed %(carrier_g)s g, which fits the %(declared_g)s g that the goods should weigh."
    ),
    "return_light_at_arrival": N_(
        "The seller weighed only %(seller_g)s g (the carrier: %(carrier_g)s g, the goods: %(declared_g)s g)."
    ),
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

#: How much a finding counts.
WEIGHTS: Mapping[str, str] = {
    "decisive": N_("Decisive"),
    "supporting": N_("Supports it"),
    "background": N_("Who has to prove it"),
}
#: Who showed what; ``%(items)s`` is a list.
SHOWN: Mapping[Role, tuple[str, str]] = {
    Role.BUYER: (N_("The buyer showed: %(items)s."), N_("The buyer showed nothing.")),
    Role.SELLER: (N_("The seller showed: %(items)s."), N_("The seller showed nothing.")),
}
OTHERWISE = N_("The rules recommended something else: %(remedy)s. Whoever decided gave other reasons above.")
FOLLOWED = N_("It is what the rules recommend on what was shown.")
CHANGED = N_("What would have changed it: %(said)s")
CONFIRMED = N_("A second person agreed to it before it took effect.")

Say = Callable[..., str]
Listing = Callable[[Iterable[str]], str]


def fact(finding: Finding, say: Say, listing: Listing) -> str:
    """What was found: a person's own words, or the sentence of the code. ``listing`` joins evidence kinds."""
    if finding.fact or finding.code not in FINDINGS:
        return finding.fact
    plain = {name: value for name, value in finding.facts.items() if isinstance(value, str)}
    return say(FINDINGS[finding.code], **plain, kinds=listing(finding.facts.get("kinds", ())))


def reasons(ruling: Ruling, say: Say, listing: Listing) -> str:
    """The reasons of a ruling: a person's own words, or the findings and the verdict of the rules."""
    if ruling.reasons:
        return ruling.reasons
    told = [fact(finding, say, listing) for finding in ruling.findings]
    return " ".join([*told, say(VERDICTS[grants(ruling)])])


def shown(role: Role, items: Iterable[str], say: Say, listed: Callable[[list[str]], str]) -> str:
    """What a side showed, as a sentence; ``items`` are in words."""
    some, none = SHOWN[role]
    found = list(items)
    return say(some, items=listed(found)) if found else say(none)


def turned(turning: Turning, remedy: str, say: Say, listing: Listing) -> str:
    """One thing that would have led elsewhere; ``remedy`` in words."""
    return say(TURNINGS[turning.code], remedy=remedy, kinds=listing(turning.kinds))


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
