"""Opening: the buyer asks, the terms say whether that may be asked."""

from datetime import datetime
from functools import partial

from msgspec.structs import replace

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.dues import FREIGHT, freight_left
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import (
    Case,
    EvidenceItem,
    Goods,
    Kind,
    Offer,
    Remedy,
    Settled,
    State,
)
from amends.domain.cases.paying import Events
from amends.domain.cases.settling import settle
from amends.domain.orders import Unit
from amends.domain.parties import Role, Waiting
from amends.domain.policy.options import Option, options, taken_units
from amends.domain.policy.windows import ship_window
from amends.domain.reasons import REASONS
from amends.domain.refunds import max_refund
from amends.domain.refusals import Refused
from amends.domain.time import deadline

WITHDRAWAL = "no_reason.withdrawal"


def claim(h: Hearing, case_id: str, command: c.OpenClaim) -> Events | Refused:
    """Open a claim, as a draft or at once before the seller."""
    checked = _wanted(h, "", command.reason, command.units, command.wanted)
    if isinstance(checked, Refused) and not (command.draft and checked.kind in _DRAFTABLE):
        return checked
    wanted = command.wanted if isinstance(checked, Refused) else checked
    blank = blank_case(h, case_id, Kind.CLAIM, command.reason, command.units, wanted)
    opened = e.CaseOpened(
        state=State.DRAFTING,
        waiting=h.wait(blank, State.DRAFTING),
        order_id=h.custody.order.order_id,
        kind=Kind.CLAIM,
        buyer_id=blank.buyer_id,
        seller_id=blank.seller_id,
        currency=blank.currency,
        reason=command.reason,
        units=command.units,
        wanted=wanted,
        story=command.story,
        evidence=signed(h, command.evidence),
    )
    if command.draft:
        return [opened]
    refusal = _nothing_asked(wanted)
    if refusal is not None:
        return refusal
    offer, waiting, ends = _submitted(h, blank, wanted)
    return [
        replace(opened, state=State.AWAITING_SELLER, waiting=waiting, offer=offer, negotiation_ends_at=ends)
    ]


# A draft may be saved while the window or a remedy is closed: submitting it will say so again.
_DRAFTABLE = frozenset({"remedy_closed", "window_closed", "not_open_yet", "not_captured"})


def granted_by_law(h: Hearing, case: Case) -> Events:
    """A withdrawal the law gives needs nobody's answer: it is settled as it is sent, the goods go back."""
    if case.reason != WITHDRAWAL or case.state is not State.AWAITING_SELLER:
        return []
    return settle(h, case, case.wanted, Settled.POLICY, h.term(case, "withdrawal.offered").clause)


def edit_draft(h: Hearing, case: Case, command: c.EditDraft) -> Events | Refused:
    checked = _wanted(h, case.case_id, command.reason, command.units, command.wanted)
    if isinstance(checked, Refused) and checked.kind not in _DRAFTABLE:
        return checked
    return [
        e.DraftEdited(
            state=State.DRAFTING,
            waiting=case.waiting,
            reason=command.reason,
            units=command.units,
            wanted=command.wanted if isinstance(checked, Refused) else checked,
            story=command.story,
            evidence=signed(h, command.evidence),
        )
    ]


def submit_draft(h: Hearing, case: Case) -> Events | Refused:
    checked = _wanted(h, case.case_id, case.reason, case.units, case.wanted)
    if isinstance(checked, Refused):
        return checked
    refusal = _nothing_asked(checked)
    if refusal is not None:
        return refusal
    offer, waiting, ends = _submitted(h, case, checked)
    return [
        e.DraftSubmitted(state=State.AWAITING_SELLER, waiting=waiting, offer=offer, negotiation_ends_at=ends)
    ]


def _nothing_asked(wanted: Remedy) -> Refused | None:
    if wanted.amount:
        return None
    return Refused(
        kind="invalid", detail="Ask for an amount above zero, or for an exchange.", pointer="/wanted/amount"
    )


