"""The forms in which carriers and tracking services tell of scans; what we do not need is not read."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from amends.domain.orders import Signal


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One scan as it was told: ``status`` is the sender's code in small letters, ``note`` its words."""

    number: str
    at: datetime
    status: str
    note: str = ""
    country: str = ""
    postcode: str = ""
    weight_g: int = 0


S = Signal
# Every status a service documents. What a code leaves open (held where?) its words may say.
_CODES: Mapping[str, Signal | None] = {
    # karrio's normalised ones (karrio.core.units.TrackingStatus)
    "pending": S.ANNOUNCED, "picked_up": S.ACCEPTED, "on_hold": None, "cancelled": S.UNKNOWN,
    "delivered": S.DELIVERED, "in_transit": None, "delivery_failed": S.FAILED_ATTEMPT,
    "delivery_delayed": S.DELAYED, "out_for_delivery": S.OUT_FOR_DELIVERY,
    "ready_for_pickup": S.READY_FOR_PICKUP, "return_to_sender": S.RETURNED_TO_SENDER, "unknown": S.UNKNOWN,
    # UPS, types of an activity
    "d": S.DELIVERED, "i": None, "m": S.ANNOUNCED, "mv": S.UNKNOWN, "p": S.ACCEPTED, "x": None,
    "rs": S.RETURNED_TO_SENDER, "do": S.READY_FOR_PICKUP, "dd": S.READY_FOR_PICKUP, "w": S.ACCEPTED,
    "o": S.OUT_FOR_DELIVERY, "na": S.UNKNOWN,
    # 17TRACK, main statuses
    "notfound": S.UNKNOWN, "inforeceived": S.ANNOUNCED, "intransit": None, "expired": S.UNKNOWN,
    "availableforpickup": S.READY_FOR_PICKUP, "outfordelivery": S.OUT_FOR_DELIVERY,
    "deliveryfailure": S.FAILED_ATTEMPT, "exception": None, "exception_lost": S.LOST,
    "exception_returning": S.RETURNED_TO_SENDER, "exception_returned": S.RETURNED_TO_SENDER,
    "intransit_pickedup": S.ACCEPTED, "intransit_customsprocessing": S.CUSTOMS,
    "intransit_customsreleased": S.CUSTOMS, "intransit_customsrequiringinformation": S.CUSTOMS,
    # AfterShip, tags
    "attemptfail": S.FAILED_ATTEMPT,
    # EasyPost, statuses
    "pre_transit": S.ANNOUNCED, "available_for_pickup": S.READY_FOR_PICKUP, "failure": S.FAILED_ATTEMPT,
    "error": None,
}  # fmt: skip
CODES = frozenset(_CODES)


def signal_of(told: Told) -> Signal | None:
    """What a status code says by itself; None where its words have to be read."""
    return _CODES.get(told.status)


class _Own(msgspec.Struct):
    tracking_number: str
    at: datetime
    status: str = ""
    detail: str = ""
    country: str = ""
    postcode: str = ""
    weight_g: int = 0


class _OwnNews(msgspec.Struct):
    events: list[_Own]


def own(body: bytes) -> Iterator[Told]:
    """``{"events": [{"tracking_number", "at", "status", "detail", "country", "postcode", "weight_g"}]}``."""
    for one in msgspec.json.decode(body, type=_OwnNews).events:
        yield Told(
            number=one.tracking_number,
            at=one.at,
            status=one.status.lower(),
            note=one.detail,
            country=one.country.upper(),
            postcode=one.postcode,
            weight_g=one.weight_g,
        )


class _KarrioEvent(msgspec.Struct):
    timestamp: str | None = None
    date: str | None = None
    status: str | None = None
    description: str | None = None
    location: str | None = None
    code: str | None = None


class _KarrioData(msgspec.Struct):
    tracking_number: str
    events: list[_KarrioEvent] = []
    status: str | None = None


class _Karrio(msgspec.Struct):
    data: _KarrioData


def karrio(body: bytes) -> Iterator[Told]:
    """karrio's ``tracker_updated``: the tracker with all its events."""
    data = msgspec.json.decode(body, type=_Karrio).data
    for one in data.events:
        at = datetime.fromisoformat(one.timestamp or f"{one.date}T12:00:00+00:00")
        note = " ".join(part for part in (one.description, one.location) if part)
        yield Told(number=data.tracking_number, at=at, status=(one.status or "").lower(), note=note)


