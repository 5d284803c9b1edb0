"""What the database itself refuses, whatever program writes to it."""

from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest
from tests.contract.stores import DELIVERED, claimed, lawless_refund, refunding

from amends.adapters.postgres.lifecycle_guard import NAME, guard
from amends.adapters.postgres.pool import Pool, open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.ports import Changes, StoreUnreachable
from amends.domain.cases.lifecycle import allowed_moves, allowed_order_moves

Move = tuple[str, str, str, int, str]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, 2)
    yield opened
    await opened.close()


@pytest.fixture
async def store(pool: Pool) -> PostgresStore:
    return PostgresStore(pool)


def _accounts(route: str) -> str:
    debit, credit = route.split(">")
    return f"'{debit}', '{credit}'"


async def insert(pool: Pool, *moves: Move, order_id: str = "o1", seq: int = 900) -> None:
    """Write transfers (id, stage, "from>to", amount, purpose) past every rule, in one statement."""
    values = ", ".join(
        f"('{order_id}', '{order_id}', {seq}, {n}, '{one}', '{stage}', {_accounts(route)}, {amount},"
        f" '{purpose}', 't1', now())"
        for n, (one, stage, route, amount, purpose) in enumerate(moves)
    )
    await pool.execute(
        "insert into transfers (order_id, stream, seq, position, transfer_id, stage, debit, credit, amount,"
        f" purpose, tender_id, at) values {values}"
    )


async def balance(pool: Pool, *names: str) -> list[int]:
    row = await pool.fetchrow("select * from balances where order_id = 'o1'")
    assert row is not None
    return [row[name] for name in names]


# The sample order captured 9000; a refund of 2500 is pending.
REFUSED: Sequence[tuple[str, Sequence[Move], str]] = (
    ("more than escrow holds", [("x", "pending", "escrow>tender", 6501, "refund")], "escrow_covers"),
    ("more than escrow holds, in parts", [
        ("x", "pending", "escrow>tender", 3251, "refund"),
        ("y", "posted", "escrow>seller", 3250, "release"),
    ], "escrow_covers"),
    ("more back than was captured", [
        ("x", "posted", "cover>escrow", 5000, "cover"),
        ("y", "posted", "escrow>balance", 6501, "refund"),
    ], "no_more_back"),
    ("goodwill above what was captured", [
        ("x", "pending", "cover>tender", 6501, "goodwill"),
    ], "no_more_back"),
    ("a chargeback on top of refunds", [
        ("x", "posted", "cover>escrow", 5000, "cover"),
        ("y", "pending", "escrow>chargeback", 6501, "chargeback"),
    ], "no_more_back"),
    ("nothing", [("x", "posted", "escrow>seller", 0, "release")], "amount"),
    ("less than nothing", [("x", "posted", "escrow>seller", -1, "release")], "amount"),
    ("from an account to itself", [("x", "posted", "escrow>escrow", 1, "release")], "check"),
    ("an unknown account", [("x", "posted", "escrow>pocket", 1, "release")], "check"),
    ("an end without a beginning", [("x", "voided", "escrow>tender", 1, "refund")], "does not follow"),
    ("the same pending twice", [("x", "pending", "escrow>tender", 1, "refund")] * 2, "does not follow"),
    ("another amount at the end", [
        ("x", "pending", "escrow>tender", 1, "refund"),
        ("x", "posted", "escrow>tender", 2, "refund"),
    ], "does not follow"),
    ("the same transfer posted twice", [("x", "posted", "escrow>seller", 1, "release")] * 2, "post_once"),
    ("a chargeback returned that never was", [
        ("x", "posted", "chargeback>escrow", 1, "chargeback"),
    ], "check"),
)  # fmt: skip


@pytest.mark.parametrize(("what", "moves", "guard_name"), REFUSED, ids=[what for what, *_ in REFUSED])
async def test_no_program_can_move_money_that_is_not_there(
    store: PostgresStore, pool: Pool, what: str, moves: Sequence[Move], guard_name: str
) -> None:
    await refunding(store)
    before = await pool.fetch("select * from balances")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=guard_name):
        await insert(pool, *moves)
    assert await pool.fetch("select * from balances") == before
    assert await pool.fetchval("select count(*) from transfers") == 2


async def test_balances_follow_every_stage_of_a_transfer(store: PostgresStore, pool: Pool) -> None:
    await claimed(store, ["o1"])
    names = ("escrow", "escrow_pending", "refunding", "refunded", "tender")
    steps: Sequence[tuple[Move, list[int]]] = (
        (("r", "pending", "escrow>tender", 900, "refund"), [9000, 900, 900, 0, -9000]),
        (("r", "voided", "escrow>tender", 900, "refund"), [9000, 0, 0, 0, -9000]),
        (("r", "pending", "escrow>tender", 900, "refund"), [9000, 900, 900, 0, -9000]),
        (("r", "posted", "escrow>tender", 900, "refund"), [8100, 0, 0, 900, -8100]),
        (("b", "posted", "escrow>balance", 100, "refund"), [8000, 0, 0, 1000, -8100]),
    )
    for seq, (move, expected) in enumerate(steps, 1000):
        await insert(pool, move, seq=seq)
        assert await balance(pool, *names) == expected
    await insert(pool, ("c", "pending", "escrow>chargeback", 500, "chargeback"))
    assert await balance(pool, "charged_back", "escrow_pending", "chargeback") == [500, 500, 0]
    await insert(pool, ("c", "posted", "escrow>chargeback", 500, "chargeback"), seq=901)
    assert await balance(pool, "charged_back", "escrow_pending", "chargeback") == [500, 0, 500]
    await insert(pool, ("won", "posted", "chargeback>escrow", 500, "chargeback"), seq=902)
    assert await balance(pool, "charged_back", "chargeback", "escrow") == [0, 0, 8000]


