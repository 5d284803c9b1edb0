"""Where the processes that look into files are born: the decoders are loaded once, each file gets a fork.

Started by `examiner` with the number of one socket. Each message there is a `Task` as JSON with four open
files: source, copy, thumb, and a socket for the answer. On that the child sends what it found, and the
nursery, when the child has ended, its exit status (negative for a signal). Who closes the other end does not
want to know any more: the child is killed. Nothing to do for a while, or nobody left to do it for, ends it.
"""

import gc
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress

import msgspec

from amends.adapters.files.child import Task, examined

IDLE_S = 120.0
_TASK_BYTES = 4096
_FILES = 4
_RESERVED = 3  # input, output and errors of a process


class Nursery:
    """Forks a child for each task and minds it until it ends."""

    def __init__(self, wishes: socket.socket) -> None:
        self._wishes = wishes
        self._watch = selectors.DefaultSelector()
        self._watch.register(wishes, selectors.EVENT_READ)
        # By the number of a child's pidfd and by that of its line: the child, its pidfd and its line.
        self._minded: dict[int, tuple[int, int, int]] = {}

    def run(self) -> None:
        """Until nobody wants anything any more."""
        while True:
            ready = self._watch.select(None if self._minded else IDLE_S)
            if not ready:
                return
            wished = False
            for key, _ in ready:
                if key.fileobj is self._wishes:
                    wished = True
                elif key.fd in self._minded:
                    self._see(key.fd)
            # Last, for a child that is born may get the numbers of one that has gone.
            if wished and not self._born():
                return

    def _born(self) -> bool:
        """Take a task and fork a child for it; False where nobody is left to send one."""
        text, files, _, _ = socket.recv_fds(self._wishes, _TASK_BYTES, _FILES)
        if not text:
            return False
        *three, line = files
        child = os.fork()
        if not child:
            self._be_child(text, three, line)
        for one in three:
            os.close(one)
        pidfd = os.pidfd_open(child)
        for one in (pidfd, line):
            self._minded[one] = (child, pidfd, line)
            self._watch.register(one, selectors.EVENT_READ)
        return True

    def _be_child(self, text: bytes, three: list[int], line: int) -> None:
        """Look into the file and end, with nothing in hand that is another's."""
        status = 1
        with suppress(BaseException):
            self._watch.close()
            at = _RESERVED
            for kept in sorted((*three, line)):
                os.closerange(at, kept)
                at = kept + 1
            os.closerange(at, os.sysconf("SC_OPEN_MAX"))
            answer = examined(msgspec.json.decode(text, type=Task), *three)
            os.write(line, answer)
            status = 0
        os._exit(status)

    def _see(self, fd: int) -> None:
        """A child has ended, or nobody waits for it any more."""
        child, pidfd, line = self._minded[fd]
        if fd == line:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        _, state = os.waitpid(child, 0)
        with suppress(OSError):
            os.write(line, str(os.waitstatus_to_exitcode(state)).encode())
        for one in (pidfd, line):
            self._watch.unregister(one)
            del self._minded[one]
            os.close(one)


def main(number: str) -> None:
    """Load what children need and wait for tasks."""
    # What comes to the terminal is for the one who started this: that one's end is this one's, too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from amends.adapters.files import films, pictures  # noqa: PLC0415

    gc.collect()
    gc.freeze()
    del films, pictures
    with socket.socket(fileno=int(number)) as wishes:
        Nursery(wishes).run()


if __name__ == "__main__":
    main(sys.argv[1])
