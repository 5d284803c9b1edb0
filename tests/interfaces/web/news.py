"""Carriers that tell of scans by themselves, one for each form, and how they sign."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha256

from standardwebhooks.webhooks import Webhook

from amends.adapters.carriers.news import FORMS, Source

SECRET = "a carrier's secret that nobody else has"
OWN_SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four b").decode()
NEWS_SOURCES = tuple(
    Source(name=f"the-{form}", form=form, secret=OWN_SECRET if form == "amends" else SECRET) for form in FORMS
)


def signed(form: str, body: bytes) -> dict[str, str]:
    """The headers with which a carrier of that form sends a message."""
    code = hmac.new(SECRET.encode(), body, sha256)
    match form:
        case "amends":
            at = datetime.now(UTC)
            signature = Webhook(OWN_SECRET).sign("msg-1", at, body.decode())
            stamp = str(int(at.timestamp()))
            return {"webhook-id": "msg-1", "webhook-timestamp": stamp, "webhook-signature": signature}
        case "karrio":
            return {"X-Event-Signature": code.hexdigest()}
        case "ups":
            return {"credential": SECRET}
        case "17track":
            return {"sign": sha256(body + b"/" + SECRET.encode()).hexdigest()}
        case "aftership":
            return {"aftership-hmac-sha256": base64.b64encode(code.digest()).decode()}
        case _:
            return {"X-Hmac-Signature": f"hmac-sha256-hex={code.hexdigest()}"}
