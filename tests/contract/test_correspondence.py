"""Messages, notices, preferences, calendars and webhooks keep their promises in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from msgspec.structs import replace

from amends.adapters.memory.calendar_feeds import MemoryCalendarFeeds
from amends.adapters.memory.inbox import MemoryInbox
from amends.adapters.memory.messages import MemoryMessages
from amends.adapters.memory.outbox import MemoryOutbox
from amends.adapters.memory.preferences import MemoryPreferences
from amends.adapters.memory.store import MemoryStore
from amends.adapters.memory.webhooks import MemoryWebhooks
from amends.adapters.postgres.calendar_feeds import PostgresCalendarFeeds
from amends.adapters.postgres.inbox import PostgresInbox
from amends.adapters.postgres.messages import PostgresMessages
from amends.adapters.postgres.outbox import PostgresOutbox
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.preferences import PostgresPreferences
from amends.adapters.postgres.store import PostgresStore
from amends.adapters.postgres.webhooks import PostgresWebhooks
from amends.application.correspondence import Shelves
from amends.application.ports import Errand, KeyRole, Letter, Store
from amends.application.ports.calendar_feeds import Feed
from amends.application.ports.messages import Message
from amends.application.ports.preferences import Preferences
from amends.application.ports.webhooks import Endpoint, Sending
from amends.domain.parties import Actor, Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Actor(Role.BUYER, "ana")
SHOP = Actor(Role.SELLER, "ana")  # the same id in another role is another person


class Kept(Shelves, frozen=True, kw_only=True):
    store: Store


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Kept]:
    if request.param == "memory":
        store = MemoryStore()
        outbox = MemoryOutbox(store)
        yield Kept(
            store=store,
            messages=MemoryMessages(outbox),
            outbox=outbox,
            notices=MemoryInbox(),
            preferences=MemoryPreferences(),
            feeds=MemoryCalendarFeeds(),
            webhooks=MemoryWebhooks(outbox),
        )
        return
    pool = await open_pool(database_url, 4)
    yield Kept(
        store=PostgresStore(pool),
        messages=PostgresMessages(pool),
        outbox=PostgresOutbox(pool),
        notices=PostgresInbox(pool),
        preferences=PostgresPreferences(pool),
        feeds=PostgresCalendarFeeds(pool),
        webhooks=PostgresWebhooks(pool),
    )
    await pool.close()


def message(text: str = "Hello", author: Actor = ANA, order_id: str = "o1") -> Message:
    return Message(
        order_id=order_id,
        author=author,
        at=AT,
        text=text,
        language="en",
        template="where_is_it",
        values={"detail": "x"},
        files=("f1",),
        hidden=("phone",),
    )


def errand(name: str, due_at: datetime = AT) -> Errand:
    return Errand(errand_id=name, topic="t", order_id="o1", case_id="", body={"a": 1}, due_at=due_at)


def nothing(_: Message) -> Sequence[Errand]:
    return ()


async def due(kept: Kept, now: datetime = AT) -> list[str]:
    async with kept.store.errands(now, 100) as found:
        return [one.errand_id for one in found]


async def test_messages_are_numbered_by_order_and_kept_whole(kept: Kept) -> None:
    first = await kept.messages.add(message(), nothing)
    await kept.messages.add(message("Other", order_id="o2"), nothing)
    second = await kept.messages.add(message("Again", SHOP), nothing)
    assert [one.message.seq for one in (first, second)] == [1, 2]
    assert await kept.messages.of("o1") == [first.message, second.message]
    assert first.message.message_id == "o1:1"
    assert await kept.messages.of("o1", after=1) == [second.message]
    assert first.message.values == {"detail": "x"}


async def test_many_writers_at_once_leave_no_gap_and_no_double(kept: Kept) -> None:
    await asyncio.gather(*(kept.messages.add(message(f"{n}"), nothing) for n in range(12)))
    assert [one.seq for one in await kept.messages.of("o1")] == list(range(1, 13))


async def test_a_key_writes_once_with_its_errands(kept: Kept) -> None:
    def follow(one: Message) -> Sequence[Errand]:
        return [errand(f"e{one.seq}")]

    first = await kept.messages.add(message(), follow, key="k", fingerprint=b"1")
    again = await kept.messages.add(message("Another"), follow, key="k", fingerprint=b"2")
    assert (again.message, again.again, again.fingerprint) == (first.message, True, b"1")
    await kept.messages.add(message(author=SHOP), follow, key="k")
    assert await due(kept) == ["e1", "e2"]


async def test_marks_never_go_back(kept: Kept) -> None:
    for through in (2, 5, 3):
        await kept.messages.mark("o1", ANA, through, AT)
    await kept.messages.mark("o1", SHOP, 1, AT)
    assert [(one.person, one.through) for one in await kept.messages.marks("o1")] == [(ANA, 5), (SHOP, 1)]


async def test_the_first_translation_stays(kept: Kept) -> None:
    assert await kept.messages.translation("o1:1", "de") is None
    await kept.messages.keep_translation("o1", "o1:1", "de", "Hallo")
    await kept.messages.keep_translation("o1", "o1:1", "de", "Servus")
    assert await kept.messages.translation("o1:1", "de") == "Hallo"


async def test_an_errand_is_put_in_once_even_when_it_is_done(kept: Kept) -> None:
    await kept.outbox.put([errand("a"), errand("b", AT + timedelta(hours=1))])
    await kept.store.finish_errands(["a"], {})
    await kept.outbox.put([errand("a"), errand("b")])
    assert await due(kept) == []
    assert await due(kept, AT + timedelta(hours=1)) == ["b"]


def letter(number: int, to: Actor = ANA) -> Letter:
    return Letter(
        notice_id=f"n{number}:{to.role.value}",
        to=to,
        order_id="o1",
        case_id="",
        event="case_opened",
        subject=f"Subject {number}",
        text="Text",
        at=AT + timedelta(minutes=number),
    )


async def test_notices_come_in_pages_newest_first_and_are_read_once(kept: Kept) -> None:
    await kept.notices.put([letter(n) for n in range(5)])
    await kept.notices.put([letter(9, SHOP)])
    seen = []
    cursor = ""
    while True:
        page = await kept.notices.page(ANA, cursor, 2)
        seen += [entry.letter.subject for entry in page.entries]
        cursor = page.next
        if not cursor:
            break
    assert seen == [f"Subject {n}" for n in (4, 3, 2, 1, 0)]
    assert await kept.notices.unread(ANA) == 5
    assert await kept.notices.unread(ANA, most=3) == 3
    assert await kept.notices.read(ANA, ["n1:buyer", "n9:seller"], AT) == 1
    assert await kept.notices.unread(SHOP) == 1, "nobody reads for somebody else"
    unread = await kept.notices.page(ANA, "", 10, unread=True)
    assert "n1:buyer" not in {entry.letter.notice_id for entry in unread.entries}
    assert await kept.notices.read(ANA, None, AT) == 4
    assert await kept.notices.read(ANA, None, AT) == 0
    with pytest.raises(ValueError, match="cursor"):
        await kept.notices.page(ANA, "nonsense", 2)


async def test_what_was_not_mailed_waits_in_order(kept: Kept) -> None:
    await kept.notices.put([letter(2), letter(1), letter(3)])
    await kept.notices.mailed(["n1:buyer"])
    late = AT + timedelta(minutes=2)
    assert [one.notice_id for one in await kept.notices.unmailed(ANA, late, 10)] == ["n2:buyer"]
    assert [one.notice_id for one in await kept.notices.unmailed(ANA, AT + timedelta(days=1), 1)] == [
        "n2:buyer"
    ]
    assert await kept.notices.unmailed(ANA, late, 10, "n3:buyer") == []
    assert await kept.notices.unmailed(SHOP, late, 10) == []


async def test_preferences_are_one_persons_own(kept: Kept) -> None:
    chosen = Preferences(
        mail={"orders": "off"}, quiet_from=time(22), quiet_until=time(7, 30), zone="Europe/Berlin"
    )
    assert await kept.preferences.get(ANA) == Preferences()
    await kept.preferences.put(ANA, Preferences())
    await kept.preferences.put(ANA, chosen)
    assert await kept.preferences.get(ANA) == chosen
    assert await kept.preferences.get(SHOP) == Preferences()


async def test_one_calendar_address_is_in_force(kept: Kept) -> None:
    first, second = (Feed(digest=bytes([n]) * 32, person=ANA, created_at=AT) for n in (1, 2))
    await kept.feeds.replace(first)
    await kept.feeds.replace(second)
    assert await kept.feeds.find(first.digest) is None
    assert await kept.feeds.find(second.digest) == second == await kept.feeds.of(ANA)
    assert await kept.feeds.of(SHOP) is None
    assert await kept.feeds.revoke(ANA, AT)
    assert not await kept.feeds.revoke(ANA, AT)
    assert await kept.feeds.find(second.digest) is None


def endpoint(name: str, owner: str = "lamps", role: KeyRole = KeyRole.SELLER) -> Endpoint:
    return Endpoint(
        endpoint_id=name,
        role=role,
        owner_id=owner,
        url="https://hooks.example/a",
        events=("*",),
        secret="whsec_AAAA",
        note="mine",
        created_at=AT,
    )


async def test_endpoints_are_changed_listed_and_removed(kept: Kept) -> None:
    await kept.webhooks.add(endpoint("e1"))
    await kept.webhooks.add(endpoint("e2", "rival"))
    await kept.webhooks.add(endpoint("e3", "lamps", KeyRole.MARKETPLACE))
    changed = replace(
        endpoint("e1"), url="https://b.example/", old_secret="whsec_BBBB", old_until=AT, events=("ping",)
    )
    await kept.webhooks.change(changed)
    assert await kept.webhooks.endpoint("e1") == changed
    assert list(await kept.webhooks.endpoints(KeyRole.SELLER, "lamps")) == [changed]
    assert [one.endpoint_id for one in await kept.webhooks.endpoints()] == ["e1", "e2", "e3"]
    await kept.webhooks.remove("e1", AT)
    assert await kept.webhooks.endpoint("e1") is None
    assert list(await kept.webhooks.endpoints(KeyRole.SELLER, "lamps")) == []


def sending(number: int) -> Sending:
    return Sending(
        delivery_id=f"d{number}",
        endpoint_id="e1",
        message_id="m",
        event="case_opened",
        order_id="o1",
        case_id="o1.1",
        body='{"a":1}',
        at=AT + timedelta(minutes=number),
    )


async def test_what_is_sent_is_logged_once_with_every_attempt(kept: Kept) -> None:
    await kept.webhooks.add(endpoint("e1"))
    for _ in range(2):
        await kept.webhooks.queue([sending(1), sending(2), sending(3)], [errand("s1")])
    assert await due(kept) == ["s1"]
    await kept.webhooks.tried("d1", AT, "waiting", 500, "")
    await kept.webhooks.tried("d1", AT, "failed", 0, "timeout")
    row = await kept.webhooks.sending("d1")
    assert row is not None
    assert (row.state, row.attempts, row.status, row.why, row.tried_at) == ("failed", 2, 0, "timeout", AT)
    await kept.webhooks.again("d1", errand("s2"))
    row = await kept.webhooks.sending("d1")
    assert row is not None
    assert (row.state, row.attempts) == ("waiting", 2)
    assert await due(kept) == ["s1", "s2"]
    first = await kept.webhooks.log("e1", "", 2)
    rest = await kept.webhooks.log("e1", first.next, 2)
    assert [one.delivery_id for one in (*first.sendings, *rest.sendings)] == ["d3", "d2", "d1"]
    assert rest.next == ""
    assert await kept.webhooks.sending("d9") is None
