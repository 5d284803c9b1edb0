"""The fast lane: the two hottest routes answered without the framework, by the same desk.

`POST /v1/cases/{case_id}/offers` and `GET /v1/cases/{case_id}` are taken here when there is nothing about
the request that is out of the ordinary; anything else goes on to Litestar. What both do in the same way lies
in `Desk`, and a test sends the same requests through both and compares the bytes.
"""

import re

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from amends.interfaces.api.deeds import DEEDS
from amends.interfaces.api.desk import Desk, Reply, asked
from amends.interfaces.api.errors import of_error
from amends.interfaces.api.problems import MEDIA_TYPE, encode

_CASE = re.compile(r"/v1/cases/([A-Za-z0-9_-]{1,64}\.[1-9][0-9]{0,5})", re.ASCII)
_OFFER = re.compile(r"/v1/cases/([A-Za-z0-9_-]{1,64}\.[1-9][0-9]{0,5})/offers", re.ASCII)
_JSON, _PROBLEM = b"application/json", MEDIA_TYPE.encode()
_QUERIES = frozenset({b"", b"timeline=true"})
# More comes in pieces and may be too much: Litestar counts it.
_BODY_BYTES_MAX = 64 * 1024
_MAKE_OFFER = DEEDS["make_offer"]


class FastLane:
    """Wraps the application that answers everything else."""

    def __init__(self, desk: Desk, app: ASGIApp) -> None:
        self._desk = desk
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["query_string"] in _QUERIES:
            method = scope["method"]
            if method == "GET" and (match := _CASE.fullmatch(scope["path"])):
                return await self._get_case(match.group(1), scope, send)
            if method == "POST" and not scope["query_string"] and (match := _OFFER.fullmatch(scope["path"])):
                headers = dict(scope["headers"])
                if _length(headers.get(b"content-length", b"")) <= _BODY_BYTES_MAX:
                    return await self._make_offer(match.group(1), headers, scope, receive, send)
        return await self._app(scope, receive, send)

    async def _get_case(self, case_id: str, scope: HTTPScope, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            caller = await self._desk.doorkeeper.caller(
                _text(headers, b"authorization"), _text(headers, b"amends-act-as"), "get_case"
            )
            reply = await self._desk.show_case(caller, case_id, timeline=bool(scope["query_string"]))
        except Exception as error:  # noqa: BLE001  whatever it is, the client hears of a problem
            return await _send_problem(send, error, scope)
        return await _send(send, reply, _JSON)

    async def _make_offer(
        self, case_id: str, headers: dict[bytes, bytes], scope: HTTPScope, receive: Receive, send: Send
    ) -> None:
        try:
            caller = await self._desk.doorkeeper.caller(
                _text(headers, b"authorization"), _text(headers, b"amends-act-as"), "make_offer"
            )
            body = await _body(receive)
            wish = asked(
                caller,
                _text(headers, b"idempotency-key"),
                _text(headers, b"if-match"),
                _text(headers, b"content-type"),
                "POST",
                scope["path"],
                body,
            )
            reply = await self._desk.perform(_MAKE_OFFER, case_id, body, wish)
        except Exception as error:  # noqa: BLE001  whatever it is, the client hears of a problem
            return await _send_problem(send, error, scope)
        return await _send(send, reply, _JSON)


def _length(content_length: bytes) -> int:
    """The announced length; without one, or with nonsense, too much for here."""
    return int(content_length) if content_length.isdigit() else _BODY_BYTES_MAX + 1


def _text(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


async def _body(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ConnectionResetError("the client went away")
        body += message["body"]
        more = message.get("more_body", False)
    return body


async def _send(send: Send, reply: Reply, media_type: bytes) -> None:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers]
    headers += [(b"content-type", media_type), (b"content-length", str(len(reply.body)).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


async def _send_problem(send: Send, error: Exception, scope: HTTPScope) -> None:
    accept_language = _text(dict(scope["headers"]), b"accept-language")
    problem, headers = of_error(error, scope["method"], scope["path"], accept_language)
    await _send(send, Reply(problem.status, encode(problem), headers), _PROBLEM)
