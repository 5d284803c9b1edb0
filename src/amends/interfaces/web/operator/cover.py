"""The protection fund for operators: what it paid, for which guarantee, beside its budget."""

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from amends.application.cover import CoverReport, cover_report
from amends.domain.cover import KINDS, Month
from amends.domain.parties import Role
from amends.interfaces.web.csv_table import csv_file
from amends.interfaces.web.operator.panels import Sketch, drawn
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

KIND_TITLES: dict[str, str] = {
    "arrives": N_("It arrives, or you get your money back"),
    "described": N_("It is as described, or you choose what makes it right"),
    "on_time": N_("It comes on time"),
    "genuine": N_("It is genuine"),
    "postage": N_("Postage"),
    "goodwill": N_("Goodwill"),
    "other": N_("Other"),
}
_STATES: dict[str, tuple[str, str]] = {
    "fine": (N_("Within the budget"), "good"),
    "warned": (N_("Almost spent"), "turn"),
    "overdrawn": (N_("Over the budget"), "bad"),
}


class MonthRow(msgspec.Struct, frozen=True, kw_only=True):
    """A month in the table."""

    title: str
    spent: str
    budget: str
    share: str
    left: str
    payments: str
    state: str
    tone: str
    unpriced: str


@get("/cover")
async def cover(visit: NamedDependency[Visit]) -> Response[str]:
    """This month beside its budget, the months before, and what it was paid for."""
    visit.require(Role.OPERATOR)
    report = await _report(visit)
    clause = next(
        one
        for pack in await visit.parts.sellers.book.in_force(visit.now)
        for one in pack.clauses
        if one.id == report.clause
    )
    current = report.months[0]
    return visit.page(
        "cover.html",
        month=_row(visit, report, current),
        rows=[_row(visit, report, one) for one in report.months],
        part=min(current.share or 0, 10_000) // 100,
        kinds=[
            (visit.words.say(KIND_TITLES[kind]), visit.words.money(current.by_kind[kind], report.currency))
            for kind in KINDS
            if kind in current.by_kind
        ],
        clause=clause,
        panels=await drawn(visit, [_sketch(visit, report)]),
        over=current.state == "overdrawn",
    )


@get("/cover.csv")
async def cover_csv(visit: NamedDependency[Visit]) -> Response[bytes]:
    """Every day's payments; amounts in minor units."""
    visit.require(Role.OPERATOR)
    report = await _report(visit)
    head = ("day", "for", "purpose", "reason", "currency", "amount", "payments")
    rows = [
        (
            one.day.isoformat(),
            one.kind,
            one.purpose,
            one.reason,
            one.currency,
            str(one.amount),
            str(one.payments),
        )
        for one in report.paid
    ]
    return csv_file(head, rows, "amends-protection-fund.csv")


async def _report(visit: Visit) -> CoverReport:
    return await cover_report(visit.parts.figures, visit.parts.sellers.book, visit.now)


def _row(visit: Visit, report: CoverReport, month: Month) -> MonthRow:
    words, currency = visit.words, report.currency
    state, tone = _STATES[month.state]
    return MonthRow(
        title=_named(visit, month),
        spent=words.money(month.spent, currency),
        budget=words.money(month.budget, currency),
        share="–" if month.share is None else words.percent(month.share),
        left=words.money(month.left, currency),
        payments=words.number(month.payments),
        state=words.say(state),
        tone=tone,
        unpriced=words.listing([words.money(amount, code) for code, amount in month.unpriced.items()]),
    )


def _named(visit: Visit, month: Month) -> str:
    return visit.words.month(month.first)


def _sketch(visit: Visit, report: CoverReport) -> Sketch:
    say, currency = visit.words.say, report.currency
    months = list(reversed(report.months))
    series = tuple(say(KIND_TITLES[kind]) for kind in KINDS if any(kind in one.by_kind for one in months))
    named = {kind: say(KIND_TITLES[kind]) for kind in KINDS}
    sums = {
        (_named(visit, one), named[kind]): amount for one in months for kind, amount in one.by_kind.items()
    }
    return Sketch(
        key="cover",
        title=say(N_("What the fund paid for, by month, in %(currency)s"), currency=currency),
        note=say(N_("Other currencies at the rates of the policy. Months are in UTC.")),
        kind="columns",
        place=say(N_("Month")),
        places=tuple(_named(visit, one) for one in months),
        series=series,
        values={key: amount / 100 for key, amount in sums.items()},
        told={key: visit.words.money(amount, currency) for key, amount in sums.items()},
        unit=currency,
    )
