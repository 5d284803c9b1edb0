"""The timeline in words: one sentence for every kind of event, and what more there is to say about it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from amends.domain.cases import events as c
from amends.domain.cases.model import Ending, EvidenceItem, Goods, Offer, Refund, Remedy, Settled
from amends.domain.chain import Recorded
from amends.domain.custody import events as o
from amends.domain.parties import Role
from amends.interfaces.web import vocabulary as v
from amends.interfaces.web.hold_words import hold_note, hold_reason
from amends.interfaces.web.words import N_, Words

Told = tuple[str, str]


class Teller:
    """Tells events of one order to one reader. ``name`` gives a role's name as the reader knows it."""

    def __init__(self, words: Words, currency: str, name: Callable[[Role], str]) -> None:
        self.words = words
        self.currency = currency
        self.name = name

    def tell(self, recorded: Recorded) -> Told:
        """The sentence and the details of one event; the details may be empty."""
        return _TELLINGS[type(recorded.event)](self, recorded.event, recorded)

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def money(self, amount: int) -> str:
        return self.words.money(amount, self.currency)

    def remedy(self, remedy: Remedy) -> str:
        """A remedy in words, with its amount."""
        if remedy.exchange_variant:
            what = (
                N_("exchange for “%(variant)s”, sent back first")
                if remedy.goods is Goods.RETURN
                else N_("exchange for “%(variant)s”")
            )
            return self.say(what, variant=remedy.exchange_variant)
        if remedy.amount == 0:
            return self.say(N_("no refund"))
        what = (
            N_("refund of %(amount)s once it is sent back")
            if remedy.goods is Goods.RETURN
            else N_("refund of %(amount)s, the item is kept")
        )
        return self.say(what, amount=self.money(remedy.amount))

    def reason(self, code: str) -> str:
        return self.say(v.REASONS[code]) if code in v.REASONS else code

    def refunds(self, refunds: tuple[Refund, ...]) -> str:
        shares = [
            self.say(
                N_("%(amount)s to %(method)s"),
                amount=self.money(r.amount),
                method=self.say(v.METHODS.get(r.method, r.method)),
            )
            for r in refunds
        ]
        return self.words.listing(shares)

    def items(self, items: tuple[EvidenceItem, ...]) -> str:
        return "; ".join(item.note for item in items if item.note)

    def pieces(self, number: int) -> str:
        return self.words.count("%(number)s piece", "%(number)s pieces", number)

    def by_rule(self, told: str, rule: str) -> str:
        """What was done, and that a rule of the seller's did it by itself where one did."""
        if not rule:
            return told
        message = N_("%(told)s. Sent automatically by the seller’s rule “%(rule)s”.")
        return self.say(message, told=told, rule=rule)

    def quote(self, text: str) -> str:
        return self.say(N_("“%(text)s”"), text=text) if text else ""


def _opened(t: Teller, event: c.CaseOpened, _: Recorded) -> Told:
    what = N_("Cancellation asked for") if event.kind.value == "cancellation" else N_("Case opened")
    wanted = t.say(
        N_("Reason: %(reason)s. Wanted: %(remedy)s."),
        reason=t.reason(event.reason),
        remedy=t.remedy(event.wanted),
    )
    return t.say(what), wanted


def _draft_edited(t: Teller, event: c.DraftEdited, _: Recorded) -> Told:
    return t.say(N_("Draft changed")), t.say(N_("Wanted: %(remedy)s."), remedy=t.remedy(event.wanted))


def _draft_submitted(t: Teller, event: c.DraftSubmitted, _: Recorded) -> Told:
    return t.say(N_("Request sent to the seller")), _offer(t, event.offer)


def _offer(t: Teller, offer: Offer) -> str:
    return t.say(N_("Wanted: %(remedy)s."), remedy=t.remedy(offer.remedy))


def _evidence(t: Teller, event: c.EvidenceAdded | c.EvidenceSubmitted, recorded: Recorded) -> Told:
    said = t.words.count(
        "%(who)s added a piece of evidence",
        "%(who)s added %(number)s pieces of evidence",
        len(event.items),
        who=t.name(recorded.actor.role),
    )
    return said, t.items(event.items)


def _offer_made(t: Teller, event: c.OfferMade, _: Recorded) -> Told:
    told = t.remedy(event.offer.remedy)
    return t.say(N_("%(who)s made an offer"), who=t.name(event.offer.by)), t.by_rule(told, event.rule)


