"""What stands out about a buyer's cases: counted, explained, advisory.

A signal is a count over a period with the least it needs, never a score. It is for people to look at; no rule
of a case or an order reads it. What a mediator decided for the buyer, and what was withdrawn, counts for
nothing, and so does what a person removed after the buyer contested it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

import msgspec

from amends.domain.cases.model import Case, Goods, Kind, Outcome, State
from amends.domain.custody.model import Custody
from amends.domain.orders import Signal as Scan
from amends.domain.policy.terms import Terms
from amends.domain.reasons import REASONS
from amends.domain.tracking.analysis import delivered_to_postcode


class Sign(StrEnum):
    """What can stand out."""

    SERIAL_RETURNS = "serial_returns"
    HIGH_RATE = "high_rate"
    WORN_RETURNS = "worn_returns"
    DENIED_DELIVERY = "denied_delivery"
    LINKED_ACCOUNTS = "linked_accounts"


CLAUSE = "signals.default"
"""The clause of the default pack that sets what a signal needs; terms may name another."""
_NOTHING = frozenset({Outcome.WITHDRAWN, Outcome.DISCARDED})


class BuyerTrace(msgspec.Struct, frozen=True, kw_only=True):
    """One claim of a buyer as signals count it.

    ``delivered_at`` is when all its goods had been delivered by the carrier's word, ``proven`` whether that
    was at the buyer's postcode where both are known. ``sent_back``: the goods went back or are to. ``used``:
    an inspection did not accept a unit that came back. ``upheld``: a mediator gave the buyer something.
    """

    case_id: str
    reason: str
    category: str
    opened_at: datetime
    delivered_at: datetime | None = None
    proven: bool = False
    sent_back: bool = False
    used: bool = False
    upheld: bool = False


class Peers(msgspec.Struct, frozen=True):
    """All buyers of a period together: how many placed orders, how many orders, how many claims."""

    buyers: int = 0
    orders: int = 0
    claims: int = 0


class Neighbour(msgspec.Struct, frozen=True):
    """Another account whose orders went to the same address in the period, with its orders and claims."""

    buyer_id: str
    orders: int
    claims: int


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a buyer from ``since`` (included) to ``until`` (not)."""

    buyer_id: str
    since: datetime
    until: datetime
    orders: int
    traces: tuple[BuyerTrace, ...]
    peers: Peers = Peers()
    neighbours: tuple[Neighbour, ...] = ()


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that stands out, with its facts.

    ``count`` of ``of`` (0: of nothing else) in the period; ``least`` is the count it takes. ``share`` is in
    basis points, ``times`` how many times the peers' rate it is, in hundredths; both None where the signal
    is no rate. ``basis`` are the case ids it rests on; for linked accounts the other accounts.
    """

    sign: Sign
    since: datetime
    until: datetime
    count: int
    least: int
    of: int = 0
    share: int | None = None
    times: int | None = None
    basis: tuple[str, ...] = ()
    clause: str = CLAUSE


def trace_of(case: Case, custody: Custody) -> BuyerTrace | None:
    """A case as signals count it; None for one that says nothing about a buyer."""
    if case.kind is not Kind.CLAIM or case.state is State.DRAFTING or case.outcome in _NOTHING:
        return None
    order = custody.order
    lines = [line for unit in case.units if (line := order.line(unit.line_id)) is not None]
    arrivals = [order.delivered_at(line.line_id) for line in lines]
    known = [at for at in arrivals if at is not None]
    parcels = [parcel for line in lines for parcel in order.parcels_of(line.line_id)]
    settled = case.settlement
    last = case.rulings[-1] if case.rulings else None
    return BuyerTrace(
        case_id=case.case_id,
        reason=case.reason,
        category=lines[0].category if lines else "",
        opened_at=case.opened_at,
        delivered_at=max(known) if known and len(known) == len(arrivals) else None,
        proven=bool(parcels)
        and all(
            delivered_to_postcode(order, parcel, sure=True)
            and any(scan.signal is Scan.DELIVERED and scan.at < case.opened_at for scan in parcel.events)
            for parcel in parcels
        ),
        sent_back=case.shipment is not None
        or (settled is not None and settled.remedy.goods is Goods.RETURN and bool(case.inspections)),
        used=any(not one.accepted and one.reception.value == "received" for one in case.inspections),
        upheld=last is not None and bool(last.remedy.amount or last.remedy.exchange_variant),
    )


def period_of(terms: Terms) -> timedelta:
    """How far back signals look, by the parameter ``signals.period``."""
    period = terms.period("signals.period")
    return timedelta(hours=period.amount) if period.unit == "hours" else timedelta(days=period.amount)


def signals_of(
    history: History, terms: Terms, removed: Mapping[Sign, frozenset[str]] | None = None
) -> tuple[Signal, ...]:
    """What stands out, by the minimum counts of ``terms``.

    ``removed`` holds, for each sign, what a person decided not to count any more: case ids, or accounts.
    """
    gone = removed or {}

    def counted(sign: Sign) -> History:
        out = gone.get(sign, frozenset())
        return msgspec.structs.replace(
            history,
            traces=tuple(one for one in history.traces if not one.upheld and one.case_id not in out),
            neighbours=tuple(one for one in history.neighbours if one.buyer_id not in out),
        )

    found: list[Signal] = []
    for sign, look in _LOOKS.items():
        found.extend(look(counted(sign), terms))
    return tuple(found)


def _number(terms: Terms, name: str) -> int:
    return int(terms.get(name).value)


def _signal(
    sign: Sign, history: History, terms: Terms, least: int, basis: Sequence[str], **more: int
) -> Signal:
    return Signal(
        sign=sign,
        since=history.since,
        until=history.until,
        count=more.pop("count", len(basis)),
        least=least,
        basis=tuple(basis),
        clause=terms.get("signals.cases_from").clause,
        **more,
    )


def _serial_returns(h: History, terms: Terms) -> Iterator[Signal]:
    back = [one.case_id for one in h.traces if one.sent_back]
    least, enough = _number(terms, "signals.cases_from"), _number(terms, "signals.orders_from")
    if len(back) < least or h.orders < enough:
        return
    share = min(10_000, len(back) * 10_000 // h.orders)
    if share >= _number(terms, "signals.return_share"):
        yield _signal(Sign.SERIAL_RETURNS, h, terms, least, back, of=h.orders, share=share)


def _high_rate(h: History, terms: Terms) -> Iterator[Signal]:
    mine = [one.case_id for one in h.traces]
    least, enough = _number(terms, "signals.cases_from"), _number(terms, "signals.orders_from")
    others = h.peers.orders - h.orders
    theirs = max(0, h.peers.claims - len(h.traces))
    # Without peers to compare with, nothing is high.
    if len(mine) < least or h.orders < enough or others < enough * _number(terms, "signals.peers_from"):
        return
    rate = Fraction(max(theirs, 1), others)
    times = Fraction(len(mine), h.orders) / rate
    if times >= _number(terms, "signals.rate_times"):
        share = min(10_000, len(mine) * 10_000 // h.orders)
        yield _signal(Sign.HIGH_RATE, h, terms, least, mine, of=h.orders, share=share, times=int(times * 100))


def _worn_returns(h: History, terms: Terms) -> Iterator[Signal]:
    period = terms.period("signals.worn_after")
    kept = timedelta(hours=period.amount) if period.unit == "hours" else timedelta(days=period.amount)
    worn = [
        one.case_id
        for one in h.traces
        if one.reason.startswith("no_reason.")
        and one.sent_back
        and (one.used or (one.delivered_at is not None and one.opened_at - one.delivered_at >= kept))
    ]
    least = _number(terms, "signals.worn_from")
    if len(worn) >= least:
        back = sum(one.sent_back for one in h.traces)
        yield _signal(Sign.WORN_RETURNS, h, terms, least, worn, of=back)


def _denied_delivery(h: History, terms: Terms) -> Iterator[Signal]:
    denied = [
        one.case_id
        for one in h.traces
        if (reason := REASONS.get(one.reason)) is not None and reason.family == "not_received" and one.proven
    ]
    least = _number(terms, "signals.denied_from")
    if len(denied) >= least:
        yield _signal(Sign.DENIED_DELIVERY, h, terms, least, denied, of=len(h.traces))


def _linked_accounts(h: History, terms: Terms) -> Iterator[Signal]:
    claiming = [one for one in h.neighbours if one.claims]
    least = _number(terms, "signals.linked_from")
    together = len(h.traces) + sum(one.claims for one in claiming)
    # People live together: an address alone says nothing, many claims from several accounts of it do.
    if h.traces and len(claiming) + 1 >= least and together >= _number(terms, "signals.cases_from"):
        orders = h.orders + sum(one.orders for one in claiming)
        basis = [one.buyer_id for one in claiming]
        yield _signal(Sign.LINKED_ACCOUNTS, h, terms, least, basis, count=together, of=orders)


_LOOKS = {
    Sign.SERIAL_RETURNS: _serial_returns,
    Sign.HIGH_RATE: _high_rate,
    Sign.WORN_RETURNS: _worn_returns,
    Sign.DENIED_DELIVERY: _denied_delivery,
    Sign.LINKED_ACCOUNTS: _linked_accounts,
}


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's word against a signal, and what a person made of it.

    ``state`` is open, upheld (the signal stays) or removed (its ``basis`` counts no more). ``note`` says why.
    """

    contest_id: str
    buyer_id: str
    sign: Sign
    reason: str
    at: datetime
    basis: tuple[str, ...]
    state: str = "open"
    by: str = ""
    note: str = ""
    reviewed_at: datetime | None = None


def removed_of(contests: Sequence[Contest]) -> dict[Sign, frozenset[str]]:
    """What is not counted any more, by sign."""
    found: dict[Sign, frozenset[str]] = {}
    for one in contests:
        if one.state == "removed":
            found[one.sign] = found.get(one.sign, frozenset()) | frozenset(one.basis)
    return found
