"""Money that goes back beside the cases: goodwill of the marketplace, and what the buyer's bank takes back.

Refunds, chargebacks and goodwill together never pass what was captured: the ledger counts all three.
"""

from msgspec.structs import replace

from amends.domain import refunds as sheet
from amends.domain.cases.hearing import Hearing
from amends.domain.custody import commands as c
from amends.domain.custody import events as e
from amends.domain.custody.model import Chargeback, Custody, Goodwill
from amends.domain.ledger import Account, Stage, Transfer, left_on, refundable
from amends.domain.orders import Tender
from amends.domain.refusals import Refused

Events = list[e.Event]
_TEXT_MAX = 2000


def give(h: Hearing, command: c.GiveGoodwill) -> Events | Refused:
    """An operator gives the buyer credit; above `goodwill.alone` a second operator has to agree first.

    What one order got within the limit counts together, so that it cannot be passed in small steps.
    """
    custody = h.custody
    known = _goodwill(custody, command.goodwill_id)
    if known is not None:
        same = (known.amount, known.reason) == (command.amount, command.reason)
        return [] if same else _other(command.goodwill_id, "/goodwill_id")
    refusal = _amount_refused(custody, command.amount) or _reason_refused(command.reason)
    if refusal is not None:
        return refusal
    fresh = Goodwill(
        goodwill_id=command.goodwill_id,
        amount=command.amount,
        reason=command.reason,
        proposed_by=h.actor.id,
        at=h.now,
    )
    line = custody.order.lines[0]
    limit = h.rules.terms[line.terms_id].get("goodwill.alone")
    alone = sum(one.amount for one in custody.goodwills if one.state == "given" and not one.approved_by)
    if alone + command.amount > int(str(limit.value)):
        return [_event(custody, e.GoodwillProposed, goodwill=fresh)]
    return [_given(custody, replace(fresh, state="given"))]


def answer(h: Hearing, command: c.AnswerGoodwill) -> Events | Refused:
    """A second pair of eyes: another operator agrees; anybody among them may decline."""
    custody = h.custody
    known = _goodwill(custody, command.goodwill_id)
    if known is None or known.state != "proposed":
        return Refused(
            kind="not_possible_now",
            detail=f"No goodwill {command.goodwill_id} waits for an answer.",
            facts={"goodwill_id": command.goodwill_id},
            pointer="/goodwill_id",
        )
    if not command.agreed:
        declined = replace(known, state="declined", approved_by=h.actor.id)
        return [_event(custody, e.GoodwillAnswered, goodwill=declined)]
    if known.proposed_by == h.actor.id:
        return Refused(
            kind="conflict_of_interest",
            detail="Somebody else than who proposed it has to agree.",
            facts={"proposed_by": known.proposed_by},
        )
    refusal = _amount_refused(custody, known.amount)
    return refusal or [_given(custody, replace(known, state="given", approved_by=h.actor.id))]


def _given(custody: Custody, goodwill: Goodwill) -> e.Event:
    transfers = []
    rest = goodwill.amount
    for tender in custody.order.tenders:
        part = min(rest, left_on(custody.books, tender.tender_id))
        if part > 0:
            rest -= part
            transfers.append(
                Transfer(
                    transfer_id=f"{custody.order.order_id}-goodwill-{goodwill.goodwill_id}-{tender.tender_id}",
                    debit=Account.COVER,
                    credit=Account.BALANCE,
                    amount=part,
                    stage=Stage.POSTED,
                    purpose="goodwill",
                    tender_id=tender.tender_id,
                )
            )
    return _event(custody, e.GoodwillAnswered, transfers=tuple(transfers), goodwill=goodwill)


def open_chargeback(h: Hearing, command: c.OpenChargeback) -> Events | Refused:
    """The buyer's bank disputes a payment: what it may take is reserved, and payouts wait.

    Of what was refunded or promised already nothing can be taken again: ``reserved`` is what is left.
    """
    custody = h.custody
    known = _chargeback(custody, command.dispute_id)
    if known is not None:
        same = (known.tender_id, known.amount) == (command.tender_id, command.amount)
        return [] if same else _other(command.dispute_id, "/dispute_id")
    tender = next((t for t in custody.order.tenders if t.tender_id == command.tender_id), None)
    if tender is None:
        return Refused(
            kind="not_found",
            detail=f"Order {custody.order.order_id} has no tender {command.tender_id!r}.",
            facts={"tenders": [t.tender_id for t in custody.order.tenders]},
            pointer="/tender_id",
        )
    refusal = _disputed_refused(custody, tender, command.amount)
    if refusal is not None:
        return refusal
    reserved = max(0, min(command.amount, left_on(custody.books, tender.tender_id)))
    dispute = Chargeback(
        dispute_id=command.dispute_id,
        tender_id=tender.tender_id,
        amount=command.amount,
        reserved=reserved,
        reason=command.reason,
        at=h.now,
    )
    transfers = (*sheet.funding(custody.books, reserved, _stem(custody, dispute)), _held(custody, dispute))
    return [_event(custody, e.ChargebackOpened, chargeback=dispute, transfers=transfers if reserved else ())]