def _offer_declined(t: Teller, event: c.OfferDeclined, _: Recorded) -> Told:
    return t.say(N_("%(who)s declined the offer"), who=t.name(event.by)), t.quote(event.note)


_SETTLED = {
    Settled.POLICY: N_("Granted at once under the rules"),
    Settled.AGREEMENT: N_("Both sides agreed"),
    Settled.BLIND: N_("The hidden limits met halfway"),
    Settled.SILENCE: N_("Granted because the answer did not come in time"),
    Settled.RULING: N_("The decision took effect"),
    Settled.APPEAL: N_("The decision on the appeal took effect"),
}


def _settled(t: Teller, event: c.CaseSettled, _: Recorded) -> Told:
    return t.say(_SETTLED[event.settlement.by]), t.by_rule(t.remedy(event.settlement.remedy), event.rule)


def _escalated(t: Teller, event: c.CaseEscalated, _: Recorded) -> Told:
    if event.by is Role.CLOCK:
        return t.say(N_("A mediator was called in by the deadline")), ""
    return t.say(N_("%(who)s asked a mediator to decide"), who=t.name(event.by)), ""


def _taken(t: Teller, event: c.CaseTaken, recorded: Recorded) -> Told:
    if not event.mediator_id:
        return t.say(N_("The case went back to the mediators' queue")), ""
    if event.mediator_id != recorded.actor.id:
        return t.say(N_("The case was given to a mediator")), ""
    return t.say(N_("A mediator took the case")), ""


def _senior_alerted(t: Teller, _: c.SeniorAlerted, __: Recorded) -> Told:
    return t.say(N_("Senior support was alerted")), t.say(N_("The decision is later than it should be."))


def _evidence_requested(t: Teller, event: c.EvidenceRequested, _: Recorded) -> Told:
    said = t.say(N_("The mediator asked %(who)s for evidence"), who=t.name(event.request.of))
    return said, t.words.listing(event.request.items)


def _evidence_lapsed(t: Teller, _: c.EvidenceLapsed, __: Recorded) -> Told:
    return t.say(N_("The evidence asked for did not come in time")), ""


def _ruled(t: Teller, event: c.CaseRuled, _: Recorded) -> Told:
    by_clock = not event.ruling.mediator_id
    said = N_("The recommended decision took effect") if by_clock else N_("The mediator decided")
    return t.say(said), t.remedy(event.ruling.remedy)


def _proposed(t: Teller, event: c.RulingProposed, _: Recorded) -> Told:
    return t.say(N_("A decision waits for a second person")), t.remedy(event.ruling.remedy)


def _sent_back(t: Teller, event: c.RulingSentBack, _: Recorded) -> Told:
    return t.say(N_("The second person did not agree to the decision")), t.quote(event.note)


def _ruling_accepted(t: Teller, event: c.RulingAccepted, _: Recorded) -> Told:
    return t.say(N_("%(who)s accepted the decision"), who=t.name(event.by)), ""


def _appealed(t: Teller, event: c.CaseAppealed, _: Recorded) -> Told:
    return t.say(N_("%(who)s appealed"), who=t.name(event.by)), t.quote(event.note)


def _instructions(t: Teller, event: c.InstructionsGiven, _: Recorded) -> Told:
    number = t.say(N_("Return number %(number)s"), number=event.instructions.authorisation)
    return t.say(N_("The seller said where to send it")), t.by_rule(number, event.rule)


def _return_shipped(t: Teller, event: c.ReturnShipped, _: Recorded) -> Told:
    number = f"{event.shipment.carrier} {event.shipment.tracking_number}".strip()
    if not event.shipment.units:
        return t.say(N_("The return was sent")), number
    pieces = t.pieces(len(event.shipment.units))
    return t.say(N_("A parcel of the return was sent")), t.words.listing([number, pieces])


def _part_ended(t: Teller, event: c.ReturnPartEnded, _: Recorded) -> Told:
    what = {
        Ending.LOST: N_("A parcel of the return counts as lost"),
        Ending.CAME_BACK: N_("A parcel of the return came back to the buyer"),
    }
    return t.say(what[event.ending]), event.tracking_number


def _rest_kept(t: Teller, event: c.ReturnRestKept, _: Recorded) -> Told:
    kept = t.pieces(len(event.units))
    return t.say(N_("The buyer keeps the rest")), t.say(N_("%(kept)s, without a refund"), kept=kept)


