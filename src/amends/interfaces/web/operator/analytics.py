"""Closed cases by reason, seller, category, lane or outcome: how many, what they cost, how long they took."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from amends.application.ports.figures import GROUPINGS, Closing
from amends.domain.cases.model import Outcome
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary
from amends.interfaces.web.operator.panels import Sketch, drawn
from amends.interfaces.web.operator.spans import DEFAULT, SPANS, choices, span_of
from amends.interfaces.web.origin import HEADERS
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

_BY: dict[str, str] = {
    "reason": N_("Reason"),
    "seller": N_("Seller"),
    "category": N_("Category"),
    "lane": N_("Way (from and to)"),
    "outcome": N_("Outcome"),
}
_CHARTED = 12
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

By = Annotated[str, QueryParameter(max_length=20)]
Days = Annotated[str, QueryParameter(max_length=4)]


@get("/analytics")
async def analytics(visit: NamedDependency[Visit], by: By = "reason", days: Days = DEFAULT) -> Response[str]:
    """The table, with a chart of the largest groups."""
    visit.require(Role.OPERATOR)
    by, days = _chosen(by, days)
    found = await visit.parts.figures.closings(*span_of(visit, days), by)
    say = visit.words.say
    return visit.page(
        "operator_analytics.html",
        rows=[_told(visit, one, by) for one in found],
        panels=await drawn(visit, [_sketch(visit, found, by)]) if found else [],
        groupings=[(code, say(title)) for code, title in _BY.items()],
        by=by,
        what=say(_BY[by]),
        spans=choices(visit),
        days=days,
    )


@get("/analytics.csv")
async def analytics_csv(
    visit: NamedDependency[Visit], by: By = "reason", days: Days = DEFAULT
) -> Response[str]:
    """The same as CSV: amounts in minor units, times in hours, groups by their codes."""
    visit.require(Role.OPERATOR)
    by, days = _chosen(by, days)
    found = await visit.parts.figures.closings(*span_of(visit, days), by)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((by, *Closing._fields[1:]))
    for one in found:
        writer.writerow((_plain(one.group), *one[1:]))
    name = f"amends-{by}-{days}-days.csv"
    headers = {
        **HEADERS,
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(out.getvalue(), media_type="text/csv", headers=headers)


def _chosen(by: str, days: str) -> tuple[str, str]:
    return by if by in GROUPINGS else "reason", days if days in SPANS else DEFAULT


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _named(visit: Visit, group: str, by: str) -> str:
    say = visit.words.say
    match by:
        case "reason":
            return say(vocabulary.REASONS.get(group, group))
        case "seller":
            return visit.name_of(Role.SELLER, group)
        case "outcome":
            return say(vocabulary.OUTCOMES[Outcome(group)]) if group else "–"
        case "lane":
            seller, _, buyer = group.partition(">")
            return f"{seller or '–'} → {buyer or '–'}"
        case _:
            return group or "–"


def _told(visit: Visit, one: Closing, by: str) -> tuple[str, ...]:
    words = visit.words
    return (
        _named(visit, one.group, by),
        words.number(one.cases),
        words.percent(one.granted * 10_000 // one.cases),
        words.money(one.asked, one.currency),
        words.money(one.refunded, one.currency),
        words.money(one.borne, one.currency),
        words.length(timedelta(hours=one.hours)),
        words.length(timedelta(hours=one.slowest)),
    )


def _sketch(visit: Visit, found: Sequence[Closing], by: str) -> Sketch:
    say = visit.words.say
    paid, unpaid = say(N_("With a refund")), say(N_("Without a refund"))
    values: dict[tuple[str, str], float] = {}
    places: list[str] = []
    for one in found:
        name = _named(visit, one.group, by)
        if name not in places:
            if len(places) == _CHARTED:
                continue
            places.append(name)
        values[name, paid] = values.get((name, paid), 0) + one.granted
        values[name, unpaid] = values.get((name, unpaid), 0) + one.cases - one.granted
    return Sketch(
        key="groups",
        title=say(N_("Closed cases")),
        note=say(N_("The largest groups.")),
        kind="bars",
        place=say(_BY[by]),
        places=tuple(places),
        series=(paid, unpaid),
        values=values,
        told={key: visit.words.number(int(value)) for key, value in values.items()},
    )
