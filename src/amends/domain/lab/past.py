"""A recorded order read back as what people, carriers and banks did: the acts its events came from.

Events that follow by rule are left out, and so is whatever the clock did: both are decided again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import msgspec

from amends.domain.cases import commands as c
from amends.domain.cases import events as e
from amends.domain.cases.model import Kind, Ruling, Settled, State
from amends.domain.chain import Recorded
from amends.domain.conduct import CHARGED_BACK, AnyCommand
from amends.domain.custody import commands as oc
from amends.domain.custody import events as oe
from amends.domain.custody.holding import LAPSED
from amends.domain.orders import Order, Unit
from amends.domain.parties import Actor, Role

# A mediator decides before and after the alert alike: to people that is one stretch of time.
_PHASES = {State.MEDIATING_LATE.value: State.MEDIATING.value}


def phase(state: str) -> str:
    """The stretch of a case that a state belongs to, as people live through it."""
    return _PHASES.get(state, state)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did. On an order (``case_id`` empty, or the case it opened) it was done ``at``.

    On a case it was done ``lag`` after the case came into ``phase`` for the ``visit``-th time.
    """

    at: datetime
    actor: Actor
    command: AnyCommand
    case_id: str = ""
    phase: str = ""
    visit: int = 0
    lag: timedelta = timedelta()


class Answer(msgspec.Struct, frozen=True):
    """What the provider said of a refund, how long after it was started; ``why`` not empty: it failed."""

    lag: timedelta
    why: str = ""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One order's past. ``told`` is done to the order, ``acts`` to its cases, in their order.

    ``visits`` counts, for each case, how often it came into each phase. ``answers`` are by case and number
    of the refund (``r1``). ``payout_lag`` is how long the seller's payout took.
    """

    order: Order
    told: tuple[Act, ...]
    acts: Mapping[str, tuple[Act, ...]]
    visits: Mapping[str, Mapping[str, int]]
    answers: Mapping[tuple[str, str], Answer]
    payout_lag: timedelta = timedelta()


class Stopwatch:
    """Since when a case is in its phase, and the how-manyth time that is."""

    def __init__(self) -> None:
        self.phase = ""
        self.since = datetime.min.replace(tzinfo=UTC)
        self.visits: dict[str, int] = {}

    def saw(self, state: str, at: datetime) -> None:
        """The case is in ``state`` now."""
        now = phase(state)
        if now != self.phase:
            self.phase, self.since = now, at
            self.visits[now] = self.visits.get(now, 0) + 1


def past_of(recorded: Sequence[Recorded]) -> Past:
    """Read one order's events, all streams, each in its sequence. Raises `ValueError` for other events."""
    order_id = recorded[0].order_id if recorded else ""
    streams: dict[str, list[Recorded]] = {}
    for one in recorded:
        streams.setdefault(one.stream, []).append(one)
    own = streams.pop(order_id, [])
    if not own or not isinstance(own[0].event, oe.OrderPlaced):
        raise ValueError(f"the events of order {order_id!r} do not begin with its placing")
    told = list(_told(own))
    acts: dict[str, tuple[Act, ...]] = {}
    visits: dict[str, Mapping[str, int]] = {}
    answers: dict[tuple[str, str], Answer] = {}
    cancelled = _cancelled(own)
    for case_id, events in streams.items():
        opening = _opening(events[0], cancelled)
        if opening is not None:
            told.append(opening)
        watch = Stopwatch()
        acts[case_id] = tuple(_acts(events, watch))
        visits[case_id] = watch.visits
        answers.update(_answers(case_id, events))
    return Past(
        order=own[0].event.order,
        told=tuple(sorted(told, key=lambda act: act.at)),
        acts=acts,
        visits=visits,
        answers=answers,
        payout_lag=_payout_lag(own),
    )


def _cancelled(own: Sequence[Recorded]) -> list[tuple[datetime, frozenset[Unit]]]:
    return [(one.at, frozenset(one.event.units)) for one in own if isinstance(one.event, oe.UnitsCancelled)]


def _opening(first: Recorded, cancelled: list[tuple[datetime, frozenset[Unit]]]) -> Act | None:
    event, role = first.event, first.actor.role
    if not isinstance(event, e.CaseOpened):
        raise ValueError(f"case {first.stream} does not begin with its opening")  # noqa: TRY004 - of events
    command: AnyCommand
    if role is Role.BUYER and event.kind is Kind.CLAIM:
        command = c.OpenClaim(
            reason=event.reason,
            units=event.units,
            wanted=event.wanted,
            story=event.story,
            evidence=event.evidence,
            draft=event.state is State.DRAFTING,
        )
    elif role is Role.BUYER:
        command = c.OpenCancellation(reason=event.reason, units=event.units, story=event.story)
    elif role in {Role.SELLER, Role.OPERATOR} and not any(
        at < first.at and set(event.units) <= units for at, units in cancelled
    ):
        command = oc.CancelBySeller(reason=event.reason, note=event.story)
    else:
        return None
    return Act(at=first.at, actor=first.actor, command=command, case_id=first.stream)


