"""The words for every code of the domain: states, reasons, remedies, deadlines, actions, refusals.

Each message is marked for the catalogues with `N_` and said by `Words.say`.
"""

from amends.application import case_words, turn_words
from amends.domain.cases.model import Outcome, RefundStage, State
from amends.domain.custody.model import Stage
from amends.domain.orders import Method
from amends.domain.parties import Role
from amends.interfaces.web.words import N_

ROLES = case_words.ROLES

#: A person and in what role, for those who sign in.
PEOPLE: dict[Role, str] = {
    Role.BUYER: N_("%(name)s (buyer)"),
    Role.SELLER: N_("%(name)s (seller)"),
    Role.MEDIATOR: N_("%(name)s (mediator)"),
    Role.OPERATOR: N_("%(name)s (support)"),
}

STATES: dict[State, str] = {
    State.CANCEL_REQUESTED: N_("Cancellation requested"),
    State.DRAFTING: N_("Draft, not sent yet"),
    State.AWAITING_SELLER: N_("Waiting for the seller"),
    State.AWAITING_BUYER: N_("Waiting for the buyer"),
    State.MEDIATING: N_("With a mediator"),
    State.MEDIATING_LATE: N_("With senior support"),
    State.AWAITING_EVIDENCE: N_("Evidence asked for"),
    State.RULED: N_("Decided, replies open"),
    State.APPEALED: N_("Appeal being decided"),
    State.AWAITING_INSTRUCTIONS: N_("Return address needed"),
    State.AWAITING_SHIPMENT: N_("Return to be sent"),
    State.RETURN_IN_TRANSIT: N_("Return on its way"),
    State.INSPECTING: N_("Return being checked"),
    State.REJECTED: N_("Return rejected"),
    State.AWAITING_PAYMENT: N_("Exchange to be paid"),
    State.AWAITING_REPLACEMENT: N_("Replacement to be sent"),
    State.REPLACEMENT_IN_TRANSIT: N_("Replacement on its way"),
    State.REFUND_APPROVED: N_("Refund approved"),
    State.REFUND_INITIATED: N_("Refund on its way"),
    State.REFUND_OVERDUE: N_("Refund overdue"),
    State.REFUND_METHOD_NEEDED: N_("Refund needs another way"),
    State.CLOSED: N_("Closed"),
}

OUTCOMES: dict[Outcome, str] = {
    Outcome.REFUNDED: N_("Refunded in full"),
    Outcome.PARTLY_REFUNDED: N_("Refunded in part"),
    Outcome.EXCHANGED: N_("Exchanged"),
    Outcome.REIMBURSED: N_("Postage paid back"),
    Outcome.DECLINED: N_("Declined"),
    Outcome.WITHDRAWN: N_("Withdrawn"),
    Outcome.DISCARDED: N_("Draft discarded"),
    Outcome.RETURN_NOT_SHIPPED: N_("Return never sent"),
    Outcome.RETURN_REJECTED: N_("Return rejected"),
}

STAGES: dict[Stage, str] = {
    Stage.AWAITING_SHIPMENT: N_("To be shipped"),
    Stage.AWAITING_DELIVERY: N_("On its way"),
    Stage.PROTECTED: N_("Delivered, protected"),
    Stage.HELD: N_("Held for an open case"),
    Stage.RELEASED: N_("Released to the seller"),
    Stage.PAID_OUT: N_("Paid out"),
    Stage.CANCELLED: N_("Cancelled"),
}

REFUND_STAGES: dict[RefundStage, str] = {
    RefundStage.APPROVED: N_("Approved"),
    RefundStage.INITIATED: N_("On its way"),
    RefundStage.CONFIRMED: N_("Sent"),
    RefundStage.FAILED: N_("Failed"),
    RefundStage.REDIRECTED: N_("Sent another way"),
}

METHODS: dict[str, str] = {
    Method.CARD: N_("card"),
    Method.BANK_TRANSFER: N_("bank transfer"),
    Method.WALLET: N_("wallet"),
    Method.VOUCHER: N_("voucher"),
    Method.BALANCE: N_("account balance"),
}

