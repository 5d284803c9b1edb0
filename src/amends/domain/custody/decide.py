"""Custody: what the marketplace says of an order, and what the clock does with the money it holds."""

import re
from datetime import datetime, timedelta

from msgspec.structs import replace

from amends.domain import refunds as sheet
from amends.domain.bundles import of_bundles
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Case, State
from amends.domain.cases.opening import unshipped_units
from amends.domain.chain import Recorded
from amends.domain.custody import commands as c
from amends.domain.custody import events as e
from amends.domain.custody import holding, redress
from amends.domain.custody.evolve import evolve, with_parcel, with_scans
from amends.domain.custody.model import Custody, Stage
from amends.domain.custody.redress import disputed
from amends.domain.ledger import Account, Transfer, available
from amends.domain.ledger import Stage as TransferStage
from amends.domain.money import is_currency
from amends.domain.orders import Order, Parcel, Tender, TrackingEvent
from amends.domain.parties import Role, Waiting
from amends.domain.policy.terms import Terms
from amends.domain.policy.windows import Window, protection_window
from amends.domain.refusals import Refused
from amends.domain.scene import Rules
from amends.domain.time import deadline

Events = list[e.Event]


def capture(order: Order, tender: Tender) -> Transfer:
    """The money of one tender comes into escrow."""
    return Transfer(
        transfer_id=f"{order.order_id}-capture-{tender.tender_id}",
        debit=Account.TENDER,
        credit=Account.ESCROW,
        amount=tender.captured,
        stage=TransferStage.POSTED,
        purpose="capture",
        tender_id=tender.tender_id,
    )


def place(command: c.PlaceOrder, rules: Rules, now: datetime) -> Events | Refused:
    """A new order: its terms are frozen, what was captured is in escrow, the ship clock runs."""
    order = command.order
    refusal = _order_refused(order, rules, now)
    if refusal is not None:
        return refusal
    captures = tuple(capture(order, t) for t in order.tenders if t.captured)
    stage = Stage.AWAITING_SHIPMENT
    waiting = _ship_by(order, rules)
    return [e.OrderPlaced(state=stage, waiting=waiting, order=replace(order, parcels=()), transfers=captures)]


def _ship_by(order: Order, rules: Rules) -> Waiting:
    term = _terms(order, rules).get("ship.handling")
    until = order.ship_by or deadline(order.placed_at, term.value, rules.calendars)
    return Waiting(Role.SELLER, until, "cancel_unshipped", term.clause)


def _terms(order: Order, rules: Rules) -> Terms:
    return rules.terms[order.lines[0].terms_id]


def _order_refused(order: Order, rules: Rules, now: datetime) -> Refused | None:
    return _head_refused(order, now) or _lines_refused(order, rules) or _tenders_refused(order)


# A case id is the order's id, a dot and a number.
_ORDER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _head_refused(order: Order, now: datetime) -> Refused | None:
    if not _ORDER_ID.fullmatch(order.order_id):
        return _invalid("An order's id has 1 to 64 letters, digits, dashes or underscores.", "/order_id")
    if not is_currency(order.currency):
        return _invalid(f"{order.currency!r} is no currency of ISO 4217 that people pay in.", "/currency")
    if order.placed_at > now:
        facts: dict[str, object] = {"placed_at": order.placed_at.isoformat(), "now": now.isoformat()}
        return _invalid("The order was placed in the future.", "/placed_at", facts)
    if not order.lines:
        return _invalid("An order has at least one line.", "/lines")
    return None


def _lines_refused(order: Order, rules: Rules) -> Refused | None:
    seen: set[str] = set()
    bundles = {line.bundle.bundle_id for line in order.lines if line.bundle is not None}
    for n, line in enumerate(order.lines):
        if line.line_id in seen | bundles:
            return _invalid(f"Line {line.line_id} comes twice.", f"/lines/{n}/line_id")
        seen.add(line.line_id)
        refusal = _line_refused(order, n, rules)
        if refusal is not None:
            return refusal
    return None


