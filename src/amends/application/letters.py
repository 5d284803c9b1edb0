"""Notices in words: message ids of gettext with named placeholders; amounts and dates as CLDR has them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from amends.application.notices import Notice
from amends.application.ports import Letter
from amends.domain.cases.model import Refund
from amends.domain.money import decimals
from amends.domain.parties import Actor, Role, Waiting

Translate = Callable[[str], str]


class Words(NamedTuple):
    """The message ids of an event's subject and first sentence. Placeholders: case, order, amount."""

    subject: str
    text: str


WORDS: Mapping[str, Words] = {
    "case_opened": Words(
        "Case %(case)s was opened",
        "A request was made on order %(order)s.",
    ),
    "draft_submitted": Words(
        "Case %(case)s was opened",
        "A request was made on order %(order)s.",
    ),
    "evidence_added": Words(
        "New evidence in case %(case)s",
        "The other side added evidence.",
    ),
    "offer_made": Words(
        "New offer in case %(case)s",
        "The other side made you an offer.",
    ),
    "offer_declined": Words(
        "Offer declined in case %(case)s",
        "The other side declined the offer.",
    ),
    "case_settled": Words(
        "Case %(case)s is settled",
        "What was settled now binds both sides.",
    ),
    "case_escalated": Words(
        "Case %(case)s is with us",
        "A mediator will decide the case.",
    ),
    "evidence_requested": Words(
        "Evidence wanted in case %(case)s",
        "The mediator asked for evidence; the case names it.",
    ),
    "evidence_submitted": Words(
        "Evidence came in case %(case)s",
        "The evidence asked for is there.",
    ),
    "evidence_lapsed": Words(
        "Case %(case)s goes on",
        "The time for evidence is over.",
    ),
    "case_ruled": Words(
        "Decision in case %(case)s",
        "The mediator decided; the case gives the reasons.",
    ),
    "ruling_accepted": Words(
        "Decision accepted in case %(case)s",
        "The other side accepted the decision.",
    ),
    "case_appealed": Words(
        "Appeal in case %(case)s",
        "Another mediator will look at the case.",
    ),
    "instructions_given": Words(
        "Where to send your return: case %(case)s",
        "The seller gave the address; send it with tracking.",
    ),
    "return_shipped": Words(
        "A return is on its way: case %(case)s",
        "The buyer sent the goods back.",
    ),
    "return_scanned": Words(
        "News of the return: case %(case)s",
        "The carrier scanned the parcel.",
    ),
    "return_lost": Words(
        "The return is lost: case %(case)s",
        "The carrier lost track of the parcel.",
    ),
    "return_inspected": Words(
        "Your return was inspected: case %(case)s",
        "The seller looked at the goods.",
    ),
    "rejection_accepted": Words(
        "Rejection accepted: case %(case)s",
        "The buyer accepts your inspection.",
    ),
    "return_contested": Words(
        "Inspection contested: case %(case)s",
        "A mediator will decide.",
    ),
    "replacement_due": Words(
        "A replacement is due: case %(case)s", "Send the buyer the replacement agreed on."
    ),
    "replacement_shipped": Words(
        "Your replacement is on its way: case %(case)s",
        "The seller sent it.",
    ),
    "replacement_scanned": Words(
        "News of the replacement: case %(case)s",
        "The parcel was scanned.",
    ),
    "replacement_failed": Words(
        "No replacement: case %(case)s",
        "It will be refunded instead.",
    ),
    "refund_approved": Words(
        "Refund of %(amount)s approved",
        "A refund was approved for order %(order)s.",
    ),
    "refund_initiated": Words(
        "Refund of %(amount)s on its way",
        "Your refund was sent.",
    ),
    "refund_confirmed": Words(
        "Refund of %(amount)s confirmed",
        "The provider confirmed the refund.",
    ),
    "refund_failed": Words(
        "Refund of %(amount)s failed",
        "Please choose another way to be paid.",
    ),
    "refund_overdue": Words(
        "Your refund is late: case %(case)s",
        "We asked the provider; support helps.",
    ),
    "refund_redirected": Words(
        "Refund of %(amount)s goes another way",
        "Your refund takes another way.",
    ),
    "case_reopened": Words(
        "Case %(case)s was opened again",
        "Support opened the case again.",
    ),
    "case_closed": Words(
        "Case %(case)s is closed",
        "Nothing more is to be done.",
    ),
    "units_cancelled": Words(
        "Order %(order)s was cancelled",
        "What was not shipped was cancelled.",
    ),
    "parcel_recorded": Words(
        "Order %(order)s was shipped",
        "A parcel is on its way to you.",
    ),
    "receipt_confirmed": Words(
        "Order %(order)s was received",
        "The buyer confirmed the receipt.",
    ),
    "protection_reminded": Words(
        "Your protection ends soon: order %(order)s",
        "If something is wrong, say so before it ends.",
    ),
    "escrow_released": Words(
        "Order %(order)s: money released",
        "The money of the order is yours.",
    ),
    "payout_confirmed": Words(
        "Order %(order)s: paid out",
        "The payout was sent to you.",
    ),
}

