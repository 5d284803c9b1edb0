"""What people are told in their account and by mail: the subject and first sentence of each notice."""

from collections.abc import Mapping
from typing import NamedTuple

from amends.application.words import N_

NEAR = "deadline_near"
"""The event of a reminder."""


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
    "return_window_near": Wording(
        N_("The time to return ends soon: order %(order)s"),
        N_("If something is wrong, or you want to send something back, you can still ask for it."),
    ),
    "withdrawal_window_near": Wording(
        N_("The time to withdraw ends soon: order %(order)s"),
        N_("You can still withdraw from the purchase. You need not say why."),
    ),
    "fault_window_near": Wording(
        N_("The time to report faults ends soon: order %(order)s"),
        N_("If something is faulty or not as described, you can still report it."),
    ),
    "arrival_window_near": Wording(
        N_("Has everything arrived? Order %(order)s"),
        N_("If something is still missing, you can still report it."),
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