def _scanned(t: Teller, event: c.ReturnScanned | c.ReplacementScanned, _: Recorded) -> Told:
    what = N_("Return: %(scan)s") if isinstance(event, c.ReturnScanned) else N_("Replacement: %(scan)s")
    which = event.tracking_number if isinstance(event, c.ReturnScanned) else ""
    note = ", ".join(part for part in (which, event.note) if part)
    return t.say(what, scan=t.say(v.SIGNALS[event.signal])), note


def _return_lost(t: Teller, event: c.ReturnLost, _: Recorded) -> Told:
    covered = t.say(N_("It was tracked, so buyer protection covers it.")) if event.covered else ""
    return t.say(N_("The return counts as lost")), covered


def _inspected(t: Teller, event: c.ReturnInspected, _: Recorded) -> Told:
    accepted = sum(1 for i in event.inspections if i.accepted)
    number = t.say(N_("%(accepted)s of %(all)s accepted"), accepted=accepted, all=len(event.inspections))
    return t.say(N_("The return was inspected")), number


def _rejection_accepted(t: Teller, _: c.RejectionAccepted, __: Recorded) -> Told:
    return t.say(N_("The rejection was accepted")), ""


def _contested(t: Teller, event: c.ReturnContested, _: Recorded) -> Told:
    return t.say(N_("The rejection was contested")), t.quote(event.note)


def _came_back(t: Teller, _: c.ReturnCameBack, __: Recorded) -> Told:
    return t.say(N_("The return could not be delivered and came back to the buyer")), t.say(
        N_("A mediator decides how it goes on.")
    )


def _replacement_due(t: Teller, event: c.ReplacementDue, _: Recorded) -> Told:
    return t.say(N_("The seller is to send a replacement")), event.variant


def _label_issued(t: Teller, event: c.LabelIssued, _: Recorded) -> Told:
    price = t.money(event.label.price)
    return t.say(N_("A label for the return was booked")), f"{event.label.carrier}, {price}"


def _freight_receipt(t: Teller, event: c.FreightReceiptAdded, _: Recorded) -> Told:
    return t.say(N_("The buyer added the receipt for the postage")), t.money(event.freight)


def _freight_reimbursed(t: Teller, event: c.FreightReimbursed, _: Recorded) -> Told:
    return t.say(N_("The postage was paid back to the buyer’s balance")), t.money(event.amount)


def _payment_due(t: Teller, event: c.PaymentDue, _: Recorded) -> Told:
    amount = t.money(event.difference + event.hold)
    held = t.say(N_("Part of it is held only until the item is back.")) if event.hold else ""
    return t.say(N_("%(amount)s are due for the exchange"), amount=amount), held


def _payment_received(t: Teller, event: c.PaymentReceived, _: Recorded) -> Told:
    return t.say(N_("The buyer paid for the exchange")), t.money(event.tender.captured)


def _replacement_received(t: Teller, _: c.ReplacementReceived, __: Recorded) -> Told:
    return t.say(N_("The buyer has the replacement")), ""


def _variant_reserved(t: Teller, event: c.VariantReserved, _: Recorded) -> Told:
    kept = event.reservation
    until = t.say(N_("Until %(day)s."), day=t.words.moment(kept.until))
    return t.say(N_("The replacement is set aside")), f"{kept.variant}. {until}"


def _variant_sold_out(t: Teller, event: c.VariantSoldOut, _: Recorded) -> Told:
    return t.say(N_("The replacement is sold out: the money is paid back instead")), event.variant


def _replacement_shipped(t: Teller, event: c.ReplacementShipped, _: Recorded) -> Told:
    return t.say(
        N_("The replacement was sent")
    ), f"{event.shipment.carrier} {event.shipment.tracking_number}".strip()


def _replacement_failed(t: Teller, _: c.ReplacementFailed, __: Recorded) -> Told:
    return t.say(N_("The exchange failed")), t.say(N_("The money is paid back instead."))


def _refund_approved(t: Teller, event: c.RefundApproved, _: Recorded) -> Told:
    return t.say(N_("Refund approved")), t.refunds(event.refunds)


def _refund_initiated(t: Teller, event: c.RefundInitiated, _: Recorded) -> Told:
    by = max((r.eta_by for r in event.refunds if r.eta_by), default=None)
    more = t.say(N_("Should arrive by %(day)s."), day=t.words.day(by)) if by else ""
    return t.say(N_("Refund on its way")), f"{t.refunds(event.refunds)}. {more}".strip()


def _refund_confirmed(t: Teller, event: c.RefundConfirmed, _: Recorded) -> Told:
    return t.say(N_("Refund sent")), t.refunds((event.refund,))