SIGNALS = case_words.SIGNALS

FAMILIES: dict[str, str] = {
    "cancel": N_("Cancel before it is sent"),
    "not_received": N_("It has not arrived"),
    "not_as_described": N_("It is not what was described"),
    "quality": N_("It is damaged or does not work"),
    "fake": N_("It is not genuine"),
    "late": N_("It came too late"),
    "no_reason": N_("I do not want to keep it"),
    "return": N_("There is a problem with a return"),
}

REASONS: dict[str, str] = {
    "cancel.mistake": N_("Ordered by mistake"),
    "cancel.changed_mind": N_("Changed my mind"),
    "cancel.found_cheaper": N_("Found it cheaper elsewhere"),
    "cancel.payment_problem": N_("Problem with the payment"),
    "cancel.seller_cancelled": N_("Cancelled by the seller"),
    "cancel.not_shipped_in_time": N_("Not shipped in time"),
    "not_received.no_tracking": N_("There is no tracking number"),
    "not_received.tracking_invalid": N_("The tracking number is not valid"),
    "not_received.tracking_shared": N_("The tracking number is somebody else’s too"),
    "not_received.wrong_direction": N_("The parcel went the wrong way"),
    "not_received.origin_only": N_("The parcel never left the country it came from"),
    "not_received.overdue": N_("It is later than promised and not here"),
    "not_received.customs_held": N_("It is held by customs"),
    "not_received.returned_to_sender": N_("It went back to the sender"),
    "not_received.wrong_address": N_("It went to a wrong address"),
    "not_received.shown_delivered": N_("It is shown as delivered, but I do not have it"),
    "not_received.never_sent": N_("It was never sent"),
    "not_as_described.color": N_("Another colour"),
    "not_as_described.size": N_("Another size than described"),
    "not_as_described.look": N_("It looks different"),
    "not_as_described.material": N_("Another material"),
    "not_as_described.specification": N_("It cannot do what was described"),
    "not_as_described.wrong_item": N_("It is another item"),
    "not_as_described.quantity_short": N_("Fewer pieces than ordered"),
    "not_as_described.parts_missing": N_("Parts or accessories are missing"),
    "not_as_described.empty_parcel": N_("The parcel was empty"),
    "quality.assembly": N_("Badly put together"),
    "quality.material": N_("Poor material"),
    "quality.unfit_for_purpose": N_("It is not fit for its purpose"),
    "quality.damaged_in_transit": N_("It arrived damaged"),
    "quality.defective": N_("It has a defect"),
    "quality.not_working": N_("It does not work"),
    "quality.leaking": N_("It leaks"),
    "fake.counterfeit": N_("It is a counterfeit"),
    "fake.no_authorisation": N_("The seller may not sell this brand"),
    "late.after_promise": N_("It arrived after the promised date"),
    "no_reason.changed_mind": N_("I changed my mind"),
    "no_reason.wrong_size_ordered": N_("I ordered the wrong size"),
    "no_reason.free_return": N_("I use the seller’s free return"),
    "no_reason.withdrawal": N_("I withdraw from the contract"),
    "return.seller_denies_receipt": N_("The seller denies having received my return"),
    "return.lost": N_("My return was lost on its way"),
    "return.freight": N_("I was not paid back for the return postage"),
    "return.swapped": N_("What came back was not what was sent"),
    "return.refund_missing": N_("I returned it and got no refund"),
}

REMEDIES: dict[str, str] = {
    "refund": N_("Full refund, keep the item"),
    "partial": N_("Part of the money back, keep the item"),
    "return": N_("Send it back for a refund"),
    "exchange": N_("Exchange it"),
    "cancellation": N_("Cancel and refund"),
}

#: What is to be done by whoever a state waits on.
TASKS = turn_words.TASKS

