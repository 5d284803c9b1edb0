"""Whatever is sent to the API, in whatever order: it never breaks down and answers as it is described.

`AMENDS_CALLS=10000 pytest tests/reliability/test_contract.py -s` is the long run. Schemathesis makes the
calls from the description: bodies that fit and bodies that do not, ids it was told before, in any order.
"""

import os
import random
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis import Case, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from amends.application.permissions import PERMISSIONS
from amends.application.ports import KeyRole
from tests.reliability.house import House, a_house

CALLS = int(os.environ.get("AMENDS_CALLS", "60"))
STEPS = 20
PATIENCE_S = 60
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Time stands for everybody else while the clock is moved, and a run of the lab takes processes of its own.
KNOWN = {"order_id": "A-1", "case_id": "A-1.1", "line_id": "L1", "tender_id": "T1", "seller_id": "lamps"}
PARTIES = {
    KeyRole.MARKETPLACE: "market",
    KeyRole.BUYER: "ana",
    KeyRole.SELLER: "lamps",
    KeyRole.MEDIATOR: "mara",
    KeyRole.OPERATOR: "olga",
    KeyRole.CARRIER: "dhl",
    KeyRole.PROVIDER: "sandbox",
}
LEFT_OUT = ["advance_clock", "start_lab_run", "resume_lab_run"]


@pytest.mark.timeout(120 + CALLS)
def test_no_call_breaks_the_contract() -> None:
    seen: Counter[str] = Counter()
    with a_house() as house:
        keys = _keys(house)
        house.tend()
        _wait_for(house)
        _a_claim(house, keys)
        document = httpx.get(f"{house.url}/v1/openapi.json").json()
        schema = schemathesis.openapi.from_url(f"{house.url}/v1/openapi.json").exclude(operation_id=LEFT_OUT)
        callers = Callers(document, keys)

        class Calls(schema.as_state_machine()):  # type: ignore[misc]  # made while running
            """One call after another."""

            def before_call(self, case: Case) -> None:
                callers.ready(case)

            def validate_response(self, response: Response, case: Case, *_: Any, **__: Any) -> None:
                seen[f"{response.status_code // 100}xx"] += 1
                case.validate_response(response, checks=CHECKS)

        while seen.total() < CALLS:
            # The house remembers, so the same calls are not answered the same twice: that is no finding.
            with suppress(FlakyStrategyDefinition):
                Calls.run(
                    settings=settings(
                        max_examples=max(1, CALLS // STEPS),
                        stateful_step_count=STEPS,
                        deadline=None,
                        database=None,
                        phases=[Phase.generate],
                        suppress_health_check=list(HealthCheck),
                    )
                )
    print(f"\n{dict(sorted(seen.items()))}")
    assert seen["5xx"] == 0
    # The calls get through to what they are about.
    assert seen["2xx"] > 0


class Callers:
    """Everybody who has a key. Most calls come from who may make them, half are about what is there."""

    def __init__(self, document: Any, keys: dict[KeyRole, dict[str, str]]) -> None:
        self._keys = keys
        self._chance = random.Random(CALLS)
        self._examples = {
            (method.upper(), path): content["example"]
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            for content in operation.get("requestBody", {}).get("content", {}).values()
            if "example" in content
        }

    def ready(self, case: Case) -> None:
        """Give a call somebody's key, and now and then something it can be about."""
        case.headers.pop("Amends-Act-As", None)
        if self._often(0.8):
            case.headers.pop("If-Match", None)
        may = PERMISSIONS[str(case.operation.definition.raw["operationId"])]
        allowed = (
            [self._keys[role] for role in may] if isinstance(may, frozenset) and self._often(0.9) else []
        )
        case.headers.update(self._chance.choice(allowed or list(self._keys.values())))
        if self._often(0.5):
            case.path_parameters.update({k: v for k, v in KNOWN.items() if k in case.path_parameters})
        example = self._examples.get((case.method, case.path))
        if example is not None and self._often(0.35):
            case.body = example

    def _often(self, share: float) -> bool:
        return self._chance.random() < share


def _keys(house: House) -> dict[KeyRole, dict[str, str]]:
    """A key of each role."""
    headers = {}
    for role, party in PARTIES.items():
        made = house.amends("keys", role.value, party)
        assert made.returncode == 0, made.stderr
        headers[role] = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}
    return headers


def _wait_for(house: House) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            if httpx.get(f"{house.url}/v1/ready").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < until, house.log.read_text()
        time.sleep(0.1)


def _a_claim(house: House, keys: dict[KeyRole, dict[str, str]]) -> None:
    """An order and a case that the examples of the description can speak of."""
    shop, lamp = keys[KeyRole.MARKETPLACE], {"item": 2400}
    now = httpx.get(f"{house.url}/v1/sandbox/clock", headers=shop).json()["now"]
    order: dict[str, Any] = {
        "buyer_id": "ana",
        "seller_id": "lamps",
        "currency": "EUR",
        "placed_at": now,
        "lines": [{"line_id": "L1", "title": "Lamp", "category": "home", "units": [lamp] * 9}],
        "tenders": [{"tender_id": "T1", "method": "card", "captured": 21600}],
        "parcels": [{"parcel_id": "P1", "shipped_at": now, "events": [{"at": now, "signal": "delivered"}]}],
    }
    answer = httpx.put(f"{house.url}/v1/orders/A-1", json=order, headers=shop)
    assert answer.status_code == 201, answer.text
    claim = {
        "kind": "claim",
        "reason": "quality.defective",
        "units": [{"line_id": "L1", "index": 0}],
        "wanted": {"amount": 1000, "goods": "keep"},
    }
    answer = httpx.post(f"{house.url}/v1/orders/A-1/cases", json=claim, headers=keys[KeyRole.BUYER])
    assert answer.status_code == 201, answer.text
