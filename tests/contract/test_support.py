"""Conversations with support, in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.support import MemorySupport
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.support import PostgresSupport
from amends.application.ports.support import Added, Clash, Conversation, Entry, Level, SupportBook
from amends.domain.parties import Actor, Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Actor(Role.BUYER, "ana")


@pytest.fixture(params=["memory", "postgres"])
async def book(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[SupportBook]:
    if request.param == "memory":
        yield MemorySupport(MemoryOutbox(MemoryStore()))
        return
    pool = await open_pool(database_url, 4)
    yield PostgresSupport(pool)
    await pool.close()


def one(name: str = "a" * 16, minute: int = 0, **more: object) -> Conversation:
    at = AT + timedelta(minutes=minute)
    fields: dict[str, object] = {
        "person": ANA,
        "waiting_since": at,
        "order_id": "o1",
        "case_id": "o1.1",
        **more,
    }
    return Conversation(
        conversation_id=name,
        channel="chat",
        subject="Refund",
        opened_at=at,
        updated_at=at,
        **fields,  # type: ignore[arg-type]
    )


SAID = Entry(kind="said", author=ANA, at=AT, text="Hello", files=("f",), message_id="m1@x")


@pytest.mark.row("J2")
async def test_a_conversation_is_kept_whole_and_opened_once(book: SupportBook) -> None:
    await book.open(one(), [SAID], key="k")
    again = await book.open(one("b" * 16), [SAID], key="k")
    assert (again.again, again.conversation) == (True, one())
    assert await book.find("a" * 16) == one()
    assert await book.find("b" * 16) is None
    assert await book.entries("a" * 16) == [replace(SAID, seq=1)]
    assert await book.by_message(["other", "m1@x"]) == one()
    assert await book.by_message([""]) is None


async def test_writing_changes_it_and_whoever_saw_less_is_told(book: SupportBook) -> None:
    await book.open(one(), [SAID])
    changed = one(level=Level.SENIOR, agent_id="", closed_at=AT)
    added = await book.write(changed, Entry(kind="handed_over", author=None, at=AT), since=1, key="k")
    assert (added.seq, await book.find("a" * 16)) == (2, changed)
    assert (await book.write(one(), SAID, since=0, key="k")).again
    with pytest.raises(Clash):
        await book.write(one(), SAID, since=1)
    await book.seen("a" * 16, 2)
    await book.seen("a" * 16, 1)
    assert (await book.find("a" * 16)) == replace(changed, through=2)


async def test_of_many_at_once_one_is_first(book: SupportBook) -> None:
    await book.open(one(), [SAID])
    writes = (book.write(one(), SAID, since=1) for _ in range(6))
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert sum(isinstance(each, Added) for each in results) == 1
    assert sum(isinstance(each, Clash) for each in results) == 5


@pytest.mark.row("J2")
async def test_the_queue_begins_with_who_waits_longest(book: SupportBook) -> None:
    waits, answered, early, senior, done = (letter * 16 for letter in "abcde")
    await book.open(one(waits, 2), [SAID])
    await book.open(one(answered, 0, waiting_since=None), [SAID])
    await book.open(one(early, 1, person=None, email="x@y.example"), [SAID])
    await book.open(one(senior, 3, level=Level.SENIOR), [SAID])
    await book.open(one(done, 4, closed_at=AT, waiting_since=None), [SAID])

    async def queue(level: Level | None, closed: bool = False) -> list[str]:
        return [each.conversation_id for each in await book.queue(level, closed, 10)]

    assert await queue(None) == [early, waits, senior, answered]
    assert await queue(Level.SENIOR) == [senior]
    assert await queue(None, closed=True) == [done]
    assert [each.conversation_id for each in await book.of(ANA, 2)] == [done, senior]
