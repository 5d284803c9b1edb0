"""An account with PayPal, asked over HTTPS: its transactions by the day, and evidence in disputes.

https://developer.paypal.com/docs/api/transaction-search/v1/ and
https://developer.paypal.com/docs/api/customer-disputes/v1/#disputes_provide-evidence. A day is there some
hours after it is over; a search finds 10 000 transactions at most, so a busy day is asked for in parts.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from amends.adapters.payments.calls import Calls
from amends.adapters.payments.paypal import movements
from amends.application.ports import ProviderSilent
from amends.application.ports.rebuttals import Statement, StatementRefused
from amends.application.ports.settlements import EVERYTHING
from amends.domain.reconciliation import Movement

API = "https://api-m.paypal.com"
_PAGE = 500
_LEAST = timedelta(seconds=1)
# A token is asked for anew a while before it ends.
_BEFORE_END_S = 60
_PAPER_BYTES_MAX = 10 * 1024 * 1024


class PaypalAccount:
    """`amends.application.ports.settlements.Settlements` and a `DisputeDesk`, by client id and secret."""

    def __init__(
        self,
        client_id: str,
        secret: str,
        base: str = API,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._calls = Calls("PayPal", base, transport)
        self._auth = (client_id, secret)
        self._token, self._token_ends = "", 0.0

    @property
    def covers(self) -> frozenset[str]:
        """Everything that moves the balance."""
        return EVERYTHING

    @property
    def grace(self) -> timedelta:
        """Transactions can be searched for three hours after they were made."""
        return timedelta(hours=4)

    async def report(self, since: datetime, until: datetime) -> Sequence[Movement]:
        """The transactions of a time (half-open). Raises `ProviderSilent`."""
        try:
            return movements(await self._search(since, until))
        except ValueError as error:
            raise ProviderSilent(f"PayPal's report cannot be read: {error}") from error

    async def _search(self, since: datetime, until: datetime) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        page, pages = 1, 1
        while page <= pages:
            status, body = await self._ask(
                "GET", "/v1/reporting/transactions", params=_wanted(since, until, page)
            )
            if status == httpx.codes.BAD_REQUEST and _name(body) == "RESULTSET_TOO_LARGE":
                middle = since + (until - since) / 2
                middle -= timedelta(microseconds=middle.microsecond)
                if middle - since < _LEAST:
                    raise ProviderSilent("PayPal has more transactions in a second than it tells of")
                return [*await self._search(since, middle), *await self._search(middle, until)]
            if status != httpx.codes.OK:
                raise ProviderSilent(f"PayPal gives no report: {_why(status, body)}")
            try:
                found += body["transaction_details"]
                pages = int(body["total_pages"])
            except (KeyError, TypeError, ValueError) as error:
                raise ProviderSilent(f"PayPal's report cannot be read: {error!r}") from error
            page += 1
        return found

    async def state(self, key: str, dispute_id: str, statement: Statement) -> str:
        """Provide evidence; the dispute's id. Raises `StatementRefused`, `ProviderSilent`."""
        files: list[tuple[str, tuple[str | None, bytes, str]]] = [
            ("input", (None, msgspec.json.encode(statement.paypal), "application/json"))
        ]
        files += [
            ("evidence-file", (paper.name, paper.content, paper.media_type))
            for paper in statement.papers
            if len(paper.content) <= _PAPER_BYTES_MAX
        ]
        status, body = await self._ask(
            "POST",
            f"/v1/customer/disputes/{quote(dispute_id, safe='')}/provide-evidence",
            files=files,
            headers={"PayPal-Request-Id": key},
        )
        if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise ProviderSilent(f"PayPal does not let us: {_why(status, body)}")
        if not httpx.codes.is_success(status):
            raise StatementRefused(_why(status, body))
        return dispute_id

    async def _ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        if time.monotonic() >= self._token_ends:
            await self._sign_in()
        headers = {"Authorization": f"Bearer {self._token}", **more.pop("headers", {})}
        status, body = await self._calls.ask(method, path, headers=headers, **more)
        if status == httpx.codes.UNAUTHORIZED:
            # It ended before its time.
            self._token_ends = 0.0
        return status, body

    async def _sign_in(self) -> None:
        status, body = await self._calls.ask(
            "POST", "/v1/oauth2/token", auth=self._auth, data={"grant_type": "client_credentials"}
        )
        try:
            if status != httpx.codes.OK:
                raise ProviderSilent(f"PayPal does not let us in: {_why(status, body)}")
            self._token = str(body["access_token"])
            self._token_ends = time.monotonic() + int(body["expires_in"]) - _BEFORE_END_S
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderSilent(f"PayPal's token cannot be read: {error!r}") from error


def _wanted(since: datetime, until: datetime, page: int) -> Mapping[str, str]:
    # Both ends count there; instants have whole seconds.
    return {
        "start_date": _told(since),
        "end_date": _told(until - _LEAST),
        "fields": "transaction_info",
        "page_size": str(_PAGE),
        "page": str(page),
    }


def _told(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(body: Any) -> str:
    return str(body.get("name", "")) if isinstance(body, Mapping) else ""


def _why(status: int, body: Any) -> str:
    told = body.get("message") or body.get("error_description") if isinstance(body, Mapping) else ""
    return str(told or f"status {status}")[:500]
