"""Accounts, sessions, passes and attempts: the same promises in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from amends.adapters.memory.accounts import MemoryAccounts
from amends.adapters.postgres.accounts import PostgresAccounts
from amends.adapters.postgres.pool import open_pool
from amends.application.ports.accounts import (
    Account,
    AccountKeeping,
    How,
    Member,
    Pass,
    Purpose,
    Session,
    TeamDeed,
)
from amends.domain.orders import Tier
from amends.domain.parties import Role

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", "postgres"])
async def keeping(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[AccountKeeping]:
    if request.param == "memory":
        yield MemoryAccounts()
        return
    pool = await open_pool(database_url, 2)
    yield PostgresAccounts(pool)
    await pool.close()


def account(n: int = 1, role: Role = Role.BUYER, party: str = "", **more: object) -> Account:
    plain: dict[str, object] = {"name": f"Person {n}", "email": f"person{n}@shop.example", "created_at": NOW}
    return Account(account_id=f"acc_{n}", role=role, party_id=party or f"p{n}", **{**plain, **more})  # type: ignore[arg-type]


def session(n: int, of: str = "acc_1", **more: object) -> Session:
    plain: dict[str, object] = {"created_at": NOW, "seen_at": NOW + n * HOUR, "expires_at": NOW + 24 * HOUR}
    return Session(digest=bytes([n]) * 32, account_id=of, how=How.PASSWORD, **{**plain, **more})  # type: ignore[arg-type]


def a_pass(n: int, purpose: Purpose = Purpose.RESET, **more: object) -> Pass:
    return Pass(
        digest=bytes([n]) * 32,
        purpose=purpose,
        created_at=NOW + n * HOUR,
        expires_at=NOW + 48 * HOUR,
        **more,  # type: ignore[arg-type]
    )


async def test_an_account_is_kept_as_it_is_and_found_by_id_address_and_party(keeping: AccountKeeping) -> None:
    one = account(
        1,
        tier=Tier.DIAMOND,
        zone="Asia/Tokyo",
        language="zh",
        country="JP",
        invented=True,
        email="Ana@Shop.example",
    )
    assert await keeping.add(one, "hash")
    kept = msgspec.structs.replace(one, has_password=True)
    assert await keeping.get("acc_1") == kept
    assert await keeping.by_email(" ana@shop.EXAMPLE ") == kept
    assert await keeping.password_of("ana@shop.example") == (kept, "hash")
    assert list(await keeping.of_party(Role.BUYER, "p1")) == [kept]
    assert await keeping.get("acc_2") is None
    assert await keeping.by_email("") is None
    assert await keeping.password_of("nobody@shop.example") is None
    assert list(await keeping.of_party(Role.SELLER, "p1")) == []


async def test_an_address_and_a_person_have_one_account_and_a_seller_many(keeping: AccountKeeping) -> None:
    assert await keeping.add(account(1))
    assert not await keeping.add(account(2, email="PERSON1@shop.example"))
    assert not await keeping.add(account(3, party="p1"))
    assert await keeping.add(account(4, Role.MEDIATOR, "p1"))
    assert await keeping.add(account(5, Role.SELLER, "shop"))
    assert await keeping.add(account(6, Role.SELLER, "shop", member=Member.VIEWER))
    assert [one.account_id for one in await keeping.of_party(Role.SELLER, "shop")] == ["acc_5", "acc_6"]
    # Whom a marketplace brings may have no address at all.
    assert await keeping.add(account(7, email=""))
    assert await keeping.add(account(8, email=""))


async def test_of_two_at_once_with_one_address_one_is_added(keeping: AccountKeeping) -> None:
    added = await asyncio.gather(*(keeping.add(account(n, email="same@shop.example")) for n in range(1, 5)))
    assert sorted(added) == [False, False, False, True]


async def test_a_profile_changes_and_nothing_else_with_it(keeping: AccountKeeping) -> None:
    one = account(1)
    await keeping.add(one, "hash")
    told = msgspec.structs.replace(one, name="New", zone="UTC", language="de", country="DE")
    # Who writes of themselves has read the account before; what was decided meanwhile stays.
    stale = msgspec.structs.replace(
        told, tier=Tier.PLATINUM, member=Member.VIEWER, email="other@shop.example"
    )
    assert await keeping.change(stale)
    assert await keeping.get("acc_1") == msgspec.structs.replace(told, has_password=True)
    assert not await keeping.change(account(2))
    await keeping.set_password("acc_1", "other")
    found = await keeping.password_of(one.email)
    assert found is not None
    assert found[1] == "other"


async def test_what_a_member_may_do_is_said_anew(keeping: AccountKeeping) -> None:
    one = account(1, Role.SELLER, "shop")
    await keeping.add(one)
    await keeping.set_member("acc_1", Member.VIEWER)
    assert await keeping.get("acc_1") == msgspec.structs.replace(one, member=Member.VIEWER)


async def test_who_is_removed_is_gone_with_sessions_and_identities(keeping: AccountKeeping) -> None:
    await keeping.add(account(1))
    await keeping.open(session(1))
    await keeping.identify("https://id.example", "s1", "acc_1", NOW)
    assert await keeping.remove("acc_1")
    assert await keeping.get("acc_1") is None
    assert await keeping.find(bytes([1]) * 32) is None
    assert await keeping.identity("https://id.example", "s1") is None
    assert not await keeping.remove("acc_1")
    assert await keeping.add(account(2, email="person1@shop.example"))


async def test_an_identity_stays_whose_it_is(keeping: AccountKeeping) -> None:
    await keeping.add(account(1))
    await keeping.add(account(2))
    assert await keeping.identity("https://id.example", "s1") is None
    await keeping.identify("https://id.example", "s1", "acc_1", NOW)
    await keeping.identify("https://id.example", "s1", "acc_2", NOW)
    found = await keeping.identity("https://id.example", "s1")
    assert found is not None
    assert found.account_id == "acc_1"
    assert await keeping.identity("https://other.example", "s1") is None


async def test_sessions_are_found_touched_listed_and_ended(keeping: AccountKeeping) -> None:
    await keeping.add(account(1), "hash")
    await keeping.add(account(2))
    for n in (1, 2, 3):
        await keeping.open(session(n, user_agent="Firefox", address="10.0.0.1"))
    await keeping.open(session(4, "acc_2"))
    found = await keeping.find(bytes([1]) * 32)
    assert found is not None
    assert found.session == session(1, user_agent="Firefox", address="10.0.0.1")
    assert found.account == account(1, has_password=True)
    await keeping.touch(bytes([1]) * 32, NOW + 9 * HOUR)
    await keeping.touch(bytes([1]) * 32, NOW + 5 * HOUR)
    assert [one.digest[0] for one in await keeping.sessions_of("acc_1")] == [1, 3, 2]
    assert (await keeping.sessions_of("acc_1"))[0].seen_at == NOW + 9 * HOUR
    assert await keeping.end(bytes([2]) * 32)
    assert not await keeping.end(bytes([2]) * 32)
    assert await keeping.end_all("acc_1", but=bytes([3]) * 32) == 1
    assert [one.digest[0] for one in await keeping.sessions_of("acc_1")] == [3]
    assert len(await keeping.sessions_of("acc_2")) == 1


async def test_opening_a_session_forgets_those_that_ended_before(keeping: AccountKeeping) -> None:
    await keeping.add(account(1))
    await keeping.open(session(1, expires_at=NOW + HOUR))
    await keeping.open(session(2, created_at=NOW + HOUR))
    assert [one.digest[0] for one in await keeping.sessions_of("acc_1")] == [2]


async def test_a_pass_works_once_for_its_purpose_until_its_end(keeping: AccountKeeping) -> None:
    await keeping.issue(a_pass(1, account_id="acc_1"))
    digest = bytes([1]) * 32
    assert await keeping.look(digest, Purpose.INVITATION, NOW) is None
    assert await keeping.look(digest, Purpose.RESET, NOW + 48 * HOUR) is None
    assert await keeping.use(digest, Purpose.RESET, NOW + 48 * HOUR) is None
    assert await keeping.look(digest, Purpose.RESET, NOW) == a_pass(1, account_id="acc_1")
    used = await asyncio.gather(*(keeping.use(digest, Purpose.RESET, NOW) for _ in range(4)))
    assert [one for one in used if one] == [a_pass(1, account_id="acc_1")]
    assert await keeping.look(digest, Purpose.RESET, NOW) is None


async def test_invitations_are_listed_and_withdrawn_and_resets_withdrawn_at_once(
    keeping: AccountKeeping,
) -> None:
    invited = {
        "role": "seller",
        "party_id": "shop",
        "member": Member.AGENT,
        "email": "a@b.example",
        "name": "Shop",
    }
    for n in (2, 1):
        await keeping.issue(a_pass(n, Purpose.INVITATION, **invited))
    await keeping.issue(a_pass(3, account_id="acc_1"))
    await keeping.issue(a_pass(4, account_id="acc_2"))
    listed = await keeping.invitations(Role.SELLER, "shop", NOW)
    assert [one.digest[0] for one in listed] == [1, 2]
    assert listed[0] == a_pass(1, Purpose.INVITATION, **invited)
    assert list(await keeping.invitations(Role.SELLER, "other", NOW)) == []
    assert await keeping.withdraw(bytes([1]) * 32, NOW)
    assert not await keeping.withdraw(bytes([1]) * 32, NOW)
    assert len(await keeping.invitations(Role.SELLER, "shop", NOW)) == 1
    await keeping.withdraw_resets("acc_1", NOW)
    assert await keeping.look(bytes([3]) * 32, Purpose.RESET, NOW) is None
    assert await keeping.look(bytes([4]) * 32, Purpose.RESET, NOW) is not None


async def test_attempts_come_in_a_burst_and_then_one_by_one(keeping: AccountKeeping) -> None:
    # Four in an hour: one each quarter of it.
    for _ in range(4):
        assert await keeping.take("x", 4, HOUR, NOW) is None
    assert await keeping.take("x", 4, HOUR, NOW) == NOW + HOUR / 4
    assert await keeping.take("y", 4, HOUR, NOW) is None
    assert await keeping.take("x", 4, HOUR, NOW + HOUR / 4) is None
    assert await keeping.take("x", 4, HOUR, NOW + HOUR / 4) == NOW + HOUR / 2
    await keeping.forgive("x")
    assert await keeping.take("x", 4, HOUR, NOW) is None


async def test_attempts_at_once_are_all_counted(keeping: AccountKeeping) -> None:
    taken = await asyncio.gather(*(keeping.take("x", 5, HOUR, NOW) for _ in range(12)))
    assert sum(one is None for one in taken) == 5


async def test_a_hand_over_is_used_once(keeping: AccountKeeping) -> None:
    until = NOW + HOUR
    first = await asyncio.gather(*(keeping.first_use("jti", until, NOW) for _ in range(4)))
    assert sorted(first) == [False, False, False, True]
    assert await keeping.first_use("other", until, NOW)
    # Long after it ran out nobody needs to remember it: it cannot be used anyway.
    assert await keeping.first_use("third", until + HOUR, until + HOUR)


async def test_deeds_of_a_team_are_kept_with_their_outcome(keeping: AccountKeeping) -> None:
    deeds = [
        TeamDeed(
            seller_id="shop", deed_id=f"d{n}", account_id="acc_1", name="Ana", deed="make_offer",
            order_id="o1", case_id="o1.1", at=NOW + n * HOUR,
        )
        for n in range(3)
    ]  # fmt: skip
    for deed in deeds:
        await keeping.note(deed)
    await keeping.conclude("shop", "d1", "done")
    assert list(await keeping.deeds("shop", 2)) == [
        deeds[2],
        msgspec.structs.replace(deeds[1], outcome="done"),
    ]
    assert list(await keeping.deeds("other", 2)) == []
    assert list(await keeping.behind(["o1"])) == []
    await keeping.conclude("shop", "d2", "done", ["o1.1#4", "o1#7"])
    (behind,) = await keeping.behind(["o1", "o2"])
    assert (behind.deed_id, behind.outcome, behind.events) == ("d2", "done", ("o1.1#4", "o1#7"))
    assert list(await keeping.behind(["o2"])) == []
