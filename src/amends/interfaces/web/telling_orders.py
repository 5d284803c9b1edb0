"""What happened to an order, in words: its parcels, its money, its protection."""

from datetime import UTC, date, datetime

from amends.domain.chain import Recorded
from amends.domain.custody import events as o
from amends.interfaces.web import vocabulary as v
from amends.interfaces.web.hold_words import hold_note, hold_reason
from amends.interfaces.web.telling_voice import Telling, Told, Voice
from amends.interfaces.web.words import N_


def _order_placed(t: Voice, event: o.OrderPlaced, _: Recorded) -> Told:
    paid = event.order.captured
    held = t.say(N_("%(amount)s paid and held until all is well"), amount=t.money(paid)) if paid else ""
    return t.say(N_("Order placed")), held


def _captured(t: Voice, event: o.TenderCaptured, _: Recorded) -> Told:
    return t.say(N_("%(amount)s paid and held"), amount=t.money(event.tender.captured)), t.say(
        v.METHODS.get(event.tender.method, event.tender.method)
    ).capitalize()


def _parcel(t: Voice, event: o.ParcelRecorded, _: Recorded) -> Told:
    return t.say(N_("Parcel shipped")), f"{event.parcel.carrier} {event.parcel.tracking_number}".strip()


def _tracking(t: Voice, event: o.TrackingRecorded, _: Recorded) -> Told:
    last = max(event.scans, key=lambda scan: scan.at, default=None)
    return t.say(
        N_("Parcel: %(scan)s"), scan=t.say(v.SIGNALS[last.signal]) if last else ""
    ), last.note if last else ""


def _case_counted(t: Voice, event: o.CaseCounted, _: Recorded) -> Told:
    return t.say(N_("A case was opened")), event.case_id


def _case_ended(t: Voice, event: o.CaseEnded, _: Recorded) -> Told:
    return t.say(N_("A case ended")), event.case_id


def _money_moved(t: Voice, event: o.MoneyMoved, _: Recorded) -> Told:
    amount = t.words.money(sum(transfer.amount for transfer in event.transfers), t.currency)
    return t.say(N_("Money moved for a case")), f"{event.case_id}, {amount}"


def _units_cancelled(t: Voice, event: o.UnitsCancelled, _: Recorded) -> Told:
    return t.words.count("One piece was cancelled", "%(number)s pieces were cancelled", len(event.units)), ""


def _receipt(t: Voice, _: o.ReceiptConfirmed, __: Recorded) -> Told:
    return t.say(N_("The buyer confirmed having everything")), ""


def _reminded(t: Voice, _: o.ProtectionReminded, __: Recorded) -> Told:
    return t.say(N_("Reminder: buyer protection ends soon")), ""


def _protection_ended(t: Voice, _: o.ProtectionEnded, __: Recorded) -> Told:
    return t.say(N_("Buyer protection ended; the money stays for the open case")), ""


def _released(t: Voice, _: o.EscrowReleased, __: Recorded) -> Told:
    return t.say(N_("The money was released to the seller")), ""


def _payout_initiated(t: Voice, _: o.PayoutInitiated, __: Recorded) -> Told:
    return t.say(N_("The payout to the seller started")), ""


def _payout_confirmed(t: Voice, _: o.PayoutConfirmed, __: Recorded) -> Told:
    return t.say(N_("The seller was paid")), ""


def _payout_held(t: Voice, event: o.PayoutHeld, _: Recorded) -> Told:
    if event.hold.claim:
        said = t.say(
            N_("The payout is held: goods like these are said to be counterfeit, in case %(case)s"),
            case=event.hold.claim,
        )
        return said, ""
    return t.say(N_("The payout is held by us")), hold_reason(t.words, event.hold)


def _payout_hold_kept(t: Voice, event: o.PayoutHoldKept, _: Recorded) -> Told:
    said = t.say(N_("The payout stays held until %(until)s"), until=t.words.moment(event.hold.until))
    return said, hold_note(t.words, event.hold)


def _payout_hold_released(t: Voice, event: o.PayoutHoldReleased, _: Recorded) -> Told:
    return t.say(N_("The payout is no longer held")), hold_note(t.words, event.hold)


def _goodwill_proposed(t: Voice, event: o.GoodwillProposed, _: Recorded) -> Told:
    amount = t.money(event.goodwill.amount)
    return t.say(N_("Goodwill of %(amount)s was proposed to a second person"), amount=amount), ""


def _goodwill_answered(t: Voice, event: o.GoodwillAnswered, _: Recorded) -> Told:
    said = (
        N_("Goodwill of %(amount)s was credited to the buyer's balance")
        if event.goodwill.state == "given"
        else N_("Goodwill of %(amount)s was declined")
    )
    return t.say(said, amount=t.money(event.goodwill.amount)), ""


def _extension_offered(t: Voice, event: o.ExtensionOffered, _: Recorded) -> Told:
    return t.say(N_("The seller offers more time to return, until %(day)s"), day=_last_day(t, event)), ""


def _extension_answered(t: Voice, event: o.ExtensionAnswered, _: Recorded) -> Told:
    said = (
        N_("More time to return was agreed, until %(day)s")
        if event.extension.state == "accepted"
        else N_("More time to return, until %(day)s, was declined")
    )
    return t.say(said, day=_last_day(t, event)), ""


def _last_day(t: Voice, event: o.ExtensionOffered | o.ExtensionAnswered) -> str:
    day = date.fromisoformat(event.extension.until)
    # Noon is the same day in nearly every zone.
    return t.words.day(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def _chargeback_opened(t: Voice, event: o.ChargebackOpened, _: Recorded) -> Told:
    said = t.say(N_("The buyer's bank disputes %(amount)s"), amount=t.money(event.chargeback.amount))
    return said, t.say(N_("Payouts wait until the bank has decided."))


def _chargeback_ended(t: Voice, event: o.ChargebackEnded, _: Recorded) -> Told:
    if event.chargeback.state == "won":
        return t.say(N_("The bank decided against the dispute; the money is free again")), ""
    amount = t.money(event.chargeback.reserved)
    return t.say(N_("The bank took %(amount)s back for the buyer"), amount=amount), ""


OF_ORDERS: dict[type, Telling] = {
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
"""By the kind of event of an order."""