def cancellation(h: Hearing, case_id: str, command: c.OpenCancellation) -> Events | Refused:
    """Cancel what has not been shipped: at once in the free period, by request after it."""
    reason = REASONS.get(command.reason)
    if reason is None or reason.kind is not Kind.CANCELLATION or reason.who_asks is not Role.BUYER:
        return _unknown_reason(command.reason, "cancellation by the buyer")
    unshipped = unshipped_units(h)
    units = command.units or unshipped
    refusal = units_refused(h, units) or taken_refused(h, units)
    if refusal is not None and units:
        return refusal
    if not units or not set(units) <= set(unshipped):
        return Refused(
            kind="window_closed",
            detail="These units have been shipped or cancelled: an order can be cancelled only before it is "
            "shipped. Once it has arrived, a return can be asked for.",
            facts={"unshipped": [u.key for u in unshipped]},
            clause=h.terms_for(units).get("cancel.free_period").clause,
            pointer="/units",
        )
    return _cancel(h, case_id, command.reason, units, command.story)


def cancelled_by_seller_or_clock(h: Hearing, case_id: str, reason: str, note: str = "") -> Events:
    """The seller will not ship, or has not in time: everything unshipped is refunded in full."""
    units = unshipped_units(h)
    wanted = Remedy(amount=max_refund(h.custody, units))
    blank = replace(blank_case(h, case_id, Kind.CANCELLATION, reason, units, wanted), story=note)
    clause = h.term(blank, "ship.handling").clause
    return _opened_and_settled(h, blank, wanted, clause)


def owed_for_cancelled(h: Hearing, case: Case) -> int:
    """What of a closed cancellation has not been paid back, in minor units: it was captured only since."""
    if case.kind is not Kind.CANCELLATION or case.live or case.settlement is None:
        return 0
    if any(x.live and set(x.units) & set(case.units) for x in h.cases.values()):
        return 0
    asked = case.settlement.by is not Settled.POLICY
    charged = asked and bool(h.term(case, "cancel.shipping_charge").value)
    return max_refund(h.custody, case.units, include_shipping=not charged)


def captured_since(h: Hearing, case_id: str, case: Case) -> Events:
    """Money captured for units already cancelled goes back: a case that is settled as it opens."""
    wanted = Remedy(amount=owed_for_cancelled(h, case))
    blank = blank_case(h, case_id, Kind.CANCELLATION, case.reason, case.units, wanted)
    settled = case.settlement
    by, clause = (settled.by, settled.clause) if settled else (Settled.POLICY, "")
    return _opened_and_settled(h, blank, wanted, clause, by)


def _cancel(h: Hearing, case_id: str, reason: str, units: tuple[Unit, ...], story: str) -> Events | Refused:
    placed = h.custody.order.placed_at
    full = Remedy(amount=max_refund(h.custody, units))
    blank = replace(blank_case(h, case_id, Kind.CANCELLATION, reason, units, full), story=story)
    ship = ship_window(h.custody.order, h.terms_for(units), h.rules.calendars)
    if ship.closes_at is not None and h.now >= ship.closes_at:
        # The seller is late: nobody has to be asked any more.
        return _opened_and_settled(h, blank, full, ship.clause)
    if reason == "cancel.not_shipped_in_time":
        return Refused(
            kind="not_open_yet",
            detail=f"The seller may ship until {ship.closes_at.isoformat() if ship.closes_at else 'later'}.",
            facts={"opens_at": ship.closes_at.isoformat() if ship.closes_at else None},
            clause=ship.clause,
            pointer="/reason",
        )
    free = h.term(blank, "cancel.free_period")
    if h.now < deadline(placed, free.value, h.rules.calendars):
        return _opened_and_settled(h, blank, full, free.clause)
    request = h.term(blank, "cancel.request_period")
    ends = deadline(placed, request.value, h.rules.calendars)
    if h.now >= ends:
        return Refused(
            kind="window_closed",
            detail=f"A cancellation could be asked for until {ends.isoformat()}.",
            facts={"closed_at": ends.isoformat()},
            clause=request.clause,
        )
    with_shipping = not h.term(blank, "cancel.shipping_charge").value
    wanted = Remedy(amount=max_refund(h.custody, units, with_shipping))
    offer = Offer(offer_id=1, by=Role.BUYER, remedy=wanted, at=h.now, note=story)
    waiting = h.wait(blank, State.CANCEL_REQUESTED)
    return [_opened(replace(blank, wanted=wanted), State.CANCEL_REQUESTED, waiting, offer)]


