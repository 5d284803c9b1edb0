"""Which mails can be declined, put into a digest or kept back for the night, and how somebody says so."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from hashlib import sha256
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec

from amends.application.ports.preferences import Preferences
from amends.application.words import N_
from amends.domain.parties import Actor

NOW, DIGEST, OFF = "now", "digest", "off"

CATEGORIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "messages": (N_("Messages"), N_("Somebody wrote to you, or a message of yours waits for an answer.")),
        "reminders": (N_("Reminders"), N_("Something is due soon, or your protection ends.")),
        "cases": (N_("Steps of a case"), N_("Offers, evidence, returns: whatever happens in your cases.")),
        "orders": (
            N_("Steps of an order"),
            N_("Shipping, receipt and what happens to the money of an order."),
        ),
    }
)
"""What can be declined: its name, and what belongs to it."""

ESSENTIAL = "essential"
"""Refunds, decisions and what somebody has to answer to: mailed whatever somebody chose (H2)."""

_CATEGORY_OF: Mapping[str, str] = {
    "message_sent": "messages",
    "message_unanswered": "messages",
    "silence_invites_dispute": "messages",
    "deadline_near": "reminders",
    "protection_reminded": "reminders",
    "return_window_near": "reminders",
    "withdrawal_window_near": "reminders",
    "fault_window_near": "reminders",
    "arrival_window_near": "reminders",
    "parcel_recorded": "orders",
    "receipt_confirmed": "orders",
    "escrow_released": "orders",
    "payout_confirmed": "orders",
    "payout_hold_released": "orders",
    "chargeback_ended": "orders",
    "evidence_added": "cases",
    "offer_made": "cases",
    "offer_declined": "cases",
    "case_settled": "cases",
    "evidence_submitted": "cases",
    "evidence_lapsed": "cases",
    "ruling_accepted": "cases",
    "instructions_given": "cases",
    "return_shipped": "cases",
    "return_scanned": "cases",
    "return_lost": "cases",
    "return_part_ended": "cases",
    "return_rest_kept": "cases",
    "return_came_back": "cases",
    "return_inspected": "cases",
    "rejection_accepted": "cases",
    "return_contested": "cases",
    "replacement_due": "cases",
    "variant_sold_out": "cases",
    "replacement_shipped": "cases",
    "replacement_scanned": "cases",
    "replacement_failed": "cases",
    "case_reopened": "cases",
    "case_closed": "cases",
}


def category_of(event: str) -> str:
    """The category of a notice by its event; what is not optional is essential."""
    return _CATEGORY_OF.get(event, ESSENTIAL)


class When(msgspec.Struct, frozen=True):
    """What becomes of a mail: now, off, or at an instant, alone or in the digest."""

    how: str
    at: datetime | None = None


def when(event: str, preferences: Preferences, zone: str, now: datetime, by: datetime | None = None) -> When:
    """When a mail about an event goes out; neither digest nor quiet hour outlasts ``by``, its deadline."""
    category = category_of(event)
    wish = NOW if category == ESSENTIAL else preferences.mail.get(category, NOW)
    if wish == OFF:
        return When(OFF)
    local = now.astimezone(ZoneInfo(preferences.zone or zone or "UTC"))
    if wish == DIGEST:
        gathered = _next(local, preferences.digest_at)
        if by is None or gathered < by:
            return When(DIGEST, gathered)
    if _quiet(local.time(), preferences.quiet_from, preferences.quiet_until) and preferences.quiet_until:
        end = _next(local, preferences.quiet_until)
        if by is None or end < by:
            return When("later", end)
    return When(NOW)


def _quiet(at: time, start: time | None, end: time | None) -> bool:
    """Half-open: at the last hour itself it is quiet no more."""
    if start is None or end is None or start == end:
        return False
    return start <= at < end if start < end else at >= start or at < end


def _next(local: datetime, at: time) -> datetime:
    """The next instant that local clocks show ``at``."""
    day = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if day <= local:
        day = (local + timedelta(days=1)).replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return day.astimezone(ZoneInfo("UTC"))


class Declining(msgspec.Struct, frozen=True):
    """Whom an unsubscribe link is for, and from which category."""

    person: Actor
    category: str


def decline_token(person: Actor, category: str, secret: str) -> str:
    """What an unsubscribe link carries: good for this one wish, for ever, without signing in (RFC 8058)."""
    body = urlsafe_b64encode(msgspec.json.encode(Declining(person, category))).rstrip(b"=")
    return f"{body.decode()}.{_signature(body, secret)}"


def read_decline(token: str, secret: str) -> Declining | None:
    """What an unsubscribe link says; None where it is not ours or was changed."""
    body, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body.encode(), secret).encode()):
        return None
    try:
        wish = msgspec.json.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Declining)
    except (msgspec.DecodeError, NotBase64):
        return None
    return wish if wish.category in CATEGORIES else None


def _signature(body: bytes, secret: str) -> str:
    # The purpose is part of the key, so that no other thing signed with the secret passes for a link.
    key = hmac.new(secret.encode(), b"amends unsubscribe 1", sha256).digest()
    return hmac.new(key, body, sha256).hexdigest()[:40]
