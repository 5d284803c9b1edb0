"""Columns that travel as one text come back as they were."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import asyncpg
import pytest
from tests.contract.stores import DELIVERED, RULES, TERMS, claim, to
from tests.domain.marketplace import BUYER, OPERATOR, PLACED, an_order

from amends.adapters.postgres.packed import SEPARATOR, pack_of, place
from amends.adapters.postgres.pool import open_pool
from amends.adapters.postgres.store import PostgresStore
from amends.application.execute import execute
from amends.domain.custody.commands import PlaceOrder
from amends.domain.refusals import Refused

COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "one empty text": ("text", [""]),
    "empty texts": ("text", ["", "a", ""]),
    "what arrays would quote": ("text", ["NULL", 'a "b"', "c\\d", "{e,f}", " g ", "\n\t", "'", "\x1e"]),
    "any script": ("text", ["ünï", "日本語", "العربية", "🛋"]),
    "numbers": ("bigint", [0, -1, None, 2**62]),
    "one number that is not there": ("integer", [None]),
    "objects": ("jsonb", ['{"a": "b,c\\u001f"}', "{}"]),
    "instants": ("timestamptz", [PLACED, None, PLACED + timedelta(microseconds=1), PLACED]),
    "an instant from afar": (
        "timestamptz",
        [datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(-timedelta(hours=9)))],
    ),
    "bytes": ("bytea", [b"", b"\x00\x1f\xff"]),
    "nothing": ("bytea", []),
}


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PostgresStore]:
    pool = await open_pool(database_url, 2)
    yield PostgresStore(pool)
    await pool.close()


@pytest.mark.parametrize("what", COLUMNS)
async def test_a_column_comes_back_as_it_was(database_url: str, what: str) -> None:
    kind, values = COLUMNS[what]
    connection = await asyncpg.connect(database_url)
    try:
        found = await connection.fetchval(f"select {place(1, kind)}", pack_of(kind)(values))
    finally:
        await connection.close()
    assert found == values
    assert all(
        one.tzinfo is UTC or one.utcoffset() == timedelta() for one in found if kind == "timestamptz" and one
    )


def test_what_would_fall_apart_is_refused() -> None:
    with pytest.raises(ValueError, match=r"U\+001F"):
        pack_of("text")(["a", f"b{SEPARATOR}c"])


async def test_an_id_that_cannot_be_is_unknown_and_cannot_be_taken(store: PostgresStore) -> None:
    strange = f"o{SEPARATOR}1"
    order = an_order(order_id=strange)
    placing = to(strange, PlaceOrder(order=order), OPERATOR, terms=(TERMS,))
    asked, placed, fine = await execute(
        store,
        [to(strange, claim(0), BUYER), placing, to("o2", claim(0), BUYER)],
        rules=RULES,
        now=DELIVERED,
    )
    assert [one.kind for one in (asked, placed, fine) if isinstance(one, Refused)] == [
        "not_found",
        "invalid",
        "not_found",
    ]