def _told(own: Sequence[Recorded]) -> Iterator[Act]:
    for one in own:
        command = _of_order(one)
        if command is not None:
            yield Act(at=one.at, actor=one.actor, command=command)


def _of_order(one: Recorded) -> AnyCommand | None:  # noqa: PLR0911, C901 - one arm an event
    event = one.event
    match event:
        case oe.OrderPlaced():
            return oc.PlaceOrder(order=event.order)
        case oe.TenderCaptured() if not any(t.case_id for t in event.transfers):
            return oc.RecordCapture(tender=event.tender)
        case oe.ParcelRecorded():
            return oc.RecordParcel(parcel=event.parcel)
        case oe.TrackingRecorded():
            return oc.RecordTracking(parcel_id=event.parcel_id, events=event.scans)
        case oe.ReceiptConfirmed():
            return oc.ConfirmReceipt()
        case oe.GoodwillProposed():
            good = event.goodwill
            return oc.GiveGoodwill(goodwill_id=good.goodwill_id, amount=good.amount, reason=good.reason)
        case oe.GoodwillAnswered() if event.goodwill.approved_by:
            good = event.goodwill
            return oc.AnswerGoodwill(goodwill_id=good.goodwill_id, agreed=good.state == "given")
        case oe.GoodwillAnswered():
            good = event.goodwill
            return oc.GiveGoodwill(goodwill_id=good.goodwill_id, amount=good.amount, reason=good.reason)
        case oe.ChargebackOpened():
            back = event.chargeback
            return oc.OpenChargeback(
                dispute_id=back.dispute_id, tender_id=back.tender_id, amount=back.amount, reason=back.reason
            )
        case oe.ChargebackEnded():
            back = event.chargeback
            return oc.ResolveChargeback(dispute_id=back.dispute_id, won=back.state == "won")
        case _:
            return _agreed_or_held(event)


def _agreed_or_held(event: Any) -> AnyCommand | None:
    match event:
        case oe.ExtensionOffered():
            more = event.extension
            return oc.OfferExtension(extension_id=more.extension_id, until=more.until, note=more.note)
        case oe.ExtensionAnswered():
            more = event.extension
            return oc.AnswerExtension(extension_id=more.extension_id, agreed=more.state == "accepted")
        case oe.PayoutHeld():
            hold = event.hold
            return oc.HoldPayout(hold_id=hold.hold_id, reason=hold.reason, claim=hold.claim)
        case oe.PayoutHoldKept():
            return oc.AnswerHold(hold_id=event.hold.hold_id, kept=True, reason=event.hold.note)
        case oe.PayoutHoldReleased() if event.hold.note != LAPSED:
            return oc.AnswerHold(hold_id=event.hold.hold_id, kept=False, reason=event.hold.note)
    return None


def _payout_lag(own: Sequence[Recorded]) -> timedelta:
    started = next((one.at for one in own if isinstance(one.event, oe.PayoutInitiated)), None)
    ended = next((one.at for one in own if isinstance(one.event, oe.PayoutConfirmed)), None)
    return max(timedelta(), ended - started) if started and ended else timedelta()


def _answers(case_id: str, events: Sequence[Recorded]) -> Iterator[tuple[tuple[str, str], Answer]]:
    started: dict[str, datetime] = {}
    for one in events:
        event = one.event
        if isinstance(event, e.RefundInitiated | e.RefundRedirected):
            if isinstance(event, e.RefundRedirected) and one.actor.role is Role.PROVIDER:
                # The buyer's own choice failed as well.
                for refund in event.refunds:
                    begun = started.get(refund.refund_id, one.at)
                    yield (
                        (case_id, _number(refund.refund_id)),
                        Answer(one.at - begun, refund.failure or "declined"),
                    )
            for refund in event.refunds:
                started.setdefault(refund.refund_id, refund.at)
        elif isinstance(event, e.RefundConfirmed | e.RefundFailed):
            refund = event.refund
            begun = started.get(refund.refund_id, one.at)
            why = refund.failure or "declined" if isinstance(event, e.RefundFailed) else ""
            yield (case_id, _number(refund.refund_id)), Answer(max(timedelta(), one.at - begun), why)


def _number(refund_id: str) -> str:
    return refund_id.rpartition("-")[2]


