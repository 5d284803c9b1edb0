"""A marketplace's stock asked over HTTP, in four calls of JSON; docs/sending-back.md says which.

Instants are RFC 3339 in UTC, amounts minor units. Anything but what is described counts as silence, so that
a broken answer never sells anybody's replacement.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Meta

from amends.adapters.exchange import NoAnswer, exchange
from amends.application.ports.stock import Article, Held, StockSilent, Variant

_TIMEOUT_S = 5.0
# A catalogue of forms is short; more than this is not one.
_READ_MAX = 256 * 1024
_T = TypeVar("_T")
_Count = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]


class _Variant(msgspec.Struct):
    variant: Annotated[str, Meta(min_length=1, max_length=200)]
    price: _Count
    available: _Count


class _Variants(msgspec.Struct):
    variants: Annotated[list[_Variant], Meta(max_length=500)]


class _Held(msgspec.Struct):
    until: Annotated[datetime, Meta(tz=True)]
    reference: Annotated[str, Meta(max_length=200)] = ""


class HttpStock:
    """Keeps what `amends.application.ports.stock.Stock` promises by asking the address ``url``."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        timeout_s: float = _TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``token`` goes along as ``Authorization: Bearer``."""
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout_s = timeout_s
        self._transport = transport

    async def variants(self, article: Article) -> Sequence[Variant]:
        asked = {"seller_id": article.seller_id, "sku": article.sku, "currency": article.currency}
        status, body = await self._ask("GET", "/variants", params=asked)
        if status == httpx.codes.NOT_FOUND:
            return ()
        found = _read(status, body, _Variants).variants
        return tuple(Variant(variant=v.variant, price=v.price, available=v.available) for v in found)

    async def hold(
        self, key: str, article: Article, variant: str, quantity: int, until: datetime
    ) -> Held | None:
        wish = {
            "seller_id": article.seller_id,
            "sku": article.sku,
            "variant": variant,
            "quantity": quantity,
            "until": until,
        }
        status, body = await self._ask("PUT", _hold(key), content=msgspec.json.encode(wish))
        if status in {httpx.codes.CONFLICT, httpx.codes.GONE}:
            return None
        held = _read(status, body, _Held)
        return Held(until=min(until, held.until.astimezone(UTC)), reference=held.reference)

    async def take(self, key: str) -> None:
        await self._end("POST", f"{_hold(key)}/shipment")

    async def release(self, key: str) -> None:
        await self._end("DELETE", _hold(key))

    async def _end(self, method: str, path: str) -> None:
        status, _ = await self._ask(method, path)
        # Who does not know the key keeps nothing under it.
        if not (httpx.codes.is_success(status) or status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}):
            raise StockSilent(f"the stock answered {status}")

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        content: bytes = b"",
    ) -> tuple[int, bytes]:
        headers = {**self._headers, "Accept": "application/json"}
        if content:
            headers["Content-Type"] = "application/json"
        try:
            return await exchange(
                method,
                self._url + path,
                timeout_s=self._timeout_s,
                longest=_READ_MAX,
                transport=self._transport,
                params=params,
                headers=headers,
                content=content,
            )
        except NoAnswer as error:
            raise StockSilent(str(error)) from error


def _hold(key: str) -> str:
    return f"/holds/{quote(key, safe='')}"


def _read(status: int, body: bytes, kind: type[_T]) -> _T:
    if status not in {httpx.codes.OK, httpx.codes.CREATED}:
        raise StockSilent(f"the stock answered {status}")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StockSilent(f"the stock's answer cannot be read: {error}") from error