def _refund_failed(t: Teller, event: c.RefundFailed, _: Recorded) -> Told:
    return t.say(N_("A refund could not be paid")), event.refund.failure


def _refund_overdue(t: Teller, _: c.RefundOverdue, __: Recorded) -> Told:
    return t.say(N_("The refund is overdue")), t.say(N_("Support traces it."))


def _refund_redirected(t: Teller, event: c.RefundRedirected, _: Recorded) -> Told:
    return t.say(N_("The refund goes another way")), t.refunds(event.refunds)


def _reopened(t: Teller, event: c.CaseReopened, _: Recorded) -> Told:
    return t.say(N_("Support reopened the case")), t.quote(event.reason)


def _closed(t: Teller, event: c.CaseClosed, _: Recorded) -> Told:
    if event.note == "charged_back":
        return t.say(N_("Case closed")), t.say(N_("The buyer's bank decides about this money now"))
    return t.say(N_("Case closed")), t.say(v.OUTCOMES[event.outcome])


def _order_placed(t: Teller, event: o.OrderPlaced, _: Recorded) -> Told:
    paid = event.order.captured
    held = t.say(N_("%(amount)s paid and held until all is well"), amount=t.money(paid)) if paid else ""
    return t.say(N_("Order placed")), held


def _captured(t: Teller, event: o.TenderCaptured, _: Recorded) -> Told:
    return t.say(N_("%(amount)s paid and held"), amount=t.money(event.tender.captured)), t.say(
        v.METHODS.get(event.tender.method, event.tender.method)
    ).capitalize()


def _parcel(t: Teller, event: o.ParcelRecorded, _: Recorded) -> Told:
    return t.say(N_("Parcel shipped")), f"{event.parcel.carrier} {event.parcel.tracking_number}".strip()


def _tracking(t: Teller, event: o.TrackingRecorded, _: Recorded) -> Told:
    last = max(event.scans, key=lambda scan: scan.at, default=None)
    return t.say(
        N_("Parcel: %(scan)s"), scan=t.say(v.SIGNALS[last.signal]) if last else ""
    ), last.note if last else ""


def _case_counted(t: Teller, event: o.CaseCounted, _: Recorded) -> Told:
    return t.say(N_("A case was opened")), event.case_id


def _case_ended(t: Teller, event: o.CaseEnded, _: Recorded) -> Told:
    return t.say(N_("A case ended")), event.case_id


def _money_moved(t: Teller, event: o.MoneyMoved, _: Recorded) -> Told:
    amount = t.words.money(sum(transfer.amount for transfer in event.transfers), t.currency)
    return t.say(N_("Money moved for a case")), f"{event.case_id}, {amount}"


def _units_cancelled(t: Teller, event: o.UnitsCancelled, _: Recorded) -> Told:
    return t.words.count("One piece was cancelled", "%(number)s pieces were cancelled", len(event.units)), ""


def _receipt(t: Teller, _: o.ReceiptConfirmed, __: Recorded) -> Told:
    return t.say(N_("The buyer confirmed having everything")), ""


def _reminded(t: Teller, _: o.ProtectionReminded, __: Recorded) -> Told:
    return t.say(N_("Reminder: buyer protection ends soon")), ""


def _protection_ended(t: Teller, _: o.ProtectionEnded, __: Recorded) -> Told:
    return t.say(N_("Buyer protection ended; the money stays for the open case")), ""


def _released(t: Teller, _: o.EscrowReleased, __: Recorded) -> Told:
    return t.say(N_("The money was released to the seller")), ""


def _payout_initiated(t: Teller, _: o.PayoutInitiated, __: Recorded) -> Told:
    return t.say(N_("The payout to the seller started")), ""


def _payout_confirmed(t: Teller, _: o.PayoutConfirmed, __: Recorded) -> Told:
    return t.say(N_("The seller was paid")), ""


def _payout_held(t: Teller, event: o.PayoutHeld, _: Recorded) -> Told:
    if event.hold.claim:
        said = t.say(
            N_("The payout is held: goods like these are said to be counterfeit, in case %(case)s"),
            case=event.hold.claim,
        )
        return said, ""
    return t.say(N_("The payout is held by us")), hold_reason(t.words, event.hold)


def _payout_hold_kept(t: Teller, event: o.PayoutHoldKept, _: Recorded) -> Told:
    said = t.say(N_("The payout stays held until %(until)s"), until=t.words.moment(event.hold.until))
    return said, hold_note(t.words, event.hold)