def _opened_and_settled(
    h: Hearing, blank: Case, remedy: Remedy, clause: str, by: Settled = Settled.POLICY
) -> Events:
    following = settle(h, blank, remedy, by, clause)
    return [_opened(blank, following[0].state, following[0].waiting, None), *following]


def _opened(case: Case, state: State, waiting: Waiting | None, offer: Offer | None) -> e.CaseOpened:
    return e.CaseOpened(
        state=state,
        waiting=waiting,
        order_id=case.order_id,
        kind=case.kind,
        buyer_id=case.buyer_id,
        seller_id=case.seller_id,
        currency=case.currency,
        reason=case.reason,
        units=case.units,
        wanted=case.wanted,
        story=case.story,
        offer=offer,
    )


def _submitted(h: Hearing, case: Case, wanted: Remedy) -> tuple[Offer, Waiting, datetime]:
    ends = h.period_ends(case, "negotiation.limit", h.now)
    offer = Offer(offer_id=1, by=Role.BUYER, remedy=wanted, at=h.now, note=case.story)
    first = h.wait(case, State.AWAITING_SELLER)
    return offer, capped(h, case, first, ends), ends


def capped(h: Hearing, case: Case, waiting: Waiting, ends: datetime | None) -> Waiting:
    """No turn outlasts the negotiation: at its end the case escalates by itself (A55, B94)."""
    if ends is None or waiting.until < ends:
        return waiting
    return Waiting(waiting.on, ends, "escalate", h.term(case, "negotiation.limit").clause)


def blank_case(
    h: Hearing, case_id: str, kind: Kind, reason: str, units: tuple[Unit, ...], wanted: Remedy
) -> Case:
    """A case as it is before its first event: only for reading terms and clocks."""
    order = h.custody.order
    return Case(
        case_id=case_id,
        order_id=order.order_id,
        kind=kind,
        state=State.DRAFTING if kind is Kind.CLAIM else State.CANCEL_REQUESTED,
        seq=0,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        currency=order.currency,
        reason=reason,
        units=units,
        wanted=wanted,
        opened_at=h.now,
    )


def _wanted(h: Hearing, case_id: str, code: str, units: tuple[Unit, ...], wanted: Remedy) -> Remedy | Refused:
    """The remedy as the terms allow it, or why they do not; the terms say who pays the way back."""
    reason = REASONS.get(code)
    if reason is None or reason.kind is not Kind.CLAIM:
        return _unknown_reason(code, "claim")
    refusal = units_refused(h, units)
    if reason.family != "return":
        # Disputes about a return come after the case that had the units; the options judge them.
        refusal = refusal or taken_refused(h, units, case_id)
    if refusal is not None:
        return refusal
    if wanted.amount < 0:
        refusal = Refused(kind="invalid", detail="The amount must be 0 or more.", pointer="/wanted/amount")
    elif wanted.difference < 0 or (wanted.difference and not wanted.exchange_variant):
        refusal = _less_asked(wanted, "/wanted/difference")
    found = refusal or _offered(h, case_id, code, units, wanted)
    if isinstance(found, Refused):
        return found
    refusal = _not_captured(h) or _too_high(h, code, units, wanted, found, "/wanted/amount")
    if refusal is not None:
        return refusal
    amount = wanted.amount
    if wanted.exchange_variant and not amount:
        # What is paid back if the exchange fails.
        amount = min(sum(option.amount for option in found), max_refund(h.custody, units))
    return replace(wanted, amount=amount, freight_payer=found[0].freight_payer)


