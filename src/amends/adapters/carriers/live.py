"""Live carriers by karrio (the extra ``carriers``): its data model makes the requests and reads the replies.

karrio is LGPL-3.0 and used as a library, unchanged: https://github.com/karrioapi/karrio. Its calls block, so
they are made in threads.
"""

import asyncio
import re
import ssl
import tomllib
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from amends.adapters.carriers import news_forms
from amends.application.ports.carriers import Booking, CarrierSilent, Journey
from amends.domain.carriage import Consignment
from amends.domain.orders import Signal, TrackingEvent
from amends.domain.tracking.statuses import normalise

_PATIENCE_S = 20.0
_CM3_PER_G = 5
_COUNTRY = re.compile(r"\d[^,]*, ([A-Z]{2})\W*$")
_POSTCODE = re.compile(r"\b([A-Z0-9]*\d[A-Z0-9 -]{2,9}?)\b(?=\s*,|$)")


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where parcels of an account are collected or brought."""

    name: str
    street: str
    city: str
    postcode: str
    country: str
    phone: str = ""


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account with a carrier: ``carrier`` as our rate sheets name it, ``connector`` as karrio does.

    ``settings`` are the connector's own credentials. ``services`` maps services of our rate sheets to
    karrio's.
    """

    carrier: str
    connector: str
    settings: dict[str, Any]
    services: dict[str, str] = {}


class Accounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of accounts; ``sender`` and ``receiver`` stand for the parties where a label is booked."""

    account: tuple[Account, ...]
    sender: Place | None = None
    receiver: Place | None = None


class AccountsRefused(ValueError):
    """A file of accounts cannot be used. The message says why, and repeats no credential."""


def load(path: Path) -> Accounts:
    """Read a TOML file of accounts. Raises `AccountsRefused`."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Accounts)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise AccountsRefused(f"{path.name}: {error}") from error


class LiveCarriers:
    """Keeps what `amends.application.ports.carriers.Carriers` promises, for the accounts it is given."""

    def __init__(self, accounts: Accounts) -> None:
        """Raises `AccountsRefused` where karrio or a connector is missing, or does not know a setting."""
        self._sdk = _karrio()
        self._accounts = accounts
        self._gateways: dict[str, tuple[Account, Any]] = {}
        for account in accounts.account:
            try:
                gateway = self._sdk.gateway[account.connector].create(account.settings)
            except Exception as error:
                raise AccountsRefused(
                    f"{account.carrier}: karrio has no connector {account.connector!r} with these settings "
                    f"({type(error).__name__}; {', '.join(sorted(account.settings))})"
                ) from error
            self._gateways[_named(account.carrier)] = (account, gateway)

    async def book(self, key: str, carrier: str, service: str, parcel: Consignment) -> Booking:
        account, gateway = self._of(carrier)
        named = account.services.get(service)
        if named is None or self._accounts.sender is None or self._accounts.receiver is None:
            raise LookupError(f"no service {service!r} of {carrier!r} is set up for labels")
        # Carriers want to know how large it is; where nobody told, as large as its weight may be.
        side = max(10, round((parcel.volume_cm3 or parcel.weight_g * _CM3_PER_G) ** (1 / 3)))
        request = {
            "shipper": _address(self._accounts.sender),
            "recipient": _address(self._accounts.receiver),
            "service": named,
            "reference": key,
            "parcels": [
                {
                    "weight": max(1, parcel.weight_g) / 1000,
                    "weight_unit": "KG",
                    "length": side,
                    "width": side,
                    "height": side,
                    "dimension_unit": "CM",
                }
            ],
            "label_type": "PDF",
        }
        shipment = await self._ask(lambda: self._sdk.Shipment.create(request).from_(gateway).parse())
        if not shipment.tracking_number:
            raise CarrierSilent(f"{carrier} gave no tracking number")
        return Booking(tracking_number=str(shipment.tracking_number))

    def follows(self, carrier: str) -> bool:
        return _named(carrier) in self._gateways

    async def scans(self, journey: Journey, now: datetime) -> Sequence[TrackingEvent] | None:
        found = self._gateways.get(_named(journey.carrier))
        if found is None:
            return ()
        _, gateway = found
        request = {"tracking_numbers": [journey.tracking_number]}
        trackers = await self._ask(
            lambda: self._sdk.Tracking.fetch(request).from_(gateway).parse(), none_known=True
        )
        if trackers is None:
            return None
        return tuple(event for tracker in trackers for event in events_of(tracker) if event.at <= now)

    def _of(self, carrier: str) -> tuple[Account, Any]:
        found = self._gateways.get(_named(carrier))
        if found is None:
            raise LookupError(f"there is no account with {carrier!r}")
        return found

    async def _ask(self, call: Any, *, none_known: bool = False) -> Any:
        """What karrio read of the carrier's reply. Raises `CarrierSilent` for errors it reports."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer, messages = await asyncio.to_thread(call)
        except TimeoutError as error:
            raise CarrierSilent("no answer in time") from error
        except Exception as error:  # the connectors raise whatever their transport raises
            raise CarrierSilent(type(error).__name__) from error
        if answer:
            return answer
        codes = {str(message.code).upper() for message in messages}
        if none_known and codes & _UNKNOWN_NUMBER:
            return None
        raise CarrierSilent(", ".join(sorted(codes)) or "an empty answer")


def _named(carrier: str) -> str:
    return carrier.strip().lower()


def _karrio() -> Any:
    """karrio's interface. It turns off for a whole process that certificates are verified: that is undone."""
    verifying = ssl._create_default_https_context
    try:
        with warnings.catch_warnings():
            # Libraries it brings along announce their own end.
            warnings.simplefilter("ignore", DeprecationWarning)
            from karrio import sdk  # type: ignore[import-untyped]  # noqa: PLC0415 - optional
            from loguru import logger  # noqa: PLC0415 - comes with it
    except ImportError as error:
        raise AccountsRefused("install amends[carriers]: karrio is not there") from error
    finally:
        ssl._create_default_https_context = verifying
    # It logs requests with their credentials.
    logger.disable("karrio")
    return sdk


