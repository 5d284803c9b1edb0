"""What a case page shows, in the reader's words: whose turn, until when, what else, where the money is."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from amends.application import findings
from amends.application.hindsight import Hindsight, hindsight
from amends.application.ports import CaseFile
from amends.domain.cases import events as case_events
from amends.domain.cases.dues import wanted_of_stock
from amends.domain.cases.model import (
    Case,
    EvidenceItem,
    Goods,
    Inspection,
    Offer,
    RefundStage,
    Remedy,
    Ruling,
    State,
)
from amends.domain.cases.parcels import unsent
from amends.domain.cases.weights import weights
from amends.domain.chain import Recorded
from amends.domain.custody import events as order_events
from amends.domain.mediation import KINDS, recommend
from amends.domain.orders import Line
from amends.domain.parties import Role
from amends.domain.policy.terms import ClauseText
from amends.interfaces.web import forms, vocabulary
from amends.interfaces.web.cards import (
    ActionView,
    Badge,
    Countdown,
    EvidenceCard,
    Lists,
    OfferCard,
    Pair,
    RulingCard,
    Sheet,
    Step,
    Told,
)
from amends.interfaces.web.deeds import lists, offered
from amends.interfaces.web.evidence_cards import step_title
from amends.interfaces.web.money_card import money, refund, sheet
from amends.interfaces.web.parcel_words import contents, unit_name
from amends.interfaces.web.reading import Reading, line_of, title_of
from amends.interfaces.web.standing import MEDIATION, badge_of, countdown, my_turn, steps
from amends.interfaces.web.telling import moment
from amends.interfaces.web.visits import STAFF, Visit
from amends.interfaces.web.words import N_

PARTIES = (Role.BUYER, Role.SELLER)
_OF_DECIDING = (case_events.RulingProposed, case_events.RulingSentBack)
_UNTOLD = (order_events.CaseCounted, order_events.CaseEnded, order_events.MoneyMoved)


class CasePageView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page of one case."""

    case: Case
    title: str
    reason: str
    line: Line
    quantity: int
    badge: Badge
    countdown: Countdown | None
    steps: tuple[Step, ...]
    actions: tuple[ActionView, ...]
    my_turn: bool
    offers: tuple[OfferCard, ...]
    evidence: tuple[EvidenceCard, ...]
    rulings: tuple[RulingCard, ...]
    proposed: RulingCard | None
    recommended: RulingCard | None
    returning: tuple[Pair, ...]
    inspections: tuple[tuple[Badge, str], ...]
    replacement: tuple[Pair, ...]
    money: tuple[Pair, ...]
    sheet: Sheet | None
    refunds: tuple[Pair, ...]
    clause: ClauseText | None
    timeline: tuple[Told, ...]
    lists: Lists
    most: str
    parties: tuple[Pair, ...]
    unit_names: tuple[str, ...]


