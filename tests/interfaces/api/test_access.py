"""Who may do what, and what exists for whom: every route, every role, one's own and others' (R7)."""

from typing import Any

import httpx
import pytest
from tests.journeys.api.market import START, Market, MarketParts, Person, claim_body, kind, open_market

from amends.application.keys import digest, mint
from amends.application.permissions import PERMISSIONS, Access, may
from amends.application.ports import KeyRole
from amends.domain.cases.lifecycle import CLOSED_MOVES, LIFECYCLE
from amends.domain.parties import Role
from amends.interfaces.api.app import api_of
from amends.interfaces.api.bulk import MEDIA_TYPE
from amends.interfaces.api.callers import FRESH_S
from amends.interfaces.api.deeds import DEEDS
from amends.interfaces.api.desk import Desk

OWN = {
    KeyRole.MARKETPLACE: "market",
    KeyRole.BUYER: "ana",
    KeyRole.SELLER: "lamps",
    KeyRole.MEDIATOR: "mara",
    KeyRole.OPERATOR: "olga",
    KeyRole.CARRIER: "dhl",
    KeyRole.PROVIDER: "sandbox",
}
FOREIGN = {KeyRole.BUYER: "bo", KeyRole.SELLER: "rival", KeyRole.CARRIER: "ups", KeyRole.PROVIDER: "stripe"}
IDS = {
    "order_id": "A-1",
    "case_id": "A-1.1",
    "line_id": "L1",
    "parcel_id": "P1",
    "tender_id": "T1",
    "webhook_id": "we_" + "0" * 20,
    "delivery_id": "d1",
    "seller_id": "lamps",
    "file_id": "0" * 32,
    "dispute_id": "D1",
    "difference_id": "0" * 24,
    "hold_id": "H1",
    "provider": "stripe",
    "event_id": "evt_0",
    "goodwill_id": "G1",
    "pack_id": "default",
    "version": "1",
    "clause_id": "draft.keep.default",
    "number": "RR123456785DE",
    "article_id": "refunds",
    "conversation_id": "0" * 16,
    "extension_id": "0" * 16,
    "run_id": "0" * 16,
    "sign": "high_rate",
    "contest_id": "0" * 16,
    "account_id": "0" * 16,
    "buyer_id": "ana",
    "source": "the-amends",
}
QUERY = {"list_options": "?reason=quality.defective", "get_worksheet": "?units=L1:0"}


def operations() -> list[tuple[str, str, str]]:
    """(operation, method, path) of every route the application has."""
    found = []
    for route in api_of(Desk(MarketParts(()))).routes:
        for handler in getattr(route, "route_handlers", ()):
            methods = [str(method) for method in handler.http_methods if method != "OPTIONS"]
            found += [(handler.name, method, route.path_format) for method in methods]
    return found


ROUTES = operations()


