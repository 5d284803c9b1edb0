"""A case on the mediator's table: what each side says and shows, what would change the recommendation, and
how like cases were decided."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from amends.application import findings
from amends.application.consistency import Grant, grant, precedents
from amends.application.ports import CaseFile
from amends.application.ports.figures import Decided
from amends.domain.cases.events import ReturnContested
from amends.domain.cases.model import Case, State
from amends.domain.mediation import Turning, turnings
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import EvidenceCard, OfferCard, Pair
from amends.interfaces.web.evidence_cards import step_title
from amends.interfaces.web.known import SignCard, cards
from amends.interfaces.web.reading import Reading, line_of
from amends.interfaces.web.standing import MEDIATION
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_LOOKED_BACK = timedelta(days=365)
_RULINGS_READ = 200
_GRANTED = {
    Grant.ALL: N_("granted"),
    Grant.PART: N_("granted in part"),
    Grant.NOTHING: N_("not granted"),
}
#: Openings of a decision's reasons, to go on from.
TEMPLATES: dict[str, tuple[str, str]] = {
    "granted": (
        N_("Granted: the point is proven"),
        N_("What was shown proves the point, and nothing disproves it. The request is granted."),
    ),
    "part": (
        N_("Granted in part: still of use"),
        N_("The item is not as it should be, but it can still be used. A part of the price is fair."),
    ),
    "refused": (
        N_("Not granted: not proven"),
        N_("What had to be proven was not shown by the date, so the request cannot be granted."),
    ),
    "delivered": (
        N_("Not granted: delivered"),
        N_("The carrier's scan shows delivery to the buyer, and nothing speaks against it."),
    ),
}


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One party on the table: who it is, what it says, shows and offers; ``asked`` is still wanted of it.

    ``statements`` are (what about, the words): the story or the last words of an offer, then what was said of
    the goods that came back.
    """

    role: str
    name: str
    statements: tuple[tuple[str, str], ...]
    evidence: tuple[EvidenceCard, ...]
    offers: tuple[OfferCard, ...]
    asked: tuple[tuple[str, str], ...]


class Precedent(msgspec.Struct, frozen=True, kw_only=True):
    """A like case: how it was decided, when, and how far its evidence is the same."""

    case_id: str
    title: str
    decided: str
    at: datetime
    shown: str


class Workbench(msgspec.Struct, frozen=True, kw_only=True):
    """What the workbench shows besides the case page."""

    sides: tuple[Side, ...]
    facts: tuple[Pair, ...]
    turnings: tuple[str, ...]
    precedents: tuple[Precedent, ...]
    templates: tuple[tuple[str, str], ...]
    known: tuple[SignCard, ...] = ()


async def workbench(
    visit: Visit, file: CaseFile, evidence: Sequence[EvidenceCard], offers: Sequence[OfferCard]
) -> Workbench:
    """The workbench of a case; ``evidence`` and ``offers`` are the cards of the case page, in the order of
    the case's evidence, and of its offers newest first."""
    case, custody = file.case, file.custody
    r = Reading(visit, case, custody, file.terms[line_of(case, custody).terms_id])
    # Up to and with what was decided this very instant.
    until = visit.now + timedelta.resolution
    past = await visit.parts.figures.rulings(until - _LOOKED_BACK, until, _RULINGS_READ, case.reason)
    line = line_of(case, custody)
    near = precedents(
        past,
        case_id=case.case_id,
        category=line.category,
        shown=sorted({f"{item.by.value}:{item.kind}" for item in case.evidence}),
        asked=case.wanted,
    )
    deciding = case.state in MEDIATION - {State.RULED}
    return Workbench(
        sides=tuple(
            _side(r, role, _said(visit, file, role), evidence, offers) for role in (Role.BUYER, Role.SELLER)
        ),
        facts=_facts(r),
        turnings=tuple(_turning(r, each) for each in turnings(r.hearing, case)) if deciding else (),
        precedents=tuple(_precedent(r, one) for one in near),
        templates=tuple((r.say(title), r.say(text)) for title, text in TEMPLATES.values()),
        known=cards(visit, await visit.parts.buyers.known(case.buyer_id, visit.now)) if deciding else (),
    )