class _UpsPlace(msgspec.Struct):
    country: str = ""
    postalCode: str = ""  # noqa: N815  the interface's own names


class _UpsStatus(msgspec.Struct):
    type: str = ""
    description: str = ""


class _Ups(msgspec.Struct):
    trackingNumber: str  # noqa: N815
    gmtActivityDate: str = ""  # noqa: N815
    gmtActivityTime: str = ""  # noqa: N815
    activityStatus: _UpsStatus = msgspec.field(default_factory=_UpsStatus)  # noqa: N815
    activityLocation: _UpsPlace = msgspec.field(default_factory=_UpsPlace)  # noqa: N815


def ups(body: bytes) -> Iterator[Told]:
    """UPS Track Alert: one activity a message, its time in GMT as ``20260302`` and ``091500``."""
    one = msgspec.json.decode(body, type=_Ups)
    at = datetime.strptime(f"{one.gmtActivityDate}{one.gmtActivityTime}+0000", "%Y%m%d%H%M%S%z")
    yield Told(
        number=one.trackingNumber,
        at=at,
        status=one.activityStatus.type.strip().lower(),
        note=one.activityStatus.description,
        country=one.activityLocation.country.upper(),
        postcode=one.activityLocation.postalCode,
    )


def seventeen_track(body: bytes) -> Iterator[Told]:
    """17TRACK's ``TRACKING_UPDATED``: every event of every carrier that had the parcel."""
    news = msgspec.json.decode(body, type=dict[str, Any])
    data = _dict(news.get("data"))
    providers = _list(_dict(_dict(data.get("track_info")).get("tracking")).get("providers"))
    for provider in providers:
        for event in _list(_dict(provider).get("events")):
            one = _dict(event)
            place = _dict(one.get("address"))
            sub = str(one.get("sub_status") or "").lower()
            yield Told(
                number=str(data.get("number") or ""),
                at=datetime.fromisoformat(str(one.get("time_utc") or one.get("time_iso") or "")),
                status=sub if sub in CODES else sub.partition("_")[0],
                note=str(one.get("description") or ""),
                country=str(place.get("country") or "").upper(),
                postcode=str(place.get("postal_code") or ""),
            )


class _Checkpoint(msgspec.Struct):
    checkpoint_time: str
    tag: str = ""
    message: str | None = None
    country_region: str | None = None
    zip: str | None = None


class _AfterShipTracking(msgspec.Struct):
    tracking_number: str
    checkpoints: list[_Checkpoint] = []


class _AfterShip(msgspec.Struct):
    msg: _AfterShipTracking


def aftership(body: bytes) -> Iterator[Told]:
    """AfterShip's ``tracking_update``: the tracking with its checkpoints."""
    msg = msgspec.json.decode(body, type=_AfterShip).msg
    for one in msg.checkpoints:
        yield Told(
            number=msg.tracking_number,
            at=datetime.fromisoformat(one.checkpoint_time),
            status=one.tag.lower(),
            note=one.message or "",
            country=(one.country_region or "").upper(),
            postcode=one.zip or "",
        )


class _EasyPlace(msgspec.Struct):
    country: str | None = None
    zip: str | None = None


class _EasyDetail(msgspec.Struct):
    datetime: str
    status: str = ""
    message: str | None = None
    tracking_location: _EasyPlace = msgspec.field(default_factory=_EasyPlace)


class _EasyTracker(msgspec.Struct):
    tracking_code: str
    tracking_details: list[_EasyDetail] = []
    weight: float | None = None


class _EasyPost(msgspec.Struct):
    result: _EasyTracker


_OUNCE_G = 28.349523125


def easypost(body: bytes) -> Iterator[Told]:
    """EasyPost's ``tracker.updated``; weights come in ounces."""
    tracker = msgspec.json.decode(body, type=_EasyPost).result
    for one in tracker.tracking_details:
        yield Told(
            number=tracker.tracking_code,
            at=datetime.fromisoformat(one.datetime),
            status=one.status.lower(),
            note=one.message or "",
            country=(one.tracking_location.country or "").upper(),
            postcode=one.tracking_location.zip or "",
            weight_g=round((tracker.weight or 0) * _OUNCE_G),
        )


def _dict(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"wanted an object, not {type(value).__name__}")  # noqa: TRY004 - told to a sender
    return value


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"wanted a list, not {type(value).__name__}")  # noqa: TRY004 - told to a sender
    return value
