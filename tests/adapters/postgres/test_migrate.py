"""Migrations: forward only, one process at a time, whole or not at all."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from amends.adapters.postgres.migrate import MigrationRefused, migrate, pending


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "0001-orders", "create table orders (id int primary key);")
    write(
        tmp_path,
        "0002-parcels",
        "create table parcel (id int primary key);\ncreate index on parcel (id);",
        "0001-orders",
    )
    return tmp_path


def write(folder: Path, name: str, apply: str, depends: str = "", rollback: str = "") -> None:
    (folder / f"{name}.sql").write_text(
        f"-- What it does.\n-- depends: {depends}\n\n"
        f"-- migrate: apply\n{apply}\n-- migrate: rollback\n{rollback}",
        encoding="utf-8",
    )


@pytest.fixture
async def connection(blank_database: str):
    opened = await asyncpg.connect(blank_database)
    yield opened
    await opened.close()


async def tables(connection) -> set[str]:
    rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    return {row["tablename"] for row in rows} - {"_pogo_migration", "_pogo_version", "amends_migration_file"}


async def test_what_is_lacking_is_applied_once_and_in_order(connection, folder: Path) -> None:
    assert await pending(connection, folder) == ["0001-orders", "0002-parcels"]
    assert await migrate(connection, folder=folder) == ["0001-orders", "0002-parcels"]
    assert await tables(connection) == {"orders", "parcel"}
    assert await pending(connection, folder) == []
    assert await migrate(connection, folder=folder) == []

    write(folder, "0003-labels", "create table label (id int);", "0002-parcels")
    assert await migrate(connection, folder=folder) == ["0003-labels"]


async def test_asking_what_is_pending_and_a_dry_run_change_nothing(connection, folder: Path) -> None:
    await pending(connection, folder)
    assert await migrate(connection, dry_run=True, folder=folder) == ["0001-orders", "0002-parcels"]

    assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0


async def test_a_dry_run_finds_what_the_database_would_refuse(connection, folder: Path) -> None:
    write(folder, "0003-wrong", "create table orders (id int);", "0002-parcels")

    with pytest.raises(MigrationRefused, match=r"0003-wrong\.sql: relation \"orders\" already exists"):
        await migrate(connection, dry_run=True, folder=folder)


async def test_an_applied_file_must_not_change(connection, folder: Path) -> None:
    await migrate(connection, folder=folder)
    write(folder, "0001-orders", "create table orders (id bigint primary key);")

    with pytest.raises(MigrationRefused, match=r"0001-orders\.sql was changed after it had been applied"):
        await migrate(connection, folder=folder)
    with pytest.raises(MigrationRefused, match=r"0001-orders\.sql was changed"):
        await pending(connection, folder)


async def test_a_database_of_a_newer_version_is_left_alone(connection, folder: Path) -> None:
    await migrate(connection, folder=folder)
    (folder / "0002-parcels.sql").unlink()

    with pytest.raises(MigrationRefused, match=r"does not know: 0002-parcels"):
        await migrate(connection, folder=folder)


async def test_a_migration_that_fails_leaves_nothing_and_those_before_it_stay(
    connection, folder: Path
) -> None:
    write(folder, "0003-half", "create table label (id int);\nselect 1 / 0;", "0002-parcels")

    with pytest.raises(MigrationRefused, match=r"0003-half\.sql: division by zero"):
        await migrate(connection, folder=folder)

    assert await tables(connection) == {"orders", "parcel"}
    assert await pending(connection, folder) == ["0003-half"]


async def test_two_at_once_apply_each_migration_once(blank_database: str, folder: Path) -> None:
    write(folder, "0003-slow", "select pg_sleep(0.3);", "0002-parcels")
    connections = [await asyncpg.connect(blank_database) for _ in range(3)]

    applied = await asyncio.gather(*(migrate(connection, folder=folder) for connection in connections))

    assert sorted(map(len, applied)) == [0, 0, 3]
    for connection in connections:
        await connection.close()


async def test_functions_with_semicolons_inside_arrive_whole(connection, folder: Path) -> None:
    body = """
create function refuse() returns trigger language plpgsql as $$
declare
  -- a remark; with a semicolon
  times int := 1;
begin
  if times > 1 then raise exception 'never; %', new; end if;
  return new;
end
$$;
create function two(a int) returns int language sql begin atomic select a; select a + 1; end;
create trigger t before update on orders for each row
  when (old.id is distinct from new.id) execute function refuse();
"""
    write(folder, "0003-functions", body, "0002-parcels")

    await migrate(connection, folder=folder)

    assert await connection.fetchval("select two(1)") == 2


async def test_a_statement_outside_a_transaction(connection, folder: Path) -> None:
    (folder / "0003-index.sql").write_text(
        "-- An index on a busy table.\n-- depends: 0002-parcels\n-- transaction: false\n\n-- migrate: apply\n"
        "create index concurrently busy on orders (id);\n-- migrate: rollback\n",
        encoding="utf-8",
    )
    with pytest.raises(MigrationRefused, match="cannot be tried and taken back"):
        await migrate(connection, dry_run=True, folder=folder)

    assert (await migrate(connection, folder=folder))[-1] == "0003-index"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("0003-plain.sql", "create table t (id int);", "No '-- migrate: apply' found"),
        (
            "0003-back.sql",
            "-- x\n-- depends: 0002-parcels\n-- migrate: apply\nselect 1;\n-- migrate: rollback\nselect 2;",
            "only go forward",
        ),
        (
            "0003-loose.sql",
            "-- x\n-- depends: 0001-orders\n-- migrate: apply\nselect 1;\n-- migrate: rollback\n",
            "must say `-- depends: 0002-parcels`",
        ),
        (
            "0003-code.py",
            "__depends__ = ['0002-parcels']\nasync def apply(db): ...\nasync def rollback(db): ...\n",
            r"is an \.sql file",
        ),
    ],
)
async def test_a_file_of_the_wrong_form_is_refused(
    connection, folder: Path, name: str, text: str, complaint: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(MigrationRefused, match=complaint):
        await migrate(connection, folder=folder)


async def test_the_migrations_of_amends_apply_to_an_empty_database(connection) -> None:
    await migrate(connection)

    assert await pending(connection) == []
