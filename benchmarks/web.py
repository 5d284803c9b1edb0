"""V1, V3 and V8: commands and reads over HTTP beside pgbench doing the same on the same PostgreSQL, in turns.

Both work on the same tables: Amends on the first half of the cases, pgbench, which writes one and the same
snapshot everywhere, on the second.
"""

import asyncio
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import msgspec

from amends.adapters.postgres.keys import PostgresApiKeys
from amends.adapters.postgres.pool import open_pool
from amends.application.keys import mint
from amends.application.outbox import errands_of
from amends.application.ports import KeyRole
from amends.domain.conduct import Conducted
from benchmarks.pure import decisions
from benchmarks.town import SELLERS, Town

_FOLDER = Path(__file__).parent
_MIB = 1024 * 1024
APP = "amends.bootstrap.server:app"
_SERVE = """
import sys
from amends.bootstrap.http_server import serve
serve(sys.argv[1], "127.0.0.1", int(sys.argv[2]), 1)
"""


class Rate(msgspec.Struct, frozen=True):
    """What one run did: operations a second, and latencies in milliseconds where they were measured."""

    per_s: float
    p50_ms: float = 0
    p99_ms: float = 0


class Served(msgspec.Struct, frozen=True):
    """A running server: its address, a key of the marketplace, the id of its process."""

    address: str
    token: str
    pid: int

    def memory_mib(self) -> float:
        """The resident memory of the largest of its processes that serve."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        tables = [Path(f"/proc/{pid}/statm").read_text(encoding="ascii") for pid in (self.pid, *children)]
        return max(int(table.split()[1]) for table in tables) * os.sysconf("SC_PAGE_SIZE") / _MIB


@contextmanager
def served(town: Town, app: str = APP) -> Iterator[Served]:
    """One server process on a free port, as `amends serve` starts it, without the worker."""
    port = _free_port()
    environment = os.environ | {
        "AMENDS_DATABASE_URL": town.url,
        "AMENDS_HOME": str(town.home),
        "AMENDS_HOST": "127.0.0.1",
        "AMENDS_PORT": str(port),
    }
    command = [sys.executable, "-c", _SERVE, app, str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        token = asyncio.run(_token(town.url))
        _wait_until_it_answers(address, token)
        yield Served(address, token, process.pid)
    finally:
        process.terminate()
        process.wait(30)


async def _token(url: str) -> str:
    pool = await open_pool(url, 1)
    token, record = mint(KeyRole.MARKETPLACE, "bench", datetime.now(UTC), "bench")
    await PostgresApiKeys(pool).add(record)
    await pool.close()
    return token


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(address: str, token: str) -> None:
    request = Request(f"{address}/v1/cases/order-00000000.1", headers={"Authorization": f"Bearer {token}"})
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(request, timeout=5):
                return
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def wrk(server: Served, town: Town, what: str, connections: int, seconds: int) -> Rate:
    """Requests from outside by wrk. Raises if an answer was not the wanted one."""
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk is not installed (Debian: apt install wrk)")
    script = _FOLDER / "wrk" / "town.lua"
    done = subprocess.run(
        [program, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, server.address],
        env=os.environ
        | {"TOKEN": server.token, "CASES": str(town.cases // 2), "SELLERS": str(SELLERS), "WHAT": what},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"^RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk said: {done.stdout}{done.stderr}")
    requests, duration_us, unwanted, errors, p50_us, p99_us = (int(one) for one in found.groups())
    if unwanted or errors:
        raise RuntimeError(f"{unwanted} unwanted answers, {errors} errors of {requests}: {done.stdout}")
    return Rate(requests / duration_us * 1e6, p50_us / 1e3, p99_us / 1e3)


def pgbench(town: Town, script: str, clients: int, seconds: int) -> Rate:
    """The same by pgbench, with prepared statements."""
    rows = sample_rows()
    variables = [argument for name, value in rows.items() for argument in ("-D", f"{name}={value}")]
    done = subprocess.run(
        [
            town.programs / "pgbench", "--no-vacuum", "--protocol=prepared", "--jobs=2",
            f"--client={clients}", f"--time={seconds}", f"--file={_FOLDER / 'pgbench' / script}.sql",
            "-D", f"first={town.cases // 2}", "-D", f"last={town.cases - 1}", *variables, town.url,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    latency = re.search(r"latency average = ([\d.]+)", done.stdout)
    if found is None or latency is None or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(f"pgbench said: {done.stdout}{done.stderr}")
    return Rate(float(found.group(1)), float(latency.group(1)))


def sample_rows() -> Mapping[str, str]:
    """What pgbench writes: the very rows that an offer leads to."""
    done = decisions()["offer"]()
    if not isinstance(done, Conducted):
        raise TypeError(f"the sample offer is refused: {done}")
    (recorded,) = done.recorded
    (errand,) = errands_of(done.scene, done.recorded)
    encode = msgspec.json.encode
    return {
        "snapshot": encode(done.scene.cases[done.case_id]).decode(),
        "body": encode(recorded.event).decode(),
        "notice": encode(errand.body).decode(),
    }


def measure(town: Town, *, rounds: int, seconds: int, app: str = APP) -> Iterator[tuple[str, list[Rate]]]:
    """Every figure by name with all its rounds; the rounds of all take turns. The last is V8 in MiB."""
    found: dict[str, list[Rate]] = defaultdict(list)
    memory: list[Rate] = []
    with served(town, app) as server:
        for _ in range(rounds):
            for clients in (32, 128):
                found[f"V1 Amends, {clients} connections"].append(
                    wrk(server, town, "offers", clients, seconds)
                )
                for script in ("plain", "by_hand"):
                    rate = pgbench(town, script, clients, seconds)
                    found[f"V1 pgbench {script}, {clients} clients"].append(rate)
            found["V3 Amends, 32 connections"].append(wrk(server, town, "case", 32, seconds))
            found["V3 pgbench, 32 clients"].append(pgbench(town, "case", 32, seconds))
            memory.append(Rate(server.memory_mib()))
    yield from found.items()
    yield "V8 memory of the server process, MiB", memory


def median(rates: list[Rate]) -> float:
    """The median of the rounds."""
    return statistics.median(rate.per_s for rate in rates)
