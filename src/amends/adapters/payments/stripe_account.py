"""An account with Stripe, asked over HTTPS: its balance transactions by the day, and evidence in disputes.

https://docs.stripe.com/api/balance_transactions/list, https://docs.stripe.com/api/disputes/update and
https://docs.stripe.com/api/files/create; bodies of requests are forms, lists are read page by page.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from amends.adapters.payments.calls import Calls
from amends.adapters.payments.stripe import movements
from amends.application.ports import ProviderSilent
from amends.application.ports.rebuttals import Paper, Statement, StatementRefused
from amends.application.ports.settlements import EVERYTHING
from amends.domain.reconciliation import Movement

API, FILES = "https://api.stripe.com", "https://files.stripe.com"
VERSION = "2025-03-31.basil"
_PAGE = 100
# Stripe takes 4.5 MB of evidence in all.
_PAPERS_BYTES_MAX = 4_000_000


class StripeAccount:
    """`amends.application.ports.settlements.Settlements` and a `DisputeDesk`, by a secret key."""

    def __init__(
        self,
        key: str,
        base: str = API,
        files: str = FILES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``base`` and ``files`` are the addresses of its two services."""
        self._calls = Calls("Stripe", base, transport)
        self._files = files.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Stripe-Version": VERSION}

    @property
    def covers(self) -> frozenset[str]:
        """Everything that moves the balance."""
        return EVERYTHING

    @property
    def grace(self) -> timedelta:
        """Balance transactions are there at once."""
        return timedelta(hours=1)

    async def report(self, since: datetime, until: datetime) -> Sequence[Movement]:
        """The balance transactions of a time (half-open). Raises `ProviderSilent`."""
        wanted: dict[str, str] = {
            "created[gte]": str(int(since.timestamp())),
            "created[lt]": str(int(until.timestamp())),
            "limit": str(_PAGE),
            "expand[]": "data.source",
        }
        found: list[Mapping[str, Any]] = []
        while True:
            page = await self._page(wanted)
            found += page["data"]
            if not page["has_more"]:
                return _read(found)
            wanted["starting_after"] = str(page["data"][-1]["id"])

    async def _page(self, wanted: Mapping[str, str]) -> Mapping[str, Any]:
        status, body = await self._calls.ask(
            "GET", "/v1/balance_transactions", params=wanted, headers=self._headers
        )
        try:
            if status != httpx.codes.OK or body["object"] != "list":
                raise ProviderSilent(f"Stripe gives no report: {_why(status, body)}")
            if body["has_more"] and not body["data"]:
                raise ProviderSilent("Stripe's page says that there is more, and is empty")
            page: Mapping[str, Any] = body
        except (KeyError, TypeError) as error:
            raise ProviderSilent(f"Stripe's report cannot be read: {error!r}") from error
        return page

    async def state(self, key: str, dispute_id: str, statement: Statement) -> str:
        """Submit evidence; the dispute's id. Raises `StatementRefused`, `ProviderSilent`."""
        told = dict(_texts(statement.stripe))
        size = 0
        for paper in statement.papers[:1]:
            size += len(paper.content)
            if size <= _PAPERS_BYTES_MAX:
                told["evidence[uncategorized_file]"] = await self._upload(key, paper)
        status, body = await self._calls.ask(
            "POST",
            f"/v1/disputes/{quote(dispute_id, safe='')}",
            data={**told, "submit": "true"},
            headers={**self._headers, "Idempotency-Key": key},
        )
        if status != httpx.codes.OK:
            raise _refused(status, body)
        return str(body.get("id", dispute_id))

    async def _upload(self, key: str, paper: Paper) -> str:
        status, body = await self._calls.ask(
            "POST",
            f"{self._files}/v1/files",
            data={"purpose": "dispute_evidence"},
            files={"file": (paper.name, paper.content, paper.media_type)},
            headers={**self._headers, "Idempotency-Key": f"{key}:{paper.name}"},
        )
        if status != httpx.codes.OK:
            raise _refused(status, body)
        return str(body["id"])


def _texts(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    evidence = body["evidence"]
    if isinstance(evidence, Mapping):
        yield from ((f"evidence[{name}]", str(value)) for name, value in evidence.items())


def _read(found: Sequence[Mapping[str, Any]]) -> Sequence[Movement]:
    try:
        return movements(found)
    except ValueError as error:
        raise ProviderSilent(f"Stripe's report cannot be read: {error}") from error


def _refused(status: int, body: Any) -> Exception:
    # A key that is wrong or may not do this is the marketplace's to mend; the evidence can wait for it.
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return ProviderSilent(f"Stripe does not let us: {_why(status, body)}")
    return StatementRefused(_why(status, body))


def _why(status: int, body: Any) -> str:
    error = body.get("error") if isinstance(body, Mapping) else None
    told = error.get("message") if isinstance(error, Mapping) else None
    return str(told or f"status {status}")[:500]
