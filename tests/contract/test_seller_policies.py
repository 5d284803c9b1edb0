"""Sellers' policies: the same promises in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from amends.adapters.memory.seller_policies import MemorySellerPolicies
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.seller_policies import PostgresSellerPolicies
from amends.application.ports import WriteConflict
from amends.application.ports.sellers import SellerPolicies
from amends.domain.money import Money
from amends.domain.policy.sellers import Address, Published, Rule, SellerPolicy

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = SellerPolicy(
    window_days=30,
    keep_below=Money(1500, "EUR"),
    addresses=(Address("Hafenweg 3, Hamburg", "DE"),),
    sends_address=True,
    rules=(Rule(name="Small", reasons=("quality",), at_most=1500, currency="EUR"),),
)


def version(number: int, policy: SellerPolicy = POLICY, days: int = 0, seller: str = "lamps") -> Published:
    at = NOW + timedelta(days=days)
    return Published(seller_id=seller, version=number, published_at=at, policy=policy)


@pytest.fixture(params=["memory", "postgres"])
async def policies(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[SellerPolicies]:
    if request.param == "memory":
        yield MemorySellerPolicies()
        return
    pool = await open_pool(database_url, 1)
    yield PostgresSellerPolicies(pool)
    await pool.close()


async def test_a_version_holds_from_its_instant_on(policies: SellerPolicies) -> None:
    first, second = version(1), version(2, SellerPolicy(), days=3)
    await policies.publish(first)
    await policies.publish(second)
    assert await policies.in_force("lamps", NOW - timedelta(microseconds=1)) is None
    assert await policies.in_force("lamps", NOW) == first
    assert await policies.in_force("lamps", NOW + timedelta(days=3)) == second
    assert await policies.in_force("rival", NOW) is None


async def test_versions_are_told_newest_first(policies: SellerPolicies) -> None:
    told = [version(number, days=number) for number in (1, 2, 3)]
    for one in told:
        await policies.publish(one)
    assert list(await policies.versions("lamps", 2)) == [told[2], told[1]]
    assert list(await policies.versions("rival", 2)) == []


@pytest.mark.parametrize("number", [1, 3])
async def test_only_the_next_version_is_taken(policies: SellerPolicies, number: int) -> None:
    await policies.publish(version(1))
    with pytest.raises(WriteConflict):
        await policies.publish(version(number))
    assert len(await policies.versions("lamps", 9)) == 1