def _line_refused(order: Order, n: int, rules: Rules) -> Refused | None:
    line = order.lines[n]
    if not line.units:
        return _invalid(f"Line {line.line_id} has no units.", f"/lines/{n}/units")
    for k, unit in enumerate(line.units):
        if not sheet.sound(unit):
            what = "amounts must not be negative, nor the discount above the item's price"
            return _invalid(f"Unit {k} of line {line.line_id}: {what}.", f"/lines/{n}/units/{k}")
    terms = rules.terms.get(line.terms_id)
    if terms is None:
        where = f"/lines/{n}/terms_id"
        return _invalid(f"Line {line.line_id} has no known terms ({line.terms_id!r}).", where)
    if terms.currency != order.currency:
        return Refused(
            kind="currency_mismatch",
            detail=f"The terms of line {line.line_id} are in {terms.currency}, "
            f"the order is in {order.currency}.",
            facts={"terms": terms.currency, "order": order.currency},
            pointer=f"/lines/{n}/terms_id",
        )
    return None


def _tenders_refused(order: Order) -> Refused | None:
    tenders = [t.tender_id for t in order.tenders]
    if len(set(tenders)) != len(tenders):
        return _invalid("A tender comes twice.", "/tenders")
    for n, tender in enumerate(order.tenders):
        if tender.captured < 0:
            facts: dict[str, object] = {"captured": tender.captured}
            where = f"/tenders/{n}/captured"
            return _invalid("A captured amount must be 0 or more, in minor units.", where, facts)
    return _beyond_price(order, order.captured, "/tenders")


def _beyond_price(order: Order, captured: int, pointer: str) -> Refused | None:
    """No more than the units cost: nothing would ever pay the rest back."""
    price = sum(unit.paid for line in order.lines for unit in line.units)
    if captured <= price:
        return None
    return Refused(
        kind="amount_too_high",
        detail=f"{captured} minor units of {order.currency} captured for an order of {price}.",
        facts={"captured": captured, "price": price},
        pointer=pointer,
    )


def _invalid(detail: str, pointer: str, facts: dict[str, object] | None = None) -> Refused:
    return Refused(kind="invalid", detail=detail, facts=facts or {}, pointer=pointer)


_FROZEN = ("buyer_id", "seller_id", "currency", "placed_at", "checkout_id", "ship_by", "promised_by")


def place_again(h: Hearing, command: c.PlaceOrder) -> Events | Refused:
    """The same order once more: what was frozen must be the same; new tenders and parcels are taken in."""
    known, told = h.custody.order, command.order
    for field in _FROZEN:
        if getattr(known, field) != getattr(told, field):
            return _frozen(field, getattr(known, field), getattr(told, field))
    # Terms are frozen too: an order told again under newer packs keeps the terms it was bought with.
    told_lines = tuple(replace(line, terms_id="") for line in told.lines)
    if told_lines != tuple(replace(line, terms_id="") for line in known.lines):
        return _frozen("lines", len(known.lines), len(told.lines))
    refusal = _tenders_refused(told)
    if refusal is not None:
        return refusal
    events: Events = []
    view = h
    for tender in told.tenders:
        more = record_capture(view, c.RecordCapture(tender=tender))
        if isinstance(more, Refused):
            return more
        events += more
        view = _after(view, more)
    for parcel in told.parcels:
        found = record_parcel(view, c.RecordParcel(parcel=parcel))
        if isinstance(found, Refused):
            return found
        events += found
        view = _after(view, found)
    return events


def _frozen(field: str, known: object, told: object) -> Refused:
    return Refused(
        kind="frozen_at_purchase",
        detail=f"{field} was frozen at purchase and cannot change.",
        facts={"known": str(known), "told": str(told)},
        pointer=f"/{field}",
    )


def _after(h: Hearing, events: Events) -> Hearing:
    """The hearing as it is once these events have been recorded."""
    custody = h.custody
    for event in events:
        recorded = Recorded(
            stream=custody.order.order_id,
            order_id=custody.order.order_id,
            seq=custody.seq + 1,
            at=h.now,
            actor=h.actor,
            from_state=custody.stage.value,
            event=event,  # type: ignore[arg-type]  # every event here is one of OrderEvent
        )
        custody = evolve(custody, recorded)
    return replace(h, custody=custody)


