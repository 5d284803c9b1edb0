"""`python -m tests.interfaces.api.record_answers` records an answer of each operation for the description.

It runs the tests that speak to the API and keeps, of every operation, the shortest answer that has something
in it. What is recorded is checked by `test_description.py`.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.journeys.api.market import open_market

from amends.interfaces.api.openapi import ANSWERS_FILE

TESTS = ("tests/journeys/api", "tests/interfaces/api")
_BYTES_MAX = 6_000
_SECRETS = re.compile(r"(amk_[a-z]+_|whsec_)[A-Za-z0-9_+/=-]{8,}")


class Recorder:
    """Listens to every answer."""

    def __init__(self, document: Any) -> None:
        self.kept: dict[str, Any] = {}
        self._operations = [
            (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation["operationId"])
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]
        self._send = httpx.AsyncClient.send

    def __enter__(self) -> "Recorder":
        hear, send = self._hear, self._send

        async def heard(client: httpx.AsyncClient, request: httpx.Request, **more: Any) -> httpx.Response:
            response = await send(client, request, **more)
            hear(request, response)
            return response

        httpx.AsyncClient.send = heard  # type: ignore[method-assign]  # put back below
        return self

    def __exit__(self, *_: object) -> None:
        httpx.AsyncClient.send = self._send  # type: ignore[method-assign]

    def _hear(self, request: httpx.Request, response: httpx.Response) -> None:
        if not 200 <= response.status_code < 300 or "application/json" not in response.headers.get(
            "content-type", ""
        ):
            return
        for method, path, operation in self._operations:
            if method == request.method and path.fullmatch(request.url.path):
                self._keep(operation, response.content)
                return

    def _keep(self, operation: str, body: bytes) -> None:
        value = json.loads(_SECRETS.sub(r"\1...", body.decode()))
        if len(body) > _BYTES_MAX:
            value = _cut(value)
        known = self.kept.get(operation)
        if known is None or _rank(value) < _rank(known):
            self.kept[operation] = value


def _cut(value: Any) -> Any:
    """The same with two items of each list at most: enough to see what they are like."""
    if isinstance(value, dict):
        return {name: _cut(one) for name, one in value.items()}
    return [_cut(one) for one in value[:2]] if isinstance(value, list) else value


def _rank(value: Any) -> tuple[int, int]:
    """Answers with something in them first, the shortest of those."""
    empty = isinstance(value, dict) and any(one in ([], {}) for one in value.values())
    return (int(empty), len(json.dumps(value)))


async def _described() -> Any:
    async with open_market() as market:
        return (await market.client.get("/v1/openapi.json")).json()


def main() -> int:
    """Record everything; 1 where a test failed."""
    with Recorder(asyncio.run(_described())) as recorder:
        ended = pytest.main(["-q", "-W", "ignore::pytest.PytestAssertRewriteWarning", *TESTS])
    known = json.loads(ANSWERS_FILE.read_text(encoding="utf-8")) if ANSWERS_FILE.exists() else {}
    text = json.dumps({**known, **recorder.kept}, indent=1, sort_keys=True, ensure_ascii=False)
    Path(ANSWERS_FILE).write_text(f"{text}\n", encoding="utf-8")
    print(f"{len(recorder.kept)} operations answered.")
    return int(ended)


if __name__ == "__main__":
    sys.exit(main())
