"""While nobody answers at the database, requests are told so, and are right to try again."""

from pathlib import Path

import asyncpg
import pytest

from tests.reliability.counter import a_counter, claim_body

REQUESTS: tuple[tuple[str, str, object], ...] = (
    ("GET", "/cases/B-1.1", None),
    ("GET", "/orders/B-1", None),
    ("GET", "/orders", None),
    ("POST", "/orders/B-1/cases", claim_body()),
    ("POST", "/cases/B-1.1/offers", {"remedy": {"amount": 1}}),
)


@pytest.mark.timeout(60)
async def test_an_outage_of_the_database_is_no_fault_of_the_request(
    database_server: str, blank_database: str, tmp_path: Path
) -> None:
    name = blank_database.rpartition("/")[2].partition("?")[0]
    admin = await asyncpg.connect(database_server)
    try:
        async with a_counter(blank_database, tmp_path) as counter:
            await counter.delivered("B-1")
            await admin.execute(f"alter database {name} with allow_connections false")
            for method, path, body in REQUESTS:
                await admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
                )
                answer = await counter.send(method, path, body, act_as="buyer:ana", key="k1")
                problem = answer.json()
                assert (answer.status_code, problem["type"]) == (503, "/problems/unavailable"), problem
                assert answer.headers["retry-after"]
            await admin.execute(f"alter database {name} with allow_connections true")
            answer = await counter.send(
                "POST", "/orders/B-1/cases", claim_body(), act_as="buyer:ana", key="k1"
            )
            assert answer.status_code == 201, answer.text
    finally:
        await admin.close()
