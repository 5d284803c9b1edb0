"""Carriers tell of scans by themselves: six forms, each signed, in any order, as often as they like."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.interfaces.web.news import signed
from tests.journeys.api.market import Market
from tests.journeys.api.test_sending_it_back import on_its_way

NUMBER = "RR123456785DE"


def message(form: str, number: str, at: Any, code: str) -> bytes:
    """One scan in a carrier's own form: on its way, or delivered."""
    iso = at.isoformat()
    status = {
        "amends": {"on": "in_transit", "there": "delivered"},
        "karrio": {"on": "in_transit", "there": "delivered"},
        "ups": {"on": "I", "there": "D"},
        "17track": {"on": "InTransit_Arrival", "there": "Delivered_Other"},
        "aftership": {"on": "InTransit", "there": "Delivered"},
        "easypost": {"on": "in_transit", "there": "delivered"},
    }[form][code]
    said = "Arrived at the sorting centre" if code == "on" else "Left with the recipient"
    body: dict[str, Any] = {
        "amends": {
            "events": [
                {"tracking_number": number, "at": iso, "status": status, "detail": said, "weight_g": 900}
            ]
        },
        "karrio": {
            "event": "tracker_updated",
            "data": {
                "tracking_number": number,
                "events": [{"timestamp": iso, "status": status, "description": said}],
            },
        },
        "ups": {
            "trackingNumber": number,
            "gmtActivityDate": at.strftime("%Y%m%d"),
            "gmtActivityTime": at.strftime("%H%M%S"),
            "activityStatus": {"type": status, "code": "FS", "description": said},
            "activityLocation": {"country": "DE", "postalCode": "20457"},
        },
        "17track": {
            "event": "TRACKING_UPDATED",
            "data": {
                "number": number,
                "track_info": {
                    "tracking": {
                        "providers": [
                            {"events": [{"time_utc": iso, "sub_status": status, "description": said}]}
                        ]
                    }
                },
            },
        },
        "aftership": {
            "event": "tracking_update",
            "msg": {
                "tracking_number": number,
                "checkpoints": [{"checkpoint_time": iso, "tag": status, "message": said}],
            },
        },
        "easypost": {
            "description": "tracker.updated",
            "result": {
                "tracking_code": number,
                "weight": 31.7,
                "tracking_details": [{"datetime": iso, "status": status, "message": said}],
            },
        },
    }
    return json.dumps(body[form]).encode()


async def tell(market: Market, form: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
    return await market.client.post(
        f"/v1/carrier-news/the-{form}",
        content=body,
        headers={"Content-Type": "application/json", **(signed(form, body) if headers is None else headers)},
    )


async def scans(market: Market) -> list[tuple[str, str]]:
    events = (await market.ana.get("/cases/A-1.1/timeline"))["events"]
    return [
        (one["event"]["signal"], one["event"]["scanned_at"])
        for one in events
        if one["event"]["type"] == "return_scanned"
    ]


@pytest.mark.row("F6")
@pytest.mark.parametrize("form", ["amends", "karrio", "ups", "17track", "aftership", "easypost"])
async def test_scans_in_any_order_and_more_than_once_are_recorded_once(market: Market, form: str) -> None:
    await on_its_way(market)
    first = market.now + timedelta(hours=1)
    await market.advance(days=2)
    there = message(form, "rr 123 456 785 de", market.now, "there")
    for body in (there, message(form, NUMBER, first, "on"), there):
        answer = await tell(market, form, body)
        assert (answer.status_code, answer.json()) == (202, {"scans": 1}), answer.text
    assert sorted(signal for signal, _ in await scans(market)) == ["delivered", "in_transit"]
    case = (await market.ana.get("/cases/A-1.1"))["case"]
    assert case["state"] == "inspecting"
    if form in {"amends", "easypost"}:
        assert 890 < case["shipment"]["weight_g"] <= 900


@pytest.mark.row("F6")
async def test_news_of_a_number_nobody_has_waits_until_somebody_has_it(market: Market) -> None:
    early = message("amends", NUMBER, market.now, "on")
    assert (await tell(market, "amends", early)).status_code == 202
    await on_its_way(market)
    assert await scans(market) == []
    assert await market.parts.sightings.sweep() == 1
    assert [signal for signal, _ in await scans(market)] == ["in_transit"]
    assert await market.parts.sightings.sweep() == 0


@pytest.mark.row("F6")
async def test_news_nobody_asks_for_is_forgotten_and_a_future_scan_waits(market: Market) -> None:
    await on_its_way(market)
    await tell(market, "amends", message("amends", "ZZ00000000", market.now, "on"))
    await tell(market, "amends", message("amends", NUMBER, market.now + timedelta(minutes=3), "on"))
    assert await scans(market) == []
    await market.advance(minutes=4)
    assert await market.parts.sightings.sweep() == 1
    await market.advance(days=30)
    await market.parts.sightings.sweep()
    assert market.parts.sightings._whereabouts._waiting == {}  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["amends", "karrio", "ups", "17track", "aftership", "easypost"])
async def test_what_is_not_signed_by_the_sender_is_refused(market: Market, form: str) -> None:
    await on_its_way(market)
    body = message(form, NUMBER, market.now, "there")
    tampered = {name: value[:-2] + "xx" for name, value in signed(form, body).items()}
    for headers in ({}, tampered):
        answer = await tell(market, form, body, headers)
        assert answer.status_code == 401, answer.text
    other = await tell(market, "nobody", body, {})
    assert (other.status_code, await scans(market)) == (401, [])


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"\xff", b'{"events": [{"tracking_number": "x", "at": "2026-03-02T09:00:00Z"}]}',
     b'{"events": [{"tracking_number": "RR123456785DE", "at": "2026-03-02T09:00:00"}]}',
     b'{"events": [{"tracking_number": "RR123456785DE", "at": "1970-01-01T00:00:00Z"}]}'],
)  # fmt: skip
async def test_signed_nonsense_is_an_error_that_says_why(market: Market, body: bytes) -> None:
    if body == b"\xff":
        answer = await tell(market, "ups", body)
    else:
        answer = await tell(market, "amends", body)
    assert answer.status_code == 422, answer.text
    assert "cannot be read" in answer.json()["detail"]


async def test_a_parcel_of_the_order_is_found_by_its_number_as_well(market: Market) -> None:
    await market.order()
    await market.advance(days=1)
    await market.ship()
    body = message("17track", NUMBER, market.now, "there")
    await tell(market, "17track", body)
    order = await market.ana.get("/orders/A-1")
    assert order["order"]["parcels"][0]["events"][0]["signal"] == "delivered"
