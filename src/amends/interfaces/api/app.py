"""The API put together: routes, the guard at every one of them, and problems for everything that goes
wrong.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.types import Guard, Method
from litestar.types.internal_types import PathParameterDefinition

from amends.application.permissions import PERMISSIONS, Access, Caller
from amends.interfaces.api.blind_routes import blind_routes
from amends.interfaces.api.bulk import bulk_routes
from amends.interfaces.api.buyer_routes import buyer_routes
from amends.interfaces.api.carrier_routes import carrier_routes
from amends.interfaces.api.case_file_routes import case_file_routes
from amends.interfaces.api.case_routes import case_routes
from amends.interfaces.api.counterfeit_routes import counterfeit_routes
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.dispute_routes import dispute_routes
from amends.interfaces.api.errors import of_error
from amends.interfaces.api.evidence_routes import evidence_routes
from amends.interfaces.api.extension_routes import extension_routes
from amends.interfaces.api.figure_routes import figure_routes
from amends.interfaces.api.hand_over_routes import hand_over_routes
from amends.interfaces.api.hold_routes import hold_routes
from amends.interfaces.api.house_routes import house_routes, problem_routes
from amends.interfaces.api.lab_routes import lab_routes
from amends.interfaces.api.message_routes import message_routes
from amends.interfaces.api.offer_routes import offer_routes
from amends.interfaces.api.openapi import describe, openapi_route
from amends.interfaces.api.order_routes import order_routes
from amends.interfaces.api.parcel_routes import parcel_routes
from amends.interfaces.api.people_routes import people_routes
from amends.interfaces.api.policy_routes import policy_routes
from amends.interfaces.api.problems import MEDIA_TYPE, encode, fail
from amends.interfaces.api.reconciliation_routes import reconciliation_routes
from amends.interfaces.api.redress_routes import redress_routes
from amends.interfaces.api.ruling_routes import ruling_routes
from amends.interfaces.api.seller_routes import seller_routes
from amends.interfaces.api.shipping_routes import shipping_routes
from amends.interfaces.api.support_routes import support_routes
from amends.interfaces.api.webhook_routes import webhook_routes
from amends.interfaces.api.why_routes import why_routes
from amends.interfaces.api.withdrawal_routes import withdrawal_routes

BODY_BYTES_MAX = 1024 * 1024


def api_of(desk: Desk) -> Litestar:
    """The application over a desk; the fast lane shares the desk."""

    @cache
    def description() -> bytes:
        # Litestar serves more than the description once it makes one: pages that load from elsewhere.
        # So another application makes it, and serves nothing.
        config = OpenAPIConfig(title="Amends", version="1", operation_id_creator=_operation_id)
        return msgspec.json.encode(describe(_litestar(desk, bytes, config)))

    return _litestar(desk, description, None)


def _litestar(desk: Desk, description: Callable[[], bytes], openapi: OpenAPIConfig | None) -> Litestar:
    v1 = Router(
        "/v1",
        route_handlers=[
            *order_routes(desk),
            *bulk_routes(desk),
            *case_routes(desk),
            *case_file_routes(desk),
            *blind_routes(desk),
            *evidence_routes(desk),
            *seller_routes(desk),
            *buyer_routes(desk),
            *ruling_routes(desk),
            *figure_routes(desk),
            *redress_routes(desk),
            *house_routes(desk),
            *offer_routes(desk),
            *hand_over_routes(desk),
            *people_routes(desk),
            *shipping_routes(desk),
            *parcel_routes(desk),
            *carrier_routes(desk),
            *message_routes(desk),
            *support_routes(desk),
            *webhook_routes(desk),
            *lab_routes(desk),
            *policy_routes(desk),
            *why_routes(desk),
            *extension_routes(desk),
            *counterfeit_routes(desk),
            *dispute_routes(desk),
            *reconciliation_routes(desk),
            *hold_routes(desk),
            *withdrawal_routes(desk),
            openapi_route(description),
        ],
        guards=[_guard(desk)],
    )
    return Litestar(
        [v1, *problem_routes()],
        exception_handlers={Exception: answer_problem, HTTPException: answer_problem},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=openapi,
        logging_config=None,
    )


def _operation_id(
    handler: HTTPRouteHandler, _method: HttpMethod | Method, _path: list[str | PathParameterDefinition]
) -> str:
    return handler.name or ""


def _guard(desk: Desk) -> Guard:
    """Lets nobody through to a route that the table of permissions does not open to them."""
    queries: dict[str, frozenset[str]] = {}

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        operation = handler.name or ""
        if PERMISSIONS.get(operation) is Access.OPEN:
            connection.scope["user"] = None
        else:
            headers = connection.headers
            connection.scope["user"] = await desk.doorkeeper.caller(
                headers.get("authorization", ""), headers.get("amends-act-as", ""), operation
            )
        if connection.scope["query_string"]:
            known = queries.get(operation)
            if known is None:
                known = queries[operation] = _query_names(handler)
            for name in connection.query_params:
                if name not in known:
                    fail("invalid", f"There is no query parameter {name!r} here.", parameter=name)

    # A function, because Litestar copies guards deeply, and a function is not taken apart.
    return guard


def _query_names(handler: BaseRouteHandler) -> frozenset[str]:
    fields = handler.parsed_fn_signature.parameters.values()
    return frozenset(getattr(field.kwarg_definition, "name", None) or field.name for field in fields)


def answer_problem(request: Request[Caller, None, Any], error: Exception) -> Response[bytes]:
    """Any error as a problem."""
    accept_language = request.headers.get("accept-language", "")
    found, headers = of_error(error, request.method, request.scope["path"], accept_language)
    return Response(encode(found), status_code=found.status, headers=dict(headers), media_type=MEDIA_TYPE)
