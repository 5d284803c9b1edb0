"""What Stripe and PayPal tell, in the shapes they publish."""

import base64
import hmac
import json
import os
import zlib
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from amends.adapters.payments import paypal, stripe
from amends.application.ports.disputes import NewsRefused

DATA = Path(os.environ.get("AMENDS_DATA", Path(__file__).parents[4] / "shared" / "data"))
STRIPE_FIXTURES = DATA / "stripe" / "fixtures3.json"
PAYPAL_SHAPES = DATA / "paypal" / "customer_disputes_v1.json"
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SECRET = "whsec_of_the_tests"


def published(name: str, otherwise: dict[str, Any]) -> dict[str, Any]:
    """The provider's own example where it lies beside the repository, else one of the same shape."""
    if not STRIPE_FIXTURES.is_file():
        return otherwise
    found: dict[str, Any] = json.loads(STRIPE_FIXTURES.read_text())["resources"][name]
    return found


def a_transaction(**changes: Any) -> dict[str, Any]:
    shape = {
        "object": "balance_transaction", "id": "txn_1", "amount": 100, "fee": 0, "currency": "usd",
        "created": 1234567890, "source": "ch_1", "type": "charge", "reporting_category": "charge",
    }  # fmt: skip
    return {**published("balance_transaction", shape), **changes}


def a_dispute(**changes: Any) -> dict[str, Any]:
    shape = {
        "object": "dispute", "id": "dp_1", "amount": 1000, "currency": "usd", "charge": "ch_1",
        "payment_intent": None, "reason": "general", "status": "warning_needs_response",
        "evidence_details": {"due_by": 1723679999},
    }  # fmt: skip
    return {**published("dispute", shape), **changes}


def an_event(dispute: dict[str, Any], kind: str = "charge.dispute.created") -> bytes:
    shape = {"object": "event", "id": "evt_1", "created": 1234567890}
    event = {**published("event", shape), "type": kind, "data": {"object": dispute}}
    return json.dumps(event).encode()


def signed(payload: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    stamp = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, sha256).hexdigest()
    return f"t={stamp},v1={digest},v0=old"


@pytest.mark.row("H5")
def test_balance_transactions_are_lines_of_a_report() -> None:
    (found,) = stripe.movements([a_transaction()])
    assert (found.kind, found.amount, found.currency, found.fee) == ("capture", 100, "USD", 0)
    assert found.at == datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
    refund = {"object": "refund", "id": "re_1", "charge": "ch_1", "metadata": {"amends_key": "o1.1-r1~2"}}
    told = stripe.movements(
        [
            a_transaction(id="t2", type="refund", reporting_category="refund", amount=-100, source=refund),
            a_transaction(id="t3", type="payout", reporting_category="payout", source="po_1"),
            a_transaction(id="t4", type="stripe_fee", reporting_category="fee", amount=-7, source=None),
            a_transaction(
                id="t5", type="adjustment", reporting_category="dispute", amount=-100, source="dp_1"
            ),
            a_transaction(id="t6", fee=30, source={"id": "ch_2", "payment_intent": "pi_2"}),
        ]
    )
    assert [(one.kind, one.reference, one.payment) for one in told] == [
        ("refund", "o1.1-r1", "ch_1"),
        ("fee", "t4", ""),
        ("chargeback", "dp_1", ""),
        ("capture", "pi_2", "ch_2"),
    ]
    with pytest.raises(ValueError, match="no balance transaction"):
        stripe.movements([{"object": "charge", "id": "ch_1"}])


@pytest.mark.row("P5")
@pytest.mark.parametrize(
    ("status", "meant"),
    [("warning_needs_response", "inquiry"), ("needs_response", "open"), ("under_review", "open"),
     ("won", "won"), ("lost", "lost")],
)  # fmt: skip
def test_a_dispute_of_stripe_is_read_as_it_is_published(status: str, meant: str) -> None:
    payload = an_event(a_dispute(status=status))
    hooks = stripe.StripeHooks([SECRET])
    news = hooks.read(payload, {"stripe-signature": signed(payload)}, NOW)
    assert news is not None
    assert (news.amount, news.currency, news.status) == (1000, "USD", meant)
    assert news.answer_by is not None
    assert any(one.startswith("ch_") for one in news.payments)
    other = an_event({"object": "charge"}, "charge.succeeded")
    assert hooks.read(other, {"stripe-signature": signed(other)}, NOW) is None


@pytest.mark.row("P5")
def test_what_is_not_signed_by_stripe_is_not_believed() -> None:
    payload = an_event(a_dispute())
    hooks = stripe.StripeHooks(["whsec_new", SECRET])
    hooks.read(payload, {"stripe-signature": signed(payload)}, NOW)
    stamp = int(NOW.timestamp())
    for header in (
        "",
        "t=,v1=",
        f"t={stamp}",
        f"t={stamp},v1=",
        "t=99999999999999999999,v1=aa",
        signed(payload, secret="whsec_other"),
        signed(payload, NOW - timedelta(minutes=6)),
        signed(payload, NOW + timedelta(minutes=6)),
        signed(payload + b" "),
        "t=\u0663,v1=\xff",
    ):
        with pytest.raises(NewsRefused):
            hooks.read(payload, {"stripe-signature": header}, NOW)
    for body in (b"", b"[]", b"{}", b'{"object":"event"}', an_event({"id": "dp_1"}), b"\xff"):
        with pytest.raises(NewsRefused):
            hooks.read(body, {"stripe-signature": signed(body)}, NOW)


# ---- PayPal


