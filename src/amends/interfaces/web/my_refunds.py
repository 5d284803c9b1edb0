"""All of a buyer's refunds: how far each has come, when it should be there, and help where it is not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter

from amends.application.ports.purchases import Moment
from amends.domain.cases.model import Case, Refund, RefundStage, State
from amends.domain.custody.model import Custody
from amends.domain.parties import Role
from amends.domain.policy.terms import ClauseText, Terms
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.reading import line_of, title_of
from amends.interfaces.web.standing import otherwise
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_PER_PAGE = 20
SHOWN: dict[str, str] = {"open": N_("Under way"), "done": N_("Finished"), "all": N_("All")}
_UNDER_WAY = frozenset({RefundStage.APPROVED, RefundStage.INITIATED})
_TOLD: dict[str, str] = {
    "refund_failed": N_("It could not be paid there"),
    "refund_redirected": N_("Sent another way"),
}


class Station(msgspec.Struct, frozen=True):
    """One stage of a refund: ``stand`` is done, now or ahead; ``at`` when it was reached."""

    title: str
    stand: str
    at: datetime | None
    when: str


class RefundCard(msgspec.Struct, frozen=True, kw_only=True):
    """One refund. ``late`` says that it is overdue, ``then`` what happens about it; empty where it is not."""

    case_id: str
    refund_id: str
    title: str
    amount: str
    method: str
    badge: Badge
    stations: tuple[Station, ...]
    eta: str
    late: str
    then: str
    clause: ClauseText | None


def under_way(case: Case) -> bool:
    """Whether money of a case is still to arrive."""
    return any(refund.stage in _UNDER_WAY for refund in case.refunds) or case.state in {
        State.REFUND_METHOD_NEEDED,
        State.REFUND_OVERDUE,
    }


def overdue(refund: Refund, now: datetime) -> bool:
    """Whether a refund on its way should have arrived; at the very instant it is late."""
    return refund.stage is RefundStage.INITIATED and refund.eta_by is not None and now >= refund.eta_by


@get("/my-refunds")
async def refunds(
    visit: NamedDependency[Visit],
    show: Annotated[str, QueryParameter(max_length=20)] = "open",
    after: Annotated[str, QueryParameter(max_length=500)] = "",
) -> Response[str]:
    """Every refund by its case, newest case first; overdue ones on top."""
    visit.require(Role.BUYER)
    show = show if show in SHOWN else "open"
    purchases = visit.parts.purchases
    try:
        page = await purchases.cases(visit.actor.id, lambda case: _listed(case, show), after, _PER_PAGE)
    except ValueError as error:
        raise NotFoundException from error
    custodies = await purchases.custodies(sorted({case.order_id for case in page.cases}))
    moments = await purchases.refund_moments([case.case_id for case in page.cases])
    lines = {case.case_id: line_of(case, custodies[case.order_id]) for case in page.cases}
    terms = await visit.parts.reader.terms_of(sorted({line.terms_id for line in lines.values()}))
    cards = [
        card
        for case in page.cases
        for card in cards_of(
            visit, case, custodies[case.order_id], terms[lines[case.case_id].terms_id], moments
        )
    ]
    cards.sort(key=lambda card: not card.late)
    tabs = [(code, visit.words.say(title)) for code, title in SHOWN.items()]
    return visit.page("my_refunds.html", cards=cards, show=show, tabs=tabs, next=page.next, first=not after)


def _listed(case: Case, show: str) -> bool:
    return bool(case.refunds) and (show == "all" or under_way(case) == (show == "open"))


def cards_of(
    visit: Visit, case: Case, custody: Custody, terms: Terms, moments: Mapping[str, Sequence[Moment]]
) -> list[RefundCard]:
    """The refunds of a case as the reader sees them."""
    told = moments.get(case.case_id, ())
    return [
        _card(visit, case, custody, terms, refund, [m for m in told if m.refund_id == refund.refund_id])
        for refund in case.refunds
    ]


def _card(
    visit: Visit, case: Case, custody: Custody, terms: Terms, refund: Refund, told: Sequence[Moment]
) -> RefundCard:
    words = visit.words
    late = overdue(refund, visit.now)
    eta = ""
    if refund.stage is RefundStage.INITIATED and refund.eta_from and refund.eta_by:
        first, last = words.day(refund.eta_from), words.day(refund.eta_by)
        eta = words.say(N_("%(first)s to %(last)s"), first=first, last=last)
    elif refund.stage is RefundStage.APPROVED and case.refund_not_before is not None:
        eta = words.say(N_("The money leaves from %(moment)s"), moment=words.moment(case.refund_not_before))
    name = f"refund.eta.{refund.method}"
    clause = terms.clauses.get(terms.get(name).clause) if terms.has(name) else None
    waiting = case.waiting
    then = otherwise(case, waiting, visit) if late and waiting and case.state is State.REFUND_OVERDUE else ""
    stage = Badge(words.say(vocabulary.REFUND_STAGES[refund.stage]), _TONES.get(refund.stage, "them"))
    return RefundCard(
        case_id=case.case_id,
        refund_id=refund.refund_id,
        title=title_of(case, custody, visit),
        amount=words.money(refund.amount, case.currency),
        method=words.say(vocabulary.METHODS.get(refund.method, refund.method)),
        badge=Badge(words.say(N_("Overdue")), "bad") if late else stage,
        stations=_stations(visit, refund, told),
        eta=eta,
        late=words.say(N_("It should have been there by %(day)s."), day=words.day(refund.eta_by))
        if late and refund.eta_by
        else "",
        then=then,
        clause=clause,
    )


_TONES = {RefundStage.CONFIRMED: "good", RefundStage.FAILED: "bad", RefundStage.REDIRECTED: "plain"}


def _stations(visit: Visit, refund: Refund, told: Sequence[Moment]) -> tuple[Station, ...]:
    """Approved, on its way, sent; and what went wrong on the way."""
    say, stamp = visit.words.say, visit.words.stamp
    when = {moment.event: moment.at for moment in told}
    approved = when.get("refund_approved") or when.get("refund_redirected") or refund.at
    reached: list[tuple[str, str, datetime | None]] = [("refund_approved", N_("Approved"), approved)]
    reached.append(("refund_initiated", N_("On its way"), when.get("refund_initiated")))
    wrong = next((name for name in _TOLD if name in when and refund.stage.value in name), "")
    if wrong:
        reached.append((wrong, _TOLD[wrong], when[wrong]))
    else:
        reached.append(("refund_confirmed", N_("Confirmed by the bank"), when.get("refund_confirmed")))
    last = max(n for n, (_, _, at) in enumerate(reached) if at is not None)
    stations = []
    for n, (_, title, at) in enumerate(reached):
        stand = "ahead" if n > last else "now" if n == last and n < len(reached) - 1 else "done"
        stations.append(Station(say(title), stand, at, stamp(at) if at else ""))
    return tuple(stations)


routes = Router("/", route_handlers=[refunds])
