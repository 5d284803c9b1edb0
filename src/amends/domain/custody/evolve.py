"""An order in custody after one more event of its own stream; its books are the fold of all transfers."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from amends.domain.chain import Recorded
from amends.domain.custody import events as e
from amends.domain.custody.model import Custody
from amends.domain.ledger import Books, mark_units, post
from amends.domain.orders import Parcel, TrackingEvent


def evolve(custody: Custody | None, recorded: Recorded) -> Custody:
    """The order after ``recorded``. Raises `ValueError` for an event that cannot follow."""
    event = recorded.event
    if custody is None:
        if not isinstance(event, e.OrderPlaced):
            raise ValueError(
                f"the first event of {recorded.stream} is {type(event).__name__}, not OrderPlaced"
            )
        return Custody(
            order=event.order,
            stage=event.state,
            seq=recorded.seq,
            books=post(Books(), event.transfers),
            waiting=event.waiting,
        )
    if recorded.seq != custody.seq + 1:
        raise ValueError(f"event {recorded.seq} of {recorded.stream} cannot follow event {custody.seq}")
    books = post(custody.books, event.transfers) if event.transfers else custody.books
    if isinstance(event, e.MoneyMoved) and event.units:
        books = mark_units(books, event.units)
    changed = _changed(custody, event, recorded.at)
    return replace(
        custody, stage=event.state, waiting=event.waiting, seq=recorded.seq, books=books, **changed
    )


def _changed(  # noqa: C901, PLR0911, PLR0912 - one arm an event
    custody: Custody, event: Any, at: datetime
) -> dict[str, Any]:
    order = custody.order
    match event:
        case e.TenderCaptured():
            others = tuple(t for t in order.tenders if t.tender_id != event.tender.tender_id)
            return {"order": replace(order, tenders=(*others, event.tender))}
        case e.ParcelRecorded():
            return {
                "order": replace(order, parcels=with_parcel(order.parcels, event.parcel)),
                "protection_ends_at": event.protection_ends_at,
                "reminded_at": _still_reminded(custody, event.protection_ends_at),
            }
        case e.TrackingRecorded():
            parcels = tuple(
                replace(p, events=with_scans(p.events, event.scans)) if p.parcel_id == event.parcel_id else p
                for p in order.parcels
            )
            ends = event.protection_ends_at or custody.protection_ends_at
            return {
                "order": replace(order, parcels=parcels),
                "protection_ends_at": ends,
                "reminded_at": _still_reminded(custody, ends),
            }
        case e.CaseCounted():
            return {"cases": custody.cases + 1}
        case e.UnitsCancelled():
            return {"cancelled": (*custody.cancelled, *event.units)}
        case e.ReceiptConfirmed():
            return {"confirmed_at": at}
        case e.GoodwillProposed() | e.GoodwillAnswered():
            kept = tuple(one for one in custody.goodwills if one.goodwill_id != event.goodwill.goodwill_id)
            return {"goodwills": (*kept, event.goodwill)}
        case e.ChargebackOpened() | e.ChargebackEnded():
            rest = tuple(one for one in custody.chargebacks if one.dispute_id != event.chargeback.dispute_id)
            return {"chargebacks": (*rest, event.chargeback)}
        case e.ExtensionOffered():
            return {"extensions": (*custody.extensions, event.extension)}
        case e.ExtensionAnswered():
            return _extended(custody, event)
        case e.PayoutHeld() | e.PayoutHoldKept() | e.PayoutHoldReleased():
            holds = tuple(one for one in custody.holds if one.hold_id != event.hold.hold_id)
            return {"holds": (*holds, event.hold)}
        case e.ProtectionReminded():
            return {"reminded_at": at}
        case _:
            return {}


def _extended(custody: Custody, event: e.ExtensionAnswered) -> dict[str, Any]:
    kept = tuple(x for x in custody.extensions if x.extension_id != event.extension.extension_id)
    lines = tuple(
        replace(line, terms_id=event.terms.get(line.line_id, line.terms_id)) for line in custody.order.lines
    )
    ends = event.protection_ends_at or custody.protection_ends_at
    return {
        "extensions": (*kept, event.extension),
        "order": replace(custody.order, lines=lines),
        "protection_ends_at": ends,
        "reminded_at": _still_reminded(custody, ends),
    }


def _still_reminded(custody: Custody, ends: datetime | None) -> datetime | None:
    """The buyer has been reminded of this end; a new one is reminded of anew."""
    return custody.reminded_at if ends == custody.protection_ends_at else None


def with_parcel(parcels: tuple[Parcel, ...], parcel: Parcel) -> tuple[Parcel, ...]:
    """The parcels with one more, or with that one renewed; its scans so far are kept."""
    before = next((p for p in parcels if p.parcel_id == parcel.parcel_id), None)
    merged = with_scans(before.events if before else (), parcel.events)
    renewed = replace(parcel, events=merged)
    if before is None:
        return (*parcels, renewed)
    return tuple(renewed if p.parcel_id == parcel.parcel_id else p for p in parcels)


def with_scans(
    known: tuple[TrackingEvent, ...], more: tuple[TrackingEvent, ...]
) -> tuple[TrackingEvent, ...]:
    """Scans in time order, each once, in whatever order and however often they were told."""
    fresh = tuple(dict.fromkeys(scan for scan in more if scan not in known))
    return tuple(sorted((*known, *fresh), key=lambda scan: scan.at))