def _side(
    r: Reading,
    role: Role,
    said: tuple[tuple[str, str], ...],
    evidence: Sequence[EvidenceCard],
    offers: Sequence[OfferCard],
) -> Side:
    case = r.case
    shown = tuple(card for card, item in zip(evidence, case.evidence, strict=False) if item.by is role)
    made = tuple(card for card, offer in zip(offers, reversed(case.offers), strict=False) if offer.by is role)
    waiting = [
        (item, r.visit.words.moment(request.until))
        for request in case.evidence_requests
        if request.of is role and not request.answered
        for item in request.items
    ]
    person_id = case.buyer_id if role is Role.BUYER else case.seller_id
    return Side(
        role=r.say(vocabulary.ROLES[role]),
        name=r.visit.name_of(role, person_id),
        statements=said,
        evidence=shown,
        offers=made,
        asked=tuple(waiting),
    )


def _said(visit: Visit, file: CaseFile, role: Role) -> tuple[tuple[str, str], ...]:
    case = file.case
    if role is Role.SELLER:
        step, first = step_title(visit, "inspection"), _last_note(case, role)
        later = [seen.note for seen in case.inspections if not seen.accepted]
    else:
        events = (link.recorded.event for link in file.timeline)
        step, first = step_title(visit, "contest"), case.story
        later = [event.note for event in events if isinstance(event, ReturnContested)]
    said = [("", first), *((step, note) for note in later)]
    return tuple((about, text) for about, text in dict.fromkeys(said) if text)


def _last_note(case: Case, role: Role) -> str:
    return next((offer.note for offer in reversed(case.offers) if offer.by is role and offer.note), "")


def _facts(r: Reading) -> tuple[Pair, ...]:
    """What the marketplace and the carrier say: it is nobody's claim."""
    order, words = r.custody.order, r.visit.words
    line = line_of(r.case, r.custody)
    pairs = [
        Pair(r.say(N_("Bought")), words.day(order.placed_at)),
        Pair(r.say(N_("Category")), line.category),
        Pair(r.say(N_("From and to")), f"{order.seller_country or '–'} → {order.buyer_country or '–'}"),
    ]
    for parcel in order.parcels_of(line.line_id):
        last = max(parcel.events, key=lambda scan: scan.at, default=None)
        told = r.say(vocabulary.SIGNALS[last.signal]) if last else r.say(N_("no scan"))
        where = f" ({last.country} {last.postcode})".replace(" )", ")") if last and last.country else ""
        when = f", {words.stamp(last.at)}" if last else ""
        number = f"{parcel.carrier} {parcel.tracking_number}".strip() or parcel.parcel_id
        pairs.append(Pair(r.say(N_("Parcel %(number)s"), number=number), f"{told}{where}{when}"))
    return tuple(pairs)


def _turning(r: Reading, turning: Turning) -> str:
    return r.say(
        findings.TURNINGS[turning.code],
        remedy=r.teller.remedy(turning.remedy),
        kinds=r.kinds(turning.kinds),
    )


def _precedent(r: Reading, one: Decided) -> Precedent:
    words = r.visit.words
    kinds = [item.partition(":") for item in one.shown]
    shown = [
        r.say(N_("%(who)s: %(kind)s"), who=r.say(vocabulary.ROLES[Role(who)]), kind=r.kinds((kind,)))
        for who, _, kind in kinds
    ]
    return Precedent(
        case_id=one.case_id,
        title=r.say(
            N_("Asked for %(asked)s: %(granted)s, %(amount)s"),
            asked=words.money(one.asked.amount, one.currency),
            granted=r.say(_GRANTED[grant(one.remedy, one.asked)]),
            amount=words.money(one.remedy.amount, one.currency),
        ),
        decided=r.say(N_("On appeal")) if one.number else r.say(N_("First decision")),
        at=one.at,
        shown=words.listing(shown) if shown else r.say(N_("No evidence")),
    )
