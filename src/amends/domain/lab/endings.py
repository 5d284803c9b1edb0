"""How cases ended, read from an order's events, and what is different between two ways of deciding them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from amends.domain.cases import events as e
from amends.domain.cases.lifecycle import LIFECYCLE
from amends.domain.cases.model import Kind, State
from amends.domain.chain import Recorded
from amends.domain.custody import events as oe
from amends.domain.ledger import Account, Stage, Transfer
from amends.domain.orders import Order
from amends.domain.policy.terms import Terms
from amends.domain.refunds import attributed
from amends.domain.time import Period

UNHEARD = "not_opened"
_DAY = timedelta(days=1)


class Step(msgspec.Struct, frozen=True):
    """One moment of a case: what happened, by whom, where it left the case, and the clause of its clock."""

    at: datetime
    what: str
    by: str
    state: str
    clause: str = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it ended. ``outcome`` is empty while it has not, `UNHEARD` where it was never opened.

    Amounts in minor units of ``currency``: ``buyer`` is what came back to the buyer less what the buyer paid
    for an exchange; ``seller`` and ``platform`` are what of it, and of the freight, each bears. ``days`` is
    the time from opening to close. ``clauses`` are those its clocks, settlement and rulings named.
    """

    case_id: str
    kind: Kind
    reason: str
    category: str
    line_id: str
    currency: str
    opened_at: datetime
    outcome: str = ""
    buyer: int = 0
    seller: int = 0
    platform: int = 0
    days: float = 0.0
    mediated: bool = False
    by_silence: bool = False
    clauses: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """A parameter that the two terms set differently: value and clause then, and under the draft."""

    parameter: str
    was: str
    was_clause: str
    now: str
    now_clause: str


def endings(order: Order, recorded: Iterable[Recorded], *, steps: bool = False) -> dict[str, Ending]:
    """Every case of an order's events by its id, in the order they were opened; ``steps`` keeps the way."""
    own: list[Recorded] = []
    streams: dict[str, list[Recorded]] = {}
    for one in recorded:
        if one.stream == one.order_id:
            own.append(one)
        else:
            streams.setdefault(one.stream, []).append(one)
    moved = _moved(own)
    fees = _fees(order, own)
    return {
        case_id: _ending(order, events, moved.get(case_id, ()), fees.get(case_id, 0), steps=steps)
        for case_id, events in streams.items()
    }


def _ending(
    order: Order, events: Sequence[Recorded], transfers: Sequence[Transfer], fee: int, *, steps: bool
) -> Ending:
    first = events[0]
    opened: Any = first.event
    line_id = opened.units[0].line_id if opened.units else order.lines[0].line_id
    line = order.line(line_id)
    last = events[-1].event
    closed = isinstance(last, e.CaseClosed)
    buyer, carrier, fund = _shares(transfers)
    platform = min(buyer + carrier, fund + fee) if buyer + carrier > 0 else fund
    clauses: dict[str, None] = {}
    states: dict[str, None] = {}
    for one in events:
        event: Any = one.event
        states[event.state] = None
        for clause in _named(event):
            clauses[clause] = None
    return Ending(
        case_id=first.stream,
        kind=opened.kind,
        reason=opened.reason,
        category=line.category if line else "",
        line_id=line_id,
        currency=opened.currency,
        opened_at=first.at,
        outcome=last.outcome.value if isinstance(last, e.CaseClosed) else "",
        buyer=buyer,
        seller=buyer + carrier - platform,
        platform=platform,
        days=round((events[-1].at - first.at) / _DAY, 3) if closed else 0.0,
        mediated=State.MEDIATING.value in states,
        by_silence=any(
            isinstance(one.event, e.CaseSettled) and one.event.settlement.by.value == "silence"
            for one in events
        ),
        clauses=tuple(clauses),
        states=tuple(states),
        steps=tuple(_step(one) for one in events) if steps else (),
    )


def _step(one: Recorded) -> Step:
    event: Any = one.event
    clause = event.settlement.clause if isinstance(event, e.CaseSettled) else ""
    if not clause and event.waiting is not None:
        clause = event.waiting.clause
    tag = str(event.__struct_config__.tag)
    return Step(one.at, tag, one.actor.role.value, event.state.value, clause)


def _named(event: Any) -> Iterable[str]:
    if event.waiting is not None:
        yield event.waiting.clause
    kind = type(event)
    if kind is e.CaseSettled:
        yield event.settlement.clause
    elif kind is e.CaseRuled:
        for finding in event.ruling.findings:
            yield finding.clause