#: How the buyer, the seller and anybody else read what a state waits for.
TURNS: dict[State, tuple[str, str, str]] = {
    State.CANCEL_REQUESTED: (
        N_("The seller has until %(until)s to answer your request"),
        N_("You have until %(until)s to answer this cancellation request"),
        N_("The seller has until %(until)s to answer the cancellation request"),
    ),
    State.DRAFTING: (
        N_("You have until %(until)s to send this request"),
        N_("The buyer has until %(until)s to send this request"),
        N_("The buyer has until %(until)s to send this request"),
    ),
    State.AWAITING_SELLER: (
        N_("The seller has until %(until)s to reply"),
        N_("You have until %(until)s to reply"),
        N_("The seller has until %(until)s to reply"),
    ),
    State.AWAITING_BUYER: (
        N_("You have until %(until)s to reply"),
        N_("The buyer has until %(until)s to reply"),
        N_("The buyer has until %(until)s to reply"),
    ),
    State.MEDIATING: (
        N_("A mediator has until %(until)s to decide"),
        N_("A mediator has until %(until)s to decide"),
        N_("A mediator has until %(until)s to decide"),
    ),
    State.MEDIATING_LATE: (
        N_("Senior support has until %(until)s to see that this is decided"),
        N_("Senior support has until %(until)s to see that this is decided"),
        N_("Senior support has until %(until)s to see that this is decided"),
    ),
    State.APPEALED: (
        N_("Another mediator has until %(until)s to decide the appeal"),
        N_("Another mediator has until %(until)s to decide the appeal"),
        N_("The appeal is to be decided by %(until)s"),
    ),
    State.AWAITING_INSTRUCTIONS: (
        N_("The seller has until %(until)s to say where to send it"),
        N_("You have until %(until)s to say where to send it"),
        N_("The seller has until %(until)s to say where to send it"),
    ),
    State.AWAITING_SHIPMENT: (
        N_("You have until %(until)s to send it back with tracking"),
        N_("The buyer has until %(until)s to send it back with tracking"),
        N_("The buyer has until %(until)s to send it back with tracking"),
    ),
    State.RETURN_IN_TRANSIT: (
        N_("The carrier has until %(until)s to show where the return is"),
        N_("The carrier has until %(until)s to show where the return is"),
        N_("The carrier has until %(until)s to show where the return is"),
    ),
    State.INSPECTING: (
        N_("The seller has until %(until)s to check what came back"),
        N_("You have until %(until)s to check what came back"),
        N_("The seller has until %(until)s to check what came back"),
    ),
    State.REJECTED: (
        N_("You have until %(until)s to contest the rejection"),
        N_("The buyer has until %(until)s to contest the rejection"),
        N_("The buyer has until %(until)s to contest the rejection"),
    ),
    State.AWAITING_PAYMENT: (
        N_("You have until %(until)s to pay for the exchange"),
        N_("The buyer has until %(until)s to pay for the exchange"),
        N_("The buyer has until %(until)s to pay for the exchange"),
    ),
    State.AWAITING_REPLACEMENT: (
        N_("The seller has until %(until)s to send the replacement"),
        N_("You have until %(until)s to send the replacement"),
        N_("The seller has until %(until)s to send the replacement"),
    ),
    State.REPLACEMENT_IN_TRANSIT: (
        N_("The carrier has until %(until)s to deliver the replacement"),
        N_("The carrier has until %(until)s to deliver the replacement"),
        N_("The carrier has until %(until)s to deliver the replacement"),
    ),
    State.REFUND_APPROVED: (
        N_("The refund starts by %(until)s"),
        N_("The refund starts by %(until)s"),
        N_("The refund starts by %(until)s"),
    ),
    State.REFUND_INITIATED: (
        N_("The money should arrive by %(until)s"),
        N_("The refund should arrive by %(until)s"),
        N_("The refund should arrive by %(until)s"),
    ),
    State.REFUND_OVERDUE: (
        N_("Support has until %(until)s to find your money"),
        N_("Support has until %(until)s to trace the refund"),
        N_("Support has until %(until)s to trace the refund"),
    ),
    State.REFUND_METHOD_NEEDED: (
        N_("You have until %(until)s to choose where your money goes"),
        N_("The buyer has until %(until)s to choose where the money goes"),
        N_("The buyer has until %(until)s to choose where the money goes"),
    ),
}