def record_capture(h: Hearing, command: c.RecordCapture) -> Events | Refused:
    tender, custody = command.tender, h.custody
    if tender.captured < 0:
        return Refused(
            kind="invalid", detail="A captured amount must be 0 or more, in minor units.", pointer="/captured"
        )
    known = next((t for t in custody.order.tenders if t.tender_id == tender.tender_id), None)
    if known is not None and (known == tender or (known.captured and known.captured == tender.captured)):
        return []
    if known is not None and known.captured:
        return _frozen("tender", known.captured, tender.captured)
    known_tenders = {t.tender_id for t in custody.order.tenders if not _of_an_exchange(custody, t)}
    in_all = sum(v for k, v in custody.books.captured.items() if k in known_tenders) + tender.captured
    refusal = _beyond_price(custody.order, in_all, "/captured")
    if refusal is not None:
        return refusal
    transfers = (capture(custody.order, tender),) if tender.captured else ()
    captured = e.TenderCaptured(
        state=custody.stage, waiting=custody.waiting, tender=tender, transfers=transfers
    )
    if custody.stage in {Stage.RELEASED, Stage.PAID_OUT} and transfers:
        # The protection is over: what is captured now is the seller's at once.
        return [captured, *_released(_after(h, [captured]))]
    return [captured]


def _of_an_exchange(custody: Custody, tender: Tender) -> bool:
    """Whether the buyer paid by it for an exchange: such money is no part of the order's price."""
    name = tender.tender_id
    return name.startswith(f"{custody.order.order_id}.") and name.endswith("-exchange")


def record_parcel(h: Hearing, command: c.RecordParcel) -> Events | Refused:
    """A parcel left: the delivery clock runs for it, and nothing of it can be cancelled any more."""
    custody = h.custody
    order = custody.order
    # Whoever sends a bundle names it as it was sold.
    parcel = replace(command.parcel, line_ids=of_bundles(order.lines, command.parcel.line_ids))
    unknown = [line_id for line_id in parcel.line_ids if order.line(line_id) is None]
    if unknown:
        return Refused(
            kind="unknown_line",
            detail=f"Order {order.order_id} has no line {unknown[0]!r}.",
            facts={"lines": [line.line_id for line in order.lines]},
            pointer="/line_ids",
        )
    refusal = _journey_refused(h, parcel) or _scans_refused(h, parcel.events)
    if refusal is not None:
        return refusal
    parcels = with_parcel(order.parcels, parcel)
    if parcels == order.parcels:
        return []
    told, ends = _told(h, parcels)
    stage, waiting = _standing(replace(h, custody=told))
    return [e.ParcelRecorded(state=stage, waiting=waiting, parcel=parcel, protection_ends_at=ends)]


def _journey_refused(h: Hearing, parcel: Parcel) -> Refused | None:
    """When a parcel left and what it carries decide the buyer's time: the seller cannot choose either."""
    order = h.custody.order
    if not order.placed_at <= parcel.shipped_at <= h.now + _CLOCK_SKEW:
        facts: dict[str, object] = {"shipped_at": parcel.shipped_at.isoformat(), "now": h.now.isoformat()}
        return _invalid("A parcel leaves after the purchase, and not in the future.", "/shipped_at", facts)
    known = next((p for p in order.parcels if p.parcel_id == parcel.parcel_id), None)
    if known is None:
        return None
    if known.shipped_at != parcel.shipped_at:
        return _frozen("shipped_at", known.shipped_at.isoformat(), parcel.shipped_at.isoformat())
    if set(known.line_ids) != set(parcel.line_ids):
        return _frozen("line_ids", known.line_ids, parcel.line_ids)
    return None


def _told(h: Hearing, parcels: tuple[Parcel, ...]) -> tuple[Custody, datetime]:
    """Custody with these parcels and the end of protection that follows; a new end is reminded of anew."""
    custody = replace(h.custody, order=replace(h.custody.order, parcels=parcels))
    ends = _protection(custody, h.rules).closes_at
    if ends is None:
        raise ValueError(f"{custody.order.order_id}: a parcel has left, yet no protection runs")
    moved = ends != custody.protection_ends_at
    reminded_at = None if moved else custody.reminded_at
    return replace(custody, protection_ends_at=ends, reminded_at=reminded_at), ends


