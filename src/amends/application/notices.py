"""Notices: which changes concern whom, and the facts they are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from amends.application.permissions import Caller, sees_case
from amends.application.ports import Errand, KeyRole
from amends.domain.cases import events as case_events
from amends.domain.cases.model import Case, Refund, RefundStage, State
from amends.domain.cases.opening import WITHDRAWAL
from amends.domain.chain import Recorded
from amends.domain.custody import events as custody_events
from amends.domain.custody.model import Custody
from amends.domain.orders import Order
from amends.domain.parties import Actor, Role, Waiting


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of one change, for one or several people: the body of a ``notice`` errand.

    ``event`` is the event's tag; ``refunds`` are the tenders' refunds it is about, in minor units of
    ``currency``.
    ``clause`` is the policy clause the change or its clock rests on; ``waiting`` is whose turn it is now;
    ``state`` is the case's, where the notice says what there is to do in it. ``goods`` are titles of lines,
    where it is about some of an order's.
    """

    event: str
    seq: int
    stream: str
    at: datetime
    to: tuple[Actor, ...]
    currency: str
    refunds: tuple[Refund, ...] = ()
    clause: str = ""
    waiting: Waiting | None = None
    state: str = ""
    goods: tuple[str, ...] = ()
    buyer_country: str = ""
    seller_country: str = ""

    def country_of(self, person: Actor) -> str:
        """The country a party's order has for them, ISO 3166-1 alpha-2; empty where none is known."""
        return {Role.BUYER: self.buyer_country, Role.SELLER: self.seller_country}.get(person.role, "")


def announcement(event: str, stream: str, seq: int, at: datetime, to: Sequence[Actor]) -> Errand:
    """What tells people of something beside orders and cases; ``stream`` and ``seq`` are its name."""
    return told(Notice(event=event, seq=seq, stream=stream, at=at, to=tuple(to), currency=""))


def told(notice: Notice, order_id: str = "", case_id: str = "") -> Errand:
    """The errand that takes a notice to its people, about an order or case where it is about one."""
    return Errand(
        errand_id=f"notice:{notice.stream}:{notice.seq}",
        topic="notice",
        order_id=order_id,
        case_id=case_id,
        body=msgspec.to_builtins(notice),
        due_at=notice.at,
    )


_B, _S, _M = Role.BUYER, Role.SELLER, Role.MEDIATOR

# Events that are not here concern nobody but their author.
RECIPIENTS: Mapping[str, tuple[Role, ...]] = {
    "case_opened": (_B, _S),
    "withdrawal_received": (_B, _S),
    "draft_submitted": (_S,),
    "evidence_added": (_B, _S, _M),
    "offer_made": (_B, _S),
    "offer_declined": (_B, _S),
    "case_settled": (_B, _S),
    "case_escalated": (_B, _S),
    "evidence_requested": (_B, _S),
    "evidence_submitted": (_M, _B, _S),
    "evidence_lapsed": (_B, _S, _M),
    "case_ruled": (_B, _S),
    "ruling_accepted": (_B, _S),
    "case_appealed": (_B, _S),
    "instructions_given": (_B,),
    "label_issued": (_B, _S),
    "freight_receipt_added": (_S,),
    "freight_reimbursed": (_B, _S),
    "payment_due": (_B, _S),
    "payment_received": (_B, _S),
    "replacement_received": (_S,),
    "return_shipped": (_S,),
    "return_scanned": (_B, _S),
    "return_lost": (_B, _S),
    "return_part_ended": (_B, _S),
    "return_rest_kept": (_B, _S),
    "return_came_back": (_B, _S),
    "return_inspected": (_B,),
    "rejection_accepted": (_S,),
    "return_contested": (_S,),
    "replacement_due": (_S,),
    "variant_sold_out": (_B, _S),
    "replacement_shipped": (_B,),
    "replacement_scanned": (_B, _S),
    "replacement_failed": (_B, _S),
    "refund_approved": (_B, _S),
    "refund_initiated": (_B,),
    "refund_confirmed": (_B, _S),
    "refund_failed": (_B,),
    "refund_overdue": (_B,),
    "refund_redirected": (_B,),
    "case_reopened": (_B, _S),
    "case_closed": (_B, _S),
    "units_cancelled": (_B, _S),
    "extension_offered": (_B,),
    "extension_answered": (_S,),
    "parcel_recorded": (_B,),
    "receipt_confirmed": (_S,),
    "protection_reminded": (_B,),
    "escrow_released": (_S,),
    "payout_confirmed": (_S,),
    "payout_held": (_S,),
    "payout_hold_kept": (_S,),
    "payout_hold_released": (_S,),
    "chargeback_opened": (_S,),
    "chargeback_ended": (_S,),
}

