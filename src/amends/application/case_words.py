"""Words a case file on paper shares with the pages: roles, kinds of evidence, accounts; and its headings."""

from amends.application.words import N_
from amends.domain.orders import Signal
from amends.domain.parties import Role

ROLES: dict[Role, str] = {
    Role.BUYER: N_("Buyer"),
    Role.SELLER: N_("Seller"),
    Role.MEDIATOR: N_("Mediator"),
    Role.OPERATOR: N_("Support"),
    Role.CARRIER: N_("Carrier"),
    Role.PROVIDER: N_("Payment provider"),
    Role.CLOCK: N_("Deadline"),
}
HEADINGS: dict[str, str] = {
    "story": N_("What the buyer says"),
    "timeline": N_("What has happened"),
    "when": N_("When"),
    "what": N_("What"),
    "evidence": N_("Evidence"),
    "decisions": N_("Decision"),
    "money": N_("How the money moved"),
    "clauses": N_("The rules behind it"),
    "seals": N_("Hashes of the last events"),
    "seals_note": N_(
        "Every event is chained to the one before it by SHA-256. The ZIP of this case file ends in the same "
        "hashes and holds a program that checks them."
    ),
}
KINDS: dict[str, str] = {
    "statement": N_("Statement"),
    "photo": N_("Photo"),
    "video": N_("Video"),
    "receipt": N_("Receipt"),
    "tracking": N_("Tracking"),
    "document": N_("Document"),
}
ACCOUNTS: dict[str, str] = {
    "tender": N_("Buyer's payment method"),
    "escrow": N_("Held for the order"),
    "seller": N_("Seller"),
    "platform": N_("Marketplace"),
    "cover": N_("Protection fund"),
    "carrier": N_("Carrier"),
    "chargeback": N_("Buyer's bank"),
    "balance": N_("Buyer's balance"),
    "bank": N_("Seller's bank"),
}
PURPOSES: dict[str, str] = {
    "capture": N_("Payment"),
    "refund": N_("Refund"),
    "release": N_("Release to the seller"),
    "commission": N_("Commission"),
    "payout": N_("Payout"),
    "clawback": N_("Taken back for a refund"),
    "cover": N_("Cover by the fund"),
    "compensation": N_("Compensation"),
    "freight": N_("Postage"),
    "goodwill": N_("Goodwill"),
    "chargeback": N_("Dispute of the bank"),
}
SIGNALS: dict[Signal, str] = {
    Signal.ANNOUNCED: N_("Announced to the carrier"),
    Signal.ACCEPTED: N_("Handed to the carrier"),
    Signal.IN_TRANSIT: N_("On its way"),
    Signal.CUSTOMS: N_("In customs"),
    Signal.OUT_FOR_DELIVERY: N_("Out for delivery"),
    Signal.READY_FOR_PICKUP: N_("Ready to be collected"),
    Signal.DELAYED: N_("Delayed"),
    Signal.DELIVERED: N_("Delivered"),
    Signal.FAILED_ATTEMPT: N_("Delivery attempt failed"),
    Signal.RETURNED_TO_SENDER: N_("Returned to the sender"),
    Signal.LOST: N_("Lost"),
    Signal.INVALID: N_("The tracking number is not valid"),
    Signal.SHARED: N_("The tracking number belongs to several buyers"),
    Signal.WRONG_DIRECTION: N_("Moving the wrong way"),
    Signal.UNKNOWN: N_("The carrier does not know the number"),
}
STAGES: dict[str, str] = {"pending": N_("Pending"), "posted": N_("Posted"), "voided": N_("Voided")}
UNREADABLE = N_(
    "Some of this text is in a script that this machine has no letters for. "
    "All of it is in the ZIP of this case file."
)
