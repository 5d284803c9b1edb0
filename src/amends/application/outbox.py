"""Which errands follow from what happened: the outbox rows that are written with the events themselves.

What an errand's ``body`` holds, by topic (amounts in minor units, instants as ISO 8601 text):

- ``refund.pay``: refund_id, provider, tender_ref, method, destination (empty: back to the tender), amount,
  currency, captured (of this tender), part (of the tender's capture: order and tender)
- ``refund.recall``: as ``refund.pay``; ``refund_id`` is the key of the request to be stopped
- ``payout.pay``: transfer_id, provider, destination (the seller's id), amount, currency
- ``case.answer``: seller_id; what the seller's policy answers by itself
- ``parcel.watch``: leg (return or replacement); the carrier is asked where the case's parcel is
- ``counterfeit.hold``, ``counterfeit.settle``: nothing; such a claim came in, was ruled or ended
- ``stock.keep``: nothing; the marketplace's stock is made to keep what the case's exchange waits for
- ``notice``: see `amends.application.notices.Notice`
- ``deadline.plan``: see `amends.application.nearing.Nearing`
- ``closing.plan``: see `amends.application.closing_reminders.Looking`
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import msgspec

from amends.application.closing_reminders import looking
from amends.application.counterfeits import HOLD, SETTLE, comes_in, look_id
from amends.application.nearing import planning
from amends.application.notices import notice_of
from amends.application.ports import Errand
from amends.domain.cases import events as case_events
from amends.domain.cases.dues import wanted_of_stock
from amends.domain.cases.model import Case, Kind, Refund, RefundStage, State
from amends.domain.chain import Recorded
from amends.domain.custody import events as custody_events
from amends.domain.custody.model import Custody
from amends.domain.ledger import Stage
from amends.domain.orders import Order
from amends.domain.records import COUNTERFEIT
from amends.domain.scene import Scene

DEFAULT_PROVIDER = "sandbox"


def errands_of(scene: Scene, recorded: Sequence[Recorded]) -> list[Errand]:
    """The errands of events just recorded; ``scene`` is the order with its cases after them."""
    if scene.custody is None:
        return []
    errands: list[Errand] = []
    for one in recorded:
        case = scene.cases.get(one.stream)
        errands += _of_event(scene.custody, case, one)
        notice = notice_of(scene.custody, case, one)
        if notice is not None:
            body = msgspec.to_builtins(notice)
            errands.append(_errand(one, f"notice:{one.stream}:{one.seq}", "notice", body))
        elif (planned := planning(one)) is not None:
            errands.append(planned)
        if (closing := looking(scene.custody, one)) is not None:
            errands.append(closing)
    last = {one.stream: one for one in recorded}
    for stream, one in last.items():
        case = scene.cases.get(stream)
        if case is not None and _concerns_stock(case):
            errands += _stock(one)
    return errands


# Kept for less, it is asked for at each step only: what is asked for by the hour fills the case with it.
_KEPT_AT_LEAST = timedelta(hours=20)


def _stock(one: Recorded) -> Iterator[Errand]:
    """The stock is asked at once; where it may have kept for less time than was wished, again halfway."""
    asked = _errand(one, f"stock:{one.stream}:{one.seq}", "stock.keep", {})
    if not isinstance(one.event, case_events.VariantReserved):
        yield asked
    elif one.event.reservation.until - one.at >= _KEPT_AT_LEAST:
        halfway = one.at + (one.event.reservation.until - one.at) / 2
        yield msgspec.structs.replace(asked, due_at=halfway)


def _concerns_stock(case: Case) -> bool:
    """Whether a replacement is to be kept, or what was kept may go."""
    return case.reservation is not None or bool(wanted_of_stock(case))


def _of_event(  # noqa: C901 - one arm an event
    custody: Custody, case: Case | None, one: Recorded
) -> Iterator[Errand]:
    if case is not None and case.kind is Kind.CLAIM and _awaits_seller_anew(one):
        body: dict[str, object] = {"seller_id": case.seller_id}
        yield _errand(one, f"answer:{one.stream}:{one.seq}", "case.answer", body)
        yield from _never_came(custody, case, one)
    yield from _beyond_the_order(case, one)
    match one.event:
        case case_events.RefundInitiated(refunds=refunds) | case_events.RefundRedirected(refunds=refunds):
            for refund in refunds:
                if refund.stage is RefundStage.INITIATED:
                    yield _errand(one, refund.refund_id, "refund.pay", _refund_body(custody.order, refund))
                elif _may_still_arrive(refund, one):
                    # Credited elsewhere, so the provider must not pay it any more.
                    yield _recall(one, custody.order, refund)
        case case_events.ReturnShipped(shipment=sent):
            body = {"leg": "return", "number": sent.tracking_number}
            yield _errand(one, f"watch:{one.stream}:return:{one.seq}", "parcel.watch", body)
        case case_events.ReplacementShipped():
            watched: dict[str, object] = {"leg": "replacement"}
            yield _errand(one, f"watch:{one.stream}:replacement:{one.seq}", "parcel.watch", watched)
        case case_events.RefundOverdue() if case is not None:
            # Only the provider can say whether the money arrived: it is stopped or confirmed, never guessed.
            for refund in _flying(case.refunds):
                yield _recall(one, custody.order, refund)
        case custody_events.PayoutInitiated(transfers=transfers):
            for transfer in transfers:
                if transfer.purpose == "payout" and transfer.stage is Stage.PENDING:
                    body = {
                        "transfer_id": transfer.transfer_id,
                        "provider": _payout_provider(custody.order),
                        "destination": custody.order.seller_id,
                        "amount": transfer.amount,
                        "currency": custody.order.currency,
                    }
                    yield _errand(one, f"{one.order_id}:{transfer.transfer_id}", "payout.pay", body)


def _never_came(custody: Custody, case: Case, one: Recorded) -> Iterator[Errand]:
    """Where nobody tells what became of a parcel, its carrier is asked once the buyer says that none came."""
    if not case.reason.startswith("not_received.") or one.event.state is not State.AWAITING_SELLER:
        return
    lines = {unit.line_id for unit in case.units}
    for parcel in custody.order.parcels:
        concerned = not parcel.line_ids or lines & set(parcel.line_ids)
        if concerned and parcel.tracking_number and not parcel.events:
            body: dict[str, object] = {"leg": "outbound", "parcel_id": parcel.parcel_id, "told": 0}
            yield _errand(one, f"watch:{one.stream}:outbound:{parcel.parcel_id}", "parcel.watch", body)


def _beyond_the_order(case: Case | None, one: Recorded) -> Iterator[Errand]:
    """What a claim of counterfeit goods means for the seller's other orders of them."""
    if case is None or case.reason != COUNTERFEIT:
        return
    if comes_in(one):
        yield _errand(one, look_id(one.stream, one.seq), HOLD, {})
    elif isinstance(one.event, case_events.CaseRuled | case_events.CaseClosed):
        yield _errand(one, look_id(one.stream, one.seq), SETTLE, {})