def _not_captured(h: Hearing) -> Refused | None:
    if sum(h.custody.books.captured.values()):
        return None
    return Refused(
        kind="not_captured",
        detail="Nothing has been captured for this order, so there is nothing to pay back yet.",
        facts={"captured": 0},
        pointer="/wanted/amount",
    )


def _less_asked(remedy: Remedy, pointer: str) -> Refused:
    """Silence of the seller would grant it, and only the marketplace knows what the replacement costs."""
    return Refused(
        kind="invalid",
        detail="What a replacement costs less is the seller's to offer; ask for the exchange without it.",
        facts={"difference": remedy.difference},
        pointer=pointer,
    )


def _ceiling(h: Hearing, code: str, units: tuple[Unit, ...]) -> int:
    """The most any case for this reason can come to: freight is no part of what was paid for the units."""
    return freight_left(h.cases.values(), units) if code == FREIGHT else max_refund(h.custody, units)


def _too_high(
    h: Hearing, code: str, units: tuple[Unit, ...], wanted: Remedy, found: list[Option], pointer: str
) -> Refused | None:
    most = min(sum(option.amount for option in found), _ceiling(h, code, units))
    if wanted.amount <= most:
        return None
    return Refused(
        kind="amount_too_high",
        detail=f"At most {most} minor units of {h.custody.order.currency} can be asked for here; "
        f"{wanted.amount} were.",
        facts={"asked": wanted.amount, "most": most},
        clause=found[0].clause,
        pointer=pointer,
    )


def beyond_terms(h: Hearing, case: Case, remedy: Remedy) -> Refused | None:
    """Why the buyer cannot ask for ``remedy`` in a negotiation either: silence of the seller would grant it.

    It is judged as when the claim was made, so that no window closes on somebody who asked in time.
    """
    if remedy.difference < 0:
        return _less_asked(remedy, "/remedy/difference")
    if case.contested or case.reopened:
        return None
    found = _offered(replace(h, now=case.offers[0].at), case.case_id, case.reason, case.units, remedy)
    if isinstance(found, Refused):
        return replace(found, pointer="/remedy") if found.kind == "remedy_closed" else None
    return _too_high(h, case.reason, case.units, remedy, found, "/remedy/amount")


def _offered(
    h: Hearing, case_id: str, code: str, units: tuple[Unit, ...], wanted: Remedy
) -> list[Option] | Refused:
    """The option that allows ``wanted``, for each line of the units; or why one of them does not."""
    others = [x for x in h.cases.values() if x.case_id != case_id and x.state is not State.DRAFTING]
    names = ("partial",) if code == FREIGHT else _names(wanted, max_refund(h.custody, units))
    found = []
    for line_id in dict.fromkeys(unit.line_id for unit in units):
        of_line = tuple(unit for unit in units if unit.line_id == line_id)
        looked_at = partial(
            options,
            h.custody,
            others,
            of_line,
            code,
            terms=h.terms_for(of_line),
            now=h.now,
            calendars=h.rules.calendars,
            beside=tuple(unit for unit in units if unit.line_id != line_id),
        )
        wished = looked_at(remedies=names)
        option = next((one for one in wished if one.open), None)
        if option is None:
            return _closed(wished[0], looked_at())
        if option.remedy == "exchange" and option.goods is Goods.RETURN and wanted.goods is Goods.KEEP:
            # Silence would give the buyer the goods twice.
            return _closed(replace(option, why_closed="return_required"), looked_at())
        found.append(option)
    return found


