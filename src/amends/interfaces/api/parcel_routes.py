"""Routes about the parcels of a return: what is in each, where it stands, when silence makes it lost."""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from amends.application.ports import CaseFile
from amends.domain.cases.arriving import in_transit
from amends.domain.cases.hearing import Hearing
from amends.domain.cases.model import Ending, Shipment, State
from amends.domain.cases.parcels import awaited, units_in, unsent
from amends.domain.orders import Unit
from amends.domain.parties import CLOCK
from amends.domain.scene import Rules
from amends.domain.time import Calendars
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.routes import ApiRequest, CaseId, says, shown


class ShipmentView(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel of a return. ``ending`` is how it ended other than by its delivery; ``silent_at`` is when it
    counts as lost unless a carrier sees it before, null where it is not awaited. Amounts are minor units."""

    carrier: str
    tracking_number: str
    units: tuple[Unit, ...]
    shipped_at: datetime
    last_scan_at: datetime
    delivered_at: datetime | None
    ending: Ending | None
    silent_at: datetime | None
    scans: int
    weight_g: int
    freight: int
    receipt: str


class ShipmentsView(msgspec.Struct, frozen=True, kw_only=True):
    """The parcels of a return, first sent first, and what is in none of them: ``unsent`` has yet to leave, or
    is kept by the buyer where ``complete`` says that nothing more will."""

    shipments: tuple[ShipmentView, ...]
    unsent: tuple[Unit, ...]
    complete: bool


def parcel_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Every route about the parcels of a return."""

    @get(
        "/cases/{case_id:str}/shipments",
        name="list_shipments",
        summary="List the parcels of a return",
        description="What is in each parcel, where it stands, and when silence makes it lost. Another one is "
        "shipped with `POST /v1/cases/{case_id}/shipment` and its units.",
        tags=["Cases"],
        opt=says(
            ShipmentsView,
            answer_example={
                "shipments": [
                    {
                        "carrier": "dhl",
                        "tracking_number": "RR123456785DE",
                        "units": [{"line_id": "L1", "index": 0}],
                        "shipped_at": "2026-03-06T09:00:00Z",
                        "last_scan_at": "2026-03-07T15:20:00Z",
                        "delivered_at": None,
                        "ending": None,
                        "silent_at": "2026-03-27T15:20:00Z",
                        "scans": 1,
                        "weight_g": 820,
                        "freight": 690,
                        "receipt": "17.pdf",
                    }
                ],
                "unsent": [{"line_id": "L1", "index": 1}],
                "complete": False,
            },
        ),
    )
    async def list_shipments(request: ApiRequest, case_id: CaseId) -> Response[bytes]:
        file = await desk.file(request.user, case_id)
        case = file.case
        view = ShipmentsView(
            shipments=tuple(_view(file, desk.parts.calendars, parcel) for parcel in case.parcels),
            unsent=unsent(case),
            complete=bool(case.parcels) and case.state is not State.AWAITING_SHIPMENT,
        )
        return shown(view)

    return [list_shipments]


def _view(file: CaseFile, calendars: Calendars, parcel: Shipment) -> ShipmentView:
    return ShipmentView(
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        units=units_in(file.case, parcel),
        shipped_at=parcel.shipped_at,
        last_scan_at=parcel.last_scan_at,
        delivered_at=parcel.delivered_at,
        ending=parcel.ending,
        silent_at=_silent_at(file, calendars, parcel),
        scans=parcel.scans,
        weight_g=parcel.weight_g,
        freight=parcel.freight,
        receipt=parcel.receipt,
    )


def _silent_at(file: CaseFile, calendars: Calendars, parcel: Shipment) -> datetime | None:
    case = file.case
    if not case.live or parcel not in awaited(case):
        return None
    hearing = Hearing(file.custody, {}, Rules(file.terms, calendars), CLOCK, parcel.last_scan_at)
    return in_transit(hearing, case, State.RETURN_IN_TRANSIT, parcel, parcel.last_scan_at).until