def _acts(events: Sequence[Recorded], watch: Stopwatch) -> Iterator[Act]:
    for (_, actor), group in groupby(events, key=lambda one: (one.at, one.actor)):
        together = list(group)
        before: list[e.Event] = []
        for n, one in enumerate(together):
            event: Any = one.event
            following = together[n + 1].event if n + 1 < len(together) else None
            maker = _MAKERS.get(type(event))
            rule = actor.role is Role.CLOCK and not _met(event)
            command = maker(event, one, before, following) if maker and not rule and one.seq > 1 else None
            if command is not None:
                yield Act(
                    at=one.at,
                    actor=actor,
                    command=command,
                    case_id=one.stream,
                    phase=watch.phase,
                    visit=watch.visits.get(watch.phase, 0),
                    lag=one.at - watch.since,
                )
            watch.saw(event.state, one.at)
            before.append(event)


_Maker = Callable[[Any, Recorded, Sequence[e.Event], Any], AnyCommand | None]


def _met(event: Any) -> bool:
    """Whether two hidden limits met: that is the sides' doing, though the house says so."""
    return isinstance(event, e.CaseSettled) and event.settlement.by is Settled.BLIND


def _settled(event: e.CaseSettled, one: Recorded, *_: object) -> AnyCommand | None:
    if _met(event):
        # The limits themselves were destroyed. What they met at is what either would still have met at.
        amount = event.settlement.remedy.amount
        return c.SettleBlind(buyer=amount, seller=amount)
    if event.settlement.by is Settled.AGREEMENT and one.actor.role in {Role.BUYER, Role.SELLER}:
        return c.AcceptOffer(rule=event.rule)
    return None


def _taken(event: e.CaseTaken, one: Recorded, _: Sequence[e.Event], following: Any) -> AnyCommand | None:
    if isinstance(following, e.EvidenceRequested | e.CaseRuled | e.RulingProposed):
        return None
    if event.mediator_id == one.actor.id:
        return c.TakeCase()
    return c.AssignCase(mediator_id=event.mediator_id)


def _ruling(made: Ruling) -> c.Rule:
    return c.Rule(remedy=made.remedy, reasons=made.reasons, findings=made.findings, otherwise=made.otherwise)


def _closed(event: e.CaseClosed, one: Recorded, before: Sequence[e.Event], _: Any) -> AnyCommand | None:
    if before or event.note in {"shipped", "cancelled_unshipped", CHARGED_BACK}:
        return None
    if one.actor.role is Role.BUYER:
        return c.Withdraw()
    return c.DeclineOffer(note=event.note) if one.from_state == State.CANCEL_REQUESTED.value else None


def _failed(_: e.ReplacementFailed, one: Recorded, before: Sequence[e.Event], __: Any) -> AnyCommand | None:
    if before or one.actor.role is Role.CARRIER:
        return None
    return c.DeclineExchange() if one.actor.role is Role.BUYER else c.DeclineReplacement()


def _chosen(event: e.RefundRedirected, one: Recorded, _: Sequence[e.Event], __: Any) -> AnyCommand | None:
    if one.actor.role is not Role.BUYER:
        return None
    last = event.refunds[-1]
    return c.ChooseRefundMethod(method=last.method, destination=last.destination)


def _shipped(event: e.ReturnShipped, one: Recorded, _: Sequence[e.Event], __: Any) -> AnyCommand | None:
    if one.actor.role is not Role.BUYER:
        return None
    sent = event.shipment
    return c.ShipReturn(
        units=sent.units,
        carrier=sent.carrier,
        tracking_number=sent.tracking_number,
        receipt=sent.receipt,
        freight=sent.freight,
        evidence=event.evidence,
    )


def _drafted(event: e.DraftEdited, *_: object) -> AnyCommand:
    return c.EditDraft(
        reason=event.reason,
        units=event.units,
        wanted=event.wanted,
        story=event.story,
        evidence=event.evidence,
    )


def _labelled(event: e.LabelIssued, *_: object) -> AnyCommand:
    label = event.label
    return c.IssueLabel(
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        price=label.price,
        code=label.code,
    )


def _paid(event: e.PaymentReceived, *_: object) -> AnyCommand:
    tender = event.tender
    return c.RecordPayment(
        amount=tender.captured,
        method=tender.method,
        provider=tender.provider,
        reference=tender.provider_ref,
    )


def _reserved(event: e.VariantReserved, *_: object) -> AnyCommand:
    kept = event.reservation
    return c.RecordReservation(variant=kept.variant, until=kept.until, reference=kept.reference)


