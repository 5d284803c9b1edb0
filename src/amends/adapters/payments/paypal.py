"""What PayPal tells: transactions as lines of a report, its events as news of disputes.

Shapes: the Disputes API (``dispute``, ``transaction_info``, ``money``) and the Transaction Search API; events
are signed as https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverificationmethod says.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from amends.application.ports.disputes import DisputeNews, NewsRefused, Status
from amends.domain.money import decimals
from amends.domain.reconciliation import Movement

PROVIDER = "paypal"
TOLERANCE = timedelta(days=4)

# https://developer.paypal.com/docs/transaction-search/transaction-event-codes/, by their first letters.
_KINDS: tuple[tuple[str, str], ...] = (
    ("T1106", "chargeback"),
    ("T1108", "chargeback"),
    ("T1111", "chargeback"),
    ("T1114", "chargeback"),
    ("T1201", "chargeback"),
    ("T1202", "chargeback"),
    ("T1107", "refund"),
    ("T0001", "payout"),
    ("T00", "capture"),
    ("T01", "fee"),
)
_OWN = ("T03", "T04", "T20")
_SETTLED = frozenset({"S"})
_DISPUTES = frozenset({"CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED"})
_WON = frozenset({"RESOLVED_SELLER_FAVOUR", "RESOLVED_WITH_PAYOUT", "CANCELED_BY_BUYER", "DENIED"})
_LOST = frozenset({"RESOLVED_BUYER_FAVOUR", "ACCEPTED"})


def minor_units(money: Mapping[str, Any]) -> tuple[int, str]:
    """A ``money`` object in minor units, with its currency. Raises `ValueError`."""
    currency = str(money["currency_code"])
    try:
        value = Decimal(str(money["value"]))
        scaled = value.scaleb(decimals(currency))
    except (InvalidOperation, LookupError) as error:
        raise ValueError(f"{money!r} is no amount of money") from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{money!r} has more decimals than {currency}")
    return int(scaled), currency


def movements(transactions: Iterable[Mapping[str, Any]]) -> list[Movement]:
    """``transaction_details`` of a transaction search as lines of a report. Raises `ValueError`.

    What is pending or denied has moved nothing and is left out.
    """
    found = []
    for one in transactions:
        try:
            movement = _movement(one.get("transaction_info", one))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no transaction of PayPal: {error!r}") from error
        if movement is not None:
            found.append(movement)
    return found


def _movement(info: Mapping[str, Any]) -> Movement | None:
    code, status = str(info["transaction_event_code"]), str(info["transaction_status"])
    if status not in _SETTLED or code.startswith(_OWN):
        return None
    amount, currency = minor_units(info["transaction_amount"])
    fee, fee_currency = minor_units(info["fee_amount"]) if "fee_amount" in info else (0, currency)
    if fee_currency != currency:
        raise ValueError(f"transaction {info['transaction_id']} pays its fee in another currency")
    kind = next((name for prefix, name in _KINDS if code.startswith(prefix)), "other")
    original = str(info.get("paypal_reference_id", ""))
    own_key = str(info.get("custom_field", ""))
    if kind == "capture":
        reference = str(info["transaction_id"])
    elif kind == "chargeback":
        reference = original or str(info["transaction_id"])
    else:
        reference = own_key or str(info["transaction_id"])
    return Movement(
        provider=PROVIDER,
        line_id=str(info["transaction_id"]),
        kind=kind,
        reference=reference.rpartition("~")[0] or reference,
        amount=amount,
        # A fee comes below zero, one that is given back above.
        fee=-fee,
        currency=currency,
        at=_instant(info["transaction_initiation_date"]),
        payment=original if kind != "capture" else str(info["transaction_id"]),
    )


class Signatures:
    """Checks PayPal's signatures with the certificate that the marketplace has pinned.

    PayPal's own header names an address to fetch a certificate from; what comes from outside is not asked
    where to look for the proof of itself.
    """

    def __init__(self, webhook_id: str, certificate: bytes) -> None:
        """Raises `ValueError` for what is no certificate with an RSA key, in PEM."""
        self._webhook_id = webhook_id
        key = load_pem_x509_certificate(certificate).public_key()
        if not isinstance(key, RSAPublicKey):
            raise ValueError("PayPal signs with RSA; the certificate has another key")  # noqa: TRY004 - a setting
        self._key = key

    def verified(self, payload: bytes, headers: Mapping[str, str], now: datetime) -> None:
        """Check ``paypal-transmission-*``. Raises `NewsRefused`."""
        sent = headers.get("paypal-transmission-time", "")
        told = f"{headers.get('paypal-transmission-id', '')}|{sent}|{self._webhook_id}|{zlib.crc32(payload)}"
        try:
            if abs(now - _instant(sent)) > TOLERANCE:
                raise NewsRefused("the signature is too old, or its time lies ahead")
            signature = base64.b64decode(headers.get("paypal-transmission-sig", ""), validate=True)
            self._key.verify(signature, told.encode(), PKCS1v15(), SHA256())
        except InvalidSignature as error:
            raise NewsRefused("the signature is not PayPal's") from error
        except (binascii.Error, ValueError) as error:
            if isinstance(error, NewsRefused):
                raise
            raise NewsRefused(f"the headers of the signature cannot be read: {error}") from error


def news_of(payload: bytes) -> DisputeNews | None:
    """A dispute in an event; None for events about anything else. Raises `NewsRefused` for no event."""
    try:
        event = msgspec.json.decode(payload)
        if str(event["event_type"]) not in _DISPUTES:
            return None
        dispute = event["resource"]
        amount, currency = minor_units(dispute["dispute_amount"])
        return DisputeNews(
            provider=PROVIDER,
            event_id=str(event["id"]),
            dispute_id=str(dispute["dispute_id"]),
            payments=_payments(dispute),
            amount=amount,
            currency=currency,
            reason=str(dispute.get("reason") or "")[:500],
            status=_status(dispute),
            at=_instant(event["create_time"]),
            answer_by=_instant(due) if (due := dispute.get("seller_response_due_date")) else None,
        )
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise NewsRefused(f"this is no event of PayPal: {error!r}") from error


def _payments(dispute: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("seller_transaction_id", "reference_id", "buyer_transaction_id")
    told = [one.get(name) for one in dispute.get("disputed_transactions", ()) for name in names]
    return tuple(dict.fromkeys(str(one) for one in told if one))


def _status(dispute: Mapping[str, Any]) -> Status:
    outcome = str((dispute.get("dispute_outcome") or {}).get("outcome_code", ""))
    if dispute["status"] == "RESOLVED":
        if outcome in _LOST:
            return "lost"
        if outcome in _WON or dispute.get("dispute_life_cycle_stage") != "INQUIRY":
            return "won"
        return "inquiry"
    return "inquiry" if dispute.get("dispute_life_cycle_stage") == "INQUIRY" else "open"


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(str(text))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


class PaypalHooks:
    """Reads events signed by PayPal."""

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures

    def read(self, payload: bytes, headers: Mapping[str, str], now: datetime) -> DisputeNews | None:
        """A dispute in a signed event. Raises `NewsRefused`."""
        self._signatures.verified(payload, headers, now)
        return news_of(payload)
