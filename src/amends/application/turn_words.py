"""What somebody has to do in each state of a case, and what happens where nobody does: for pages and mail."""

from amends.application.words import N_
from amends.domain.cases.model import State

TASKS: dict[State, str] = {
    State.CANCEL_REQUESTED: N_("Your turn: answer the cancellation"),
    State.DRAFTING: N_("Your turn: send the draft"),
    State.AWAITING_SELLER: N_("Your turn: reply to the buyer"),
    State.AWAITING_BUYER: N_("Your turn: reply to the seller"),
    State.MEDIATING: N_("Your turn: decide"),
    State.MEDIATING_LATE: N_("Your turn: see that it is decided"),
    State.AWAITING_EVIDENCE: N_("Your turn: send evidence"),
    State.RULED: N_("Your turn: accept or appeal"),
    State.APPEALED: N_("Your turn: decide the appeal"),
    State.AWAITING_INSTRUCTIONS: N_("Your turn: say where to send it"),
    State.AWAITING_SHIPMENT: N_("Your turn: send it back"),
    State.INSPECTING: N_("Your turn: check the return"),
    State.REJECTED: N_("Your turn: accept or contest"),
    State.AWAITING_PAYMENT: N_("Your turn: pay for the exchange"),
    State.AWAITING_REPLACEMENT: N_("Your turn: send the replacement"),
    State.REFUND_APPROVED: N_("The refund starts by itself"),
    State.REFUND_OVERDUE: N_("Your turn: trace the refund"),
    State.REFUND_METHOD_NEEDED: N_("Your turn: choose where the money goes"),
}

#: What happens by each default, as the buyer, the seller and anybody else read it.
DEFAULTS: dict[str, tuple[str, str, str]] = {
    "grant_request": (
        N_("Without a reply by then you automatically get: %(remedy)s. You need not do anything."),
        N_("If you do not reply by then, the buyer automatically gets: %(remedy)s."),
        N_("Without a reply by then the buyer automatically gets: %(remedy)s."),
    ),
    "decline_request": (
        N_("If the seller does not reply by then, the request is declined."),
        N_("If you do not reply by then, the request is declined."),
        N_("Without a reply by then the request is declined."),
    ),
    "accept_offer": (
        N_("If you do not reply by then, the offer on the table is accepted."),
        N_("Without a reply by then your offer is accepted."),
        N_("Without a reply by then the offer on the table is accepted."),
    ),
    "withdraw": (
        N_("If you do not reply by then, your request is withdrawn."),
        N_("Without a reply by then the request is withdrawn."),
        N_("Without a reply by then the request is withdrawn."),
    ),
    "discard_draft": (
        N_("If you do not send it by then, the draft is discarded. You may start again while there is time."),
        N_("Without anything by then the draft is discarded."),
        N_("Without anything by then the draft is discarded."),
    ),
    "escalate": (
        N_("If nothing is agreed by then, a mediator takes over by itself."),
        N_("If nothing is agreed by then, a mediator takes over by itself."),
        N_("If nothing is agreed by then, the case escalates to a mediator by itself."),
    ),
    "alert_senior": (
        N_("If it is not decided by then, senior support steps in. You need not do anything."),
        N_("If it is not decided by then, senior support steps in. You need not do anything."),
        N_("If it is not decided by then, senior support is alerted."),
    ),
    "recommended_ruling": (
        N_("If nobody decides by then, the decision our rules recommend takes effect."),
        N_("If nobody decides by then, the decision our rules recommend takes effect."),
        N_("If nobody decides by then, the recommended ruling takes effect."),
    ),
    "resume_mediation": (
        N_("If it does not come by then, the mediator decides on what is there."),
        N_("If it does not come by then, the mediator decides on what is there."),
        N_("If it does not come by then, the case is decided on what is there."),
    ),
    "ruling_stands": (
        N_("If nobody appeals by then, the decision stands."),
        N_("If nobody appeals by then, the decision stands."),
        N_("If nobody appeals by then, the decision stands."),
    ),
    "refund_without_return": (
        N_("If the seller says nothing by then, you are refunded and keep the item."),
        N_("If you say nothing by then, the buyer is refunded and keeps the item."),
        N_("Without an address by then the buyer is refunded and keeps the item."),
    ),
    "close_for_seller": (
        N_("If it is not sent by then, the case closes without a refund."),
        N_("If it is not sent by then, the case closes without a refund."),
        N_("If it is not sent by then, the case closes without a refund."),
    ),
    "keep_rest": (
        N_("What you have not sent by then you keep, and nothing is refunded for it. The rest goes its way."),
        N_("What is not sent by then stays with the buyer. The rest goes its way."),
        N_("What is not sent by then stays with the buyer. The rest goes its way."),
    ),
    "return_lost": (
        N_("If no scan comes by then, the return counts as lost. A tracked return is covered."),
        N_("If no scan comes by then, the return counts as lost."),
        N_("If no scan comes by then, the return counts as lost."),
    ),
    "accept_return": (
        N_("If the seller says nothing by then, the return is accepted and you are refunded."),
        N_("If you say nothing by then, the return counts as accepted and the buyer is refunded."),
        N_("Without a word by then the return counts as accepted."),
    ),
    "rejection_stands": (
        N_("If you do not contest it by then, the rejection stands."),
        N_("If the buyer does not contest it by then, the rejection stands."),
        N_("If it is not contested by then, the rejection stands."),
    ),
    "exchange_fails": (
        N_("If that does not happen by then, you get your money back instead."),
        N_("If that does not happen by then, the buyer gets the money back instead."),
        N_("If that does not happen by then, the buyer gets the money back instead."),
    ),
    "initiate_refund": (
        N_("It starts by itself. You need not do anything."),
        N_("It starts by itself."),
        N_("It starts by itself."),
    ),
    "flag_overdue": (
        N_("If it has not come by then, support is alerted and traces it."),
        N_("If it has not come by then, support is alerted and traces it."),
        N_("If it is not confirmed by then, it is flagged as overdue."),
    ),
    "refund_to_balance": (
        N_("If nothing else happens by then, the money goes to your account balance."),
        N_("If nothing else happens by then, the money goes to the buyer’s account balance."),
        N_("If nothing else happens by then, the money goes to the buyer’s account balance."),
    ),
    "cancel_unshipped": (
        N_("If it is not shipped by then, it is cancelled and you are refunded."),
        N_("If you do not ship it by then, it is cancelled and the buyer is refunded."),
        N_("If it is not shipped by then, it is cancelled and refunded."),
    ),
    "release_escrow": (
        N_("After that the money goes to the seller, unless a case is open."),
        N_("After that the money is released to you, unless a case is open."),
        N_("After that the money is released to the seller, unless a case is open."),
    ),
    "remind_protection": (
        N_("You are reminded before buyer protection ends."),
        N_("The buyer is reminded before protection ends."),
        N_("The buyer is reminded before protection ends."),
    ),
    "release_when_cases_end": (
        N_("The money stays where it is until the case has ended."),
        N_("The money stays where it is until the case has ended."),
        N_("The money stays where it is until the case has ended."),
    ),
    "release_hold": (
        N_("After that it goes to the seller, unless a case is open."),
        N_("If nobody decides otherwise by then, it is released to you."),
        N_("If nobody answers by then, it is released to the seller."),
    ),
    "pay_out": (
        N_("Then the seller is paid."),
        N_("Then you are paid."),
        N_("Then the seller is paid."),
    ),
}
