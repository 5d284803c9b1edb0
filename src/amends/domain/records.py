"""A seller's after-sales record: what it counts, over which time, and what it comes to.

It is computed from the cases themselves and never edited. Shares are told from a number of cases on only:
one unlucky case of three says nothing about a seller.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

import msgspec

from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import Remedy
from amends.domain.parties import Role
from amends.domain.policy.terms import Terms

#: The reason of a claim that says the goods are not genuine.
COUNTERFEIT = "fake.counterfeit"

#: The states that can wait on a seller: a deadline that passes in one of them was the seller's.
SELLERS_TURN = tuple(state.value for state, standing in LIFECYCLE.items() if Role.SELLER in standing.on)


class Standing(StrEnum):
    """What a record comes to. Policy may ask for it (``seller_standing``); nothing else does."""

    NEW = "new"  # too few cases to say anything
    GOOD = "good"
    STRAINED = "strained"


class CaseTrace(msgspec.Struct, frozen=True, kw_only=True):
    """One case as a record counts it.

    ``asked_at`` is when the seller was first asked to answer, ``answered_at`` when the seller first did
    anything. ``lapsed``: at least one deadline of the seller passed. ``ruled`` is ``buyer`` where the last
    ruling gave the buyer anything, ``seller`` where it gave nothing, else empty.
    """

    case_id: str
    kind: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    lapsed: bool = False
    escalated: bool = False
    ruled: str = ""
    sent_back: bool = False
    rejected: bool = False


class SellerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A seller's record from ``since`` (included) to ``until`` (not): cases opened, orders placed in it.

    ``answered`` of the ``asked`` cases had an answer; ``median_answer_s`` is how long half of them took at
    most, in seconds. ``upheld`` of the ``ruled`` ones went to the buyer; ``counterfeits`` of them found that
    the goods were not genuine. ``reasons`` counts by branch.
    ``rates_from`` is the number of cases from which shares are told.
    """

    seller_id: str
    since: datetime
    until: datetime
    rates_from: int
    orders: int = 0
    cases: int = 0
    asked: int = 0
    answered: int = 0
    median_answer_s: int | None = None
    lapsed: int = 0
    escalated: int = 0
    ruled: int = 0
    upheld: int = 0
    sent_back: int = 0
    rejected: int = 0
    counterfeits: int = 0
    reasons: dict[str, int] = {}
    standing: Standing = Standing.NEW

    @property
    def lapse_share(self) -> int | None:
        """Basis points of the cases in which a deadline of the seller passed; None for too few."""
        return self._share(self.lapsed, self.asked)

    @property
    def upheld_share(self) -> int | None:
        """Basis points of all cases that a mediator decided for the buyer; None for too few."""
        return self._share(self.upheld, self.cases)

    @property
    def case_share(self) -> int | None:
        """Basis points of the orders that led to a case; None for too few orders."""
        return self._share(self.cases, self.orders)

    @property
    def median_shown_s(self) -> int | None:
        """The median answer in seconds; None for too few answers."""
        return self.median_answer_s if self.answered >= self.rates_from else None

    def _share(self, part: int, whole: int) -> int | None:
        return None if whole < self.rates_from or not whole else part * 10_000 // whole


_MARKS = "guarantee.counterfeit_marks_seller"


def given_to(remedy: Remedy) -> str:
    """Who won a ruling: the buyer, where it gives the buyer anything."""
    return "buyer" if remedy.amount or remedy.exchange_variant else "seller"


def record_of(
    seller_id: str, traces: Sequence[CaseTrace], orders: int, now: datetime, terms: Terms
) -> SellerRecord:
    """The record at ``now``; ``traces`` and ``orders`` are those of its period (`period_of`)."""
    answers = [
        (trace.answered_at - trace.asked_at).total_seconds()
        for trace in traces
        if trace.asked_at is not None
        and trace.answered_at is not None
        and trace.answered_at >= trace.asked_at
    ]
    record = SellerRecord(
        seller_id=seller_id,
        since=now - period_of(terms),
        until=now,
        rates_from=int(terms.get("record.rates_from").value),
        orders=orders,
        cases=len(traces),
        asked=sum(trace.asked_at is not None for trace in traces),
        answered=len(answers),
        median_answer_s=int(median(answers)) if answers else None,
        lapsed=sum(trace.lapsed for trace in traces),
        escalated=sum(trace.escalated for trace in traces),
        ruled=sum(bool(trace.ruled) for trace in traces),
        upheld=sum(trace.ruled == "buyer" for trace in traces),
        sent_back=sum(trace.sent_back for trace in traces),
        rejected=sum(trace.rejected for trace in traces),
        counterfeits=sum(trace.reason == COUNTERFEIT and trace.ruled == "buyer" for trace in traces),
        reasons=dict(Counter(trace.reason.partition(".")[0] for trace in traces).most_common()),
    )
    return msgspec.structs.replace(record, standing=_standing(record, terms))


def period_of(terms: Terms) -> timedelta:
    """How far back a record looks, by the parameter ``record.period``."""
    period = terms.period("record.period")
    return timedelta(hours=period.amount) if period.unit == "hours" else timedelta(days=period.amount)


def _standing(record: SellerRecord, terms: Terms) -> Standing:
    if record.counterfeits and terms.has(_MARKS) and terms.get(_MARKS).value:
        # One finding says enough (A29): no share has to be awaited.
        return Standing.STRAINED
    if record.cases < record.rates_from:
        return Standing.NEW
    limits = (
        (record.upheld_share, "record.strained_upheld"),
        (record.lapse_share, "record.strained_lapsed"),
    )
    strained = any(share is not None and share > int(terms.get(name).value) for share, name in limits)
    return Standing.STRAINED if strained else Standing.GOOD
