"""The report on the protection fund: what it paid month by month, beside the budget the policy gives it."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import msgspec

from amends.application.policies import PolicyBook
from amends.application.ports.figures import Figures
from amends.domain.cover import Month, Paid, month_of, months_up_to
from amends.domain.policy.clauses import Facts
from amends.domain.policy.terms import resolve

MONTHS = 6


class CoverReport(msgspec.Struct, frozen=True, kw_only=True):
    """Months newest first, in ``currency``. ``clause`` set the budget of now; ``paid`` is all told."""

    currency: str
    clause: str
    months: tuple[Month, ...]
    paid: tuple[Paid, ...]


async def cover_report(
    figures: Figures, book: PolicyBook, now: datetime, months: int = MONTHS
) -> CoverReport:
    """The last months, the running one too. The budget warns: it never keeps a guarantee from paying."""
    firsts = months_up_to(now, months)
    since = datetime.combine(firsts[-1], time(), UTC)
    paid: Sequence[Paid] = await figures.cover(since, now + timedelta(microseconds=1))
    packs = await book.packs()
    rates = next((pack.rates for pack in await book.in_force(now) if pack.rates is not None), None)
    currency = rates.base if rates else "EUR"
    found = []
    for first in firsts:
        terms = resolve(packs, Facts(placed_at=datetime.combine(first, time(), UTC), currency=currency))
        budget, warn = terms.get("cover.budget").value, terms.get("cover.warn_at").value
        found.append(month_of(first, paid, budget, warn, currency, rates))
    holding = resolve(packs, Facts(placed_at=now, currency=currency)).get("cover.budget")
    return CoverReport(currency=currency, clause=holding.clause, months=tuple(found), paid=tuple(paid))