def _protection(custody: Custody, rules: Rules) -> Window:
    """The protection of the line protected longest among those under way or delivered (A55, B11)."""
    order = custody.order
    found = [
        protection_window(custody, line, rules.terms[line.terms_id], rules.calendars)
        for line in order.lines
        if order.parcels_of(line.line_id)
    ]
    return max(found, key=lambda window: window.closes_at or order.placed_at)


def under_other_terms(h: Hearing) -> tuple[Stage, Waiting | None, datetime | None]:
    """Where an order stands once its lines have other terms: its stage, its clock, the protection's end."""
    order = h.custody.order
    if not any(order.parcels_of(line.line_id) for line in order.lines):
        return h.custody.stage, h.custody.waiting, None
    told, ends = _told(h, order.parcels)
    stage, waiting = _standing(replace(h, custody=told))
    return stage, waiting, ends if ends != h.custody.protection_ends_at else None


def _unshipped(h: Hearing, order: Order) -> bool:
    custody = replace(h.custody, order=order)
    return bool(unshipped_units(replace(h, custody=custody)))


def _standing(h: Hearing) -> tuple[Stage, Waiting | None]:
    """Where an order stands by its parcels, and whom it waits on; money released stays released."""
    custody = h.custody
    order, terms = custody.order, _terms(custody.order, h.rules)
    if custody.stage in {Stage.HELD, Stage.RELEASED, Stage.PAID_OUT, Stage.CANCELLED}:
        return custody.stage, custody.waiting
    if _unshipped(h, order):
        return Stage.AWAITING_SHIPMENT, custody.waiting or _ship_by(order, h.rules)
    ends = custody.protection_ends_at
    if ends is None:
        return custody.stage, custody.waiting
    arrived = all(order.delivered_at(line.line_id) for line in order.lines if order.parcels_of(line.line_id))
    stage = Stage.PROTECTED if arrived else Stage.AWAITING_DELIVERY
    on = Role.BUYER if arrived else Role.CARRIER
    if custody.reminded_at is not None:
        return stage, Waiting(on, ends, "release_escrow", _protection(custody, h.rules).clause)
    # First the reminder a few days before the end, then the end itself.
    before = terms.get("protection.remind_before")
    ahead = deadline(ends, before.value, h.rules.calendars) - ends
    return stage, Waiting(on, ends - ahead, "remind_protection", before.clause)


def record_tracking(h: Hearing, command: c.RecordTracking) -> Events | Refused:
    custody = h.custody
    order = custody.order
    parcel = next((p for p in order.parcels if p.parcel_id == command.parcel_id), None)
    if parcel is None:
        return Refused(
            kind="not_found",
            detail=f"Order {order.order_id} has no parcel {command.parcel_id!r}; record the parcel first.",
            facts={"parcels": [p.parcel_id for p in order.parcels]},
            pointer="/parcel_id",
        )
    scans = with_scans(parcel.events, command.events)
    if scans == parcel.events:
        return []
    refusal = _scans_refused(h, command.events)
    if refusal is not None:
        return refusal
    parcels = tuple(replace(p, events=scans) if p is parcel else p for p in order.parcels)
    told, ends = _told(h, parcels)
    stage, waiting = _standing(replace(h, custody=told))
    moved = ends if ends != custody.protection_ends_at else None
    fresh = tuple(dict.fromkeys(scan for scan in command.events if scan not in parcel.events))
    return [
        e.TrackingRecorded(
            state=stage, waiting=waiting, parcel_id=parcel.parcel_id, scans=fresh, protection_ends_at=moved
        )
    ]


def _scans_refused(h: Hearing, scans: tuple[TrackingEvent, ...]) -> Refused | None:
    late = next((scan for scan in scans if scan.at > h.now + _CLOCK_SKEW), None)
    if late is None:
        return None
    facts: dict[str, object] = {"at": late.at.isoformat(), "now": h.now.isoformat()}
    return _invalid("A scan lies in the future.", "/events", facts)


# Carriers' clocks run a little ahead of ours at times.
_CLOCK_SKEW = timedelta(minutes=5)


