"""What somebody can do with a case: one row a deed, from which routes, links of actions and simulation
come.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from amends.domain.cases import commands as c
from amends.domain.parties import Role
from amends.interfaces.api import bodies as b


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A command on a case by its tag, and the resource it creates below the case."""

    name: str
    path: str
    summary: str
    description: str
    body: type[b.Body] = b.Nothing
    bare: type[c.Command] | None = None
    example: dict[str, object] = {}
    method: Literal["POST", "PUT"] = "POST"

    def href(self, case_id: str) -> str:
        """Where to do it for one case."""
        return f"/v1/cases/{case_id}/{self.path}"

    def command(self, body: b.Body, by: Role, now: datetime) -> c.CaseCommand:
        """The command that the body asks for."""
        if isinstance(body, b.Telling):
            return body.command(by, now)
        if self.bare is None:
            raise TypeError(f"{self.name} has neither a telling body nor a bare command")
        return self.bare()  # type: ignore[return-value]


_PHOTO: dict[str, object] = {
    "kind": "photo",
    "note": "The crack along the rim",
    "url": "https://files.example/1.jpg",
}
_SCAN: dict[str, object] = {"signal": "delivered", "scanned_at": "2026-03-12T09:30:00Z", "note": "Counter"}
_REMEDY: dict[str, object] = {"amount": 1250, "currency": "EUR", "goods": "keep"}