_MAKERS: Mapping[type, _Maker] = {
    e.VariantReserved: _reserved,
    e.VariantSoldOut: lambda event, *_: c.RecordSoldOut(variant=event.variant),
    e.DraftEdited: _drafted,
    e.DraftSubmitted: lambda *_: c.SubmitDraft(),
    e.EvidenceAdded: lambda event, *_: c.AddEvidence(items=event.items),
    e.OfferMade: lambda event, *_: c.MakeOffer(
        remedy=event.offer.remedy, note=event.offer.note, rule=event.rule, evidence=event.evidence
    ),
    e.OfferDeclined: lambda event, *_: c.DeclineOffer(note=event.note),
    e.CaseSettled: _settled,
    e.CaseEscalated: lambda *_: c.Escalate(),
    e.CaseTaken: _taken,
    e.EvidenceRequested: lambda event, *_: c.RequestEvidence(of=event.request.of, items=event.request.items),
    e.EvidenceSubmitted: lambda event, *_: c.SubmitEvidence(items=event.items),
    e.CaseRuled: lambda event, *_: (
        c.ConfirmRuling(agreed=True) if event.ruling.confirmed_by else _ruling(event.ruling)
    ),
    e.RulingProposed: lambda event, *_: _ruling(event.ruling),
    e.RulingSentBack: lambda event, *_: c.ConfirmRuling(agreed=False, note=event.note),
    e.RulingAccepted: lambda *_: c.AcceptRuling(),
    e.CaseAppealed: lambda event, *_: c.Appeal(note=event.note, evidence=event.evidence),
    e.InstructionsGiven: lambda event, *_: c.GiveInstructions(
        address=event.instructions.address,
        note=event.instructions.note,
        label=event.instructions.label,
        rule=event.rule,
    ),
    e.ReturnShipped: _shipped,
    e.LabelIssued: _labelled,
    e.FreightReceiptAdded: lambda event, *_: c.AddFreightReceipt(
        freight=event.freight, receipt=event.receipt, tracking_number=event.tracking_number
    ),
    e.ReturnScanned: lambda event, *_: c.RecordReturnScan(
        signal=event.signal,
        scanned_at=event.scanned_at,
        note=event.note,
        weight_g=event.weight_g,
        tracking_number=event.tracking_number,
        postcode=event.postcode,
    ),
    e.ReturnRestKept: lambda _, one, *__: c.Withdraw() if one.actor.role is Role.BUYER else None,
    e.ReturnInspected: lambda event, *_: c.InspectReturn(
        inspections=event.inspections, evidence=event.evidence, weight_g=event.weight_g
    ),
    e.RejectionAccepted: lambda *_: c.AcceptRejection(),
    e.ReturnContested: lambda event, *_: c.ContestRejection(note=event.note, evidence=event.evidence),
    e.PaymentReceived: _paid,
    e.ReplacementFailed: _failed,
    e.ReplacementShipped: lambda event, *_: c.ShipReplacement(
        carrier=event.shipment.carrier, tracking_number=event.shipment.tracking_number
    ),
    e.ReplacementScanned: lambda event, *_: c.RecordReplacementScan(
        signal=event.signal, scanned_at=event.scanned_at, note=event.note
    ),
    e.ReplacementReceived: lambda *_: c.ConfirmReplacement(),
    e.RefundRedirected: _chosen,
    e.CaseReopened: lambda event, *_: c.Reopen(reason=event.reason),
    e.CaseClosed: _closed,
}

#: Kinds of events of an order that are read as somebody's act, where they are not the clock's.
ORDER_ACTS: frozenset[type] = frozenset(
    {
        oe.OrderPlaced,
        oe.TenderCaptured,
        oe.ParcelRecorded,
        oe.TrackingRecorded,
        oe.ReceiptConfirmed,
        oe.GoodwillProposed,
        oe.GoodwillAnswered,
        oe.ChargebackOpened,
        oe.ChargebackEnded,
        oe.ExtensionOffered,
        oe.ExtensionAnswered,
        oe.PayoutHeld,
        oe.PayoutHoldKept,
        oe.PayoutHoldReleased,
    }
)
#: What follows on an order by the rules, the clock or its cases, and how long the seller's bank took.
ORDER_FOLLOWING: frozenset[type] = frozenset(
    {
        oe.CaseCounted,
        oe.CaseEnded,
        oe.UnitsCancelled,
        oe.MoneyMoved,
        oe.ProtectionReminded,
        oe.ProtectionEnded,
        oe.EscrowReleased,
        oe.PayoutInitiated,
        oe.PayoutConfirmed,
    }
)
#: Kinds of events of a case that are read as somebody's act (not each one of them is).
ACTS: frozenset[type] = frozenset(_MAKERS) | {e.CaseOpened}
#: What the provider said of a refund.
ANSWERS: frozenset[type] = frozenset({e.RefundConfirmed, e.RefundFailed})
#: What follows from the rules or the clock alone: it is decided again, never repeated.
FOLLOWING: frozenset[type] = frozenset(
    {
        e.SeniorAlerted,
        e.EvidenceLapsed,
        e.FreightReimbursed,
        e.ReturnPartEnded,
        e.ReturnLost,
        e.ReturnCameBack,
        e.PaymentDue,
        e.ReplacementDue,
        e.RefundApproved,
        e.RefundInitiated,
        e.RefundOverdue,
    }
)
