"""What carriers and tracking services send by themselves: six forms, each with its own signature.

The forms are those of the services' public documentation:

- ``amends``: our own, for whoever connects a carrier to us; signed as https://www.standardwebhooks.com says
- ``karrio``: ``X-Event-Signature``, HMAC-SHA256 of the body in hex (https://docs.karrio.io)
- ``ups``: Track Alert, the shared secret itself as ``credential`` (https://developer.ups.com)
- ``17track``: ``sign``, SHA-256 of body, slash and key in hex (https://api.17track.net/en/doc)
- ``aftership``: ``aftership-hmac-sha256``, HMAC-SHA256 in base64 (https://www.aftership.com/docs/tracking)
- ``easypost``: ``X-Hmac-Signature``, ``hmac-sha256-hex=`` and HMAC-SHA256 (https://docs.easypost.com)
"""

import base64
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from amends.adapters.carriers import news_forms as forms
from amends.application.ports.sightings import NewsUnreadable, NewsUnsigned, Sighting
from amends.domain.orders import TrackingEvent
from amends.domain.tracking.numbers import normal
from amends.domain.tracking.statuses import normalise

# A parcel has a few dozen scans; a message about thousands is a mistake.
SCANS_MAX = 500
_OLDEST = timedelta(days=730)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who sends news: under which name, in which form, signed with what."""

    name: str
    form: str
    secret: str


def _same(told: str, right: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), right.encode())


def _hmac(secret: str, body: bytes) -> "hmac.HMAC":
    return hmac.new(secret.encode(), body, sha256)


def _standard(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):
        return False
    except UnicodeDecodeError:
        return False
    return True


_SIGNED: Mapping[str, Callable[[str, Mapping[str, str], bytes], bool]] = {
    "amends": _standard,
    "karrio": lambda secret, headers, body: _same(
        headers.get("x-event-signature", ""), _hmac(secret, body).hexdigest()
    ),
    "ups": lambda secret, headers, _: _same(headers.get("credential", ""), secret),
    "17track": lambda secret, headers, body: _same(
        headers.get("sign", ""), sha256(body + b"/" + secret.encode()).hexdigest()
    ),
    "aftership": lambda secret, headers, body: _same(
        headers.get("aftership-hmac-sha256", ""), base64.b64encode(_hmac(secret, body).digest()).decode()
    ),
    "easypost": lambda secret, headers, body: _same(
        headers.get("x-hmac-signature", ""), f"hmac-sha256-hex={_hmac(secret, body).hexdigest()}"
    ),
}
_FORMS: Mapping[str, Callable[[bytes], Iterator[forms.Told]]] = {
    "amends": forms.own,
    "karrio": forms.karrio,
    "ups": forms.ups,
    "17track": forms.seventeen_track,
    "aftership": forms.aftership,
    "easypost": forms.easypost,
}
FORMS = tuple(_FORMS)


class SignedNews:
    """Keeps what `amends.application.ports.sightings.CarrierNews` promises, for the sources it is given."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = {source.name: source for source in sources}

    def read(self, source: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Sequence[Sighting]:
        known = self._sources.get(source)
        if known is None or not _SIGNED[known.form](known.secret, headers, body):
            raise NewsUnsigned(source)
        try:
            told = list(_FORMS[known.form](body))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError) as error:
            raise NewsUnreadable(str(error)) from error
        if len(told) > SCANS_MAX:
            raise NewsUnreadable(f"at most {SCANS_MAX} scans come in one message, not {len(told)}")
        return tuple(_sighting(known.name, one, now) for one in told)


def _sighting(source: str, told: forms.Told, now: datetime) -> Sighting:
    number = normal(told.number)
    if number is None:
        raise NewsUnreadable(f"{told.number[:60]!r} is no tracking number")
    if told.at.tzinfo is None:
        raise NewsUnreadable("every scan says when it was, with its offset from UTC")
    at = told.at.astimezone(UTC)
    if not now - _OLDEST < at < now + _OLDEST:
        raise NewsUnreadable(f"a scan of {at.isoformat()} is too far from now")
    words = told.note[:200]
    event = TrackingEvent(
        at=at,
        signal=forms.signal_of(told) or normalise(f"{told.status} {words}".strip()),
        country=told.country if len(told.country) == 2 else "",
        postcode=told.postcode[:20],
        note=words,
        weight_g=min(max(0, told.weight_g), 1_000_000),
    )
    return Sighting(carrier=source, number=number, event=event)
