"""The description of the API (OpenAPI 3.1): paths by Litestar, schemas by msgspec, which also reads and
writes them.

So that what is described is what is checked: a field's pattern stands in the schema because it is tried on
every request.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import msgspec
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

from amends.application.permissions import PERMISSIONS, Access
from amends.interfaces.api.evidence_routes import ANSWERS_BYTES, READS_BYTES
from amends.interfaces.api.problems import KINDS, MEDIA_TYPE, Problem, problem
from amends.interfaces.api.routes import ANSWER_EXAMPLE, ANSWERS, EXAMPLE, READS

ANSWERS_FILE = Path(__file__).with_name("answers.json")
"""Answers as the tests got them, by operation; `python -m tests.interfaces.api.record_answers` writes it."""

_REF = "#/components/schemas/{name}"
# What an address means is best said by one.
_PARAMETERS = {
    "account_id": "acc_7Q2M4T",
    "buyer_id": "ana",
    "case_id": "A-1.1",
    "line_id": "L1",
    "number": "RR123456785DE",
    "order_id": "A-1",
    "parcel_id": "P1",
    "reason": "quality.defective",
    "seller_id": "lamps",
    "tender_id": "T1",
    "units": "L1:0",
}
_WRITING = frozenset({"post", "put"})

_HEADERS: dict[str, dict[str, object]] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same request answers as the first time and acts once; "
        "with another request it is refused.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag you saw; 412 if it changed in between.",
        "schema": {"type": "string"},
    },
    "Amends-Act-As": {
        "name": "Amends-Act-As",
        "in": "header",
        "description": "Marketplace keys only: act for this party, `buyer:<id>` or `seller:<id>`.",
        "schema": {"type": "string", "pattern": "^(buyer|seller):[A-Za-z0-9_.@-]{1,64}$"},
    },
}


def openapi_route(description: Callable[[], bytes]) -> HTTPRouteHandler:
    """The route of the description."""

    @get("/openapi.json", name="get_openapi", include_in_schema=False)
    async def get_openapi() -> Response[bytes]:
        return Response(description(), media_type="application/json")

    return get_openapi


def describe(app: Litestar) -> dict[str, Any]:
    """The whole description as JSON."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    handlers = {handler.name: handler for handler in _handlers(app)}
    recorded = json.loads(ANSWERS_FILE.read_text(encoding="utf-8")) if ANSWERS_FILE.exists() else {}
    types = [
        handler.opt[key] for handler in handlers.values() for key in (READS, ANSWERS) if handler.opt.get(key)
    ]
    schemas, components = _schemas([Problem, *types])
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in {"get", "put", "post", "delete"}:
                _complete(operation, method, handlers[operation["operationId"]], schemas)
                handler = handlers[operation["operationId"]]
                _exemplify(operation, handler.opt.get(ANSWER_EXAMPLE) or recorded.get(handler.name))
    document["info"] = {
        "title": "Amends",
        "version": version("amends"),
        "summary": "Returns, refunds, disputes, exchanges and mediation for marketplaces.",
        "description": "Amounts are whole minor units of the order's currency. Instants are RFC 3339. "
        "Every error is a problem (RFC 9457) whose type is listed at /problems.",
        "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    }
    document["components"] = {
        "schemas": components,
        "parameters": _HEADERS,
        "responses": {"Problem": _problem_response(schemas[Problem])},
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key: `amk_<role>_...`."}
        },
    }
    document["security"] = [{"key": []}]
    document["tags"] = [
        {"name": "Orders", "description": "What the marketplace tells, and what may be asked for."},
        {"name": "Cases", "description": "Requests about an order: opening, reading, trying out."},
        {"name": "Evidence", "description": "Files as evidence, and what a case still needs to be shown."},
        {"name": "Deeds", "description": "What a party can do with a case. A case's actions lead here."},
        {"name": "House", "description": "Reasons, the clock, health."},
    ]
    return document


def _handlers(app: Litestar) -> Iterable[HTTPRouteHandler]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler) and handler.name in PERMISSIONS:
                yield handler


def _schemas(types: Iterable[Any]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    wanted = list(dict.fromkeys(types))
    found, components = msgspec.json.schema_components(wanted, schema_hook=_anything, ref_template=_REF)
    for schema in components.values():
        # A docstring is wrapped for the reader of the code.
        if "description" in schema:
            schema["description"] = " ".join(str(schema["description"]).split())
    return dict(zip(wanted, found, strict=True)), components


def _anything(kind: type) -> dict[str, Any]:
    """Facts and values of any JSON type."""
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError


def _complete(
    operation: dict[str, Any], method: str, handler: HTTPRouteHandler, schemas: Mapping[Any, dict[str, Any]]
) -> None:
    reads, answers = handler.opt.get(READS), handler.opt[ANSWERS]
    bulk = handler.name == "place_orders"
    media = "application/x-ndjson" if bulk else "application/json"
    if reads is not None:
        content: dict[str, Any] = {"schema": schemas[reads]}
        if handler.opt.get(EXAMPLE) is not None:
            content["example"] = handler.opt[EXAMPLE]
        operation["requestBody"] = {"required": _required(reads), "content": {media: content}}
    if handler.opt.get(READS_BYTES):
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": False, "content": {handler.opt[READS_BYTES]: binary}}
    success = str(handler.status_code)
    description = HTTPStatus(handler.status_code).phrase
    answered = handler.opt.get("media", media)
    ok: dict[str, Any] = {"description": description, "content": {answered: {"schema": schemas[answers]}}}
    ok["headers"] = (
        {"ETag": {"schema": {"type": "string"}}} if "case_id" in str(operation.get("parameters")) else {}
    )
    if handler.opt.get(ANSWERS_BYTES):
        ok["content"] = {handler.opt[ANSWERS_BYTES]: {"schema": {"type": "string", "format": "binary"}}}
    operation["responses"] = {success: ok}
    if handler.name == "place_order":
        operation["responses"]["201"] = ok
    operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    if PERMISSIONS[handler.name or ""] is Access.OPEN:
        operation["security"] = []
        return
    names = ["Amends-Act-As"]
    if method in _WRITING and handler.name not in {"send_file", "simulate", "advance_clock"}:
        names += ["Idempotency-Key"] if bulk else ["Idempotency-Key", "If-Match"]
    operation.setdefault("parameters", []).extend(
        {"$ref": f"#/components/parameters/{name}"} for name in names
    )


def _exemplify(operation: dict[str, Any], example: object) -> None:
    """Show an answer as it really came, and what goes into the address."""
    for parameter in operation.get("parameters", ()):
        name = str(parameter.get("name", ""))
        if name in _PARAMETERS:
            parameter["example"] = _PARAMETERS[name]
        elif parameter.get("in") == "path" and name.endswith("_id"):
            parameter["example"] = f"{name.removesuffix('_id')}-1"
    if example is None:
        return
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "application/json" in answer.get("content", {}):
            answer["content"]["application/json"]["example"] = example


def _required(reads: Any) -> bool:
    """Whether there is a field that has to be sent."""
    return any(field.required for one in get_args(reads) or (reads,) for field in msgspec.structs.fields(one))


def _problem_response(schema: dict[str, Any]) -> dict[str, Any]:
    examples = {
        kind: {"value": msgspec.to_builtins(problem(kind, known.remedy))} for kind, known in KINDS.items()
    }
    return {
        "description": "A problem (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }
