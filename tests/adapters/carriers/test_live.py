"""karrio's own connectors make the requests and read the replies; only the transport is ours."""

import base64
import io
import json
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest
from PIL import Image

from amends.adapters.carriers import news_forms
from amends.adapters.carriers.live import Account, Accounts, AccountsRefused, LiveCarriers, Place, load
from amends.application.ports.carriers import CarrierSilent, Journey
from amends.domain.carriage import Consignment
from amends.domain.orders import Signal

pytest.importorskip("karrio")

SAMPLES = Path(__file__).with_name("samples")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SETTINGS: dict[str, dict[str, Any]] = {
    "ups": {"client_id": "c", "client_secret": "s", "account_number": "A1"},
    "fedex": {"api_key": "k", "secret_key": "s", "track_api_key": "k", "track_secret_key": "s"},
    "usps": {"client_id": "c", "client_secret": "s", "account_number": "A1"},
    "dhl_express": {"site_id": "site", "password": "password", "account_number": "123456789"},
}
S = Signal
#: What each scan of a sample comes to, oldest first.
SEEN = {
    "ups": [S.ANNOUNCED, S.ACCEPTED, S.IN_TRANSIT, S.CUSTOMS, S.OUT_FOR_DELIVERY, S.FAILED_ATTEMPT,
            S.OUT_FOR_DELIVERY, S.DELIVERED],
    "fedex": [S.ACCEPTED, S.ANNOUNCED, *[S.IN_TRANSIT] * 13, S.OUT_FOR_DELIVERY, S.DELIVERED],
    "usps": [S.ANNOUNCED, *[S.IN_TRANSIT] * 9, S.OUT_FOR_DELIVERY, S.DELIVERED],
    "dhl_express": [S.ACCEPTED, S.IN_TRANSIT, S.IN_TRANSIT, S.ACCEPTED, *[S.IN_TRANSIT] * 3, S.ACCEPTED,
                    *[S.IN_TRANSIT] * 2, S.ACCEPTED, *[S.IN_TRANSIT] * 3, S.OUT_FOR_DELIVERY, S.DELIVERED],
}  # fmt: skip
HOME = Place(name="Returns", street="1 Harbour Road", city="Hamburg", postcode="20457", country="DE")


class Wire:
    """What would go over the net: every request, and the answer to it."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer = b"{}"

    def open(self, request: Request, timeout: float | None = None) -> Any:
        self.asked.append(request)
        body = self.answer
        if "oauth" in request.full_url:
            token = {"access_token": "t", "token_type": "bearer", "expires_in": "3600"}
            body = json.dumps({**token, "issued_at": "1790000000000", "status": "approved"}).encode()
        reply = io.BytesIO(body)
        reply.status, reply.headers, reply.url = 200, {}, request.full_url  # type: ignore[attr-defined]
        return reply


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire()
    LiveCarriers(Accounts(account=()))
    monkeypatch.setattr("karrio.core.utils.helpers.urlopen", made.open)
    return made


def carriers(connector: str, **more: Any) -> LiveCarriers:
    account = Account(carrier=connector, connector=connector, settings=SETTINGS[connector], **more)
    return LiveCarriers(Accounts(account=(account,), sender=HOME, receiver=HOME))


def journey(connector: str) -> Journey:
    return Journey(carrier=connector.upper(), tracking_number="N1", since=NOW, origin="DE", destination="DE")


@pytest.mark.row("F6")
@pytest.mark.parametrize("connector", SETTINGS)
async def test_every_scan_of_a_real_carriers_reply_is_kept(wire: Wire, connector: str) -> None:
    (sample,) = SAMPLES.glob(f"{connector}.*")
    wire.answer = sample.read_bytes()
    seen = await carriers(connector).scans(journey(connector), NOW)
    assert seen is not None
    assert [scan.signal for scan in seen] == SEEN[connector]
    told = re.findall(rb"eventCode|scanLocation|<ShipmentEvent>|\"activity\"|\"type\"", wire.answer)
    assert len(seen) == len(told) - (connector == "ups")
    assert [scan.at for scan in seen] == sorted(scan.at for scan in seen)
    assert any("N1" in f"{one.full_url} {one.data!r}" for one in wire.asked)
    countries = {"ups": {"", "US", "DE"}, "fedex": {"US"}, "usps": {"", "US"}, "dhl_express": {""}}
    assert {scan.country for scan in seen} == countries[connector]


@pytest.mark.row("F6")
@pytest.mark.parametrize("connector", SETTINGS)
def test_every_status_of_a_carriers_table_has_a_signal_of_its_own(wire: Wire, connector: str) -> None:
    units = __import__(f"karrio.providers.{connector}.units", fromlist=["TrackingStatus"])
    for status in units.TrackingStatus:
        told = news_forms.Told(number="", at=NOW, status=status.name)
        assert status.name in news_forms.CODES, status.name
        if status.name not in {"in_transit", "on_hold"}:
            assert news_forms.signal_of(told) not in {None, Signal.IN_TRANSIT}, status.name


async def test_a_number_the_carrier_does_not_know_is_told_apart_from_trouble(wire: Wire) -> None:
    ups = carriers("ups")
    wire.answer = b'{"response": {"errors": [{"code": "TV1002", "message": "Invalid inquiry number"}]}}'
    assert await ups.scans(journey("ups"), NOW) is None
    wire.answer = b'{"response": {"errors": [{"code": "250003", "message": "Invalid key"}]}}'
    with pytest.raises(CarrierSilent, match="250003"):
        await ups.scans(journey("ups"), NOW)
    wire.answer = b"<html>"
    with pytest.raises(CarrierSilent):
        await ups.scans(journey("ups"), NOW)
    assert await ups.scans(journey("somebody else"), NOW) == ()


@pytest.mark.row("F3")
async def test_a_label_is_asked_for_in_the_carriers_own_words(wire: Wire) -> None:
    ups = carriers("ups", services={"parcel": "ups_standard"})
    picture = io.BytesIO()
    Image.new("1", (4, 6)).save(picture, "PNG")
    label = {"GraphicImage": base64.b64encode(picture.getvalue()).decode()}
    reply = {
        "ShipmentResponse": {
            "Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}},
            "ShipmentResults": {
                "ShipmentIdentificationNumber": "1Z0000000000000000",
                "ShipmentCharges": {"TotalCharges": {"CurrencyCode": "EUR", "MonetaryValue": "5.90"}},
                "PackageResults": [{"TrackingNumber": "1Z0000000000000000", "ShippingLabel": label}],
            },
        }
    }
    wire.answer = json.dumps(reply).encode()
    parcel = Consignment(origin="DE", destination="DE", weight_g=2300)
    booking = await ups.book("label:A-1.1", "UPS", "parcel", parcel)
    assert booking.tracking_number == "1Z0000000000000000"
    sent = json.loads(wire.asked[-1].data or b"")  # type: ignore[arg-type]
    package = sent["ShipmentRequest"]["Shipment"]["Package"][0]
    assert package["PackageWeight"]["Weight"] in {"2.3", "5.07"}
    with pytest.raises(LookupError):
        await ups.book("label:A-1.1", "ups", "express", parcel)


def test_certificates_are_verified_all_the_same(wire: Wire) -> None:
    assert ssl._create_default_https_context is not ssl._create_unverified_context


def test_a_file_of_accounts_says_what_is_wrong_and_no_credential(tmp_path: Path) -> None:
    file = tmp_path / "carriers.toml"
    file.write_text(
        '[[account]]\ncarrier = "ups"\nconnector = "ups"\n[account.settings]\nclient_id = "c"\n'
        'client_secret = "s"\naccount_number = "A1"\n'
    )
    assert load(file).account[0].connector == "ups"
    file.write_text(
        '[[account]]\ncarrier = "x"\nconnector = "nobody"\n[account.settings]\npassword = "hush"\n'
    )
    with pytest.raises(AccountsRefused, match="'nobody'") as refused:
        LiveCarriers(load(file))
    assert "hush" not in str(refused.value)
    file.write_text("[[account]]\ncarrier = 1\n")
    with pytest.raises(AccountsRefused, match=r"carriers.toml"):
        load(file)
    with pytest.raises(AccountsRefused):
        load(tmp_path / "none.toml")
