"""Notices as letters, each in its reader's words."""

from collections.abc import Mapping
from typing import NamedTuple

from amends.application import turn_words
from amends.application.notices import Notice
from amends.application.ports import Letter
from amends.application.words import N_, Words
from amends.domain.cases.model import Refund, State
from amends.domain.parties import Actor, Role, Waiting

NEAR = "deadline_near"
"""The event of a reminder."""

_PROTECTION, _RELEASE = "protection_reminded", "release_escrow"
# Which of the words for a default somebody reads; anybody else reads the third.
_SIDES: Mapping[Role, int] = {Role.BUYER: 0, Role.SELLER: 1}


class Wording(NamedTuple):
    """The messages of an event's subject and first sentence. Placeholders: case, order, amount."""

    subject: str
    text: str


WORDS: Mapping[str, Wording] = {
    "case_opened": Wording(
        N_("Case %(case)s was opened"),
        N_("A request was made on order %(order)s."),
    ),
    "withdrawal_received": Wording(
        N_("Receipt: the withdrawal on order %(order)s, case %(case)s"),
        N_(
            "The statement that the buyer withdraws from the contract on order %(order)s was received on "
            "%(moment)s. Nobody has to agree to it. The case has the statement and this receipt to keep."
        ),
    ),
    "extension_offered": Wording(
        N_("More time to return: order %(order)s"),
        N_("The seller offers you more time to ask for a return or refund; the order says until when."),
    ),
    "extension_answered": Wording(
        N_("Answer about more time to return: order %(order)s"),
        N_("The buyer answered your offer of more time; the order has the answer."),
    ),
    "draft_submitted": Wording(
        N_("Case %(case)s was opened"),
        N_("A request was made on order %(order)s."),
    ),
    "evidence_added": Wording(
        N_("New evidence in case %(case)s"),
        N_("The other side added evidence."),
    ),
    "offer_made": Wording(
        N_("New offer in case %(case)s"),
        N_("The other side made you an offer."),
    ),
    "offer_declined": Wording(
        N_("Offer declined in case %(case)s"),
        N_("The other side declined the offer."),
    ),
    "case_settled": Wording(
        N_("Case %(case)s is settled"),
        N_("What was settled now binds both sides."),
    ),
    "case_escalated": Wording(
        N_("Case %(case)s is with us"),
        N_("A mediator will decide the case."),
    ),
    "evidence_requested": Wording(
        N_("Evidence wanted in case %(case)s"),
        N_("The mediator asked for evidence; the case names it."),
    ),
    "evidence_submitted": Wording(
        N_("Evidence came in case %(case)s"),
        N_("The evidence asked for is there."),
    ),
    "evidence_lapsed": Wording(
        N_("Case %(case)s goes on"),
        N_("The time for evidence is over."),
    ),
    "case_ruled": Wording(
        N_("Decision in case %(case)s"),
        N_("The mediator decided; the case gives the reasons."),
    ),
    "ruling_accepted": Wording(
        N_("Decision accepted in case %(case)s"),
        N_("The other side accepted the decision."),
    ),
    "case_appealed": Wording(
        N_("Appeal in case %(case)s"),
        N_("Another mediator will look at the case."),
    ),
    "instructions_given": Wording(
        N_("Where to send your return: case %(case)s"),
        N_("The seller gave the address; send it with tracking."),
    ),
    "label_issued": Wording(
        N_("The label of a return: case %(case)s"),
        N_("A label was booked; the case has it."),
    ),
    "freight_receipt_added": Wording(
        N_("Postage of a return: case %(case)s"),
        N_("The buyer told what the way back cost."),
    ),
    "freight_reimbursed": Wording(
        N_("Postage paid back: case %(case)s"),
        N_("What the way back cost is on the buyer's balance."),
    ),
    "payment_due": Wording(
        N_("Payment due for the exchange: case %(case)s"),
        N_("The replacement is sent once what it costs is paid."),
    ),
    "payment_received": Wording(
        N_("Payment received: case %(case)s"),
        N_("The buyer paid for the exchange."),
    ),
    "replacement_received": Wording(
        N_("The replacement is there: case %(case)s"),
        N_("The buyer has the replacement."),
    ),
    "return_shipped": Wording(
        N_("A return is on its way: case %(case)s"),
        N_("The buyer sent the goods back."),
    ),
    "return_scanned": Wording(
        N_("News of the return: case %(case)s"),
        N_("The carrier scanned the parcel."),
    ),
    "return_lost": Wording(
        N_("The return is lost: case %(case)s"),
        N_("The carrier lost track of the parcel."),
    ),
    "return_part_ended": Wording(
        N_("A parcel of the return will not arrive: case %(case)s"),
        N_("The other parcels of this return go their way."),
    ),
    "return_rest_kept": Wording(
        N_("A part of the return is kept: case %(case)s"),
        N_("The buyer keeps what was not sent back. Nothing is refunded for it."),
    ),
    "return_came_back": Wording(
        N_("The return could not be delivered: case %(case)s"),
        N_("It came back to the buyer. A mediator will decide."),
    ),
    "return_inspected": Wording(
        N_("Your return was inspected: case %(case)s"),
        N_("The seller looked at the goods."),
    ),
    "rejection_accepted": Wording(
        N_("Rejection accepted: case %(case)s"),
        N_("The buyer accepts your inspection."),
    ),
    "return_contested": Wording(
        N_("Inspection contested: case %(case)s"),
        N_("A mediator will decide."),
    ),
    "replacement_due": Wording(
        N_("A replacement is due: case %(case)s"),
        N_("Send the buyer the replacement agreed on."),
    ),
    "variant_sold_out": Wording(
        N_("The replacement is sold out: case %(case)s"),
        N_("It will be refunded instead."),
    ),
    "replacement_shipped": Wording(
        N_("Your replacement is on its way: case %(case)s"),
        N_("The seller sent it."),
    ),
    "replacement_scanned": Wording(
        N_("News of the replacement: case %(case)s"),
        N_("The parcel was scanned."),
    ),
    "replacement_failed": Wording(
        N_("No replacement: case %(case)s"),
        N_("It will be refunded instead."),
    ),
    "refund_approved": Wording(
        N_("Refund of %(amount)s approved"),
        N_("A refund was approved for order %(order)s."),
    ),
    "refund_initiated": Wording(
        N_("Refund of %(amount)s on its way"),
        N_("Your refund was sent."),
    ),
    "refund_confirmed": Wording(
        N_("Refund of %(amount)s confirmed"),
        N_("The provider confirmed the refund."),
    ),
    "refund_failed": Wording(
        N_("Refund of %(amount)s failed"),
        N_("Please choose another way to be paid."),
    ),
    "refund_overdue": Wording(
        N_("Your refund is late: case %(case)s"),
        N_("We asked the provider; support helps."),
    ),
    "refund_redirected": Wording(
        N_("Refund of %(amount)s goes another way"),
        N_("Your refund takes another way."),
    ),
    "case_reopened": Wording(
        N_("Case %(case)s was opened again"),
        N_("Support opened the case again."),
    ),
    "case_closed": Wording(
        N_("Case %(case)s is closed"),
        N_("Nothing more is to be done."),
    ),
    "units_cancelled": Wording(
        N_("Order %(order)s was cancelled"),
        N_("What was not shipped was cancelled."),
    ),
    "parcel_recorded": Wording(
        N_("Order %(order)s was shipped"),
        N_("A parcel is on its way to you."),
    ),
    "receipt_confirmed": Wording(
        N_("Order %(order)s was received"),
        N_("The buyer confirmed the receipt."),
    ),
    "protection_reminded": Wording(
        N_("Your protection ends soon: order %(order)s"),
        N_("If something is wrong, say so before it ends."),
    ),
    "escrow_released": Wording(
        N_("Order %(order)s: money released"),
        N_("The money of the order is yours."),
    ),
    "payout_confirmed": Wording(
        N_("Order %(order)s: paid out"),
        N_("The payout was sent to you."),
    ),
    "payout_held": Wording(
        N_("Order %(order)s: payout held"),
        N_(
            "Goods like those of order %(order)s are said to be counterfeit. The payout waits until that is "
            "decided. The order says until when, and by which clause."
        ),
    ),
    "payout_hold_kept": Wording(
        N_("Order %(order)s: payout stays held"),
        N_("The payout of order %(order)s stays held. The order says why, and until when."),
    ),
    "payout_hold_released": Wording(
        N_("Order %(order)s: payout no longer held"),
        N_("Nothing holds the payout of order %(order)s on that account any more."),
    ),
    "chargeback_opened": Wording(
        N_("Order %(order)s: the buyer's bank disputes the payment"),
        N_("The payout of order %(order)s waits until the bank has decided. You need not do anything."),
    ),
    "chargeback_ended": Wording(
        N_("Order %(order)s: the bank's dispute has ended"),
        N_("The bank decided about the payment of order %(order)s. The order shows how."),
    ),
}

