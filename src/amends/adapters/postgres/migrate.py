"""Brings a database's schema up to date: forward only, one process at a time, file by file.

pogo-core reads the files, orders them and keeps the journal; here are the lock, the dry run and the refusal
of files that changed after they were applied (docs/decisions/0002-migrations.md says why).
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import asyncpg
from pogo_core.error import BadMigrationError
from pogo_core.migration import Migration, read_sql_migration, topological_sort
from pogo_core.util import migrate as pogo
from pogo_core.util import sql as journal

MIGRATIONS = Path(__file__).with_name("migrations")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_SCHEMA = "public"
_POLL_S = 0.1
# Any number that nothing else locks: the first eight bytes of "amends: migrations" in SHA-256.
_LOCK = int.from_bytes(hashlib.sha256(b"amends: migrations").digest()[:8], "big", signed=True)


class MigrationRefused(Exception):
    """A migration cannot be applied. The message names the file, what is wrong and how to mend it."""


async def pending(connection: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """The names of the migrations that this database still lacks, in the order of their application.

    Changes nothing. Raises `MigrationRefused` as `migrate` does.
    """
    async with _undone(connection):
        return [migration.id for migration in await _outstanding(connection, folder)]


async def migrate(connection: Connection, dry_run: bool = False, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what the database lacks, and return the names of it.

    The connection must not be in a transaction. A dry run does everything and takes it back.
    Raises `MigrationRefused` if a file is malformed, was changed after it was applied, or the database
    refuses it; migrations before it stay applied.
    """
    async with _alone(connection):
        if dry_run:
            async with _undone(connection):
                return await _apply(connection, folder, dry_run=True)
        return await _apply(connection, folder, dry_run=False)


async def _apply(connection: Connection, folder: Path, *, dry_run: bool) -> list[str]:
    outstanding = await _outstanding(connection, folder)
    for migration in outstanding:
        if dry_run and not migration.use_transaction:
            raise MigrationRefused(
                f"{migration.path.name} runs outside a transaction: it cannot be tried and taken back"
            )
        try:
            async with pogo.transaction(connection, migration):
                await migration.apply(connection)
                await journal.migration_applied(connection, migration.id, migration.hash, schema_name=_SCHEMA)
                await connection.execute(
                    "insert into public.amends_migration_file (migration_id, sha256) values ($1, $2)",
                    migration.id,
                    _digest(migration.path),
                )
        except asyncpg.PostgresError as error:
            raise MigrationRefused(f"{migration.path.name}: {error}") from error
    return [migration.id for migration in outstanding]


async def _outstanding(connection: Connection, folder: Path) -> list[Migration]:
    await journal.ensure_pogo_sync(connection)
    await connection.execute(
        """create table if not exists public.amends_migration_file (
               migration_id varchar(255) primary key,
               sha256       char(64) not null
           )"""
    )
    migrations = await _read(connection, folder)
    rows = await connection.fetch("select migration_id, sha256 from public.amends_migration_file")
    digests = {row["migration_id"]: row["sha256"] for row in rows}
    for migration in migrations:
        if migration.applied and _digest(migration.path) != digests.get(migration.id):
            raise MigrationRefused(
                f"{migration.path.name} was changed after it had been applied to this database. "
                "Put the file back as it was, and write the change as a new migration"
            )
    unknown = sorted(digests.keys() - {migration.id for migration in migrations})
    if unknown:
        raise MigrationRefused(
            f"This database has migrations that this Amends does not know: {', '.join(unknown)}. "
            "It belongs to a newer version; run that one"
        )
    return [migration for migration in migrations if not migration.applied]


async def _read(connection: Connection, folder: Path) -> list[Migration]:
    try:
        migrations = await journal.read_migrations(folder, connection, schema_name=_SCHEMA)
        migrations = topological_sort(
            sorted((migration.load() for migration in migrations), key=lambda one: one.id)
        )
    except BadMigrationError as error:
        raise MigrationRefused(f"{error} The form of the files is told in {folder / 'README.md'}") from error
    for before, migration in zip([None, *migrations], migrations, strict=False):
        _check(migration, before)
    return migrations


def _check(migration: Migration, before: Migration | None) -> None:
    """One line of files without rollbacks, each naming the one before it."""
    if not migration.is_sql:
        raise MigrationRefused(f"{migration.path.name}: a migration is an .sql file")
    wanted = {before.id} if before else set()
    if migration.depends_ids != wanted:
        line = f"-- depends: {' '.join(wanted)}"
        raise MigrationRefused(f"{migration.path.name}: must say `{line}`, the migration before it")
    *_, rollback = read_sql_migration(migration.path)
    if any(not line.startswith("--") for statement in rollback for line in statement.splitlines()):
        raise MigrationRefused(
            f"{migration.path.name}: migrations only go forward; leave the rollback part empty"
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@asynccontextmanager
async def _alone(connection: Connection) -> AsyncIterator[None]:
    # Waiting inside pg_advisory_lock would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for those.
    while not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110  of the database
        await asyncio.sleep(_POLL_S)
    try:
        yield
    finally:
        # A lost connection has given its locks back.
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", _LOCK)


@asynccontextmanager
async def _undone(connection: Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()
