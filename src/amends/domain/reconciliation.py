"""Reconciliation: what a provider says moved on a day, held against the ledger, reference by reference.

Amounts are minor units as they change our balance with the provider: what was captured comes in (above zero),
refunds, payouts, what a bank takes back and fees go out (below zero). Every difference has its explanation,
and together they are exactly what lies between the two sums (`sums`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec

from amends.domain.custody.model import Custody
from amends.domain.ledger import Account, Stage, Transfer

DEFAULT_PROVIDER = "sandbox"
# A provider has until the next day's report to show what we know of already; we have as long for its news.
TRANSIT = timedelta(days=2)
FEES = "fees"


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a provider's report. ``line_id`` is the provider's own and unique.

    ``kind`` is capture, refund, payout, chargeback, fee or other. ``reference`` is our key of the request,
    the provider's id of the payment, or of the dispute; ``payment`` the payment it belongs to, where that is
    said. ``amount`` is gross; ``fee`` is taken off it, below zero where one is given back. Source: Stripe's
    balance transactions.
    """

    provider: str
    line_id: str
    kind: str
    reference: str
    amount: int
    currency: str
    at: datetime
    fee: int = 0
    payment: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a transfer of ours that goes through a provider, and the event it is recorded in."""

    provider: str
    reference: str
    order_id: str
    case_id: str
    transfer_id: str
    stream: str
    seq: int
    purpose: str
    amount: int
    currency: str
    stage: Stage
    at: datetime


class Why(StrEnum):
    """Why the two differ."""

    TIMING = "timing"  # the same on both sides, on different days
    IN_TRANSIT = "in_transit"  # ours is done; the provider's report of tomorrow should have it
    PENDING_HERE = "pending_here"  # the provider's is done; we have not heard of it yet
    FEE = "fee"  # what the provider keeps for itself
    MISSING_HERE = "missing_here"  # nothing of ours has this reference
    MISSING_THERE = "missing_there"  # it should have been reported by now
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUPLICATE = "duplicate"  # the provider moved it more than once
    STOPPED = "stopped"  # the provider moved what we had stopped or given up
    RETURNED = "returned"  # it came back, as from an account that was closed


class State(StrEnum):
    """How a difference stands."""

    EXPLAINED = "explained"  # nothing is to be done
    WAITING = "waiting"  # explained until tomorrow
    OPEN = "open"  # somebody has to look
    PROPOSED = "proposed"  # to be written off, if a second person agrees
    RESOLVED = "resolved"


_BY_ITSELF = frozenset({Why.TIMING, Why.FEE})
_UNTIL_TOMORROW = frozenset({Why.IN_TRANSIT, Why.PENDING_HERE})


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs about one reference on one day: ``ours`` and ``theirs`` are what each says of that day.

    The transfer and the event (``stream``, ``seq``) it belongs to are empty where nothing of ours does.
    ``other_day`` is when the other side says it happened. ``how`` is settled or written_off once somebody
    proposed it; writing off needs ``agreed_by``, another person.
    """

    difference_id: str
    provider: str
    day: date
    reference: str
    why: Why
    state: State
    ours: int
    theirs: int
    currency: str
    order_id: str = ""
    case_id: str = ""
    transfer_id: str = ""
    stream: str = ""
    seq: int = 0
    lines: tuple[str, ...] = ()
    other_day: date | None = None
    how: str = ""
    reason: str = ""
    by: str = ""
    agreed_by: str = ""
    resolved_at: datetime | None = None

    @property
    def effect(self) -> int:
        """By how much the provider's sum of the day is above ours."""
        return self.theirs - self.ours


class Sums(msgspec.Struct, frozen=True):
    """One currency of one day, in minor units: the ledger's sum, and the report's after fees."""

    currency: str
    ours: int
    theirs: int


def span(day: date) -> tuple[datetime, datetime]:
    """A day of reports, half-open, in UTC."""
    since = datetime.combine(day, time(), UTC)
    return since, since + timedelta(days=1)


def entry_of(custody: Custody, at: datetime, stream: str, seq: int, transfer: Transfer) -> Entry | None:
    """A transfer as a provider would know it; None for what moves between our own accounts only."""
    order = custody.order
    found = _ours(custody, transfer)
    if found is None:
        return None
    provider, reference, sign = found
    return Entry(
        provider=provider,
        reference=reference,
        order_id=order.order_id,
        case_id=transfer.case_id or (stream if stream != order.order_id else ""),
        transfer_id=transfer.transfer_id,
        stream=stream,
        seq=seq,
        purpose=transfer.purpose,
        amount=sign * transfer.amount,
        currency=order.currency,
        stage=transfer.stage,
        at=at,
    )


def _ours(custody: Custody, transfer: Transfer) -> tuple[str, str, int] | None:
    """Provider, reference and sign."""
    order = custody.order
    tender = next((one for one in order.tenders if one.tender_id == transfer.tender_id), None)
    provider = tender.provider if tender else DEFAULT_PROVIDER
    match transfer.purpose:
        case "capture":
            return provider, (tender and tender.provider_ref) or f"{order.order_id}/{transfer.tender_id}", 1
        case "refund" if transfer.credit is Account.TENDER:
            return provider, transfer.transfer_id, -1
        case "payout":
            first = order.tenders[0].provider if order.tenders else DEFAULT_PROVIDER
            return first, f"{order.order_id}:{transfer.transfer_id}", -1
        case "chargeback":
            dispute_id = transfer.transfer_id.removeprefix(f"{order.order_id}-chargeback-")
            return provider, dispute_id, 1 if transfer.debit is Account.CHARGEBACK else -1
    return None


def reconcile(
    provider: str, day: date, movements: Sequence[Movement], entries: Sequence[Entry], now: datetime
) -> list[Difference]:
    """The differences of a day. ``movements`` and ``entries`` are all there are, of whatever day, of every
    reference that the day touches; what is not of the day only explains.
    """
    found: list[Difference] = []
    keys = {(one.reference, one.currency) for one in movements} | {
        (one.reference, one.currency) for one in entries
    }
    for reference, currency in sorted(keys):
        theirs = [one for one in movements if (one.reference, one.currency) == (reference, currency)]
        ours = [one for one in entries if (one.reference, one.currency) == (reference, currency)]
        elsewhere = any(key[0] == reference and key[1] != currency for key in keys)
        difference = _compared(provider, day, reference, currency, theirs, ours, now, elsewhere=elsewhere)
        if difference is not None:
            found.append(difference)
    return found + _fees(provider, day, movements)


def _compared(
    provider: str,
    day: date,
    reference: str,
    currency: str,
    theirs: Sequence[Movement],
    ours: Sequence[Entry],
    now: datetime,
    *,
    elsewhere: bool,
) -> Difference | None:
    since, until = span(day)
    posted = [one for one in ours if one.stage is Stage.POSTED]
    ours_day = sum(one.amount for one in posted if since <= one.at < until)
    theirs_day = sum(one.amount for one in theirs if since <= one.at < until)
    if ours_day == theirs_day:
        return None
    why = Why.CURRENCY if elsewhere else _why(day, theirs, ours, now)
    about = next(iter([*posted, *ours]), None)
    moments = [*(one.at for one in posted), *(one.at for one in theirs)]
    others = [at.date() for at in moments if not since <= at < until]
    return Difference(
        difference_id=_id(provider, day, reference, currency),
        provider=provider,
        day=day,
        reference=reference,
        why=why,
        state=_state(why, theirs, ours, day, now),
        ours=ours_day,
        theirs=theirs_day,
        currency=currency,
        order_id=about.order_id if about else "",
        case_id=about.case_id if about else "",
        transfer_id=about.transfer_id if about else "",
        stream=about.stream if about else "",
        seq=about.seq if about else 0,
        lines=tuple(one.line_id for one in theirs if since <= one.at < until),
        other_day=others[0] if others else None,
    )