# Notices that follow from no event of an order or case.
OTHER_WORDS: Mapping[str, Wording] = {
    "message_sent": Wording(
        N_("New message about order %(order)s"),
        N_("Somebody wrote to you about order %(order)s."),
    ),
    "message_unanswered": Wording(
        N_("A message waits for your answer: order %(order)s"),
        N_("You have not answered yet. A few words keep the other side from opening a dispute."),
    ),
    "silence_invites_dispute": Wording(
        N_("No answer yet: order %(order)s"),
        N_("The seller has not answered you. You can open a request now; you need not wait any longer."),
    ),
    "reconciliation_differs": Wording(
        N_("A provider's report differs from the ledger"),
        N_("At least one difference of a day has no explanation yet. The page of the day shows it."),
    ),
    "signal_contested": Wording(
        N_("A buyer contests what is known about them"),
        N_("Somebody has to look at the cases behind it and decide."),
    ),
    "signal_reviewed": Wording(
        N_("We looked at what you contested"),
        N_("Your account says what was decided, and why."),
    ),
    NEAR: Wording(
        N_("Due soon: order %(order)s"),
        N_("A deadline of yours comes near."),
    ),
}

_REFUND_LINE = N_("%(amount)s by %(method)s")
_REFUND_LINE_ETA = N_("%(amount)s by %(method)s, to arrive between %(from)s and %(by)s")
_METHODS: Mapping[str, str] = {
    "card": N_("card"),
    "bank_transfer": N_("bank transfer"),
    "wallet": N_("wallet"),
    "voucher": N_("voucher"),
    "balance": N_("account balance"),
}
_US = N_("It is our turn until %(until)s.")
# A sentence for each: what follows "for" is declined in some languages.
_TURNS: Mapping[Role, str] = {
    Role.BUYER: N_("Waiting for the buyer until %(until)s."),
    Role.SELLER: N_("Waiting for the seller until %(until)s."),
    Role.MEDIATOR: N_("Waiting for the mediator until %(until)s."),
    Role.OPERATOR: _US,
    Role.CARRIER: N_("Waiting for the carrier until %(until)s."),
    Role.PROVIDER: N_("Waiting for the payment provider until %(until)s."),
    Role.CLOCK: N_("The next step comes by itself on %(until)s."),
}
_YOUR_TURN = N_("It is your turn until %(until)s.")
_RULED = N_("You can accept the decision or appeal until %(until)s.")
_PROTECTION_ENDS = N_("It ends on %(until)s.")
_ASKED = N_("what was asked for")
_CLAUSE = N_("Clause: %(clause)s")


