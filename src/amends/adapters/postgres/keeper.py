"""The process that keeps the embedded server while anyone uses it.

    python -m amends.adapters.postgres.keeper HOME

Every process that uses the server holds `users.lock` shared, and the kernel gives it back when the process
ends, however it ends. The keeper starts the server, starts it again when it dies, and ends it when nobody
holds that lock any more. There is one keeper or none: it holds `keeper.lock`. Killed itself, it leaves a
server without an owner, which the next process that needs it finds, uses, and gives a new keeper.
"""

import os
import signal
import sys
import time
from pathlib import Path
from subprocess import Popen
from types import FrameType

from amends.adapters.postgres import postmaster
from amends.adapters.postgres.cluster import Cluster
from amends.adapters.postgres.locks import open_lock, try_lock

_POLL_S = 0.1
_FAILED_STARTS_MAX = 3


class Keeper:
    """Watches one server."""

    def __init__(self, cluster: Cluster, users: int) -> None:
        self._cluster = cluster
        self._users = users
        self._told_to_stop = False
        self._child: Popen[bytes] | None = None
        self._was_ready = False
        self._failed_starts = 0
        signal.signal(signal.SIGTERM, self._on_term)

    def _on_term(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def keep(self) -> int:
        """Until the server is needed no more. The exit status is 1 if it cannot be started."""
        if postmaster.pid(self._cluster) is None:
            self._start()
        while not self._told_to_stop and not try_lock(self._users):
            if self._is_alive():
                self._was_ready = self._was_ready or postmaster.is_ready(self._cluster)
            elif self._ended_on_purpose():
                return 0
            elif self._failed_starts >= _FAILED_STARTS_MAX:
                return 1
            else:
                self._start()
            time.sleep(_POLL_S)
        postmaster.end(self._cluster)
        if self._child is not None:
            self._child.wait()
        return 0

    def _start(self) -> None:
        self._failed_starts = 1 if self._was_ready else self._failed_starts + 1
        self._was_ready = False
        self._child = postmaster.start(self._cluster)

    def _is_alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return postmaster.pid(self._cluster) is not None

    def _ended_on_purpose(self) -> bool:
        return self._child is not None and self._child.returncode == 0


def main(home: Path) -> int:
    """Become the keeper, in the background, unless there is one. Returns in the starting process at once."""
    cluster = Cluster(home)
    own = open_lock(cluster.keeper_lock)
    if not try_lock(own):
        return 0
    # The lock belongs to the open file, so it passes to the child; nobody sees it free in between.
    if os.fork():
        os._exit(0)
    os.setsid()
    os.ftruncate(own, 0)
    os.write(own, str(os.getpid()).encode())
    users = open_lock(cluster.users_lock)
    status = Keeper(cluster, users).keep()
    # In this order: who then takes the users' lock must find that there is no keeper.
    os.close(own)
    os.close(users)
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