def case_page(
    visit: Visit,
    file: CaseFile,
    order_timeline: Sequence[Recorded],
    *,
    others: Sequence[Case] = (),
    whole: Sequence[Recorded] = (),
    members: Mapping[str, str],
    tried: str = "",
    form: forms.Form | None = None,
) -> CasePageView:
    """The page of one case; ``form`` is the one that was refused under the name ``tried``.

    ``whole`` are all events of the order, those not told to the reader included: rulings are explained by
    what was known when they were made. ``members`` are those of the seller's team behind events, by
    ``stream#seq``.
    """
    case, custody = file.case, file.custody
    events = [link.recorded for link in file.timeline]
    line = line_of(case, custody)
    terms = file.terms[line.terms_id]
    r = Reading(visit, case, custody, terms, others)
    waiting = case.waiting
    advice = _recommended(r)
    return CasePageView(
        case=case,
        title=title_of(case, custody, visit),
        reason=visit.teller(case).reason(case.reason),
        line=line,
        quantity=len(case.units),
        badge=badge_of(case, visit),
        countdown=countdown(case, visit, events),
        steps=steps(case, visit),
        actions=offered(r, tried, form, advice),
        my_turn=my_turn(case, visit),
        offers=tuple(_offer(r, o) for o in reversed(case.offers)),
        evidence=tuple(_evidence(r, item) for item in case.evidence),
        rulings=tuple(
            _explained(r, _ruling(r, each), seen)
            for each, seen in reversed(list(zip(case.rulings, _seen(r, file, whole), strict=True)))
        ),
        proposed=_ruling(r, case.proposed) if case.proposed and visit.role in STAFF else None,
        recommended=_ruling(r, advice) if advice else None,
        returning=_returning(r),
        inspections=tuple(_inspection(r, i) for i in case.inspections),
        replacement=_replacement(r),
        money=money(r),
        sheet=sheet(r),
        refunds=tuple(refund(r, each) for each in case.refunds),
        clause=r.clause(waiting.clause) if waiting else None,
        timeline=_timeline(r, [*order_timeline, *events], members),
        lists=lists(r),
        most=r.cash(r.most),
        parties=_parties(r),
        unit_names=tuple(unit_name(visit.words, case, custody, i.unit) for i in case.inspections),
    )


def _offer(r: Reading, offer: Offer) -> OfferCard:
    open_ = offer.state == "open" and r.case.live and r.case.settlement is None
    mine = offer.by is r.visit.role
    if open_ and not mine and r.visit.role in PARTIES:
        badge = Badge(r.say(N_("You can accept")), "turn")
    elif open_:
        badge = Badge(r.say(N_("Open")), "them")
    else:
        badge = Badge(
            r.say(_OFFER_STATES.get(offer.state, N_("Past"))), _OFFER_TONES.get(offer.state, "plain")
        )
    exchange = bool(offer.remedy.exchange_variant)
    return OfferCard(
        badge=badge,
        who=r.visit.party(r.case, offer.by),
        title=_remedy_title(r, offer.remedy),
        amount="" if exchange or not offer.remedy.amount else r.cash(offer.remedy.amount),
        note=offer.note,
        freight=_freight(r, offer.remedy),
        at=offer.at,
        open=open_,
    )


def _remedy_title(r: Reading, remedy: Remedy) -> str:
    returned = remedy.goods is Goods.RETURN
    if remedy.exchange_variant:
        what = N_("Exchange for “%(variant)s”")
        return r.say(what, variant=remedy.exchange_variant)
    if not remedy.amount:
        return r.say(N_("No refund"))
    # What this case has paid since was there to be asked for.
    paid = sum(one.amount for one in r.case.refunds if one.stage is not RefundStage.REDIRECTED)
    full = remedy.amount >= r.most + paid
    if returned:
        return r.say(N_("Send it back for a full refund") if full else N_("Send it back for a refund"))
    return r.say(N_("Full refund, keep the item") if full else N_("Partial refund, keep the item"))


def _freight(r: Reading, remedy: Remedy) -> str:
    if remedy.goods is not Goods.RETURN:
        return ""
    by_buyer = remedy.freight_payer is Role.BUYER
    return r.say(
        N_("The buyer pays the return postage.") if by_buyer else N_("The seller pays the return postage.")
    )


def _evidence(r: Reading, item: EvidenceItem) -> EvidenceCard:
    return EvidenceCard(
        kind=item.kind,
        title=r.say(vocabulary.EVIDENCE_KINDS.get(item.kind, N_("Evidence"))),
        note=item.note,
        who=r.visit.party(r.case, item.by),
        at=item.at,
        # Anything else than https could run or lead astray.
        url=item.url if item.url.startswith("https://") else "",
        by=item.by.value,
        file_id=item.file.file_id if item.file else "",
        step=step_title(r.visit, item.step),
    )


# What a mediator decided


