"""Orders in bulk: one JSON object a line in, one result a line out, in the same order (NDJSON)."""

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from amends.application.ports import Envelope
from amends.domain.refusals import Refused
from amends.interfaces.api.conditions import Conditions
from amends.interfaces.api.desk import Asked, Desk
from amends.interfaces.api.errors import of_error
from amends.interfaces.api.json_body import read
from amends.interfaces.api.order_bodies import NumberedOrderBody
from amends.interfaces.api.order_routes import EXAMPLE_ORDER, placing
from amends.interfaces.api.problems import Problem, ProblemRaised, fail, of_refusal
from amends.interfaces.api.routes import ApiRequest, says

BODY_BYTES_MAX = 10 * 1024 * 1024
MEDIA_TYPE = "application/x-ndjson"
_MEDIA_TYPES = frozenset({MEDIA_TYPE, "application/ndjson", "application/jsonl"})
# Few enough that locks are short, enough that a transaction costs little an order.
_TOGETHER = 200

_encode = msgspec.json.Encoder().encode


class LineResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one line, numbered from 1: the order's new version, or the problem."""

    line: int
    status: int
    order_id: str = ""
    version: int = 0
    problem: Problem | None = None


def bulk_routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The route of orders in bulk."""
    decoder = msgspec.json.Decoder(NumberedOrderBody)

    @post(
        "/orders/bulk",
        name="place_orders",
        status_code=200,
        request_max_body_size=BODY_BYTES_MAX,
        summary="Tell many orders",
        description="One order a line, as newline-delimited JSON. Each line is answered by one line; a "
        "line that is refused does not "
        "stop the others. With an Idempotency-Key each line is retried under its own number.",
        tags=["Orders"],
        opt=says(LineResult, reads=NumberedOrderBody, example={"order_id": "A-1001", **EXAMPLE_ORDER}),
    )
    async def place_orders(request: ApiRequest) -> Stream:
        named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if named not in _MEDIA_TYPES:
            fail(
                "unsupported_media_type",
                f"Send {MEDIA_TYPE}: one JSON object a line.",
                parameter="Content-Type",
            )
        key = request.headers.get("idempotency-key", "")
        if len(key) > 150 or not key.isascii():
            fail(
                "invalid",
                "Idempotency-Key wants at most 150 ASCII characters here.",
                parameter="Idempotency-Key",
            )
        # Read to the end first: a body that turns out too large must not have half its orders placed.
        lines = (await request.body()).split(b"\n")
        return Stream(_results(desk, decoder, request, lines, key), media_type=MEDIA_TYPE)

    return [place_orders]


async def _results(
    desk: Desk,
    decoder: msgspec.json.Decoder[NumberedOrderBody],
    request: ApiRequest,
    lines: Sequence[bytes],
    key: str,
) -> AsyncIterator[bytes]:
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    for start in range(0, len(numbered), _TOGETHER):
        some = numbered[start : start + _TOGETHER]
        try:
            answers = await _together(desk, decoder, request, some, key)
        except Exception as error:  # noqa: BLE001  the answer has begun: what went wrong is said in its lines
            problem, _ = of_error(error, request.method, request.scope["path"])
            answers = [LineResult(number, problem.status, problem=problem) for number, _ in some]
        yield b"".join(_encode(answer) + b"\n" for answer in answers)


async def _together(
    desk: Desk,
    decoder: msgspec.json.Decoder[NumberedOrderBody],
    request: ApiRequest,
    some: Sequence[tuple[int, bytes]],
    key: str,
) -> list[LineResult]:
    """Carry out some lines in one transaction. Raises errors of the store."""
    read_lines = [await _envelope(desk, decoder, request, number, line, key) for number, line in some]
    envelopes = [one for one in read_lines if isinstance(one, Envelope)]
    results = iter(await desk.parts.execute(envelopes) if envelopes else ())
    answers: list[LineResult] = []
    for (number, _), told in zip(some, read_lines, strict=True):
        if isinstance(told, Problem):
            answers.append(LineResult(number, told.status, problem=told))
            continue
        result = next(results)
        if isinstance(result, Refused):
            refusal = of_refusal(result)
            answers.append(LineResult(number, refusal.status, told.order_id, problem=refusal))
        else:
            answers.append(LineResult(number, 200, told.order_id, result.seq))
    return answers


async def _envelope(
    desk: Desk,
    decoder: msgspec.json.Decoder[NumberedOrderBody],
    request: ApiRequest,
    number: int,
    line: bytes,
    key: str,
) -> Envelope | Problem:
    conditions = Conditions(f"{key}/{number}", sha256(line).digest()) if key else Conditions()
    try:
        body = read(decoder, line)
        return await placing(desk, Asked(request.user, conditions), body.order_id, body)
    except ProblemRaised as raised:
        return raised.problem