def confirm_receipt(h: Hearing) -> Events | Refused:
    """The buyer is content: the money goes to the seller at once."""
    if h.custody.stage not in {Stage.AWAITING_DELIVERY, Stage.PROTECTED}:
        return _not_now(h, "be confirmed")
    if live_cases(h):
        return Refused(
            kind="not_possible_now",
            detail="A case on this order is open: settle or withdraw it first.",
            facts={"cases": [case.case_id for case in live_cases(h)]},
        )
    ended = _ended_holds(h)
    kept_back = holding.clock(h.custody, h.now)
    if kept_back is not None:
        return [*ended, e.ReceiptConfirmed(state=Stage.HELD, waiting=kept_back)]
    stage, waiting = Stage.RELEASED, _payout_clock(h)
    confirmed = e.ReceiptConfirmed(state=stage, waiting=waiting)
    released = e.EscrowReleased(state=stage, waiting=waiting, transfers=sheet.release(h.custody))
    return [*ended, confirmed, released]


def cancel_unshipped_refused(h: Hearing) -> Refused | None:
    """Why the seller cannot cancel: nothing is left that has not been shipped or cancelled."""
    if h.custody.stage is not Stage.AWAITING_SHIPMENT or not unshipped_units(h):
        return _not_now(h, "be cancelled")
    return None


def _not_now(h: Hearing, what: str) -> Refused:
    return Refused(
        kind="not_possible_now",
        detail=f"An order that is {h.custody.stage.value.replace('_', ' ')} cannot {what}.",
        facts={"stage": h.custody.stage.value},
    )


def lapse(h: Hearing) -> Events | Refused:
    """What the order's clock says, apart from `cancel_unshipped`, which opens a case (see `conduct`)."""
    custody = h.custody
    waiting = custody.waiting
    if h.actor.role is not Role.CLOCK or waiting is None or h.now < waiting.until:
        return Refused(kind="not_possible_now", detail="Nothing is due.")
    match waiting.default:
        case "remind_protection":
            reminded = replace(custody, reminded_at=h.now)
            stage, after = _standing(replace(h, custody=reminded))
            return [e.ProtectionReminded(state=stage, waiting=after)]
        case "release_escrow":
            ended = _ended_holds(h)
            held = _kept_back(h)
            return [*ended, *held] if held else [*ended, *_released(h)]
        case "pay_out":
            return [*_ended_holds(h), *(_kept_back(h) or _paid_out(h))]
        case "release_hold":
            ended = _ended_holds(h)
            return ended + going_on(_after(h, ended))
        case _:
            raise ValueError(f"order {custody.order.order_id}: no default {waiting.default!r}")


def _released(h: Hearing) -> Events:
    stage = Stage.RELEASED
    return [e.EscrowReleased(state=stage, waiting=_payout_clock(h), transfers=sheet.release(h.custody))]


def _payout_clock(h: Hearing) -> Waiting:
    term = _terms(h.custody.order, h.rules).get("payout.delay")
    return Waiting(Role.OPERATOR, deadline(h.now, term.value, h.rules.calendars), "pay_out", term.clause)


def _paid_out(h: Hearing) -> Events:
    """What the seller is owed leaves for the bank."""
    transfer = sheet.payout(h.custody)
    if transfer is None:
        return [e.PayoutConfirmed(state=Stage.PAID_OUT)]
    return [e.PayoutInitiated(state=Stage.RELEASED, waiting=None, transfers=(transfer,))]


def _kept_back(h: Hearing) -> Events:
    """Payouts wait for open cases, for what the buyer's bank disputes, and for what is held."""
    waits = bool(live_cases(h)) or disputed(h.custody)
    held = holding.clock(h.custody, h.now)
    if not waits and held is None:
        return []
    return [e.ProtectionEnded(state=Stage.HELD, waiting=None if waits else held)]


def _ended_holds(h: Hearing) -> Events:
    """Holds that nobody answered in time end by the clock, at the latest when they would matter."""
    return [holding.event_of(h.custody, hold) for hold in holding.lapsed(h.custody, h.now)]


def hold_payout(h: Hearing, command: c.HoldPayout) -> Events | Refused:
    """Keep the payout back; money that was about to be paid out waits from now on."""
    hold = holding.place(h, command)
    if hold is None or isinstance(hold, Refused):
        return hold or []
    custody = h.custody
    held = replace(custody, holds=(*custody.holds, hold))
    if custody.stage is Stage.RELEASED:
        held = replace(held, stage=Stage.HELD, waiting=holding.clock(held, h.now))
    elif custody.stage is Stage.HELD and custody.waiting is not None:
        held = replace(held, waiting=holding.clock(held, h.now))
    return [holding.event_of(held, hold)]


