"""The evidence meter: what a case needs to be shown, by whom, what is there, what is missing, until when."""

from datetime import datetime

import msgspec

from amends.domain.cases.model import Case, EvidenceItem, Kind, State
from amends.domain.orders import Order, Signal
from amends.domain.parties import Role
from amends.domain.reasons import REASONS

_PICTURES = ("photo", "video")
_RETURN_PROOF = ("receipt", "tracking", "photo")


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One point somebody has to show; any one of ``kinds`` will do.

    ``about`` is reason, request, return or rejection. ``have`` are the kinds that are there; ``met`` whether
    that is enough. ``until`` is half-open, None where no clock runs for it. ``items`` is what a mediator
    named.
    """

    about: str
    who: Role
    kinds: tuple[str, ...]
    have: tuple[str, ...]
    met: bool
    until: datetime | None = None
    items: tuple[str, ...] = ()


def needs_of(case: Case, order: Order) -> tuple[Need, ...]:
    """Everything a case needs to be shown so far, the reason's own point first."""
    found = [
        _of_reason(case, order),
        *_of_requests(case),
        _of_return(case),
        _of_rejection(case),
    ]
    return tuple(need for need in found if need is not None)


def first_need(
    reason_code: str, order: Order, shown: tuple[str, ...] = (), until: datetime | None = None
) -> Need:
    """What a claim for a reason will need, before it is made; ``shown`` are the kinds the buyer brings."""
    reason = REASONS[reason_code]
    have = {*shown} if reason.who_proves is Role.BUYER else set[str]()
    have |= _on_record(order, reason.who_proves, reason_code)
    return _need("reason", reason.who_proves, reason.evidence, have, until)


def _need(
    about: str, who: Role, kinds: tuple[str, ...], have: set[str], until: datetime | None = None
) -> Need:
    there = tuple(kind for kind in kinds if kind in have)
    return Need(about=about, who=who, kinds=kinds, have=there, met=bool(there), until=until)


# A return that was rejected may be contested: whether it matched the claim counts again.
_HEARD = frozenset(
    {
        State.MEDIATING,
        State.MEDIATING_LATE,
        State.AWAITING_EVIDENCE,
        State.RULED,
        State.APPEALED,
        State.REJECTED,
    }
)


def _of_reason(case: Case, order: Order) -> Need | None:
    reason = REASONS.get(case.reason)
    if reason is None or case.kind is Kind.CANCELLATION or (case.settlement and case.state not in _HEARD):
        return None  # what both sides agreed on, or what was decided, nobody has to prove any more
    have = {item.kind for item in case.evidence if item.by is reason.who_proves}
    have |= _on_record(order, reason.who_proves, case.reason)
    return _need("reason", reason.who_proves, reason.evidence, have, _until(case, reason.who_proves))


def _on_record(order: Order, who: Role, reason_code: str) -> set[str]:
    """A carrier's word that the parcel was handed over shows the delivery without anybody's doing."""
    about_delivery = reason_code.startswith(("not_received.", "late."))
    handed_over = any(event.signal is Signal.DELIVERED for parcel in order.parcels for event in parcel.events)
    return {"tracking"} if about_delivery and handed_over and who is Role.SELLER else set()


def _until(case: Case, who: Role) -> datetime | None:
    """Until when somebody can bring something: their own turn's end, or the end of the negotiation."""
    if case.waiting is not None and case.waiting.on is who:
        return case.waiting.until
    negotiating = case.state in {State.AWAITING_SELLER, State.AWAITING_BUYER, State.DRAFTING}
    return case.negotiation_ends_at if negotiating else None


def _of_requests(case: Case) -> tuple[Need, ...]:
    """What mediators named; an answer is taken as it is, whether it suffices is theirs to say."""
    return tuple(
        Need(
            about="request",
            who=request.of,
            kinds=(),
            have=(),
            met=request.answered,
            until=None if request.answered else request.until,
            items=request.items,
        )
        for request in case.evidence_requests
    )


def _of_return(case: Case) -> Need | None:
    """Proof of return, from the moment the goods are to be sent back."""
    if case.shipment is None and case.state is not State.AWAITING_SHIPMENT:
        return None
    have = _kinds_at(case, "return")
    if case.shipment is not None and case.shipment.tracking_number:
        have.add("tracking")
    if case.shipment is not None and case.shipment.receipt:
        have.add("receipt")
    return _need("return", Role.BUYER, _RETURN_PROOF, have, _until(case, Role.BUYER))


def _of_rejection(case: Case) -> Need | None:
    """Who rejects what came back shows why."""
    if all(one.accepted for one in case.inspections):
        return None
    have = _kinds_at(case, "inspection") | {
        item.kind for item in _after_return(case) if item.by is Role.SELLER and item.step != "offer"
    }
    return _need("rejection", Role.SELLER, _PICTURES, have)


def _kinds_at(case: Case, step: str) -> set[str]:
    return {item.kind for item in case.evidence if item.step == step}


def _after_return(case: Case) -> tuple[EvidenceItem, ...]:
    back = case.shipment.delivered_at if case.shipment is not None else None
    return tuple(item for item in case.evidence if back is not None and item.at >= back)
