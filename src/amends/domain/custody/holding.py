"""Payouts held back because goods of the same kind are said to be counterfeit (E9; A29, D484).

A hold is about an order beyond the claim's own, whose payout its own open case keeps back already. It is an
operator's to answer; after its time it is released by itself, so nobody's money waits for ever.
"""

from datetime import datetime

from msgspec.structs import replace

from amends.domain.cases.hearing import Hearing
from amends.domain.custody import commands as c
from amends.domain.custody import events as e
from amends.domain.custody.model import Custody, Hold, Stage
from amends.domain.parties import Role, Waiting
from amends.domain.policy.terms import Term, Terms
from amends.domain.refusals import Refused
from amends.domain.time import deadline

HOLD, KEEP = "counterfeit.hold", "counterfeit.keep"
LAPSED = "lapsed"
IN_FORCE = frozenset({"held", "kept"})
_TEXT_MAX = 2000


def in_force(custody: Custody, now: datetime) -> tuple[Hold, ...]:
    """The holds that keep the payout back at ``now``, the one that ends first first."""
    found = [one for one in custody.holds if one.state in IN_FORCE and now < one.until]
    return tuple(sorted(found, key=lambda one: (one.until, one.hold_id)))


def clock(custody: Custody, now: datetime) -> Waiting | None:
    """Whose turn it is while nothing else keeps the payout back: an operator's, until the first hold ends."""
    first = next(iter(in_force(custody, now)), None)
    if first is None:
        return None
    return Waiting(Role.OPERATOR, first.until, "release_hold", first.clause)


def place(h: Hearing, command: c.HoldPayout) -> Hold | Refused | None:
    """A new hold; None where it is there already. Refused once the money has left, or under other terms."""
    custody = h.custody
    if any(one.hold_id == command.hold_id for one in custody.holds):
        return None
    terms = _terms(h)
    if not terms.has(HOLD):
        return Refused(kind="not_possible_now", detail="The terms of this order know no such hold.")
    refusal = _reason_refused(command.reason)
    if refusal is not None:
        return refusal
    gone = custody.stage in {Stage.PAID_OUT, Stage.CANCELLED}
    leaving = custody.stage is Stage.RELEASED and custody.waiting is None
    if gone or leaving:
        return Refused(
            kind="not_possible_now",
            detail="Nothing of this order waits to be paid out.",
            facts={"stage": custody.stage.value},
        )
    term = terms.get(HOLD)
    return Hold(
        hold_id=command.hold_id,
        claim=command.claim,
        reason=command.reason,
        clause=term.clause,
        at=h.now,
        until=deadline(h.now, term.value, h.rules.calendars),
    )


def answered(h: Hearing, command: c.AnswerHold) -> Hold | Refused | None:
    """The hold kept for longer, or released; None where that is so already."""
    known = next((one for one in h.custody.holds if one.hold_id == command.hold_id), None)
    if known is None:
        return Refused(
            kind="not_found",
            detail=f"No payout of order {h.custody.order.order_id} is held as {command.hold_id!r}.",
            facts={"holds": [one.hold_id for one in h.custody.holds]},
            pointer="/hold_id",
        )
    state = "kept" if command.kept else "released"
    if known.state == state:
        return None
    if known.state == "released" or h.now >= known.until:
        return Refused(
            kind="not_possible_now",
            detail="This hold has ended; a new one can be placed while the payout has not left.",
            facts={"state": known.state, "until": known.until.isoformat()},
        )
    refusal = _reason_refused(command.reason)
    if refusal is not None:
        return refusal
    changed = replace(known, state=state, note=command.reason, answered_by=h.actor.id)
    if not command.kept:
        return changed
    term = _keeping(_terms(h))
    return replace(changed, clause=term.clause, until=deadline(h.now, term.value, h.rules.calendars))


def lapsed(custody: Custody, now: datetime) -> tuple[Hold, ...]:
    """The holds whose time is over and which nobody answered, as they are once the clock has ended them."""
    return tuple(
        replace(one, state="released", note=LAPSED)
        for one in custody.holds
        if one.state in IN_FORCE and now >= one.until
    )


def event_of(custody: Custody, hold: Hold) -> e.Event:
    """What is recorded of a hold; where the order stands does not change by it alone."""
    kind: type[e.PayoutHeld | e.PayoutHoldKept | e.PayoutHoldReleased]
    kind = {"held": e.PayoutHeld, "kept": e.PayoutHoldKept}.get(hold.state, e.PayoutHoldReleased)  # type: ignore[assignment]
    return kind(state=custody.stage, waiting=custody.waiting, hold=hold)


def _keeping(terms: Terms) -> Term:
    return terms.get(KEEP if terms.has(KEEP) else HOLD)


def _terms(h: Hearing) -> Terms:
    return h.rules.terms[h.custody.order.lines[0].terms_id]


def _reason_refused(reason: str) -> Refused | None:
    if reason.strip() and len(reason) <= _TEXT_MAX:
        return None
    return Refused(kind="invalid", detail=f"Say why, in 1 to {_TEXT_MAX} characters.", pointer="/reason")