def _ruling(r: Reading, ruling: Ruling) -> RulingCard:
    by = N_("Decided by a mediator") if ruling.mediator_id else N_("Recommended by the rules")
    accepted = [r.visit.party(r.case, role) for role in ruling.accepted_by]
    return RulingCard(
        title=r.say(by),
        remedy=r.teller.remedy(ruling.remedy),
        reasons=findings.reasons(ruling, r.say, r.kinds),
        findings=tuple(
            _finding(r, findings.fact(f, r.say, r.kinds), f.clause, f.evidence, f.weight)
            for f in ruling.findings
        ),
        at=ruling.at,
        # What was reopened is decided anew.
        final=ruling.final and r.case.state not in MEDIATION,
        accepted=r.say(N_("Accepted by: %(who)s"), who=r.visit.words.listing(accepted)) if accepted else "",
        confirmed=r.say(findings.CONFIRMED) if ruling.confirmed_by else "",
        otherwise=ruling.otherwise,
    )


def _seen(r: Reading, file: CaseFile, whole: Sequence[Recorded]) -> Iterator[Hindsight | None]:
    events = [link.recorded for link in file.timeline]
    terms = {one.terms_id: one for one in file.terms.values()}
    for number in range(len(file.case.rulings)):
        yield hindsight(whole, events, number, terms, r.others)


def _explained(r: Reading, card: RulingCard, seen: Hindsight | None) -> RulingCard:
    """A ruling for somebody who was not there: who showed what, and what would have changed it."""
    if seen is None:
        return card
    listing = r.visit.words.listing
    otherwise = r.say(findings.OTHERWISE, remedy=r.teller.remedy(seen.advised))
    return msgspec.structs.replace(
        card,
        shown=tuple(
            findings.shown(role, (_named(r, item) for item in items), r.say, listing)
            for role, items in seen.shown.items()
        ),
        advice=r.say(findings.FOLLOWED) if seen.followed else otherwise,
        followed=seen.followed,
        turnings=tuple(
            findings.turned(one, r.teller.remedy(one.remedy), r.say, r.kinds) for one in seen.turnings
        ),
    )


def _named(r: Reading, item: EvidenceItem) -> str:
    kind = r.kinds((item.kind,))
    return r.say(N_("%(kind)s “%(note)s”"), kind=kind, note=item.note) if item.note else kind


def _finding(r: Reading, fact: str, clause_id: str, evidence: str, weight: str) -> tuple[str, str, str, str]:
    text = r.clause(clause_id)
    clause = (
        r.say(N_("Rule: %(sentence)s (%(id)s)"), sentence=r.say(text.sentence), id=text.id)
        if text
        else clause_id
    )
    named = tuple(part.strip() for part in evidence.split(","))
    if set(named) <= set(KINDS):
        evidence = r.visit.words.listing([r.kinds((one,)) for one in named])
    return fact, clause, evidence, r.say(findings.WEIGHTS[weight]) if weight in findings.WEIGHTS else ""


def _recommended(r: Reading) -> Ruling | None:
    """What the rules recommend, shown to those who decide."""
    if r.visit.role not in STAFF or r.case.state not in MEDIATION - {State.RULED}:
        return None
    return recommend(r.hearing, r.case, final=r.case.state is State.APPEALED)


# The goods


def _returning(r: Reading) -> tuple[Pair, ...]:
    case, pairs = r.case, []
    if case.instructions is not None:
        pairs.append(Pair(r.say(N_("Return number")), case.instructions.authorisation))
        pairs.append(Pair(r.say(N_("Send it to")), case.instructions.address))
        if case.instructions.note:
            pairs.append(Pair(r.say(N_("Note")), case.instructions.note))
    for parcel in case.parcels:
        pairs.append(Pair(r.say(N_("Sent with")), f"{parcel.carrier} {parcel.tracking_number}"))
        if parcel.units:
            pairs.append(Pair(r.say(N_("Contents")), contents(r.visit.words, r.custody, parcel.units)))
        if parcel.freight:
            pairs.append(Pair(r.say(N_("Return postage paid")), r.cash(parcel.freight)))
        if parcel.delivered_at:
            pairs.append(Pair(r.say(N_("Delivered")), r.visit.words.stamp(parcel.delivered_at)))
    if case.parcels and (kept := unsent(case)):
        label = N_("Not sent so far") if case.state is State.AWAITING_SHIPMENT else N_("Kept by the buyer")
        pairs.append(Pair(r.say(label), contents(r.visit.words, r.custody, kept)))
    return (*pairs, *_weights(r)) if case.parcels else tuple(pairs)