def _awaits_seller_anew(one: Recorded) -> bool:
    """Whether a seller's policy may have an answer: to a claim that comes in, or to one that is to be sent
    back."""
    if isinstance(one.event, case_events.CaseOpened | case_events.DraftSubmitted):
        return one.event.state is State.AWAITING_SELLER
    return one.event.state is State.AWAITING_INSTRUCTIONS and one.from_state != State.AWAITING_INSTRUCTIONS


def _may_still_arrive(refund: Refund, one: Recorded) -> bool:
    # Overdue ends in the balance by the clock; a failed refund needs no recall, but asking does no harm.
    return isinstance(one.event, case_events.RefundRedirected) and refund.stage is RefundStage.CONFIRMED


def _flying(refunds: Iterable[Refund]) -> Iterator[Refund]:
    return (refund for refund in refunds if refund.stage is RefundStage.INITIATED)


def _recall(one: Recorded, order: Order, refund: Refund) -> Errand:
    errand_id = f"recall:{refund.refund_id}:{one.seq}"
    return _errand(one, errand_id, "refund.recall", _refund_body(order, refund))


def _refund_body(order: Order, refund: Refund) -> dict[str, object]:
    tender = next(tender for tender in order.tenders if tender.tender_id == refund.tender_id)
    part = f"{order.order_id}/{tender.tender_id}"
    return {
        "refund_id": refund.refund_id,
        "provider": tender.provider,
        "tender_ref": tender.provider_ref or part,
        "method": refund.method,
        "destination": refund.destination,
        "amount": refund.amount,
        "currency": order.currency,
        "captured": tender.captured,
        "part": part,
    }


def _payout_provider(order: Order) -> str:
    return order.tenders[0].provider if order.tenders else DEFAULT_PROVIDER


def _errand(one: Recorded, errand_id: str, topic: str, body: dict[str, object]) -> Errand:
    return Errand(
        errand_id=errand_id,
        topic=topic,
        order_id=one.order_id,
        case_id=one.stream if one.stream != one.order_id else "",
        body=body,
        due_at=one.at,
    )