@pytest.mark.parametrize("table", ["events", "transfers", "terms"])
async def test_what_happened_can_neither_be_changed_nor_removed(
    store: PostgresStore, pool: Pool, table: str
) -> None:
    await refunding(store)
    column = {"events": "actor", "transfers": "purpose", "terms": "terms_id"}[table]
    for statement in (f"update {table} set {column} = 'x'", f"delete from {table}"):
        with pytest.raises(asyncpg.RestrictViolationError, match="only ever added"):
            await pool.execute(statement)


async def test_a_step_outside_the_lifecycle_cannot_be_recorded(store: PostgresStore, pool: Pool) -> None:
    await claimed(store, ["o1"])
    record = (
        "insert into events (stream, seq, order_id, at, actor, type, from_state, to_state, body, digest)"
        " values ($1, 90, 'o1', $2, 'clock:clock', 'x', $3, $4, '', sha256(''))"
    )
    for stream, start, to in (
        ("o1.1", "closed", "refund_initiated"),
        ("o1.1", "", "ruled"),
        ("o1.1", "paid_out", "released"),
        ("o1", "paid_out", "awaiting_shipment"),
        ("o1", "awaiting_seller", "awaiting_buyer"),
    ):
        with pytest.raises(asyncpg.CheckViolationError, match=NAME):
            await pool.execute(record, stream, DELIVERED, start, to)
    await pool.execute(record, "o1.1", DELIVERED, "awaiting_seller", "awaiting_buyer")


async def test_the_constraint_in_force_is_the_lifecycle_table(
    db: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    async def in_force() -> str:
        definition: str = await db.fetchval(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = $1", NAME
        )
        return definition

    before = await in_force()
    transaction = db.transaction()
    await transaction.start()
    await db.execute(guard(allowed_moves(), allowed_order_moves()))
    wanted = await in_force()
    await transaction.rollback()
    assert before == wanted, (
        "The lifecycle table has changed: put what `python -m amends.adapters.postgres.lifecycle_guard`"
        " prints into a new migration"
    )


async def test_a_killed_connection_leaves_nothing_of_its_batch(store: PostgresStore, pool: Pool) -> None:
    await claimed(store, ["o1"])
    before = await pool.fetchval("select count(*) from events")

    async def cut_off() -> None:
        async with store.batch(["o1"]) as batch:
            custody = batch.scenes["o1"].custody
            assert custody is not None
            await batch.write(Changes(links=[lawless_refund(batch.heads["o1"], custody.seq + 1, 10)]))
            await pool.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and state = 'idle in transaction'"
            )

    with pytest.raises(StoreUnreachable):
        await cut_off()
    assert await pool.fetchval("select count(*) from events") == before
    assert await pool.fetchval("select count(*) from transfers where transfer_id = 'loot'") == 0
    async with store.batch(["o1"]) as batch:
        assert "o1" in batch.scenes


HOT = {
    "orders": "select * from orders where order_id = any (array['o1', 'o2']) order by order_id for update",
    "cases of orders": "select * from cases where order_id = any (array['o1', 'o2'])",
    "due": "select * from cases where due_at <= now() and due_at < 'infinity'"
    " order by due_at, case_id limit 500",
    "seller, nearest": "select * from cases"
    " where seller_id = 's' and (due_at, case_id) > (now(), 'x') order by due_at, case_id limit 20",
    "seller, newest": "select * from cases"
    " where seller_id = 's' and (opened_at, case_id) < (now(), 'x') order"
    " by opened_at desc, case_id desc limit 20",
    "mediators' queue": "select * from cases"
    " where waiting_on = 'mediator' and (due_at, case_id) > (now(), 'x') order by due_at, case_id limit 20",
    "errands": "select * from errands where due_at <= now() and not done order by due_at, errand_id limit 50",
    "ledger": "select * from transfers where order_id = 'o1'",
    "timeline": "select * from events where stream = 'o1.1' order by seq",
}


@pytest.mark.parametrize("query", HOT.values(), ids=HOT.keys())
async def test_hot_queries_go_by_an_index_and_sort_nothing(pool: Pool, query: str) -> None:
    plan = "\n".join(row[0] for row in await pool.fetch(f"explain {query}"))
    assert "Seq Scan" not in plan
    assert "Index" in plan
    if "limit" in query:
        assert "Sort" not in plan
