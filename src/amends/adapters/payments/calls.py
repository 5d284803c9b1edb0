"""Calls to providers over HTTPS: bounded in time and length, and silence for whatever is no answer."""

from typing import Any

import httpx
import msgspec

from amends.adapters.exchange import NoAnswer, exchange
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
        url = path if "://" in path else self._base + path
        try:
            status, body = await exchange(
                method, url, timeout_s=_TIMEOUT_S, longest=_READ_MAX, transport=self._transport, **more
            )
            if status in _TROUBLE or not 200 <= status < 500:
                raise ProviderSilent(f"{self._name} answered {status}")
            return status, msgspec.json.decode(body or b"{}")
        except (NoAnswer, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProviderSilent(f"{self._name}: {error}") from error


# Asked too often, or too long for them: later.
_TROUBLE = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS})
