"""The marketplace at a glance: what is open and how old, what lapsed, what went back, how long it takes."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from amends.application.cover import cover_report
from amends.application.ports import CaseFilter
from amends.application.ports.figures import AGES, Closing, DayCount, DayMoney, OpenCases
from amends.domain.cases.model import State
from amends.domain.money import decimals
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.cards import Pair
from amends.interfaces.web.operator.panels import Sketch, drawn
from amends.interfaces.web.operator.refunds import NEEDY
from amends.interfaces.web.operator.spans import DEFAULT, SPANS, choices, span_of
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_WEEKLY_FROM = 60
_REASONS_SHOWN = 8


@get("/overview")
async def overview(
    visit: NamedDependency[Visit], days: Annotated[str, QueryParameter(max_length=4)] = DEFAULT
) -> Response[str]:
    """What runs, what was late, what it cost."""
    visit.require(Role.OPERATOR)
    days = days if days in SPANS else DEFAULT
    since, until = span_of(visit, days)
    figures = visit.parts.figures
    open_cases = await figures.open_cases(visit.now)
    counts = await figures.counts(since, until)
    money = await figures.money(since, until)
    closings = await figures.closings(since, until, "reason")
    needy = await visit.parts.reader.cases(CaseFilter(states=NEEDY, live=True), "", 100)
    sketches = [
        _open_sketch(visit, open_cases),
        _days_sketch(visit, counts, since, until),
        *_money_sketches(visit, money, since, until),
        _time_sketch(visit, closings),
    ]
    return visit.page(
        "operator_overview.html",
        tiles=[*_tiles(visit, open_cases, counts, len(needy.cases)), await _fund(visit)],
        panels=await drawn(visit, sketches),
        spans=choices(visit),
        days=days,
    )


async def _fund(visit: Visit) -> tuple[Pair, str]:
    report = await cover_report(visit.parts.figures, visit.parts.sellers.book, visit.now, 1)
    share = report.months[0].share
    told = visit.words.percent(share) if share is not None else visit.words.money(0, report.currency)
    return Pair(visit.words.say(N_("Of the protection fund, this month")), told), "/cover"


def _tiles(
    visit: Visit, open_cases: Sequence[OpenCases], counts: Sequence[DayCount], needy: int
) -> list[tuple[Pair, str]]:
    say, number = visit.words.say, visit.words.number
    by = Counter[str]()
    for one in counts:
        by[one.what] += one.number
    mediating = {State.MEDIATING, State.MEDIATING_LATE, State.APPEALED, State.AWAITING_EVIDENCE}
    before = sum(one.cases for one in open_cases if one.state in mediating)
    return [
        (Pair(say(N_("Open cases")), number(sum(one.cases for one in open_cases))), "/cases"),
        (Pair(say(N_("Before a mediator")), number(before)), "/mediation"),
        (Pair(say(N_("Refunds that need a hand")), number(needy)), "/stuck-refunds"),
        (Pair(say(N_("Opened in this time")), number(by["opened"])), "/analytics"),
        (Pair(say(N_("Closed in this time")), number(by["closed"])), "/analytics"),
        (Pair(say(N_("Deadlines passed")), number(by["lapsed"])), "/journal"),
    ]


def _ages(visit: Visit) -> tuple[str, ...]:
    count = visit.words.count
    bounds = [age.days for age in AGES]
    under = [count("under %(number)s day", "under %(number)s days", days) for days in bounds]
    return (*under, count("%(number)s day and more", "%(number)s days and more", bounds[-1]))


def _open_sketch(visit: Visit, open_cases: Sequence[OpenCases]) -> Sketch:
    say, number = visit.words.say, visit.words.number
    ages = _ages(visit)
    states = Counter[str]()
    for one in open_cases:
        states[one.state] += one.cases
    named = {state: say(vocabulary.STATES[State(state)]) for state, _ in states.most_common()}
    values = {(named[one.state], ages[one.age]): float(one.cases) for one in open_cases}
    return Sketch(
        key="open",
        title=say(N_("Open cases by state and age")),
        note=say(N_("Age since the case was opened.")),
        kind="bars",
        place=say(N_("State")),
        places=tuple(named.values()),
        series=ages,
        values=values,
        told={key: number(int(value)) for key, value in values.items()},
    )


def _buckets(visit: Visit, since: datetime, until: datetime) -> dict[date, str]:
    """Each day of the span with the name of what it is counted under: itself, or its week in a long span."""
    whole = (until - since).days
    step = 7 if whole >= _WEEKLY_FROM else 1
    named = {}
    for n in range(whole):
        first = since + timedelta(days=n - n % step)
        named[(since + timedelta(days=n)).date()] = visit.words.day(first)
    return named


def _days_sketch(visit: Visit, counts: Sequence[DayCount], since: datetime, until: datetime) -> Sketch:
    say, number = visit.words.say, visit.words.number
    series = {
        "opened": say(N_("Opened")),
        "closed": say(N_("Closed")),
        "lapsed": say(N_("Deadline passed")),
    }
    buckets = _buckets(visit, since, until)
    values: Counter[tuple[str, str]] = Counter()
    for one in counts:
        values[buckets[one.day], series[one.what]] += one.number
    return Sketch(
        key="days",
        title=say(N_("Cases opened and closed, and deadlines that passed")),
        note=say(N_("Days are in UTC; in longer times each column is a week.")),
        kind="columns",
        place=say(N_("From")),
        places=tuple(dict.fromkeys(buckets.values())),
        series=tuple(series.values()),
        values={key: float(value) for key, value in values.items()},
        told={key: number(value) for key, value in values.items()},
    )


def _money_sketches(
    visit: Visit, money: Sequence[DayMoney], since: datetime, until: datetime
) -> list[Sketch]:
    """One chart a currency: amounts of different currencies are never added."""
    say = visit.words.say
    buckets = _buckets(visit, since, until)
    kinds = {
        "refund": say(N_("Refunds")),
        "goodwill": say(N_("Goodwill")),
        "chargeback": say(N_("Chargebacks")),
    }
    sketches = []
    for currency in dict.fromkeys(one.currency for one in sorted(money, key=lambda each: -each.amount)):
        sums: Counter[tuple[str, str]] = Counter()
        for one in money:
            if one.currency == currency:
                sums[buckets[one.day], kinds[one.what]] += one.amount
        series = tuple(kind for kind in kinds.values() if any(key[1] == kind for key in sums))
        sketches.append(
            Sketch(
                key=f"money-{currency.lower()}",
                title=say(N_("Money that went back, in %(currency)s"), currency=currency),
                note=say(N_("When it reached the buyer, or the buyer's bank took it.")),
                kind="columns",
                place=say(N_("From")),
                places=tuple(dict.fromkeys(buckets.values())),
                series=series,
                values={key: amount / 10 ** decimals(currency) for key, amount in sums.items()},
                told={key: visit.words.money(amount, currency) for key, amount in sums.items()},
                unit=currency,
            )
        )
    return sketches


def _time_sketch(visit: Visit, closings: Sequence[Closing]) -> Sketch:
    say = visit.words.say
    median, slow = say(N_("Half of them within")), say(N_("Nine of ten within, beyond that"))
    values: dict[tuple[str, str], float] = {}
    told: dict[tuple[str, str], str] = {}
    shown: dict[str, Closing] = {}
    for one in closings:
        # A reason in several currencies is shown by its largest group.
        shown.setdefault(say(vocabulary.REASONS.get(one.group, one.group)), one)
    for title, one in list(shown.items())[:_REASONS_SHOWN]:
        values |= {(title, median): one.hours / 24, (title, slow): (one.slowest - one.hours) / 24}
        told |= {
            (title, median): visit.words.length(timedelta(hours=one.hours)),
            (title, slow): visit.words.length(timedelta(hours=one.slowest)),
        }
    return Sketch(
        key="time",
        title=say(N_("Time to close by reason, in days")),
        note=say(N_("From opening to close, for the most frequent reasons.")),
        kind="bars",
        place=say(N_("Reason")),
        places=tuple(list(shown)[:_REASONS_SHOWN]),
        series=(median, slow),
        values=values,
        told=told,
    )
