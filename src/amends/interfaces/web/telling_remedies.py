"""How what was settled is carried out, in words: the way back, the replacement, the money."""

from amends.domain.cases import events as c
from amends.domain.cases.model import Ending
from amends.domain.chain import Recorded
from amends.interfaces.web import vocabulary as v
from amends.interfaces.web.telling_voice import Telling, Told, Voice
from amends.interfaces.web.words import N_


def _instructions(t: Voice, event: c.InstructionsGiven, _: Recorded) -> Told:
    number = t.say(N_("Return number %(number)s"), number=event.instructions.authorisation)
    return t.say(N_("The seller said where to send it")), t.by_rule(number, event.rule)


def _return_shipped(t: Voice, event: c.ReturnShipped, _: Recorded) -> Told:
    number = f"{event.shipment.carrier} {event.shipment.tracking_number}".strip()
    if not event.shipment.units:
        return t.say(N_("The return was sent")), number
    pieces = t.pieces(len(event.shipment.units))
    return t.say(N_("A parcel of the return was sent")), t.words.listing([number, pieces])


def _part_ended(t: Voice, event: c.ReturnPartEnded, _: Recorded) -> Told:
    what = {
        Ending.LOST: N_("A parcel of the return counts as lost"),
        Ending.CAME_BACK: N_("A parcel of the return came back to the buyer"),
    }
    return t.say(what[event.ending]), event.tracking_number


def _rest_kept(t: Voice, event: c.ReturnRestKept, _: Recorded) -> Told:
    kept = t.pieces(len(event.units))
    return t.say(N_("The buyer keeps the rest")), t.say(N_("%(kept)s, without a refund"), kept=kept)


def _scanned(t: Voice, event: c.ReturnScanned | c.ReplacementScanned, _: Recorded) -> Told:
    what = N_("Return: %(scan)s") if isinstance(event, c.ReturnScanned) else N_("Replacement: %(scan)s")
    which = event.tracking_number if isinstance(event, c.ReturnScanned) else ""
    note = ", ".join(part for part in (which, event.note) if part)
    return t.say(what, scan=t.say(v.SIGNALS[event.signal])), note


def _return_lost(t: Voice, event: c.ReturnLost, _: Recorded) -> Told:
    covered = t.say(N_("It was tracked, so buyer protection covers it.")) if event.covered else ""
    return t.say(N_("The return counts as lost")), covered


def _inspected(t: Voice, event: c.ReturnInspected, _: Recorded) -> Told:
    accepted = sum(1 for i in event.inspections if i.accepted)
    number = t.say(N_("%(accepted)s of %(all)s accepted"), accepted=accepted, all=len(event.inspections))
    return t.say(N_("The return was inspected")), number


def _rejection_accepted(t: Voice, _: c.RejectionAccepted, __: Recorded) -> Told:
    return t.say(N_("The rejection was accepted")), ""


def _contested(t: Voice, event: c.ReturnContested, _: Recorded) -> Told:
    return t.say(N_("The rejection was contested")), t.quote(event.note)


def _came_back(t: Voice, _: c.ReturnCameBack, __: Recorded) -> Told:
    return t.say(N_("The return could not be delivered and came back to the buyer")), t.say(
        N_("A mediator decides how it goes on.")
    )


def _replacement_due(t: Voice, event: c.ReplacementDue, _: Recorded) -> Told:
    return t.say(N_("The seller is to send a replacement")), event.variant


def _label_issued(t: Voice, event: c.LabelIssued, _: Recorded) -> Told:
    price = t.money(event.label.price)
    return t.say(N_("A label for the return was booked")), f"{event.label.carrier}, {price}"


def _freight_receipt(t: Voice, event: c.FreightReceiptAdded, _: Recorded) -> Told:
    return t.say(N_("The buyer added the receipt for the postage")), t.money(event.freight)


def _freight_reimbursed(t: Voice, event: c.FreightReimbursed, _: Recorded) -> Told:
    return t.say(N_("The postage was paid back to the buyer’s balance")), t.money(event.amount)