async def send(
    person: Person, operation: str, method: str, path: str, document: Any, **ids: str
) -> httpx.Response:
    """The route's own example, about the order and case that there are."""
    address = path.format(**{**IDS, **ids}).removeprefix("/v1")
    content = document["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    body = next(iter(content.values()), {}).get("example")
    headers = {}
    if operation == "place_orders":
        headers = {"Content-Type": MEDIA_TYPE}
        body = b"{}"
    if operation == "simulate":
        body = {"action": "lapse"}
    return await person.send(method, address + QUERY.get(operation, ""), body, headers)


async def stage(market: Market, *, escalated: bool = False) -> Any:
    """An order in transit with a case; returns the description of the API."""
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    if escalated:
        await market.ana.post("/cases/A-1.1/escalation", {})
    return (await market.client.get("/v1/openapi.json")).json()


def test_every_route_has_a_row_in_the_table_and_every_row_a_route() -> None:
    assert {operation for operation, _, _ in ROUTES} == set(PERMISSIONS)


def test_what_is_not_in_the_table_is_denied() -> None:
    assert not any(may(role, "drop_everything") for role in KeyRole)


def test_the_table_opens_deeds_to_exactly_whom_the_lifecycle_does() -> None:
    by: dict[str, set[Role]] = {}
    for moves in (*(standing.moves for standing in LIFECYCLE.values()), CLOSED_MOVES):
        for name, move in moves.items():
            # What the clock does by itself is nobody's to ask for.
            if set(move.by) != {Role.CLOCK}:
                by.setdefault(name, set()).update(move.by)
    assert set(by) == set(DEEDS)
    for name, roles in by.items():
        allowed = PERMISSIONS[name]
        assert isinstance(allowed, frozenset)
        assert {role.value for role in roles} == {role.value for role in allowed} - {"marketplace"}, name
        # The marketplace relays what carriers say, takes payments, books labels and keeps the stock.
        told = {"record_payment", "issue_label", "decline_replacement"}
        told |= {"record_reservation", "record_sold_out"}
        assert (KeyRole.MARKETPLACE in allowed) == (name.endswith("_scan") or name in told), name


@pytest.mark.parametrize("role", list(FOREIGN))
async def test_what_belongs_to_others_is_like_what_does_not_exist(role: KeyRole) -> None:
    async with open_market() as market:
        document = await stage(market)
        person = await market.person(role, FOREIGN[role])
        before = dict(market.parts.store.streams)
        for operation, method, path in ROUTES:
            if "{order_id}" not in path and "{case_id}" not in path:
                continue
            if not may(role, operation):
                continue
            answer = await send(person, operation, method, path, document)
            assert (answer.status_code, kind(answer.json())) == (404, "not_found"), (operation, answer.text)
            unknown = await send(person, operation, method, path, document, order_id="Z-1", case_id="Z-1.1")
            assert unknown.text.replace("Z-1", "A-1") == answer.text, operation
        assert market.parts.store.streams == before


@pytest.mark.parametrize("role", [KeyRole.BUYER, KeyRole.SELLER])
async def test_lists_hold_only_ones_own(market: Market, role: KeyRole) -> None:
    await stage(market)
    person = await market.person(role, FOREIGN[role])
    assert (await person.get("/orders"))["orders"] == []
    assert (await person.get("/cases"))["cases"] == []
    problem = await person.refused("GET", f"/cases?{role}_id={OWN[role]}")
    assert kind(problem) == "forbidden"
    problem = await person.refused("GET", f"/orders?{role}_id={OWN[role]}")
    assert kind(problem) == "forbidden"
    owner = await market.person(role, OWN[role])
    assert len((await owner.get("/orders"))["orders"]) == len((await owner.get("/cases"))["cases"]) == 1


async def test_a_mediator_sees_nothing_before_it_is_escalated(market: Market) -> None:
    document = await stage(market)
    for operation, method, path in ROUTES:
        if may(KeyRole.MEDIATOR, operation) and ("{order_id}" in path or "{case_id}" in path):
            answer = await send(market.mediator, operation, method, path, document)
            assert answer.status_code == 404, (operation, answer.text)
    assert (await market.mediator.get("/cases"))["cases"] == []
    await market.ana.post("/cases/A-1.1/escalation", {})
    assert (await market.mediator.get("/orders/A-1"))["order_id"] == "A-1"


async def test_an_order_known_to_the_process_does_not_leak_by_its_currency(market: Market) -> None:
    await stage(market)
    await market.seller.post("/cases/A-1.1/offers", {"remedy": {"amount": 1, "currency": "EUR"}})
    body = {"remedy": {"amount": 1, "currency": "USD"}}
    assert kind(await market.rival.refused("POST", "/cases/A-1.1/offers", body)) == "not_found"
    body = claim_body(wanted={"amount": 1, "currency": "USD", "goods": "keep"})
    assert kind(await market.bo.refused("POST", "/orders/A-1/cases", body)) == "not_found"
    headers = {"If-Match": '"77"'}
    assert (await market.rival.send("POST", "/cases/A-1.1/acceptance", {}, headers)).status_code == 404


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic abc",
        "Bearer amk_buyer_short",
        f"Bearer amk_admin_{'a' * 43}",
        f"Bearer amk_buyer_{'a' * 43}",
    ],
)
async def test_nobody_gets_in_without_a_key(market: Market, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for operation, method, path in ROUTES:
        if PERMISSIONS[operation] is Access.OPEN:
            continue
        answer = await market.client.request(method, path.format(**IDS), headers=headers)
        assert (answer.status_code, kind(answer.json())) == (401, "unauthenticated"), operation
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_revoked_key_ends_within_seconds(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]
    monkeypatch.setattr("amends.interfaces.api.callers.monotonic", lambda: moment[0])
    await market.ana.get("/cases")
    assert await market.parts.keys.revoke(digest(market.ana.token), START)
    moment[0] += FRESH_S + 0.001
    assert kind(await market.ana.refused("GET", "/cases")) == "unauthenticated"
    assert FRESH_S <= 5


async def test_keys_are_found_by_their_hash_alone(market: Market) -> None:
    token, record = mint(KeyRole.BUYER, "ana", START, "Ana's phone")
    assert token.startswith("amk_buyer_")
    assert token.encode() not in record.digest
    assert record.digest == digest(token)
    assert (await market.parts.keys.find(record.digest)) is None


async def test_a_marketplace_acts_for_its_buyers_and_sellers(market: Market) -> None:
    await market.delivered()
    as_ana = {"Amends-Act-As": "buyer:ana"}
    answer = await market.shop.send("POST", "/orders/A-1/cases", claim_body(), as_ana)
    assert (answer.status_code, answer.json()["case"]["buyer_id"]) == (201, "ana")
    answer = await market.shop.send("GET", "/cases/A-1.1", headers={"Amends-Act-As": "seller:lamps"})
    assert "accept_offer" in {action["name"] for action in answer.json()["actions"]}
    answer = await market.shop.send("GET", "/cases/A-1.1", headers={"Amends-Act-As": "buyer:bo"})
    assert answer.status_code == 404
    # By itself it sees everything and decides nothing.
    assert (await market.shop.get("/cases/A-1.1"))["actions"] == []
    assert kind(await market.shop.refused("POST", "/orders/A-1/cases", claim_body())) == "forbidden"


async def test_nobody_else_acts_for_anybody(market: Market) -> None:
    for person in (market.ana, market.operator, market.mediator):
        problem = await person.send("GET", "/cases", headers={"Amends-Act-As": "buyer:ana"})
        assert (problem.status_code, kind(problem.json())) == (403, "forbidden")
    for nonsense in ("ana", "mediator:mara", "buyer:", "buyer:a b"):
        problem = await market.shop.send("GET", "/cases", headers={"Amends-Act-As": nonsense})
        assert (problem.status_code, problem.json()["parameter"]) == (422, "Amends-Act-As")


async def test_the_providers_own_references_are_for_those_who_pay(market: Market) -> None:
    await market.order()
    assert "pay-1" not in str(await market.ana.get("/orders/A-1"))
    assert "pay-1" not in str(await market.seller.get("/orders/A-1"))
    assert "pay-1" in str(await market.shop.get("/orders/A-1"))