def _moved(own: Iterable[Recorded]) -> dict[str, list[Transfer]]:
    """Each case's transfers as they last stood; what was voided has not moved."""
    last: dict[str, Transfer] = {}
    for one in own:
        event: Any = one.event
        for transfer in event.transfers:
            if transfer.case_id:
                last[transfer.transfer_id] = transfer
    found: dict[str, list[Transfer]] = {}
    for transfer in last.values():
        if transfer.stage is not Stage.VOIDED:
            found.setdefault(transfer.case_id, []).append(transfer)
    return found


def _shares(transfers: Iterable[Transfer]) -> tuple[int, int, int]:
    """What reached the buyer (less what the buyer paid in), what the carrier, and what the fund paid."""
    buyer = carrier = fund = 0
    for one in transfers:
        if one.purpose == "refund" or (one.purpose == "freight" and one.credit is Account.BALANCE):
            buyer += one.amount
        elif one.purpose == "capture":
            buyer -= one.amount
        elif one.purpose == "freight":
            carrier += one.amount
        if one.debit is Account.COVER:
            fund += one.amount
    return buyer, carrier, fund


def _fees(order: Order, own: Iterable[Recorded]) -> dict[str, int]:
    """The marketplace's own fee that each case's refund gives back."""
    components = {
        f"{line.line_id}#{n}": unit for line in order.lines for n, unit in enumerate(line.units) if unit.fee
    }
    found: dict[str, int] = {}
    if not components:
        return found
    refunded: dict[str, int] = {}
    for one in own:
        if not isinstance(one.event, oe.MoneyMoved):
            continue
        for key, amount in one.event.units.items():
            unit = components.get(key)
            if unit is None:
                continue
            before = refunded.get(key, 0)
            after = refunded[key] = min(before + amount, unit.paid)
            fee = attributed(unit, after).fee - attributed(unit, before).fee
            found[one.event.case_id] = found.get(one.event.case_id, 0) + fee
    return found


def differences(
    was: Terms, now: Terms, reason: str, touched: Iterable[str], states: Iterable[str]
) -> tuple[Difference, ...]:
    """What the two terms set differently for a reason, as far as it bears on the case.

    ``touched`` are clauses either way named, ``states`` those it passed, whose clocks count as well. Where
    none of them differs, everything that differs is told: it is what opened or closed a remedy.
    """
    named = set(touched)
    clocks = {_CLOCKS[state] for state in states if state in _CLOCKS}
    found = _apart(was, now, reason)
    bearing = tuple(
        one for one in found if one.parameter in clocks or one.was_clause in named or one.now_clause in named
    )
    return bearing or found


_CLOCKS = {state.value: standing.clock for state, standing in LIFECYCLE.items()}
_KNOWN: dict[tuple[str, str, str], tuple[Difference, ...]] = {}
_KNOWN_MAX = 10_000


def _apart(was: Terms, now: Terms, reason: str) -> tuple[Difference, ...]:
    """Everything two terms set differently for a reason: the same for every case under them."""
    key = (was.terms_id, now.terms_id, reason)
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= _KNOWN_MAX:
            _KNOWN.clear()
        names = dict.fromkeys((*was.values, *now.values))
        known = _KNOWN[key] = tuple(
            one for name in names if (one := _difference(was, now, name, reason)) is not None
        )
    return known


def _difference(was: Terms, now: Terms, name: str, reason: str) -> Difference | None:
    before = was.get(name, reason) if was.has(name, reason) else None
    after = now.get(name, reason) if now.has(name, reason) else None
    if before is not None and after is not None and _same(before, after):
        return None
    return Difference(
        name,
        _told(before.value) if before else "",
        before.clause if before else "",
        _told(after.value) if after else "",
        after.clause if after else "",
    )


def _same(before: Any, after: Any) -> bool:
    return bool(before.value == after.value and before.default == after.default)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def matched(
    was: Mapping[str, Ending], now: Mapping[str, Ending], led: Mapping[str, str]
) -> list[tuple[Ending | None, Ending | None]]:
    """Pairs of a case then and under the draft; None where there is none.

    ``led`` leads from one to the other. Cases that the clock or the rules opened are paired by kind and
    reason, in their order.
    """
    pairs: list[tuple[Ending | None, Ending | None]] = []
    left = {case_id: one for case_id, one in now.items() if case_id not in set(led.values())}
    for case_id, before in was.items():
        if case_id in led:
            pairs.append((before, now.get(led[case_id])))
            continue
        like = next(
            (k for k, one in left.items() if one.kind is before.kind and one.reason == before.reason), None
        )
        pairs.append((before, left.pop(like) if like else None))
    pairs += [(None, one) for one in left.values()]
    return pairs
