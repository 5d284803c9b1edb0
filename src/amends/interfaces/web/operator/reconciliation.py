"""The daily reconciliation for operators: days, what differs and why, and what somebody did about it."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from amends.application.ports import ProviderSilent
from amends.application.ports.settlements import DifferenceFilter, Run
from amends.domain.parties import Role
from amends.domain.reconciliation import FEES, Difference, State, Why, unexplained
from amends.domain.refusals import Refused
from amends.interfaces.web.cards import Badge
from amends.interfaces.web.forms import Form
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_DAYS_SHOWN, _DIFFERENCES_SHOWN = 31, 200
_NEEDS = (State.OPEN, State.PROPOSED, State.WAITING)

WHY: dict[Why, tuple[str, str]] = {
    Why.TIMING: (N_("Another day"), N_("Both sides have it, on different days.")),
    Why.IN_TRANSIT: (N_("In transit"), N_("Ours is done; the provider's next report should have it.")),
    Why.PENDING_HERE: (N_("Not confirmed yet"), N_("The provider's is done; here it is still under way.")),
    Why.FEE: (N_("Fee"), N_("What the provider keeps for its service.")),
    Why.MISSING_HERE: (N_("Missing here"), N_("The provider moved money that the ledger does not know.")),
    Why.MISSING_THERE: (N_("Missing there"), N_("The ledger has it; the provider has not reported it.")),
    Why.AMOUNT: (N_("Amount differs"), N_("Both sides have it, with different amounts.")),
    Why.CURRENCY: (N_("Currency differs"), N_("The provider moved it in another currency.")),
    Why.DUPLICATE: (N_("More than once"), N_("The provider moved it more than once.")),
    Why.STOPPED: (N_("Moved though stopped"), N_("It was stopped or given up here, and moved all the same.")),
    Why.RETURNED: (N_("Came back"), N_("It came back to the provider, as from an account that was closed.")),
}
STATES: dict[State, tuple[str, str]] = {
    State.EXPLAINED: (N_("Explained"), "plain"),
    State.WAITING: (N_("Explained until tomorrow"), "them"),
    State.OPEN: (N_("Needs somebody"), "turn"),
    State.PROPOSED: (N_("Waits for a second person"), "turn"),
    State.RESOLVED: (N_("Dealt with"), "good"),
}
_REFUSED: dict[str, str] = {
    "no_order": N_("No order has this payment"),
    "currency_mismatch": N_("The dispute is in another currency than the order"),
    "above_captured": N_("More is disputed than was paid"),
    "not_possible_now": N_("The dispute had ended otherwise already"),
}
_HOWS = {"settled": N_("Put right"), "written_off": N_("Written off")}


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's day: one line a currency of what each side says."""

    provider: str
    day: str
    href: str
    badge: Badge
    sums: tuple[tuple[str, str, str], ...]
    compared: str


class DifferenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A difference in words."""

    difference_id: str
    provider: str
    day: str
    day_iso: str
    title: str
    text: str
    badge: Badge
    reference: str
    ours: str
    theirs: str
    effect: str
    order_id: str
    case_id: str
    event: str
    other_day: str
    how: str
    reason: str
    by: str
    open: bool
    proposed: bool
    mine: bool


@get("/reconciliation")
async def reconciliation(
    visit: NamedDependency[Visit],
    provider: Annotated[str, QueryParameter(max_length=64)] = "",
    day: Annotated[str, QueryParameter(max_length=10)] = "",
) -> Response[str]:
    """Days, and the differences of one of them or those that need somebody."""
    visit.require(Role.OPERATOR)
    return await _page(visit, provider, _day(day))


@post("/reconciliation")
async def run_again(visit: NamedDependency[Visit]) -> Response[str] | Redirect:
    """Reconcile a day now."""
    visit.require(Role.OPERATOR)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    work = visit.parts.reconciliation
    provider = form.choice("provider", tuple(work.reporting), N_("Choose a provider."))
    day = _day(form.raw("day"))
    if day is None or day >= visit.now.date():
        form.wrong("day", N_("Choose a day that is over."))
    if form.errors or day is None:
        return await _page(visit, "", None, form)
    try:
        await work.run(provider, day)
    except ProviderSilent:
        form.wrong("provider", N_("The provider gives no report at the moment. Try again later."))
        return await _page(visit, "", None, form)
    return visit.redirect(f"/reconciliation?provider={provider}&day={day.isoformat()}")


@post("/reconciliation/{difference_id:str}/{action:str}")
async def deal_with(
    visit: NamedDependency[Visit], difference_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Redirect:
    """Say what was done about a difference, or answer that it is written off."""
    visit.require(Role.OPERATOR)
    work = visit.parts.reconciliation
    if await work.book.difference(difference_id) is None:
        raise NotFoundException(difference_id)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    found: Difference | Refused
    if action in {"agree", "decline"}:
        found = await work.answer(difference_id, visit.actor, agreed=action == "agree")
    else:
        how = form.choice("how", _HOWS, N_("Choose what was done."))
        reason = form.text("reason", N_("Say why, so that others understand it later."), 2000)
        if form.errors:
            return await _page(visit, "", None, form, difference_id)
        found = await work.resolve(difference_id, how, reason, visit.actor)
    if isinstance(found, Refused):
        if found.kind == "conflict_of_interest":
            form.errors[""] = visit.words.say(N_("Somebody else has to agree."))
        else:
            form.errors[""] = visit.words.say(N_("Somebody was quicker, or it was answered already."))
        return await _page(visit, "", None, form, difference_id)
    return visit.redirect(f"/reconciliation?provider={found.provider}&day={found.day.isoformat()}")


@post("/reconciliation/events/{provider:str}/{event_id:str}")
async def put_aside(
    visit: NamedDependency[Visit], provider: FromPath[str], event_id: FromPath[str]
) -> Response[str] | Redirect:
    """Somebody has dealt with a dispute that found no place."""
    visit.require(Role.OPERATOR)
    values = await visit.fields()
    form = Form(values, visit.words, visit.now)
    reason = form.text("aside", N_("Say why, so that others understand it later."), 2000)
    if not form.errors:
        found = await visit.parts.disputes.put_aside(provider, event_id, reason, visit.actor)
        if not isinstance(found, Refused):
            return visit.redirect("/reconciliation")
        form.errors[""] = visit.words.say(N_("Somebody was quicker, or it was answered already."))
    return await _page(visit, "", None, form, event_id)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _page(
    visit: Visit, provider: str, day: date | None, form: Form | None = None, tried: str = ""
) -> Response[str]:
    work, words = visit.parts.reconciliation, visit.words
    runs = await work.book.runs(_DAYS_SHOWN, provider if day is None else "")
    wanted = DifferenceFilter(provider=provider, day=day, states=() if day else _NEEDS)
    found = await work.book.differences(wanted, _DIFFERENCES_SHOWN)
    chosen = None
    if day is not None:
        of_day = await work.book.runs(1, provider, day)
        chosen = next((one for one in of_day if one.day == day), None)
    news = await visit.parts.disputes.book.waiting(_DIFFERENCES_SHOWN)
    return visit.page(
        "operator_reconciliation.html",
        422 if form else 200,
        days=[_day_row(visit, one) for one in runs],
        chosen=_day_row(visit, chosen) if chosen else None,
        exact=chosen is not None and not any(unexplained(one, found) for one in chosen.sums),
        rows=[_row(visit, one) for one in found],
        full=len(found) == _DIFFERENCES_SHOWN,
        waiting_news=[
            (
                one.news.provider,
                one.news.event_id,
                one.news.dispute_id,
                words.money(one.news.amount, one.news.currency),
                one.order_ids,
                words.say(_REFUSED.get(one.why, N_("The order did not allow it")))
                if one.state == "refused"
                else words.say(N_("No order has this payment yet")),
            )
            for one in news
        ],
        reporting=[(name, name) for name in work.reporting],
        hows=[(name, words.say(title)) for name, title in _HOWS.items()],
        form=form or Form({}, words, visit.now),
        errors=form.errors if form else {},
        tried=tried,
    )


def _day_row(visit: Visit, run: Run) -> DayRow:
    words = visit.words
    if run.open:
        badge = Badge(words.count("%(number)s needs somebody", "%(number)s need somebody", run.open), "turn")
    elif run.waiting:
        badge = Badge(words.say(N_("Explained until tomorrow")), "them")
    else:
        badge = Badge(words.say(N_("Fits")), "good")
    return DayRow(
        provider=run.provider,
        day=_said(visit, run.day),
        href=f"/reconciliation?provider={run.provider}&day={run.day.isoformat()}",
        badge=badge,
        sums=tuple(
            (one.currency, words.money(one.ours, one.currency), words.money(one.theirs, one.currency))
            for one in run.sums
        ),
        compared=words.listing(
            [
                words.count("%(number)s line of the report", "%(number)s lines of the report", run.movements),
                words.count(
                    "%(number)s entry of the ledger", "%(number)s entries of the ledger", run.entries
                ),
            ]
        ),
    )


def _row(visit: Visit, one: Difference) -> DifferenceRow:
    words = visit.words
    title, text = WHY[one.why]
    said, tone = STATES[one.state]

    def money(amount: int) -> str:
        return words.money(amount, one.currency)

    people = [visit.name_of(Role.OPERATOR, who) for who in (one.by, one.agreed_by) if who]
    return DifferenceRow(
        difference_id=one.difference_id,
        provider=one.provider,
        day=_said(visit, one.day),
        day_iso=one.day.isoformat(),
        title=words.say(title),
        text=words.say(text),
        badge=Badge(words.say(said), tone),
        reference="" if one.reference == FEES else one.reference,
        ours=money(one.ours),
        theirs=money(one.theirs),
        effect=money(one.effect),
        order_id=one.order_id,
        case_id=one.case_id,
        event=f"{one.stream} #{one.seq}" if one.stream else "",
        other_day=_said(visit, one.other_day) if one.other_day else "",
        how=words.say(_HOWS[one.how]) if one.how else "",
        reason=one.reason,
        by=words.listing(people) if people else "",
        open=one.state in {State.OPEN, State.WAITING},
        proposed=one.state is State.PROPOSED,
        mine=one.by == visit.actor.id,
    )


def _said(visit: Visit, day: date) -> str:
    return visit.words.day(datetime.combine(day, time(12), UTC))