def answer_hold(h: Hearing, command: c.AnswerHold) -> Events | Refused:
    """Keep a hold for longer, or release it: then what waited for it goes on."""
    hold = holding.answered(h, command)
    if hold is None or isinstance(hold, Refused):
        return hold or []
    events = [holding.event_of(h.custody, hold)]
    return events + going_on(_after(h, events))


def going_on(h: Hearing) -> Events:
    """A hold or a dispute ended: money that nothing keeps back any more goes its way to the seller."""
    custody = h.custody
    if live_cases(h) or disputed(custody):
        # A case or a dispute that came meanwhile has its own end: the hold's clock is no longer the order's.
        stands = custody.stage is not Stage.HELD or custody.waiting is None
        return [] if stands else [e.ProtectionEnded(state=Stage.HELD, waiting=None)]
    held = holding.clock(custody, h.now)
    if held is not None:
        if custody.stage is not Stage.HELD or custody.waiting == held:
            return []
        return [e.ProtectionEnded(state=Stage.HELD, waiting=held)]
    if custody.stage is Stage.HELD:
        return _released(h)
    if custody.stage in {Stage.RELEASED, Stage.PAID_OUT} and available(custody.books) > 0:
        return _released(h)
    return []


def confirm_payout(h: Hearing, command: c.ConfirmPayout) -> Events | Refused:
    pending = h.custody.books.pending.get(command.transfer_id)
    if pending is None or pending.purpose != "payout":
        return Refused(
            kind="not_possible_now",
            detail=f"No payout {command.transfer_id} is under way.",
            facts={"transfer_id": command.transfer_id},
            pointer="/transfer_id",
        )
    posted = replace(pending, stage=TransferStage.POSTED)
    custody = h.custody
    more_to_come = custody.stage is Stage.HELD or custody.waiting is not None
    stage = custody.stage if more_to_come else Stage.PAID_OUT
    return [e.PayoutConfirmed(state=stage, waiting=custody.waiting, transfers=(posted,))]


def after_case(h: Hearing, case_id: str) -> Events:
    """A case ended: what waited for it goes on."""
    custody = h.custody
    stage, waiting = custody.stage, custody.waiting
    ended = e.CaseEnded(state=stage, waiting=waiting, case_id=case_id)
    if live_cases(h) or disputed(custody):
        return [ended]
    held = holding.clock(custody, h.now)
    if held is not None:
        owed = stage is Stage.CANCELLED and available(custody.books) > 0
        if stage is Stage.HELD or owed or (stage is Stage.RELEASED and waiting is None and _owed(custody)):
            return [replace(ended, state=Stage.HELD, waiting=held)]
        return [ended]
    late = {Stage.CANCELLED, Stage.RELEASED, Stage.PAID_OUT}
    if stage is Stage.HELD or (stage in late and available(custody.books) > 0):
        released = _released(h)
        return [replace(ended, state=stage), *released]
    if stage in {Stage.RELEASED, Stage.PAID_OUT} and waiting is None and _owed(custody):
        return [replace(ended, state=Stage.RELEASED, waiting=_payout_clock(h))]
    return [ended]


def resolve_chargeback(h: Hearing, command: c.ResolveChargeback) -> Events | Refused:
    """A dispute ended: what waited for it goes on, and money that is free again is the seller's."""
    ended = redress.resolve_chargeback(h, command)
    if isinstance(ended, Refused) or not ended:
        return ended
    return [*ended, *going_on(_after(h, ended))]


def _owed(custody: Custody) -> bool:
    return sheet.payout(custody) is not None


def live_cases(h: Hearing) -> list[Case]:
    """The cases that keep the money where it is; a draft does not."""
    return [x for x in h.cases.values() if x.live and x.state is not State.DRAFTING]


def after_cancelling(h: Hearing) -> tuple[Stage, Waiting | None]:
    """Where the order stands once these units will not be shipped."""
    custody = h.custody
    everything = sum(line.quantity for line in custody.order.lines)
    if len(set(custody.cancelled)) >= everything and custody.stage is Stage.AWAITING_SHIPMENT:
        return Stage.CANCELLED, None
    return _standing(h)
