"""Calls to providers over HTTPS: bounded in time and length, and silence for whatever is no answer."""

from typing import Any

import httpx
import msgspec

from amends.application.ports import ProviderSilent

_TIMEOUT_S = 20.0
_READ_MAX = 32 * 1024 * 1024


class Calls:
    """Asks one provider. ``base`` is its address without a slash at the end."""

    def __init__(self, name: str, base: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._name = name
        self._base = base.rstrip("/")
        self._transport = transport

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer; its own refusals (4xx) are answers too.

        Raises `ProviderSilent` where none came, or the provider has trouble of its own.
        """
        read = bytearray()
        try:
            async with (
                httpx.AsyncClient(
                    timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False, transport=self._transport
                ) as client,
                client.stream(method, path if "://" in path else self._base + path, **more) as answer,
            ):
                async for piece in answer.aiter_bytes():
                    read += piece
                    if len(read) > _READ_MAX:
                        raise ProviderSilent(f"{self._name}: the answer is longer than {_READ_MAX} bytes")
            status = answer.status_code
            if status in _TROUBLE or not 200 <= status < 500:
                raise ProviderSilent(f"{self._name} answered {status}")
            return status, msgspec.json.decode(bytes(read) or b"{}")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProviderSilent(f"{self._name}: {error!r}") from error


# Asked too often, or too long for them: later.
_TROUBLE = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS})
