"""Sends webhooks with httpx: to the address that was checked, once, following nothing, reading little."""

import asyncio
import ssl

import httpx

from amends.adapters.webhooks.guard import Guard
from amends.application.ports.webhooks import Reply, UrlRefused

_TIMEOUT_S = 5.0
_READ_MAX = 4096


class HttpWebhookSender:
    """Keeps what `amends.application.ports.webhooks.WebhookSender` promises."""

    def __init__(
        self, guard: Guard, *, verify: ssl.SSLContext | bool = True, timeout_s: float = _TIMEOUT_S
    ) -> None:
        """``verify`` is the trust in certificates: the system's unless a context says otherwise."""
        self._guard = guard
        self._verify = verify
        self._timeout_s = timeout_s

    def check(self, url: str) -> None:
        """Raises `UrlRefused` for what can be told from the address alone."""
        self._guard.check(url)

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Reply:
        """Send once; what the other side does is told by the reply."""
        try:
            # Whoever answers a byte at a time has not answered either.
            async with asyncio.timeout(self._timeout_s):
                return await self._post(url, headers, body)
        except TimeoutError:
            return Reply(0, "timeout")

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> Reply:
        try:
            parts, address = await self._guard.pinned(url)
        except UrlRefused:
            return Reply(0, "refused")
        except TimeoutError:
            raise
        except (OSError, UnicodeError):
            return Reply(0, "unreachable")
        host = parts.hostname or ""
        target = httpx.URL(url).copy_with(host=address)
        # The name still decides which certificate is right and which site is meant.
        named = {**headers, "host": httpx.URL(url).netloc.decode("ascii")}
        try:
            async with (
                httpx.AsyncClient(
                    verify=self._verify, trust_env=False, follow_redirects=False, timeout=self._timeout_s
                ) as client,
                client.stream(
                    "POST", target, headers=named, content=body, extensions={"sni_hostname": host}
                ) as response,
            ):
                await _read_a_little(response)
                if response.is_redirect:
                    return Reply(response.status_code, "redirected")
                return Reply(response.status_code)
        except httpx.TimeoutException:
            return Reply(0, "timeout")
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return Reply(0, "unreachable")


async def _read_a_little(response: httpx.Response) -> None:
    # So that the other side sees its answer taken; nothing in it matters.
    seen = 0
    async for piece in response.aiter_raw():
        seen += len(piece)
        if seen >= _READ_MAX:
            return