_REFUND_LINE = "%(amount)s by %(method)s"
_REFUND_LINE_ETA = "%(amount)s by %(method)s, to arrive between %(from)s and %(by)s"
_METHODS: Mapping[str, str] = {
    "card": "card",
    "bank_transfer": "bank transfer",
    "wallet": "wallet",
    "voucher": "voucher",
    "balance": "account balance",
}
_ROLES: Mapping[Role, str] = {
    Role.BUYER: "the buyer",
    Role.SELLER: "the seller",
    Role.MEDIATOR: "the mediator",
    Role.OPERATOR: "us",
    Role.CARRIER: "the carrier",
    Role.PROVIDER: "the payment provider",
    Role.CLOCK: "us",
}
_TURN = "Waiting for %(who)s until %(until)s."
_YOUR_TURN = "It is your turn until %(until)s."
_CLAUSE = "Clause: %(clause)s"


def letters_of(
    notice: Notice, order_id: str, case_id: str, translate: Translate, locale: str
) -> list[Letter]:
    """The notice in words, one letter a person. ``locale`` is a CLDR locale (``en``, ``pt_BR``)."""
    words = WORDS[notice.event]
    total = sum(refund.amount for refund in notice.refunds)
    facts = {"case": case_id, "order": order_id, "amount": _amount(total, notice.currency, locale)}
    subject = translate(words.subject) % facts
    return [
        Letter(
            notice_id=f"{notice.stream}:{notice.seq}:{person.role.value}:{person.id}",
            to=person,
            order_id=order_id,
            case_id=case_id,
            event=notice.event,
            subject=subject,
            text="\n".join(_lines(notice, person, translate(words.text) % facts, translate, locale)),
            at=notice.at,
        )
        for person in notice.to
    ]


def _lines(notice: Notice, person: Actor, first: str, translate: Translate, locale: str) -> list[str]:
    lines = [first, *(_refund(refund, notice.currency, translate, locale) for refund in notice.refunds)]
    if notice.waiting is not None:
        lines.append(_turn(notice.waiting, person, translate, locale))
    if notice.clause:
        lines.append(translate(_CLAUSE) % {"clause": notice.clause})
    return lines


def _refund(refund: Refund, currency: str, translate: Translate, locale: str) -> str:
    facts = {
        "amount": _amount(refund.amount, currency, locale),
        "method": translate(_METHODS.get(refund.method, refund.method)),
    }
    if refund.eta_from is None or refund.eta_by is None:
        return translate(_REFUND_LINE) % facts
    facts["from"] = format_date(refund.eta_from.date(), locale=locale)
    facts["by"] = format_date(refund.eta_by.date(), locale=locale)
    return translate(_REFUND_LINE_ETA) % facts


def _turn(waiting: Waiting, person: Actor, translate: Translate, locale: str) -> str:
    until = format_datetime(waiting.until, locale=locale) + " UTC"
    if waiting.on is person.role:
        return translate(_YOUR_TURN) % {"until": until}
    return translate(_TURN) % {"who": translate(_ROLES[waiting.on]), "until": until}


def _amount(amount: int, currency: str, locale: str) -> str:
    places = decimals(currency)
    whole = f"{'-' if amount < 0 else ''}{abs(amount) // 10**places}"
    # A string keeps what a float would lose: babel makes a decimal of it.
    text = f"{whole}.{abs(amount) % 10**places:0{places}}" if places else whole
    return format_currency(text, currency, locale=locale)
