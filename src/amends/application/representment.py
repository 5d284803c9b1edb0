"""Evidence for the bank: what speaks for the marketplace in a dispute, in the providers' own shapes.

Shapes: ``evidence`` of Stripe's dispute object, and ``evidences`` of PayPal's provide-evidence. Somebody
reads it before it is sent (see `amends.application.rebuttals`).
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

import msgspec

from amends.domain.cases.model import Case
from amends.domain.custody.model import Chargeback, Custody
from amends.domain.orders import Parcel
from amends.domain.policy.terms import Terms

_AT = (1980, 1, 1, 0, 0, 0)
_TEXT_MAX = 20_000  # Stripe's limit of a text

README = """\
Evidence about dispute {dispute_id} of order {order_id}.

summary.txt  what happened, in the order it happened
stripe.json  the body of a dispute's update at Stripe; "submit" stays false until somebody has read it
paypal.json  the body of provide-evidence at PayPal
order.json   the order as it stands
cases.json   its cases: what was asked, offered, ruled and paid
terms/       the terms frozen at purchase, with every clause

The whole file of a case, with its photos, is downloaded from the case itself.
"""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to show about one dispute; ``note`` is what the marketplace itself says of it."""

    custody: Custody
    dispute: Chargeback
    cases: Sequence[Case]
    terms: Mapping[str, Terms]
    note: str = ""


def pack(evidence: Evidence) -> bytes:
    """A ZIP: the same bytes for the same state of the order."""
    order_id = evidence.custody.order.order_id
    files = {
        "README.txt": README.format(dispute_id=evidence.dispute.dispute_id, order_id=order_id).encode(),
        "summary.txt": summary(evidence).encode(),
        "stripe.json": _json(for_stripe(evidence)),
        "paypal.json": _json(for_paypal(evidence)),
        "order.json": _json(msgspec.to_builtins(evidence.custody.order)),
        "cases.json": _json([msgspec.to_builtins(_without_accounts(case)) for case in evidence.cases]),
    }
    for terms_id, terms in sorted(evidence.terms.items()):
        files[f"terms/{terms_id}.json"] = _json(msgspec.to_builtins(terms))
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, body in files.items():
            packed.writestr(zipfile.ZipInfo(name, _AT), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def for_stripe(evidence: Evidence) -> dict[str, object]:
    """The body of an update of the dispute, not yet submitted."""
    order = evidence.custody.order
    parcel = _best(order.parcels)
    told: dict[str, object] = {
        "product_description": "; ".join(f"{line.quantity} x {line.title}" for line in order.lines),
        "refund_policy_disclosure": _policy(evidence),
        "refund_refusal_explanation": _refused(evidence),
        "uncategorized_text": summary(evidence)[:_TEXT_MAX],
    }
    if parcel is not None:
        told |= {
            "shipping_carrier": parcel.carrier,
            "shipping_tracking_number": parcel.tracking_number,
            "shipping_date": parcel.shipped_at.date().isoformat(),
        }
    return {"evidence": {name: value for name, value in told.items() if value}, "submit": False}


def for_paypal(evidence: Evidence) -> dict[str, object]:
    """The body of provide-evidence."""
    found: list[dict[str, object]] = [
        {
            "evidence_type": "PROOF_OF_FULFILLMENT",
            "evidence_info": {
                "tracking_info": [
                    {
                        "carrier_name": "OTHER",
                        "carrier_name_other": parcel.carrier or "unknown",
                        "tracking_number": parcel.tracking_number,
                    }
                ]
            },
        }
        for parcel in evidence.custody.order.parcels
        if parcel.tracking_number
    ]
    found.append({"evidence_type": "OTHER", "notes": summary(evidence)[:2000]})
    return {"evidences": found}


def summary(evidence: Evidence) -> str:
    """What happened, in plain sentences, amounts in minor units of the order's currency."""
    custody, dispute = evidence.custody, evidence.dispute
    order = custody.order
    lines = [
        *([evidence.note, ""] if evidence.note else []),
        f"Order {order.order_id} was placed on {order.placed_at.isoformat()}.",
        f"{order.captured} minor units of {order.currency} were captured.",
        f"Disputed since {dispute.at.isoformat()}: {dispute.amount} ({dispute.reason or 'no reason given'}).",
    ]
    for parcel in order.parcels:
        number = f"{parcel.carrier} {parcel.tracking_number}".strip() or "no tracking number"
        lines.append(f"A parcel ({number}) left on {parcel.shipped_at.isoformat()}.")
        lines += [
            f"  {scan.at.isoformat()} {scan.signal.value} {scan.country} {scan.postcode}".rstrip()
            for scan in parcel.events
        ]
    if custody.confirmed_at is not None:
        lines.append(f"The buyer confirmed the receipt on {custody.confirmed_at.isoformat()}.")
    for case in evidence.cases:
        asked = f"{case.wanted.amount} asked for {case.reason}"
        lines.append(f"Case {case.case_id}, opened {case.opened_at.isoformat()}: {asked}.")
        lines += [
            f"  Ruled {one.at.isoformat()}: {one.remedy.amount}. {one.reasons}".rstrip()
            for one in case.rulings
        ]
        lines += [
            f"  Refund {one.refund_id}: {one.amount} by {one.method}, {one.stage.value}."
            for one in case.refunds
        ]
        if case.outcome is not None:
            lines.append(f"  Closed: {case.outcome.value}.")
    return "\n".join(lines) + "\n"


def _best(parcels: Sequence[Parcel]) -> Parcel | None:
    delivered = [one for one in parcels if one.delivered_at is not None]
    return next(iter([*delivered, *parcels]), None)


def _policy(evidence: Evidence) -> str:
    first = next(iter(evidence.terms.values()), None)
    if first is None:
        return ""
    text = first.clauses.get(first.get("return.window").clause) if first.has("return.window") else None
    return f"Shown before the purchase and frozen with it: {text.sentence}" if text else ""


def _refused(evidence: Evidence) -> str:
    reasons = [one.reasons for case in evidence.cases for one in case.rulings if not one.remedy.amount]
    return "\n".join(reason for reason in reasons if reason)[:_TEXT_MAX]


def _without_accounts(case: Case) -> Case:
    refunds = tuple(msgspec.structs.replace(one, destination="") for one in case.refunds)
    return msgspec.structs.replace(case, refunds=refunds)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).encode()