def _payment_due(t: Voice, event: c.PaymentDue, _: Recorded) -> Told:
    amount = t.money(event.difference + event.hold)
    held = t.say(N_("Part of it is held only until the item is back.")) if event.hold else ""
    return t.say(N_("%(amount)s are due for the exchange"), amount=amount), held


def _payment_received(t: Voice, event: c.PaymentReceived, _: Recorded) -> Told:
    return t.say(N_("The buyer paid for the exchange")), t.money(event.tender.captured)


def _replacement_received(t: Voice, _: c.ReplacementReceived, __: Recorded) -> Told:
    return t.say(N_("The buyer has the replacement")), ""


def _variant_reserved(t: Voice, event: c.VariantReserved, _: Recorded) -> Told:
    kept = event.reservation
    until = t.say(N_("Until %(day)s."), day=t.words.moment(kept.until))
    return t.say(N_("The replacement is set aside")), f"{kept.variant}. {until}"


def _variant_sold_out(t: Voice, event: c.VariantSoldOut, _: Recorded) -> Told:
    return t.say(N_("The replacement is sold out: the money is paid back instead")), event.variant


def _replacement_shipped(t: Voice, event: c.ReplacementShipped, _: Recorded) -> Told:
    return t.say(
        N_("The replacement was sent")
    ), f"{event.shipment.carrier} {event.shipment.tracking_number}".strip()


def _replacement_failed(t: Voice, _: c.ReplacementFailed, __: Recorded) -> Told:
    return t.say(N_("The exchange failed")), t.say(N_("The money is paid back instead."))


def _refund_approved(t: Voice, event: c.RefundApproved, _: Recorded) -> Told:
    return t.say(N_("Refund approved")), t.refunds(event.refunds)


def _refund_initiated(t: Voice, event: c.RefundInitiated, _: Recorded) -> Told:
    by = max((r.eta_by for r in event.refunds if r.eta_by), default=None)
    more = t.say(N_("Should arrive by %(day)s."), day=t.words.day(by)) if by else ""
    return t.say(N_("Refund on its way")), f"{t.refunds(event.refunds)}. {more}".strip()


def _refund_confirmed(t: Voice, event: c.RefundConfirmed, _: Recorded) -> Told:
    return t.say(N_("Refund sent")), t.refunds((event.refund,))


def _refund_failed(t: Voice, event: c.RefundFailed, _: Recorded) -> Told:
    return t.say(N_("A refund could not be paid")), event.refund.failure


def _refund_overdue(t: Voice, _: c.RefundOverdue, __: Recorded) -> Told:
    return t.say(N_("The refund is overdue")), t.say(N_("Support traces it."))


def _refund_redirected(t: Voice, event: c.RefundRedirected, _: Recorded) -> Told:
    return t.say(N_("The refund goes another way")), t.refunds(event.refunds)


OF_REMEDIES: dict[type, Telling] = {
    c.InstructionsGiven: _instructions,
    c.ReturnShipped: _return_shipped,
    c.ReturnScanned: _scanned,
    c.ReturnPartEnded: _part_ended,
    c.ReturnRestKept: _rest_kept,
    c.ReturnLost: _return_lost,
    c.ReturnInspected: _inspected,
    c.RejectionAccepted: _rejection_accepted,
    c.ReturnContested: _contested,
    c.LabelIssued: _label_issued,
    c.FreightReceiptAdded: _freight_receipt,
    c.FreightReimbursed: _freight_reimbursed,
    c.PaymentDue: _payment_due,
    c.PaymentReceived: _payment_received,
    c.ReplacementReceived: _replacement_received,
    c.ReturnCameBack: _came_back,
    c.ReplacementDue: _replacement_due,
    c.VariantReserved: _variant_reserved,
    c.VariantSoldOut: _variant_sold_out,
    c.ReplacementShipped: _replacement_shipped,
    c.ReplacementScanned: _scanned,
    c.ReplacementFailed: _replacement_failed,
    c.RefundApproved: _refund_approved,
    c.RefundInitiated: _refund_initiated,
    c.RefundConfirmed: _refund_confirmed,
    c.RefundFailed: _refund_failed,
    c.RefundOverdue: _refund_overdue,
    c.RefundRedirected: _refund_redirected,
}
"""By the kind of event of a case, after what was settled."""
