"""API keys: the same promises in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from amends.adapters.memory.keys import MemoryApiKeys
from amends.adapters.postgres.keys import PostgresApiKeys
from amends.adapters.postgres.pool import open_pool
from amends.application.keys import digest, mint, well_formed
from amends.application.ports import ApiKeys, KeyRole

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
async def keys(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[ApiKeys]:
    if request.param == "memory":
        yield MemoryApiKeys()
        return
    pool = await open_pool(database_url, 1)
    yield PostgresApiKeys(pool)
    await pool.close()


@pytest.mark.parametrize("role", list(KeyRole))
async def test_a_new_key_is_found_by_its_hash(keys: ApiKeys, role: KeyRole) -> None:
    token, record = mint(role, "somebody", NOW, "a phone")
    assert well_formed(token)
    await keys.add(record)
    assert await keys.find(digest(token)) == record


async def test_another_key_is_not_found(keys: ApiKeys) -> None:
    token, _ = mint(KeyRole.BUYER, "ana", NOW)
    assert await keys.find(digest(token)) is None


async def test_a_revoked_key_is_gone_and_is_revoked_once(keys: ApiKeys) -> None:
    token, record = mint(KeyRole.SELLER, "lamps", NOW)
    await keys.add(record)
    assert await keys.revoke(digest(token), NOW + timedelta(hours=1)) is True
    assert await keys.find(digest(token)) is None
    assert await keys.revoke(digest(token), NOW + timedelta(hours=2)) is False


@pytest.mark.parametrize(
    "token", ["", "amk_buyer_", f"amk_boss_{'a' * 43}", f"amk_buyer_{'a' * 42}", f"x{'a' * 60}"]
)
def test_what_cannot_be_a_key_is_seen_at_once(token: str) -> None:
    assert not well_formed(token)


async def test_a_key_has_scopes_a_maker_and_a_last_use(keys: ApiKeys) -> None:
    token, plain = mint(KeyRole.SELLER, "lamps", NOW, "Warehouse")
    record = replace(plain, scopes=("orders:read", "cases:act"), key_id="k1", made_by="acc_1")
    assert await keys.add(record) is True
    assert await keys.find(digest(token)) == record
    await keys.used(record.digest, NOW + timedelta(hours=1))
    await keys.used(record.digest, NOW)
    found = await keys.find(record.digest)
    assert found is not None
    assert found.used_at == NOW + timedelta(hours=1)


async def test_the_same_key_id_twice_is_one_key(keys: ApiKeys) -> None:
    for _, plain in (mint(KeyRole.SELLER, "lamps", NOW), mint(KeyRole.SELLER, "lamps", NOW)):
        await keys.add(replace(plain, key_id="k1"))
    assert len(await keys.of(KeyRole.SELLER, "lamps")) == 1


async def test_a_partys_keys_in_being_are_listed_newest_first(keys: ApiKeys) -> None:
    made = [mint(KeyRole.SELLER, "lamps", NOW + timedelta(hours=n), f"key {n}")[1] for n in range(3)]
    for record in (*made, mint(KeyRole.SELLER, "rival", NOW)[1], mint(KeyRole.BUYER, "lamps", NOW)[1]):
        await keys.add(record)
    await keys.revoke(made[1].digest, NOW)
    assert [one.name for one in await keys.of(KeyRole.SELLER, "lamps")] == ["key 2", "key 0"]
