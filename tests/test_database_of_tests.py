"""Each test finds the database empty, whatever the one before did."""

import asyncpg
import pytest


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_rows_of_the_test_before_are_gone(db: asyncpg.Connection, turn: str) -> None:
    await db.execute(
        """create table if not exists left_over (id int generated always as identity);
           create or replace function refuse() returns trigger language plpgsql as
             $$ begin raise exception 'append only'; end $$;
           create or replace trigger keep before truncate on left_over execute function refuse();"""
    )

    assert await db.fetchval("insert into left_over default values returning id") == 1

    if turn == "second":
        await db.execute("drop table left_over; drop function refuse")


async def test_the_journal_of_migrations_stays(db: asyncpg.Connection) -> None:
    assert await db.fetchval("select to_regclass('public._pogo_version') is not null")
    assert await db.fetchval("select count(*) from public._pogo_version") > 0