_TABLE = (
    Deed(
        name="edit_draft", path="draft", method="PUT", body=b.DraftBody,
        summary="Rewrite the draft",
        description="Replaces the whole draft. It stays with the buyer until it is submitted.",
        example={
            "reason": "quality.defective", "units": [{"line_id": "L1", "index": 0}],
            "wanted": {"amount": 2500, "currency": "EUR", "goods": "return"},
            "story": "It does not switch on.",
        },
    ),
    Deed(
        name="submit_draft", path="submission", bare=c.SubmitDraft,
        summary="Submit the draft",
        description="Puts the claim before the seller, whose clock starts.",
    ),
    Deed(
        name="make_offer", path="offers", body=b.OfferBody,
        summary="Make an offer",
        description="Puts a remedy before the other side; an earlier open offer is countered by it.",
        example={"remedy": _REMEDY, "note": "Keep it, and half of the price back."},
    ),
    Deed(
        name="accept_offer", path="acceptance", body=b.AcceptanceBody,
        summary="Accept the open offer",
        description="Makes the other side's open offer binding. Final. For a cancellation request: grants"
        " it.",
        example={"offer_id": 1},
    ),
    Deed(
        name="decline_offer", path="refusal", body=b.RefusalBody,
        summary="Decline the open offer",
        description="Says no to the open offer; the next word is the other side's.",
        example={"note": "The goods work as described."},
    ),
    Deed(
        name="escalate", path="escalation", body=b.EscalationBody,
        summary="Bring it before a mediator",
        description="Ends the negotiation; the platform decides.",
        example={"note": "We do not agree."},
    ),
    Deed(
        name="add_evidence", path="evidence", body=b.EvidenceAdded,
        summary="Add evidence",
        description="Adds evidence of one's own accord; nobody's turn changes.",
        example={"items": [_PHOTO]},
    ),
    Deed(
        name="take_case", path="assignment", bare=c.TakeCase,
        summary="Take the case",
        description="The caller becomes the case's mediator. Whoever is related to a party may not, nor "
        "whoever ruled "
        "on what is appealed.",
    ),
    Deed(
        name="assign_case", path="mediator", method="PUT", body=b.AssignmentBody,
        summary="Name the mediator",
        description="An operator gives the case to a mediator. With no `mediator_id` it goes back to the "
        "queue: a mediator may do that with a case of their own.",
        example={"mediator_id": "ines"},
    ),
    Deed(
        name="request_evidence", path="evidence-requests", body=b.EvidenceRequestBody,
        summary="Ask a party for evidence",
        description="Names what one side has to show; the terms say until when.",
        example={"of": "seller", "items": ["Proof of delivery with the postcode"]},
    ),
    Deed(
        name="submit_evidence", path="evidence-answers", body=b.EvidenceAnswer,
        summary="Answer a request for evidence",
        description="Hands in what the mediator asked for.",
        example={"items": [_PHOTO]},
    ),
    Deed(
        name="rule", path="ruling", body=b.RulingBody,
        summary="Rule",
        description="A mediator's reasoned decision; each finding cites the clause it falls under.",
        example={
            "remedy": {"amount": 2500, "currency": "EUR", "goods": "keep"},
            "reasons": "The photos show damage that happened before delivery.",
            "findings": [{"fact": "Broken on arrival", "clause": "freight.payer.fault", "evidence": "1"}],
        },
    ),
    Deed(
        name="confirm_ruling", path="ruling/confirmation", body=b.ConfirmationBody,
        summary="Confirm a ruling",
        description="A second mediator or operator agrees to a ruling above the amount one person may decide "
        "alone, or sends it back. Until then it binds nobody, and the parties do not see it.",
        example={"agreed": True},
    ),
    Deed(
        name="accept_ruling", path="ruling/acceptance", bare=c.AcceptRuling,
        summary="Accept the ruling",
        description="Once both sides have accepted, or the time to appeal is over, the ruling binds.",
    ),
    Deed(
        name="appeal", path="appeal", body=b.AppealBody,
        summary="Appeal",
        description="Disagree with the ruling, once, with new evidence; another mediator decides, and "
        "that is final.",
        example={"note": "The carrier has found the parcel.", "evidence": [_PHOTO]},
    ),
    Deed(
        name="give_instructions", path="instructions", body=b.InstructionsBody,
        summary="Say where to send the goods",
        description="The return is authorised; the buyer's time to ship starts.",
        example={"address": "Returns, 1 Harbour Road, 20457 Hamburg, DE", "label": "buyer"},
    ),
    Deed(
        name="ship_return", path="shipment", body=b.ShipmentBody,
        summary="Ship the goods back",
        description="The tracking number is compulsory. Freight paid by the buyer is given with its receipt. "
        "A return may go in several parcels: name the units of each, and send the last in time. What is not "
        "sent is kept by the buyer, as it is when the case is withdrawn after the first parcel.",
        example={"carrier": "dhl", "tracking_number": "RR123456785DE", "freight": 690, "receipt": "17.pdf"},
    ),
    Deed(
        name="issue_label", path="label", body=b.LabelBody,
        summary="Record a label for the return",
        description="A carrier was booked for the way back. The seller owes the price; a buyer who bears the "
        "way back is refunded less.",
        example={"carrier": "dhl", "service": "parcel", "tracking_number": "RR123456785DE", "price": 590},
    ),
    Deed(
        name="add_freight_receipt", path="shipment/receipt", body=b.FreightReceiptBody,
        summary="Add the receipt for the way back",
        description="What the buyer laid out is paid back with the return where the seller bears it.",
        example={"freight": 690, "receipt": "receipt-17.pdf"},
    ),
    Deed(
        name="record_return_scan", path="shipment/events", body=b.ReturnScanBody,
        summary="Record a scan of the return",
        description="A carrier's scan of the parcel on its way back.",
        example=_SCAN,
    ),
    Deed(
        name="inspect_return", path="inspection", body=b.InspectionBody,
        summary="Inspect the return",
        description="The seller's verdict on every unit: how it was received, and whether it is accepted,"
        " as two facts.",
        example={
            "inspections": [
                {"unit": {"line_id": "L1", "index": 0}, "reception": "received", "accepted": True}
            ]
        },
    ),
    Deed(
        name="accept_rejection", path="inspection/acceptance", bare=c.AcceptRejection,
        summary="Accept the rejection",
        description="The buyer agrees with the seller's verdict.",
    ),
    Deed(
        name="contest_rejection", path="contest", body=b.ContestBody,
        summary="Contest the rejection",
        description="The buyer disagrees with the seller's verdict; a mediator decides.",
        example={"note": "It left here unworn, see the photo.", "evidence": [_PHOTO]},
    ),
    Deed(
        name="record_payment", path="replacement/payment", body=b.PaymentBody,
        summary="Record the payment for an exchange",
        description="The marketplace took the price difference, and what is held until the goods are back.",
        example={"amount": 500, "method": "card", "reference": "pay-77"},
    ),
    Deed(
        name="decline_exchange", path="replacement/refusal", bare=c.DeclineExchange,
        summary="Take the money instead",
        description="The buyer does not pay for the exchange; it ends in a refund.",
    ),
    Deed(
        name="decline_replacement", path="replacement/failure", body=b.NoReplacementBody,
        summary="Say that there is no replacement",
        description="The exchange ends in a refund at once instead of by its deadline.",
        example={"note": "Sold out."},
    ),
    Deed(
        name="record_reservation", path="replacement/reservation", body=b.ReservationBody,
        summary="Record that the replacement is set aside",
        description="For a marketplace that is not asked by Amends itself: the variant is kept until an "
        "instant, which the terms bound.",
        example={"variant": "blue", "until": "2026-03-20T12:00:00Z", "reference": "hold-4711"},
    ),
    Deed(
        name="record_sold_out", path="replacement/sold-out", body=b.SoldOutBody,
        summary="Record that the replacement is sold out",
        description="The exchange becomes a refund: at once, or once the goods are back.",
        example={"variant": "blue"},
    ),
    Deed(
        name="ship_replacement", path="replacement", body=b.ReplacementBody,
        summary="Ship the replacement",
        description="The exchange is on its way.",
        example={"carrier": "dhl", "tracking_number": "RR123456785DE"},
    ),
    Deed(
        name="record_replacement_scan", path="replacement/events", body=b.ReplacementScanBody,
        summary="Record a scan of the replacement",
        description="A carrier's scan of the replacement's parcel.",
        example=_SCAN,
    ),
    Deed(
        name="confirm_replacement", path="replacement/receipt", bare=c.ConfirmReplacement,
        summary="Confirm the replacement",
        description="The buyer has the replacement; the case ends.",
    ),
    Deed(
        name="confirm_refund", path="refund-confirmation", body=b.RefundConfirmationBody,
        summary="Confirm a refund",
        description="The payment provider has sent the money.",
        example={"refund_id": "A-1001.1.r1"},
    ),
    Deed(
        name="fail_refund", path="refund-failure", body=b.RefundFailureBody,
        summary="Report a failed refund",
        description="The money cannot go where it should; the buyer chooses another way.",
        example={"refund_id": "A-1001.1.r1", "why": "The card account is closed."},
    ),
    Deed(
        name="choose_refund_method", path="refund-method", body=b.RefundMethodBody,
        summary="Choose where the money goes instead",
        description="After a refund failed: the balance with the marketplace, or a bank account.",
        example={"method": "bank_transfer", "destination": "acct_7Q2"},
    ),
    Deed(
        name="withdraw", path="withdrawal", bare=c.Withdraw,
        summary="Withdraw",
        description="The buyer gives the request up, at any time before a ruling.",
    ),
    Deed(
        name="reopen", path="reopening", body=b.ReopeningBody,
        summary="Reopen",
        description="Support reopens a closed case on new facts, within the window of the terms.",
        example={"reason": "The carrier has admitted that the proof of delivery was another parcel's."},
    ),
)  # fmt: skip

DEEDS: Mapping[str, Deed] = {deed.name: deed for deed in _TABLE}
"""Every deed by the tag of its command, which is also the name of the action."""