#: Where the state itself does not say who is waited on: mine, the buyer's, the seller's turn.
ASKED_TURNS: dict[State, tuple[str, str, str]] = {
    State.AWAITING_EVIDENCE: (
        N_("You have until %(until)s to send the evidence asked for"),
        N_("The buyer has until %(until)s to send the evidence asked for"),
        N_("The seller has until %(until)s to send the evidence asked for"),
    ),
    State.RULED: (
        N_("You have until %(until)s to accept the decision or to appeal"),
        N_("The buyer has until %(until)s to accept the decision or to appeal"),
        N_("The seller has until %(until)s to accept the decision or to appeal"),
    ),
}

ORDER_TURNS: dict[Stage, str] = {
    Stage.AWAITING_SHIPMENT: N_("To be shipped by %(until)s"),
    Stage.AWAITING_DELIVERY: N_("Protected until %(until)s"),
    Stage.PROTECTED: N_("Protected until %(until)s"),
    Stage.HELD: N_("The payout waits until %(until)s"),
    Stage.RELEASED: N_("Paid out to the seller on %(until)s"),
}

#: What happens at the deadline if nothing else does: to the buyer, to the seller, to anybody else.
DEFAULTS = turn_words.DEFAULTS

#: A command's name on its button, what to know before pressing it, and what is said once it is done.
ACTIONS: dict[str, tuple[str, str, str]] = {
    "edit_draft": (N_("Change the draft"), "", N_("Your draft has been saved.")),
    "submit_draft": (
        N_("Send the request to the seller"),
        N_("The seller then has to answer by a deadline."),
        N_("Your request has been sent to the seller."),
    ),
    "add_evidence": (
        N_("Add evidence"),
        N_("Both sides and the mediator will see it."),
        N_("Your evidence has been added."),
    ),
    "make_offer": (
        N_("Make an offer"),
        N_("It takes the place of any offer of yours on the table. Then the other side has to answer."),
        N_("Your offer has been made."),
    ),
    "accept_offer": (
        N_("Accept the offer"),
        N_("This is final: the offer becomes binding for both sides and cannot be taken back."),
        N_("The offer has been accepted. It now binds both sides."),
    ),
    "decline_offer": (
        N_("Decline the offer"),
        N_("The other side may then make another offer or ask for a mediator."),
        N_("The offer has been declined."),
    ),
    "escalate": (
        N_("Ask a mediator to decide"),
        N_("A mediator reads everything both sides have said and decides under the rules."),
        N_("A mediator will decide."),
    ),
    "take_case": (
        N_("Take this case"),
        N_("You become its mediator. Do not take a case of somebody you are related to."),
        N_("The case is yours."),
    ),
    "assign_case": (
        N_("Name the mediator"),
        N_("Who is related to a party cannot have the case, nor who made the decision that is appealed."),
        N_("The assignment has been recorded."),
    ),
    "request_evidence": (
        N_("Ask for evidence"),
        N_("Name what you need and from whom. They have until a deadline; then you decide on what is there."),
        N_("The evidence has been asked for."),
    ),
    "submit_evidence": (
        N_("Send the evidence asked for"),
        N_("Both sides and the mediator will see it."),
        N_("Your evidence has been sent to the mediator."),
    ),
    "rule": (
        N_("Decide"),
        N_("Name the facts you found, the clause each falls under, and the remedy that follows."),
        N_("Your decision has been recorded."),
    ),
    "confirm_ruling": (
        N_("Agree to the decision, or send it back"),
        N_("It pays more than one person may decide alone. Until you agree it binds nobody."),
        N_("Your answer to the decision has been recorded."),
    ),
    "accept_ruling": (
        N_("Accept the decision"),
        N_("Once both sides accept, it takes effect at once."),
        N_("You have accepted the decision."),
    ),
    "appeal": (
        N_("Appeal"),
        N_("You can appeal once and need new evidence. Another mediator decides, and that is final."),
        N_("Your appeal has been made."),
    ),
    "give_instructions": (
        N_("Say where to send it"),
        N_("The buyer gets a return number and this address."),
        N_("The buyer has been told where to send it."),
    ),
    "ship_return": (
        N_("I have sent it back"),
        N_("A tracking number is needed: it covers you if the parcel is lost."),
        N_("Your return is on its way."),
    ),
    "record_return_scan": (N_("Record a scan of the return"), "", N_("The scan has been recorded.")),
    "inspect_return": (
        N_("Record what came back"),
        N_("Say for each piece how it arrived, and whether you accept it."),
        N_("Your inspection has been recorded."),
    ),
    "accept_rejection": (
        N_("Accept the rejection"),
        N_("This is final: pieces that were rejected are not refunded."),
        N_("You have accepted the rejection."),
    ),
    "contest_rejection": (
        N_("Contest the rejection"),
        N_("A mediator decides whether the rejection was right."),
        N_("A mediator will decide about the rejection."),
    ),
    "issue_label": (
        N_("Record a label"),
        N_("A carrier was booked for the way back. The seller owes its price."),
        N_("The label has been recorded."),
    ),
    "add_freight_receipt": (
        N_("Add the receipt for the postage"),
        N_("Where the seller pays the way back, you get it back on your balance with the refund."),
        N_("The receipt has been added."),
    ),
    "record_payment": (
        N_("Record the payment for the exchange"),
        N_("The marketplace has taken what the buyer owes."),
        N_("The payment has been recorded."),
    ),
    "decline_exchange": (
        N_("Take my money back instead"),
        N_("This is final: no replacement comes, and you get a refund."),
        N_("The exchange is off. You get a refund instead."),
    ),
    "decline_replacement": (
        N_("There is no replacement"),
        N_("This is final: the buyer is refunded instead."),
        N_("The exchange is off. The buyer is refunded instead."),
    ),
    "record_reservation": (
        N_("Record that the replacement is set aside"),
        N_("The marketplace keeps it for the buyer until then."),
        N_("The reservation has been recorded."),
    ),
    "record_sold_out": (
        N_("The replacement is sold out"),
        N_("This is final: the buyer is refunded instead, once the item is back where it has to be."),
        N_("The buyer is refunded instead."),
    ),
    "ship_replacement": (
        N_("I have sent the replacement"),
        N_("A tracking number is needed."),
        N_("The replacement is on its way."),
    ),
    "record_replacement_scan": (
        N_("Record a scan of the replacement"),
        "",
        N_("The scan has been recorded."),
    ),
    "confirm_replacement": (
        N_("I have the replacement"),
        N_("This is final: the case closes as exchanged."),
        N_("Good to hear. The case is closed."),
    ),
    "confirm_refund": (
        N_("Confirm the refund"),
        N_("The provider says the money was sent."),
        N_("The refund is confirmed."),
    ),
    "fail_refund": (
        N_("Record a failed refund"),
        N_("The provider says the money cannot go there."),
        N_("The failure has been recorded."),
    ),
    "choose_refund_method": (
        N_("Choose where your money goes"),
        N_("The first way failed. Your account balance gets it at once."),
        N_("Your money goes where you chose."),
    ),
    "withdraw": (
        N_("Withdraw this case"),
        N_("This closes the case without a remedy. You may open another while the window is open."),
        N_("The case has been withdrawn."),
    ),
    "keep_rest": (
        N_("Keep what you have not sent"),
        N_("What is on its way is inspected and refunded. For what you keep nothing is refunded."),
        N_("You keep the rest."),
    ),
    "reopen": (
        N_("Reopen the case"),
        N_("Only on new facts. The reason is recorded and a mediator looks at it again."),
        N_("The case has been reopened."),
    ),
    # Of orders
    "open_claim": (N_("Send the request"), "", N_("Your request has been sent to the seller.")),
    "save_draft": (N_("Save for later"), "", N_("Your draft has been saved. Nobody else has seen it.")),
    "open_cancellation": (N_("Cancel the order"), "", N_("Your cancellation has been recorded.")),
    "confirm_receipt": (
        N_("I have everything"),
        N_("This releases the money to the seller. You need not confirm: protection ends by itself."),
        N_("Thank you. The money has been released to the seller."),
    ),
    "cancel_by_seller": (
        N_("Cancel what is not shipped"),
        N_("This is final: the buyer is refunded in full for everything not yet shipped."),
        N_("The order has been cancelled and the buyer is refunded."),
    ),
    "advance": (N_("Move the clock"), "", N_("The clock has moved.")),
    "theme": ("", "", N_("The colours have been changed.")),
}