_WEIGHED = (
    ("declared_g", N_("Weight of the goods, as told")),
    ("carrier_g", N_("Weighed by the carrier")),
    ("seller_g", N_("Weighed by the seller")),
)


def _weights(r: Reading) -> list[Pair]:
    """What the parcel weighed, where two of three said so."""
    found = weights(r.custody.order, r.case)
    told = [(title, grams) for name, title in _WEIGHED if (grams := getattr(found, name))]
    if len(told) < 2:
        return []
    number = r.visit.words.number
    return [Pair(r.say(title), r.say(N_("%(weight)s g"), weight=number(grams))) for title, grams in told]


def _inspection(r: Reading, inspection: Inspection) -> tuple[Badge, str]:
    reception = r.say(vocabulary.RECEPTIONS[inspection.reception.value])
    if inspection.accepted:
        return Badge(r.say(N_("Accepted")), "good"), reception
    ground = r.say(vocabulary.REJECT_GROUNDS.get(inspection.ground, inspection.ground))
    told = [reception, ground, inspection.note]
    return Badge(r.say(N_("Rejected")), "bad"), ". ".join(part for part in told if part)


def _replacement(r: Reading) -> tuple[Pair, ...]:
    sent, kept = r.case.replacement, r.case.reservation
    wanted = wanted_of_stock(r.case)
    if sent is None and wanted:
        pairs = [Pair(r.say(N_("You get") if r.visit.role is Role.BUYER else N_("The buyer gets")), wanted)]
        if kept is not None and kept.until > r.visit.now:
            until = r.visit.words.moment(kept.until)
            pairs.append(Pair(r.say(N_("Set aside")), r.say(N_("until %(day)s"), day=until)))
        return tuple(pairs)
    if sent is None:
        return ()
    pairs = [Pair(r.say(N_("Sent with")), f"{sent.carrier} {sent.tracking_number}")]
    if sent.delivered_at:
        pairs.append(Pair(r.say(N_("Delivered")), r.visit.words.stamp(sent.delivered_at)))
    return tuple(pairs)


def _timeline(r: Reading, events: Sequence[Recorded], members: Mapping[str, str]) -> tuple[Told, ...]:
    """Newest first; of events of one instant the later one first."""
    told = (
        (n, moment(r.teller, recorded, members))
        for n, recorded in enumerate(events)
        if not isinstance(recorded.event, _UNTOLD)
        and (r.visit.role in STAFF or not isinstance(recorded.event, _OF_DECIDING))
    )
    return tuple(moment for _, moment in sorted(told, key=lambda pair: (pair[1].at, pair[0]), reverse=True))


def _parties(r: Reading) -> tuple[Pair, ...]:
    pairs = [Pair(r.say(vocabulary.ROLES[role]), r.visit.party_alone(r.case, role)) for role in PARTIES]
    if r.case.mediator_id:
        name = r.visit.name_of(Role.MEDIATOR, r.case.mediator_id)
        shown = name if r.visit.role in STAFF else r.say(N_("assigned"))
        pairs.append(Pair(r.say(vocabulary.ROLES[Role.MEDIATOR]), shown))
    return tuple(pairs)


_OFFER_STATES = {
    "countered": N_("Countered"),
    "declined": N_("Declined"),
    "accepted": N_("Accepted"),
    "lapsed": N_("Lapsed"),
}
_OFFER_TONES = {"accepted": "good", "declined": "bad"}
