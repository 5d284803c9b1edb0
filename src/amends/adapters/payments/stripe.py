"""What Stripe tells: its balance transactions as lines of a report, its events as news of disputes.

Shapes and meanings: https://docs.stripe.com/api/balance_transactions/object, .../api/disputes/object and
https://docs.stripe.com/webhooks/signature. Amounts are minor units as ours are; sources may be expanded.
"""

import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from amends.application.ports.disputes import DisputeNews, NewsRefused
from amends.domain.reconciliation import Movement

PROVIDER = "stripe"
# Metadata under which refunds and transfers carry the key they were asked with.
KEY = "amends_key"
TOLERANCE = timedelta(minutes=5)

# https://docs.stripe.com/reports/balance-transaction-types; our own money to our own bank is left out.
_KINDS: Mapping[str, str] = {
    "charge": "capture",
    "payment": "capture",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payment_failure_refund": "refund",
    "transfer": "payout",
    "transfer_refund": "payout",
    "transfer_cancel": "payout",
    "transfer_failure": "payout",
}
_DISPUTES = frozenset({"dispute", "dispute_reversal"})
_FEES = frozenset({"stripe_fee", "network_cost", "tax_fee", "stripe_fx_fee"})
_OWN = frozenset({"payout", "payout_failure", "payout_cancel", "topup", "topup_reversal"})

# https://docs.stripe.com/api/disputes/object#dispute_object-status; a warning moves no money.
_STATUS: Mapping[str, str] = {
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "lost": "lost",
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "inquiry",
    "prevented": "inquiry",
}


def movements(transactions: Iterable[Mapping[str, Any]]) -> list[Movement]:
    """Balance transactions as lines of a report. Raises `ValueError` for what is none."""
    found = []
    for one in transactions:
        try:
            movement = _movement(one)
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"{str(one.get('id', one))[:80]} is no balance transaction: {error!r}"
            ) from error
        if movement is not None:
            found.append(movement)
    return found


def _movement(one: Mapping[str, Any]) -> Movement | None:
    if one["object"] != "balance_transaction":
        raise KeyError("object")
    type_, category = str(one["type"]), str(one.get("reporting_category", ""))
    if type_ in _OWN:
        return None
    disputed = category in _DISPUTES
    kind = "chargeback" if disputed else "fee" if type_ in _FEES else _KINDS.get(type_, "other")
    source = one["source"]
    expanded = source if isinstance(source, Mapping) else {}
    source_id = str(expanded.get("id", "") if expanded else source or one["id"])
    metadata = expanded.get("metadata") or {}
    payment = expanded.get("charge") or (source_id if kind == "capture" else "")
    reference = metadata.get(KEY) or (source_id if kind != "capture" else _payment(expanded) or source_id)
    return Movement(
        provider=PROVIDER,
        line_id=str(one["id"]),
        kind=kind,
        reference=_plain(str(reference)),
        amount=int(one["amount"]),
        fee=int(one["fee"]),
        currency=str(one["currency"]).upper(),
        at=datetime.fromtimestamp(int(one["created"]), UTC),
        payment=str(payment),
    )


def _payment(source: Mapping[str, Any]) -> str:
    """Marketplaces know a charge by its PaymentIntent."""
    return str(source.get("payment_intent") or "")


def _plain(key: str) -> str:
    # Another try has another key of the same request.
    return key.rpartition("~")[0] or key


def verified(payload: bytes, header: str, secrets: Iterable[str], now: datetime) -> None:
    """Check a ``Stripe-Signature`` header. Raises `NewsRefused`."""
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    stamps = [value for name, value in pairs if name.strip() == "t" and value.isascii() and value.isdigit()]
    signatures = [value for name, value in pairs if name.strip() == "v1"]
    if len(stamps) != 1 or not signatures or len(stamps[0]) > 12:
        raise NewsRefused("the Stripe-Signature header has no time or no v1 signature")
    if abs(now - datetime.fromtimestamp(int(stamps[0]), UTC)) > TOLERANCE:
        raise NewsRefused("the signature is too old, or its time lies ahead")
    signed = stamps[0].encode() + b"." + payload
    for secret in secrets:
        wanted = hmac.new(secret.encode(), signed, sha256).hexdigest()
        if any(hmac.compare_digest(wanted.encode(), given.encode()) for given in signatures):
            return
    raise NewsRefused("the signature is not ours")


def news_of(payload: bytes) -> DisputeNews | None:
    """A dispute in an event; None for events about anything else. Raises `NewsRefused` for no event."""
    try:
        event = msgspec.json.decode(payload)
        if not str(event["type"]).startswith("charge.dispute."):
            return None
        dispute = event["data"]["object"]
        payments = [dispute.get("payment_intent"), dispute.get("charge")]
        return DisputeNews(
            provider=PROVIDER,
            event_id=str(event["id"]),
            dispute_id=str(dispute["id"]),
            payments=tuple(_id(one) for one in payments if one),
            amount=int(dispute["amount"]),
            currency=str(dispute["currency"]).upper(),
            reason=str(dispute.get("reason") or "")[:500],
            status=_STATUS.get(str(dispute["status"]), "open"),  # type: ignore[arg-type]
            at=datetime.fromtimestamp(int(event["created"]), UTC),
            answer_by=_due(dispute),
        )
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise NewsRefused(f"this is no event of Stripe: {error!r}") from error


def _id(one: object) -> str:
    return str(one["id"]) if isinstance(one, Mapping) else str(one)


def _due(dispute: Mapping[str, Any]) -> datetime | None:
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return datetime.fromtimestamp(int(due), UTC) if due else None


class StripeHooks:
    """Reads events signed with one of the endpoint's secrets; two are in use while one is rolled over."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secrets)

    def read(self, payload: bytes, headers: Mapping[str, str], now: datetime) -> DisputeNews | None:
        """A dispute in a signed event. Raises `NewsRefused`."""
        verified(payload, headers.get("stripe-signature", ""), self._secrets, now)
        return news_of(payload)