#: Why something was refused. Facts of the refusal may be named in the sentence.
REFUSALS: dict[str, str] = {
    "not_found": N_("There is no such thing, or it is not yours to see."),
    "not_yours": N_("Somebody else has to do this."),
    "not_possible_now": N_("This is not possible any more: the case has moved on. Look at it again."),
    "window_closed": N_("The time for this is over."),
    "not_open_yet": N_("It is too early for this."),
    "unit_taken": N_("There is a case about this item already."),
    "amount_too_high": N_("At most %(most)s can be refunded here."),
    "remedy_closed": N_("This remedy is not open to you here."),
    "unknown_reason": N_("Choose one of the reasons shown."),
    "unknown_line": N_("The order has no such item."),
    "quantity_too_high": N_("Not as many were bought."),
    "currency_mismatch": N_("The currency is another one."),
    "invalid": N_("Something in the form is not right."),
    "version_conflict": N_("Somebody else was faster: the case has changed meanwhile. Look at it again."),
    "key_reused": N_("This form has been sent before with other contents."),
    "frozen_at_purchase": N_("This was fixed at purchase and cannot change."),
    "conflict_of_interest": N_("You are or were involved in this case, so somebody else has to decide."),
    "evidence_missing": N_("Evidence is needed for this."),
    "not_captured": N_("The money has not been paid in yet."),
    "unavailable": N_("This is not available right now. Nothing was changed; try again in a moment."),
}

