"""Amends as people run it: web process, worker and embedded PostgreSQL as real processes, to be killed."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from amends.adapters.postgres import embedded, postmaster
from amends.adapters.postgres.cluster import Cluster
from tests.serving import free_port

AMENDS = Path(sys.executable).with_name("amends")
TARGETS = ("web", "worker", "postmaster", "postgres", "everything")
_POLL_S = 0.05


class House:
    """The processes of one home. Whatever has ended is started again by `tend`, as a supervisor would."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.cluster = Cluster(home)
        self.log = home.parent / "processes.log"
        self.tally: Counter[str] = Counter()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return self.cluster.dsn()

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
        return ours | {"AMENDS_HOME": str(self.home), "AMENDS_PORT": str(self.port), "AMENDS_SANDBOX": "1"}

    def amends(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [AMENDS, *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=self._environment(),
        )

    def open(self) -> None:
        """Start everything in one, as somebody does who tries it: `amends run`."""
        self._start({"web": "run"})

    def tend(self) -> None:
        """Start what does not run."""
        self._start({"web": "serve", "worker": "worker"})

    def _start(self, commands: Mapping[str, str]) -> None:
        for name, command in commands.items():
            process = self._running.get(name)
            if process is None or process.poll() is not None:
                if process is not None:
                    self.tally[f"{name} started again"] += 1
                with self.log.open("ab") as log:
                    self._running[name] = subprocess.Popen(
                        [AMENDS, command],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        env=self._environment(),
                        # A group of its own: it is killed whole, and nobody else with it.
                        start_new_session=True,
                    )

    def kill(self, target: str, chance: random.Random) -> None:
        """End a part by SIGKILL, without a word."""
        self.tally[f"killed {target}"] += 1
        parts = ["web", "worker", "keeper", "postgres"] if target == "everything" else [target]
        chance.shuffle(parts)
        for part in parts:
            self._kill_part(part)

    def _kill_part(self, part: str) -> None:
        match part:
            case "web" | "worker":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._running[part].pid, signal.SIGKILL)
                self._running[part].wait(30)
            case "keeper":
                written = self.cluster.keeper_lock.read_text(encoding="ascii")
                _kill([int(written)] if written.isdigit() else [])
            case "postmaster":
                number = postmaster.pid(self.cluster)
                _kill([] if number is None else [number])
            case _:
                _kill(postmaster.processes(self.cluster))

    def close(self) -> None:
        for name in self._running:
            self._kill_part(name)
        embedded.stop(self.home)


@contextmanager
def a_house() -> Iterator[House]:
    """A house in a new folder, with nothing in it; gone afterwards."""
    # As for the tests' own server: a folder that the server's user may pass through.
    folder = Path(tempfile.mkdtemp(prefix="amends-kill-"))
    folder.chmod(0o711)
    house = House(folder / "home")
    try:
        yield house
    finally:
        house.close()
        shutil.rmtree(folder, ignore_errors=True)


async def tended(house: House, until: "asyncio.Future[None]") -> None:
    """Keep everything running until something has happened; raises what that raises."""
    while not until.done():
        house.tend()
        # Processes do not say when they have ended.
        await asyncio.wait([until], timeout=_POLL_S)
    until.result()


def _kill(numbers: list[int]) -> None:
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
