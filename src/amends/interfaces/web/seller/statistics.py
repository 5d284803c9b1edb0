"""A seller's statistics over a time of their choice: how fast, how often late, how it ended, and why."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from amends.domain.parties import Role
from amends.domain.policy.clauses import Facts
from amends.domain.records import CaseTrace, record_of
from amends.interfaces.web import vocabulary
from amends.interfaces.web.seller.record import record_lines
from amends.interfaces.web.seller_marks import badge_of
from amends.interfaces.web.visits import Visit
from amends.interfaces.web.words import N_

PERIODS: dict[str, str] = {
    "7": N_("7 days"),
    "30": N_("30 days"),
    "90": N_("90 days"),
    "365": N_("1 year"),
}


class ReasonBar(msgspec.Struct, frozen=True, kw_only=True):
    """Cases for one reason; ``part`` is its share of the most frequent one, in per cent."""

    reason: str
    cases: str
    returns: str
    part: int


@get("/statistics")
async def statistics(
    visit: NamedDependency[Visit], days: Annotated[str, QueryParameter(max_length=3)] = "90"
) -> Response[str]:
    """The seller's figures of the last ``days``."""
    visit.require(Role.SELLER)
    days = days if days in PERIODS else "90"
    sellers, since = visit.parts.sellers, visit.now - timedelta(days=int(days))
    traces = await sellers.reads.traces(visit.actor.id, since, visit.now)
    orders = await sellers.reads.orders_placed(visit.actor.id, since, visit.now)
    terms = await sellers.terms_for(Facts(placed_at=visit.now, currency="EUR"))
    found = record_of(visit.actor.id, traces, orders, visit.now, terms)
    public = await sellers.recent_record(visit.actor.id, visit.now)
    return visit.page(
        "seller_statistics.html",
        periods=[(code, visit.words.say(title)) for code, title in PERIODS.items()],
        days=days,
        since=since,
        lines=record_lines(visit, found),
        bars=_bars(visit, traces),
        badge=badge_of(visit, public),
        seller_id=visit.actor.id,
    )


def _bars(visit: Visit, traces: Sequence[CaseTrace]) -> list[ReasonBar]:
    cases = Counter(trace.reason for trace in traces)
    returns = Counter(trace.reason for trace in traces if trace.sent_back)
    most = max(cases.values(), default=1)
    return [
        ReasonBar(
            reason=visit.words.say(vocabulary.REASONS.get(code, code)),
            cases=visit.words.number(count),
            returns=visit.words.number(returns[code]),
            part=max(2, 100 * count // most),
        )
        for code, count in cases.most_common()
    ]
