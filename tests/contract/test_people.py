"""Looking after accounts: the same promises in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from amends.adapters.memory.accounts import MemoryAccounts
from amends.adapters.postgres.accounts import PostgresAccounts
from amends.adapters.postgres.pool import open_pool
from amends.application.ports.people import (
    AccountDeed,
    Decision,
    HouseKeeping,
    PeopleFilter,
    Standing,
)
from amends.domain.orders import Tier
from amends.domain.parties import Actor, Role
from tests.contract.test_accounts import HOUR, NOW, account, session

KAYA, KIM = Actor(Role.OPERATOR, "kaya"), Actor(Role.OPERATOR, "kim")


@pytest.fixture(params=["memory", "postgres"])
async def keeping(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[HouseKeeping]:
    if request.param == "memory":
        yield MemoryAccounts()
        return
    pool = await open_pool(database_url, 4)
    yield PostgresAccounts(pool)
    await pool.close()


def deed(n: int, decision: Decision, of: str = "acc_1", by: Actor = KAYA, **more: str) -> AccountDeed:
    return AccountDeed(
        deed_id=f"d{n}", account_id=of, decision=decision, by=by, by_name="Kaya", at=NOW + n * HOUR, **more
    )


async def found(keeping: HouseKeeping, **wanted: object) -> list[str]:
    page = await keeping.people(PeopleFilter(**wanted), "", 10)  # type: ignore[arg-type]
    return [one.account_id for one in page.accounts]


async def test_people_are_found_by_words_role_standing_and_tier_newest_first(keeping: HouseKeeping) -> None:
    for n in range(1, 6):
        made = {"name": f"Ana {n}" if n % 2 else "Bo", "created_at": NOW + n * HOUR}
        await keeping.add(account(n, tier=Tier.DIAMOND if n == 3 else Tier.STANDARD, **made))
    await keeping.add(account(6, Role.OPERATOR, "ana-desk", name="Cy"))
    await keeping.decide(deed(1, Decision.SUSPENDED, "acc_5", why="Fraud"))
    assert await found(keeping, text="ANA") == ["acc_5", "acc_3", "acc_1", "acc_6"]
    assert await found(keeping, text=" 3  ana ") == ["acc_3"]
    assert await found(keeping, text="person4@") == ["acc_4"]
    assert await found(keeping, role=Role.OPERATOR) == ["acc_6"]
    assert await found(keeping, standing=Standing.SUSPENDED) == ["acc_5"]
    assert await found(keeping, text="ana", standing=Standing.ACTIVE, role=Role.BUYER) == ["acc_3", "acc_1"]
    assert await found(keeping, tier=Tier.STANDARD, text="bo") == ["acc_4", "acc_2"]
    assert await found(keeping, tier=Tier.DIAMOND) == ["acc_3"]
    # Signs that mean something to a database mean nothing here.
    for sign in ("%", "_", "\\", "'"):
        assert await found(keeping, text=sign) == []


async def test_people_go_page_by_page_without_gap_or_repetition(keeping: HouseKeeping) -> None:
    for n in range(1, 8):
        await keeping.add(account(n, created_at=NOW + (n // 3) * HOUR))
    seen: list[str] = []
    cursor = ""
    while True:
        page = await keeping.people(PeopleFilter(), cursor, 2)
        seen += [one.account_id for one in page.accounts]
        if not (cursor := page.next):
            break
    assert seen == [f"acc_{n}" for n in (7, 6, 5, 4, 3, 2, 1)]
    with pytest.raises(ValueError, match="cursor"):
        await keeping.people(PeopleFilter(), "nonsense", 2)


async def test_who_is_suspended_is_signed_out_and_written_down(keeping: HouseKeeping) -> None:
    await keeping.add(account(1))
    await keeping.open(session(1))
    suspended = deed(1, Decision.SUSPENDED, why="Fraud")
    assert await keeping.decide(suspended)
    assert await keeping.find(bytes([1]) * 32) is None
    known = await keeping.get("acc_1")
    assert known is not None
    assert (known.suspended_at, known.suspended_why) == (suspended.at, "Fraud")
    # Twice is once, and what changes nothing is not written down.
    assert not await keeping.decide(deed(2, Decision.SUSPENDED, why="Again"))
    assert await keeping.decide(deed(3, Decision.RESTORED, by=KIM))
    assert not await keeping.decide(deed(4, Decision.RESTORED))
    assert await keeping.get("acc_1") == account(1)
    assert not await keeping.decide(deed(5, Decision.SUSPENDED, "acc_2"))
    log = (await keeping.decided("acc_1")).deeds
    assert log == (
        deed(3, Decision.RESTORED, by=KIM, name="Person 1"),
        msgspec.structs.replace(suspended, name="Person 1"),
    )
    assert (await keeping.decided(by=KIM)).deeds == log[:1]
    assert (await keeping.decided("acc_2")).deeds == ()


async def test_a_tier_is_a_buyers_and_both_are_written_down(keeping: HouseKeeping) -> None:
    await keeping.add(account(1))
    await keeping.add(account(2, Role.SELLER))
    assert await keeping.decide(deed(1, Decision.TIER, became="diamond"))
    assert not await keeping.decide(deed(2, Decision.TIER, became="diamond"))
    assert not await keeping.decide(deed(3, Decision.TIER, "acc_2", became="diamond"))
    known = await keeping.get("acc_1")
    assert known is not None
    assert known.tier is Tier.DIAMOND
    (log,) = (await keeping.decided()).deeds
    assert (log.was, log.became) == ("standard", "diamond")


async def test_one_session_is_ended_or_all(keeping: HouseKeeping) -> None:
    await keeping.add(account(1))
    await keeping.add(account(2))
    for n in (1, 2, 3):
        await keeping.open(session(n))
    await keeping.open(session(4, "acc_2"))
    one = (bytes([2]) * 32).hex()[:20]
    assert await keeping.decide(deed(1, Decision.SIGNED_OUT, became=one))
    assert not await keeping.decide(deed(2, Decision.SIGNED_OUT, "acc_2", became=one))
    assert [s.digest[0] for s in await keeping.sessions_of("acc_1")] == [3, 1]
    assert await keeping.decide(deed(3, Decision.SIGNED_OUT))
    assert not await keeping.decide(deed(4, Decision.SIGNED_OUT))
    assert [len(await keeping.sessions_of(f"acc_{n}")) for n in (1, 2)] == [0, 1]


async def test_of_several_who_decide_the_same_at_once_one_does(keeping: HouseKeeping) -> None:
    await keeping.add(account(1))
    same = [deed(n, Decision.TIER, became="platinum") for n in range(4)]
    assert sorted(await asyncio.gather(*map(keeping.decide, same))) == [False, False, False, True]
    assert len((await keeping.decided()).deeds) == 1


async def test_the_log_goes_page_by_page(keeping: HouseKeeping) -> None:
    await keeping.add(account(1))
    for n in range(5):
        at = NOW + timedelta(hours=n // 2)
        decision = Decision.RESTORED if n % 2 else Decision.SUSPENDED
        assert await keeping.decide(msgspec.structs.replace(deed(n, decision), at=at))
    first = await keeping.decided(limit=3)
    rest = await keeping.decided(cursor=first.next, limit=3)
    assert [one.deed_id for one in (*first.deeds, *rest.deeds)] == ["d4", "d3", "d2", "d1", "d0"]
    assert not rest.next