# What connectors call a number the carrier does not know, as their replies have it.
_UNKNOWN_NUMBER = frozenset(
    {"TW0001", "TV1002", "TRACKING.TRACKINGNUMBER.NOTFOUND", "TRACKING.TRACKINGNUMBER.INVALID", "103"}
)


def _address(place: Place) -> Mapping[str, str]:
    return {
        "person_name": place.name,
        "address_line1": place.street,
        "city": place.city,
        "postal_code": place.postcode,
        "country_code": place.country,
        "phone_number": place.phone,
    }


def events_of(tracker: Any) -> Sequence[TrackingEvent]:
    """The scans of one of karrio's ``TrackingDetails``, oldest first; none is left out but those without a
    day."""
    at_home = _AT_HOME.get(str(tracker.carrier_name), "")
    found = [event for one in tracker.events if (event := _event(one, at_home)) is not None]
    return tuple(sorted(found, key=lambda event: event.at))


# Carriers that write a state where others write the country.
_AT_HOME = {"usps": "US"}


def _event(one: Any, at_home: str) -> TrackingEvent | None:
    at = _instant(one)
    if at is None:
        return None
    location = str(one.location or "")
    words = " ".join(", ".join(part for part in (str(one.description or ""), location) if part).split())[:200]
    told = news_forms.Told(number="", at=at, status=str(one.status or "").lower(), note=words)
    country = _COUNTRY.search(location)
    postcode = _POSTCODE.search(location)
    said = normalise(str(one.description or one.code or ""))
    signal = news_forms.signal_of(told)
    if signal is None or (signal is Signal.UNKNOWN and told.status != "cancelled"):
        signal = said
    return TrackingEvent(
        at=at,
        signal=signal,
        country=at_home if location and at_home else country.group(1) if country else "",
        postcode=postcode.group(1) if postcode else "",
        note=words,
    )


def _instant(one: Any) -> datetime | None:
    """When it was: the connector's time stamp, or its day and time of day; without an offset taken as UTC."""
    if one.timestamp:
        at = datetime.fromisoformat(str(one.timestamp))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    for form in ("%Y-%m-%d %I:%M %p", "%Y-%m-%d %H:%M %p", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(f"{one.date} {one.time}", form).replace(tzinfo=UTC)
        except (TypeError, ValueError):
            continue
    try:
        return datetime.strptime(str(one.date), "%Y-%m-%d").replace(tzinfo=UTC, hour=12)
    except ValueError:
        return None