def certificate() -> tuple[rsa.RSAPrivateKey, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return key, made.public_bytes(serialization.Encoding.PEM)


def paypal_event(**changes: Any) -> bytes:
    dispute = {
        "dispute_id": "PP-D-1", "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "status": "UNDER_REVIEW",
        "dispute_amount": {"currency_code": "EUR", "value": "49.80"},
        "dispute_life_cycle_stage": "CHARGEBACK",
        "disputed_transactions": [{"seller_transaction_id": "pay-1", "buyer_transaction_id": "B-1"}],
        "seller_response_due_date": "2026-11-28T10:00:00.000Z", **changes,
    }  # fmt: skip
    event = {
        "id": "WH-1", "event_type": "CUSTOMER.DISPUTE.CREATED", "create_time": "2026-11-18T11:59:00Z",
        "resource": dispute,
    }  # fmt: skip
    return json.dumps(event).encode()


def transmitted(key: rsa.RSAPrivateKey, payload: bytes, at: datetime = NOW) -> dict[str, str]:
    stamp = at.isoformat()
    told = f"T-1|{stamp}|WH-ID|{zlib.crc32(payload)}".encode()
    signature = base64.b64encode(key.sign(told, padding.PKCS1v15(), hashes.SHA256())).decode()
    return {
        "paypal-transmission-id": "T-1",
        "paypal-transmission-time": stamp,
        "paypal-transmission-sig": signature,
        "paypal-cert-url": "https://elsewhere.example/cert.pem",
    }


@pytest.mark.row("P5")
def test_a_dispute_of_paypal_is_read_and_its_signature_checked() -> None:
    key, pem = certificate()
    hooks = paypal.PaypalHooks(paypal.Signatures("WH-ID", pem))
    payload = paypal_event()
    news = hooks.read(payload, transmitted(key, payload), NOW)
    assert news is not None
    assert (news.dispute_id, news.amount, news.currency, news.status) == ("PP-D-1", 4980, "EUR", "open")
    assert news.payments == ("pay-1", "B-1")
    other, _ = certificate()
    for headers in (
        {},
        transmitted(other, payload),
        transmitted(key, payload + b" "),
        transmitted(key, payload, NOW - timedelta(days=5)),
        {**transmitted(key, payload), "paypal-transmission-sig": "?"},
        {**transmitted(key, payload), "paypal-transmission-time": "soon"},
    ):
        with pytest.raises(NewsRefused):
            hooks.read(payload, headers, NOW)
    with pytest.raises(ValueError, match=r"\w"):
        paypal.Signatures("WH-ID", b"no certificate")


@pytest.mark.row("P5")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"dispute_life_cycle_stage": "INQUIRY"}, "inquiry"),
        ({"status": "RESOLVED", "dispute_outcome": {"outcome_code": "RESOLVED_BUYER_FAVOUR"}}, "lost"),
        ({"status": "RESOLVED", "dispute_outcome": {"outcome_code": "RESOLVED_SELLER_FAVOUR"}}, "won"),
        ({"status": "RESOLVED", "dispute_outcome": {"outcome_code": "CANCELED_BY_BUYER"}}, "won"),
        ({"status": "RESOLVED", "dispute_outcome": {"outcome_code": "ACCEPTED"}}, "lost"),
    ],
)
def test_outcomes_of_paypal_are_whose_favour_they_say(changes: dict[str, Any], status: str) -> None:
    news = paypal.news_of(paypal_event(**changes))
    assert news is not None
    assert news.status == status


@pytest.mark.row("P5")
@pytest.mark.skipif(not PAYPAL_SHAPES.is_file(), reason="AMENDS_DATA has no paypal folder")
def test_what_is_read_of_paypal_is_in_the_published_shapes() -> None:
    shapes = json.loads(PAYPAL_SHAPES.read_text())["components"]["schemas"]
    dispute = json.loads(paypal_event())["resource"]
    assert set(dispute) | {"dispute_outcome"} <= set(shapes["dispute"]["properties"])
    names = {"seller_transaction_id", "reference_id", "buyer_transaction_id"}
    assert names <= set(shapes["transaction_info"]["properties"])
    outcomes = set(shapes["dispute_outcome"]["properties"]["outcome_code"]["enum"])
    assert paypal._WON | paypal._LOST | {"NONE"} == outcomes
    assert set(shapes["money"]["properties"]) == {"currency_code", "value"}


@pytest.mark.row("H5")
def test_paypals_transactions_are_lines_of_a_report() -> None:
    def info(code: str, value: str, **more: Any) -> dict[str, Any]:
        told = {
            "transaction_id": f"P-{code}", "transaction_event_code": code, "transaction_status": "S",
            "transaction_initiation_date": "2026-11-17T10:00:00+0000",
            "transaction_amount": {"currency_code": "JPY", "value": value}, **more,
        }  # fmt: skip
        return {"transaction_info": told}

    fee = {"fee_amount": {"currency_code": "JPY", "value": "-30"}}
    told = paypal.movements(
        [
            info("T0006", "1000", **fee),
            info("T1107", "-400", custom_field="o1.1-r1", paypal_reference_id="P-T0006"),
            info("T1106", "-600", paypal_reference_id="PP-D-1"),
            info("T0400", "-9999"),
            info("T0006", "5", transaction_status="P"),
        ]
    )
    assert [(one.kind, one.reference, one.amount, one.fee) for one in told] == [
        ("capture", "P-T0006", 1000, 30),
        ("refund", "o1.1-r1", -400, 0),
        ("chargeback", "PP-D-1", -600, 0),
    ]
    for broken in ({}, {"transaction_info": []}, info("T0006", "1.5"), info("T0006", "NaN")):
        with pytest.raises(ValueError, match=r"\w"):
            paypal.movements([broken])
