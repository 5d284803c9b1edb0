"""A PostgreSQL of one's own that cannot be used says why, where and how to mend it; no password."""

import socket
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from asyncpg.types import ServerVersion

from amends.adapters.postgres.reach import explained, place, require_version
from amends.adapters.postgres.unavailable import PostgresUnavailable


async def said(url: str) -> str:
    """What is told about a database that cannot be reached."""
    with pytest.raises(PostgresUnavailable) as refused, explained(url):
        await asyncpg.connect(url)
    assert "hunter2" not in str(refused.value)
    return str(refused.value)


async def test_where_nobody_listens() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        told = await said(f"postgresql://amends:hunter2@127.0.0.1:{silent.getsockname()[1]}/amends")
    assert "nobody listens there" in told
    assert "start PostgreSQL, or correct AMENDS_DATABASE_URL" in told


@pytest.mark.parametrize("url", ["amends.example/amends", "mysql://amends:hunter2@db.example/amends"])
async def test_an_address_of_something_else(url: str) -> None:
    assert "postgresql://role:password@host:5432/database" in await said(url)


async def test_a_host_nobody_knows() -> None:
    assert "its host name is not known" in await said("postgresql://amends:hunter2@db.invalid/amends")


async def test_a_database_that_is_not_there(database_url: str) -> None:
    parts = urlsplit(database_url)
    assert "it has no such database" in await said(urlunsplit(parts._replace(path="/nowhere")))


async def test_a_role_without_the_right(database_url: str, db: "asyncpg.Connection[asyncpg.Record]") -> None:
    with pytest.raises(PostgresUnavailable, match="the role lacks a right"), explained(database_url):
        await db.execute("do $$ begin raise insufficient_privilege; end $$")


def test_the_address_is_shown_without_its_password() -> None:
    assert place("postgresql://amends:hunter2@db.example:5432/shop?sslmode=require") == (
        "postgresql://amends@db.example:5432/shop"
    )


class Old:
    """A server of another time."""

    def get_server_version(self) -> ServerVersion:
        return ServerVersion(14, 9, 0, "final", 0)


def test_an_old_server_is_refused() -> None:
    with pytest.raises(PostgresUnavailable, match="it is PostgreSQL 14"):
        require_version(Old(), "postgresql://db.example/amends")  # type: ignore[arg-type]  # as far as it is asked
