"""What every store promises, in memory and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from amends.adapters.memory.store import MemoryStore
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.reader import PostgresReader
from amends.adapters.postgres.store import PostgresStore
from amends.application.audit import audit, faults_of
from amends.application.execute import execute
from amends.application.ports import CaseFilter, Changes, Done, Due, Link, OrderFilter, Result, WriteRefused
from amends.domain.cases.commands import AcceptOffer, Lapse, Withdraw
from amends.domain.cases.model import State
from amends.domain.chain import GENESIS, link
from amends.domain.conduct import Conducted, conduct
from amends.domain.ledger import Stage
from amends.domain.parties import CLOCK, Actor, Role
from amends.domain.refusals import Refused
from tests.contract.stores import (
    DELIVERED,
    RULES,
    AnyReader,
    AnyStore,
    claim,
    claimed,
    delivered,
    done,
    lawless_refund,
    offer,
    placing,
    refunding,
    run,
    to,
)
from tests.domain.marketplace import BUYER, PLACED, SELLER, an_order

HOUR = timedelta(hours=1)


@pytest.fixture
async def kept(address: str) -> AsyncIterator[tuple[AnyStore, AnyReader]]:
    if not address:
        store = MemoryStore()
        yield store, store
        return
    pool = await open_pool(address, 4)
    yield PostgresStore(pool), PostgresReader(pool)
    await pool.close()


@pytest.fixture
def store(kept: tuple[AnyStore, AnyReader]) -> AnyStore:
    return kept[0]


@pytest.fixture
def reader(kept: tuple[AnyStore, AnyReader]) -> AnyReader:
    return kept[1]


def refusal(result: Result) -> str:
    assert isinstance(result, Refused), result
    return result.kind


async def test_what_was_done_can_be_read_and_follows_from_its_events(
    store: AnyStore, reader: AnyReader
) -> None:
    await refunding(store)

    file = await reader.case_file("o1.1")
    scene = await reader.scene("o1")
    assert file is not None
    assert scene is not None
    assert file.case == scene.cases["o1.1"]
    assert file.custody == scene.custody
    assert file.case.state is State.REFUND_INITIATED
    assert [one.recorded.seq for one in file.timeline] == list(range(1, file.case.seq + 1))
    assert set(file.terms) == {line.terms_id for line in file.custody.order.lines}
    assert [one async for one in store.events("o1.1")] == list(file.timeline)
    assert (await reader.timeline("o1"))[-1].recorded.event.transfers
    found = await audit(store)
    assert (found.orders, found.cases, found.faults) == (1, 1, [])
    assert found.events == len(file.timeline) + len(await reader.timeline("o1"))


async def test_the_ledger_reads_as_it_was_posted(store: AnyStore, reader: AnyReader) -> None:
    await refunding(store)
    ledger = [(one.purpose, one.stage, one.amount) for _, one in await reader.transfers("o1")]
    assert ledger == [("capture", Stage.POSTED, 9000), ("refund", Stage.PENDING, 2500)]


async def test_nothing_is_known_of_unknown_ids(reader: AnyReader) -> None:
    assert await reader.scene("o1") is None
    assert await reader.case_file("o1.1") is None
    assert await reader.case_file("nonsense") is None
    assert list(await reader.timeline("o1")) == []
    assert list(await reader.transfers("o1")) == []
    assert dict(await reader.terms_of(["0" * 24])) == {}


async def test_commands_of_one_batch_see_each_other(store: AnyStore, reader: AnyReader) -> None:
    await delivered(store, ["o1"])
    results = await run(
        store,
        to("o1", claim(0), BUYER),
        to("o1", claim(0), BUYER),
        to("o1", offer(1000), SELLER, "o1.1"),
        to("o1", claim(1), BUYER),
    )
    opened, again, offered, second = results
    assert isinstance(opened, Done)
    assert refusal(again) == "unit_taken"
    assert isinstance(offered, Done)
    assert offered.seq == opened.seq + 1
    assert isinstance(second, Done)
    assert second.case_id == "o1.2"
    assert (await audit(store)).faults == []


async def test_a_refusal_does_not_fail_its_neighbours(store: AnyStore) -> None:
    await claimed(store, ["o1", "o2"])
    first, unknown, last = await run(
        store,
        to("o1", offer(1000), SELLER, "o1.1"),
        to("o9", offer(1000), SELLER, "o9.1"),
        to("o2", offer(1000), SELLER, "o2.1"),
    )
    assert isinstance(first, Done)
    assert refusal(unknown) == "not_found"
    assert isinstance(last, Done)


async def test_a_retry_is_answered_as_the_first_time_and_done_once(
    store: AnyStore, reader: AnyReader
) -> None:
    await claimed(store, ["o1"])
    sent = to("o1", offer(1000), SELLER, "o1.1", key="k1", fingerprint=b"a" * 32)
    (first,) = await done(store, sent)
    (again,) = await done(store, sent)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.case_id, again.seq) == (first.case_id, first.seq)
    assert again.case == first.case
    file = await reader.case_file("o1.1")
    assert file is not None
    assert file.case.seq == first.seq


async def test_a_refusal_is_remembered_for_its_key_too(store: AnyStore) -> None:
    await delivered(store, ["o1"])
    early = to("o1", AcceptOffer(), BUYER, "o1.1", key="k1", fingerprint=b"a" * 32)
    (first,) = await run(store, early)
    await done(store, to("o1", claim(), BUYER), to("o1", offer(1000), SELLER, "o1.1"))
    (again,) = await run(store, early)
    assert again == first


async def test_the_same_key_twice_in_one_batch_acts_once(store: AnyStore) -> None:
    await delivered(store, ["o1"])
    sent = to("o1", claim(0), BUYER, key="k1", fingerprint=b"a" * 32)
    other = replace(sent, command=claim(1), fingerprint=b"b" * 32)
    first, again, reused = await run(store, sent, sent, other)
    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert (again.replayed, again.case_id) == (True, first.case_id)
    assert refusal(reused) == "key_reused"


async def test_a_key_with_another_request_is_refused(store: AnyStore) -> None:
    await delivered(store, ["o1"])
    sent = to("o1", claim(0), BUYER, key="k1", fingerprint=b"a" * 32)
    await done(store, sent)
    (result,) = await run(store, replace(sent, command=claim(1), fingerprint=b"b" * 32))
    assert refusal(result) == "key_reused"


async def test_keys_belong_to_their_sender(store: AnyStore) -> None:
    await claimed(store, ["o1"])
    (first,) = await done(store, to("o1", offer(1000), SELLER, "o1.1", key="k1", fingerprint=b"a" * 32))
    (other,) = await done(store, to("o1", offer(3000), BUYER, "o1.1", key="k1", fingerprint=b"b" * 32))
    assert not other.replayed
    assert other.seq == first.seq + 1


async def test_the_version_somebody_saw_must_be_the_current_one(store: AnyStore) -> None:
    await claimed(store, ["o1"])
    (result,) = await run(store, to("o1", offer(1000), SELLER, "o1.1", expected_seq=7))
    assert isinstance(result, Refused)
    assert (result.kind, result.facts["current"]) == ("version_conflict", 1)
    (result,) = await run(store, to("o1", offer(1000), SELLER, "o1.1", expected_seq=1))
    assert isinstance(result, Done)
    (result,) = await run(store, to("o1", claim(1), BUYER, expected_seq=1))
    assert refusal(result) == "version_conflict"


async def test_a_wrong_version_tells_a_stranger_nothing(store: AnyStore) -> None:
    await claimed(store, ["o1"])
    stranger = Actor(Role.BUYER, "buyer-otto")
    known, unknown = await run(
        store,
        to("o1", offer(1000), stranger, "o1.1", expected_seq=7),
        to("o2", offer(1000), stranger, "o2.1", expected_seq=7),
    )
    assert refusal(known) == refusal(unknown) == "not_found"


async def test_an_amount_in_another_currency_is_refused(store: AnyStore) -> None:
    await claimed(store, ["o1"])
    stranger = Actor(Role.BUYER, "buyer-otto")
    meant, fitting, foreign = await run(
        store,
        to("o1", offer(1000), SELLER, "o1.1", currency="USD"),
        to("o1", offer(1000), SELLER, "o1.1", currency="EUR"),
        to("o1", offer(1000), stranger, "o1.1", currency="USD"),
    )
    assert refusal(meant) == "currency_mismatch"
    assert isinstance(fitting, Done)
    assert refusal(foreign) == "not_found"


async def test_a_rule_that_breaks_fails_its_own_command_only(store: AnyStore) -> None:
    await claimed(store, ["o1", "o2"])

    def broken(scene: object, command: object, *, order_id: str, **more: object) -> object:
        if order_id == "o1":
            raise ZeroDivisionError("a rule divides by nothing")
        return conduct(scene, command, order_id=order_id, **more)  # type: ignore[arg-type]

    first, second = await execute(
        store,
        [to("o1", offer(1), SELLER, "o1.1"), to("o2", offer(1), SELLER, "o2.1")],
        rules=RULES,
        now=DELIVERED,
        conduct=broken,
    )
    assert refusal(first) == "unavailable"
    assert isinstance(second, Done)


async def test_a_batch_that_fails_leaves_nothing(store: AnyStore, reader: AnyReader) -> None:
    await claimed(store, ["o1"])
    before = await reader.scene("o1")
    assert before is not None
    assert before.custody is not None
    seq = before.custody.seq + 1

    async def fail_after_writing() -> None:
        async with store.batch(["o1"]) as batch:
            moved = lawless_refund(batch.heads["o1"], seq, amount=10)
            await batch.write(Changes(links=[moved]))
            raise ConnectionAbortedError("the process dies here")

    with pytest.raises(ConnectionAbortedError):
        await fail_after_writing()
    assert await reader.scene("o1") == before
    assert (await audit(store)).faults == []


async def test_the_store_itself_refuses_to_refund_more_than_was_paid(
    store: AnyStore, reader: AnyReader
) -> None:
    await claimed(store, ["o1"])
    scene = await reader.scene("o1")
    assert scene is not None
    assert scene.custody is not None
    for amount, allowed in ((9001, False), (9000, True)):
        async with store.batch(["o1"]) as batch:
            moved = lawless_refund(batch.heads["o1"], scene.custody.seq + 1, amount)
            if allowed:
                await batch.write(Changes(links=[moved]))
                break
            with pytest.raises(WriteRefused):
                await batch.write(Changes(links=[moved]))
    assert [one.amount for _, one in await reader.transfers("o1") if one.purpose == "refund"] == [9000]


async def test_the_store_itself_refuses_a_step_that_is_not_in_the_lifecycle(store: AnyStore) -> None:
    await claimed(store, ["o1"])
    async with store.batch(["o1"]) as batch:
        (opened,) = [one async for one in store.events("o1.1")]
        impossible = replace(opened.recorded, seq=2, from_state="closed")
        with pytest.raises(WriteRefused):
            await batch.write(Changes(links=[Link(impossible, *link(GENESIS, impossible))]))


async def test_what_the_store_refuses_fails_alone(store: AnyStore) -> None:
    order_ids = [f"o{n}" for n in range(1, 8)]
    await claimed(store, order_ids)

    def lawless(scene: object, command: object, *, order_id: str, **more: object) -> object:
        conducted = conduct(scene, command, order_id=order_id, **more)  # type: ignore[arg-type]
        if order_id != "o5" or not isinstance(conducted, Conducted):
            return conducted
        wrong = tuple(replace(one, from_state="closed") for one in conducted.recorded)
        return Conducted(conducted.scene, wrong, conducted.case_id)

    results = await execute(
        store,
        [to(order_id, offer(1), SELLER, f"{order_id}.1") for order_id in order_ids],
        rules=RULES,
        now=DELIVERED,
        conduct=lawless,
    )
    assert [isinstance(result, Done) for result in results] == [one != "o5" for one in order_ids]
    assert refusal(results[4]) == "unavailable"
    assert (await audit(store)).faults == []


async def test_racing_for_one_unit_only_one_gets_it(store: AnyStore) -> None:
    await delivered(store, ["o1"])
    results = [
        one for (one,) in await asyncio.gather(*(run(store, to("o1", claim(0), BUYER)) for _ in range(8)))
    ]
    assert sum(isinstance(result, Done) for result in results) == 1
    assert {refusal(result) for result in results if isinstance(result, Refused)} == {"unit_taken"}
    assert (await audit(store)).faults == []


async def test_racing_to_place_the_same_order_places_it_once(store: AnyStore) -> None:
    placed = placing(an_order(order_id="o1"))
    results = [one for (one,) in await asyncio.gather(*(run(store, placed, now=PLACED) for _ in range(6)))]
    assert all(isinstance(result, Done) for result in results), results
    found = await audit(store)
    assert (found.orders, found.faults) == (1, [])


async def test_batches_with_the_same_orders_in_any_sequence_do_not_block_each_other(store: AnyStore) -> None:
    order_ids = [f"o{n}" for n in range(1, 9)]
    await delivered(store, order_ids)
    forth = [to(order_id, claim(0), BUYER) for order_id in order_ids]
    back = [to(order_id, claim(1), BUYER) for order_id in reversed(order_ids)]
    async with asyncio.timeout(20):
        both = await asyncio.gather(
            run(store, *forth), run(store, *back), run(store, *forth), run(store, *back)
        )
    assert sum(isinstance(result, Done) for results in both for result in results) == 16
    assert (await audit(store)).faults == []


async def test_what_another_batch_holds_can_be_left_out(store: AnyStore) -> None:
    await claimed(store, ["o1", "o2"])
    at = DELIVERED + timedelta(days=30)
    async with store.batch(["o1"]):
        held, free = await execute(
            store,
            [to("o1", Lapse(), CLOCK, "o1.1"), to("o2", Lapse(), CLOCK, "o2.1")],
            rules=RULES,
            now=at,
            skip_locked=True,
        )
    assert refusal(held) == "unavailable"
    assert isinstance(free, Done)


async def test_due_streams_come_oldest_first_and_exactly_at_their_instant(
    store: AnyStore, reader: AnyReader
) -> None:
    await claimed(store, ["o1", "o2"])
    scene = await reader.scene("o1")
    assert scene is not None
    waiting = scene.cases["o1.1"].waiting
    assert waiting is not None
    tick = timedelta(microseconds=1)

    def streams(found: Sequence[Due]) -> list[str]:
        return [one.case_id for one in found if one.case_id]

    assert streams(await store.due_orders(waiting.until - tick, 10)) == []
    due = await store.due_orders(waiting.until, 10)
    assert streams(due) == ["o1.1", "o2.1"]
    assert [one.default for one in due if one.case_id] == [waiting.default] * 2
    assert due == sorted(due, key=lambda one: one.place)
    assert len(await store.due_orders(waiting.until, 1)) == 1
    assert streams(await store.due_orders(waiting.until + HOUR, 10, (waiting.until + tick, ""))) == []
    for number, one in enumerate(due, start=1):
        assert await store.due_orders(waiting.until, 10, one.place) == due[number:]


async def test_ahead_of_the_first_due_streams_an_order_comes_only_with_what_was_due_first(
    store: AnyStore,
) -> None:
    await claimed(store, ["o1", "o2", "o3"])
    much_later = DELIVERED + timedelta(days=900)
    due = await store.due_orders(much_later, 100)
    assert len(due) > 3
    first_of = {one.order_id: one for one in reversed(due)}
    for ahead in range(1, len(due) + 1):
        wanted = [one for one in due[ahead:] if first_of[one.order_id] == one]
        assert await store.due_orders(much_later, 100, ahead=ahead) == wanted
        assert await store.due_orders(much_later, 100, due[ahead - 1].place, ahead=0) == wanted
    assert len(await store.due_orders(much_later, 1, ahead=1)) <= 1


async def test_the_next_deadline_is_that_of_whatever_is_due_first(store: AnyStore, reader: AnyReader) -> None:
    assert await store.next_due() is None
    await claimed(store, ["o1"])
    scene = await reader.scene("o1")
    assert scene is not None
    assert scene.custody is not None
    deadlines = [w.until for w in (scene.custody.waiting, scene.cases["o1.1"].waiting) if w]
    assert await store.next_due(DELIVERED) == min(deadlines)
    assert await store.next_due(max(deadlines)) is None


async def test_errands_are_claimed_once_and_given_back_if_left(store: AnyStore) -> None:
    await refunding(store)
    async with store.errands(DELIVERED, 100) as claim_one:
        async with store.errands(DELIVERED, 100) as claim_two:
            assert claim_two == []
        assert "refund.pay" in [errand.topic for errand in claim_one]
        assert {errand.attempts for errand in claim_one} == {0}
        pay = next(errand for errand in claim_one if errand.topic == "refund.pay")
        notices = [errand.errand_id for errand in claim_one if errand is not pay]
        await store.finish_errands(notices[:1], {notices[1]: DELIVERED + HOUR})
    async with store.errands(DELIVERED, 100) as again:
        assert {errand.errand_id for errand in again} == {pay.errand_id, *notices[2:]}
        assert {errand.attempts for errand in again} == {1}
        assert pay.body == next(one.body for one in again if one.errand_id == pay.errand_id)
        await store.finish_errands([errand.errand_id for errand in again], {})
    async with store.errands(DELIVERED, 100) as rest:
        assert rest == []
    await store.hasten_errands([notices[0], notices[1]], DELIVERED)
    async with store.errands(DELIVERED, 100) as hastened:
        assert [errand.errand_id for errand in hastened] == [notices[1]]


async def test_lists_go_page_by_page_without_gap_or_repetition(store: AnyStore, reader: AnyReader) -> None:
    order_ids = [f"o{n:02}" for n in range(7)]
    await delivered(store, order_ids)
    for n, order_id in enumerate(order_ids):
        await done(store, to(order_id, claim(), BUYER), now=DELIVERED + n // 2 * HOUR)
    await done(store, to("o03", Withdraw(), BUYER, "o03.1"))

    for wanted in (
        CaseFilter(seller_id=SELLER.id),
        CaseFilter(seller_id=SELLER.id, order="opened"),
        CaseFilter(buyer_id=BUYER.id, live=True),
        CaseFilter(order="opened"),
        CaseFilter(states=("awaiting_seller", "closed")),
    ):
        seen = []
        cursor = ""
        while True:
            page = await reader.cases(wanted, cursor, 2)
            assert len(page.cases) <= 2
            seen += [case.case_id for case in page.cases]
            if not page.next:
                break
            cursor = page.next
        live = [f"{one}.1" for one in order_ids if one != "o03"]
        if wanted.order == "opened":
            expected = ["o06.1", "o05.1", "o04.1", "o03.1", "o02.1", "o01.1", "o00.1"]
        else:
            expected = live if wanted.live else [*live, "o03.1"]
        assert seen == expected

    first = await reader.orders(OrderFilter(buyer_id=BUYER.id), "", 5)
    rest = await reader.orders(OrderFilter(buyer_id=BUYER.id), first.next, 5)
    assert [one.order.order_id for one in (*first.orders, *rest.orders)] == order_ids[::-1]
    assert rest.next == ""


async def test_lists_are_narrowed_by_every_field(store: AnyStore, reader: AnyReader) -> None:
    await claimed(store, ["o1", "o2"])
    await done(store, to("o1", offer(1000), SELLER, "o1.1"))

    async def ids(**wanted: object) -> list[str]:
        page = await reader.cases(CaseFilter(**wanted), "", 10)  # type: ignore[arg-type]
        return [case.case_id for case in page.cases]

    assert await ids(waiting_on="buyer") == ["o1.1"]
    assert await ids(waiting_on="seller") == ["o2.1"]
    assert await ids(order_id="o2") == ["o2.1"]
    assert await ids(states=("awaiting_buyer",)) == ["o1.1"]
    assert await ids(reason="late") == []
    assert await ids(live=False) == []
    assert await ids(mediator_id="mediator-ines") == []
    assert await ids(seller_id="nobody") == []
    assert [
        c.order.order_id for c in (await reader.orders(OrderFilter(stage="protected"), "", 9)).orders
    ] == [
        "o2",
        "o1",
    ]
    assert (await reader.orders(OrderFilter(seller_id="nobody"), "", 9)).orders == ()


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WyJvcGVuZWQiLG51bGwsIngiXQ", "ä"])
async def test_a_cursor_of_another_list_is_refused(reader: AnyReader, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await reader.cases(CaseFilter(), cursor, 10)


async def test_words_of_any_script_come_back_as_they_were_and_impossible_ones_fail_alone(
    store: AnyStore, reader: AnyReader
) -> None:
    await delivered(store, ["o1", "o2"])
    told = replace(claim(0), story="Ланпа сломана 灯坏了 🪔 \x00 end")
    (first,) = await run(store, to("o1", told, BUYER))
    assert isinstance(first, Done)
    file = await reader.case_file("o1.1")
    assert file is not None
    assert file.case.story == told.story
    impossible = to("o2", claim(0), BUYER, key="k\x00", fingerprint=b"a" * 32)
    bad, good = await run(store, impossible, to("o2", claim(1), BUYER))
    if isinstance(store, PostgresStore):
        assert refusal(bad) == "unavailable"
    assert isinstance(good, Done)


async def test_the_audit_finds_what_does_not_follow(store: AnyStore) -> None:
    await claimed(store, ["o1"])
    (page,) = await store.kept("", 10)
    assert faults_of(page) == []
    (opened,) = page.streams["o1.1"]
    forged = replace(opened, body=opened.body.replace(b"smaller", b"larger!"))
    kinds = {one.what for one in faults_of(replace(page, streams={**page.streams, "o1.1": [forged]}))}
    assert kinds == {"chain"}
    case = replace(page.scene.cases["o1.1"], story="Another story.")
    scene = replace(page.scene, cases={"o1.1": case})
    assert [one.what for one in faults_of(replace(page, scene=scene))] == ["snapshot"]
    assert {one.what for one in faults_of(replace(page, balances={**page.balances, "escrow": 1}))} == {
        "balances"
    }
    assert "gap" in {
        one.what for one in faults_of(replace(page, streams={**page.streams, "o1": page.streams["o1"][1:]}))
    }