def _payout_hold_released(t: Teller, event: o.PayoutHoldReleased, _: Recorded) -> Told:
    return t.say(N_("The payout is no longer held")), hold_note(t.words, event.hold)


def _goodwill_proposed(t: Teller, event: o.GoodwillProposed, _: Recorded) -> Told:
    amount = t.money(event.goodwill.amount)
    return t.say(N_("Goodwill of %(amount)s was proposed to a second person"), amount=amount), ""


def _goodwill_answered(t: Teller, event: o.GoodwillAnswered, _: Recorded) -> Told:
    said = (
        N_("Goodwill of %(amount)s was credited to the buyer's balance")
        if event.goodwill.state == "given"
        else N_("Goodwill of %(amount)s was declined")
    )
    return t.say(said, amount=t.money(event.goodwill.amount)), ""


def _extension_offered(t: Teller, event: o.ExtensionOffered, _: Recorded) -> Told:
    return t.say(N_("The seller offers more time to return, until %(day)s"), day=_last_day(t, event)), ""


def _extension_answered(t: Teller, event: o.ExtensionAnswered, _: Recorded) -> Told:
    said = (
        N_("More time to return was agreed, until %(day)s")
        if event.extension.state == "accepted"
        else N_("More time to return, until %(day)s, was declined")
    )
    return t.say(said, day=_last_day(t, event)), ""


def _last_day(t: Teller, event: o.ExtensionOffered | o.ExtensionAnswered) -> str:
    day = date.fromisoformat(event.extension.until)
    # Noon is the same day in nearly every zone.
    return t.words.day(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def _chargeback_opened(t: Teller, event: o.ChargebackOpened, _: Recorded) -> Told:
    said = t.say(N_("The buyer's bank disputes %(amount)s"), amount=t.money(event.chargeback.amount))
    return said, t.say(N_("Payouts wait until the bank has decided."))


def _chargeback_ended(t: Teller, event: o.ChargebackEnded, _: Recorded) -> Told:
    if event.chargeback.state == "won":
        return t.say(N_("The bank decided against the dispute; the money is free again")), ""
    amount = t.money(event.chargeback.reserved)
    return t.say(N_("The bank took %(amount)s back for the buyer"), amount=amount), ""


_TELLINGS: dict[type, Callable[[Teller, Any, Recorded], Told]] = {
    c.CaseOpened: _opened,
    c.DraftEdited: _draft_edited,
    c.DraftSubmitted: _draft_submitted,
    c.EvidenceAdded: _evidence,
    c.OfferMade: _offer_made,
    c.OfferDeclined: _offer_declined,
    c.CaseSettled: _settled,
    c.CaseEscalated: _escalated,
    c.CaseTaken: _taken,
    c.SeniorAlerted: _senior_alerted,
    c.EvidenceRequested: _evidence_requested,
    c.EvidenceSubmitted: _evidence,
    c.EvidenceLapsed: _evidence_lapsed,
    c.CaseRuled: _ruled,
    c.RulingProposed: _proposed,
    c.RulingSentBack: _sent_back,
    c.RulingAccepted: _ruling_accepted,
    c.CaseAppealed: _appealed,
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
    c.CaseReopened: _reopened,
    c.CaseClosed: _closed,
    o.OrderPlaced: _order_placed,
    o.TenderCaptured: _captured,
    o.ParcelRecorded: _parcel,
    o.TrackingRecorded: _tracking,
    o.CaseCounted: _case_counted,
    o.CaseEnded: _case_ended,
    o.MoneyMoved: _money_moved,
    o.UnitsCancelled: _units_cancelled,
    o.ReceiptConfirmed: _receipt,
    o.ProtectionReminded: _reminded,
    o.ProtectionEnded: _protection_ended,
    o.EscrowReleased: _released,
    o.PayoutInitiated: _payout_initiated,
    o.PayoutConfirmed: _payout_confirmed,
    o.GoodwillProposed: _goodwill_proposed,
    o.ExtensionOffered: _extension_offered,
    o.ExtensionAnswered: _extension_answered,
    o.GoodwillAnswered: _goodwill_answered,
    o.PayoutHeld: _payout_held,
    o.PayoutHoldKept: _payout_hold_kept,
    o.PayoutHoldReleased: _payout_hold_released,
    o.ChargebackOpened: _chargeback_opened,
    o.ChargebackEnded: _chargeback_ended,
}