# Who caused an event knows of it already; only refunds are confirmed to the buyer whoever moved them.
_ALWAYS_BUYER = frozenset({"refund_approved", "refund_initiated", "refund_confirmed"})
_SENT = frozenset({"case_opened", "draft_submitted"})


def notice_of(custody: Custody, case: Case | None, one: Recorded) -> Notice | None:
    """The notice an event calls for, or None if it concerns nobody but its author."""
    tag = _tag(one)
    always_buyer = tag in _ALWAYS_BUYER
    if tag in _SENT and case is not None and case.reason == WITHDRAWAL and _stated(one):
        # The law wants its receipt sent to the one who withdrew.
        tag, always_buyer = "withdrawal_received", True
    to = tuple(
        person
        for role in RECIPIENTS.get(tag, ())
        if (person := _person(role, custody.order, case)) is not None
        and (person != one.actor or (role is Role.BUYER and always_buyer))
        and _exists_for(person, case)
    )
    if not to:
        return None
    return Notice(
        event=tag,
        seq=one.seq,
        stream=one.stream,
        at=one.at,
        to=to,
        currency=custody.order.currency,
        refunds=_refunds(one),
        clause=case.settlement.clause
        if tag == "withdrawal_received" and case is not None and case.settlement is not None
        else _clause(case, one),
        # What the statement opened is settled in the same breath: nobody is waited on for an answer to it.
        waiting=None if tag == "withdrawal_received" else one.event.waiting,
        buyer_country=custody.order.buyer_country,
        seller_country=custody.order.seller_country,
    )


def _stated(one: Recorded) -> bool:
    return one.event.state is not State.DRAFTING


def _exists_for(person: Actor, case: Case | None) -> bool:
    """A draft is nobody's business but the buyer's, nor is one that was given up."""
    if person.role is not Role.SELLER or case is None:
        return True
    return sees_case(Caller(KeyRole.SELLER, person.id), case)


def _tag(one: Recorded) -> str:
    return str(one.event.__struct_config__.tag)


def _person(role: Role, order: Order, case: Case | None) -> Actor | None:
    if role is Role.BUYER:
        return Actor(role, order.buyer_id)
    if role is Role.SELLER:
        return Actor(role, order.seller_id)
    if role is Role.MEDIATOR and case is not None and case.mediator_id:
        return Actor(role, case.mediator_id)
    return None


def _refunds(one: Recorded) -> tuple[Refund, ...]:
    match one.event:
        case (
            case_events.RefundApproved(refunds=refunds)
            | case_events.RefundInitiated(refunds=refunds)
            | case_events.RefundRedirected(refunds=refunds)
        ):
            # What took another way is told by the refund that replaced it.
            return tuple(refund for refund in refunds if refund.stage is not RefundStage.REDIRECTED)
        case case_events.RefundConfirmed(refund=refund) | case_events.RefundFailed(refund=refund):
            return (refund,)
    return ()


def _clause(case: Case | None, one: Recorded) -> str:
    match one.event:
        case custody_events.PayoutHeld(hold=hold) | custody_events.PayoutHoldKept(hold=hold):
            return hold.clause
    if one.event.waiting is not None:
        return one.event.waiting.clause
    if isinstance(one.event, custody_events.Event) or case is None or case.settlement is None:
        return ""
    return case.settlement.clause
