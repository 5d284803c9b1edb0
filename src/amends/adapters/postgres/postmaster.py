"""The server process of a cluster: is it alive, start it, end it.

A pid file proves nothing after a crash: its number may be free, a zombie's, or another program's by now.
PostgreSQL itself only asks whether some process has the number. A server process of ours has the cluster's
folder as its working folder, which is what we go by.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from amends.adapters.postgres.cluster import Cluster

_POLL_S = 0.02
_LOG_BYTES_MAX = 16 * 1024 * 1024
_FAST_STOP_S = 60
_ORPHANS_LEAVE_S = 10
# Lines of postmaster.pid, see PostgreSQL's src/include/utils/pidfile.h.
_LINE_OF_PID, _LINE_OF_STATUS = 0, 7


def pid(cluster: Cluster) -> int | None:
    """The live server's process, or nothing."""
    lines = _pid_file(cluster)
    if not lines:
        return None
    number = int(lines[_LINE_OF_PID])
    return number if _is_of(number, cluster) else None


def is_ready(cluster: Cluster) -> bool:
    """Whether the server says in its pid file that it takes connections. Only true of a live one."""
    lines = _pid_file(cluster)
    return len(lines) > _LINE_OF_STATUS and lines[_LINE_OF_STATUS].strip() == "ready"


def answers(cluster: Cluster) -> bool:
    """Ask by pg_isready; false while the server starts, recovers or is not there."""
    asked = ["--quiet", f"--host={cluster.sockets}", "--dbname=postgres", "--timeout=3"]
    return cluster.run("pg_isready", *asked).returncode == 0


def start(cluster: Cluster) -> "subprocess.Popen[bytes]":
    """Start the server as our child; it is not ready yet. Clears what a dead one left behind."""
    clear_remains(cluster)
    _turn_log(cluster.log)
    with cluster.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  a program of the wheel, arguments of our own
            [cluster.programs / "postgres", "-D", cluster.data],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=cluster.environment(),
            cwd="/",
            umask=0o077,
            # Ctrl+C in a terminal goes to the whole group and must not end the database first.
            start_new_session=True,
            **cluster.identity(),
        )


def end(cluster: Cluster) -> None:
    """End the server: open transactions are rolled back, written ones stay. Returns when it is gone."""
    number = pid(cluster)
    if number is None:
        return
    for order, patience_s in ((signal.SIGINT, _FAST_STOP_S), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        _send(number, order)
        if _wait(lambda: not _is_of(number, cluster), patience_s):
            return


def clear_remains(cluster: Cluster) -> None:
    """Remove the pid and socket files of a dead server, once none of its processes is left.

    The children of a killed server notice within moments; one that does not is killed, since it could
    still write.
    """
    if pid(cluster) is not None:
        return
    if not _wait(lambda: not processes(cluster), _ORPHANS_LEAVE_S):
        for number in processes(cluster):
            _send(number, signal.SIGKILL)
        _wait(lambda: not processes(cluster), _ORPHANS_LEAVE_S)
    for path in (cluster.data / "postmaster.pid", *cluster.socket_files):
        path.unlink(missing_ok=True)


def _pid_file(cluster: Cluster) -> list[str]:
    try:
        lines = (cluster.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    # Just made, it is empty for a moment.
    return lines if lines and lines[_LINE_OF_PID].isdigit() else []


def _is_of(number: int, cluster: Cluster) -> bool:
    proc = Path("/proc")
    if not proc.is_dir():
        return _exists(number)
    try:
        # Third field, after the name in parentheses, which may hold anything.
        state = (
            (proc / str(number) / "stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
        return state not in {"Z", "X"} and (proc / str(number) / "cwd").readlink() == cluster.data.resolve()
    except OSError:
        return False


def _exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    return True


def processes(cluster: Cluster) -> list[int]:
    """All of PostgreSQL's live processes in this cluster, those of a dead server included."""
    proc = Path("/proc")
    if not proc.is_dir():
        return []
    numbers = (int(entry.name) for entry in proc.iterdir() if entry.name.isdigit())
    return [number for number in numbers if _is_of(number, cluster) and _is_postgres(number)]


def _is_postgres(number: int) -> bool:
    """A person's shell may stand in the folder, too."""
    try:
        return (
            Path(f"/proc/{number}/comm").read_text(encoding="utf-8", errors="replace").startswith("postgres")
        )
    except OSError:
        return False


def _send(number: int, order: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, order)


def _wait(condition: Callable[[], bool], patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_S)
    return True


def _turn_log(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.rename(log.with_name(f"{log.name}.1"))
