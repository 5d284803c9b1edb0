"""The OpenAPI description says what is so."""

import re
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator
from tests.interfaces.api.test_access import ROUTES
from tests.journeys.api.market import Market, claim_body

from amends.application.permissions import PERMISSIONS, Access


@pytest.fixture
async def document(market: Market) -> Any:
    answer = await market.client.get("/v1/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.json()


def validator(document: Any, schema: Any) -> Draft202012Validator:
    """Checks values against a schema of the document."""
    whole = {**schema, "components": document["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def each(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def test_every_route_is_described_with_words_and_problems(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    described = {operation["operationId"] for _, _, operation in each(document)}
    unlisted = {"get_openapi", "list_problems", "get_problem"}
    assert described == {operation for operation, _, _ in ROUTES} - unlisted
    for path, method, operation in each(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
        success = [status for status in operation["responses"] if status.startswith("2")]
        assert success, (path, method)
        is_open = PERMISSIONS[operation["operationId"]] is Access.OPEN
        assert (operation.get("security") == []) == is_open


async def test_every_body_has_an_example_that_fits_its_schema(document: Any) -> None:
    seen = 0
    for path, _, operation in each(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            # A file is sent as it is: JSON has no example of it.
            if content["schema"].get("format") == "binary":
                assert "example" not in content, path
                continue
            example = content.get("example", {})
            validator(document, content["schema"]).validate(example)
            seen += "example" in content
            if operation["requestBody"]["required"]:
                assert "example" in content, path
    assert seen > 25


async def test_named_schemas_refuse_what_the_routes_refuse(document: Any) -> None:
    offer = document["paths"]["/v1/cases/{case_id}/offers"]["post"]["requestBody"]["content"]
    check = validator(document, offer["application/json"]["schema"])
    check.validate({"remedy": {"amount": 1}})
    for broken in (
        {"remedy": {"amount": -1}},
        {"remedy": {"amount": 1.5}},
        {"remedy": {"amount": 1}, "x": 1},
        {},
    ):
        with pytest.raises(jsonschema.ValidationError):
            check.validate(broken)


async def test_what_is_answered_fits_the_schema(market: Market, document: Any) -> None:
    await market.delivered()
    await market.claim()
    for operation in (
        "get_case",
        "get_order",
        "list_cases",
        "list_orders",
        "get_case_timeline",
        "list_reasons",
    ):
        path, _, described = next(one for one in each(document) if one[2]["operationId"] == operation)
        view = await market.ana.get(path.removeprefix("/v1").format(case_id="A-1.1", order_id="A-1"))
        validator(document, described["responses"]["200"]["content"]["application/json"]["schema"]).validate(
            view
        )
    problem = await market.ana.refused("POST", "/orders/A-1/cases", claim_body())
    content = document["components"]["responses"]["Problem"]["content"]["application/problem+json"]
    validator(document, content["schema"]).validate(problem)
    for example in content["examples"].values():
        validator(document, content["schema"]).validate(example["value"])


async def test_keys_headers_and_schemes_are_described(document: Any) -> None:
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    offers = document["paths"]["/v1/cases/{case_id}/offers"]["post"]
    names = [one.get("name") or one["$ref"].rpartition("/")[2] for one in offers["parameters"]]
    assert names == ["case_id", "Amends-Act-As", "Idempotency-Key", "If-Match"]
    assert set(document["components"]["parameters"]) == {"Amends-Act-As", "Idempotency-Key", "If-Match"}


async def test_nothing_of_a_third_party_is_served(market: Market) -> None:
    for path in ("/v1/openapi.json", "/problems", "/problems/invalid"):
        text = (await market.client.get(path)).text
        assert "cdn" not in text
        # Addresses in examples are of the name kept for examples (RFC 2606), which leads nowhere.
        assert "https://" not in re.sub(r'https://[a-z.]+\.example(?=[/"])', "", text)
    assert (await market.client.get("/schema")).status_code == 404
    assert (await market.client.get("/v1/schema")).status_code == 404


async def test_every_operation_has_an_example_and_each_answer_fits_its_schema(document: Any) -> None:
    """Where one is missing, `python -m tests.interfaces.api.record_answers` records it."""
    answered = 0
    for path, method, operation in each(document):
        body = list(operation.get("requestBody", {}).get("content", {}).values())
        parameters = operation.get("parameters", ())
        answers = [
            content
            for status, answer in operation["responses"].items()
            if status.startswith("2")
            for content in answer["content"].values()
        ]
        assert any("example" in one for one in (*body, *parameters, *answers)), (method, path)
        for content in answers:
            if "example" in content:
                validator(document, content["schema"]).validate(content["example"])
                answered += 1
    assert answered > 100
