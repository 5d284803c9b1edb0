"""Stripe and PayPal as strict servers: they refuse what their references do not describe."""

import json
from datetime import UTC, datetime
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import httpx

STRIPE_KEY, CLIENT, SECRET = "sk_test_of_the_tests", "client-1", "secret-1"


class StripeCounter:
    """Pages of balance transactions, files, disputes; ``trouble`` is a status instead of the next answer."""

    def __init__(self, transactions: list[dict[str, Any]]) -> None:
        self.transactions = sorted(transactions, key=lambda one: -int(one["created"]))
        self.submitted: dict[str, dict[str, str]] = {}
        self.files: list[bytes] = []
        self.closed: set[str] = set()
        self.calls = 0
        self.trouble = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.trouble:
            status, self.trouble = self.trouble, 0
            return httpx.Response(status, json={"error": {"message": "Something went wrong."}})
        if request.headers.get("authorization") != f"Bearer {STRIPE_KEY}":
            return _stripe_error(401, "Invalid API Key provided")
        assert request.headers["stripe-version"]
        path = request.url.path
        if request.method == "GET" and path == "/v1/balance_transactions":
            return self._page(dict(request.url.params.multi_items()))
        assert request.headers["idempotency-key"]
        if request.method == "POST" and path == "/v1/files":
            assert b'name="purpose"\r\n\r\ndispute_evidence' in request.content
            self.files.append(request.content)
            return httpx.Response(200, json={"object": "file", "id": f"file_{len(self.files)}"})
        dispute = path.removeprefix("/v1/disputes/")
        if dispute in self.closed:
            return _stripe_error(400, "This dispute is already closed.")
        form = dict(parse_qsl(request.content.decode(), strict_parsing=True))
        assert form.pop("submit") == "true"
        assert all(name.startswith("evidence[") for name in form)
        self.submitted[dispute] = form
        return httpx.Response(200, json={"object": "dispute", "id": dispute, "status": "under_review"})

    def _page(self, asked: dict[str, str]) -> httpx.Response:
        known = {"created[gte]", "created[lt]", "limit", "expand[]", "starting_after"}
        assert set(asked) <= known, asked
        assert 1 <= int(asked["limit"]) <= 100
        since, until = int(asked["created[gte]"]), int(asked["created[lt]"])
        found = [one for one in self.transactions if since <= one["created"] < until]
        if "starting_after" in asked:
            ids = [one["id"] for one in found]
            found = found[ids.index(asked["starting_after"]) + 1 :]
        most = int(asked["limit"])
        page = {"object": "list", "data": found[:most], "has_more": len(found) > most}
        return httpx.Response(200, json=page)


def _stripe_error(status: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"type": "invalid_request_error", "message": message}})


class PaypalCounter:
    """Tokens, a search that refuses what is too much at once, and disputes."""

    def __init__(self, transactions: list[dict[str, Any]], most: int = 10_000) -> None:
        self.transactions = transactions
        self.most = most
        self.evidence: dict[str, dict[str, Any]] = {}
        self.papers: list[str] = []
        self.tokens = 0
        self.spans: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/token":
            wanted = httpx.BasicAuth(CLIENT, SECRET)._auth_header
            if request.headers.get("authorization") != wanted:
                return httpx.Response(401, json={"error_description": "Client Authentication failed"})
            assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"]}
            self.tokens += 1
            return httpx.Response(200, json={"access_token": f"t{self.tokens}", "expires_in": 32400})
        if request.headers.get("authorization") != f"Bearer t{self.tokens}":
            return httpx.Response(401, json={"name": "AUTHENTICATION_FAILURE", "message": "No token"})
        if request.url.path == "/v1/reporting/transactions":
            return self._page(dict(request.url.params))
        dispute_id = request.url.path.split("/")[4]
        head = b"content-type: " + request.headers["content-type"].encode() + b"\r\n\r\n"
        parts = BytesParser().parsebytes(head + request.content).get_payload()
        assert isinstance(parts, list)
        named = {str(one.get_param("name", header="content-disposition")): one for one in parts}  # type: ignore[union-attr]
        self.evidence[dispute_id] = json.loads(named["input"].get_payload(decode=True))  # type: ignore[union-attr, arg-type]
        self.papers += [str(one.get_filename()) for one in parts if one.get_filename()]  # type: ignore[union-attr]
        return httpx.Response(200, json={"links": []})

    def _page(self, asked: dict[str, str]) -> httpx.Response:
        assert set(asked) == {"start_date", "end_date", "fields", "page_size", "page"}
        since, until = (datetime.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
        assert since.tzinfo is not None
        assert (until - since).days <= 31
        size, page = int(asked["page_size"]), int(asked["page"])
        assert 1 <= size <= 500
        self.spans.append((asked["start_date"], asked["end_date"]))
        found = [one for one in self.transactions if since <= _at(one) <= until]
        if len(found) > self.most:
            return httpx.Response(400, json={"name": "RESULTSET_TOO_LARGE", "message": "Too many."})
        body = {
            "transaction_details": found[(page - 1) * size : page * size],
            "page": page,
            "total_pages": max(1, -(-len(found) // size)),
        }
        return httpx.Response(200, json=body)


def _at(one: dict[str, Any]) -> datetime:
    at = datetime.fromisoformat(one["transaction_info"]["transaction_initiation_date"])
    return at.astimezone(UTC)