EVIDENCE_KINDS = case_words.KINDS
#: The same within a sentence: what is small there in English is not in every language.
EVIDENCE_KINDS_WITHIN: dict[str, str] = {
    "statement": N_("statement"),
    "photo": N_("photo"),
    "video": N_("video"),
    "receipt": N_("receipt"),
    "tracking": N_("tracking"),
    "document": N_("document"),
}

RECEPTIONS: dict[str, str] = {
    "received": N_("Arrived as sent"),
    "damaged": N_("Arrived damaged"),
    "missing": N_("Missing from the parcel"),
    "wrong_item": N_("Another item"),
    "lost": N_("Lost on the way"),
}

REJECT_GROUNDS: dict[str, str] = {
    "not_original_condition": N_("Not in its original condition"),
    "unauthorised_or_late": N_("Sent without approval or too late"),
    "does_not_match_claim": N_("Does not match what was claimed"),
}

LABELS: dict[str, str] = {
    "buyer": N_("The buyer buys the label"),
    "seller": N_("I provide a label"),
    "platform": N_("The marketplace provides a label"),
}

COMPONENTS: dict[str, str] = {
    "item": N_("Price"),
    "discount": N_("Discount"),
    "shipping": N_("Shipping"),
    "tax": N_("Tax"),
    "fee": N_("Fee"),
}

PAYERS: dict[str, str] = {
    "seller": N_("the seller"),
    "platform": N_("the marketplace"),
    "cover": N_("buyer protection"),
    "escrow": N_("escrow"),
}