def _names(wanted: Remedy, most: int) -> tuple[str, ...]:
    """Which of the buyer's options a remedy may be: a full refund may be less than everything paid."""
    if wanted.exchange_variant:
        return ("exchange",)
    if wanted.goods is Goods.RETURN:
        return ("return",)
    return ("refund",) if wanted.amount >= most else ("partial", "refund")


def _closed(option: Option, listed: tuple[Option, ...]) -> Refused:
    kind = option.why_closed if option.why_closed in _KINDS else "remedy_closed"
    facts = {**option.facts, "remedy": option.remedy, "why": option.why_closed}
    facts["open"] = [o.remedy for o in listed if o.open]
    detail = f"The remedy {option.remedy!r} is closed here: {option.why_closed.replace('_', ' ')}."
    return Refused(kind=kind, detail=detail, facts=facts, clause=option.clause, pointer="/wanted")


_KINDS = frozenset({"window_closed", "not_open_yet", "unit_taken"})


def _unknown_reason(code: str, kind: str) -> Refused:
    return Refused(
        kind="unknown_reason",
        detail=f"{code!r} is not a reason for a {kind}; GET /v1/reasons lists them.",
        facts={"reason": code},
        pointer="/reason",
    )


def units_refused(h: Hearing, units: tuple[Unit, ...]) -> Refused | None:
    """Why these units cannot be asked about: none, unknown, more than was bought, or named twice."""
    order = h.custody.order
    for n, unit in enumerate(units):
        line = order.line(unit.line_id)
        if line is None:
            return Refused(
                kind="unknown_line",
                detail=f"Order {order.order_id} has no line {unit.line_id!r}.",
                facts={"lines": [known.line_id for known in order.lines]},
                pointer=f"/units/{n}/line_id",
            )
        if not 0 <= unit.index < line.quantity:
            return Refused(
                kind="quantity_too_high",
                detail=f"Line {line.line_id} has {line.quantity} units, numbered from 0; "
                f"there is no unit {unit.index}.",
                facts={"bought": line.quantity},
                pointer=f"/units/{n}/index",
            )
    if len(set(units)) != len(units):
        return Refused(kind="invalid", detail="A unit is named twice.", pointer="/units")
    if not units:
        return Refused(kind="invalid", detail="Name at least one unit.", pointer="/units")
    return None


def taken_refused(h: Hearing, units: tuple[Unit, ...], but: str = "") -> Refused | None:
    """Why these units cannot be asked about again: another case has them."""
    by = taken(h, but)
    both = set(units) & by.keys()
    if both:
        return Refused(
            kind="unit_taken",
            detail="Another case is about the same unit: " + ", ".join(sorted(u.key for u in both)) + ".",
            facts={
                "units": sorted(u.key for u in both),
                "cases": sorted({by[u] for u in both} - {""}),
            },
            pointer="/units",
        )
    return None


def taken(h: Hearing, but: str = "") -> dict[Unit, str]:
    """Every unit another case has or that was cancelled, with that case; drafts have none."""
    cases = (x for x in h.cases.values() if x.case_id != but and x.state is not State.DRAFTING)
    return taken_units(h.custody, cases)


def unshipped_units(h: Hearing) -> tuple[Unit, ...]:
    """The units no parcel carries and nobody has cancelled."""
    order, cancelled = h.custody.order, set(h.custody.cancelled)
    return tuple(
        unit
        for line in order.lines
        if order.shipped_at(line.line_id) is None
        for unit in (Unit(line.line_id, i) for i in range(line.quantity))
        if unit not in cancelled
    )


def signed(h: Hearing, items: tuple[EvidenceItem, ...], step: str = "") -> tuple[EvidenceItem, ...]:
    """Evidence carries who brought it, when and with what step as we saw it, whatever the sender wrote."""
    return tuple(replace(item, by=h.actor.role, at=h.now, step=step) for item in items)
