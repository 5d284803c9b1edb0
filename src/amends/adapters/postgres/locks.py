"""Advisory locks on files: who may start the server, who uses it, who keeps it.

The kernel gives a lock back when its process ends, however it ends, so none can be left behind.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.02


def open_lock(path: Path) -> int:
    """Open a lock file that only its owner may read; the caller closes the descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock(descriptor: int, *, shared: bool = False) -> None:
    """Wait for the lock. Polls, so that a signal or the end of the interpreter is not held up."""
    while not try_lock(descriptor, shared=shared):
        time.sleep(_POLL_S)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock alone."""
    descriptor = open_lock(path)
    try:
        lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether another holds it."""
    if not path.exists():
        return False
    descriptor = open_lock(path)
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)