def _why(  # noqa: PLR0911 - one arm an explanation
    day: date, theirs: Sequence[Movement], ours: Sequence[Entry], now: datetime
) -> Why:
    posted = [one for one in ours if one.stage is Stage.POSTED]
    ours_all, theirs_all = sum(one.amount for one in posted), sum(one.amount for one in theirs)
    if theirs and all(one.kind == "fee" for one in theirs) and not ours:
        return Why.FEE
    if (posted or theirs_all == 0) and ours_all == theirs_all:
        return Why.TIMING
    if not ours:
        return Why.MISSING_HERE
    if not theirs:
        return Why.IN_TRANSIT if now < span(day)[0] + TRANSIT else Why.MISSING_THERE
    if not posted:
        return Why.PENDING_HERE if _pending(ours) else Why.STOPPED
    if theirs_all == 0:
        return Why.RETURNED
    if len(theirs) > 1 and theirs_all in (ours_all * n for n in range(2, len(theirs) + 1)):
        return Why.DUPLICATE
    return Why.AMOUNT


def _pending(ours: Sequence[Entry]) -> bool:
    """Whether a transfer is still under way: pending more often than it was ended."""
    open_by: dict[str, int] = {}
    for one in ours:
        open_by[one.transfer_id] = open_by.get(one.transfer_id, 0) + (1 if one.stage is Stage.PENDING else -1)
    return any(count > 0 for count in open_by.values())


def _state(why: Why, theirs: Sequence[Movement], ours: Sequence[Entry], day: date, now: datetime) -> State:
    if why in _BY_ITSELF:
        return State.EXPLAINED
    if why not in _UNTIL_TOMORROW:
        return State.OPEN
    if why is Why.PENDING_HERE:
        # A bank takes weeks to decide a dispute; its money is gone from the first day.
        disputed = all(one.kind == "chargeback" for one in theirs) and bool(ours)
        late = now >= span(day)[0] + TRANSIT
        return State.OPEN if late and not disputed else State.WAITING
    return State.WAITING


def _fees(provider: str, day: date, movements: Sequence[Movement]) -> list[Difference]:
    since, until = span(day)
    by_currency: dict[str, list[Movement]] = {}
    for one in movements:
        if one.fee and since <= one.at < until:
            by_currency.setdefault(one.currency, []).append(one)
    return [
        Difference(
            difference_id=_id(provider, day, FEES, currency),
            provider=provider,
            day=day,
            reference=FEES,
            why=Why.FEE,
            state=State.EXPLAINED,
            ours=0,
            theirs=-sum(one.fee for one in paid),
            currency=currency,
            lines=tuple(one.line_id for one in paid),
        )
        for currency, paid in sorted(by_currency.items())
    ]


def sums(day: date, movements: Iterable[Movement], entries: Iterable[Entry]) -> tuple[Sums, ...]:
    """What each side says of the day, by currency; their difference is the sum of `Difference.effect`."""
    since, until = span(day)
    ours: dict[str, int] = {}
    theirs: dict[str, int] = {}
    for entry in entries:
        if entry.stage is Stage.POSTED and since <= entry.at < until:
            ours[entry.currency] = ours.get(entry.currency, 0) + entry.amount
    for one in movements:
        if since <= one.at < until:
            theirs[one.currency] = theirs.get(one.currency, 0) + one.amount - one.fee
    return tuple(
        Sums(currency, ours.get(currency, 0), theirs.get(currency, 0))
        for currency in sorted(ours.keys() | theirs.keys())
    )


def unexplained(found: Sums, differences: Sequence[Difference]) -> int:
    """What lies between the two sums beyond the differences, in minor units: always 0."""
    told = sum(one.effect for one in differences if one.currency == found.currency)
    return found.theirs - found.ours - told


def order_named(reference: str) -> str:
    """The order a key of ours leads to (``o1.1-r1`` and ``o1:...`` to ``o1``), or what a foreign one is."""
    return reference.partition(":")[0].partition(".")[0].partition("/")[0]


def _id(provider: str, day: date, reference: str, currency: str) -> str:
    return sha256(f"{provider}|{day.isoformat()}|{reference}|{currency}".encode()).hexdigest()[:24]
