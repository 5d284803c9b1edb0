"""One exchange with somebody's server over HTTP: bounded in time and length, and never followed elsewhere."""

from typing import Any

import httpx


class NoAnswer(Exception):
    """Nothing came that could be read; the message says why."""


async def exchange(
    method: str,
    url: str,
    *,
    timeout_s: float,
    longest: int,
    transport: httpx.AsyncBaseTransport | None = None,
    **request: Any,
) -> tuple[int, bytes]:
    """The status and the body of an answer of at most ``longest`` bytes; raises `NoAnswer`.

    ``timeout_s`` is what each step may take: to connect, to send, to read.
    """
    read = bytearray()
    try:
        async with (
            httpx.AsyncClient(
                timeout=timeout_s, follow_redirects=False, trust_env=False, transport=transport
            ) as client,
            client.stream(method, url, **request) as answer,
        ):
            async for piece in answer.aiter_bytes():
                read += piece
                if len(read) > longest:
                    raise NoAnswer(f"the answer is longer than {longest} bytes")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NoAnswer(repr(error)) from error
    return answer.status_code, bytes(read)
