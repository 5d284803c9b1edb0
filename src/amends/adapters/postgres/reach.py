"""Why a PostgreSQL of one's own cannot be used, in words that say how to mend it."""

from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror
from urllib.parse import unquote, urlsplit

import asyncpg

from amends.adapters.postgres.pool import ServerConnection
from amends.adapters.postgres.unavailable import PostgresUnavailable

VERSION_MIN = 15

# What is raised, what it means, and how to mend it. The first that fits is taken.
_CAUSES: tuple[tuple[type[BaseException], str, str], ...] = (
    (gaierror, "its host name is not known", "correct the host in AMENDS_DATABASE_URL"),
    (
        TimeoutError,
        "it does not answer",
        "see that the host and port are right and a firewall lets you through",
    ),
    (ConnectionRefusedError, "nobody listens there", "start PostgreSQL, or correct AMENDS_DATABASE_URL"),
    (
        asyncpg.InvalidCatalogNameError,
        "it has no such database",
        "create it (createdb), or correct the last part of AMENDS_DATABASE_URL",
    ),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "it does not let this role in",
        "correct role and password in AMENDS_DATABASE_URL, or let the role in by pg_hba.conf",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "the role lacks a right",
        "make the role the owner of the database; `amends replay` and `amends lab` want CREATEDB besides",
    ),
    (
        asyncpg.TooManyConnectionsError,
        "it has no connection left",
        "raise max_connections, or run fewer servers and workers (9 connections each)",
    ),
    (asyncpg.CannotConnectNowError, "it is starting or stopping", "try again in a moment"),
    (
        asyncpg.ClientConfigurationError,
        "its address cannot be read",
        "write AMENDS_DATABASE_URL as postgresql://role:password@host:5432/database",
    ),
)


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what asyncpg raises while it reaches for the database at ``url`` into `PostgresUnavailable`."""
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        for kind, meaning, mend in _CAUSES:
            if isinstance(error, kind):
                raise _unavailable(url, f"{meaning} ({error})" if str(error) else meaning, mend) from error
        raise _unavailable(url, str(error), "see the log of that PostgreSQL") from error


def require_version(connection: ServerConnection, url: str) -> None:
    """Refuse a server older than this Amends can use. Raises `PostgresUnavailable`."""
    found = connection.get_server_version()
    if found.major < VERSION_MIN:
        raise _unavailable(
            url,
            f"it is PostgreSQL {found.major}",
            f"use PostgreSQL {VERSION_MIN} or newer, or the one that comes along",
        )


def _unavailable(url: str, why: str, mend: str) -> PostgresUnavailable:
    return PostgresUnavailable(f"The database cannot be used: {why}", where=place(url), mend=mend)


def place(url: str) -> str:
    """The database's address as it may be shown: without the password."""
    parts = urlsplit(url)
    role = f"{unquote(parts.username)}@" if parts.username else ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{role}{host}{parts.path}"