def letters_of(notice: Notice, order_id: str, case_id: str, readers: Mapping[Actor, Words]) -> list[Letter]:
    """The notice in words, one letter a person; ``readers`` has the words of each of ``notice.to``.

    Whose zone nobody knows reads the times of their country, as the order has it.
    """
    return [
        _letter(notice, order_id, case_id, person, readers[person].placed(notice.country_of(person)))
        for person in notice.to
    ]


def _letter(notice: Notice, order_id: str, case_id: str, person: Actor, words: Words) -> Letter:
    wording = WORDS.get(notice.event) or OTHER_WORDS[notice.event]
    if notice.event == NEAR and notice.waiting is not None and notice.waiting.default == _RELEASE:
        wording = WORDS[_PROTECTION]
    total = sum(refund.amount for refund in notice.refunds)
    facts = {"case": case_id, "order": order_id, "amount": words.money(total, notice.currency)}
    facts["moment"] = words.moment(notice.at)
    # A reminder of a case says at once what there is to do.
    todo = turn_words.TASKS[State(notice.state)] if notice.event == NEAR and notice.state else ""
    lines = [words.say(todo or wording.text, **facts)]
    lines += [_refund(refund, notice.currency, words) for refund in notice.refunds]
    if notice.waiting is not None:
        lines += _turn(notice, notice.waiting, person, words)
    if notice.clause:
        lines.append(words.say(_CLAUSE, clause=notice.clause))
    return Letter(
        notice_id=f"{notice.stream}:{notice.seq}:{person.role.value}:{person.id}",
        to=person,
        order_id=order_id,
        case_id=case_id,
        event=notice.event,
        subject=words.say(wording.subject, **facts),
        text="\n".join(lines),
        at=notice.at,
    )


def _refund(refund: Refund, currency: str, words: Words) -> str:
    facts = {
        "amount": words.money(refund.amount, currency),
        "method": words.say(_METHODS.get(refund.method, refund.method)),
    }
    if refund.eta_from is None or refund.eta_by is None:
        return words.say(_REFUND_LINE, **facts)
    facts["from"] = words.day(refund.eta_from)
    facts["by"] = words.day(refund.eta_by)
    return words.say(_REFUND_LINE_ETA, **facts)


def _turn(notice: Notice, waiting: Waiting, person: Actor, words: Words) -> list[str]:
    """Whose turn it is; to whom it is, what there is to do, until when, and what happens otherwise."""
    if waiting.default == "remind_protection":
        return []  # the instant of a reminder is nobody's turn
    mine, sentence = waiting.on is person.role, _TURNS[waiting.on]
    if notice.event == _PROTECTION or waiting.default == _RELEASE:
        mine, sentence = person.role is Role.BUYER, _PROTECTION_ENDS
    elif waiting.default == "ruling_stands" and person.role in _SIDES:
        mine, sentence = True, _RULED
    elif mine:
        sentence = _YOUR_TURN
    lines = [words.say(sentence, until=words.moment(waiting.until))]
    if mine and waiting.default in turn_words.DEFAULTS:
        otherwise = turn_words.DEFAULTS[waiting.default][_SIDES.get(person.role, 2)]
        lines.append(words.say(otherwise, remedy=words.say(_ASKED)))
    return lines
