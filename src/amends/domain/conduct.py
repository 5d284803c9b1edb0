"""Conduct: one command meets one order, and everything that follows from it is recorded, in order.

A command changes one stream; what follows on the other (a case that ends lets custody go on, a parcel
that leaves ends a request to cancel) happens in the same breath. The order's money moves here only.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases import opening
from amends.domain.cases.decide import decide
from amends.domain.cases.evolve import evolve
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.lifecycle import OPENING
from amends.domain.cases.model import Case, Kind, Outcome, State
from amends.domain.chain import Recorded
from amends.domain.custody import commands as oc
from amends.domain.custody import decide as custody_rules
from amends.domain.custody import events as oe
from amends.domain.custody import extensions, redress
from amends.domain.custody.evolve import evolve as evolve_custody
from amends.domain.custody.model import Custody
from amends.domain.orders import Unit
from amends.domain.parties import Actor, Role
from amends.domain.reasons import REASONS
from amends.domain.refusals import Refused
from amends.domain.scene import Rules, Scene

#: The note of a case that ended because the buyer's bank decides about its money.
CHARGED_BACK = "charged_back"

AnyCommand = oc.AnyOrderCommand | c.OpeningCommand | c.CaseCommand


class Conducted(msgspec.Struct, frozen=True):
    """The scene after a command, everything recorded on the way, and the case it was about, if any."""

    scene: Scene
    recorded: tuple[Recorded, ...]
    case_id: str = ""


def conduct(
    scene: Scene,
    command: AnyCommand,
    *,
    order_id: str,
    case_id: str,
    actor: Actor,
    rules: Rules,
    now: datetime,
) -> Conducted | Refused:
    """Carry out ``command`` on the order (or on its case ``case_id``), or say why not. Pure.

    An order or a case of somebody else answers like one that does not exist.
    """
    if scene.custody is None:
        return _first(command, order_id, actor, rules, now)
    if not _concerns(scene.custody, actor):
        return Refused(kind="not_found", detail=f"There is no order {order_id}.")
    desk = _Desk(scene.custody, dict(scene.cases), actor, rules, now)
    if case_id:
        refusal = _case_command(desk, case_id, command)
    else:
        refusal, case_id = _order_command(desk, command)
    if refusal is not None:
        return refusal
    return Conducted(Scene(desk.custody, desk.cases), tuple(desk.recorded), case_id)


def _concerns(custody: Custody, actor: Actor) -> bool:
    if actor.role is Role.BUYER:
        return custody.order.buyer_id == actor.id
    if actor.role is Role.SELLER:
        return custody.order.seller_id == actor.id
    return True


class _Desk:
    """Where events are recorded while a command is carried out; lives for one `conduct` only."""

    def __init__(
        self, custody: Custody, cases: dict[str, Case], actor: Actor, rules: Rules, now: datetime
    ) -> None:
        self.custody = custody
        self.cases = cases
        self.actor = actor
        self.rules = rules
        self.now = now
        self.recorded: list[Recorded] = []

    def hearing(self) -> Hearing:
        return Hearing(self.custody, self.cases, self.rules, self.actor, self.now)

    def next_case_id(self) -> str:
        return f"{self.custody.order.order_id}.{self.custody.cases + 1}"

    def on_order(self, events: Sequence[oe.Event]) -> None:
        for event in events:
            recorded = self._record(
                self.custody.order.order_id, self.custody.seq, self.custody.stage.value, event
            )
            self.custody = evolve_custody(self.custody, recorded)

    def on_case(self, case_id: str, events: Sequence[e.Event]) -> None:
        """Record a case's events, and on the order's stream what they mean for its money and units."""
        for event in events:
            case = self.cases.get(case_id)
            transfers = event.transfers
            bare = msgspec.structs.replace(event, transfers=()) if transfers else event
            recorded = self._record(case_id, case.seq if case else 0, case.state.value if case else "", bare)
            self.cases[case_id] = evolve(case, recorded)
            if isinstance(event, e.CaseOpened):
                self._stay(oe.CaseCounted, case_id=case_id)
            if isinstance(event, e.PaymentReceived):
                self._stay(oe.TenderCaptured, tender=event.tender, transfers=transfers)
            elif transfers:
                units = event.units if isinstance(event, e.RefundApproved) else {}
                self._stay(oe.MoneyMoved, case_id=case_id, transfers=transfers, units=units)
            if isinstance(event, e.CaseSettled) and self.cases[case_id].kind is Kind.CANCELLATION:
                self._cancel(self.cases[case_id].units)
            if isinstance(event, e.CaseClosed):
                self.pay_back_captured_since(case_id)
                self.on_order(custody_rules.after_case(self.hearing(), case_id))

    def pay_back_captured_since(self, case_id: str) -> None:
        """Units of a cancellation are paid back as money for them comes in, however late."""
        if opening.owed_for_cancelled(self.hearing(), self.cases[case_id]):
            again = self.next_case_id()
            self.on_case(again, opening.captured_since(self.hearing(), again, self.cases[case_id]))

    def _stay(self, kind: Any, **fields: Any) -> None:
        self.on_order([kind(state=self.custody.stage, waiting=self.custody.waiting, **fields)])

    def _cancel(self, units: tuple[Unit, ...]) -> None:
        units = tuple(unit for unit in units if unit not in self.custody.cancelled)
        if not units:
            return
        told = msgspec.structs.replace(self.custody, cancelled=(*self.custody.cancelled, *units))
        stage, waiting = custody_rules.after_cancelling(msgspec.structs.replace(self.hearing(), custody=told))
        self.on_order([oe.UnitsCancelled(state=stage, waiting=waiting, units=units)])

    def _record(self, stream: str, seq: int, from_state: str, event: Any) -> Recorded:
        recorded = Recorded(
            stream=stream,
            order_id=self.custody.order.order_id,
            seq=seq + 1,
            at=self.now,
            actor=self.actor,
            from_state=from_state,
            event=event,
        )
        self.recorded.append(recorded)
        return recorded


def _first(
    command: AnyCommand, order_id: str, actor: Actor, rules: Rules, now: datetime
) -> Conducted | Refused:
    if not isinstance(command, oc.PlaceOrder):
        return Refused(
            kind="not_found", detail=f"There is no order {order_id}.", facts={"order_id": order_id}
        )
    if actor.role is not Role.OPERATOR:
        return Refused(kind="not_yours", detail="Orders are told by the marketplace.")
    if command.order.order_id != order_id:
        return _other_order(order_id, command.order.order_id)
    placed = custody_rules.place(command, rules, now)
    if isinstance(placed, Refused):
        return placed
    event = placed[0]
    recorded = Recorded(
        stream=order_id,
        order_id=order_id,
        seq=1,
        at=now,
        actor=actor,
        from_state="",
        event=event,  # type: ignore[arg-type]  # the first is OrderPlaced
    )
    desk = _Desk(evolve_custody(None, recorded), {}, actor, rules, now)
    desk.recorded.append(recorded)
    for n, parcel in enumerate(command.order.parcels):
        refusal = _told(desk, custody_rules.record_parcel(desk.hearing(), oc.RecordParcel(parcel=parcel)))
        if refusal is not None:
            return msgspec.structs.replace(refusal, pointer=f"/parcels/{n}{refusal.pointer}")
    return Conducted(Scene(desk.custody, desk.cases), tuple(desk.recorded))


def _other_order(order_id: str, told: str) -> Refused:
    return Refused(
        kind="invalid",
        detail=f"This is about order {order_id}, what was told is about order {told}.",
        facts={"order_id": order_id, "told": told},
        pointer="/order_id",
    )


def _case_command(desk: _Desk, case_id: str, command: AnyCommand) -> Refused | None:
    case = desk.cases.get(case_id)
    if case is None:
        return Refused(kind="not_found", detail=f"There is no case {case_id}.", facts={"case_id": case_id})
    if not isinstance(command, _CASE_COMMANDS):
        return Refused(kind="invalid", detail=f"{type(command).__name__} is not a command to a case.")
    events = decide(desk.hearing(), case, command)
    if isinstance(events, Refused):
        return events
    desk.on_case(case_id, events)
    if isinstance(command, c.SubmitDraft):
        desk.on_case(case_id, opening.granted_by_law(desk.hearing(), desk.cases[case_id]))
    return None


_CASE_COMMANDS = c.CaseCommand.__args__
_BY_MARKETPLACE = (oc.PlaceOrder, oc.RecordCapture, oc.RecordParcel, oc.RecordTracking)


def _order_command(  # noqa: C901, PLR0911 - one arm a command
    desk: _Desk, command: AnyCommand
) -> tuple[Refused | None, str]:
    match command:
        case c.OpenClaim() | c.OpenCancellation():
            return _open(desk, command)
        case oc.CancelBySeller():
            return _cancel_by_seller(desk, command)
        case oc.LapseOrder():
            return _lapse(desk), ""
        case oc.ConfirmReceipt():
            if desk.actor.role is not Role.BUYER:
                return _wrong_role(desk, command), ""
            return _told(desk, custody_rules.confirm_receipt(desk.hearing())), ""
        case oc.ConfirmPayout():
            if desk.actor.role not in {Role.PROVIDER, Role.OPERATOR}:
                return _wrong_role(desk, command), ""
            return _told(desk, custody_rules.confirm_payout(desk.hearing(), command)), ""
        case oc.GiveGoodwill() | oc.AnswerGoodwill() | oc.OpenChargeback() | oc.ResolveChargeback():
            return _redress(desk, command), ""
        case _ if isinstance(command, oc.OfferExtension | oc.AnswerExtension):
            return _extend(desk, command), ""
        case _ if isinstance(command, oc.HoldPayout | oc.AnswerHold):
            return _hold(desk, command), ""
        case _ if isinstance(command, _BY_MARKETPLACE):
            return _by_marketplace(desk, command), ""
        case _:
            return Refused(kind="invalid", detail=f"{type(command).__name__} needs a case."), ""


def _extend(desk: _Desk, command: oc.OfferExtension | oc.AnswerExtension) -> Refused | None:
    """More time to return is the seller's to offer and the buyer's to accept."""
    offering = isinstance(command, oc.OfferExtension)
    if desk.actor.role is not (Role.SELLER if offering else Role.BUYER):
        return _wrong_role(desk, command)
    if isinstance(command, oc.OfferExtension):
        return _told(desk, extensions.offer(desk.hearing(), command))
    return _told(desk, extensions.answer(desk.hearing(), command))


def _hold(desk: _Desk, command: oc.HoldPayout | oc.AnswerHold) -> Refused | None:
    """The clock speaks for the house: a claim that came in, a ruling that was made (see `counterfeits`)."""
    if desk.actor.role not in {Role.OPERATOR, Role.CLOCK}:
        return _wrong_role(desk, command)
    if isinstance(command, oc.HoldPayout):
        return _told(desk, custody_rules.hold_payout(desk.hearing(), command))
    return _told(desk, custody_rules.answer_hold(desk.hearing(), command))


def _redress(desk: _Desk, command: Any) -> Refused | None:
    """Money that goes back beside the cases: goodwill by operators, disputes by what the provider says."""
    allowed = {Role.OPERATOR}
    if isinstance(command, oc.OpenChargeback | oc.ResolveChargeback):
        allowed = {Role.OPERATOR, Role.PROVIDER}
    if desk.actor.role not in allowed:
        return _wrong_role(desk, command)
    h = desk.hearing()
    match command:
        case oc.GiveGoodwill():
            return _told(desk, redress.give(h, command))
        case oc.AnswerGoodwill():
            return _told(desk, redress.answer(h, command))
        case oc.OpenChargeback():
            refusal = _told(desk, redress.open_chargeback(h, command))
            if refusal is None:
                _leave_to_the_bank(desk)
            return refusal
        case _:
            return _told(desk, custody_rules.resolve_chargeback(h, command))


_BEFORE_GOODS = frozenset(
    {
        State.CANCEL_REQUESTED,
        State.AWAITING_SELLER,
        State.AWAITING_BUYER,
        State.MEDIATING,
        State.MEDIATING_LATE,
        State.AWAITING_EVIDENCE,
        State.RULED,
        State.APPEALED,
        State.AWAITING_INSTRUCTIONS,
        State.AWAITING_SHIPMENT,
    }
)


def _leave_to_the_bank(desk: _Desk) -> None:
    """What the bank decides is not decided here too: a case for which nothing is left to pay is over.

    Where goods are on their way, or a refund is, the case goes on, limited to what is left. Support may
    reopen a case that was closed so if the bank decides for the marketplace.
    """
    for case in list(desk.cases.values()):
        left = desk.hearing().most(case) if case.state in _BEFORE_GOODS and not case.paid_in else 1
        if left <= 0:
            closed = e.CaseClosed(state=State.CLOSED, outcome=Outcome.WITHDRAWN, note=CHARGED_BACK)
            desk.on_case(case.case_id, [closed])


def _cancel_by_seller(desk: _Desk, command: oc.CancelBySeller) -> tuple[Refused | None, str]:
    if desk.actor.role not in {Role.SELLER, Role.OPERATOR}:
        return _wrong_role(desk, command), ""
    known = REASONS.get(command.reason)
    if known is None or known.kind is not Kind.CANCELLATION:
        facts: dict[str, object] = {"reason": command.reason}
        detail = f"{command.reason!r} is not a reason for a cancellation; GET /v1/reasons lists them."
        return Refused(kind="unknown_reason", detail=detail, facts=facts, pointer="/reason"), ""
    refusal = custody_rules.cancel_unshipped_refused(desk.hearing())
    if refusal is not None:
        return refusal, ""
    return None, _cancel_unshipped(desk, command.reason, command.note)


def _wrong_role(desk: _Desk, command: AnyCommand) -> Refused:
    return Refused(
        kind="not_yours",
        detail=f"A {desk.actor.role.value} cannot do this: {type(command).__name__}.",
        facts={"role": desk.actor.role.value},
    )


def _by_marketplace(desk: _Desk, command: Any) -> Refused | None:
    allowed = {Role.OPERATOR, Role.CARRIER} if isinstance(command, oc.RecordTracking) else {Role.OPERATOR}
    if isinstance(command, oc.RecordParcel):
        allowed = {Role.OPERATOR, Role.SELLER}
    if isinstance(command, oc.RecordCapture):
        allowed = {Role.OPERATOR, Role.PROVIDER}
    if desk.actor.role not in allowed:
        return _wrong_role(desk, command)
    h = desk.hearing()
    found: Sequence[oe.Event] | Refused
    match command:
        case oc.PlaceOrder() if command.order.order_id != desk.custody.order.order_id:
            found = _other_order(desk.custody.order.order_id, command.order.order_id)
        case oc.PlaceOrder():
            found = custody_rules.place_again(h, command)
        case oc.RecordCapture():
            found = custody_rules.record_capture(h, command)
        case oc.RecordParcel():
            found = custody_rules.record_parcel(h, command)
        case _:
            found = custody_rules.record_tracking(h, command)
    refusal = _told(desk, found)
    if refusal is None and isinstance(command, oc.PlaceOrder | oc.RecordCapture):
        for case_id in list(desk.cases):
            desk.pay_back_captured_since(case_id)
    return refusal


def _told(desk: _Desk, found: Sequence[oe.Event] | Refused) -> Refused | None:
    if isinstance(found, Refused):
        return found
    desk.on_order(found)
    if any(isinstance(event, oe.ParcelRecorded) for event in found):
        _end_requests_to_cancel(desk)
    return None


def _end_requests_to_cancel(desk: _Desk) -> None:
    """What has left cannot be cancelled any more: the request is over, a claim is possible instead."""
    left = set(opening.unshipped_units(desk.hearing()))
    for case in list(desk.cases.values()):
        if case.state is State.CANCEL_REQUESTED and not set(case.units) <= left:
            closed = e.CaseClosed(state=State.CLOSED, outcome=Outcome.DECLINED, note="shipped")
            desk.on_case(case.case_id, [closed])


def _open(desk: _Desk, command: c.OpenClaim | c.OpenCancellation) -> tuple[Refused | None, str]:
    name = str(command.__struct_config__.tag)
    if desk.actor.role is not Role.BUYER:
        return _wrong_role(desk, command), ""
    case_id = desk.next_case_id()
    h = desk.hearing()
    if isinstance(command, c.OpenClaim):
        events = opening.claim(h, case_id, command)
    else:
        events = opening.cancellation(h, case_id, command)
    if isinstance(events, Refused):
        return events, ""
    if events[0].state not in OPENING[name]:
        raise ValueError(f"{name} led to {events[0].state}, which the lifecycle does not know")
    desk.on_case(case_id, events)
    desk.on_case(case_id, opening.granted_by_law(desk.hearing(), desk.cases[case_id]))
    return None, case_id


def _cancel_unshipped(desk: _Desk, reason: str, note: str = "") -> str:
    """The seller will not ship, or has not: a case that is settled as it opens, in full (C14). Its id."""
    # A request to cancel would charge the shipping: who does not ship cannot.
    for case in list(desk.cases.values()):
        if case.state is State.CANCEL_REQUESTED:
            closed = e.CaseClosed(state=State.CLOSED, outcome=Outcome.WITHDRAWN, note="cancelled_unshipped")
            desk.on_case(case.case_id, [closed])
    case_id = desk.next_case_id()
    desk.on_case(case_id, opening.cancelled_by_seller_or_clock(desk.hearing(), case_id, reason, note))
    return case_id


def _lapse(desk: _Desk) -> Refused | None:
    waiting = desk.custody.waiting
    due = waiting is not None and desk.now >= waiting.until and desk.actor.role is Role.CLOCK
    if due and waiting is not None and waiting.default == "cancel_unshipped":
        _cancel_unshipped(desk, "cancel.not_shipped_in_time")
        return None
    found = custody_rules.lapse(desk.hearing())
    return _told(desk, found)
