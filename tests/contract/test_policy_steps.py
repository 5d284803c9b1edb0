"""Steps of the policy studio: the same promises in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from amends.adapters.memory.policy_steps import MemoryPolicySteps
from amends.adapters.postgres.policy_steps import PostgresPolicySteps
from amends.adapters.postgres.pool import open_pool
from amends.application.ports import WriteConflict
from amends.application.ports.policies import PolicySteps
from amends.domain.policy import steps as deeds

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
STEPS: tuple[deeds.Step, ...] = (
    deeds.Started(text="[pack]\n", base="default@1", note="Für März"),
    deeds.Edited(text="[pack]\nid = 1\n"),
    deeds.Commented(note="Hm.", clause="a.b"),
    deeds.Submitted(note="Now."),
    deeds.Returned(note="Not yet."),
    deeds.Approved(),
    deeds.Published(since=NOW, note=""),
    deeds.Withdrawn(note="No."),
)


def entry(seq: int, step: deeds.Step = STEPS[0], version: int = 2) -> deeds.Entry:
    return deeds.Entry(seq=seq, pack_id="default", version=version, at=NOW, by="operator:kaya", step=step)


@pytest.fixture(params=["memory", "postgres"])
async def steps(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[PolicySteps]:
    if request.param == "memory":
        yield MemoryPolicySteps()
        return
    pool = await open_pool(database_url, 2)
    yield PostgresPolicySteps(pool)
    await pool.close()


async def test_steps_are_read_back_in_their_order_as_they_were(steps: PolicySteps) -> None:
    told = [entry(n, step) for n, step in enumerate(STEPS, 1)]
    for one in told:
        await steps.append(one)
    assert list(await steps.since(0)) == told
    assert list(await steps.since(6)) == told[6:]
    assert list(await steps.since(8)) == []


@pytest.mark.parametrize("seq", [1, 3])
async def test_only_the_next_step_is_taken(steps: PolicySteps, seq: int) -> None:
    await steps.append(entry(1))
    with pytest.raises(WriteConflict):
        await steps.append(entry(seq, STEPS[1]))
    assert len(await steps.since(0)) == 1


async def test_no_step_is_ever_changed(database_url: str) -> None:
    pool = await open_pool(database_url, 1)
    await PostgresPolicySteps(pool).append(entry(1))
    for statement in ("update policy_steps set version = 3", "delete from policy_steps"):
        with pytest.raises(asyncpg.PostgresError):
            await pool.execute(statement)
    await pool.close()