def resolve_chargeback(h: Hearing, command: c.ResolveChargeback) -> Events | Refused:
    """The bank decided: for the marketplace (``won``), and the money is free again, or for the buyer."""
    custody = h.custody
    known = _chargeback(custody, command.dispute_id)
    if known is None:
        return Refused(
            kind="not_found",
            detail=f"Order {custody.order.order_id} has no dispute {command.dispute_id!r}.",
            facts={"disputes": [one.dispute_id for one in custody.chargebacks]},
            pointer="/dispute_id",
        )
    state = "won" if command.won else "lost"
    if known.state == state:
        return []
    if known.state != "open":
        return Refused(
            kind="not_possible_now",
            detail=f"Dispute {known.dispute_id} ended already: {known.state}.",
            facts={"state": known.state},
        )
    stage = Stage.VOIDED if command.won else Stage.POSTED
    ended = replace(_held(custody, known), stage=stage)
    transfers = (ended,) if known.reserved else ()
    return [_event(custody, e.ChargebackEnded, chargeback=replace(known, state=state), transfers=transfers)]


def disputed(custody: Custody) -> bool:
    """Whether the buyer's bank has a payment of the order in dispute: payouts wait for the end of it."""
    return any(one.state == "open" for one in custody.chargebacks)


def _held(custody: Custody, dispute: Chargeback) -> Transfer:
    return Transfer(
        transfer_id=_stem(custody, dispute),
        debit=Account.ESCROW,
        credit=Account.CHARGEBACK,
        amount=dispute.reserved,
        stage=Stage.PENDING,
        purpose="chargeback",
        tender_id=dispute.tender_id,
    )


def _stem(custody: Custody, dispute: Chargeback) -> str:
    return f"{custody.order.order_id}-chargeback-{dispute.dispute_id}"


def _event(custody: Custody, kind: type[e.Event], **fields: object) -> e.Event:
    return kind(state=custody.stage, waiting=custody.waiting, **fields)  # type: ignore[arg-type]


def _goodwill(custody: Custody, goodwill_id: str) -> Goodwill | None:
    return next((one for one in custody.goodwills if one.goodwill_id == goodwill_id), None)


def _chargeback(custody: Custody, dispute_id: str) -> Chargeback | None:
    return next((one for one in custody.chargebacks if one.dispute_id == dispute_id), None)


def _amount_refused(custody: Custody, amount: int) -> Refused | None:
    most = refundable(custody.books)
    if 0 < amount <= most:
        return None
    return Refused(
        kind="amount_too_high" if amount > most else "invalid",
        detail=f"Between 1 and {most} minor units of {custody.order.currency} can still be given; "
        f"{amount} were asked.",
        facts={"asked": amount, "most": most, "currency": custody.order.currency},
        pointer="/amount",
    )


def _disputed_refused(custody: Custody, tender: Tender, amount: int) -> Refused | None:
    captured = custody.books.captured.get(tender.tender_id, 0)
    if 0 < amount <= captured:
        return None
    return Refused(
        kind="amount_too_high" if amount > captured else "invalid",
        detail=f"The tender {tender.tender_id} captured {captured} minor units; {amount} are disputed.",
        facts={"asked": amount, "most": captured, "currency": custody.order.currency},
        pointer="/amount",
    )


def _reason_refused(reason: str) -> Refused | None:
    if reason.strip() and len(reason) <= _TEXT_MAX:
        return None
    return Refused(kind="invalid", detail=f"Say why, in 1 to {_TEXT_MAX} characters.", pointer="/reason")


def _other(known_id: str, pointer: str) -> Refused:
    return Refused(
        kind="invalid",
        detail=f"{known_id} is known with another amount; what was said of it cannot change.",
        facts={"known": known_id},
        pointer=pointer,
    )
