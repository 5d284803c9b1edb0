"""The API put together: routes, the guard at every one of them, and problems for everything that goes wrong."""

import logging
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.types.internal_types import PathParameterDefinition

from amends.application.gather import GathererClosed
from amends.application.permissions import PERMISSIONS, Access, Caller
from amends.interfaces.api.bulk import bulk_routes
from amends.interfaces.api.case_routes import case_routes
from amends.interfaces.api.desk import Desk
from amends.interfaces.api.house_routes import house_routes, problem_routes
from amends.interfaces.api.openapi import openapi_route
from amends.interfaces.api.order_routes import order_routes
from amends.interfaces.api.parts import Parts
from amends.interfaces.api.problems import (
    KINDS,
    MEDIA_TYPE,
    Problem,
    ProblemRaised,
    encode,
    fail,
    of_status,
    problem,
)

BODY_BYTES_MAX = 1024 * 1024

_log = logging.getLogger(__name__)


def create_api(parts: Parts) -> Litestar:
    """The whole API as an application of its own: /v1 and /problems."""
    return api_of(Desk(parts))


def api_of(desk: Desk) -> Litestar:
    """The application over a desk; the fast lane shares the desk."""
    v1 = Router(
        "/v1",
        route_handlers=[
            *order_routes(desk),
            *bulk_routes(desk),
            *case_routes(desk),
            *house_routes(desk),
            openapi_route(),
        ],
        guards=[_Guard(desk)],
    )
    return Litestar(
        [v1, *problem_routes()],
        exception_handlers={Exception: answer_problem, HTTPException: answer_problem},
        request_max_body_size=BODY_BYTES_MAX,
        openapi_config=OpenAPIConfig(
            title="Amends", version="1", path="/v1/schema", operation_id_creator=_operation_id
        ),
        logging_config=None,
    )


def _operation_id(handler: HTTPRouteHandler, _method: HttpMethod, _path: list[str | PathParameterDefinition]) -> str:
    return handler.name or ""


class _Guard:
    """Lets nobody through to a route that the table of permissions does not open to them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._queries: dict[str, frozenset[str]] = {}

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        operation = handler.name or ""
        if PERMISSIONS.get(operation) is Access.OPEN:
            connection.scope["user"] = None
        else:
            headers = connection.headers
            connection.scope["user"] = await self._desk.doorkeeper.caller(
                headers.get("authorization", ""), headers.get("amends-act-as", ""), operation
            )
        if connection.scope["query_string"]:
            known = self._query_names(handler)
            for name in connection.query_params:
                if name not in known:
                    fail("invalid", f"There is no query parameter {name!r} here.", parameter=name)

    def _query_names(self, handler: BaseRouteHandler) -> frozenset[str]:
        known = self._queries.get(handler.name or "")
        if known is None:
            fields = handler.parsed_fn_signature.parameters.values()
            known = frozenset(getattr(field.kwarg_definition, "query", None) or field.name for field in fields)
            self._queries[handler.name or ""] = known
        return known


def answer_problem(request: Request[Caller, None, Any], error: Exception) -> Response[bytes]:
    """Any error as a problem."""
    found, headers = _problem(request, error)
    return Response(encode(found), status_code=found.status, headers=headers, media_type=MEDIA_TYPE)


def _problem(request: Request[Caller, None, Any], error: Exception) -> tuple[Problem, dict[str, str]]:
    if isinstance(error, ProblemRaised):
        return error.problem, dict(error.headers)
    if isinstance(error, ValidationException):
        return _of_validation(error), {}
    if isinstance(error, HTTPException):
        return _of_framework(request, error), dict(error.headers or {})
    if isinstance(error, GathererClosed | ConnectionError | TimeoutError):
        _log.warning("unavailable: %s", error)
        return problem(
            "unavailable", "This cannot be done at this moment; nothing is known to have been done."
        ), {"Retry-After": "1"}
    _log.error("unforeseen error at %s %s", request.method, request.scope["path"], exc_info=error)
    return problem("internal", "Something went wrong on our side, and it has been written down."), {}


def _of_validation(error: ValidationException) -> Problem:
    extra: Any = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    name = str(extra.get("key", ""))
    what = str(extra.get("message", "it is not valid"))
    return problem("invalid", f"{name or 'The request'}: {what}.", parameter=name)


def _of_framework(request: Request[Caller, None, Any], error: HTTPException) -> Problem:
    path = request.scope["path"]
    match error.status_code:
        case 404:
            return of_status(404, f"There is nothing at {path}; /v1/openapi.json lists every route.")
        case 405:
            allowed = (error.headers or {}).get("allow", "")
            return of_status(405, f"{request.method} is not possible at {path}: use one of {allowed}.")
        case 413:
            return of_status(413, f"The body is too large. {KINDS['too_large'].remedy}")
        case 500:
            _log.error("framework error at %s %s", request.method, path, exc_info=error)
            return problem("internal", "Something went wrong on our side, and it has been written down.")
        case status:
            return of_status(status, error.detail)
