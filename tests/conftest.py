"""What every test may ask for: above all a database, migrated, and empty again for each test.

One embedded server serves the whole run, however many workers pytest-xdist starts. Each worker has a database
of its own on it, migrated once; a test that asks for it finds it empty.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from amends.adapters.postgres import embedded
from amends.adapters.postgres.migrate import migrate

pytest_plugins = ["tests.rows"]

# How long an example takes says more about the machine than about the rule.
hypothesis.settings.register_profile("amends", deadline=None)
hypothesis.settings.load_profile("amends")

# What survives a power cut is of no use to a test; what survives a kill does not need fsync.
_SERVER = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}

_HOME = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_HOME] = Path(worker["amends_home"])
        return
    # Not pytest's own temporary folder: as root that is closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="amends-test-"))
    folder.chmod(0o711)
    config.stash[_HOME] = folder / "home"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    node.workerinput["amends_home"] = str(node.config.stash[_HOME])  # type: ignore[attr-defined]  # of pytest-xdist


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or _HOME not in config.stash:
        return
    home = config.stash[_HOME]
    embedded.stop(home)
    shutil.rmtree(home.parent, ignore_errors=True)


@pytest.fixture(scope="session")
async def database_server(pytestconfig: pytest.Config) -> str:
    """The address of the run's PostgreSQL, one for all workers. Its own database stays empty."""
    return await embedded.ensure_running(pytestconfig.stash[_HOME], _SERVER)


@pytest.fixture(scope="session")
async def _worker_database(database_server: str, worker_id: str) -> tuple[str, frozenset[str]]:
    """This worker's database, migrated, and the tables that the migrations themselves put rows into."""
    name = f"amends_{worker_id}"
    server = await asyncpg.connect(database_server)
    try:
        await server.execute(f"create database {name}")
    finally:
        await server.close()
    url = address_of(database_server, name)
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection)
        furnished = frozenset(await _tables_with_rows(connection))
    finally:
        await connection.close()
    return url, furnished


@pytest.fixture
async def database_url(_worker_database: tuple[str, frozenset[str]]) -> str:
    """The address of a migrated database without rows. Only this test uses it.

    Tables that the migrations fill stay as they are, so a test must not change those.
    """
    url, furnished = _worker_database
    connection = await asyncpg.connect(url)
    try:
        await _empty(connection, furnished)
    finally:
        await connection.close()
    return url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to `database_url`."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def blank_database(database_server: str, worker_id: str) -> AsyncIterator[str]:
    """The address of a new database without any schema, dropped afterwards."""
    name = f"blank_{worker_id}"
    server = await asyncpg.connect(database_server)
    await server.execute(f"create database {name}")
    yield address_of(database_server, name)
    await server.execute(f"drop database {name} with (force)")
    await server.close()


def address_of(server: str, database: str) -> str:
    """The address of another database on the same server."""
    before, _, query = server.partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{query}"


async def _empty(connection: "asyncpg.Connection[asyncpg.Record]", furnished: frozenset[str]) -> None:
    # `truncate` of many tables costs a file each, so only tables with rows are emptied.
    full = await _tables_with_rows(connection) - furnished
    if full:
        # Triggers that keep people from rewriting history must not keep a test from starting afresh.
        await connection.execute("set session_replication_role = replica")
        await connection.execute(f"truncate {', '.join(sorted(full))} restart identity cascade")


async def _tables_with_rows(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    tables = await connection.fetch(
        """select format('%I.%I', n.nspname, c.relname) as name
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition
              and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
              and n.nspname not like 'pg\\_temp%'"""
    )
    probes = " union all ".join(
        f"select '{table['name']}' as name where exists (select from {table['name']})" for table in tables
    )
    return {row["name"] for row in await connection.fetch(probes)} if probes else set()
